/* `belay take`: an answer that was copied from any chat lands as a run of one step, reviewed, journaled, undoable. */
#include "base/json.h"
#include "base/xalloc.h"
#include "io/file.h"
#include "plan/plan_yaml.h"
#include "run/take.h"
#include "tui/verb_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX (16 * 1024 * 1024)

static int read_stdin(struct buf *out, struct err *err)
{
	char data[65536];
	ssize_t n;
	verb_signals_default();
	while ((n = read(STDIN_FILENO, data, sizeof data)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "cannot read stdin");
		if (out->len + (size_t)n > ANSWER_MAX)
			return err_set(err, ERR_LIMIT, "the answer is over the limit of %d MiB", ANSWER_MAX >> 20);
		buf_add(out, data, (size_t)n);
	}
	verb_signals_hold();
	return 0;
}

/* The answer came through stdin; who is to approve it sits at the terminal. */
static void give_stdin_back(void)
{
	if (isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	close(fd);
}

static int read_answer(const char *file, struct buf *out, struct err *err)
{
	if (strcmp(file, "-") != 0)
		return file_slurp(file, ANSWER_MAX, out, err);
	if (isatty(STDIN_FILENO))
		verb_say("paste the answer, then C-d on a line of its own:");
	if (read_stdin(out, err) != 0)
		return -1;
	give_stdin_back();
	return 0;
}

/* A plan of one step; JSON is YAML. Of the patch it has the beginning only: its bytes need be no UTF-8. */
static void write_plan(const struct take *take, struct buf *out)
{
	struct json_writer w = { .out = out };
	buf_add_str(out, "belay: 1\nname: take\nsteps:\n  - id: take\n    title: an answer from a chat\n    risk: ");
	buf_add_str(out, take->removes || take->shrinks ? "high" : "medium");
	buf_add_str(out, "\n    patch: \"--- a\\n+++ a\\n\"\n    refactor: ");
	json_begin_array(&w);
	for (size_t i = 0; i < take->paths.n_items; i++)
		json_put_cstr(&w, take->paths.item[i]);
	json_end_array(&w);
	buf_add_char(out, '\n');
}

static int make_plan(struct session *session, struct take *take, struct err *err)
{
	struct verb_plan *plan = &session->plan;
	struct plan_load_options options = { 0 };
	const struct session_selection all = { 0 };
	struct dag_edge cut;
	struct buf text = { 0 };
	write_plan(take, &text);
	int rc = plan_load(&plan->plan, "take", buf_str(&text), text.len, &options, &plan->diags);
	buf_release(&text);
	if (rc != 0)
		return err_set(err, ERR_PLAN, "the answer makes no step that can be run");
	free(plan->plan->step[0].patch);
	plan->plan->step[0].patch = buf_take(&take->patch, NULL);
	if (dag_build(&plan->dag, plan->plan, false, &plan->cuts, &plan->n_cuts, &cut, err) != 0)
		return -1;
	session->options.mode = "take";
	return session_admit(session, &all, err);
}

static void say_reasons(const struct take *take)
{
	if (take->reasons.len) {
		verb_say("nothing was used; this can go back to the chat:\n");
		verb_put_clean(stderr, &take->reasons);
		fputc('\n', stderr);
	}
	if (take->shrinks)
		verb_say("a whole file loses 40%% of its lines or more: look whether parts are missing");
}

/* What can be said of the answer before anything is begun. */
static int prepare(struct session *session, const struct buf *answer, struct err *err)
{
	struct take take;
	int rc = take_answer(&take, session->root, buf_str(answer), answer->len, err);
	say_reasons(&take);
	if (rc == 0 && !take.paths.n_items)
		rc = err_set(err, ERR_EXISTS, "nothing to do: what the answer puts in is there already");
	if (rc == 0)
		rc = make_plan(session, &take, err);
	take_release(&take);
	return rc;
}

int verb_take(const struct cli *cli)
{
	struct session session = { .cli = cli };
	struct buf answer = { 0 };
	struct err err = { 0 };
	int rc = read_answer(cli->n_args ? cli->arg[0] : "-", &answer, &err);
	if (rc == 0)
		rc = session_init(&session, cli, &err);
	if (rc == 0)
		rc = prepare(&session, &answer, &err);
	if (rc == 0)
		rc = session_begin(&session, &err);
	int code = rc == 0 ? session_go(&session) : session_fail(&session, &err);
	buf_release(&answer);
	session_release(&session);
	return code;
}
