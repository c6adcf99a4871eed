#include "tui/transcript.h"

#include "base/buf.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/answer.h"
#include "edit/textdiff.h"
#include "tui/transcript_impl.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (1024 * 1024)
#define LIVE_BLOCK_MAX (32 * 1024) /* a larger search text is shown as it comes, without comparing */
#define BLOCK_MAX (16 * 1024 * 1024)
#define LINE_MAX_BYTES (64 * 1024) /* a longer line of output goes on as another line */
#define RATE_MIN_MS 500

struct transcript *transcript_new(void)
{
	struct transcript *transcript = xcalloc(1, sizeof *transcript);
	buf_init(&transcript->tail, LINE_MAX_BYTES);
	buf_init(&transcript->block.old_text, BLOCK_MAX);
	buf_init(&transcript->block.new_text, BLOCK_MAX);
	return transcript;
}

void transcript_free(struct transcript *transcript)
{
	if (!transcript)
		return;
	answer_parser_free(transcript->parser);
	buf_release(&transcript->tail);
	buf_release(&transcript->prose.source);
	free(transcript->span);
	buf_release(&transcript->block.old_text);
	buf_release(&transcript->block.new_text);
	buf_release(&transcript->text);
	free(transcript->line);
	free(transcript);
}

int64_t transcript_rate(const struct transcript *transcript)
{
	int64_t ms = transcript->model_last_ms - transcript->model_first_ms;
	return ms < RATE_MIN_MS ? 0 : transcript->model_bytes * 250 / ms;
}

/* Half of the lines go at once, so that this is rare. A block that streams stays whole. */
void transcript_drop_old(struct transcript *self)
{
	size_t drop = self->n_lines / 2;
	if (self->text.len < TEXT_MAX || (self->block.open && drop > self->block.first) || self->prose.open || !drop)
		return;
	size_t bytes = self->line[drop].at;
	size_t spans = self->line[drop].span_at;
	buf_consume(&self->text, bytes);
	self->n_lines -= drop;
	self->n_spans -= spans;
	memmove(self->line, self->line + drop, self->n_lines * sizeof *self->line);
	if (self->n_spans)
		memmove(self->span, self->span + spans, self->n_spans * sizeof *self->span);
	for (size_t i = 0; i < self->n_lines; i++) {
		self->line[i].at -= bytes;
		self->line[i].span_at -= spans;
	}
	self->dropped += drop;
	if (self->block.open) {
		self->block.first -= drop;
		self->block.text_at -= bytes;
	}
}

void transcript_add_line(struct transcript *self, enum line_kind kind, const char *text, size_t n)
{
	self->line = vec_room(self->line, self->n_lines, &self->cap_lines, sizeof *self->line);
	self->line[self->n_lines++] = (struct line){ .at = self->text.len, .n = n, .kind = kind, .span_at = self->n_spans };
	buf_add(&self->text, text, n);
	self->line_open = false;
}

void transcript_add_text(struct transcript *self, enum line_kind kind, const char *text, size_t n)
{
	prose_close(self);
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;
		struct line *last = self->n_lines ? &self->line[self->n_lines - 1] : NULL;
		if (self->line_open && last->kind == kind && last->n < LINE_MAX_BYTES) {
			buf_add(&self->text, text + at, len);
			last->n += len;
		} else {
			transcript_add_line(self, kind, text + at, len);
		}
		self->line_open = !end;
		at += len + (end != NULL);
	}
	transcript_drop_old(self);
}

/* ---- edit blocks ---- */

static void add_lines_of(struct transcript *self, enum line_kind kind, const char *text, const struct line_index *index,
                         size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		size_t n = index->start[i + 1] - index->start[i];
		if (n && text[index->start[i] + n - 1] == '\n')
			n--;
		transcript_add_line(self, kind, text + index->start[i], n);
	}
}

/* The block as a diff of its two halves. Until it ends, each new line at the end stands for one old line, and the old
 * lines after that are context: they may yet come again. */
static void draw_block(struct transcript *self, bool ended)
{
	struct block *block = &self->block;
	struct line_diff diff;
	struct line_index old_lines, new_lines;
	const char *old_text = buf_str(&block->old_text);
	const char *new_text = buf_str(&block->new_text);
	size_t at = 0;
	self->n_lines = block->first;
	buf_truncate(&self->text, block->text_at);
	block->stale = false;
	line_diff_make(&diff, old_text, block->old_text.len, new_text, block->new_text.len);
	line_index_make(&old_lines, old_text, block->old_text.len);
	line_index_make(&new_lines, new_text, block->new_text.len);
	for (size_t i = 0; i < diff.n_runs; i++) {
		const struct diff_run *run = &diff.run[i];
		bool tail = !ended && run->old_at + run->old_n == old_lines.n_lines;
		size_t removed = tail && run->old_n > run->new_n ? run->new_n : run->old_n;
		add_lines_of(self, LINE_CONTEXT, old_text, &old_lines, at, run->old_at);
		at = run->old_at + removed;
		add_lines_of(self, LINE_REMOVED, old_text, &old_lines, run->old_at, at);
		add_lines_of(self, LINE_ADDED, new_text, &new_lines, run->new_at, run->new_at + run->new_n);
	}
	add_lines_of(self, LINE_CONTEXT, old_text, &old_lines, at, old_lines.n_lines);
	line_diff_release(&diff);
	line_index_release(&old_lines);
	line_index_release(&new_lines);
}

/* Brings the lines of the open block up to date, with the line that is being written. */
static void settle(struct transcript *self)
{
	struct block *block = &self->block;
	size_t whole = block->new_text.len;
	prose_settle(self);
	if (!block->open || !block->stale)
		return;
	if (self->tail.len && strspn(buf_str(&self->tail), "<=>`") < 3)
		buf_add(&block->new_text, self->tail.data, self->tail.len);
	draw_block(self, false);
	buf_truncate(&block->new_text, whole);
}

static void begin_block(struct transcript *self, const struct answer_part *part)
{
	const char *path = part->path ? part->path : "";
	bool again = self->block.open && self->block.first == self->n_lines;
	if (!again) {
		prose_begin_block(self, path);
		transcript_add_line(self, LINE_FILE, path, strlen(path));
	} else { /* what a fence holds is an edit after all: the fence that closes it is no prose */
		self->prose.fenced_block = true;
	}
	buf_clear(&self->block.old_text);
	buf_clear(&self->block.new_text);
	self->line_open = false;
	self->block.open = true;
	self->block.stale = false;
	self->block.halves = part->edit == EDIT_SEARCH_REPLACE;
	self->block.writing = !self->block.halves;
	self->block.first = self->n_lines;
	self->block.text_at = self->text.len;
}

static bool is_compared(const struct block *block)
{
	return block->halves && block->old_text.len + block->new_text.len < LIVE_BLOCK_MAX;
}

static void add_block_line(struct transcript *self, const struct answer_part *part)
{
	struct block *block = &self->block;
	bool is_new = part->kind == ANSWER_NEW_LINE;
	size_t n = part->n && part->text[part->n - 1] == '\n' ? part->n - 1 : part->n;
	if (block->halves) {
		struct buf *half = is_new ? &block->new_text : &block->old_text;
		buf_add(half, part->text, n);
		buf_add_char(half, '\n');
	}
	if (is_new && is_compared(block))
		block->stale = true;
	else
		transcript_add_line(self, is_new ? LINE_ADDED : LINE_CONTEXT, part->text, n);
}

static void end_block(struct transcript *self)
{
	if (self->block.halves)
		draw_block(self, true);
	self->block.open = false;
	transcript_drop_old(self);
}

static void take_part(void *arg, const struct answer_part *part)
{
	struct transcript *self = arg;
	switch (part->kind) {
	case ANSWER_PROSE: prose_add(self, part->text, part->n); break;
	case ANSWER_BLOCK_BEGIN: begin_block(self, part); break;
	case ANSWER_OLD_LINE:
	case ANSWER_NEW_LINE: add_block_line(self, part); break;
	case ANSWER_DIVIDER: self->block.writing = true; break;
	case ANSWER_BLOCK_END: end_block(self); break;
	}
}

/* ---- the answer ---- */

/* The line that is being written is shown at once, though what it is will be known only at its end. */
static void show_tail(struct transcript *self)
{
	const char *tail = buf_str(&self->tail);
	struct block *block = &self->block;
	if (!self->tail.len || strspn(tail, "<=>`") >= 3)
		return;
	if (block->open && block->writing && is_compared(block)) {
		block->stale = true;
		return;
	}
	if (!block->open) {
		prose_show_tail(self);
		return;
	}
	self->tail_shown = true;
	transcript_add_line(self, block->writing ? LINE_ADDED : LINE_CONTEXT, tail, self->tail.len);
}

void transcript_hide_tail(struct transcript *self)
{
	struct line *last = self->n_lines ? &self->line[self->n_lines - 1] : NULL;
	if (self->tail_shown) {
		buf_truncate(&self->text, last->at);
		self->n_lines--;
	}
	self->tail_shown = false;
}

void transcript_add_answer(struct transcript *self, int64_t at_ms, const char *text, size_t n)
{
	const char *last = n ? memrchr(text, '\n', n) : NULL;
	if (!self->parser)
		self->parser = answer_parser_new(take_part, self);
	if (self->model_first_ms)
		self->model_bytes += (int64_t)n;
	else
		self->model_first_ms = at_ms;
	self->model_last_ms = at_ms;
	answer_parser_feed(self->parser, text, n);
	if (last)
		buf_clear(&self->tail);
	size_t keep = last ? n - (size_t)(last + 1 - text) : n;
	buf_add(&self->tail, text + (n - keep), keep);
	show_tail(self);
}

void transcript_end_answer(struct transcript *self)
{
	struct answer answer = { 0 };
	buf_clear(&self->tail);
	if (self->parser) {
		answer_parser_finish(self->parser, &answer);
		answer_release(&answer);
		answer_parser_free(self->parser);
	}
	self->parser = NULL;
	settle(self); /* an answer that was cut ends within its block */
	prose_end(self);
	self->block.open = false;
	self->line_open = false;
}

size_t transcript_first(struct transcript *transcript)
{
	settle(transcript);
	return transcript->dropped;
}

size_t transcript_end(struct transcript *transcript)
{
	settle(transcript);
	return transcript->dropped + transcript->n_lines;
}

void transcript_line(struct transcript *transcript, size_t i, struct transcript_line *out)
{
	const struct line *line = &transcript->line[i - transcript->dropped];
	*out = (struct transcript_line){ .kind = line->kind,
		                         .text = buf_str(&transcript->text) + line->at,
		                         .n = line->n,
		                         .gutter_n = line->gutter_n,
		                         .role = line->role,
		                         .span = transcript->span ? transcript->span + line->span_at : NULL,
		                         .n_spans = line->n_spans };
}
