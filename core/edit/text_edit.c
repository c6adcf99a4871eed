#include "edit/text_edit.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* UTF-16 units of the code point at s, and its bytes. */
static size_t units_at(const char *s, size_t n, size_t *bytes)
{
	int32_t cp;
	*bytes = text_decode(s, n, &cp);
	return cp > 0xffff ? 2 : 1;
}

int64_t text_place_find(const char *text, size_t n, struct text_place place)
{
	size_t at = 0;
	if (place.line < 0 || place.unit < 0)
		return -1;
	for (int64_t line = 0; line < place.line; line++) {
		const char *end = memchr(text + at, '\n', n - at);
		if (!end)
			return -1;
		at = (size_t)(end - text) + 1;
	}
	for (int64_t unit = 0; unit < place.unit && at < n && text[at] != '\n';) {
		size_t bytes;
		unit += (int64_t)units_at(text + at, n - at, &bytes);
		at += bytes;
	}
	return (int64_t)at;
}

struct text_place text_place_of(const char *text, size_t n, size_t byte)
{
	struct text_place place = { 0 };
	size_t start = 0;
	for (const char *end; (end = memchr(text + start, '\n', byte - start)); place.line++)
		start = (size_t)(end - text) + 1;
	while (start < byte) {
		size_t bytes;
		place.unit += (int64_t)units_at(text + start, n - start, &bytes);
		start += bytes;
	}
	return place;
}

static int compare(const void *a, const void *b)
{
	const struct text_edit *one = a;
	const struct text_edit *two = b;
	if (one->start != two->start)
		return one->start < two->start ? -1 : 1;
	return one->end < two->end ? -1 : one->end > two->end;
}

static int place_edits(const char *text, size_t n, struct text_edit *edit, size_t n_edits, struct err *err)
{
	for (size_t i = 0; i < n_edits; i++) {
		int64_t start = text_place_find(text, n, edit[i].from);
		int64_t end = text_place_find(text, n, edit[i].to);
		if (start < 0 || end < start)
			return err_set(err, ERR_ANSWER, "an edit is of line %lld, which the text does not have",
			               (long long)edit[i].from.line + 1);
		edit[i].start = (size_t)start;
		edit[i].end = (size_t)end;
	}
	qsort(edit, n_edits, sizeof *edit, compare);
	for (size_t i = 1; i < n_edits; i++)
		if (edit[i].start < edit[i - 1].end || (edit[i].start == edit[i - 1].start && edit[i].end == edit[i - 1].end))
			return err_set(err, ERR_ANSWER, "two edits of line %lld overlap", (long long)edit[i].from.line + 1);
	return 0;
}

int text_edits_apply(const char *text, size_t n, struct text_edit *edit, size_t n_edits, struct buf *out,
                     struct err *err)
{
	size_t done = 0;
	if (place_edits(text, n, edit, n_edits, err) != 0)
		return -1;
	for (size_t i = 0; i < n_edits; i++) {
		buf_add(out, text + done, edit[i].start - done);
		buf_add(out, edit[i].text, edit[i].n);
		done = edit[i].end;
	}
	buf_add(out, text + done, n - done);
	return 0;
}
