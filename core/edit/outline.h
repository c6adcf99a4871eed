/*
 * What a source file offers and what it leans on: the names that it defines, those that it uses, and what it includes
 * or imports. By scanners of our own for the C family, Java, C#, Python, JavaScript, TypeScript, Go, Rust and shell,
 * in time linear in the text, for sound and for broken code alike; equal texts give equal outlines everywhere. Pure.
 */
#ifndef BELAY_EDIT_OUTLINE_H
#define BELAY_EDIT_OUTLINE_H

#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum symbol_kind { SYMBOL_FUNCTION, SYMBOL_TYPE, SYMBOL_VALUE, SYMBOL_MACRO };

/* All places are bytes of the text. */
struct outline_symbol {
	uint32_t name, n_name;
	uint32_t begin;  /* of its declaration */
	uint32_t head;   /* where its head ends: before the body, or before the end of the declaration */
	uint32_t end;    /* behind it */
	uint32_t line;   /* of the name, from 1 */
	uint8_t kind;
	uint8_t depth;   /* 0: not inside another one */
	bool is_declared; /* only that: the body is elsewhere */
	bool is_local;   /* not seen outside the file */
};

/* A name that stands in the code, outside strings and comments. */
struct outline_word {
	uint32_t at, n;
	uint32_t count;
};

struct outline {
	struct outline_symbol *symbol; /* owned, in the order of the text */
	size_t n_symbols, cap_symbols;
	struct outline_word *word;     /* owned, each name once, in the order of the first place */
	size_t n_words, cap_words;
	struct strings import;         /* as import_path.h takes them */
};

/* Is it, by its name, in a language that is understood? */
bool outline_knows(const char *path);

void outline_scan(struct outline *out, const char *path, const char *text, size_t n);
void outline_release(struct outline *outline);

#endif
