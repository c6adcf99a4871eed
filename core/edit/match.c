#include "edit/match.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLACES (sizeof((struct match *)0)->place / sizeof(size_t))
#define MAX_CHECKS 100000 /* lines that are compared to see whether an indentation changes all alike */

struct lines {
	const char *text;
	const size_t *start;
	size_t n;
};

static const char *line_at(const struct lines *lines, size_t i, size_t *n)
{
	*n = lines->start[i + 1] - lines->start[i];
	return lines->text + lines->start[i];
}

static size_t without_blanks(const char *s, size_t n)
{
	while (n && strchr(" \t\r\n", s[n - 1]))
		n--;
	return n;
}

static size_t without_end(const char *s, size_t n)
{
	return n && s[n - 1] == '\n' ? n - 1 : n;
}

static size_t indent_of(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && (s[i] == ' ' || s[i] == '\t'))
		i++;
	return i;
}

/* A code point that typography puts for a plain one: its bytes, and what it stands for. */
static const char *plain_form(const char *s, size_t n, size_t *len)
{
	static const struct { const char *from, *to; } row[] = {
		{ "\xe2\x80\x98", "'" }, { "\xe2\x80\x99", "'" }, { "\xe2\x80\x9c", "\"" }, { "\xe2\x80\x9d", "\"" },
		{ "\xe2\x80\x93", "-" }, { "\xe2\x80\x94", "-" }, { "\xe2\x80\x91", "-" }, { "\xe2\x88\x92", "-" },
		{ "\xe2\x80\xa6", "..." }, { "\xe2\x80\xaf", " " }, { "\xc2\xa0", " " },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		*len = strlen(row[i].from);
		if (n >= *len && memcmp(s, row[i].from, *len) == 0)
			return row[i].to;
	}
	return NULL;
}

static void fold_line(struct buf *out, const char *s, size_t n)
{
	buf_clear(out);
	for (size_t i = 0; i < n;) {
		size_t len;
		const char *plain = (unsigned char)s[i] >= 0x80 ? plain_form(s + i, n - i, &len) : NULL;
		if (plain)
			buf_add_str(out, plain);
		else
			buf_add_char(out, s[i]);
		i += plain ? len : 1;
	}
}

/* The part of a line that a rung compares; `room` holds it where it is no part of the line itself. */
static const char *seen_by(enum match_rung rung, const char *s, size_t *n, struct buf *room)
{
	if (rung == MATCH_EXACT) {
		*n = without_end(s, *n);
		return s;
	}
	*n = without_blanks(s, *n);
	if (rung == MATCH_INDENT) {
		size_t indent = indent_of(s, *n);
		*n -= indent;
		return s + indent;
	}
	if (rung != MATCH_FOLDED)
		return s;
	fold_line(room, s, *n);
	*n = without_blanks(buf_str(room), room->len);
	return buf_str(room);
}

static uint64_t hash_bytes(const char *s, size_t n)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)s[i]) * 1099511628211u;
	return hash ^ hash >> 29;
}

/* One number a line: equal for lines that the rung takes for equal. */
static uint64_t *keys_of(const struct lines *lines, enum match_rung rung)
{
	uint64_t *key = xcalloc(lines->n + 1, sizeof *key);
	struct buf room = { 0 };
	for (size_t i = 0; i < lines->n; i++) {
		size_t n;
		const char *s = line_at(lines, i, &n);
		s = seen_by(rung, s, &n, &room);
		key[i] = hash_bytes(s, n);
	}
	buf_release(&room);
	return key;
}

/* For each line of the search text, where the search goes on when the next line does not match (Knuth, Morris, Pratt). */
static size_t *fallbacks_of(const uint64_t *key, size_t n)
{
	size_t *back = xcalloc(n + 1, sizeof *back);
	size_t k = 0;
	for (size_t i = 1; i < n; i++) {
		while (k && key[i] != key[k])
			k = back[k - 1];
		k += key[i] == key[k];
		back[i] = k;
	}
	return back;
}

static bool stands_at(const struct lines *file, size_t at, const struct lines *search, enum match_rung rung)
{
	struct buf a_room = { 0 };
	struct buf b_room = { 0 };
	bool same = true;
	for (size_t i = 0; same && i < search->n; i++) {
		size_t a_n;
		size_t b_n;
		const char *a = line_at(file, at + i, &a_n);
		const char *b = line_at(search, i, &b_n);
		a = seen_by(rung, a, &a_n, &a_room);
		b = seen_by(rung, b, &b_n, &b_room);
		same = a_n == b_n && memcmp(a, b, a_n) == 0;
	}
	buf_release(&a_room);
	buf_release(&b_room);
	return same;
}

/* How one line of the file is indented against the block's: by white space that the other has not in front. */
static bool read_indent(const char *a, size_t a_indent, const char *b, size_t b_indent, struct match *out)
{
	out->outdent = a_indent < b_indent;
	const char *longer = out->outdent ? b : a;
	size_t more = out->outdent ? b_indent - a_indent : a_indent - b_indent;
	size_t less = out->outdent ? a_indent : b_indent;
	/* The shorter indentation must end the longer one, so that the difference stands in front. */
	if (!more || more >= sizeof out->indent || memcmp(longer + more, out->outdent ? a : b, less) != 0)
		return false;
	memcpy(out->indent, longer, more);
	out->indent[more] = '\0';
	return true;
}

/* Spaces of the block for each tab of the file; 0 when it is not so many for all of them. */
static size_t read_tabs(const char *a, size_t a_indent, const char *b, size_t b_indent)
{
	for (size_t i = 0; i < a_indent; i++)
		if (a[i] != '\t')
			return 0;
	for (size_t i = 0; i < b_indent; i++)
		if (b[i] != ' ')
			return 0;
	return a_indent && b_indent % a_indent == 0 ? b_indent / a_indent : 0;
}

/*
 * One change of indentation for all lines of the place: a piece of white space in front of the file's or of the
 * block's, or tabs for so many spaces.
 */
static bool stands_indented(const struct lines *file, size_t at, const struct lines *search, struct match *out)
{
	bool by_indent = true;
	bool known = false;
	size_t tabs = 0;
	bool by_tabs = true;
	out->spaces_per_tab = 0;
	for (size_t i = 0; i < search->n && (by_indent || by_tabs); i++) {
		struct match line = { 0 };
		size_t a_n;
		size_t b_n;
		const char *a = line_at(file, at + i, &a_n);
		const char *b = line_at(search, i, &b_n);
		a_n = without_blanks(a, a_n);
		b_n = without_blanks(b, b_n);
		if (!a_n && !b_n)
			continue;
		size_t a_indent = indent_of(a, a_n);
		size_t b_indent = indent_of(b, b_n);
		if (a_n - a_indent != b_n - b_indent || memcmp(a + a_indent, b + b_indent, a_n - a_indent) != 0)
			return false;
		size_t spaces = read_tabs(a, a_indent, b, b_indent);
		if (a_indent || b_indent) {
			by_tabs = by_tabs && spaces && (!tabs || tabs == spaces);
			tabs = spaces;
		}
		by_indent = by_indent && read_indent(a, a_indent, b, b_indent, &line) &&
		            (!known || (out->outdent == line.outdent && strcmp(out->indent, line.indent) == 0));
		if (by_indent && !known) {
			out->outdent = line.outdent;
			memcpy(out->indent, line.indent, sizeof out->indent);
		}
		known = true;
	}
	if (!by_indent && by_tabs)
		out->spaces_per_tab = tabs;
	return known && (by_indent || (by_tabs && tabs > 1));
}

static void add_place(struct match *out, size_t at, const struct lines *search, const struct match *found)
{
	out->place[out->n_places] = at;
	if (!out->n_places++) {
		out->line = at;
		out->n_lines = search->n;
		out->outdent = found->outdent;
		out->spaces_per_tab = found->spaces_per_tab;
		memcpy(out->indent, found->indent, sizeof out->indent);
	}
}

static void try_rung(struct match *out, const struct lines *file, const struct lines *search, enum match_rung rung)
{
	struct match found = { .rung = MATCH_NONE };
	size_t k = 0;
	size_t checks = 0;
	out->n_places = 0;
	if (!search->n || search->n > file->n)
		return;
	uint64_t *in_file = keys_of(file, rung);
	uint64_t *wanted = keys_of(search, rung);
	size_t *back = fallbacks_of(wanted, search->n);
	for (size_t i = 0; i < file->n && out->n_places < MAX_PLACES && checks < MAX_CHECKS; i++) {
		while (k && in_file[i] != wanted[k])
			k = back[k - 1];
		k += in_file[i] == wanted[k];
		if (k < search->n)
			continue;
		size_t at = i + 1 - search->n;
		k = back[k - 1];
		checks += rung == MATCH_INDENT ? search->n : 0;
		if (rung == MATCH_INDENT ? stands_indented(file, at, search, &found) : stands_at(file, at, search, rung))
			add_place(out, at, search, &found);
	}
	if (out->n_places == 1 && checks < MAX_CHECKS)
		out->rung = rung;
	free(in_file);
	free(wanted);
	free(back);
}

static void trim_empty_lines(struct lines *search, struct match *out)
{
	size_t n;
	const char *s;
	while (search->n && (s = line_at(search, 0, &n), !without_blanks(s, n))) {
		search->start++;
		search->n--;
		out->skip_first++;
	}
	while (search->n && (s = line_at(search, search->n - 1, &n), !without_blanks(s, n))) {
		search->n--;
		out->skip_last++;
	}
}

void match_find(struct match *out, const char *file, const struct line_index *index, const char *search, size_t n)
{
	struct line_index own;
	struct lines in_file = { file, index->start, index->n_lines };
	*out = (struct match){ .rung = MATCH_NONE };
	line_index_make(&own, search, n);
	struct lines wanted = { search, own.start, own.n_lines };
	for (enum match_rung rung = MATCH_EXACT; rung <= MATCH_FOLDED && !out->n_places; rung++) {
		if (rung == MATCH_TRIMMED)
			trim_empty_lines(&wanted, out);
		try_rung(out, &in_file, &wanted, rung);
	}
	line_index_release(&own);
}

/* Lines of the search text that stand near `at`, without their indentation. */
static size_t score_at(const struct lines *file, size_t at, const struct lines *search)
{
	size_t score = 0;
	for (size_t i = 0; i < search->n && at + i < file->n && i < 50; i++) {
		size_t a_n;
		size_t b_n;
		const char *a = line_at(file, at + i, &a_n);
		const char *b = line_at(search, i, &b_n);
		a_n = without_blanks(a, a_n);
		b_n = without_blanks(b, b_n);
		size_t a_indent = indent_of(a, a_n);
		size_t b_indent = indent_of(b, b_n);
		if (b_n > b_indent && a_n - a_indent == b_n - b_indent && memcmp(a + a_indent, b + b_indent, a_n - a_indent) == 0)
			score += 2 + (i == 0);
	}
	return score;
}

size_t match_nearest(const char *file, const struct line_index *index, const char *search, size_t n)
{
	struct line_index own;
	struct lines in_file = { file, index->start, index->n_lines };
	size_t best = 0;
	size_t best_score = 0;
	line_index_make(&own, search, n);
	struct lines wanted = { search, own.start, own.n_lines };
	for (size_t at = 0; at < in_file.n; at++) {
		size_t score = score_at(&in_file, at, &wanted);
		if (score > best_score) {
			best = at;
			best_score = score;
		}
	}
	line_index_release(&own);
	return best;
}
