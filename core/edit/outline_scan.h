/* What the scanners of outline.c share: a text with its marks, and a way over it from token to token. */
#ifndef BELAY_EDIT_OUTLINE_SCAN_H
#define BELAY_EDIT_OUTLINE_SCAN_H

#include "edit/language.h"
#include "edit/lex.h"
#include "edit/outline.h"

struct outline_scan {
	const char *text;
	size_t n;
	const struct language *language;
	struct lexed lexed;
	struct outline *out;
	uint32_t line, line_at; /* the line of line_at: places are asked for in order */
};

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_SIGN, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_STRING, TOKEN_COMMENT };

struct token {
	enum token_kind kind;
	char c;          /* of SIGN, OPEN and CLOSE; '#' is a line of the preprocessor */
	uint32_t at, end;
	uint32_t mark;   /* of OPEN, CLOSE, STRING and COMMENT */
};

/* A place on the way; `next` is the first mark at or behind it. */
struct cursor {
	uint32_t at, to;
	uint32_t next;
};

struct cursor scan_range(const struct outline_scan *s, uint32_t mark);  /* inside a bracket that has a partner */
struct cursor scan_all(const struct outline_scan *s);
struct token scan_next(const struct outline_scan *s, struct cursor *cursor);
void scan_leave(const struct outline_scan *s, struct cursor *cursor, const struct token *open); /* behind its partner */
bool scan_is(const struct outline_scan *s, const struct token *token, const char *word);
bool scan_is_one_of(const struct outline_scan *s, const struct token *token, const char *const *words);

struct outline_symbol *scan_add(struct outline_scan *s, const struct token *name, enum symbol_kind kind);
void scan_import(struct outline_scan *s, char how, const char *text, size_t n);

/* One for each family. */
void outline_c_scan(struct outline_scan *s);
void outline_keyword_scan(struct outline_scan *s, const char *const *values, const char *const *types,
                          const char *const *functions);
void outline_python_scan(struct outline_scan *s);
void outline_shell_scan(struct outline_scan *s);

#endif
