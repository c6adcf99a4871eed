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
	bool is_gone;        /* deleted, or moved away */
	char *moved_to;      /* owned; NULL: it stays where it is */
};

struct apply_stage {
	struct changeset files; /* `before`: the file that they were made for; `after`: it with the good blocks in it */
	struct hash *done;      /* owned; of those blocks */
	size_t n_done, cap_done;
	struct buf text;        /* those blocks, as an answer has them */
	bool is_guessed;        /* one of them is in a place that was guessed */
	bool is_over;           /* an answer was used whole: the next one begins anew */
};

struct applying {
	struct changeset *set;
	const struct apply_rules *rules;
	struct work *work;
	size_t n_works, cap_works;
	struct buf *feedback;
	struct err *err;
	size_t n_failed;
	bool is_guessed;   /* the place of a block */
	struct hash *done; /* owned; of the blocks that this answer got right */
	size_t n_done, cap_done;
	struct buf text;   /* those blocks */
};

struct apply_stage *apply_stage_new(void)
{
	return xcalloc(1, sizeof(struct apply_stage));
}

static void stage_clear(struct apply_stage *stage)
{
	changeset_release(&stage->files);
	free(stage->done);
	buf_release(&stage->text);
	*stage = (struct apply_stage){ 0 };
}

void apply_stage_free(struct apply_stage *stage)
{
	if (!stage)
		return;
	stage_clear(stage);
	free(stage);
}

void apply_stage_write(const struct apply_stage *stage, struct buf *out)
{
	buf_add(out, buf_str(&stage->text), stage->text.len);
}

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

/* Without a stage the model starts again from the file as it was, so that is what it is shown. */
static void show_nearest(struct applying *a, const struct work *work, const struct edit_block *block)
{
	struct line_index index;
	bool original = !a->rules->stage && work->before.data;
	const char *text = original ? work->before.data : buf_str(&work->text);
	line_index_make(&index, text, original ? (size_t)work->before.size : work->text.len);
	size_t near = match_nearest(text, &index, block->search, block->search_n);
	buf_add_str(a->feedback, "The file has there:\n");
	show_lines(a->feedback, text, &index, near > 3 ? near - 3 : 0, 14);
	line_index_release(&index);
}

static void tell_result(struct applying *a, const struct edit_block *block, const struct work *work,
                        enum block_result result, const struct match *match)
{
	static const char *const why[] = {
		[BLOCK_NOWHERE] = "matches nothing in the file",
		[BLOCK_GUESSED] = "is not quoted as the lines are in the file: copy them exactly",
		[BLOCK_SEVERAL] = "matches several places: it must match exactly one; add lines around it",
		[BLOCK_UNKNOWN] = "names a symbol that is not found in the file: send search and replace",
		[BLOCK_TWICE] = "names a symbol that is defined several times: qualify it, or send search and replace",
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
	else if (a->feedback && (result == BLOCK_NOWHERE || result == BLOCK_GUESSED))
		show_nearest(a, work, block);
}

static struct work *add_work(struct applying *a, const char *path, const struct image *before, bool loaded)
{
	a->work = vec_room(a->work, a->n_works, &a->cap_works, sizeof *a->work);
	struct work *work = &a->work[a->n_works++];
	*work = (struct work){ .path = xstrdup(path), .before = *before, .loaded = loaded };
	const struct change *staged = a->rules->stage ? changeset_find(&a->rules->stage->files, path) : NULL;
	const struct image *from = staged ? &staged->after : before;
	work->touched = staged != NULL;
	if (from->data)
		buf_add(&work->text, from->data, (size_t)from->size);
	return work;
}

/* The path that a block means: where it names none, that of the only file there is. */
static char *path_of(struct applying *a, const struct edit_block *block)
{
	char *path = NULL;
	struct err why = { 0 };
	if (!block->path[0] && a->set->n_changes == 1)
		return xstrdup(a->set->change[0].path);
	if (!block->path[0])
		refuse(a, block, ERR_ANSWER, "names no file: put its path alone on the line before");
	else if (path_normalise(block->path, &path, &why) != 0 || path_check_writable(path, &why) != 0)
		refuse(a, block, ERR_ACCESS, "names a path where belay does not write");
	else
		return path;
	free(path);
	return NULL;
}

/* The file that a block names: one of the set, or another one where the rules allow that. */
static struct work *work_for(struct applying *a, const struct edit_block *block)
{
	char *path = path_of(a, block);
	struct err why = { 0 };
	struct work *work = NULL;
	struct image image = { 0 };
	if (!path)
		return NULL;
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
	else if (work->before.kind == IMAGE_ABSENT && (!a->rules->may_create || block->kind == EDIT_DELETE ||
	                                               block->kind == EDIT_MOVE))
		refuse(a, block, ERR_ANSWER, "is of a file that does not exist");
	else if (work->before.kind == IMAGE_ABSENT && path_check_new_name(path, &why) != 0)
		refuse(a, block, ERR_ACCESS, "makes a file with a name that not all systems can have");
	else if (work->before.kind == IMAGE_LINK || work->before.spool ||
	         text_is_binary(buf_str(&work->text), work->text.len))
		refuse(a, block, ERR_ACCESS, "is of a file that is not plain text");
	free(path);
	return work;
}

/* The path that a file moves to: free, and one that may be made. */
static char *destination_of(struct applying *a, const struct edit_block *block)
{
	char *path = NULL;
	struct err why = { 0 };
	struct image there = { 0 };
	bool is_known = false;
	if (path_normalise(block->replace, &path, &why) != 0 || path_check_writable(path, &why) != 0 ||
	    path_check_new_name(path, &why) != 0) {
		refuse(a, block, ERR_ACCESS, "moves the file to a path where belay does not write");
		free(path);
		return NULL;
	}
	for (size_t i = 0; i < a->n_works; i++)
		is_known = is_known || strcmp(a->work[i].path, path) == 0;
	bool is_free = !is_known && !changeset_find(a->set, path) && a->rules->load &&
	               a->rules->load(a->rules->arg, path, &there, &why) == 0 && there.kind == IMAGE_ABSENT;
	image_release(&there);
	if (is_free)
		return path;
	refuse(a, block, ERR_ANSWER, "moves the file to where there is one already");
	free(path);
	return NULL;
}

static void remove_file(struct applying *a, const struct edit_block *block, struct work *work)
{
	if (!a->rules->may_remove) {
		refuse(a, block, ERR_ANSWER, block->kind == EDIT_MOVE ? "would move the file, which this step does not do"
		                                                       : "would delete the file, which this step does not do");
		return;
	}
	if (block->kind == EDIT_MOVE) {
		work->moved_to = work->moved_to ? work->moved_to : destination_of(a, block);
		if (!work->moved_to)
			return;
	}
	work->touched = work->is_gone = true;
}

static void hash_block(struct hash *out, const char *path, const struct edit_block *block)
{
	struct hasher *hasher = hasher_new();
	char kind = (char)('a' + (int)block->kind);
	hasher_add(hasher, &kind, 1);
	hasher_add(hasher, path, strlen(path) + 1);
	hasher_add(hasher, &block->search_n, sizeof block->search_n);
	hasher_add(hasher, block->search ? block->search : "", block->search_n);
	hasher_add(hasher, block->replace ? block->replace : "", block->replace_n);
	hasher_finish(hasher, out);
}

static bool was_done(const struct apply_stage *stage, const struct hash *hash)
{
	for (size_t i = 0; stage && i < stage->n_done; i++)
		if (hash_equal(&stage->done[i], hash))
			return true;
	return false;
}

static void apply_block(struct applying *a, const struct edit_block *block)
{
	size_t n_failed = a->n_failed;
	struct work *work = block->flaw ? NULL : work_for(a, block);
	struct match match;
	struct hash hash;
	if (block->flaw)
		refuse(a, block, ERR_ANSWER, block->flaw);
	if (!work || a->n_failed > n_failed)
		return;
	if (block->kind == EDIT_DELETE || block->kind == EDIT_MOVE) {
		remove_file(a, block, work);
		return;
	}
	hash_block(&hash, work->path, block);
	if (was_done(a->rules->stage, &hash))
		return;
	struct block_target target = {
		.path = work->path,
		.text = work->text,
		.given = work->before.data,
		.given_n = work->before.data ? (size_t)work->before.size : 0,
		.may_shrink = a->rules->may_shrink,
		.may_guess = a->rules->may_guess,
	};
	enum block_result result = block_apply(&target, block, &match);
	work->text = target.text;
	work->touched = work->touched || result == BLOCK_DONE;
	tell_result(a, block, work, result, &match);
	if (result == BLOCK_DONE) {
		a->is_guessed = a->is_guessed || match.rung == MATCH_FUZZY;
		a->done = vec_room(a->done, a->n_done, &a->cap_done, sizeof *a->done);
		a->done[a->n_done++] = hash;
		answer_write_block(&a->text, work->path, block);
	}
}

/* The good blocks of a refused answer stay for the next one. */
static void keep(struct applying *a)
{
	struct apply_stage *stage = a->rules->stage;
	for (size_t i = 0; i < a->n_works; i++) {
		struct work *work = &a->work[i];
		if (!work->touched)
			continue;
		struct change *change = changeset_add(&stage->files, work->path);
		change->before.hash = work->before.hash;
		image_set_file(&change->after, buf_str(&work->text), work->text.len, work->before.mode);
	}
	stage->is_guessed = stage->is_guessed || a->is_guessed;
	buf_add(&stage->text, buf_str(&a->text), a->text.len);
	for (size_t i = 0; i < a->n_done; i++) {
		stage->done = vec_room(stage->done, stage->n_done, &stage->cap_done, sizeof *stage->done);
		stage->done[stage->n_done++] = a->done[i];
	}
}

/* The stage is of files as they were: what somebody changed meanwhile is edited anew, not put back. */
static int check_stage(struct applying *a)
{
	struct apply_stage *stage = a->rules->stage;
	if (stage && stage->is_over)
		stage_clear(stage);
	for (size_t i = 0; stage && i < stage->files.n_changes; i++) {
		const struct change *staged = &stage->files.change[i];
		const struct change *change = changeset_find(a->set, staged->path);
		if (!change || hash_equal(&staged->before.hash, &change->before.hash))
			continue;
		err_set(a->err, ERR_CONFLICT, "'%.200s' was changed while the answer was put right", staged->path);
		if (a->feedback)
			buf_printf(a->feedback, "%s changed meanwhile. Send all edits again, for the file as it is now.\n", staged->path);
		stage_clear(stage);
		return -1;
	}
	return 0;
}

/* Files that only the answers before have edited. */
static int load_staged(struct applying *a)
{
	const struct apply_stage *stage = a->rules->stage;
	for (size_t i = 0; stage && i < stage->files.n_changes; i++) {
		const char *path = stage->files.change[i].path;
		const struct change *change = changeset_find(a->set, path);
		struct image image = { 0 };
		if (change)
			add_work(a, path, &change->before, false);
		else if (!a->rules->load || a->rules->load(a->rules->arg, path, &image, a->err) != 0)
			return -1;
		else
			add_work(a, path, &image, true);
	}
	return 0;
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
		if (work->is_gone)
			image_release(&change->after);
		if (work->loaded) {
			change->before = work->before;
			work->before = (struct image){ 0 };
			work->loaded = false;
		}
		mode_t mode = change->before.mode;
		if (work->moved_to)
			change = changeset_add(a->set, work->moved_to);
		if (work->moved_to || !work->is_gone)
			image_set_file(&change->after, buf_str(&work->text), work->text.len, mode);
	}
}

static void tell_what_is_kept(const struct applying *a)
{
	const struct apply_stage *stage = a->rules->stage;
	if (stage && stage->n_done)
		buf_add_str(a->feedback, "The other edits are kept. Send only those that are listed here, corrected.\n");
	else
		buf_add_str(a->feedback, "Nothing of the answer was used. Send all edits again, with these corrected.\n");
}

int apply_answer(struct changeset *set, const struct answer *answer, const struct apply_rules *rules,
                 struct buf *feedback, struct err *err)
{
	struct applying a = { .set = set, .rules = rules, .feedback = feedback, .err = err };
	int rc = check_stage(&a);
	if (rc == 0)
		rc = load_staged(&a);
	for (size_t i = 0; rc == 0 && i < answer->n_blocks; i++)
		apply_block(&a, &answer->block[i]);
	if (a.n_failed)
		rc = -1;
	if (rc == 0)
		commit(&a);
	if (rc == 0 && rules->guessed)
		*rules->guessed = a.is_guessed || (rules->stage && rules->stage->is_guessed);
	if (rc == 0 && rules->stage)
		rules->stage->is_over = true;
	else if (a.n_failed && rules->stage)
		keep(&a);
	if (a.n_failed && feedback)
		tell_what_is_kept(&a);
	for (size_t i = 0; i < a.n_works; i++) {
		free(a.work[i].path);
		free(a.work[i].moved_to);
		buf_release(&a.work[i].text);
		if (a.work[i].loaded)
			image_release(&a.work[i].before);
	}
	free(a.work);
	free(a.done);
	buf_release(&a.text);
	return rc;
}
