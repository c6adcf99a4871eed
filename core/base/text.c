#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define BINARY_PROBE 8000

size_t text_decode(const char *s, size_t n, int32_t *cp)
{
	utf8proc_int32_t got;
	unsigned char first = (unsigned char)s[0];
	if (first < 0x80) {
		*cp = first;
		return 1;
	}
	utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)s, n > 4 ? 4 : (utf8proc_ssize_t)n, &got);
	if (used <= 0 || got < 0) {
		*cp = -1;
		return 1;
	}
	*cp = got;
	return (size_t)used;
}

size_t text_encode(int32_t cp, char out[4])
{
	utf8proc_ssize_t n = utf8proc_encode_char(cp, (utf8proc_uint8_t *)out);
	return n > 0 ? (size_t)n : 0;
}

bool text_is_utf8(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		int32_t cp;
		if ((unsigned char)s[i] < 0x80) {
			i++;
			continue;
		}
		i += text_decode(s + i, n - i, &cp);
		if (cp < 0)
			return false;
	}
	return true;
}

static size_t sequence_length(unsigned char first)
{
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 1;
}

size_t text_whole_prefix(const char *s, size_t n)
{
	for (size_t back = 1; back <= 3 && back <= n; back++) {
		unsigned char c = (unsigned char)s[n - back];
		if (c < 0x80)
			return n;
		if (c >= 0xc0)
			return sequence_length(c) > back ? n - back : n;
	}
	return n;
}

void text_fold(struct buf *out, const char *s, size_t n)
{
	utf8proc_uint8_t *mapped = NULL;
	utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &mapped,
	                                    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
	if (len >= 0)
		buf_add(out, mapped, (size_t)len);
	for (size_t i = 0; len < 0 && i < n; i++)
		buf_add_char(out, s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] - 'A' + 'a') : s[i]);
	free(mapped);
}

bool text_is_binary(const char *s, size_t n)
{
	return n && memchr(s, 0, n < BINARY_PROBE ? n : BINARY_PROBE) != NULL;
}

int text_cp_width(int32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return -1;
	if (cp < 0x300)
		return 1;
	return utf8proc_charwidth(cp);
}

size_t text_width(const char *s, size_t n)
{
	size_t used;
	text_fit(s, n, (size_t)-1, &used);
	return used;
}

size_t text_fit(const char *s, size_t n, size_t cells, size_t *used)
{
	size_t at = 0;
	size_t width = 0;
	while (at < n) {
		int32_t cp;
		size_t len = text_decode(s + at, n - at, &cp);
		int w = cp < 0 ? 1 : text_cp_width(cp);
		if (w < 0)
			w = 0;
		if (width + (size_t)w > cells)
			break;
		width += (size_t)w;
		at += len;
	}
	*used = width;
	return at;
}

size_t text_grapheme(const char *s, size_t n)
{
	int32_t cp;
	utf8proc_int32_t state = 0;
	size_t at = text_decode(s, n, &cp);
	while (at < n && cp >= 0) {
		int32_t next;
		size_t len = text_decode(s + at, n - at, &next);
		if (next < 0 || utf8proc_grapheme_break_stateful(cp, next, &state))
			break;
		at += len;
		cp = next;
	}
	return at;
}

/* Bidirectional controls, zero-width and invisible characters, variation selectors, tags, and the
 * code points that no text has (private use is left to the terminal's font). */
static bool is_deceptive(int32_t cp)
{
	static const struct { int32_t first, last; } range[] = {
		{ 0xad, 0xad },     { 0x34f, 0x34f },   { 0x61c, 0x61c },     { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};
	for (size_t i = 0; i < sizeof range / sizeof *range; i++)
		if (cp >= range[i].first && cp <= range[i].last)
			return true;
	return false;
}

static bool is_regional(int32_t cp)
{
	return cp >= 0x1f1e6 && cp <= 0x1f1ff;
}

static bool is_emoji_modifier(int32_t cp)
{
	return cp >= 0x1f3fb && cp <= 0x1f3ff;
}

/* Does the cluster's width differ between terminals: joined, with a variation selector, modified, or a flag? */
static bool is_uncertain_cluster(const char *s, size_t n, size_t first_len, int32_t first)
{
	if (n > first_len && is_regional(first))
		return true;
	for (size_t at = first_len; at < n;) {
		int32_t cp;
		at += text_decode(s + at, n - at, &cp);
		if (cp == 0x200d || cp == 0xfe0e || cp == 0xfe0f || is_emoji_modifier(cp))
			return true;
	}
	return false;
}

struct sanitiser {
	struct buf *out;
	unsigned flags;
	size_t column;
};

static void put(struct sanitiser *self, const char *s, size_t n, size_t cells)
{
	buf_add(self->out, s, n);
	self->column += cells;
}

static void put_token(struct sanitiser *self, const char *fmt, unsigned value)
{
	char token[16];
	int n = snprintf(token, sizeof token, fmt, value);
	put(self, token, (size_t)n, (size_t)n);
}

static void put_control(struct sanitiser *self, int32_t cp)
{
	if (cp == '\n' && self->flags & TEXT_KEEP_NEWLINES) {
		buf_add_char(self->out, '\n');
		self->column = 0;
	} else if (cp == '\t' && self->flags & TEXT_KEEP_TABS) {
		put(self, "\t", 1, 8 - self->column % 8);
	} else if (cp == '\t' && self->flags & TEXT_EXPAND_TABS) {
		size_t cells = 8 - self->column % 8;
		put(self, "        ", cells, cells);
	} else if (cp < 0x20 || cp == 0x7f) {
		char token[2] = { '^', (char)(cp ^ 0x40) };
		put(self, token, 2, 2);
	} else {
		put_token(self, "<%02x>", (unsigned)cp);
	}
}

/* A cluster that begins with a printable, not deceptive code point. Returns the bytes used. */
static size_t put_cluster(struct sanitiser *self, const char *s, size_t n, size_t len, int32_t cp)
{
	size_t cluster = text_grapheme(s, n);
	int width = text_cp_width(cp);
	if (self->flags & TEXT_ASCII) {
		put(self, cp < 0x80 ? s : "?", 1, 1); /* a letter stays, without its accents */
		return cluster;
	}
	if (is_uncertain_cluster(s, cluster, len, cp)) {
		if (self->flags & TEXT_UNICODE_NATIVE) {
			put(self, s, cluster, width > 0 ? (size_t)width : 0);
			return cluster;
		}
		put(self, s, len, width > 0 ? (size_t)width : 0);
		put(self, "~", 1, 1);
		return cluster;
	}
	if (utf8proc_category(cp) == UTF8PROC_CATEGORY_CN || utf8proc_category(cp) == UTF8PROC_CATEGORY_CS) {
		put_token(self, "<U+%04X>", (unsigned)cp);
		return len;
	}
	put(self, s, len, width > 0 ? (size_t)width : 0);
	return len;
}

static size_t sanitise_one(struct sanitiser *self, const char *s, size_t n)
{
	int32_t cp;
	size_t len = text_decode(s, n, &cp);
	if (cp < 0) {
		put_token(self, "<%02x>", (unsigned char)s[0]);
		return 1;
	}
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
		put_control(self, cp);
		return len;
	}
	if (is_deceptive(cp)) {
		put_token(self, "<U+%04X>", (unsigned)cp);
		return len;
	}
	return put_cluster(self, s, n, len, cp);
}

void text_sanitise(struct buf *out, const char *s, size_t n, unsigned flags)
{
	struct sanitiser self = { .out = out, .flags = flags };
	for (size_t at = 0; at < n;) {
		size_t run = at;
		while (run < n && (unsigned char)s[run] >= 0x20 && (unsigned char)s[run] < 0x7f)
			run++;
		/* The last ASCII character may be the base of a cluster. */
		if (run < n && run > at && (unsigned char)s[run] >= 0x80)
			run--;
		if (run > at) {
			put(&self, s + at, run - at, run - at);
			at = run;
			continue;
		}
		at += sanitise_one(&self, s + at, n - at);
	}
}

#define MAX_WORD 64

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;
	return m < c ? m : c;
}

/* Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
size_t text_distance(const char *a, const char *b, size_t limit)
{
	size_t row[3][MAX_WORD + 1];
	size_t n_a = strlen(a);
	size_t n_b = strlen(b);
	if (n_a > MAX_WORD || n_b > MAX_WORD || (n_a > n_b ? n_a - n_b : n_b - n_a) > limit)
		return strcmp(a, b) == 0 ? 0 : limit + 1;
	for (size_t j = 0; j <= n_b; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n_a; i++) {
		size_t *now = row[i % 3];
		size_t *before = row[(i - 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= n_b; j++) {
			now[j] = min3(before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    row[(i - 2) % 3][j - 2] + 1 < now[j])
				now[j] = row[(i - 2) % 3][j - 2] + 1;
		}
	}
	size_t distance = row[n_a % 3][n_b];
	return distance > limit ? limit + 1 : distance;
}

const char *text_nearest(const char *word, const char *const *words, size_t n)
{
	size_t best = strlen(word) < 4 ? 2 : strlen(word) / 3 + 2;
	const char *nearest = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t distance = text_distance(word, words[i], best);
		if (distance < best) {
			best = distance;
			nearest = words[i];
		}
	}
	return nearest;
}
