/*
 * Outlines of languages that declare as C does: a statement ends at ';' or with its block, and the name of what it
 * declares stands before the parameters, behind `struct` and its like, or last.
 */
#include "edit/outline_scan.h"

#include <string.h>

#define MAX_DEPTH 6

struct statement {
	uint32_t begin;
	size_t n_words;
	struct token last;      /* the last word */
	struct token function;  /* before the first parameters; kind TOKEN_END: none */
	struct token type;      /* behind `struct` and its like */
	struct token value;     /* the last word before '=', '[', ',' or ';' */
	uint32_t head;          /* end of the parameters */
	uint32_t body_end;      /* of a block that was left behind; 0: none */
	bool has_begun, is_typedef, is_static, is_assigned, is_enum, is_container, is_import, wants_type, is_linkage;
	bool is_namespace;
};

static const char *const type_words[] = { "struct", "union", "enum", "class", "interface", "record", "namespace", NULL };
static const char *const no_names[] = {
	"__attribute__", "__declspec", "alignas", "_Alignas", "decltype", "asm", "__asm__", "if", "while", "for", "switch",
	"return", "sizeof", "catch", "operator", "throw", "new", "defined", NULL
};
static const char *const access_words[] = { "public", "private", "protected", "signals", "slots", NULL };
static const char *const flat_words[] = { "struct", "union", "enum", NULL };

static void scan_scope(struct outline_scan *s, struct cursor cursor, unsigned depth);

static bool is_c(const struct outline_scan *s)
{
	return strcmp(s->language->name, "C") == 0;
}

/* ---- the preprocessor ---- */

static void scan_directive(struct outline_scan *s, const struct token *hash)
{
	struct cursor cursor = scan_range(s, hash->mark);
	struct token token = scan_next(s, &cursor); /* '#' */
	token = scan_next(s, &cursor);
	if (scan_is(s, &token, "define")) {
		token = scan_next(s, &cursor);
		struct cursor value = cursor;
		bool is_guard = scan_next(s, &value).kind == TOKEN_CLOSE; /* it says that a header was read, or that a part is wanted */
		if (token.kind == TOKEN_WORD && !is_guard) {
			struct outline_symbol *symbol = scan_add(s, &token, SYMBOL_MACRO);
			symbol->begin = hash->at;
			symbol->head = symbol->end = s->lexed.mark[s->lexed.mark[hash->mark].partner].at;
		}
	} else if (scan_is(s, &token, "include") || scan_is(s, &token, "import") || scan_is(s, &token, "include_next")) {
		token = scan_next(s, &cursor);
		if (token.kind == TOKEN_STRING && token.end - token.at > 2) {
			scan_import(s, '"', s->text + token.at + 1, token.end - token.at - 2);
		} else if (token.kind == TOKEN_SIGN && token.c == '<') {
			const char *end = memchr(s->text + token.end, '>', s->n - token.end);
			scan_import(s, '<', s->text + token.end, end ? (size_t)(end - s->text) - token.end : 0);
		}
	}
}

/* ---- one statement ---- */

static void add_symbol(struct outline_scan *s, const struct statement *st, const struct token *name,
                       enum symbol_kind kind, const struct cursor *behind)
{
	struct outline_symbol *symbol = scan_add(s, name, kind);
	symbol->begin = st->begin;
	symbol->head = st->head > symbol->head ? st->head : symbol->head;
	symbol->end = behind->at;
	symbol->is_local = st->is_static && is_c(s);
}

/* The names of an enumeration's values: each first word behind '{' or ','. */
static void scan_enumerators(struct outline_scan *s, const struct token *open, unsigned depth)
{
	struct cursor cursor = scan_range(s, open->mark);
	struct token token;
	bool is_first = true;
	while ((token = scan_next(s, &cursor)).kind != TOKEN_END) {
		if (token.kind == TOKEN_OPEN)
			scan_leave(s, &cursor, &token);
		else if (token.kind == TOKEN_WORD && is_first)
			scan_add(s, &token, SYMBOL_VALUE)->depth = (uint8_t)(depth + 1);
		if (token.kind != TOKEN_COMMENT && token.kind != TOKEN_OPEN)
			is_first = token.kind == TOKEN_SIGN && token.c == ',';
	}
}

/* (name) or (*name) in front of parameters: whether there is one, and which of the two. */
static bool name_in_brackets(const struct outline_scan *s, const struct token *open, struct token *name, bool *is_pointer)
{
	struct cursor cursor = scan_range(s, open->mark);
	struct token token;
	size_t n_words = 0;
	*is_pointer = false;
	while ((token = scan_next(s, &cursor)).kind != TOKEN_END) {
		if (token.kind == TOKEN_WORD) {
			*name = token;
			n_words++;
		} else if (token.kind == TOKEN_SIGN && token.c == '*') {
			*is_pointer = true;
		} else if (token.kind != TOKEN_COMMENT) {
			return false;
		}
	}
	struct cursor behind = { .to = (uint32_t)s->n };
	scan_leave(s, &behind, open);
	token = scan_next(s, &behind);
	return n_words == 1 && token.kind == TOKEN_OPEN && token.c == '(';
}

static void take_parameters(struct outline_scan *s, struct statement *st, struct cursor *cursor, const struct token *open,
                            unsigned depth)
{
	struct token name;
	bool is_pointer;
	bool is_named = st->n_words && !scan_is_one_of(s, &st->last, no_names);
	bool has_type = st->n_words > 1 || (depth && !is_c(s));
	if (s->lexed.mark[open->mark].partner == MARK_NONE)
		return;
	if (st->function.kind == TOKEN_END && st->n_words && name_in_brackets(s, open, &name, &is_pointer)) {
		if (is_pointer && st->value.kind == TOKEN_END)
			st->value = name;
		else if (!is_pointer)
			st->function = name;
		scan_leave(s, cursor, open);
		return;
	}
	scan_leave(s, cursor, open);
	if (st->is_assigned || st->value.kind != TOKEN_END)
		return;
	if (st->function.kind == TOKEN_END && is_named && has_type)
		st->function = st->last;
	if (st->function.kind != TOKEN_END && !st->head)
		st->head = cursor->at;
}

static void end_statement(struct outline_scan *s, struct statement *st, const struct cursor *behind, unsigned depth)
{
	size_t at = s->out->n_symbols;
	struct token *value = st->value.kind != TOKEN_END ? &st->value : &st->last;
	bool is_forward = st->type.kind != TOKEN_END && value->at == st->type.at;
	if (st->is_import && st->is_assigned) {
		add_symbol(s, st, value, SYMBOL_TYPE, behind);
	} else if (st->is_import) {
		scan_import(s, '.', s->text + st->begin, st->last.end - st->begin);
	} else if (st->is_typedef && st->n_words > 1) {
		add_symbol(s, st, value, SYMBOL_TYPE, behind);
	} else if (st->function.kind != TOKEN_END && !st->is_assigned) {
		add_symbol(s, st, &st->function, SYMBOL_FUNCTION, behind);
		s->out->symbol[at].is_declared = true;
	} else if (st->n_words > 1 && !is_forward && (depth == 0 || (st->is_static && st->is_assigned))) {
		st->head = st->head ? st->head : value->end;
		add_symbol(s, st, value, SYMBOL_VALUE, behind);
	}
	if (s->out->n_symbols > at)
		s->out->symbol[at].depth = (uint8_t)depth;
}

/* A block that belongs to the statement. True when the statement ends with it. */
static bool take_block(struct outline_scan *s, struct statement *st, struct cursor *cursor, const struct token *open,
                       unsigned depth)
{
	struct cursor inside = { 0 };
	bool has_partner = s->lexed.mark[open->mark].partner != MARK_NONE;
	size_t at = s->out->n_symbols;
	if (has_partner)
		inside = scan_range(s, open->mark);
	scan_leave(s, cursor, open);
	if (!has_partner)
		return true;
	if (st->is_linkage && st->function.kind == TOKEN_END && st->type.kind == TOKEN_END) {
		scan_scope(s, inside, depth);
		return true;
	}
	if (st->is_assigned || st->value.kind != TOKEN_END)
		return false;
	st->head = open->at;
	if (st->function.kind != TOKEN_END) {
		add_symbol(s, st, &st->function, SYMBOL_FUNCTION, cursor);
		s->out->symbol[at].depth = (uint8_t)depth;
		return true;
	}
	if (st->type.kind != TOKEN_END && !st->is_typedef) {
		add_symbol(s, st, &st->type, SYMBOL_TYPE, cursor);
		s->out->symbol[at].depth = (uint8_t)depth;
	}
	if (st->is_enum)
		scan_enumerators(s, open, depth);
	else if (st->is_container && depth < MAX_DEPTH)
		scan_scope(s, inside, depth + (st->type.kind != TOKEN_END));
	st->head = 0;
	if (st->is_namespace || !(s->language->flags & LANG_DIRECTIVES))
		return true;
	return !(st->is_typedef || st->is_enum || st->type.kind != TOKEN_END || st->wants_type);
}

static void take_word(struct outline_scan *s, struct statement *st, const struct token *token)
{
	static const char *const imports[] = { "import", "using", "package", NULL };
	if (!st->has_begun) {
		st->has_begun = true;
		st->begin = token->at;
		st->is_import = !is_c(s) && scan_is_one_of(s, token, imports);
	}
	if (st->is_import && !st->n_words)
		st->begin = token->end + 1;
	st->is_typedef = st->is_typedef || scan_is(s, token, "typedef");
	st->is_static = st->is_static || scan_is(s, token, "static");
	if (scan_is_one_of(s, token, type_words) && !st->is_assigned) {
		st->wants_type = true;
		st->is_enum = st->is_enum || scan_is(s, token, "enum");
		st->is_namespace = st->is_namespace || scan_is(s, token, "namespace");
		st->is_container = !st->is_enum && !(is_c(s) && scan_is_one_of(s, token, flat_words));
	} else if (st->wants_type && !scan_is_one_of(s, token, no_names)) {
		st->type = *token;
		st->wants_type = false;
	}
	st->last = *token;
	st->n_words++;
}

/* template <class T>: what stands between is no declaration. */
static void skip_angles(const struct outline_scan *s, struct cursor *cursor)
{
	int open = 0;
	do {
		struct cursor before = *cursor;
		struct token token = scan_next(s, cursor);
		if (token.kind == TOKEN_END || (token.kind == TOKEN_SIGN && token.c == ';')) {
			*cursor = before;
			return;
		}
		if (token.kind == TOKEN_OPEN)
			scan_leave(s, cursor, &token);
		if (token.kind == TOKEN_SIGN)
			open += token.c == '<' ? 1 : token.c == '>' ? -1 : 0;
	} while (open > 0);
}

/* A sign at the statement's own level. True when the statement ends with it. */
static bool take_sign(struct outline_scan *s, struct statement *st, const struct token *token, const struct cursor *cursor,
                      unsigned depth)
{
	if (token->c == ';') {
		end_statement(s, st, cursor, depth);
		return true;
	}
	if (token->c == ':' && st->n_words && scan_is_one_of(s, &st->last, access_words))
		return true;
	if ((token->c == '=' || token->c == ',') && st->n_words && st->value.kind == TOKEN_END &&
	    st->function.kind == TOKEN_END)
		st->value = st->last;
	st->is_assigned = st->is_assigned || token->c == '=';
	st->wants_type = st->wants_type && token->c != '=' && token->c != ':';
	return false;
}

static const struct statement nothing = {
	.last = { .kind = TOKEN_END }, .function = { .kind = TOKEN_END },
	.type = { .kind = TOKEN_END }, .value = { .kind = TOKEN_END },
};

/* True when the statement ends with the bracket. */
static bool take_open(struct outline_scan *s, struct statement *st, struct cursor *cursor, const struct token *token,
                      unsigned depth)
{
	if (token->c == '(') {
		take_parameters(s, st, cursor, token, depth);
		return false;
	}
	if (token->c == '{')
		return take_block(s, st, cursor, token, depth);
	if (token->c == '[' && st->n_words && st->value.kind == TOKEN_END && st->function.kind == TOKEN_END)
		st->value = st->last;
	scan_leave(s, cursor, token);
	return false;
}

static void scan_scope(struct outline_scan *s, struct cursor cursor, unsigned depth)
{
	struct statement st = nothing;
	struct token token;
	while ((token = scan_next(s, &cursor)).kind != TOKEN_END) {
		bool is_over = false;
		if (token.kind == TOKEN_OPEN && token.c == '#') {
			if (s->lexed.mark[token.mark].partner != MARK_NONE)
				scan_directive(s, &token);
			scan_leave(s, &cursor, &token);
		} else if (token.kind == TOKEN_OPEN) {
			is_over = take_open(s, &st, &cursor, &token, depth);
		} else if (token.kind == TOKEN_WORD && scan_is(s, &token, "template")) {
			skip_angles(s, &cursor);
		} else if (token.kind == TOKEN_WORD) {
			take_word(s, &st, &token);
		} else if (token.kind == TOKEN_SIGN) {
			is_over = take_sign(s, &st, &token, &cursor, depth);
		} else if (token.kind == TOKEN_STRING) {
			st.is_linkage = st.is_linkage || scan_is(s, &st.last, "extern");
		} else if (token.kind == TOKEN_CLOSE) {
			is_over = true; /* one too many */
		}
		if (is_over)
			st = nothing;
	}
}

void outline_c_scan(struct outline_scan *s)
{
	scan_scope(s, scan_all(s), 0);
}
