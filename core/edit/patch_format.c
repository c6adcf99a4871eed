/* Change sets as unified diffs that git and patch read. */
#include "edit/textdiff.h"

#include "base/text.h"
#include "base/xalloc.h"
#include "edit/patch_binary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A name as git writes it: quoted in C style when it holds a quote, a backslash, a control or a non-ASCII byte. */
static void add_name(struct buf *out, const char *prefix, const char *path)
{
	bool quote = false;
	for (const char *s = path; *s; s++)
		quote = quote || (unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f || *s == '"' || *s == '\\';
	if (!quote) {
		buf_printf(out, "%s%s", prefix, path);
		return;
	}
	buf_printf(out, "\"%s", prefix);
	for (const char *s = path; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\n')
			buf_add_str(out, "\\n");
		else if (c == '\t')
			buf_add_str(out, "\\t");
		else if (c < 0x20 || c >= 0x7f)
			buf_printf(out, "\\%03o", c);
		else
			buf_add_char(out, (char)c);
	}
	buf_add_char(out, '"');
}

/* A name in the "---" and "+++" lines ends with a tab when it has a space, so that patch reads it whole. */
static void add_name_line(struct buf *out, const char *sign, const char *prefix, const char *path, bool present)
{
	buf_printf(out, "%s ", sign);
	if (!present) {
		buf_add_str(out, "/dev/null\n");
		return;
	}
	add_name(out, prefix, path);
	buf_add_str(out, strchr(path, ' ') ? "\t\n" : "\n");
}

static unsigned git_mode(const struct image *image)
{
	if (image->kind == IMAGE_LINK)
		return 0120000;
	return image->mode & 0111 ? 0100755 : 0100644;
}

static void add_line(struct buf *out, char sign, const char *text, const struct line_index *index, size_t line)
{
	size_t n = index->start[line + 1] - index->start[line];
	buf_add_char(out, sign);
	buf_add(out, text + index->start[line], n);
	if (!n || text[index->start[line] + n - 1] != '\n')
		buf_add_str(out, "\n\\ No newline at end of file\n");
}

struct sides {
	const char *old_text, *new_text;
	struct line_index old_index, new_index;
	const struct line_diff *diff;
	size_t context;
};

static void add_range(struct buf *out, char sign, size_t at, size_t n)
{
	buf_printf(out, " %c%zu", sign, n ? at + 1 : at);
	if (n != 1)
		buf_printf(out, ",%zu", n);
}

/* The runs [first, last] as one hunk: they are less than two contexts apart. */
static void add_hunk(struct buf *out, const struct sides *s, size_t first, size_t last)
{
	const struct diff_run *run = s->diff->run;
	size_t old_from = run[first].old_at > s->context ? run[first].old_at - s->context : 0;
	size_t new_from = run[first].new_at - (run[first].old_at - old_from);
	size_t old_to = run[last].old_at + run[last].old_n + s->context;
	if (old_to > s->old_index.n_lines)
		old_to = s->old_index.n_lines;
	size_t new_to = run[last].new_at + run[last].new_n + (old_to - run[last].old_at - run[last].old_n);
	buf_add_str(out, "@@");
	add_range(out, '-', old_from, old_to - old_from);
	add_range(out, '+', new_from, new_to - new_from);
	buf_add_str(out, " @@\n");
	size_t old_at = old_from;
	for (size_t i = first; i <= last; i++) {
		for (; old_at < run[i].old_at; old_at++)
			add_line(out, ' ', s->old_text, &s->old_index, old_at);
		for (; old_at < run[i].old_at + run[i].old_n; old_at++)
			add_line(out, '-', s->old_text, &s->old_index, old_at);
		for (size_t j = run[i].new_at; j < run[i].new_at + run[i].new_n; j++)
			add_line(out, '+', s->new_text, &s->new_index, j);
	}
	for (; old_at < old_to; old_at++)
		add_line(out, ' ', s->old_text, &s->old_index, old_at);
}

static void add_hunks(struct buf *out, const struct sides *s)
{
	const struct line_diff *diff = s->diff;
	for (size_t i = 0; i < diff->n_runs;) {
		size_t last = i;
		while (last + 1 < diff->n_runs &&
		       diff->run[last + 1].old_at - (diff->run[last].old_at + diff->run[last].old_n) <= 2 * s->context)
			last++;
		add_hunk(out, s, i, last);
		i = last + 1;
	}
}

static const char *text_of(const struct image *image, size_t *n)
{
	*n = image->kind == IMAGE_ABSENT || !image->data ? 0 : (size_t)image->size;
	return *n ? image->data : "";
}

static bool is_opaque(const struct image *image)
{
	return image->spool || (image->kind == IMAGE_FILE && image->data && text_is_binary(image->data, (size_t)image->size));
}

static void add_texts(struct buf *out, const struct change *change, size_t context)
{
	struct line_diff diff;
	size_t old_n;
	size_t new_n;
	struct sides sides = { .diff = &diff, .context = context };
	sides.old_text = text_of(&change->before, &old_n);
	sides.new_text = text_of(&change->after, &new_n);
	line_diff_make(&diff, sides.old_text, old_n, sides.new_text, new_n);
	if (diff.n_runs) {
		line_index_make(&sides.old_index, sides.old_text, old_n);
		line_index_make(&sides.new_index, sides.new_text, new_n);
		add_name_line(out, "---", "a/", change->path, change->before.kind != IMAGE_ABSENT);
		add_name_line(out, "+++", "b/", change->path, change->after.kind != IMAGE_ABSENT);
		add_hunks(out, &sides);
		line_index_release(&sides.old_index);
		line_index_release(&sides.new_index);
	}
	line_diff_release(&diff);
}

/* git writes a change of kind (file to link) as a deletion and a creation. */
static void add_change(struct buf *out, const struct change *change, size_t context, bool for_git)
{
	const struct image *before = &change->before;
	const struct image *after = &change->after;
	if (before->kind != IMAGE_ABSENT && after->kind != IMAGE_ABSENT && before->kind != after->kind) {
		struct change gone = { change->path, *before, { 0 } };
		struct change made = { change->path, { 0 }, *after };
		add_change(out, &gone, context, for_git);
		add_change(out, &made, context, for_git);
		return;
	}
	buf_add_str(out, "diff --git ");
	add_name(out, "a/", change->path);
	buf_add_char(out, ' ');
	add_name(out, "b/", change->path);
	buf_add_char(out, '\n');
	if (before->kind == IMAGE_ABSENT)
		buf_printf(out, "new file mode %06o\n", git_mode(after));
	else if (after->kind == IMAGE_ABSENT)
		buf_printf(out, "deleted file mode %06o\n", git_mode(before));
	else if (git_mode(before) != git_mode(after))
		buf_printf(out, "old mode %06o\nnew mode %06o\n", git_mode(before), git_mode(after));
	if (for_git)
		patch_add_index(out, change);
	if (!is_opaque(before) && !is_opaque(after)) {
		add_texts(out, change, context);
		return;
	}
	if (for_git) {
		patch_add_binary(out, change);
		return;
	}
	buf_add_str(out, "Binary files ");
	if (before->kind == IMAGE_ABSENT)
		buf_add_str(out, "/dev/null");
	else
		add_name(out, "a/", change->path);
	buf_add_str(out, " and ");
	if (after->kind == IMAGE_ABSENT)
		buf_add_str(out, "/dev/null");
	else
		add_name(out, "b/", change->path);
	buf_add_str(out, " differ\n");
}

void changeset_format_patch(struct buf *out, const struct changeset *set, size_t context_lines)
{
	for (size_t i = 0; i < set->n_changes; i++)
		add_change(out, &set->change[i], context_lines, false);
}

void changeset_format_git_patch(struct buf *out, const struct changeset *set, size_t context_lines)
{
	for (size_t i = 0; i < set->n_changes; i++)
		add_change(out, &set->change[i], context_lines, true);
}

void change_count_lines(const struct change *change, long *added, long *removed)
{
	struct line_diff diff;
	size_t old_n;
	size_t new_n;
	*added = *removed = -1;
	if (is_opaque(&change->before) || is_opaque(&change->after))
		return;
	const char *old_text = text_of(&change->before, &old_n);
	const char *new_text = text_of(&change->after, &new_n);
	line_diff_make(&diff, old_text, old_n, new_text, new_n);
	*added = (long)diff.added;
	*removed = (long)diff.removed;
	line_diff_release(&diff);
}
