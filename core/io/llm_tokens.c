#include "io/llm.h"

#include "base/text.h"

#include <ctype.h>

/* How byte-pair encodings cut text, roughly: a word with the blank before it is one token up to 6 letters and one more
 * for every 5; numbers go by 3 digits, punctuation by 2 signs, blanks by runs, other scripts by characters. That counts
 * a tenth too many: with it taken off, 294 files of C, shell, Markdown, YAML and Python gave 0.95 to 1.25 of what
 * cl100k_base and o200k_base count; a quarter of the bytes gave 0.66 to 1.08. */
enum { SORT_WORD, SORT_DIGIT, SORT_BLANK, SORT_SIGN, SORT_OTHER, N_SORTS };

static const struct {
	int64_t first, further; /* characters of the first token of a run, and of each one after it */
} sort[N_SORTS] = {
	[SORT_WORD] = { 6, 5 }, [SORT_DIGIT] = { 3, 3 }, [SORT_BLANK] = { 16, 16 }, [SORT_SIGN] = { 2, 2 },
	[SORT_OTHER] = { 1, 1 },
};

static int sort_of(unsigned char c)
{
	if (c >= 0x80)
		return SORT_OTHER;
	if (isalpha(c))
		return SORT_WORD;
	if (isdigit(c))
		return SORT_DIGIT;
	return c <= ' ' ? SORT_BLANK : SORT_SIGN;
}

int64_t llm_estimate_tokens(const char *text, size_t n)
{
	int64_t tokens = 0;
	for (size_t at = 0; at < n;) {
		int which = sort_of((unsigned char)text[at]);
		int64_t length = 0;
		bool is_single_blank = text[at] == ' ';
		while (at < n && sort_of((unsigned char)text[at]) == which) {
			int32_t cp;
			at += which == SORT_OTHER ? text_decode(text + at, n - at, &cp) : 1;
			length++;
		}
		if (which == SORT_BLANK && length == 1 && is_single_blank)
			continue; /* belongs to the word after it */
		tokens += 1;
		if (length > sort[which].first)
			tokens += (length - sort[which].first + sort[which].further - 1) / sort[which].further;
	}
	return tokens - tokens / 10;
}
