#include "edit/outline.h"

#include "base/xalloc.h"
#include "edit/outline_scan.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MIN 2
#define WORD_MAX 128 /* bytes; a longer one is data */

/* ---- from token to token ---- */

struct cursor scan_all(const struct outline_scan *s)
{
	return (struct cursor){ .to = (uint32_t)s->n };
}

struct cursor scan_range(const struct outline_scan *s, uint32_t mark)
{
	const struct mark *open = &s->lexed.mark[mark];
	return (struct cursor){ .at = open->end, .to = s->lexed.mark[open->partner].at, .next = mark + 1 };
}

static bool begins_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static uint32_t word_end(const struct outline_scan *s, uint32_t at, uint32_t to)
{
	while (at < to && language_is_word(s->language, s->text[at]))
		at++;
	return at;
}

/* Digits and the letters behind them are no words. */
static uint32_t number_end(const struct outline_scan *s, uint32_t at, uint32_t to)
{
	while (at < to && (language_is_word(s->language, s->text[at]) || s->text[at] == '.'))
		at++;
	return at;
}

static struct token mark_token(const struct outline_scan *s, struct cursor *cursor)
{
	static const enum token_kind kinds[] = {
		[MARK_OPEN] = TOKEN_OPEN, [MARK_CLOSE] = TOKEN_CLOSE, [MARK_STRING] = TOKEN_STRING,
		[MARK_COMMENT] = TOKEN_COMMENT, [MARK_END] = TOKEN_END,
	};
	const struct mark *mark = &s->lexed.mark[cursor->next];
	struct token token = { kinds[mark->kind], mark->type, mark->at, mark->end, cursor->next };
	cursor->at = mark->end;
	cursor->next++;
	return token;
}

struct token scan_next(const struct outline_scan *s, struct cursor *cursor)
{
	while (cursor->at < cursor->to && language_is_space(s->text[cursor->at]) &&
	       cursor->at < s->lexed.mark[cursor->next].at)
		cursor->at++;
	const struct mark *mark = &s->lexed.mark[cursor->next];
	if (mark->kind != MARK_END && mark->at <= cursor->at && mark->at <= cursor->to &&
	    (mark->at < cursor->to || mark->at == mark->end))
		return mark_token(s, cursor);
	if (cursor->at >= cursor->to)
		return (struct token){ .kind = TOKEN_END, .at = cursor->to, .end = cursor->to };
	uint32_t to = mark->at < cursor->to ? mark->at : cursor->to;
	uint32_t at = cursor->at;
	char c = s->text[at];
	struct token token = { .kind = TOKEN_SIGN, .c = c, .at = at, .end = at + 1 };
	if (begins_word(c) && language_is_word(s->language, c)) {
		token.kind = TOKEN_WORD;
		token.end = word_end(s, at, to);
	} else if (c >= '0' && c <= '9') {
		token.c = '0';
		token.end = number_end(s, at, to);
	}
	cursor->at = token.end;
	return token;
}

void scan_leave(const struct outline_scan *s, struct cursor *cursor, const struct token *open)
{
	uint32_t partner = s->lexed.mark[open->mark].partner;
	if (partner == MARK_NONE)
		return;
	cursor->next = partner + 1;
	cursor->at = s->lexed.mark[partner].end;
}

bool scan_is(const struct outline_scan *s, const struct token *token, const char *word)
{
	size_t n = token->end - token->at;
	return token->kind == TOKEN_WORD && strlen(word) == n && memcmp(s->text + token->at, word, n) == 0;
}

bool scan_is_one_of(const struct outline_scan *s, const struct token *token, const char *const *words)
{
	for (; *words; words++)
		if (scan_is(s, token, *words))
			return true;
	return false;
}

/* ---- what is found ---- */

static uint32_t line_of(struct outline_scan *s, uint32_t at)
{
	if (at < s->line_at) {
		s->line = 1;
		s->line_at = 0;
	}
	const char *from = s->text + s->line_at;
	const char *to = s->text + at;
	while ((from = memchr(from, '\n', (size_t)(to - from))) != NULL) {
		s->line++;
		from++;
	}
	s->line_at = at;
	return s->line;
}

struct outline_symbol *scan_add(struct outline_scan *s, const struct token *name, enum symbol_kind kind)
{
	struct outline *out = s->out;
	out->symbol = vec_room(out->symbol, out->n_symbols, &out->cap_symbols, sizeof *out->symbol);
	struct outline_symbol *symbol = &out->symbol[out->n_symbols++];
	*symbol = (struct outline_symbol){
		.name = name->at, .n_name = name->end - name->at, .begin = name->at, .head = name->end, .end = name->end,
		.line = line_of(s, name->at), .kind = (uint8_t)kind,
	};
	return symbol;
}

void scan_import(struct outline_scan *s, char how, const char *text, size_t n)
{
	if (!n || n > 1024 || memchr(text, '\n', n) || memchr(text, '\0', n))
		return;
	char *name = xasprintf("%c%.*s", how, (int)n, text);
	if (strings_find(&s->out->import, name) < 0)
		strings_take(&s->out->import, name);
	else
		free(name);
}

/* ---- words ---- */

struct word_table {
	uint32_t *slot; /* index of the word + 1; 0: free */
	size_t n_slots;
};

static uint32_t word_hash(const char *s, size_t n)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)s[i]) * 16777619u;
	return hash ^ (hash >> 15);
}

static void grow_table(struct word_table *table, const struct outline *out, const char *text)
{
	table->n_slots = table->n_slots ? table->n_slots * 2 : 256;
	free(table->slot);
	table->slot = xcalloc(table->n_slots, sizeof *table->slot);
	for (size_t i = 0; i < out->n_words; i++) {
		size_t at = word_hash(text + out->word[i].at, out->word[i].n) & (table->n_slots - 1);
		while (table->slot[at])
			at = (at + 1) & (table->n_slots - 1);
		table->slot[at] = (uint32_t)i + 1;
	}
}

static void count_word(struct word_table *table, struct outline *out, const char *text, const struct token *token)
{
	uint32_t n = token->end - token->at;
	if (n < WORD_MIN || n > WORD_MAX)
		return;
	if (2 * (out->n_words + 1) > table->n_slots)
		grow_table(table, out, text);
	size_t at = word_hash(text + token->at, n) & (table->n_slots - 1);
	for (; table->slot[at]; at = (at + 1) & (table->n_slots - 1)) {
		struct outline_word *word = &out->word[table->slot[at] - 1];
		if (word->n == n && memcmp(text + word->at, text + token->at, n) == 0) {
			word->count++;
			return;
		}
	}
	out->word = vec_room(out->word, out->n_words, &out->cap_words, sizeof *out->word);
	out->word[out->n_words++] = (struct outline_word){ .at = token->at, .n = n, .count = 1 };
	table->slot[at] = (uint32_t)out->n_words;
}

static void count_words(struct outline_scan *s)
{
	struct word_table table = { 0 };
	struct cursor cursor = scan_all(s);
	struct token token;
	while ((token = scan_next(s, &cursor)).kind != TOKEN_END)
		if (token.kind == TOKEN_WORD)
			count_word(&table, s->out, s->text, &token);
	free(table.slot);
}

/* ---- the languages ---- */

static const char *const js_values[] = { "const", "let", "var", NULL };
static const char *const js_types[] = { "class", "interface", "type", "enum", "namespace", NULL };
static const char *const js_functions[] = { "function", NULL };
static const char *const go_values[] = { "const", "var", NULL };
static const char *const go_types[] = { "type", NULL };
static const char *const go_functions[] = { "func", NULL };
static const char *const rust_values[] = { "const", "static", NULL };
static const char *const rust_types[] = { "struct", "enum", "trait", "type", "union", "mod", "impl", NULL };
static const char *const rust_functions[] = { "fn", NULL };
static const char *const kotlin_values[] = { "val", "var", "let", NULL };
static const char *const kotlin_types[] = { "class", "interface", "object", "trait", "protocol", "struct", "enum", NULL };
static const char *const kotlin_functions[] = { "fun", "func", "def", NULL };

static const struct family {
	const char *language;
	void (*scan)(struct outline_scan *s);
	const char *const *values, *const *types, *const *functions;
} families[] = {
	{ .language = "C", .scan = outline_c_scan },
	{ .language = "C++", .scan = outline_c_scan },
	{ .language = "C#", .scan = outline_c_scan },
	{ .language = "Java", .scan = outline_c_scan },
	{ .language = "Python", .scan = outline_python_scan },
	{ .language = "shell", .scan = outline_shell_scan },
	{ "JavaScript", NULL, js_values, js_types, js_functions },
	{ "Go", NULL, go_values, go_types, go_functions },
	{ "Rust", NULL, rust_values, rust_types, rust_functions },
	{ "Kotlin", NULL, kotlin_values, kotlin_types, kotlin_functions },
};

static const struct family *family_of(const char *path)
{
	const char *name = languages[language_of_path(path)].name;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strcmp(families[i].language, name) == 0)
			return &families[i];
	return NULL;
}

bool outline_knows(const char *path)
{
	return family_of(path) != NULL;
}

/* In broken code a declaration's parts may not be where they belong: they are put around its name. */
static void order_places(struct outline *out, size_t n)
{
	for (size_t i = 0; i < out->n_symbols; i++) {
		struct outline_symbol *s = &out->symbol[i];
		uint32_t name_end = s->name + s->n_name;
		s->begin = s->begin < s->name ? s->begin : s->name;
		s->head = s->head > name_end ? s->head : name_end;
		s->head = s->head < n ? s->head : (uint32_t)n;
		s->end = s->end > s->head ? s->end : s->head;
		s->end = s->end < n ? s->end : (uint32_t)n;
	}
}

void outline_scan(struct outline *out, const char *path, const char *text, size_t n)
{
	const struct family *family = family_of(path);
	*out = (struct outline){ 0 };
	if (!family || !n || n > LEX_MAX)
		return;
	struct outline_scan s = {
		.text = text, .n = n, .language = &languages[language_of_path(path)], .out = out, .line = 1,
	};
	lex_text(&s.lexed, s.language, text, n);
	count_words(&s);
	if (family->scan)
		family->scan(&s);
	else
		outline_keyword_scan(&s, family->values, family->types, family->functions);
	order_places(out, n);
	lexed_release(&s.lexed);
}

void outline_release(struct outline *outline)
{
	free(outline->symbol);
	free(outline->word);
	strings_release(&outline->import);
	*outline = (struct outline){ 0 };
}
