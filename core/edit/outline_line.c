/* Outlines of languages whose declarations begin a line: Python and shell. */
#include "edit/outline_scan.h"

#include <string.h>

/* ---- the lines that are not inside a string or a bracket ---- */

struct line {
	uint32_t at, end;  /* without the line's end */
	uint32_t indent;   /* bytes */
};

/* The next line at or behind *at that begins in code; false at the end. Marks are gone over once. */
static bool next_line(const struct outline_scan *s, uint32_t *at, uint32_t *mark, struct line *line)
{
	while (*at < s->n) {
		const char *end = memchr(s->text + *at, '\n', s->n - *at);
		*line = (struct line){ .at = *at, .end = end ? (uint32_t)(end - s->text) : (uint32_t)s->n };
		*at = line->end + 1;
		while (s->lexed.mark[*mark].at < line->at)
			(*mark)++;
		const struct mark *before = *mark ? &s->lexed.mark[*mark - 1] : NULL;
		const struct mark *next = &s->lexed.mark[*mark];
		uint32_t up = next->kind == MARK_CLOSE ? next->partner : next->up;
		if ((before && mark_is_raw(before) && before->end > line->at) ||
		    (up != MARK_NONE && s->lexed.mark[up].type != '`' && strcmp(s->language->name, "Python") == 0))
			continue;
		while (line->at + line->indent < line->end && strchr(" \t", s->text[line->at + line->indent]))
			line->indent++;
		return true;
	}
	return false;
}

static struct cursor line_cursor(const struct line *line, uint32_t mark)
{
	return (struct cursor){ .at = line->at, .to = line->end, .next = mark };
}

/* ---- Python ---- */

#define PYTHON_DEPTH 8

struct python {
	struct outline_scan *s;
	struct { uint32_t indent; size_t symbol; } open[PYTHON_DEPTH]; /* what the line stands in */
	unsigned n_open;
	uint32_t last_end; /* of the last line with code */
};

static void close_to(struct python *py, uint32_t indent)
{
	while (py->n_open && py->open[py->n_open - 1].indent >= indent)
		py->s->out->symbol[py->open[--py->n_open].symbol].end = py->last_end;
}

/* The names that `from MODULE import` lists, on the line or in brackets: each may be a module, too. */
static void python_names(struct outline_scan *s, struct cursor *cursor, uint32_t module, uint32_t n_module)
{
	char name[400];
	bool is_dotted = n_module && s->text[module + n_module - 1] == '.';
	bool is_in_brackets = false;
	uint32_t before = cursor->at;
	memcpy(name, s->text + module, n_module);
	name[n_module] = '.';
	for (;;) {
		struct token token = scan_next(s, cursor);
		uint32_t n = token.end - token.at;
		is_in_brackets = is_in_brackets || token.kind == TOKEN_OPEN;
		if (token.kind == TOKEN_END || token.kind == TOKEN_CLOSE || n >= 100 ||
		    (!is_in_brackets && memchr(s->text + before, '\n', token.at - before)))
			return;
		before = token.end;
		if (token.kind != TOKEN_WORD || scan_is(s, &token, "as"))
			continue;
		memcpy(name + n_module + !is_dotted, s->text + token.at, n);
		scan_import(s, 'p', name, n_module + !is_dotted + n);
	}
}

/* A dotted path, and the token behind it. */
static struct token dotted_path(const struct outline_scan *s, struct cursor *cursor, uint32_t *from, uint32_t *to)
{
	struct token token = scan_next(s, cursor);
	*from = *to = token.at;
	while ((token.kind == TOKEN_WORD && !scan_is(s, &token, "import") && !scan_is(s, &token, "as")) ||
	       (token.kind == TOKEN_SIGN && token.c == '.')) {
		*to = token.end;
		token = scan_next(s, cursor);
	}
	return token;
}

/* import a.b, c as d: each. from .a import b, c: the module, and each name in it. */
static void python_import(struct outline_scan *s, struct cursor *cursor, bool is_from)
{
	uint32_t from, to;
	struct token token;
	do {
		token = dotted_path(s, cursor, &from, &to);
		scan_import(s, 'p', s->text + from, to - from);
		while (!is_from && token.kind == TOKEN_WORD)
			token = scan_next(s, cursor);
	} while (!is_from && token.kind == TOKEN_SIGN && token.c == ',');
	cursor->to = (uint32_t)s->n; /* the names may stand in brackets over several lines */
	if (is_from && scan_is(s, &token, "import") && to - from < 200)
		python_names(s, cursor, from, to - from);
}

static void python_declare(struct python *py, const struct line *line, struct cursor *cursor, enum symbol_kind kind)
{
	struct outline_scan *s = py->s;
	struct token name = scan_next(s, cursor);
	if (name.kind != TOKEN_WORD)
		return;
	struct outline_symbol *symbol = scan_add(s, &name, kind);
	symbol->begin = line->at + line->indent;
	symbol->depth = (uint8_t)py->n_open;
	cursor->to = (uint32_t)s->n;
	struct token token;
	do {
		token = scan_next(s, cursor);
		if (token.kind == TOKEN_OPEN)
			scan_leave(s, cursor, &token);
	} while (token.kind != TOKEN_END && !(token.kind == TOKEN_SIGN && token.c == ':'));
	symbol->head = token.at;
	symbol->end = token.end;
	if (py->n_open == PYTHON_DEPTH)
		return;
	py->open[py->n_open].indent = line->indent;
	py->open[py->n_open++].symbol = s->out->n_symbols - 1;
}

static void python_line(struct python *py, const struct line *line, uint32_t mark)
{
	struct outline_scan *s = py->s;
	struct cursor cursor = line_cursor(line, mark);
	struct token token = scan_next(s, &cursor);
	if (token.kind == TOKEN_END || token.kind == TOKEN_COMMENT || token.kind == TOKEN_CLOSE)
		return;
	close_to(py, line->indent);
	if (scan_is(s, &token, "async"))
		token = scan_next(s, &cursor);
	if (scan_is(s, &token, "def")) {
		python_declare(py, line, &cursor, SYMBOL_FUNCTION);
	} else if (scan_is(s, &token, "class")) {
		python_declare(py, line, &cursor, SYMBOL_TYPE);
	} else if (scan_is(s, &token, "import") || scan_is(s, &token, "from")) {
		python_import(s, &cursor, scan_is(s, &token, "from"));
	} else if (token.kind == TOKEN_WORD && !line->indent) {
		struct token next = scan_next(s, &cursor);
		if (next.kind == TOKEN_SIGN && (next.c == '=' || next.c == ':') && s->text[next.end] != '=' &&
		    line->end > next.end) {
			struct outline_symbol *symbol = scan_add(s, &token, SYMBOL_VALUE);
			symbol->head = symbol->end = line->end;
		}
	}
	py->last_end = line->end;
}

void outline_python_scan(struct outline_scan *s)
{
	struct python py = { .s = s };
	struct line line;
	uint32_t at = 0;
	uint32_t mark = 0;
	while (next_line(s, &at, &mark, &line))
		python_line(&py, &line, mark);
	py.last_end = (uint32_t)s->n;
	close_to(&py, 0);
}

/* ---- shell ---- */

static void shell_line(struct outline_scan *s, const struct line *line, uint32_t mark)
{
	struct cursor cursor = line_cursor(line, mark);
	struct token token = scan_next(s, &cursor);
	bool is_function = scan_is(s, &token, "function");
	if (is_function)
		token = scan_next(s, &cursor);
	if ((token.kind == TOKEN_SIGN && token.c == '.' && cursor.at < line->end && s->text[cursor.at] == ' ') ||
	    scan_is(s, &token, "source")) {
		uint32_t from = token.end;
		while (from < line->end && strchr(" \t\"'", s->text[from]))
			from++;
		uint32_t to = from;
		while (to < line->end && !strchr(" \t\"';&|", s->text[to]))
			to++;
		scan_import(s, 's', s->text + from, to - from);
		return;
	}
	struct token open = scan_next(s, &cursor);
	bool has_brackets = open.kind == TOKEN_OPEN && open.c == '(' && open.end < s->n && s->text[open.end] == ')';
	if (token.kind != TOKEN_WORD || (!has_brackets && !(is_function && open.kind == TOKEN_OPEN && open.c == '{')))
		return;
	struct outline_symbol *symbol = scan_add(s, &token, SYMBOL_FUNCTION);
	symbol->begin = line->at + line->indent;
	cursor.to = (uint32_t)s->n;
	if (open.c == '(') {
		scan_leave(s, &cursor, &open);
		open = scan_next(s, &cursor);
	}
	if (open.kind == TOKEN_OPEN && open.c == '{')
		scan_leave(s, &cursor, &open);
	symbol->end = cursor.at;
}

void outline_shell_scan(struct outline_scan *s)
{
	struct line line;
	uint32_t at = 0;
	uint32_t mark = 0;
	while (next_line(s, &at, &mark, &line))
		shell_line(s, &line, mark);
}
