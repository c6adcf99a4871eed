#include "edit/guess.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MIN_LINES 3       /* with text in them */
#define MIN_CHARS 40      /* that are no white space */
#define LIKE_PERCENT 92   /* similarity that a place must have ... */
#define AHEAD_PERCENT 8   /* ... and by how much it leads */
#define MAX_LINE 2000     /* bytes; longer lines count as equal or as nothing */
#define MAX_WORK (1L << 25) /* steps of comparisons */

/* A text in lines, without what blanks and line ends they have behind. */
struct lines {
	const char *text;
	const size_t *start;
	size_t n;
};

struct guessing {
	struct lines file, wanted;
	int *reach; /* owned; for line_distance */
	long work;
};

static const char *line_at(const struct lines *lines, size_t i, size_t *n)
{
	const char *s = lines->text + lines->start[i];
	*n = lines->start[i + 1] - lines->start[i];
	while (*n && strchr(" \t\r\n", s[*n - 1]) && s[*n - 1])
		--*n;
	return s;
}

/*
 * Bytes to take out of both lines until they are equal; `limit` + 1 when it is more than that. E. W. Myers, "An O(ND)
 * Difference Algorithm and Its Variations" (1986), the length alone.
 */
static int line_distance(struct guessing *g, const char *a, int a_n, const char *b, int b_n, int limit)
{
	while (a_n && b_n && *a == *b) {
		a++, b++;
		a_n--, b_n--;
	}
	while (a_n && b_n && a[a_n - 1] == b[b_n - 1])
		a_n--, b_n--;
	int most = a_n + b_n;
	if (abs(a_n - b_n) > limit)
		return limit + 1;
	if (!a_n || !b_n)
		return most;
	int *reach = g->reach + MAX_LINE * 2 + 1; /* by diagonal: how far into `a` */
	reach[1] = 0;
	for (int d = 0; d <= limit && d <= most; d++) {
		for (int k = -d; k <= d; k += 2) {
			bool down = k == -d || (k != d && reach[k - 1] < reach[k + 1]);
			int x = down ? reach[k + 1] : reach[k - 1] + 1;
			g->work++;
			while (x < a_n && x - k < b_n && x - k >= 0 && a[x] == b[x - k]) {
				x++;
				g->work++;
			}
			reach[k] = x;
			if (x >= a_n && x - k >= b_n)
				return d;
		}
	}
	return limit + 1;
}

/* How alike the lines from `at` on are to those that are wanted, in 1/10,000; 0: less than matters. */
static int likeness(struct guessing *g, size_t at)
{
	const size_t *start = g->file.start + at;
	int64_t total = (int64_t)(start[g->wanted.n] - start[0] + g->wanted.start[g->wanted.n] - g->wanted.start[0]);
	int64_t apart = 0;
	int64_t limit = total * (100 - LIKE_PERCENT + AHEAD_PERCENT) / 100;
	for (size_t i = 0; i < g->wanted.n && apart <= limit && g->work < MAX_WORK; i++) {
		size_t a_n;
		size_t b_n;
		const char *a = line_at(&g->file, at + i, &a_n);
		const char *b = line_at(&g->wanted, i, &b_n);
		int64_t left = limit - apart;
		g->work += 1 + (long)a_n / 16;
		if (a_n == b_n && memcmp(a, b, a_n) == 0)
			continue;
		if (a_n > MAX_LINE || b_n > MAX_LINE)
			return 0;
		apart += line_distance(g, a, (int)a_n, b, (int)b_n, left < 2 * MAX_LINE ? (int)left : 2 * MAX_LINE);
	}
	return apart <= limit && total ? (int)(10000 - apart * 10000 / total) : 0;
}

/* Empty lines around the search text, and whether enough is left of it. */
static bool trim(struct lines *wanted, struct match *out)
{
	size_t n;
	size_t n_lines = 0;
	size_t n_chars = 0;
	while (wanted->n && (line_at(wanted, 0, &n), !n)) {
		wanted->start++;
		wanted->n--;
		out->skip_first++;
	}
	while (wanted->n && (line_at(wanted, wanted->n - 1, &n), !n)) {
		wanted->n--;
		out->skip_last++;
	}
	for (size_t i = 0; i < wanted->n; i++) {
		const char *s = line_at(wanted, i, &n);
		n_lines += n > 0;
		for (size_t j = 0; j < n; j++)
			n_chars += s[j] != ' ' && s[j] != '\t';
	}
	return n_lines >= MIN_LINES && n_chars >= MIN_CHARS;
}

static void take_best(struct guessing *g, struct match *out)
{
	int best = 0;
	int second = 0;
	for (size_t at = 0; at + g->wanted.n <= g->file.n && g->work < MAX_WORK; at++) {
		int like = likeness(g, at);
		if (like > best) {
			second = best;
			best = like;
			out->line = at;
		} else if (like > second) {
			second = like;
		}
	}
	if (g->work >= MAX_WORK || best < LIKE_PERCENT * 100 || best - second < AHEAD_PERCENT * 100)
		return;
	out->rung = MATCH_FUZZY;
	out->n_lines = g->wanted.n;
	out->n_places = 1;
	out->place[0] = out->line;
}

void guess_find(struct match *out, const char *file, const struct line_index *index, const char *search, size_t n)
{
	struct line_index own;
	line_index_make(&own, search, n);
	struct guessing g = { .file = { file, index->start, index->n_lines }, .wanted = { search, own.start, own.n_lines } };
	*out = (struct match){ .rung = MATCH_NONE };
	if (trim(&g.wanted, out) && g.wanted.n <= g.file.n) {
		g.reach = xcalloc(MAX_LINE * 4 + 3, sizeof *g.reach);
		take_best(&g, out);
		free(g.reach);
	}
	line_index_release(&own);
}
