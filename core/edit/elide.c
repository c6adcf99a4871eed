#include "edit/elide.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* A text that is read from line to line. */
struct reading {
	const char *text;
	size_t n, at;
};

static bool is_blank(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && strchr(" \t\r\n", s[i]) && s[i])
		i++;
	return i == n;
}

static bool is_left_out(const char *line, size_t n)
{
	static const char *const dots[] = { "...", "\xe2\x80\xa6" };
	while (n && strchr(" \t", *line) && *line) {
		line++;
		n--;
	}
	for (size_t i = 0; i < sizeof dots / sizeof *dots; i++) {
		size_t len = strlen(dots[i]);
		if (n >= len && memcmp(line, dots[i], len) == 0 && is_blank(line + len, n - len))
			return true;
	}
	return false;
}

/* The lines up to the next that stands for others; *is_last when none comes. */
static const char *next_piece(struct reading *reading, size_t *n, bool *is_last)
{
	const char *piece = reading->text + reading->at;
	*n = 0;
	*is_last = true;
	while (*is_last && reading->at < reading->n) {
		const char *line = reading->text + reading->at;
		const char *end = memchr(line, '\n', reading->n - reading->at);
		size_t len = end ? (size_t)(end - line) + 1 : reading->n - reading->at;
		reading->at += len;
		*is_last = !is_left_out(line, len);
		*n += *is_last ? len : 0;
	}
	return piece;
}

static size_t count_pieces(const char *text, size_t n)
{
	struct reading reading = { text, n, 0 };
	size_t n_pieces = 0;
	for (bool is_last = false; !is_last; n_pieces++) {
		size_t len;
		next_piece(&reading, &len, &is_last);
	}
	return n_pieces;
}

bool elide_read(struct elide *out, const struct edit_block *block)
{
	struct reading old = { block->search, block->search_n, 0 };
	struct reading new = { block->replace, block->replace_n, 0 };
	size_t n = count_pieces(old.text, old.n);
	*out = (struct elide){ 0 };
	if (n < 2 || n != count_pieces(new.text, new.n))
		return false;
	out->piece = xcalloc(n, sizeof *out->piece);
	bool is_sound = true;
	for (bool is_last = false; !is_last;) {
		struct edit_block *piece = &out->piece[out->n_pieces];
		bool same;
		*piece = (struct edit_block){ .kind = EDIT_SEARCH_REPLACE, .path = block->path, .line = block->line };
		piece->search = (char *)next_piece(&old, &piece->search_n, &is_last);
		piece->replace = (char *)next_piece(&new, &piece->replace_n, &same);
		if (!is_blank(piece->search, piece->search_n))
			out->n_pieces++;
		else /* new lines beside nothing have no place */
			is_sound = is_sound && is_blank(piece->replace, piece->replace_n);
	}
	if (is_sound && out->n_pieces)
		return true;
	elide_release(out);
	return false;
}

void elide_release(struct elide *elide)
{
	free(elide->piece);
	*elide = (struct elide){ 0 };
}
