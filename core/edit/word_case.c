#include "edit/word_case.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

const char *const word_case_names[CASE_N] = {
	[CASE_AS_IS] = "",       [CASE_LOWER] = "lower", [CASE_UPPER] = "upper",   [CASE_SNAKE] = "snake",
	[CASE_KEBAB] = "kebab",  [CASE_CAMEL] = "camel", [CASE_PASCAL] = "pascal", [CASE_MACRO] = "macro",
};

static bool is_part(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Length of the word at text: "HTTPServer2" is HTTP and Server2, "ringBuffer" is ring and Buffer. */
static size_t word_length(const char *text)
{
	size_t n = 1;
	while (is_part(text[n])) {
		bool upper = isupper((unsigned char)text[n]);
		bool follows_upper = isupper((unsigned char)text[n - 1]);
		if (upper && (!follows_upper || islower((unsigned char)text[n + 1])))
			break;
		n++;
	}
	return n;
}

static void add_letters(struct buf *out, const char *text, size_t n, int (*change)(int))
{
	for (size_t i = 0; i < n; i++)
		buf_add_char(out, (char)change((unsigned char)text[i]));
}

static void add_word(struct buf *out, const char *text, size_t n, enum word_case to, bool is_first)
{
	bool capital = to == CASE_PASCAL || (to == CASE_CAMEL && !is_first);
	if (!is_first && to == CASE_KEBAB)
		buf_add_char(out, '-');
	if (!is_first && (to == CASE_SNAKE || to == CASE_MACRO))
		buf_add_char(out, '_');
	if (to == CASE_MACRO) {
		add_letters(out, text, n, toupper);
		return;
	}
	add_letters(out, text, 1, capital ? toupper : tolower);
	add_letters(out, text + 1, n - 1, tolower);
}

void word_case_add(struct buf *out, const char *text, enum word_case to)
{
	bool is_first = true;
	if (to == CASE_AS_IS || to == CASE_LOWER || to == CASE_UPPER) {
		if (to == CASE_AS_IS)
			buf_add_str(out, text);
		else
			add_letters(out, text, strlen(text), to == CASE_LOWER ? tolower : toupper);
		return;
	}
	while (*text) {
		if (!is_part(*text)) {
			text++;
			continue;
		}
		size_t n = word_length(text);
		add_word(out, text, n, to, is_first);
		is_first = false;
		text += n;
	}
}
