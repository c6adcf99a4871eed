/*
 * verify: a run's journal is checked, line by line, and the run is executed again in a scratch copy of the tree, put back to
 * what the run had found, with the answers and approvals that are on record. The same must come out.
 */
#include "base/xalloc.h"
#include "io/file.h"
#include "io/proc.h"
#include "run/recover.h"
#include "run/rerun.h"
#include "tui/json_lines.h"
#include "tui/verb_session.h"
#include "tui/verb_start.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct verify {
	const struct cli *cli;
	char *root;
	struct run_info run;
	struct rerun was, is;
	struct strings differs;
	char *dir, *tree, *again; /* scratch: all of it, the copy, the second run's folder; owned */
};

/* ---- the scratch copy ---- */

static int tool(const char *const *argv, struct err *err)
{
	struct proc_result result;
	const struct proc_spec spec = { .argv = argv, .cwd = "/" };
	if (proc_run(&spec, &result, err) != 0)
		return -1;
	return result.exit_code == 0 ? 0 : err_set(err, ERR_IO, "'%s' failed for the scratch copy", argv[0]);
}

static int make_copy(struct verify *v, struct err *err)
{
	const char *temp = getenv("TMPDIR");
	struct stat st;
	v->dir = xasprintf("%s/belay-verify-XXXXXX", temp && *temp == '/' ? temp : "/tmp");
	if (!mkdtemp(v->dir)) {
		free(v->dir);
		v->dir = NULL;
		return err_set(err, ERR_IO, "cannot make a folder in '%s'", temp ? temp : "/tmp");
	}
	v->tree = xasprintf("%s/tree", v->dir);
	v->again = xasprintf("%s/again", v->dir);
	char *before = xasprintf("%s/before", v->dir);
	char *from = xasprintf("%s/.", v->root);
	char *git = xasprintf("%s/.git", v->tree);
	int rc = file_make_dirs(v->tree, err);
	if (rc == 0)
		rc = file_make_dirs(v->again, err);
	if (rc == 0)
		rc = file_make_dirs(before, err);
	if (rc == 0)
		rc = tool((const char *const[]){ "cp", "-a", "--reflink=auto", "--", from, v->tree, NULL }, err);
	/* A linked work tree's .git names the user's own repository. */
	if (rc == 0 && lstat(git, &st) == 0 && !S_ISDIR(st.st_mode))
		unlink(git);
	free(git);
	free(from);
	free(before);
	return rc;
}

static int remove_copy(const struct verify *v, struct err *err)
{
	return v->dir ? tool((const char *const[]){ "rm", "-rf", "--", v->dir, NULL }, err) : 0;
}

static int before_set(struct verify *v, struct run_writer *writer, struct changeset *set, struct err *err)
{
	for (size_t i = 0; i < v->was.paths.n_changes; i++) {
		const struct change *found = &v->was.paths.change[i];
		struct change *change = changeset_add(set, found->path);
		if (file_image(&writer->root, found->path, store_dir(writer->store), &change->before, err) != 0)
			return -1;
		image_copy(&change->after, &found->before);
		if (change->after.kind == IMAGE_FILE && store_get_image(v->was.store, &change->after, err) != 0)
			return err->code == ERR_NOT_FOUND ? (err->code = ERR_CORRUPT, -1) : -1;
	}
	changeset_prune(set);
	return 0;
}

/* Puts the copy back to what the run had found. */
static int put_back(struct verify *v, struct err *err)
{
	struct run_writer writer = { 0 };
	struct changeset set = { 0 };
	char *dir = xasprintf("%s/before", v->dir);
	int rc = run_writer_open(&writer, v->tree, "verify", dir, err);
	if (rc == 0) {
		rc = before_set(v, &writer, &set, err);
		if (rc == 0)
			rc = land_apply(&writer.lander, "before", 1, &set, err);
		run_writer_close(&writer);
	}
	changeset_release(&set);
	free(dir);
	return rc;
}

/* A file that the run read, did not change, and that is another now: then nothing can be said. */
static int check_inputs(const struct verify *v, struct err *err)
{
	struct root root;
	if (root_open(&root, v->tree, err) != 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < v->was.reads.n_items; i++) {
		const char *path = v->was.reads.item[i];
		char hex[HASH_HEX_SIZE] = "";
		struct image now = { 0 };
		if (changeset_find(&v->was.paths, path))
			continue;
		if (file_image(&root, path, v->again, &now, err) == 0 && now.kind == IMAGE_FILE)
			hash_format(&now.hash, hex);
		image_release(&now);
		if (strcmp(hex, map_get(&v->was.read, path)) != 0) {
			rc = err_set(err, ERR_CONFLICT, "'%.200s', which the run read, changed since", path);
			err_hint(err, "the journal is whole; to execute it again, check out what was there then");
		}
	}
	root_close(&root);
	return rc;
}

/* ---- the second run ---- */

static int load_config(struct verify *v, struct config **out, struct err *err)
{
	struct buf text = { 0 };
	struct strings overrides = { 0 };
	struct diags diags = { 0 };
	char *file = xasprintf("%s/answers.jsonl", v->dir);
	rerun_write_answers(&v->was, &text);
	int rc = file_write_atomic(file, buf_str(&text), text.len, err);
	strings_add(&overrides, "providers.verify.kind=recorded");
	strings_take(&overrides, xasprintf("providers.verify.file=%s", file));
	strings_add(&overrides, "use=verify");
	if (rc == 0 && config_load(out, NULL, false, &overrides, &diags) != 0) {
		verb_say_diags(&diags);
		rc = err_set(err, ERR_PLAN, "the recorded answers cannot be configured");
	}
	diags_release(&diags);
	strings_release(&overrides);
	buf_release(&text);
	free(file);
	return rc;
}

static int load_plan(struct verify *v, struct session *session, struct err *err)
{
	struct start_record record;
	if (start_record_read(&record, v->run.dir, err) != 0)
		return -1;
	struct verb_plan_request request = { .file = record.file, .name = record.name, .root = v->tree,
		                             .break_cycles = record.break_cycles, .vars = record.vars };
	const struct session_selection selection = { record.from, record.until, record.only };
	int rc = 0;
	if (verb_plan_load(&session->plan, &request) != 0)
		rc = err_set(err, ERR_PLAN, "the plan '%s' is not valid any more", record.name);
	else if (strcmp(session->plan.plan->hash, v->was.plan_hash) != 0)
		rc = err_set(err, ERR_PLAN, "the plan '%s' changed since the run", record.name);
	else
		rc = session_admit(session, &selection, err);
	start_record_release(&record);
	return rc;
}

/* Questions are answered as they were then. */
static void answer(const struct verify *v, struct feed *feed, const struct event *asked)
{
	bool yes = strings_find(&v->was.approved, asked->step) >= 0;
	const struct command command = {
		.kind = yes ? COMMAND_APPROVE : COMMAND_REFUSE, .request = (char *)(uintptr_t)asked->request, .by = "person",
		.shown_ms = 1000,
	};
	feed->ops->send(feed, &command);
}

static void follow(const struct verify *v, struct feed *feed)
{
	const struct event *event;
	enum feed_got got;
	while ((got = feed->ops->next(feed, &event)) != FEED_END) {
		struct pollfd wake = { .fd = feed->ops->wake_fd(feed), .events = POLLIN };
		if (got == FEED_EVENT && event->kind == EVENT_APPROVAL_ASKED && event->step && event->request)
			answer(v, feed, event);
		else if (got == FEED_NONE)
			poll(&wake, 1, (int)feed->ops->due_ms(feed));
	}
}

/* The steps that were added meanwhile are added before the first of them is due: they wait for what they waited for. */
static void grow(const struct verify *v, struct feed *feed)
{
	for (size_t i = 0; i < v->was.grown.n_items; i++) {
		struct command command = { .kind = COMMAND_GROW, .text = v->was.grown.item[i], .by = "person" };
		feed->ops->send(feed, &command);
	}
}

static int run_again(struct verify *v, struct err *err)
{
	struct session session = { .cli = v->cli };
	struct executor *executor;
	int rc = load_config(v, &session.config, err);
	if (rc == 0)
		rc = load_plan(v, &session, err);
	if (rc == 0) {
		struct run_options *options = &session.options;
		options->config = session.config;
		options->root = v->tree;
		options->run_id = v->run.id;
		options->run_dir = v->again;
		options->model = "verify";
		options->cache = CACHE_OFF;
		options->can_ask = true;
		rc = executor_start(&executor, options, err);
	}
	if (rc == 0) {
		grow(v, executor_feed(executor));
		follow(v, executor_feed(executor));
		(void)executor_join(executor); /* its journal says it */
		executor_free(executor);
		rc = rerun_read(&v->is, v->again, err);
	}
	session_release(&session);
	return rc;
}

/* ---- the verb ---- */

static int execute(struct verify *v, struct err *err)
{
	if (strcmp(v->run.mode, "run") != 0)
		return 0; /* an undo, a redo, a take: nothing to execute, and the chain holds */
	int rc = make_copy(v, err);
	if (rc == 0)
		rc = put_back(v, err);
	if (rc == 0)
		rc = check_inputs(v, err);
	if (rc == 0)
		rc = run_again(v, err);
	if (rc == 0)
		rerun_compare(&v->was, &v->is, &v->differs);
	struct err why = { 0 };
	if (remove_copy(v, &why) != 0)
		verb_say_error(&why);
	return rc;
}

static int tell(struct verify *v)
{
	struct json_lines lines = { .run = v->run.id };
	bool same = !v->differs.n_items && (strcmp(v->run.mode, "run") != 0 || v->is.exit_code == v->was.exit_code);
	int code = same ? EXIT_DONE : EXIT_FAILED;
	if (cli_has(v->cli, CLI_JSON)) {
		json_lines_begin(&lines, "verified");
		json_key(&lines.w, "paths");
		json_put_int(&lines.w, (int64_t)v->was.paths.n_changes);
		json_key(&lines.w, "differs");
		json_begin_array(&lines.w);
		for (size_t i = 0; i < v->differs.n_items; i++)
			json_put_bytes(&lines.w, v->differs.item[i], strlen(v->differs.item[i]));
		json_end_array(&lines.w);
		json_lines_end(&lines);
		json_lines_result(&lines, code);
		return code;
	}
	for (size_t i = 0; i < v->differs.n_items; i++)
		verb_print("differs  %s\n", v->differs.item[i]);
	if (same)
		verb_say("the journal of run %s is whole%s", v->run.id,
		         strcmp(v->run.mode, "run") == 0 ? ", and executed again it leaves the same files" : "");
	else if (!v->differs.n_items)
		verb_say("executed again the run ends with %d, not %d", (int)v->is.exit_code, (int)v->was.exit_code);
	else
		verb_say("executed again the run leaves %zu file%s otherwise", v->differs.n_items,
		         v->differs.n_items == 1 ? "" : "s");
	return code;
}

int verb_verify(const struct cli *cli)
{
	struct verify v = { .cli = cli };
	struct err err = { 0 };
	verb_signals_block();
	int rc = verb_root(&v.root, &err);
	if (rc == 0)
		rc = verb_find_run(cli, v.root, &v.run, &err);
	if (rc == 0)
		rc = rerun_read(&v.was, v.run.dir, &err);
	if (rc == 0)
		rc = execute(&v, &err);
	int code = rc == 0 ? tell(&v) : verb_fail(cli, &err);
	rerun_release(&v.was);
	rerun_release(&v.is);
	strings_release(&v.differs);
	run_info_release(&v.run);
	free(v.again);
	free(v.tree);
	free(v.dir);
	free(v.root);
	return code;
}
