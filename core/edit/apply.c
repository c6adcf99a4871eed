#include "edit/apply.h"

#include "base/path.h"
#include "base/text.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/match.h"

#include <stdlib.h>
#include <string.h>

#define SHRINK_MIN_LINES 20 /* shorter files may shrink as they like */

/* A file while blocks are applied to it: the text so far. */
struct work {
	char *path;
	struct image before; /* borrowed from the set, or owned when `loaded` */
	bool loaded;
	struct buf text;
	bool touched;
};

struct applying {
	struct changeset *set;
	const struct apply_rules *rules;
	struct work *work;
	size_t n_works, cap_works;
	struct buf *feedback;
	struct err *err;
	size_t n_failed;
};

/* Says why a block cannot be used: the first reason is the error, all of them are the feedback. */
static void refuse(struct applying *a, const struct edit_block *block, enum err_code code, const char *why)
{
	if (!a->n_failed++)
		err_set(a->err, code, "the edit of '%.150s' at line %d of the answer %s", block->path, block->line, why);
	if (a->feedback)
		buf_printf(a->feedback, "The edit of %s (line %d of your answer) %s.\n", block->path, block->line, why);
}

static void show_lines(struct buf *out, const char *text, const struct line_index *index, size_t from, size_t n)
{
	for (size_t i = from; i < from + n && i < index->n_lines; i++) {
		size_t len = index->start[i + 1] - index->start[i];
		while (len && strchr("\r\n", text[index->start[i] + len - 1]))
			len--;
		buf_printf(out, "%6zu | %.*s\n", i + 1, (int)len, text + index->start[i]);
	}
}

static bool is_crlf(const struct buf *text)
{
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	return end && end > text->data && end[-1] == '\r';
}

/* The replacement in the file's own line ends. */
static void add_in_file_style(struct buf *out, const char *s, size_t n, bool crlf)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n')
			continue;
		if (s[i] == '\n' && crlf)
			buf_add_char(out, '\r');
		buf_add_char(out, s[i]);
	}
}

static void add_line_indented(struct buf *out, const char *s, size_t n, const struct match *match)
{
	size_t indent = strlen(match->indent);
	bool empty = n == 0 || s[0] == '\n' || (s[0] == '\r' && n > 1 && s[1] == '\n');
	if (!match->outdent && !empty)
		buf_add(out, match->indent, indent);
	if (match->outdent && n >= indent && memcmp(s, match->indent, indent) == 0) {
		s += indent;
		n -= indent;
	}
	buf_add(out, s, n);
}

/* The replacement as it goes into the file: without the empty lines that the search text had too much, and indented. */
static void shape_replacement(struct buf *out, const struct edit_block *block, const struct match *match)
{
	struct line_index index;
	line_index_make(&index, block->replace, block->replace_n);
	size_t first = 0;
	size_t last = index.n_lines;
	for (size_t i = 0; i < match->skip_first && first < last && index.start[first + 1] - index.start[first] <= 2; i++)
		first += strchr("\r\n", block->replace[index.start[first]]) != NULL;
	for (size_t i = 0; i < match->skip_last && last > first && index.start[last] - index.start[last - 1] <= 2; i++)
		last -= strchr("\r\n", block->replace[index.start[last - 1]]) != NULL;
	for (size_t i = first; i < last; i++) {
		const char *line = block->replace + index.start[i];
		size_t n = index.start[i + 1] - index.start[i];
		if (match->rung == MATCH_INDENT)
			add_line_indented(out, line, n, match);
		else
			buf_add(out, line, n);
	}
	line_index_release(&index);
}

static void splice(struct work *work, const struct line_index *index, const struct match *match,
                   const struct edit_block *block)
{
	struct buf shaped = { 0 };
	struct buf out = { 0 };
	size_t from = index->start[match->line];
	size_t to = index->start[match->line + match->n_lines];
	bool had_end = to > from && work->text.data[to - 1] == '\n';
	shape_replacement(&shaped, block, match);
	buf_add(&out, buf_str(&work->text), from);
	add_in_file_style(&out, buf_str(&shaped), shaped.len, is_crlf(&work->text));
	/* A last line without its end keeps being one. */
	if (!had_end && to == work->text.len && shaped.len && out.data[out.len - 1] == '\n')
		buf_truncate(&out, out.len - (out.len > 1 && out.data[out.len - 2] == '\r' ? 2 : 1));
	buf_add(&out, buf_str(&work->text) + to, work->text.len - to);
	buf_release(&shaped);
	buf_release(&work->text);
	work->text = out;
	work->touched = true;
}

static bool stands_once(const struct work *work, const char *text, size_t n)
{
	struct line_index index;
	struct match match;
	line_index_make(&index, buf_str(&work->text), work->text.len);
	match_find(&match, buf_str(&work->text), &index, text, n);
	line_index_release(&index);
	return n && match.rung != MATCH_NONE;
}

static void refuse_match(struct applying *a, const struct edit_block *block, const struct work *work,
                         const struct line_index *index, const struct match *match)
{
	if (match->n_places > 1) {
		refuse(a, block, ERR_ANSWER, "matches several places: it must match exactly one; add lines around it");
		for (size_t i = 0; a->feedback && i < match->n_places && i < 4; i++)
			show_lines(a->feedback, buf_str(&work->text), index, match->place[i], 2);
		return;
	}
	refuse(a, block, ERR_ANSWER, "matches nothing in the file; the nearest lines are shown to the model");
	if (!a->feedback)
		return;
	size_t near = match_nearest(buf_str(&work->text), index, block->search, block->search_n);
	buf_add_str(a->feedback, "The file has there:\n");
	show_lines(a->feedback, buf_str(&work->text), index, near > 3 ? near - 3 : 0, 14);
}

static void apply_search(struct applying *a, const struct edit_block *block, struct work *work)
{
	struct line_index index;
	struct match match;
	size_t blank = 0;
	while (blank < block->search_n && strchr(" \t\r\n", block->search[blank]))
		blank++;
	if (blank == block->search_n) {
		if (work->text.len) {
			refuse(a, block, ERR_ANSWER, "has an empty SEARCH part, but the file is not empty");
			return;
		}
		add_in_file_style(&work->text, block->replace, block->replace_n, false);
		work->touched = true;
		return;
	}
	line_index_make(&index, buf_str(&work->text), work->text.len);
	match_find(&match, buf_str(&work->text), &index, block->search, block->search_n);
	if (match.rung != MATCH_NONE)
		splice(work, &index, &match, block);
	else if (match.n_places || !stands_once(work, block->replace, block->replace_n))
		refuse_match(a, block, work, &index, &match);
	line_index_release(&index);
}

static size_t count_lines(const char *s, size_t n)
{
	size_t lines = 0;
	for (size_t i = 0; i < n; i++)
		lines += s[i] == '\n';
	return lines;
}

static void apply_whole(struct applying *a, const struct edit_block *block, struct work *work)
{
	size_t old_lines = count_lines(buf_str(&work->text), work->text.len);
	size_t new_lines = count_lines(block->replace, block->replace_n);
	if (!a->rules->may_shrink && old_lines >= SHRINK_MIN_LINES && new_lines * 10 < old_lines * 6) {
		refuse(a, block, ERR_ANSWER, "would shrink the file by 40% or more: parts seem to be missing");
		return;
	}
	bool crlf = is_crlf(&work->text);
	bool bom = work->text.len >= 3 && memcmp(work->text.data, "\xef\xbb\xbf", 3) == 0;
	struct buf out = { 0 };
	if (bom && (block->replace_n < 3 || memcmp(block->replace, "\xef\xbb\xbf", 3) != 0))
		buf_add(&out, "\xef\xbb\xbf", 3);
	add_in_file_style(&out, block->replace, block->replace_n, crlf);
	buf_release(&work->text);
	work->text = out;
	work->touched = true;
}

static bool contains(const char *s, size_t n, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= n; i++)
		if (strncasecmp(s + i, word, len) == 0)
			return true;
	return false;
}

/* A comment that stands for code that was left out; only when the file does not say so itself. */
static bool is_placeholder(const char *line, size_t n, const struct work *work)
{
	static const char *const phrase[] = {
		"rest of the code", "rest of the function", "rest of the file", "rest of the class", "existing code",
		"remaining code", "unchanged code", "code unchanged", "remains unchanged", "unchanged ...", "... unchanged",
		"same as before", "implementation here", "your code here", "previous code",
	};
	bool found = false;
	for (size_t i = 0; !found && i < sizeof phrase / sizeof *phrase; i++)
		found = contains(line, n, phrase[i]);
	size_t from = 0;
	while (from < n && strchr(" \t", line[from]))
		from++;
	bool comment = from < n && (strchr("#;%*", line[from]) || strncmp(line + from, "//", n - from < 2 ? 1 : 2) == 0 ||
	                            strncmp(line + from, "/*", 2) == 0 || strncmp(line + from, "--", 2) == 0 ||
	                            strncmp(line + from, "<!", 2) == 0 || strncmp(line + from, "...", 3) == 0);
	if (!found || !comment)
		return false;
	char *text = xstrndup(line, n);
	bool already = work->before.data && strstr(work->before.data, text);
	free(text);
	return !already;
}

static bool is_leftover_marker(const char *line, size_t n)
{
	return (n >= 14 && strncmp(line, "<<<<<<< SEARCH", 14) == 0) || (n >= 15 && strncmp(line, ">>>>>>> REPLACE", 15) == 0);
}

static bool check_replacement(struct applying *a, const struct edit_block *block, const struct work *work)
{
	for (size_t at = 0; at < block->replace_n;) {
		const char *line = block->replace + at;
		const char *end = memchr(line, '\n', block->replace_n - at);
		size_t n = end ? (size_t)(end - line) : block->replace_n - at;
		if (is_leftover_marker(line, n)) {
			refuse(a, block, ERR_ANSWER, "has an edit marker left in its text");
			return false;
		}
		if (is_placeholder(line, n, work)) {
			refuse(a, block, ERR_ANSWER, "leaves code out behind a comment: write the whole code");
			return false;
		}
		at += n + 1;
	}
	return true;
}

static struct work *add_work(struct applying *a, const char *path, const struct image *before, bool loaded)
{
	a->work = vec_room(a->work, a->n_works, &a->cap_works, sizeof *a->work);
	struct work *work = &a->work[a->n_works++];
	*work = (struct work){ .path = xstrdup(path), .before = *before, .loaded = loaded };
	if (before->data)
		buf_add(&work->text, before->data, (size_t)before->size);
	return work;
}

/* The file that a block names: one of the set, or another one where the rules allow that. */
static struct work *work_for(struct applying *a, const struct edit_block *block)
{
	char *path = NULL;
	struct err why = { 0 };
	struct work *work = NULL;
	struct image image = { 0 };
	if (path_normalise(block->path, &path, &why) != 0 || path_check_writable(path, &why) != 0) {
		refuse(a, block, ERR_ACCESS, "names a path where belay does not write");
		free(path);
		return NULL;
	}
	for (size_t i = 0; i < a->n_works && !work; i++)
		if (strcmp(a->work[i].path, path) == 0)
			work = &a->work[i];
	const struct change *change = work ? NULL : changeset_find(a->set, path);
	if (change)
		work = add_work(a, path, &change->before, false);
	if (!work && a->rules->load && a->rules->load(a->rules->arg, path, &image, &why) == 0)
		work = add_work(a, path, &image, true);
	if (!work)
		refuse(a, block, ERR_ANSWER, "is of a file that the step does not name");
	else if (work->before.kind == IMAGE_ABSENT && !a->rules->may_create)
		refuse(a, block, ERR_ANSWER, "is of a file that does not exist");
	else if (work->before.kind == IMAGE_LINK || work->before.spool ||
	         text_is_binary(buf_str(&work->text), work->text.len))
		refuse(a, block, ERR_ACCESS, "is of a file that is not plain text");
	free(path);
	return work;
}

static void apply_block(struct applying *a, const struct edit_block *block)
{
	size_t n_failed = a->n_failed;
	struct work *work = work_for(a, block);
	if (!work || a->n_failed > n_failed || !check_replacement(a, block, work))
		return;
	if (block->kind == EDIT_WHOLE_FILE)
		apply_whole(a, block, work);
	else
		apply_search(a, block, work);
}

static void commit(struct applying *a)
{
	for (size_t i = 0; i < a->set->n_changes; i++) {
		struct change *change = &a->set->change[i];
		image_release(&change->after);
		image_copy(&change->after, &change->before);
	}
	for (size_t i = 0; i < a->n_works; i++) {
		struct work *work = &a->work[i];
		if (!work->touched)
			continue;
		struct change *change = changeset_add(a->set, work->path);
		if (work->loaded) {
			change->before = work->before;
			work->before = (struct image){ 0 };
			work->loaded = false;
		}
		image_set_file(&change->after, buf_str(&work->text), work->text.len, change->before.mode);
	}
}

int apply_answer(struct changeset *set, const struct answer *answer, const struct apply_rules *rules,
                 struct buf *feedback, struct err *err)
{
	struct applying a = { .set = set, .rules = rules, .feedback = feedback, .err = err };
	for (size_t i = 0; i < answer->n_blocks; i++)
		apply_block(&a, &answer->block[i]);
	if (!a.n_failed)
		commit(&a);
	else if (feedback)
		buf_add_str(feedback, "Nothing of the answer was used. Send all edits again, with these corrected.\n");
	for (size_t i = 0; i < a.n_works; i++) {
		free(a.work[i].path);
		buf_release(&a.work[i].text);
		if (a.work[i].loaded)
			image_release(&a.work[i].before);
	}
	free(a.work);
	return a.n_failed ? -1 : 0;
}
