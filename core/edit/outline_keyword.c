/* Outlines of languages in which a word says what is declared and the name follows: JavaScript, Go, Rust, Kotlin. */
#include "edit/outline_scan.h"

#include <string.h>

#define MAX_DEPTH 6

struct words {
	const char *const *values, *const *types, *const *functions;
};

static bool is_language(const struct outline_scan *s, const char *name)
{
	return strcmp(s->language->name, name) == 0;
}

static void import_string(struct outline_scan *s, char how, const struct token *token)
{
	if (token->end - token->at > 2)
		scan_import(s, how, s->text + token->at + 1, token->end - token->at - 2);
}

/* import "x", import ( "x"; y "z" ): each string is one. */
static void go_imports(struct outline_scan *s, struct cursor *cursor)
{
	struct cursor before = *cursor;
	struct token token = scan_next(s, cursor);
	if (token.kind == TOKEN_OPEN && s->lexed.mark[token.mark].partner != MARK_NONE) {
		struct cursor inside = scan_range(s, token.mark);
		scan_leave(s, cursor, &token);
		while ((token = scan_next(s, &inside)).kind != TOKEN_END)
			if (token.kind == TOKEN_STRING)
				import_string(s, 'g', &token);
		return;
	}
	if (token.kind == TOKEN_WORD || token.kind == TOKEN_SIGN)
		token = scan_next(s, cursor);
	if (token.kind == TOKEN_STRING)
		import_string(s, 'g', &token);
	else
		*cursor = before;
}

/* use a::b::{c, d}; mod x; import a.b.c: the path up to where it branches. */
static void path_import(struct outline_scan *s, char how, struct cursor *cursor)
{
	struct cursor before = *cursor;
	struct token token = scan_next(s, cursor);
	uint32_t from = token.at;
	uint32_t to = token.at;
	while (token.kind == TOKEN_WORD || (token.kind == TOKEN_SIGN && (token.c == ':' || token.c == '.'))) {
		to = token.kind == TOKEN_WORD ? token.end : to;
		before = *cursor;
		token = scan_next(s, cursor);
	}
	*cursor = before;
	scan_import(s, how, s->text + from, to - from);
}

/* from "x", import "x", require("x") and import("x"), wherever they stand. */
static void js_imports(struct outline_scan *s)
{
	static const char *const words[] = { "from", "import", "require", NULL };
	struct cursor cursor = scan_all(s);
	struct token token;
	bool is_due = false;
	while ((token = scan_next(s, &cursor)).kind != TOKEN_END) {
		if (token.kind == TOKEN_STRING && is_due)
			import_string(s, 'j', &token);
		bool is_bracket = token.kind == TOKEN_OPEN && token.c == '(';
		is_due = (token.kind == TOKEN_WORD && scan_is_one_of(s, &token, words)) || (is_due && is_bracket);
	}
}

static bool has_line(const struct outline_scan *s, uint32_t from, uint32_t to)
{
	return memchr(s->text + from, '\n', to - from) != NULL;
}

static bool has_word(const struct outline_scan *s, const struct token *token, const char *const *words)
{
	return words && scan_is_one_of(s, token, words);
}

/* The name behind the word; what a receiver or `*` puts between is passed. TOKEN_END kind: there is none. */
static struct token find_name(const struct outline_scan *s, struct cursor *cursor, bool is_function)
{
	struct cursor before = *cursor;
	struct token token = scan_next(s, cursor);
	bool has_receiver = is_function && token.kind == TOKEN_OPEN && token.c == '(' && is_language(s, "Go");
	if (has_receiver) {
		scan_leave(s, cursor, &token);
		token = scan_next(s, cursor);
		struct cursor behind = *cursor;
		struct token next = scan_next(s, &behind);
		if (token.kind == TOKEN_WORD && next.kind == TOKEN_OPEN && (next.c == '(' || next.c == '['))
			return token;
	}
	if (token.kind == TOKEN_SIGN && token.c == '*')
		token = scan_next(s, cursor);
	if (token.kind == TOKEN_WORD && !has_receiver)
		return token;
	*cursor = before;
	return (struct token){ .kind = TOKEN_END };
}

static bool ends_declaration(const struct outline_scan *s, const struct token *token, const struct words *words)
{
	static const char *const others[] = { "export", "import", "pub", "use", "async", "public", "private", "package", NULL };
	if (token->kind == TOKEN_SIGN)
		return token->c == ';' || token->c == '}';
	return token->kind == TOKEN_WORD && (has_word(s, token, words->types) || has_word(s, token, words->functions) ||
	                                     has_word(s, token, words->values) || scan_is_one_of(s, token, others));
}

/*
 * From behind the name to the body's brace, if it has one before the next declaration: the symbol's head and end. In a
 * language that ends statements with lines, so does what has neither brace nor open bracket.
 */
static bool find_body(const struct outline_scan *s, struct cursor *cursor, struct outline_symbol *symbol,
                      const struct words *words, struct token *body)
{
	struct cursor before = *cursor;
	struct token token;
	uint32_t last = symbol->head;
	while ((token = scan_next(s, cursor)).kind != TOKEN_END) {
		bool is_word = token.kind == TOKEN_WORD && (symbol->kind != SYMBOL_TYPE || has_line(s, last, token.at));
		if (token.kind == TOKEN_CLOSE || (ends_declaration(s, &token, words) && (token.kind == TOKEN_SIGN || is_word)))
			break;
		if ((s->language->flags & LANG_LINES) && token.kind == TOKEN_WORD &&
		    has_line(s, last, token.at) && symbol->kind == SYMBOL_VALUE)
			break;
		if (token.kind == TOKEN_OPEN && token.c == '{') {
			symbol->head = token.at;
			scan_leave(s, cursor, &token);
			symbol->end = cursor->at;
			*body = token;
			return s->lexed.mark[token.mark].partner != MARK_NONE;
		}
		if (token.kind == TOKEN_OPEN)
			scan_leave(s, cursor, &token);
		last = cursor->at;
		before = *cursor;
	}
	*cursor = before;
	const char *line = memchr(s->text + symbol->name, '\n', s->n - symbol->name);
	uint32_t line_end = line ? (uint32_t)(line - s->text) : (uint32_t)s->n;
	symbol->head = last < line_end ? last : line_end;
	symbol->end = last;
	return false;
}

static void scan_scope(struct outline_scan *s, struct cursor cursor, unsigned depth, const struct words *words);

/* const ( A = 1; B = 2 ) of Go: the first word of each line. */
static void declare_group(struct outline_scan *s, struct cursor *cursor, enum symbol_kind kind, unsigned depth)
{
	struct cursor ahead = *cursor;
	struct token open = scan_next(s, &ahead);
	if (!is_language(s, "Go") || open.kind != TOKEN_OPEN || open.c != '(' || s->lexed.mark[open.mark].partner == MARK_NONE)
		return;
	struct cursor inside = scan_range(s, open.mark);
	uint32_t last = open.at;
	struct token token;
	scan_leave(s, cursor, &open);
	while ((token = scan_next(s, &inside)).kind != TOKEN_END) {
		if (token.kind == TOKEN_WORD && has_line(s, last, token.at)) {
			struct outline_symbol *symbol = scan_add(s, &token, kind);
			const char *end = memchr(s->text + token.end, '\n', s->n - token.end);
			symbol->head = symbol->end = end ? (uint32_t)(end - s->text) : token.end;
			symbol->depth = (uint8_t)depth;
		}
		if (token.kind == TOKEN_OPEN)
			scan_leave(s, &inside, &token);
		last = inside.at;
	}
}

/* import type { A } from "x": what it names is not declared here. */
static void skip_import(struct outline_scan *s, struct cursor *cursor)
{
	struct cursor before = *cursor;
	struct token token = scan_next(s, cursor);
	while (token.kind == TOKEN_WORD || (token.kind == TOKEN_SIGN && (token.c == ',' || token.c == '*')) ||
	       (token.kind == TOKEN_OPEN && token.c == '{')) {
		if (token.kind == TOKEN_OPEN)
			scan_leave(s, cursor, &token);
		before = *cursor;
		token = scan_next(s, cursor);
	}
	*cursor = before;
}

static void declare(struct outline_scan *s, struct cursor *cursor, const struct token *word, unsigned depth,
                    const struct words *words)
{
	bool is_function = has_word(s, word, words->functions);
	bool is_type = has_word(s, word, words->types);
	bool is_impl = scan_is(s, word, "impl");
	struct token body = { .kind = TOKEN_END };
	struct token name = find_name(s, cursor, is_function);
	if (name.kind == TOKEN_END && !is_impl) {
		declare_group(s, cursor, is_type ? SYMBOL_TYPE : SYMBOL_VALUE, depth);
		return;
	}
	if (scan_is(s, word, "mod") && is_language(s, "Rust"))
		scan_import(s, 'm', s->text + name.at, name.end - name.at);
	struct outline_symbol at_impl = { .head = cursor->at, .kind = SYMBOL_TYPE };
	struct outline_symbol *symbol = &at_impl;
	if (!is_impl)
		symbol = scan_add(s, &name, is_function ? SYMBOL_FUNCTION : is_type ? SYMBOL_TYPE : SYMBOL_VALUE);
	symbol->begin = word->at;
	symbol->depth = (uint8_t)depth;
	bool has_body = find_body(s, cursor, symbol, words, &body);
	bool is_container = is_type && !scan_is(s, word, "type") && !scan_is(s, word, "enum");
	if (has_body && is_container && depth < MAX_DEPTH)
		scan_scope(s, scan_range(s, body.mark), depth + 1, words);
}

/* A method of a class in JavaScript: a name, parameters, a body. */
static void try_method(struct outline_scan *s, struct cursor *cursor, const struct token *name, unsigned depth)
{
	static const char *const no_names[] = { "if", "for", "while", "switch", "catch", "function", "return", NULL };
	struct cursor ahead = *cursor;
	struct token token = scan_next(s, &ahead);
	if (!depth || token.kind != TOKEN_OPEN || token.c != '(' || scan_is_one_of(s, name, no_names))
		return;
	scan_leave(s, &ahead, &token);
	uint32_t head = ahead.at;
	do {
		token = scan_next(s, &ahead);
	} while ((token.kind == TOKEN_WORD || (token.kind == TOKEN_SIGN && strchr(":<>|,.", token.c))) && token.at < head + 200);
	if (token.kind != TOKEN_OPEN || token.c != '{')
		return;
	scan_leave(s, &ahead, &token);
	struct outline_symbol *symbol = scan_add(s, name, SYMBOL_FUNCTION);
	symbol->head = head;
	symbol->end = ahead.at;
	symbol->depth = (uint8_t)depth;
	*cursor = ahead;
}

static void scan_scope(struct outline_scan *s, struct cursor cursor, unsigned depth, const struct words *words)
{
	struct token token;
	bool is_js = is_language(s, "JavaScript");
	while ((token = scan_next(s, &cursor)).kind != TOKEN_END) {
		if (token.kind == TOKEN_OPEN)
			scan_leave(s, &cursor, &token);
		if (token.kind != TOKEN_WORD)
			continue;
		if (has_word(s, &token, words->types) || has_word(s, &token, words->functions) ||
		    has_word(s, &token, words->values))
			declare(s, &cursor, &token, depth, words);
		else if (scan_is(s, &token, "import") && is_language(s, "Go"))
			go_imports(s, &cursor);
		else if (scan_is(s, &token, "use") && is_language(s, "Rust"))
			path_import(s, 'u', &cursor);
		else if (scan_is(s, &token, "import") && is_language(s, "Kotlin"))
			path_import(s, '.', &cursor);
		else if (is_js && scan_is(s, &token, "import"))
			skip_import(s, &cursor);
		else if (is_js)
			try_method(s, &cursor, &token, depth);
	}
}

void outline_keyword_scan(struct outline_scan *s, const char *const *values, const char *const *types,
                          const char *const *functions)
{
	const struct words words = { values, types, functions };
	scan_scope(s, scan_all(s), 0, &words);
	if (is_language(s, "JavaScript"))
		js_imports(s);
}
