#include "run/take.h"

#include "base/path.h"
#include "base/text.h"
#include "edit/apply.h"
#include "edit/patch.h"
#include "edit/textdiff.h"
#include "io/file.h"

#include <string.h>

#define CONTEXT_LINES 3

/* Only what can be held: a larger file is no text that a chat has seen, and nothing is put aside for it. */
static int load(void *arg, const char *path, struct image *out, struct err *err)
{
	struct stat st;
	struct err why = { 0 };
	if (file_stat(arg, path, &st, &why) == 0 && st.st_size > FILE_HOLD_MAX)
		return err_set(err, ERR_LIMIT, "'%.200s' is too large to be edited", path);
	if (file_image(arg, path, "/dev/null", out, err) != 0)
		return -1;
	if (out->kind != IMAGE_LINK)
		return 0;
	image_release(out);
	return err_set(err, ERR_ACCESS, "'%.200s' is a symbolic link: belay does not write through links", path);
}

/* A diff as git and diff write it, with nothing around it, says more than its hunks: modes, deletions, renames. */
static bool is_bare_diff(const char *text, size_t n)
{
	static const char *const begin[] = { "diff --git ", "--- ", "Index: " };
	for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
		if (n > strlen(begin[i]) && memcmp(text, begin[i], strlen(begin[i])) == 0)
			return true;
	return false;
}

static size_t count_lines(const struct image *image)
{
	size_t n = 0;
	for (int64_t i = 0; image->data && i < image->size; i++)
		n += image->data[i] == '\n';
	return n;
}

static void note_whole_files(struct take *out, const struct changeset *set, const struct answer *answer)
{
	for (size_t i = 0; i < answer->n_blocks; i++) {
		const struct edit_block *block = &answer->block[i];
		const struct change *change = block->kind == EDIT_WHOLE_FILE ? changeset_find(set, block->path) : NULL;
		if (!change || change->before.kind == IMAGE_ABSENT)
			continue;
		out->replaces = true;
		out->shrinks = out->shrinks || count_lines(&change->after) * 10 < count_lines(&change->before) * 6;
	}
}

static int apply_blocks(struct take *out, struct changeset *set, struct root *root, const char *text, size_t n,
                        struct err *err)
{
	struct answer answer;
	struct apply_rules rules = { .may_create = true, .may_remove = true, .may_shrink = true, .load = load,
	                              .arg = root };
	struct answer_parser *parser = answer_parser_new(NULL, NULL);
	answer_parser_feed(parser, text, n);
	answer_parser_finish(parser, &answer);
	answer_parser_free(parser);
	int rc = 0;
	if (answer.unterminated) {
		err_set(err, ERR_ANSWER, "the answer ends inside an edit: it was cut, or not copied to its end");
		rc = err_hint(err, "copy all of it");
	} else if (!answer.n_blocks) {
		err_set(err, ERR_ANSWER, "there is no edit in the answer");
		rc = err_hint(err, "edit blocks, a diff, an envelope or whole files with their paths are understood");
	} else {
		rc = apply_answer(set, &answer, &rules, &out->reasons, err);
		if (rc == 0)
			note_whole_files(out, set, &answer);
	}
	answer_release(&answer);
	return rc;
}

static void describe(struct take *out, struct changeset *set)
{
	changeset_prune(set);
	for (size_t i = 0; i < set->n_changes; i++) {
		const struct change *change = &set->change[i];
		strings_add(&out->paths, change->path);
		out->removes = out->removes || change->after.kind == IMAGE_ABSENT;
	}
	changeset_format_patch(&out->patch, set, CONTEXT_LINES);
}

int take_answer(struct take *out, const char *root_path, const char *text, size_t n, struct err *err)
{
	struct root root;
	struct changeset set = { 0 };
	struct err why = { 0 };
	*out = (struct take){ 0 };
	if (text_is_binary(text, n))
		return err_set(err, ERR_ANSWER, "that is no text");
	if (root_open(&root, root_path, err) != 0)
		return -1;
	int rc = -1;
	if (is_bare_diff(text, n))
		rc = patch_apply(&set, text, n, load, &root, &why);
	if (rc != 0)
		rc = apply_blocks(out, &set, &root, text, n, err);
	if (rc == 0)
		describe(out, &set);
	root_close(&root);
	changeset_release(&set);
	return rc;
}

void take_release(struct take *take)
{
	buf_release(&take->patch);
	strings_release(&take->paths);
	buf_release(&take->reasons);
	*take = (struct take){ 0 };
}
