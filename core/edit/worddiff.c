#include "edit/textdiff.h"

#include "base/xalloc.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 500
#define ALIKE_PART 3 /* a third of the longer line's text, blanks not counted, must be common */

/* A word, a run of blanks, or one other character (a UTF-8 sequence counts as part of a word). */
struct token {
	size_t at, n;
	bool common; /* stands in both lines, in order */
};

struct tokens {
	const char *text;
	struct token item[LINE_MAX_BYTES];
	size_t n_items;
};

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t token_length(const char *s, size_t n)
{
	size_t len = 1;
	bool (*kind)(unsigned char) = is_word((unsigned char)*s) ? is_word : is_blank((unsigned char)*s) ? is_blank : NULL;
	while (kind && len < n && kind((unsigned char)s[len]))
		len++;
	return len;
}

static void split(struct tokens *out, const char *text, size_t n)
{
	out->text = text;
	out->n_items = 0;
	for (size_t at = 0; at < n;) {
		size_t len = token_length(text + at, n - at);
		out->item[out->n_items++] = (struct token){ .at = at, .n = len };
		at += len;
	}
}

static bool same(const struct tokens *a, size_t i, const struct tokens *b, size_t j)
{
	return a->item[i].n == b->item[j].n &&
	       memcmp(a->text + a->item[i].at, b->text + b->item[j].at, a->item[i].n) == 0;
}

/* The longest common subsequence of a[from, a_end) and b[from, b_end), by bytes of text, marked in both. */
static void mark_middle(struct tokens *a, struct tokens *b, size_t from, size_t a_end, size_t b_end)
{
	size_t rows = a_end - from;
	size_t columns = b_end - from;
	size_t width = columns + 1;
	uint16_t *best = xcalloc((rows + 1) * width, sizeof *best);
	for (size_t i = rows; i-- > 0;) {
		for (size_t j = columns; j-- > 0;) {
			uint16_t skip = best[(i + 1) * width + j];
			if (best[i * width + j + 1] > skip)
				skip = best[i * width + j + 1];
			uint16_t take = 0;
			if (same(a, from + i, b, from + j))
				take = (uint16_t)(best[(i + 1) * width + j + 1] + a->item[from + i].n);
			best[i * width + j] = take > skip ? take : skip;
		}
	}
	for (size_t i = 0, j = 0; i < rows && j < columns;) {
		if (same(a, from + i, b, from + j) &&
		    best[i * width + j] == best[(i + 1) * width + j + 1] + a->item[from + i].n)
			a->item[from + i++].common = b->item[from + j++].common = true;
		else if (best[(i + 1) * width + j] >= best[i * width + j + 1])
			i++;
		else
			j++;
	}
	free(best);
}

static void mark_common(struct tokens *a, struct tokens *b)
{
	size_t from = 0;
	size_t a_end = a->n_items;
	size_t b_end = b->n_items;
	while (from < a_end && from < b_end && same(a, from, b, from)) {
		a->item[from].common = b->item[from].common = true;
		from++;
	}
	while (a_end > from && b_end > from && same(a, a_end - 1, b, b_end - 1))
		a->item[--a_end].common = b->item[--b_end].common = true;
	if (a_end > from && b_end > from)
		mark_middle(a, b, from, a_end, b_end);
}

/* Bytes that are not blank, and how many of them are common. */
static void weigh(const struct tokens *tokens, size_t *all, size_t *common)
{
	*all = *common = 0;
	for (size_t i = 0; i < tokens->n_items; i++) {
		const struct token *token = &tokens->item[i];
		if (is_blank((unsigned char)tokens->text[token->at]))
			continue;
		*all += token->n;
		*common += token->common ? token->n : 0;
	}
}

/* The runs of tokens that are not common; blanks between two of them belong to the run. */
static size_t collect(const struct tokens *tokens, struct word_span *span, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < tokens->n_items; i++) {
		const struct token *token = &tokens->item[i];
		if (token->common)
			continue;
		bool joins = n && (span[n - 1].at + span[n - 1].n == token->at ||
		                   (i && is_blank((unsigned char)tokens->text[tokens->item[i - 1].at]) &&
		                    span[n - 1].at + span[n - 1].n == tokens->item[i - 1].at));
		if (joins)
			span[n - 1].n = token->at + token->n - span[n - 1].at;
		else if (n < max)
			span[n++] = (struct word_span){ token->at, token->n };
		else
			break;
	}
	return n;
}

void word_diff(const char *old_line, size_t old_n, const char *new_line, size_t new_n, struct word_span *old_span,
               size_t *n_old, struct word_span *new_span, size_t *n_new, size_t max)
{
	size_t old_all, new_all, common;
	*n_old = *n_new = 0;
	if (old_n > LINE_MAX_BYTES || new_n > LINE_MAX_BYTES)
		return;
	struct tokens *both = xmalloc(2 * sizeof *both);
	struct tokens *a = &both[0];
	struct tokens *b = &both[1];
	split(a, old_line, old_n);
	split(b, new_line, new_n);
	mark_common(a, b);
	weigh(a, &old_all, &common);
	weigh(b, &new_all, &common);
	if (common * ALIKE_PART >= (old_all > new_all ? old_all : new_all) && common) {
		*n_old = collect(a, old_span, max);
		*n_new = collect(b, new_span, max);
	}
	free(both);
}
