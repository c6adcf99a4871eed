#include "edit/match.h"

#include <string.h>

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

static bool lines_equal(const char *a, size_t a_n, const char *b, size_t b_n, enum match_rung rung)
{
	if (rung == MATCH_EXACT) {
		a_n = without_end(a, a_n);
		b_n = without_end(b, b_n);
	} else {
		a_n = without_blanks(a, a_n);
		b_n = without_blanks(b, b_n);
	}
	return a_n == b_n && memcmp(a, b, a_n) == 0;
}

static bool stands_at(const struct lines *file, size_t at, const struct lines *search, enum match_rung rung)
{
	for (size_t i = 0; i < search->n; i++) {
		size_t a_n;
		size_t b_n;
		const char *a = line_at(file, at + i, &a_n);
		const char *b = line_at(search, i, &b_n);
		if (!lines_equal(a, a_n, b, b_n, rung))
			return false;
	}
	return true;
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

static void try_rung(struct match *out, const struct lines *file, const struct lines *search, enum match_rung rung)
{
	struct match found = { .rung = MATCH_NONE };
	out->n_places = 0;
	for (size_t at = 0; search->n && at + search->n <= file->n; at++) {
		bool stands = rung == MATCH_INDENT ? stands_indented(file, at, search, &found)
		                                   : stands_at(file, at, search, rung == MATCH_TRIMMED ? MATCH_BLANKS : rung);
		if (!stands)
			continue;
		if (out->n_places < sizeof out->place / sizeof *out->place)
			out->place[out->n_places] = at;
		if (!out->n_places++) {
			out->line = at;
			out->n_lines = search->n;
			out->outdent = found.outdent;
			out->spaces_per_tab = found.spaces_per_tab;
			memcpy(out->indent, found.indent, sizeof out->indent);
		}
	}
	if (out->n_places == 1)
		out->rung = rung;
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
	for (enum match_rung rung = MATCH_EXACT; rung < MATCH_NONE && !out->n_places; rung++) {
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
