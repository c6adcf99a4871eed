#include "edit/symbol.h"

#include "edit/language.h"
#include "edit/lex.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct search {
	const char *text;
	size_t n;
	struct lexed lexed;
	struct symbol *out;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static size_t line_start(const char *text, size_t at)
{
	while (at && text[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(const struct search *s, size_t at)
{
	const char *end = at < s->n ? memchr(s->text + at, '\n', s->n - at) : NULL;
	return end ? (size_t)(end - s->text) + 1 : s->n;
}

static void add(struct search *s, size_t at, size_t end)
{
	if (!s->out->n_places++) {
		s->out->at = line_start(s->text, at);
		s->out->end = line_end(s, end ? end - 1 : 0);
	}
}

/* The next place after `from` where the word stands by itself; n when there is none. */
static size_t find_word(const struct search *s, size_t from, size_t to, const char *word, size_t len)
{
	while (from < to) {
		const char *at = memmem(s->text + from, to - from, word, len);
		if (!at)
			return s->n;
		size_t i = (size_t)(at - s->text);
		if ((!i || !is_word(s->text[i - 1])) && (i + len >= s->n || !is_word(s->text[i + len])))
			return i;
		from = i + 1;
	}
	return s->n;
}

/* The first mark that begins at or after the byte. */
static size_t mark_after(const struct search *s, size_t at)
{
	size_t low = 0;
	size_t high = s->lexed.n_marks - 1;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (s->lexed.mark[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Inside a string or a comment? The mark before the place tells. */
static bool is_raw_at(const struct search *s, size_t at)
{
	size_t i = mark_after(s, at + 1);
	return i && mark_is_raw(&s->lexed.mark[i - 1]) && s->lexed.mark[i - 1].end > at;
}

/* The bracket that the place stands in; MARK_NONE at the top. */
static uint32_t around(const struct search *s, size_t at)
{
	const struct mark *mark = &s->lexed.mark[mark_after(s, at)];
	return mark->kind == MARK_CLOSE ? mark->partner : mark->up;
}

/* From a name onwards: where its body's brace is; n_marks when a ';' or a closing bracket comes first. */
static size_t find_body(const struct search *s, size_t from)
{
	size_t at = from;
	for (size_t i = mark_after(s, from); i < s->lexed.n_marks; i++) {
		const struct mark *mark = &s->lexed.mark[i];
		for (; at < mark->at; at++)
			if (s->text[at] == ';')
				return s->lexed.n_marks;
		if (mark->kind == MARK_END || mark->kind == MARK_CLOSE)
			return s->lexed.n_marks;
		if (mark->kind == MARK_OPEN && mark->type == '{')
			return mark->partner == MARK_NONE ? s->lexed.n_marks : i;
		if (mark->kind == MARK_OPEN && mark->partner != MARK_NONE)
			i = mark->partner;
		at = s->lexed.mark[i].end;
	}
	return s->lexed.n_marks;
}

/* Where the declaration that the name stands in begins: behind the statement or the bracket before it. */
static size_t find_begin(const struct search *s, size_t name)
{
	size_t begin = name;
	size_t i = mark_after(s, name);
	for (size_t at = name; at > 0; at--) {
		while (i && s->lexed.mark[i - 1].at >= at)
			i--;
		const struct mark *mark = i ? &s->lexed.mark[i - 1] : NULL;
		if (mark && mark->end >= at && (mark_is_raw(mark) || mark->type == '#' || mark->type == '{'))
			break;
		if (s->text[at - 1] == ';' || s->text[at - 1] == '}' || s->text[at - 1] == '{')
			break;
		if (!isspace((unsigned char)s->text[at - 1]))
			begin = at - 1;
	}
	return begin;
}

static bool has_word_before(const struct search *s, size_t begin, size_t name)
{
	static const char *const word[] = { "struct", "class", "enum", "union", "interface", "trait", "impl", "type",
		                            "namespace", "object", "record", "func", "fn", "function", "module" };
	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		if (find_word(s, begin, name, word[i], strlen(word[i])) < name)
			return true;
	return false;
}

static char next_sign(const struct search *s, size_t at)
{
	while (at < s->n && isspace((unsigned char)s->text[at]))
		at++;
	return at < s->n ? s->text[at] : '\0';
}

/* A definition of the name at this place, in a language with braces? */
static void look_at(struct search *s, size_t name, size_t len, size_t from)
{
	uint32_t up = around(s, name);
	if (is_raw_at(s, name) || (up != MARK_NONE && s->lexed.mark[up].type != '{'))
		return;
	size_t begin = find_begin(s, name);
	size_t body = find_body(s, name + len);
	char sign = next_sign(s, name + len);
	bool is_named = has_word_before(s, begin, name);
	/* A call in front of a block has nothing before it, at the top level nothing else has either. */
	bool is_function = (sign == '(' || sign == '<') && (begin < name || up != MARK_NONE);
	bool is_assigned = sign == '=' && begin < name;
	if (body == s->lexed.n_marks || begin < from || !(is_named || is_function || is_assigned))
		return;
	size_t end = s->lexed.mark[s->lexed.mark[body].partner].end;
	while (end < s->n && s->text[end] != '\n' && s->text[end] != ';')
		end++;
	add(s, begin, end < s->n && s->text[end] == ';' ? end + 1 : end);
}

static size_t indent_at(const struct search *s, size_t line)
{
	size_t i = line;
	while (i < s->n && (s->text[i] == ' ' || s->text[i] == '\t'))
		i++;
	return i - line;
}

/* The end of a block of Python: before the first line that is indented no deeper. */
static size_t python_end(const struct search *s, size_t line)
{
	size_t indent = indent_at(s, line);
	size_t end = line_end(s, line);
	for (size_t at = end; at < s->n; at = line_end(s, at)) {
		char first = s->text[at + indent_at(s, at)];
		bool is_inside = is_raw_at(s, at) || around(s, at) != MARK_NONE;
		if (!is_inside && (first == '\n' || first == '\r' || first == '#'))
			continue;
		if (!is_inside && indent_at(s, at) <= indent && first != ')')
			break;
		end = line_end(s, at);
	}
	return end;
}

static void look_at_python(struct search *s, size_t name, size_t from)
{
	size_t line = line_start(s->text, name);
	size_t head = line + indent_at(s, line);
	static const char *const word[] = { "def ", "class ", "async def " };
	bool is_head = false;
	for (size_t i = 0; i < 3; i++)
		is_head = is_head || (head + strlen(word[i]) == name && memcmp(s->text + head, word[i], strlen(word[i])) == 0);
	if (!is_head || is_raw_at(s, name) || line < from)
		return;
	size_t end = python_end(s, line);
	for (size_t above = line; above > 0; line = above) {
		above = line_start(s->text, above - 1);
		if (s->text[above + indent_at(s, above)] != '@')
			break;
	}
	add(s, line, end);
}

static void find_in(struct search *s, size_t from, size_t to, const char *name, size_t len, bool is_python)
{
	for (size_t at = from; (at = find_word(s, at, to, name, len)) < s->n; at += len) {
		if (is_python)
			look_at_python(s, at, from);
		else
			look_at(s, at, len, from);
	}
}

bool symbol_knows(const char *path)
{
	const struct language *language = &languages[language_of_path(path)];
	return (language->flags & LANG_SLASHES) || strcmp(language->name, "Python") == 0;
}

void symbol_find(struct symbol *out, const char *path, const char *text, size_t n, const char *name)
{
	const struct language *language = &languages[language_of_path(path)];
	struct search s = { .text = text, .n = n, .out = out };
	bool is_python = strcmp(language->name, "Python") == 0;
	size_t from = 0;
	size_t to = n;
	*out = (struct symbol){ 0 };
	if (!symbol_knows(path))
		return;
	lex_text(&s.lexed, language, text, n);
	for (;;) {
		size_t len = strcspn(name, ".:#");
		*out = (struct symbol){ 0 };
		if (len)
			find_in(&s, from, to, name, len, is_python);
		name += len;
		size_t separator = strspn(name, ".:#");
		if (!len || !*name || !separator || !name[separator])
			break;
		name += separator;
		if (out->n_places == 1) {
			from = line_start(text, out->at);
			to = out->end;
		}
	}
	lexed_release(&s.lexed);
}
