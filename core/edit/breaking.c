#include "edit/breaking.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/language.h"
#include "edit/lex.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct source {
	const struct language *language;
	const char *text;
	size_t n;
	struct lexed lexed;
	struct breakables *out;
};

static void add(struct source *s, const char *name, size_t n, size_t at, char *text)
{
	struct breakables *out = s->out;
	out->item = vec_room(out->item, out->n_items, &out->cap_items, sizeof *out->item);
	out->item[out->n_items++] = (struct breakable){ xstrndup(name, n), at, text };
}

static bool is_word(const struct source *s, size_t at)
{
	return at < s->n && language_is_word(s->language, s->text[at]);
}

static size_t skip_back(const struct source *s, size_t at)
{
	while (at && language_is_space(s->text[at - 1]))
		at--;
	return at;
}

/* Where the word that ends at `end` begins. */
static size_t word_start(const struct source *s, size_t end)
{
	while (end && is_word(s, end - 1))
		end--;
	return end;
}

static bool word_is(const struct source *s, size_t start, size_t end, const char *word)
{
	return end - start == strlen(word) && memcmp(s->text + start, word, end - start) == 0;
}

/* ---- C and C++ ---- */

static const char *const not_types[] = { "static", "inline", "extern", "_Noreturn", "virtual", "explicit", "constexpr", NULL };
static const char *const not_functions[] = { "if", "for", "while", "switch", "return", "else", "do", "catch", NULL };

static bool is_one_of(const struct source *s, size_t start, size_t end, const char *const *word)
{
	for (; *word; word++)
		if (word_is(s, start, end, *word))
			return true;
	return false;
}

/* The return type: words and stars before the name, back to what ends the declaration before, or to `floor`, where a
 * comment, a bracket or a line of the preprocessor ends. Empty when it is more than that. */
static void read_type(const struct source *s, size_t end, size_t floor, struct buf *out)
{
	struct buf type = { 0 };
	size_t at = skip_back(s, end);
	size_t start = at;
	while (start > floor && (is_word(s, start - 1) || language_is_space(s->text[start - 1]) || s->text[start - 1] == '*'))
		start--;
	if (start > floor && s->text[start - 1] != ';')
		return;
	for (size_t i = start; i < at;) {
		size_t word = i;
		while (i < at && is_word(s, i))
			i++;
		if (i == word)
			buf_add_char(&type, language_is_space(s->text[i++]) ? ' ' : '*');
		else if (!is_one_of(s, word, i, not_types))
			buf_add(&type, s->text + word, i - word);
	}
	const char *text = buf_str(&type);
	buf_add_str(out, text + strspn(text, " "));
	buf_release(&type);
}

static char *early_return(const struct source *s, const char *type)
{
	size_t n = strlen(type);
	while (n && type[n - 1] == ' ')
		n--;
	if (n == 4 && memcmp(type, "void", 4) == 0)
		return xstrdup(" if (1) return;");
	if (strcmp(s->language->name, "C++") == 0)
		return xstrdup(" if (1) return {};");
	return xasprintf(" if (1) return (%.*s){ 0 };", (int)n, type);
}

static void look_at_c(struct source *s, const struct mark *mark)
{
	struct buf type = { 0 };
	size_t close = skip_back(s, mark->at);
	if (!close || s->text[close - 1] != ')')
		return;
	size_t i = (size_t)(mark - s->lexed.mark);
	while (i && !(s->lexed.mark[i].kind == MARK_CLOSE && s->lexed.mark[i].at == close - 1))
		i--;
	if (!i || s->lexed.mark[i].partner == MARK_NONE)
		return;
	size_t end = skip_back(s, s->lexed.mark[s->lexed.mark[i].partner].at);
	size_t start = word_start(s, end);
	if (start == end || is_one_of(s, start, end, not_functions) || word_is(s, start, end, "main"))
		return;
	size_t before = s->lexed.mark[i].partner;
	size_t floor = before && s->lexed.mark[before - 1].end <= start ? s->lexed.mark[before - 1].end : 0;
	read_type(s, start, floor, &type);
	if (type.len && strspn(type.data, " ") < type.len)
		add(s, s->text + start, end - start, mark->end, early_return(s, type.data));
	buf_release(&type);
}

/* ---- languages whose functions begin with a word ---- */

/* The name after `keyword` that stands last before the bracket, with nothing but its parameters and types between. */
static void look_at_keyword(struct source *s, const struct mark *mark, const char *keyword, const char *text)
{
	size_t line = mark->at;
	while (line && !strchr(";{}", s->text[line - 1]) && mark->at - line < 400)
		line--;
	size_t n = strlen(keyword);
	const char *hit = memmem(s->text + line, mark->at - line, keyword, n);
	if (!hit || is_word(s, (size_t)(hit - s->text) + n) || (hit > s->text && is_word(s, (size_t)(hit - s->text) - 1)))
		return;
	size_t at = (size_t)(hit - s->text) + n;
	while (at < mark->at && language_is_space(s->text[at]))
		at++;
	if (at < mark->at && s->text[at] == '(') { /* Go: the receiver of a method */
		const char *end = memchr(s->text + at, ')', mark->at - at);
		at = end ? (size_t)(end - s->text) + 1 : mark->at;
		while (at < mark->at && language_is_space(s->text[at]))
			at++;
	}
	size_t end = at;
	while (end < mark->at && is_word(s, end))
		end++;
	if (end > at && !word_is(s, at, end, "main"))
		add(s, s->text + at, end - at, mark->end, xstrdup(text));
}

static void find_by_brackets(struct source *s)
{
	const char *name = s->language->name;
	bool is_c = strcmp(name, "C") == 0 || strcmp(name, "C++") == 0;
	for (size_t i = 0; i < s->lexed.n_marks; i++) {
		const struct mark *mark = &s->lexed.mark[i];
		if (mark->kind != MARK_OPEN || mark->type != '{' || mark->partner == MARK_NONE)
			continue;
		if (is_c && mark->up == MARK_NONE)
			look_at_c(s, mark);
		else if (strcmp(name, "Go") == 0)
			look_at_keyword(s, mark, "func", " if true { panic(\"broken on purpose\") };");
		else if (strcmp(name, "Rust") == 0)
			look_at_keyword(s, mark, "fn", " if true { panic!(\"broken on purpose\") }");
		else if (strcmp(name, "JavaScript") == 0)
			look_at_keyword(s, mark, "function", " if (1) return undefined;");
	}
}

/* ---- Python ---- */

static size_t line_end(const struct source *s, size_t at)
{
	const char *end = memchr(s->text + at, '\n', s->n - at);
	return end ? (size_t)(end - s->text) : s->n;
}

/* The end of the header that begins with "def": its ':' outside brackets, which ends a line. */
static size_t header_end(const struct source *s, size_t at)
{
	int depth = 0;
	for (; at < s->n; at++) {
		char c = s->text[at];
		depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
		if (c == ':' && depth == 0)
			return at + 1;
	}
	return s->n;
}

static void look_at_def(struct source *s, size_t name)
{
	size_t end = name;
	while (is_word(s, end))
		end++;
	size_t body = header_end(s, end);
	size_t next = line_end(s, body);
	for (size_t i = body; i < next; i++)
		if (!language_is_space(s->text[i]) && s->text[i] != '#')
			return; /* all on one line */
		else if (s->text[i] == '#')
			break;
	size_t first = next + 1;
	while (first < s->n && language_is_space(s->text[first]) && s->text[first] != '\n')
		first++;
	size_t indent = next + 1;
	if (end == name || first >= s->n || first == indent)
		return;
	add(s, s->text + name, end - name, indent, xasprintf("%.*sreturn None\n", (int)(first - indent), s->text + indent));
}

static void find_python(struct source *s)
{
	for (size_t at = 0; at < s->n; at = line_end(s, at) + 1) {
		size_t word = at + strspn(s->text + at, " \t");
		size_t name = word + 4;
		if (word + 4 < s->n && memcmp(s->text + word, "def ", 4) == 0)
			look_at_def(s, name + strspn(s->text + name, " "));
	}
}

/* ---- all ---- */

void breakables_find(struct breakables *out, const char *path, const char *text, size_t n)
{
	char *copy = xstrndup(text, n); /* ends with a NUL */
	struct source s = { .language = &languages[language_of_path(path)], .text = copy, .n = n, .out = out };
	if (strcmp(s.language->name, "Python") == 0) {
		find_python(&s);
	} else if (n <= LEX_MAX) {
		lex_text(&s.lexed, s.language, copy, n);
		find_by_brackets(&s);
		lexed_release(&s.lexed);
	}
	free(copy);
}

void breakables_release(struct breakables *list)
{
	for (size_t i = 0; i < list->n_items; i++) {
		free(list->item[i].name);
		free(list->item[i].text);
	}
	free(list->item);
	*list = (struct breakables){ 0 };
}

void breakable_apply(const struct breakable *item, const char *text, size_t n, struct buf *out)
{
	buf_add(out, text, item->at);
	buf_add_str(out, item->text);
	buf_add(out, text + item->at, n - item->at);
}
