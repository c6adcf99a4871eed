/* Checks: commands whose exit status judges the tree, and whose output tells the model what to mend. */
#include "run/step.h"

#include "base/clock.h"
#include "io/file.h"
#include "io/shadow.h"
#include "run/baseline.h"
#include "run/check_cache.h"
#include "run/matcher.h"

#include <stdio.h>
#include <string.h>

#define FEEDBACK_MAX 16000
#define KEEP_MAX (8 << 20)
#define LINES_OF 10                 /* findings whose lines are shown */
#define LINES_FILE_MAX (4 << 20)

/* The line that a finding is of, and its neighbours, numbered: what the model sees of its own answer. */
static void add_lines(struct step_job *job, const struct diag *diag)
{
	struct buf text = { 0 };
	struct err err;
	const struct root *root = job->copy ? job->copy : &job->ws->root;
	if (!diag->file || diag->line < 1 || !file_is_path(diag->file) ||
	    file_read(root, diag->file, LINES_FILE_MAX, &text, &err) != 0)
		return;
	int line = 1;
	for (size_t at = 0; at < text.len && line <= diag->line + 1; line++) {
		const char *end = memchr(text.data + at, '\n', text.len - at);
		size_t n = end ? (size_t)(end - text.data) - at : text.len - at;
		if (line >= diag->line - 1)
			buf_printf(&job->feedback, "%6d%s %.*s\n", line, line == diag->line ? ">" : " ", (int)(n < 200 ? n : 200),
			           text.data + at);
		at += n + 1;
	}
	buf_release(&text);
}

/* The diagnostics where there are some, which say the same thing each time; else the end of what was said. */
static void add_feedback(struct step_job *job, const char *name, const struct diags *diags, const struct buf *output)
{
	size_t from = output->len > FEEDBACK_MAX ? output->len - FEEDBACK_MAX : 0;
	buf_printf(&job->feedback, "The check '%s' refused the change. ", name);
	if (diags->n_errors) {
		buf_add_str(&job->feedback, "It reports:\n\n");
		for (size_t i = 0; i < diags->n_diags && job->feedback.len < FEEDBACK_MAX; i++) {
			diag_format(&job->feedback, &diags->diag[i]);
			if (i < LINES_OF)
				add_lines(job, &diags->diag[i]);
		}
		return;
	}
	buf_add_str(&job->feedback, "Its output:\n\n");
	buf_add(&job->feedback, buf_str(output) + from, output->len - from);
	buf_add_str(&job->feedback, "\n");
}

static int judge(const struct plan_check *check, const struct proc_result *result, struct err *err)
{
	if (result->cancelled)
		return err_set(err, ERR_CANCELLED, "the check '%s' was stopped", check->name);
	if (result->timed_out)
		return err_set(err, ERR_CHECK, "the check '%s' ran into its time limit", check->name);
	if (result->signal)
		return err_set(err, ERR_CHECK, "the check '%s' was ended by signal %d", check->name, result->signal);
	if (result->exit_code != 0)
		return err_set(err, ERR_CHECK, "the check '%s' ended with exit status %d", check->name, result->exit_code);
	return 0;
}

/* What a check said, as far as it counts. */
struct finding_of {
	const struct plan_check *check;
	char key[HASH_HEX_SIZE]; /* of the cache; "": it is not kept */
	bool is_cached;
	struct proc_result result;
	struct buf output;
	struct diags diags;
};

/* A check that refuses with findings that were all there before accepts. A refusal without any that could be read stands. */
static int weigh(struct step_job *job, struct finding_of *found, struct err *err)
{
	size_t n_old = 0;
	int rc = judge(found->check, &found->result, err);
	bool counts = found->check->baseline && found->diags.n_errors && found->result.exit_code != 0 &&
	              !found->result.timed_out && !found->result.signal;
	if (rc == 0 || err->code != ERR_CHECK || !counts)
		return rc;
	struct err why = { 0 };
	if (baseline_subtract(job, found->check, &found->diags, &n_old, &why) != 0) {
		*err = why;
		return -1;
	}
	if (n_old) {
		char text[160];
		snprintf(text, sizeof text, "the check '%.60s': %zu findings were there before, %zu are new", found->check->name,
		         n_old, found->diags.n_diags);
		step_notice(job, "ok", text, NULL);
	}
	if (found->diags.n_errors)
		return -1;
	err_clear(err);
	return 0;
}

static void tell_check(struct step_job *job, const struct finding_of *found)
{
	struct event finished = {
		.kind = EVENT_CHECK_FINISHED,
		.check = found->check->name,
		.exit_code = found->result.exit_code,
		.ms = found->result.ms,
		.cached = found->is_cached,
		.diagnostics = { found->diags.diag, found->diags.n_diags },
	};
	job->emit(job, &finished);
}

/* In a copy what it leaves behind goes with the copy; in the tree it must have left nothing. */
static bool may_keep(const struct step_job *job, const struct hash *state)
{
	struct hash now;
	return job->copy || (check_cache_state(job, false, &now) && hash_equal(&now, state));
}

static void read_findings(const struct step_job *job, struct finding_of *found)
{
	const char *root = job->copy ? step_sees_root(job, job->copy->path) : job->ws->root.path;
	matcher_read(found->check->errors ? found->check->errors : "", buf_str(&found->output), found->output.len, root,
	             &found->diags);
}

/* True when it need not run: it is told as it was then. */
static bool is_known(struct step_job *job, struct finding_of *found, int64_t began_ms)
{
	if (!found->key[0] || !check_cache_get(job, found->key, &found->output))
		return false;
	found->is_cached = true;
	read_findings(job, found);
	found->result.ms = clock_mono_ms() - began_ms;
	tell_check(job, found);
	return true;
}

static int run_check(struct step_job *job, struct finding_of *found, const struct hash *state, struct err *err)
{
	const struct plan_check *check = found->check;
	struct step_command command = { .command = &check->run, .timeout_ms = check->timeout_ms, .keep = &found->output };
	int rc = step_run_command(job, &command, &found->result, err);
	if (rc == 0) {
		read_findings(job, found);
		job->exit_code = found->result.exit_code;
		rc = weigh(job, found, err);
		if (rc == 0 && job->exit_code == 0 && found->key[0] && may_keep(job, state))
			check_cache_put(job, found->key, &found->output);
		if (rc == 0)
			job->exit_code = 0;
		tell_check(job, found);
	}
	if (rc != 0 && err->code == ERR_CHECK)
		add_feedback(job, check->name, &found->diags, &found->output);
	return rc;
}

static const struct plan_check *find_check(const struct step_job *job, const char *name, struct err *err)
{
	const struct plan_check *check = plan_find_check_of(job->plan, job->step, name);
	if (!check)
		err_set(err, ERR_PLAN, "the check '%s' is not in the plan", name);
	return check;
}

/* What is known of the tree that a row of checks sees. */
struct seen {
	struct hash state;
	bool is_known;
	bool may_reuse;          /* what is known to accept need not run */
	char key[HASH_HEX_SIZE]; /* of the check before */
};

static int do_check(struct step_job *job, const char *name, struct seen *seen, struct err *err)
{
	struct finding_of found = { .check = find_check(job, name, err) };
	struct event started = { .kind = EVENT_CHECK_STARTED, .check = name };
	int64_t began_ms = clock_mono_ms();
	int rc = found.check ? 0 : -1;
	buf_init(&found.output, KEEP_MAX);
	if (rc == 0)
		job->emit(job, &started);
	if (rc == 0 && seen->is_known) {
		check_cache_key(job, found.check, &seen->state, seen->key);
		memcpy(found.key, seen->key, sizeof found.key);
	}
	if (rc == 0 && !(seen->may_reuse && is_known(job, &found, began_ms)))
		rc = run_check(job, &found, &seen->state, err);
	diags_release(&found.diags);
	buf_release(&found.output);
	return rc;
}

static bool all_are_known(const struct step_job *job, const struct strings *names, const struct seen *seen)
{
	char key[HASH_HEX_SIZE] = "";
	bool known = seen->is_known;
	for (size_t i = 0; known && i < names->n_items; i++) {
		struct buf output = { 0 };
		const struct plan_check *check = plan_find_check_of(job->plan, job->step, names->item[i]);
		if (check)
			check_cache_key(job, check, &seen->state, key);
		known = check && check_cache_get(job, key, &output);
		buf_release(&output);
	}
	return known;
}

/*
 * One may need what those before it made. In the user's tree a check that is known to accept has made nothing new; elsewhere
 * all run or none does.
 */
int step_run_checks(struct step_job *job, const struct strings *names, struct err *err)
{
	struct seen seen = { 0 };
	bool in_tree = check_cache_is_in_tree(job);
	seen.is_known = check_cache_state(job, false, &seen.state);
	seen.may_reuse = in_tree || all_are_known(job, names, &seen);
	for (size_t i = 0; i < names->n_items; i++) {
		if (in_tree && i) {
			seen.is_known = check_cache_state(job, false, &seen.state);
			seen.key[0] = '\0';
		}
		if (do_check(job, names->item[i], &seen, err) != 0)
			return -1;
	}
	return 0;
}

static int make_copy(struct step_job *job, struct shadow *shadow, struct err *err)
{
	step_phase(job, "copying the tree", 0);
	int rc = shadow_make(shadow, &job->ws->root, job->spool_dir, job->ws->n_threads, &job->cancel, err);
	if (rc == 0 && !step_hides_copies(job))
		rc = shadow_link_git(shadow, job->shown_root, err);
	if (rc == 0)
		rc = shadow_put(shadow, &job->set, true, err);
	return rc;
}

int step_check_in_copy(struct step_job *job, const struct strings *names, struct err *err)
{
	struct shadow shadow = { .root.fd = -1 };
	struct seen seen = { 0 };
	seen.is_known = check_cache_state(job, true, &seen.state);
	seen.may_reuse = all_are_known(job, names, &seen);
	int rc = seen.may_reuse ? 0 : make_copy(job, &shadow, err);
	job->copied(job);
	job->copy = seen.may_reuse ? NULL : &shadow.root;
	for (size_t i = 0; rc == 0 && i < names->n_items; i++)
		rc = do_check(job, names->item[i], &seen, err);
	job->copy = NULL;
	shadow_remove(&shadow);
	return rc;
}
