/*
 * A model's prose as lines, from its Markdown. Markdown looks back: the lines of a paragraph, a list or a table are known
 * when it is over. So the source is kept from the last line at which a block begins that nothing above can reach (after an
 * empty line, at the left edge, outside code and no item of a list), and drawn again as it grows.
 */
#include "tui/transcript_impl.h"

#include "base/vec.h"
#include "tui/markdown.h"

#include <stdlib.h>
#include <string.h>

#define SOURCE_MAX (32 * 1024) /* of one block; a longer one goes on as another */

static void open_prose(struct transcript *self)
{
	struct prose *prose = &self->prose;
	if (prose->open)
		return;
	prose->open = true;
	prose->first = self->n_lines;
	prose->text_at = self->text.len;
	prose->span_at = self->n_spans;
}

/* ---- lines ---- */

static void take_line(void *arg, const struct markdown_line *line)
{
	struct transcript *self = arg;
	if (self->prose.gap && self->prose.first > 0 && self->n_lines == self->prose.first)
		transcript_add_line(self, LINE_MODEL, "", 0);
	transcript_add_line(self, LINE_MODEL, line->text, line->n);
	struct line *own = &self->line[self->n_lines - 1];
	own->role = line->role;
	own->gutter_n = line->gutter_n;
	own->n_spans = line->n_spans;
	for (size_t i = 0; i < line->n_spans; i++) {
		self->span = vec_room(self->span, self->n_spans, &self->cap_spans, sizeof *self->span);
		self->span[self->n_spans++] = line->span[i];
	}
}

static void draw(struct transcript *self)
{
	struct prose *prose = &self->prose;
	self->n_lines = prose->first;
	self->n_spans = prose->span_at;
	buf_truncate(&self->text, prose->text_at);
	markdown_render(buf_str(&prose->source), prose->source.len, take_line, self);
	prose->stale = false;
}

void prose_settle(struct transcript *self)
{
	struct prose *prose = &self->prose;
	size_t whole = prose->source.len;
	if (!prose->open || !prose->stale)
		return;
	buf_add(&prose->source, buf_str(&self->tail), self->tail.len);
	draw(self);
	buf_truncate(&prose->source, whole);
}

void prose_show_tail(struct transcript *self)
{
	open_prose(self);
	self->prose.stale = true;
}

void prose_close(struct transcript *self)
{
	struct prose *prose = &self->prose;
	if (!prose->open)
		return;
	draw(self); /* without the line that is being written: it comes again once it is whole */
	if (self->n_lines > prose->first)
		prose->gap = false;
	prose->gap = prose->gap || prose->blank;
	prose->open = prose->blank = false;
	prose->fence = 0;
	buf_clear(&prose->source);
	transcript_drop_old(self);
}

void prose_end(struct transcript *self)
{
	prose_close(self);
	self->prose.gap = self->prose.fenced_block = false;
}

/* ---- where a block begins and ends ---- */

/* Backticks or tildes of a fence at the start of a line; 0: it is none. */
static size_t fence_of(const char *text, size_t n, char *fence)
{
	size_t at = 0;
	while (at < n && at < 3 && text[at] == ' ')
		at++;
	size_t from = at;
	*fence = at < n ? text[at] : 0;
	while (at < n && text[at] == *fence)
		at++;
	if ((*fence != '`' && *fence != '~') || at - from < 3)
		return 0;
	return *fence == '`' && memchr(text + at, '`', n - at) ? 0 : at - from;
}

static bool is_blank(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr(" \t\r\n", text[i]))
			return false;
	return true;
}

/* A closing fence has nothing behind it. */
static bool is_bare_fence(const char *text, size_t n)
{
	char fence;
	size_t width = fence_of(text, n, &fence);
	const char *at = width ? memchr(text, fence, n) : NULL;
	return at && is_blank(at + width, n - (size_t)(at + width - text));
}

static void follow_fence(struct prose *prose, const char *text, size_t n)
{
	char fence;
	size_t width = fence_of(text, n, &fence);
	if (!width)
		return;
	if (!prose->fence) {
		prose->fence = fence;
		prose->fence_n = width;
	} else if (fence == prose->fence && width >= prose->fence_n && is_bare_fence(text, n)) {
		prose->fence = 0;
	}
}

/* An item of a list goes on with the list above, however far above. */
static bool is_item(const char *text, size_t n)
{
	size_t digits = 0;
	while (digits < n && text[digits] >= '0' && text[digits] <= '9')
		digits++;
	return strchr("-*+", text[0]) || (digits && digits < n && strchr(".)", text[digits]));
}

static bool begins_anew(const struct prose *prose, const char *text, size_t n)
{
	return prose->open && prose->blank && !prose->fence && !is_blank(text, n) && !strchr(" \t", text[0]) &&
	       !is_item(text, n);
}

/* The block is long enough; code goes on as code. */
static void cut(struct transcript *self)
{
	struct prose *prose = &self->prose;
	char fence = prose->fence;
	size_t fence_n = prose->fence_n;
	prose_close(self);
	if (!fence)
		return;
	open_prose(self);
	for (size_t i = 0; i < fence_n; i++)
		buf_add_char(&prose->source, fence);
	buf_add_char(&prose->source, '\n');
	prose->fence = fence;
	prose->fence_n = fence_n;
	prose->stale = true;
}

void prose_add(struct transcript *self, const char *text, size_t n)
{
	struct prose *prose = &self->prose;
	char fence;
	if (n && text[n - 1] == '\n')
		n--;
	if (prose->fenced_block && !prose->fence && fence_of(text, n, &fence)) {
		prose->fenced_block = false;
		if (is_bare_fence(text, n))
			return;
	}
	if (begins_anew(prose, text, n) || prose->source.len > SOURCE_MAX)
		cut(self);
	open_prose(self);
	follow_fence(prose, text, n);
	prose->blank = is_blank(text, n);
	if (prose->blank && !prose->source.len)
		prose->gap = true;
	buf_add(&prose->source, text, n);
	buf_add_char(&prose->source, '\n');
	prose->stale = true;
}

/* Where the last line of the source that is not blank begins; its length in *n. */
static size_t last_line(const struct prose *prose, size_t *n)
{
	const char *text = buf_str(&prose->source);
	size_t end = prose->source.len;
	while (end && is_blank(text + end - 1, 1))
		end--;
	const char *above = end ? memrchr(text, '\n', end) : NULL;
	size_t at = above ? (size_t)(above + 1 - text) : 0;
	*n = end - at;
	return at;
}

static void cut_source(struct prose *prose, size_t at)
{
	buf_truncate(&prose->source, at);
	const char *text = buf_str(&prose->source);
	prose->blank = at > 0 && (at < 2 || text[at - 2] == '\n');
}

void prose_begin_block(struct transcript *self, const char *path)
{
	struct prose *prose = &self->prose;
	size_t n;
	char fence;
	if (prose->open) {
		size_t at = last_line(prose, &n);
		if (prose->fence && fence_of(buf_str(&prose->source) + at, n, &fence)) {
			prose->fenced_block = true;
			cut_source(prose, at);
			at = last_line(prose, &n);
		}
		if (n && n <= strlen(path) + 8 && memmem(buf_str(&prose->source) + at, n, path, strlen(path)))
			cut_source(prose, at);
		prose_close(self);
	}
	if (prose->gap && self->n_lines)
		transcript_add_line(self, LINE_MODEL, "", 0);
	prose->gap = false;
}
