#include "tui/plain_lines.h"

#include "base/buf.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 4000 /* a longer line is told in pieces */

static struct buf *open_line(struct plain_lines *lines, const char *step)
{
	struct buf *open = map_get(&lines->open, step);
	if (!open) {
		open = xcalloc(1, sizeof *open);
		map_put(&lines->open, step, open);
	}
	return open;
}

static void tell(struct plain_lines *lines, const char *step, struct buf *open)
{
	lines->line(lines->arg, step, buf_str(open));
	buf_clear(open);
}

void plain_lines_add(struct plain_lines *lines, const char *step, const char *text, size_t n)
{
	struct buf *open = open_line(lines, step);
	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;
		buf_add(open, text, len);
		if (end || open->len > LINE_MAX_BYTES)
			tell(lines, step, open);
		len += end != NULL;
		text += len;
		n -= len;
	}
}

void plain_lines_end(struct plain_lines *lines, const char *step)
{
	struct buf *open = map_remove(&lines->open, step);
	if (!open)
		return;
	if (open->len)
		tell(lines, step, open);
	buf_release(open);
	free(open);
}

void plain_lines_release(struct plain_lines *lines)
{
	const struct map_entry *entry;
	for (size_t i = 0; (entry = map_next(&lines->open, &i));) {
		buf_release(entry->value);
		free(entry->value);
	}
	map_release(&lines->open);
}
