#include "edit/apply.h"

#include "base/path.h"
#include "base/text.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/block.h"
#include "edit/match.h"

#include <stdlib.h>
#include <string.h>

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

static void show_places(struct applying *a, const struct work *work, const struct match *match)
{
	struct line_index index;
	line_index_make(&index, buf_str(&work->text), work->text.len);
	for (size_t i = 0; i < match->n_places && i < 4; i++)
		show_lines(a->feedback, buf_str(&work->text), &index, match->place[i], 2);
	line_index_release(&index);
}

static void show_nearest(struct applying *a, const struct work *work, const struct edit_block *block)
{
	struct line_index index;
	line_index_make(&index, buf_str(&work->text), work->text.len);
	size_t near = match_nearest(buf_str(&work->text), &index, block->search, block->search_n);
	buf_add_str(a->feedback, "The file has there:\n");
	show_lines(a->feedback, buf_str(&work->text), &index, near > 3 ? near - 3 : 0, 14);
	line_index_release(&index);
}

static void tell_result(struct applying *a, const struct edit_block *block, const struct work *work,
                        enum block_result result, const struct match *match)
{
	static const char *const why[] = {
		[BLOCK_NOWHERE] = "matches nothing in the file; the nearest lines are shown to the model",
		[BLOCK_SEVERAL] = "matches several places: it must match exactly one; add lines around it",
		[BLOCK_NOT_EMPTY] = "has an empty SEARCH part, but the file is not empty",
		[BLOCK_SHRINKS] = "would shrink the file by 40% or more: parts seem to be missing",
		[BLOCK_MARKER] = "has an edit marker left in its text",
		[BLOCK_PLACEHOLDER] = "leaves code out behind a comment: write the whole code",
	};
	if (result == BLOCK_DONE || result == BLOCK_THERE)
		return;
	refuse(a, block, ERR_ANSWER, result == BLOCK_FLAWED ? block->flaw : why[result]);
	if (a->feedback && result == BLOCK_SEVERAL)
		show_places(a, work, match);
	else if (a->feedback && result == BLOCK_NOWHERE)
		show_nearest(a, work, block);
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
	struct match match;
	if (!work || a->n_failed > n_failed)
		return;
	struct block_target target = {
		.text = work->text,
		.given = work->before.data,
		.given_n = work->before.data ? (size_t)work->before.size : 0,
		.may_shrink = a->rules->may_shrink,
	};
	enum block_result result = block_apply(&target, block, &match);
	work->text = target.text;
	work->touched = work->touched || result == BLOCK_DONE;
	tell_result(a, block, work, result, &match);
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
