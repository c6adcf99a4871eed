#include "edit/lex_quote.h"

#include <ctype.h>
#include <string.h>

static char at_or_nul(const struct text *text, size_t at)
{
	return at < text->n ? text->s[at] : '\0';
}

static bool word_before(const struct text *text, size_t at)
{
	return at > 0 && language_is_word(text->language, text->s[at - 1]);
}

static bool begins_code(const struct quote *quote, const struct text *text, size_t at)
{
	char c = text->s[at];
	char next = at_or_nul(text, at + 1);
	switch (quote->code) {
	case CODE_DOLLAR_BRACE:
		return c == '$' && next == '{';
	case CODE_BRACE:
		return c == '{' && next != '{';
	case CODE_SHELL:
		return c == '$' && (next == '(' || next == '{');
	case CODE_NONE:
		break;
	}
	return false;
}

static bool closes(const struct quote *quote, const struct text *text, size_t at)
{
	for (size_t i = 0; i < quote->count; i++)
		if (at_or_nul(text, at + i) != quote->c)
			return false;
	return true;
}

/* Bytes that a backslash at `at` takes: itself, the next one, and a line end of two bytes whole. */
static size_t escape_length(const struct text *text, size_t at)
{
	return at_or_nul(text, at + 1) == '\r' && at_or_nul(text, at + 2) == '\n' ? 3 : 2;
}

enum quote_end quote_scan(const struct quote *quote, const struct text *text, size_t at, size_t *end)
{
	while (at < text->n) {
		char c = text->s[at];
		if (c == quote->c && closes(quote, text, at)) {
			if (quote->doubled && at_or_nul(text, at + 1) == c) {
				at += 2;
				continue;
			}
			*end = at + quote->count;
			return QUOTE_CLOSED;
		}
		if (c == '\n' && !quote->lines)
			break;
		if (quote->code != CODE_NONE && begins_code(quote, text, at)) {
			*end = at;
			return QUOTE_CODE;
		}
		if (c == '\\' && quote->escapes)
			at += escape_length(text, at);
		else
			at += quote->code == CODE_BRACE && c == '{' ? 2 : 1;
	}
	*end = at < text->n ? at : text->n;
	return QUOTE_OPEN;
}

/* A digit separator: 1'000. What the word before the quote begins with decides. */
static bool separates_digits(const struct text *text, size_t at)
{
	size_t from = at;
	while (from > 0 && at - from < 40 && (language_is_word(text->language, text->s[from - 1]) || text->s[from - 1] == '\''))
		from--;
	return from < at && isdigit((unsigned char)text->s[from]) && isalnum((unsigned char)at_or_nul(text, at + 1));
}

/* A character in quotes, not the name of a lifetime. */
static bool is_rust_char(const struct text *text, size_t at)
{
	if (at_or_nul(text, at + 1) == '\\')
		return true;
	size_t next = at + 2;
	while (next < text->n && next < at + 5 && ((unsigned char)text->s[next] & 0xc0) == 0x80)
		next++;
	return at_or_nul(text, next) == '\'' && at_or_nul(text, at + 1) != '\'';
}

/* In YAML a quote opens a scalar only where a value begins. */
static bool begins_scalar(const struct text *text, size_t at)
{
	size_t from = at;
	while (from > 0 && (text->s[from - 1] == ' ' || text->s[from - 1] == '\t'))
		from--;
	if (from == 0 || text->s[from - 1] == '\n')
		return true;
	char before = text->s[from - 1];
	return strchr("[{,", before) != NULL || (from < at && strchr(":-?!|>", before) != NULL);
}

/* Letters right in front of a quote that belong to it, as Python's f and r; at most 2, a word by themselves. */
static size_t prefix_letters(const struct text *text, size_t at, const char *letters)
{
	size_t n = 0;
	while (n < 2 && n < at && strchr(letters, text->s[at - 1 - n]))
		n++;
	return n && !word_before(text, at - n) ? n : 0;
}

static bool is_format_string(const struct text *text, size_t at)
{
	size_t n = prefix_letters(text, at, "fFrRtT");
	return n && (memchr(text->s + at - n, 'f', n) || memchr(text->s + at - n, 'F', n) || memchr(text->s + at - n, 't', n));
}

static bool begin_double(struct quote *q, const struct text *text, size_t at)
{
	unsigned flags = text->language->flags;
	if (!(flags & (LANG_DOUBLE | LANG_DOUBLE_LINES | LANG_SCALARS)) || ((flags & LANG_SCALARS) && !begins_scalar(text, at)))
		return false;
	q->lines = (flags & (LANG_DOUBLE_LINES | LANG_SCALARS)) != 0;
	if (flags & LANG_DOLLAR_BRACES)
		q->code = CODE_DOLLAR_BRACE;
	else if (flags & LANG_SUBSTITUTES)
		q->code = CODE_SHELL;
	if ((flags & LANG_VERBATIM) && at > 0) {
		bool dollar = text->s[at - 1] == '$' || (at > 1 && text->s[at - 1] == '@' && text->s[at - 2] == '$');
		bool verbatim = text->s[at - 1] == '@' || (at > 1 && text->s[at - 1] == '$' && text->s[at - 2] == '@');
		q->code = dollar ? CODE_BRACE : CODE_NONE;
		q->lines = q->doubled = verbatim;
		q->escapes = !verbatim;
	}
	return true;
}

static bool begin_single(struct quote *q, const struct text *text, size_t at)
{
	unsigned flags = text->language->flags;
	if (flags & LANG_LIFETIMES)
		return is_rust_char(text, at);
	if (flags & (LANG_SINGLE_RAW | LANG_SCALARS)) {
		q->lines = true;
		q->escapes = false;
		q->doubled = (flags & LANG_SCALARS) != 0;
		return (flags & LANG_SINGLE_RAW) || begins_scalar(text, at);
	}
	return (flags & LANG_SINGLE) && !separates_digits(text, at);
}

bool quote_begin(struct quote *out, const struct text *text, size_t at)
{
	unsigned flags = text->language->flags;
	char c = text->s[at];
	*out = (struct quote){ .c = c, .count = 1, .escapes = true };
	if (c == '`') {
		out->lines = true;
		out->escapes = (flags & LANG_TEMPLATE) != 0;
		out->code = flags & LANG_TEMPLATE ? CODE_DOLLAR_BRACE : CODE_NONE;
		return (flags & (LANG_TEMPLATE | LANG_BACKTICK_RAW)) != 0;
	}
	if (!(c == '"' ? begin_double(out, text, at) : begin_single(out, text, at)))
		return false;
	unsigned triple = c == '"' ? LANG_TRIPLE_DOUBLE : LANG_TRIPLE_SINGLE;
	if ((flags & triple) && at_or_nul(text, at + 1) == c && at_or_nul(text, at + 2) == c) {
		out->count = 3;
		out->lines = true;
		out->doubled = false;
	}
	if ((flags & LANG_FSTRINGS) && is_format_string(text, at))
		out->code = CODE_BRACE;
	return true;
}

size_t quote_raw_cpp(const struct text *text, size_t at, bool *open)
{
	if (at == 0 || text->s[at - 1] != 'R')
		return 0;
	size_t before = at - 1;
	if (before > 1 && text->s[before - 1] == '8' && text->s[before - 2] == 'u')
		before -= 2;
	else if (before > 0 && strchr("uUL", text->s[before - 1]))
		before--;
	size_t paren = at + 1;
	while (paren < text->n && paren < at + 18 && !strchr("( )\\\n\"", text->s[paren]))
		paren++;
	if (word_before(text, before) || at_or_nul(text, paren) != '(')
		return 0;
	char closer[20];
	size_t n = 0;
	closer[n++] = ')';
	for (size_t i = at + 1; i < paren; i++)
		closer[n++] = text->s[i];
	closer[n++] = '"';
	const char *end = memmem(text->s + paren, text->n - paren, closer, n);
	*open = !end;
	return end ? (size_t)(end - text->s) + n : text->n;
}

size_t quote_raw_rust(const struct text *text, size_t at, bool *open)
{
	size_t hashes = 0;
	while (hashes < at && hashes < 255 && text->s[at - 1 - hashes] == '#')
		hashes++;
	size_t r = at - hashes;
	if (r == 0 || text->s[r - 1] != 'r')
		return 0;
	r--;
	if (r > 0 && strchr("bc", text->s[r - 1]))
		r--;
	if (word_before(text, r))
		return 0;
	for (size_t i = at + 1; i < text->n; i++) {
		size_t n = 0;
		if (text->s[i] != '"')
			continue;
		while (n < hashes && at_or_nul(text, i + 1 + n) == '#')
			n++;
		if (n == hashes)
			return i + 1 + hashes;
	}
	*open = true;
	return text->n;
}

/* Does an operand end here, so that a slash divides? */
static bool ends_value(const struct text *text, size_t at)
{
	static const char *const keyword[] = {
		"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "instanceof", "else", "do", "await",
		"yield",
	};
	if (at > 0 && text->s[at - 1] == '<')
		return true; /* the end of an element */
	while (at > 0 && language_is_space(text->s[at - 1]))
		at--;
	if (at == 0)
		return false;
	if (strchr(")]}\"'`", text->s[at - 1]))
		return true;
	size_t from = at;
	while (from > 0 && at - from < 12 && language_is_word(text->language, text->s[from - 1]))
		from--;
	for (size_t i = 0; i < sizeof keyword / sizeof *keyword; i++)
		if (at - from == strlen(keyword[i]) && memcmp(text->s + from, keyword[i], at - from) == 0)
			return false;
	return from < at || text->s[at - 1] == '\1';
}

size_t quote_regex(const struct text *text, size_t at)
{
	bool in_class = false;
	if (ends_value(text, at))
		return 0;
	for (size_t i = at + 1; i < text->n && text->s[i] != '\n'; i++) {
		char c = text->s[i];
		if (c == '\\' && at_or_nul(text, i + 1) != '\n')
			i++;
		else if (c == '[' || c == ']')
			in_class = c == '[';
		else if (c == '/' && !in_class)
			return i + 1;
	}
	return 0;
}
