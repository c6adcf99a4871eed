/*
 * The outlines of all files of a tree in flat arrays: names are kept once and known by number, so that ten thousand
 * files can be gone over in a moment, and written and read as they stand. A tree that was built or read does not change.
 * Pure.
 */
#ifndef BELAY_EDIT_CODE_TREE_H
#define BELAY_EDIT_CODE_TREE_H

#include "edit/outline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code_symbol {
	uint32_t name, line;
	uint8_t kind, depth, is_declared, is_local; /* as in struct outline_symbol */
};

struct code_word {
	uint32_t name, count;
};

struct code_file {
	uint32_t path; /* a name, too */
	uint32_t first_symbol, n_symbols;
	uint32_t first_word, n_words;
	uint32_t first_import, n_imports;
};

struct code_tree {
	char *text;              /* the names, each with its NUL */
	uint32_t *name;          /* where each begins */
	struct code_file *file;  /* sorted by path */
	struct code_symbol *symbol;
	struct code_word *word;
	uint32_t *import;        /* names, as outlines have them */
	size_t n_text, n_names, n_files, n_symbols, n_words, n_imports;
	void *block;             /* owned: the arrays are parts of it; NULL: each is owned by itself */
};

const char *code_tree_name(const struct code_tree *tree, uint32_t name);
const char *code_tree_path(const struct code_tree *tree, size_t file);
int64_t code_tree_find(const struct code_tree *tree, const char *path); /* the file's number, or -1 */
void code_tree_release(struct code_tree *tree);

/* Do all numbers of a tree that was read point to something? */
bool code_tree_is_sound(const struct code_tree *tree);

/* Files are added in the order of their paths. */
struct code_builder;

struct code_builder *code_builder_new(void);
void code_builder_add(struct code_builder *builder, const char *path, const char *text, const struct outline *outline);
/* A file of another tree, under its own or another path; one such tree for a builder. */
void code_builder_copy(struct code_builder *builder, const struct code_tree *from, size_t file, const char *path);
void code_builder_finish(struct code_builder *builder, struct code_tree *out); /* frees the builder */

#endif
