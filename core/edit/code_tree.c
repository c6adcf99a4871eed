#include "edit/code_tree.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct code_builder {
	struct code_tree tree;
	size_t cap_text, cap_names, cap_files, cap_symbols, cap_words, cap_imports;
	uint32_t *slot;  /* of names: number + 1; 0: free */
	size_t n_slots;
	uint32_t *remap; /* names of the tree that is copied from: our number + 1; 0: not yet */
};

const char *code_tree_name(const struct code_tree *tree, uint32_t name)
{
	return tree->text + tree->name[name];
}

const char *code_tree_path(const struct code_tree *tree, size_t file)
{
	return code_tree_name(tree, tree->file[file].path);
}

int64_t code_tree_find(const struct code_tree *tree, const char *path)
{
	size_t low = 0;
	size_t high = tree->n_files;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(code_tree_path(tree, middle), path);
		if (order == 0)
			return (int64_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

void code_tree_release(struct code_tree *tree)
{
	free(tree->block);
	if (!tree->block) {
		free(tree->text);
		free(tree->name);
		free(tree->file);
		free(tree->symbol);
		free(tree->word);
		free(tree->import);
	}
	*tree = (struct code_tree){ 0 };
}

static bool is_part(uint32_t first, uint32_t n, size_t all)
{
	return first <= all && n <= all - first;
}

bool code_tree_is_sound(const struct code_tree *tree)
{
	bool sound = !tree->n_text || tree->text[tree->n_text - 1] == '\0';
	for (size_t i = 0; sound && i < tree->n_names; i++)
		sound = tree->name[i] < tree->n_text;
	for (size_t i = 0; sound && i < tree->n_symbols; i++)
		sound = tree->symbol[i].name < tree->n_names && tree->symbol[i].kind <= SYMBOL_MACRO;
	for (size_t i = 0; sound && i < tree->n_words; i++)
		sound = tree->word[i].name < tree->n_names;
	for (size_t i = 0; sound && i < tree->n_imports; i++)
		sound = tree->import[i] < tree->n_names && tree->text[tree->name[tree->import[i]]];
	for (size_t i = 0; sound && i < tree->n_files; i++) {
		const struct code_file *file = &tree->file[i];
		sound = file->path < tree->n_names && is_part(file->first_symbol, file->n_symbols, tree->n_symbols) &&
		        is_part(file->first_word, file->n_words, tree->n_words) &&
		        is_part(file->first_import, file->n_imports, tree->n_imports) &&
		        (!i || strcmp(code_tree_path(tree, i - 1), code_tree_path(tree, i)) < 0);
	}
	return sound;
}

/* ---- building ---- */

struct code_builder *code_builder_new(void)
{
	return xcalloc(1, sizeof(struct code_builder));
}

static uint32_t name_hash(const char *s, size_t n)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)s[i]) * 16777619u;
	return hash ^ (hash >> 15);
}

static void grow_slots(struct code_builder *b)
{
	b->n_slots = b->n_slots ? b->n_slots * 2 : 4096;
	free(b->slot);
	b->slot = xcalloc(b->n_slots, sizeof *b->slot);
	for (size_t i = 0; i < b->tree.n_names; i++) {
		const char *name = code_tree_name(&b->tree, (uint32_t)i);
		size_t at = name_hash(name, strlen(name)) & (b->n_slots - 1);
		while (b->slot[at])
			at = (at + 1) & (b->n_slots - 1);
		b->slot[at] = (uint32_t)i + 1;
	}
}

static void *room_for(void *items, size_t n, size_t *cap, size_t size)
{
	if (n <= *cap)
		return items;
	*cap = n < 1024 ? 1024 : n + n / 2;
	return xrealloc(items, *cap * size);
}

static uint32_t name_of(struct code_builder *b, const char *s, size_t n)
{
	struct code_tree *tree = &b->tree;
	if (2 * (tree->n_names + 1) > b->n_slots)
		grow_slots(b);
	size_t at = name_hash(s, n) & (b->n_slots - 1);
	for (; b->slot[at]; at = (at + 1) & (b->n_slots - 1)) {
		const char *there = code_tree_name(tree, b->slot[at] - 1);
		if (strncmp(there, s, n) == 0 && there[n] == '\0')
			return b->slot[at] - 1;
	}
	tree->name = vec_room(tree->name, tree->n_names, &b->cap_names, sizeof *tree->name);
	tree->name[tree->n_names++] = (uint32_t)tree->n_text;
	b->slot[at] = (uint32_t)tree->n_names;
	tree->text = room_for(tree->text, tree->n_text + n + 1, &b->cap_text, 1);
	memcpy(tree->text + tree->n_text, s, n);
	tree->text[tree->n_text + n] = '\0';
	tree->n_text += n + 1;
	return (uint32_t)tree->n_names - 1;
}

/* A file with room for its parts, which the caller fills. */
static struct code_file *new_file(struct code_builder *b, size_t n_symbols, size_t n_words, size_t n_imports)
{
	struct code_tree *tree = &b->tree;
	tree->file = vec_room(tree->file, tree->n_files, &b->cap_files, sizeof *tree->file);
	tree->symbol = room_for(tree->symbol, tree->n_symbols + n_symbols, &b->cap_symbols, sizeof *tree->symbol);
	tree->word = room_for(tree->word, tree->n_words + n_words, &b->cap_words, sizeof *tree->word);
	tree->import = room_for(tree->import, tree->n_imports + n_imports, &b->cap_imports, sizeof *tree->import);
	struct code_file *file = &tree->file[tree->n_files++];
	*file = (struct code_file){
		.first_symbol = (uint32_t)tree->n_symbols, .n_symbols = (uint32_t)n_symbols,
		.first_word = (uint32_t)tree->n_words, .n_words = (uint32_t)n_words,
		.first_import = (uint32_t)tree->n_imports, .n_imports = (uint32_t)n_imports,
	};
	tree->n_symbols += n_symbols;
	tree->n_words += n_words;
	tree->n_imports += n_imports;
	return file;
}

void code_builder_add(struct code_builder *b, const char *path, const char *text, const struct outline *outline)
{
	struct code_tree *tree = &b->tree;
	struct code_file *file = new_file(b, outline->n_symbols, outline->n_words, outline->import.n_items);
	file->path = name_of(b, path, strlen(path));
	for (size_t i = 0; i < outline->n_symbols; i++) {
		const struct outline_symbol *from = &outline->symbol[i];
		uint32_t name = name_of(b, text + from->name, from->n_name);
		tree->symbol[file->first_symbol + i] = (struct code_symbol){
			name, from->line, from->kind, from->depth, from->is_declared, from->is_local,
		};
	}
	for (size_t i = 0; i < outline->n_words; i++) {
		const struct outline_word *from = &outline->word[i];
		uint32_t name = name_of(b, text + from->at, from->n);
		tree->word[file->first_word + i] = (struct code_word){ name, from->count };
	}
	for (size_t i = 0; i < outline->import.n_items; i++)
		tree->import[file->first_import + i] = name_of(b, outline->import.item[i], strlen(outline->import.item[i]));
}

static uint32_t copy_name(struct code_builder *b, const struct code_tree *from, uint32_t name)
{
	if (!b->remap[name]) {
		const char *text = code_tree_name(from, name);
		b->remap[name] = name_of(b, text, strlen(text)) + 1;
	}
	return b->remap[name] - 1;
}

void code_builder_copy(struct code_builder *b, const struct code_tree *from, size_t i, const char *path)
{
	struct code_tree *tree = &b->tree;
	const struct code_file *old = &from->file[i];
	if (!b->remap)
		b->remap = xcalloc(from->n_names + 1, sizeof *b->remap);
	struct code_file *file = new_file(b, old->n_symbols, old->n_words, old->n_imports);
	file->path = name_of(b, path, strlen(path));
	for (size_t j = 0; j < old->n_symbols; j++) {
		tree->symbol[file->first_symbol + j] = from->symbol[old->first_symbol + j];
		tree->symbol[file->first_symbol + j].name = copy_name(b, from, from->symbol[old->first_symbol + j].name);
	}
	for (size_t j = 0; j < old->n_words; j++) {
		const struct code_word *word = &from->word[old->first_word + j];
		tree->word[file->first_word + j] = (struct code_word){ copy_name(b, from, word->name), word->count };
	}
	for (size_t j = 0; j < old->n_imports; j++)
		tree->import[file->first_import + j] = copy_name(b, from, from->import[old->first_import + j]);
}

void code_builder_finish(struct code_builder *b, struct code_tree *out)
{
	*out = b->tree;
	free(b->slot);
	free(b->remap);
	free(b);
}
