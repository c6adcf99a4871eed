/*
 * Answers of models and their application. Parts: the file "a.c", the file "b/c.txt", the answer. Properties: the same
 * blocks for every split, a refused answer changes nothing, the live diff holds its lines together at every step.
 */
#include "tests/fuzz_parts.h"

#include "base/xalloc.h"
#include "edit/apply.h"
#include "edit/progress.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(struct answer *out, const char *text, size_t n, size_t chunk)
{
	struct answer_parser *parser = answer_parser_new(NULL, NULL);
	for (size_t at = 0; at < n; at += chunk)
		answer_parser_feed(parser, text + at, chunk < n - at ? chunk : n - at);
	answer_parser_finish(parser, out);
	answer_parser_free(parser);
}

static void check_same(const struct answer *a, const struct answer *b)
{
	FUZZ_CHECK(a->n_blocks == b->n_blocks && a->unterminated == b->unterminated);
	for (size_t i = 0; i < a->n_blocks; i++) {
		const struct edit_block *x = &a->block[i];
		const struct edit_block *y = &b->block[i];
		FUZZ_CHECK(x->kind == y->kind && x->line == y->line && strcmp(x->path, y->path) == 0);
		FUZZ_CHECK(x->search_n == y->search_n && x->replace_n == y->replace_n);
		FUZZ_CHECK(!x->search_n || memcmp(x->search, y->search, x->search_n) == 0);
		FUZZ_CHECK(!x->replace_n || memcmp(x->replace, y->replace, x->replace_n) == 0);
	}
}

static int load_text(void *arg, const char *path, struct buf *out)
{
	const struct change *change = changeset_find(arg, path);
	return change ? buf_add(out, change->before.data, (size_t)change->before.size) : -1;
}

static void check_progress(struct changeset *set, const char *text, size_t n, size_t chunk)
{
	struct progress *progress = progress_new(load_text, set);
	for (size_t at = 0; at <= n; at += chunk) {
		if (at < n)
			progress_feed(progress, text + at, chunk < n - at ? chunk : n - at);
		else
			progress_finish(progress);
		size_t n_lines = progress_n_lines(progress);
		FUZZ_CHECK(progress_focus(progress) < (n_lines ? n_lines : 1));
		for (size_t i = n_lines > 20 ? n_lines - 20 : 0; i < n_lines; i++) {
			struct progress_line line;
			progress_line(progress, i, &line);
			FUZZ_CHECK(line.text && (!line.n || !memchr(line.text, '\n', line.n)));
		}
	}
	progress_free(progress);
}

static void apply(struct changeset *set, const struct answer *answer)
{
	struct apply_rules rules = { .may_create = true, .may_guess = true };
	struct buf feedback = { 0 };
	struct err err = { 0 };
	int rc = apply_answer(set, answer, &rules, &feedback, &err);
	FUZZ_CHECK(rc == 0 || (rc == -1 && err.msg[0] && feedback.len));
	for (size_t i = 0; i < set->n_changes; i++)
		FUZZ_CHECK((set->change[i].after.kind == IMAGE_FILE) == (rc == 0));
	buf_release(&feedback);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct answer whole;
	struct answer split;
	struct changeset set = { 0 };
	fuzz_parts_split(&parts, data, size);
	size_t n = parts.n[2] < 20000 ? parts.n[2] : 20000;
	image_set_file(&changeset_add(&set, "a.c")->before, parts.part[0], parts.n[0], 0644);
	image_set_file(&changeset_add(&set, "b/c.txt")->before, parts.part[1], parts.n[1], 0644);
	parse(&whole, parts.part[2], n, n ? n : 1);
	parse(&split, parts.part[2], n, 1);
	check_same(&whole, &split);
	apply(&set, &whole);
	check_progress(&set, parts.part[2], n, 1 + n / 37);
	answer_release(&whole);
	answer_release(&split);
	changeset_release(&set);
	fuzz_parts_release(&parts);
	return 0;
}
