/* `belay draft "GOAL"`: a plan by a model, checked, seen, edited and saved; never run. */
#include "base/path.h"
#include "base/xalloc.h"
#include "io/probe.h"
#include "run/draft.h"
#include "tui/editor.h"
#include "tui/json_lines.h"
#include "tui/verb_session.h"
#include "tui/verb_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_FILE "plan.yaml"

static void say(void *arg, const char *text)
{
	if (!cli_has(arg, CLI_QUIET))
		verb_say("%s", text);
}

/* Only a new file: a plan that is there may be somebody's work. */
static int save(const struct draft *draft, const char *file, struct err *err)
{
	if (verb_write_new(file, buf_str(&draft->text), draft->text.len, err) != 0) {
		if (err->code == ERR_EXISTS)
			err_hint(err, "-o FILE names another one");
		return -1;
	}
	verb_say("saved as '%s'; it has not been run: belay run %s", file, file);
	return 0;
}

static void show(const struct draft *draft)
{
	struct buf tree = { 0 };
	verb_say_diags(&draft->diags);
	for (size_t i = 0; draft->plan && i < draft->plan->n_steps; i++)
		verb_tree_step(&tree, draft->plan, &draft->plan->step[i]);
	verb_put_clean(stderr, &tree);
	buf_release(&tree);
}

static int edit(struct draft *draft, const char *file, struct err *err)
{
	struct buf edited = { 0 };
	if (editor_run(&draft->text, &edited, err) != 0) {
		buf_release(&edited);
		return -1;
	}
	buf_release(&draft->text);
	draft->text = edited;
	(void)!draft_check(draft, file); /* what is wrong is shown */
	return 0;
}

/* A person looks at it until it is saved or given up. */
static int review(struct draft *draft, const char *file, struct err *err)
{
	char line[64];
	for (;;) {
		struct err why = { 0 };
		show(draft);
		verb_say("[p]rint, [e]dit, [s]ave as '%s'%s, [q]uit without saving:", file, draft->plan ? "" : " all the same");
		if (!fgets(line, sizeof line, stdin))
			return err_set(err, ERR_DECLINED, "the plan was not saved");
		int rc = 0;
		switch (line[0]) {
		case 'p':
			verb_print("%s", buf_str(&draft->text));
			break;
		case 'e':
			rc = edit(draft, file, &why);
			break;
		case 's':
			if (save(draft, file, &why) == 0)
				return 0;
			rc = -1;
			break;
		case 'q':
			return err_set(err, ERR_DECLINED, "the plan was not saved");
		default:
			break;
		}
		if (rc != 0)
			verb_say_error(&why);
	}
}

static void put_object(struct json_lines *lines, const struct draft *draft, const char *file)
{
	json_lines_begin(lines, "draft");
	json_key(&lines->w, "attempts");
	json_put_int(&lines->w, draft->attempts);
	if (file) {
		json_key(&lines->w, "file");
		json_put_cstr(&lines->w, file);
	}
	json_key(&lines->w, "plan");
	json_put_bytes(&lines->w, buf_str(&draft->text), draft->text.len);
	json_lines_end(lines);
}

/* Nobody to look at it: on stdout, or into the file that was named. */
static int hand_over(const struct draft *draft, const struct cli *cli, struct json_lines *lines, struct err *err)
{
	const char *file = cli_get(cli, CLI_SAVE);
	show(draft);
	if (file && save(draft, file, err) != 0)
		return -1;
	if (cli_has(cli, CLI_JSON))
		put_object(lines, draft, file);
	else if (!file)
		verb_print("%s", buf_str(&draft->text));
	return 0;
}

/* Asked before the model is: an answer that has no place to go is paid for nothing. */
static int check_folder(const char *file, struct err *err)
{
	struct buf dir = { 0 };
	path_dir(file, &dir);
	const char *folder = dir.len ? buf_str(&dir) : *file == '/' ? "/" : ".";
	int rc = access(folder, W_OK | X_OK) == 0 ? 0 : err_errno(err, errno, "cannot make '%s'", file);
	buf_release(&dir);
	return rc;
}

static int check_arguments(const struct cli *cli, const char *file, struct err *err)
{
	if (!cli->arg[0][strspn(cli->arg[0], " \t\n")])
		return err_set(err, ERR_USAGE, "the goal is empty: say what the plan is to reach");
	struct stat st;
	if (file && lstat(file, &st) == 0) { /* a link that leads nowhere, too */
		err_set(err, ERR_EXISTS, "'%s' is there already, and stays as it is", file);
		return err_hint(err, "-o FILE names another one");
	}
	return file ? check_folder(file, err) : 0;
}

static int make(struct draft *draft, struct session *session, const char *file, struct err *err)
{
	const struct draft_request request = {
		.goal = session->cli->arg[0], .root = session->root, .file = file, .config = session->config,
		.model = session->options.model, .cache = session->options.cache, .tape = session->tape, .say = say,
		.arg = (void *)session->cli,
	};
	if (!session->config->n_providers && !session->tape)
		probe_discover(session->config);
	return draft_make(draft, &request, err);
}

int verb_draft(const struct cli *cli)
{
	struct session session;
	struct draft draft = { 0 };
	struct json_lines lines = { 0 };
	struct err err = { 0 };
	const char *file = cli_get(cli, CLI_SAVE);
	int rc = session_init(&session, cli, &err);
	bool is_seen = !cli_has(cli, CLI_JSON) && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	const char *name = file ? file : DEFAULT_FILE;
	verb_signals_default();
	if (rc == 0)
		rc = check_arguments(cli, is_seen ? name : file, &err);
	if (rc == 0 && (rc = make(&draft, &session, name, &err)) != 0)
		verb_say_diags(&draft.diags);
	/* A plan that is not right yet can be put right by hand. */
	if (is_seen && draft.text.len && (rc == 0 || err.code == ERR_ANSWER)) {
		if (rc != 0)
			verb_say_error(&err);
		err_clear(&err);
		rc = review(&draft, name, &err);
	} else if (rc == 0) {
		rc = hand_over(&draft, cli, &lines, &err);
	}
	int code = rc == 0 ? EXIT_DONE : verb_exit_of(&err);
	if (rc != 0)
		verb_say_error(&err);
	if (rc != 0 && cli_has(cli, CLI_JSON))
		json_lines_error(&lines, &err);
	if (cli_has(cli, CLI_JSON))
		json_lines_result(&lines, code);
	draft_release(&draft);
	session_release(&session);
	return code;
}
