#include "edit/progress.h"

#include "base/path.h"
#include "base/text.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/answer.h"
#include "edit/block.h"
#include "edit/picture.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_AHEAD 400             /* old lines past the cursor that a whole file's next line is looked for in */
#define REFRESH_PART 100           /* the open block is compared again when it has grown by 1/100 */
#define MAX_WORK ((size_t)1 << 32) /* bytes compared; past that the picture is made once, at the end */
#define TEXT_MAX (64 * 1024 * 1024)

/* A file that the answer edits. */
struct file {
	char *path;
	struct buf given;             /* as the prompt showed it */
	struct line_index given_index;
	struct block_target target;   /* with the blocks so far */
	struct line_index index;      /* of target.text */
	struct line_diff diff;        /* given -> target.text */
	struct picture settled;       /* its rows */
	bool is_stale;                /* diff and settled are older than target.text */
	bool is_unindexed;            /* index is */
	bool is_new;                  /* there was none */
	bool is_made;                 /* a block has been applied */
};

/* The block that is coming in. */
struct open_block {
	size_t file;
	enum edit_kind kind;
	bool is_open;
	bool is_divided;           /* the search text is complete */
	bool is_placed;
	struct buf search, replace, shaped;
	size_t n_search;           /* lines */
	size_t n_replace;
	size_t n_shown;            /* new lines that the last comparison had */
	size_t cursor;             /* whole files: the old line that has been reached */
	size_t *candidate;         /* owned; lines where the search text may stand */
	size_t n_candidates, cap_candidates;
	size_t anchor;             /* the search line that the candidates are of: the first with text */
	bool has_anchor;
	struct match match;
	struct picture picture;
	size_t rows_above;         /* rows of the file's settled picture that stand above its own */
	bool is_dirty;
};

struct progress {
	int (*load)(void *arg, const char *path, struct buf *out);
	void *arg;
	struct answer_parser *parser;
	struct file *file; /* owned; by path */
	size_t n_files, cap_files;
	struct open_block block;
	char *path;        /* owned; of the block that came last */
	size_t focus_file; /* where the last change was: a file ... */
	size_t focus_line; /* ... and its new line, from 0 */
	size_t work;
	unsigned long version;
};

static void take_part(void *arg, const struct answer_part *part);

struct progress *progress_new(int (*load)(void *arg, const char *path, struct buf *out), void *arg)
{
	struct progress *p = xcalloc(1, sizeof *p);
	p->load = load;
	p->arg = arg;
	p->parser = answer_parser_new(take_part, p);
	return p;
}

static void close_block(struct progress *p)
{
	struct open_block *block = &p->block;
	buf_release(&block->search);
	buf_release(&block->replace);
	buf_release(&block->shaped);
	free(block->candidate);
	picture_release(&block->picture);
	*block = (struct open_block){ 0 };
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	close_block(p);
	answer_parser_free(p->parser);
	for (size_t i = 0; i < p->n_files; i++) {
		struct file *file = &p->file[i];
		free(file->path);
		buf_release(&file->given);
		buf_release(&file->target.text);
		line_index_release(&file->given_index);
		line_index_release(&file->index);
		line_diff_release(&file->diff);
		picture_release(&file->settled);
	}
	free(p->file);
	free(p->path);
	free(p);
}

static void load_file(struct progress *p, struct file *file)
{
	buf_init(&file->given, TEXT_MAX);
	file->is_new = p->load(p->arg, file->path, &file->given) != 0;
	if (file->is_new || file->given.truncated)
		buf_clear(&file->given);
	buf_add(&file->target.text, buf_str(&file->given), file->given.len);
	file->target.path = file->path;
	file->target.given = buf_str(&file->given);
	file->target.given_n = file->given.len;
	file->target.may_shrink = true;
	file->target.may_guess = true;
	line_index_make(&file->given_index, buf_str(&file->given), file->given.len);
	line_index_make(&file->index, buf_str(&file->given), file->given.len);
}

/* The file of a path, in its place among the others; loaded when it is new. */
static size_t file_of(struct progress *p, const char *answer_path)
{
	char *path = NULL;
	size_t i = 0;
	if (path_normalise(answer_path, &path, NULL) != 0)
		path = xstrdup(answer_path);
	while (i < p->n_files && strcmp(p->file[i].path, path) < 0)
		i++;
	if (i < p->n_files && strcmp(p->file[i].path, path) == 0) {
		free(path);
		return i;
	}
	p->file = vec_room(p->file, p->n_files, &p->cap_files, sizeof *p->file);
	memmove(&p->file[i + 1], &p->file[i], (p->n_files - i) * sizeof *p->file);
	p->n_files++;
	p->file[i] = (struct file){ .path = path };
	p->focus_file += p->focus_file >= i && p->n_files > 1;
	load_file(p, &p->file[i]);
	return i;
}

static void index_lines(struct file *file)
{
	if (!file->is_unindexed)
		return;
	file->is_unindexed = false;
	line_index_release(&file->index);
	line_index_make(&file->index, buf_str(&file->target.text), file->target.text.len);
}

/* Compares the file again after blocks have been applied. */
static void settle(struct progress *p, struct file *file)
{
	if (!file->is_stale)
		return;
	file->is_stale = false;
	index_lines(file);
	line_diff_release(&file->diff);
	line_diff_make(&file->diff, buf_str(&file->given), file->given.len, buf_str(&file->target.text),
	               file->target.text.len);
	picture_clear(&file->settled);
	picture_add_diff(&file->settled, &file->diff,
	                 &(struct picture_side){ buf_str(&file->given), &file->given_index, 0 },
	                 &(struct picture_side){ buf_str(&file->target.text), &file->index, 0 });
	p->work += file->given.len + file->target.text.len;
	p->version++;
}

/* The line of the given text that a line of the present one was; both from 1, 0: it is new. */
static size_t given_line(void *arg, size_t line)
{
	const struct file *file = arg;
	size_t low = 0;
	size_t high = file->diff.n_runs;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (file->diff.run[middle].new_at + file->diff.run[middle].new_n < line)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < file->diff.n_runs && line > file->diff.run[low].new_at)
		return 0;
	const struct diff_run *before = low ? &file->diff.run[low - 1] : NULL;
	return before ? line + before->old_at + before->old_n - before->new_at - before->new_n : line;
}

static const char *line_of(const struct buf *text, const struct line_index *index, size_t i, size_t *n)
{
	*n = index->start[i + 1] - index->start[i];
	return buf_str(text) + index->start[i];
}

static void trim(const char **s, size_t *n)
{
	while (*n && strchr(" \t\r\n", (*s)[*n - 1]))
		--*n;
	while (*n && strchr(" \t", **s)) {
		++*s;
		--*n;
	}
}

/* Lines that are the same but for white space at their ends: as near as any rung of the matching comes. */
static bool is_like(const struct file *file, size_t i, const char *line, size_t n)
{
	size_t own_n;
	const char *own = line_of(&file->target.text, &file->index, i, &own_n);
	trim(&own, &own_n);
	return own_n == n && memcmp(own, line, n) == 0;
}

/* A line of the search text: the places where it may stand become fewer. */
static void narrow(struct progress *p, const char *line, size_t n)
{
	struct open_block *block = &p->block;
	const struct file *file = &p->file[block->file];
	size_t nth = block->n_search - block->anchor;
	size_t kept = 0;
	trim(&line, &n);
	if (!block->has_anchor && !n)
		return;
	if (!block->has_anchor) {
		block->has_anchor = true;
		block->anchor = block->n_search;
		p->work += file->target.text.len;
		for (size_t i = 0; i < file->index.n_lines; i++) {
			if (!is_like(file, i, line, n))
				continue;
			block->candidate = vec_room(block->candidate, block->n_candidates, &block->cap_candidates,
			                            sizeof *block->candidate);
			block->candidate[block->n_candidates++] = i;
		}
		return;
	}
	for (size_t i = 0; i < block->n_candidates; i++) {
		size_t at = block->candidate[i] + nth;
		/* Empty lines at the end of a search text may be too many. */
		if (at < file->index.n_lines ? is_like(file, at, line, n) : !n)
			block->candidate[kept++] = block->candidate[i];
	}
	block->n_candidates = kept;
}

/* The whole search text is there: the place by the rules of the application. */
static void place(struct progress *p)
{
	struct open_block *block = &p->block;
	const struct file *file = &p->file[block->file];
	block->is_divided = true;
	block->is_dirty = true;
	p->work += file->target.text.len;
	if (block->search.len)
		match_find(&block->match, buf_str(&file->target.text), &file->index, block->search.data, block->search.len);
	block->is_placed = block->match.rung != MATCH_NONE || !file->target.text.len;
	if (block->match.rung == MATCH_NONE)
		block->match.n_lines = 0;
}

/* The open block against the lines that it replaces, or, before the divider, those that it seems to be about. */
static void show_search(struct progress *p)
{
	struct open_block *block = &p->block;
	struct file *file = &p->file[block->file];
	struct picture_side all = { buf_str(&file->target.text), &file->index, 0 };
	picture_clear(&block->picture);
	if (!block->is_divided) {
		size_t from = block->candidate[0] > PICTURE_CONTEXT ? block->candidate[0] - PICTURE_CONTEXT : 0;
		size_t to = block->candidate[0] + block->n_search - block->anchor;
		picture_add_equal(&block->picture, &all, from, (to < file->index.n_lines ? to : file->index.n_lines) - from);
		return;
	}
	struct line_diff diff;
	struct line_index old_index;
	struct line_index new_index;
	struct buf new_text = { 0 };
	size_t from = block->match.line > PICTURE_CONTEXT ? block->match.line - PICTURE_CONTEXT : 0;
	const char *old_text = all.text + file->index.start[from];
	size_t old_n = file->index.start[block->match.line + block->match.n_lines] - file->index.start[from];
	buf_add(&new_text, old_text, file->index.start[block->match.line] - file->index.start[from]);
	buf_add(&new_text, buf_str(&block->shaped), block->shaped.len);
	line_index_make(&old_index, old_text, old_n);
	line_index_make(&new_index, buf_str(&new_text), new_text.len);
	line_diff_make(&diff, old_text, old_n, buf_str(&new_text), new_text.len);
	picture_add_diff(&block->picture, &diff, &(struct picture_side){ old_text, &old_index, from },
	                 &(struct picture_side){ buf_str(&new_text), &new_index, from });
	p->work += old_n + new_text.len;
	line_diff_release(&diff);
	line_index_release(&old_index);
	line_index_release(&new_index);
	buf_release(&new_text);
}

/* Old lines that no new line has come to yet are not taken out: they stand behind the cursor. */
static void drop_unreached(struct line_diff *diff, size_t n_old, size_t *cursor)
{
	struct diff_run *last = diff->n_runs ? &diff->run[diff->n_runs - 1] : NULL;
	if (!last || last->old_at + last->old_n < n_old) {
		*cursor = n_old;
		return;
	}
	*cursor = last->old_at;
	last->old_n = 0;
	if (!last->new_n)
		diff->n_runs--;
}

/* A whole file so far, against the old one as far as it can have come. */
static void show_whole(struct progress *p)
{
	struct open_block *block = &p->block;
	struct file *file = &p->file[block->file];
	struct line_diff diff;
	struct line_index new_index;
	const struct buf *text = &block->shaped;
	size_t reach = block->cursor + (block->n_replace - block->n_shown) + LOOK_AHEAD;
	size_t n_old = reach < file->index.n_lines ? reach : file->index.n_lines;
	size_t old_n = file->index.start[n_old];
	struct line_index old_index = { file->index.start, n_old };
	line_index_make(&new_index, buf_str(text), text->len);
	line_diff_make(&diff, buf_str(&file->target.text), old_n, buf_str(text), text->len);
	drop_unreached(&diff, n_old, &block->cursor);
	old_index.n_lines = block->cursor;
	picture_clear(&block->picture);
	picture_add_diff(&block->picture, &diff, &(struct picture_side){ buf_str(&file->target.text), &old_index, 0 },
	                 &(struct picture_side){ buf_str(text), &new_index, 0 });
	p->work += old_n + text->len;
	line_diff_release(&diff);
	line_index_release(&new_index);
}

/* Settled rows that stand above the open block's: those of hunks that begin before it. */
static size_t rows_above(const struct picture *settled, const struct picture *live)
{
	size_t at = live->n_hunks ? live->hunk[0].new_at : 0;
	for (size_t i = 0; i < settled->n_rows; i++)
		if (settled->row[i].mark == PROGRESS_HUNK && settled->hunk[settled->row[i].at].new_at > at)
			return i;
	return settled->n_rows;
}

static void refresh_block(struct progress *p)
{
	struct open_block *block = &p->block;
	block->is_dirty = false;
	if (!block->is_placed)
		picture_clear(&block->picture);
	else if (block->kind == EDIT_WHOLE_FILE)
		show_whole(p);
	else
		show_search(p);
	block->rows_above = rows_above(&p->file[block->file].settled, &block->picture);
	picture_renumber(&block->picture, given_line, &p->file[block->file]);
	block->n_shown = block->n_replace;
	p->version++;
}

/* What has changed is compared again, once for all that came in with one call. */
static void refresh(struct progress *p)
{
	if (p->work > MAX_WORK)
		return;
	for (size_t i = 0; i < p->n_files; i++)
		settle(p, &p->file[i]);
	if (p->block.is_open && p->block.is_dirty)
		refresh_block(p);
}

static void begin(struct progress *p, const struct answer_part *part)
{
	close_block(p);
	p->block.file = file_of(p, part->path);
	struct file *file = &p->file[p->block.file];
	index_lines(file);
	p->block.kind = part->edit;
	buf_add(&p->block.search, part->text, part->n); /* a symbol's name: where it is shows once it is complete */
	p->block.is_open = true;
	p->block.is_placed = part->edit == EDIT_WHOLE_FILE;
	p->block.match.rung = MATCH_NONE;
	free(p->path);
	p->path = xstrdup(file->path);
	p->version++;
}

static void old_line(struct progress *p, const struct answer_part *part)
{
	struct open_block *block = &p->block;
	buf_add(&block->search, part->text, part->n);
	if (p->work <= MAX_WORK)
		narrow(p, part->text, part->n);
	block->n_search++;
	block->is_placed = block->n_candidates == 1;
	block->is_dirty = true;
}

/* The line as the application will put it in: indented, with the file's line end. */
static void shape_line(struct progress *p, const char *line, size_t n)
{
	struct open_block *block = &p->block;
	const struct buf *text = &p->file[block->file].target.text;
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	bool crlf = end && end > text->data && end[-1] == '\r';
	while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	block_add_line(&block->shaped, line, n, &block->match);
	buf_add_str(&block->shaped, crlf ? "\r\n" : "\n");
}

static void new_line(struct progress *p, const struct answer_part *part)
{
	struct open_block *block = &p->block;
	size_t shaped_at = block->shaped.len;
	buf_add(&block->replace, part->text, part->n);
	shape_line(p, part->text, part->n);
	block->n_replace++;
	if (!block->is_placed)
		return;
	size_t since = block->n_replace - block->n_shown;
	if (since > (block->n_replace + block->match.n_lines + block->cursor) / REFRESH_PART) {
		block->is_dirty = true;
	} else if (!block->is_dirty) {
		picture_add_new(&block->picture, buf_str(&block->shaped) + shaped_at, block->shaped.len - shaped_at,
		                (block->kind == EDIT_WHOLE_FILE ? 0 : block->match.line) + block->n_replace - 1);
		p->version++;
	}
}

/* The block is complete: it is applied as the real application does it, and its rows become the file's. */
static void end(struct progress *p)
{
	struct open_block *block = &p->block;
	struct file *file = &p->file[block->file];
	struct match match;
	struct edit_block edit = {
		.kind = block->kind,
		.path = file->path,
		.search = block->search.len ? block->search.data : (char *)"",
		.search_n = block->search.len,
		.replace = block->replace.len ? block->replace.data : (char *)"",
		.replace_n = block->replace.len,
	};
	if (block_apply(&file->target, &edit, &match) == BLOCK_DONE)
		file->is_stale = file->is_unindexed = file->is_made = true;
	p->focus_file = block->file;
	p->focus_line = (block->kind == EDIT_WHOLE_FILE ? 0 : match.line) + (block->n_replace ? block->n_replace - 1 : 0);
	p->work += 2 * file->target.text.len;
	close_block(p);
}

static void take_part(void *arg, const struct answer_part *part)
{
	struct progress *p = arg;
	if (part->kind != ANSWER_BLOCK_BEGIN && !p->block.is_open)
		return;
	switch (part->kind) {
	case ANSWER_PROSE:
		break;
	case ANSWER_BLOCK_BEGIN:
		begin(p, part);
		break;
	case ANSWER_OLD_LINE:
		old_line(p, part);
		break;
	case ANSWER_DIVIDER:
		place(p);
		break;
	case ANSWER_NEW_LINE:
		new_line(p, part);
		break;
	case ANSWER_BLOCK_END:
		if (part->dropped)
			close_block(p);
		else
			end(p);
		p->version++;
		break;
	}
}

void progress_feed(struct progress *p, const char *text, size_t n)
{
	answer_parser_feed(p->parser, text, n);
	refresh(p);
}

void progress_finish(struct progress *p)
{
	struct answer answer;
	answer_parser_finish(p->parser, &answer);
	answer_release(&answer);
	close_block(p);
	for (size_t i = 0; i < p->n_files; i++)
		settle(p, &p->file[i]);
	p->version++;
}

static size_t live_rows(const struct progress *p, size_t file)
{
	return p->block.is_open && p->block.file == file ? p->block.picture.n_rows : 0;
}

/* Rows of one file, with its title; none when nothing of it changes and no block of it is open. */
static size_t file_rows(const struct progress *p, size_t i)
{
	size_t n = p->file[i].settled.n_rows + live_rows(p, i);
	bool is_open = p->block.is_open && p->block.file == i;
	return n || is_open || (p->file[i].is_new && p->file[i].is_made) ? n + 1 : 0;
}

size_t progress_n_lines(const struct progress *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_files; i++)
		n += file_rows(p, i);
	return n;
}

void progress_line(const struct progress *p, size_t i, struct progress_line *out)
{
	size_t k = 0;
	while (k < p->n_files && i >= file_rows(p, k))
		i -= file_rows(p, k++);
	if (k == p->n_files) {
		*out = (struct progress_line){ .text = "" };
		return;
	}
	const struct file *file = &p->file[k];
	if (i-- == 0) {
		*out = (struct progress_line){ .mark = PROGRESS_FILE, .text = file->path, .n = strlen(file->path) };
		return;
	}
	size_t live = live_rows(p, k);
	size_t above = live ? p->block.rows_above : file->settled.n_rows;
	if (i < above)
		picture_line(&file->settled, i, out);
	else if (i < above + live)
		picture_line(&p->block.picture, i - above, out);
	else
		picture_line(&file->settled, i - live, out);
}

const char *progress_path(const struct progress *p)
{
	return p->path ? p->path : "";
}

bool progress_is_placed(const struct progress *p)
{
	return p->block.is_open && p->block.is_placed;
}

/* The row of a file's settled picture that shows a new line, or the nearest one before it. */
static size_t settled_row(const struct file *file, size_t new_line)
{
	size_t best = 0;
	for (size_t i = 0; i < file->settled.n_rows; i++)
		if (file->settled.row[i].new_line && file->settled.row[i].new_line <= new_line + 1)
			best = i;
	return best;
}

size_t progress_focus(const struct progress *p)
{
	size_t n = 0;
	size_t wanted = p->block.is_open ? p->block.file : p->focus_file;
	for (size_t i = 0; i < p->n_files && i < wanted; i++)
		n += file_rows(p, i);
	if (wanted >= p->n_files || !file_rows(p, wanted))
		return n ? n - 1 : 0;
	const struct file *file = &p->file[wanted];
	size_t live = live_rows(p, wanted);
	if (live)
		return n + p->block.rows_above + live;
	return n + (file->settled.n_rows ? 1 + settled_row(file, p->focus_line) : 0);
}

unsigned long progress_version(const struct progress *p)
{
	return p->version;
}
