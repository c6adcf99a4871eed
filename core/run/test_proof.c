#include "run/test_proof.h"

#include "base/text.h"
#include "base/xalloc.h"
#include "edit/breaking.h"
#include "io/shadow.h"
#include "run/matcher.h"

#include <stdlib.h>
#include <string.h>

#define BREAKS_MAX 5            /* functions that are broken, one after the other */
#define KEEP_MAX (1 << 20)
#define FEEDBACK_MAX 8000

struct proof {
	struct step_job *job;
	const struct test_setting *setting;
	struct shadow shadow;
	struct workspace_batch targets;
	size_t n_broken, n_seen;    /* functions broken, and those of them that the tests saw */
	size_t n_others;            /* that other tests saw as well */
	bool has_others;            /* without the new tests the command passes: it has others, or none */
	struct buf unseen;          /* names */
};

/* 1: the tests pass in the copy as it is now, 0: they fail, -1: they could not be run. */
static int run_tests(struct proof *proof, struct buf *output, struct err *err)
{
	struct proc_result result;
	const struct step_command command = {
		.command = &proof->setting->command,
		.timeout_ms = proof->job->step->timeout_ms,
		.keep = output,
		.copy = proof->shadow.root.path,
	};
	if (step_run_command(proof->job, &command, &result, err) != 0)
		return -1;
	if (result.cancelled)
		return err_set(err, ERR_CANCELLED, "the tests were stopped");
	if (output)
		proof->job->exit_code = result.exit_code;
	if (result.timed_out && output)
		buf_add_str(output, "\nThe tests ran into their time limit.\n");
	return result.exit_code == 0 && !result.signal && !result.timed_out;
}

static void ask_again(struct proof *proof, const char *what, const struct buf *output)
{
	struct buf *feedback = &proof->job->feedback;
	buf_add_str(feedback, what);
	if (!output)
		return;
	size_t from = output->len > FEEDBACK_MAX ? output->len - FEEDBACK_MAX : 0;
	buf_add_str(feedback, " The end of the output:\n\n");
	buf_add(feedback, buf_str(output) + from, output->len - from);
	buf_add_str(feedback, "\n");
}

static int put_tests(struct proof *proof, struct err *err)
{
	return shadow_put(&proof->shadow, &proof->job->set, true, err);
}

static int take_tests_away(struct proof *proof, struct err *err)
{
	return shadow_put(&proof->shadow, &proof->job->set, false, err);
}

static int check_passes(struct proof *proof, struct err *err)
{
	struct buf output;
	buf_init(&output, KEEP_MAX);
	int passes = run_tests(proof, &output, err);
	if (passes == 0) {
		ask_again(proof, "The tests do not pass.", &output);
		err_set(err, ERR_CHECK, "the new tests do not pass, exit status %d", proof->job->exit_code);
	}
	buf_release(&output);
	return passes == 1 ? 0 : -1;
}

/* A file that no tool can read as what it should be: if the tests still pass, nobody looks at it. */
static int check_is_run(struct proof *proof, struct err *err)
{
	struct image garbage = { 0 };
	static const char text[] = "((( not [[[ a {{{ test\n";
	image_set_file(&garbage, text, sizeof text - 1, 0);
	int rc = shadow_write(&proof->shadow, proof->setting->into, &garbage, err);
	image_release(&garbage);
	if (rc != 0)
		return -1;
	int passes = run_tests(proof, NULL, err);
	if (passes < 0 || put_tests(proof, err) != 0)
		return -1;
	if (passes == 0)
		return 0;
	err_set(err, ERR_CHECK, "the command of the tests does not run '%.200s'", proof->setting->into);
	return err_hint(err, "add the file to the build, or give a 'run' that runs it");
}

/* Are there tests to compare with? Where the command needs the new file there are none. */
static int look_for_others(struct proof *proof, struct err *err)
{
	if (take_tests_away(proof, err) != 0)
		return -1;
	int passes = run_tests(proof, NULL, err);
	proof->has_others = passes == 1;
	return passes < 0 ? -1 : put_tests(proof, err);
}

/* One function: broken, tested, mended. */
static int try_break(struct proof *proof, const struct workspace_file *file, const struct breakable *item, struct err *err)
{
	struct buf broken = { 0 };
	struct image image = { 0 };
	struct image whole = { 0 };
	breakable_apply(item, file->data, file->size, &broken);
	image_set_file(&image, buf_str(&broken), broken.len, file->mode);
	image_set_file(&whole, file->data, file->size, file->mode);
	int passes = -1;
	int others_pass = 1;
	int rc = shadow_write(&proof->shadow, file->path, &image, err);
	if (rc == 0)
		passes = run_tests(proof, NULL, err);
	if (rc == 0 && passes == 0 && proof->has_others) {
		rc = take_tests_away(proof, err);
		others_pass = rc == 0 ? run_tests(proof, NULL, err) : -1;
		if (rc == 0 && others_pass >= 0)
			rc = put_tests(proof, err);
	}
	if (rc == 0 && passes >= 0 && others_pass >= 0)
		rc = shadow_write(&proof->shadow, file->path, &whole, err);
	else
		rc = -1;
	proof->n_broken++;
	proof->n_seen += passes == 0 && others_pass == 1;
	proof->n_others += passes == 0 && others_pass == 0;
	if (passes == 1)
		buf_printf(&proof->unseen, "%s%s", proof->unseen.len ? ", " : "", item->name);
	image_release(&image);
	image_release(&whole);
	buf_release(&broken);
	return rc;
}

static bool tests_name(const struct proof *proof, const char *name)
{
	const struct changeset *set = &proof->job->set;
	for (size_t i = 0; i < set->n_changes; i++)
		if (set->change[i].after.data && memmem(set->change[i].after.data, (size_t)set->change[i].after.size, name, strlen(name)))
			return true;
	return false;
}

/* Those that the tests name first, then the rest; until one is seen. */
static int try_breaks(struct proof *proof, bool named, struct err *err)
{
	for (size_t f = 0; f < proof->targets.n_files; f++) {
		const struct workspace_file *file = &proof->targets.file[f];
		struct breakables list = { 0 };
		int rc = 0;
		if (file->err.code != ERR_NONE || file->is_link || text_is_binary(file->data, file->size))
			continue;
		breakables_find(&list, file->path, file->data, file->size);
		for (size_t i = 0; rc == 0 && i < list.n_items && proof->n_broken < BREAKS_MAX && !proof->n_seen; i++)
			if (tests_name(proof, list.item[i].name) == named)
				rc = try_break(proof, file, &list.item[i], err);
		breakables_release(&list);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int check_sees_faults(struct proof *proof, struct err *err)
{
	struct buf text = { 0 };
	if (look_for_others(proof, err) != 0 || try_breaks(proof, true, err) != 0)
		return -1;
	if (!proof->n_seen && !proof->n_others && try_breaks(proof, false, err) != 0)
		return -1;
	if (!proof->n_broken) {
		step_notice(proof->job, "check", "no function was found that could be broken: that the tests see faults is not proven",
		            "look at what they assert");
		return 0;
	}
	if (proof->n_seen || proof->n_others) {
		step_notice(proof->job, "ok",
		            proof->n_seen ? "the new tests fail when the code under test is broken" :
			            "the tests fail when the code under test is broken, and so did those that were there before",
		            NULL);
		return 0;
	}
	buf_printf(&text, "The tests still pass when %s return%s at once without doing anything: they prove nothing. "
	           "Call these functions and check what they give.\n", buf_str(&proof->unseen), proof->n_broken == 1 ? "s" : "");
	ask_again(proof, buf_str(&text), NULL);
	buf_release(&text);
	return err_set(err, ERR_CHECK, "the new tests pass although the code under test is broken: %.200s", buf_str(&proof->unseen));
}

int test_prove(struct step_job *job, const struct test_setting *setting, const struct strings *targets, struct err *err)
{
	struct proof proof = { .job = job, .setting = setting, .shadow.root.fd = -1 };
	if (workspace_read(job->ws, targets, 0, &job->cancel, &proof.targets, err) != 0)
		return -1;
	step_phase(job, "copying the tree", 0);
	int rc = shadow_make(&proof.shadow, &job->ws->root, job->spool_dir, job->ws->n_threads, &job->cancel, err);
	if (rc == 0 && !step_hides_copies(job))
		rc = shadow_link_git(&proof.shadow, job->shown_root, err);
	if (rc == 0)
		rc = put_tests(&proof, err);
	if (rc == 0)
		rc = check_passes(&proof, err);
	if (rc == 0)
		rc = check_is_run(&proof, err);
	if (rc == 0)
		rc = check_sees_faults(&proof, err);
	shadow_remove(&proof.shadow);
	workspace_batch_release(&proof.targets);
	buf_release(&proof.unseen);
	return rc;
}
