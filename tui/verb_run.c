#include "tui/verb_session.h"
#include "tui/verb_start.h"

#include <string.h>
#include <unistd.h>

static int load(struct session *session, struct verb_plan_request *request, const struct session_selection *selection,
                struct err *err)
{
	if (verb_plan_load(&session->plan, request) != 0)
		return err_set(err, ERR_PLAN, "the plan is not valid: %zu error%s", session->plan.diags.n_errors,
		               session->plan.diags.n_errors == 1 ? "" : "s");
	return session_admit(session, selection, err);
}

/* The run's folder, and the tree for this run alone; what a crash left is put right before anything is begun. */
static int begin(struct session *session, const struct verb_plan_request *request,
                 const struct session_selection *selection, struct err *err)
{
	struct run_list runs;
	if (runs_create(session->root, &session->run, &session->dir, err) != 0)
		return -1;
	if (tree_lock_take(&session->lock, session->root, session->run, NULL, err) != 0) {
		(void)rmdir(session->dir); /* it is empty */
		return -1;
	}
	if (runs_list(session->root, &runs, err) != 0)
		return -1;
	session_recover(session, &runs);
	run_list_release(&runs);
	return start_record_write(session, request, selection, err);
}

int verb_run(const struct cli *cli)
{
	struct session session;
	struct verb_plan_request request = { 0 };
	struct err err = { 0 };
	int code;
	struct session_selection selection = { cli_get(cli, CLI_FROM), cli_get(cli, CLI_UNTIL), cli_get(cli, CLI_ONLY) };
	int rc = session_init(&session, cli, &err);
	if (rc == 0) {
		verb_plan_request_init(&request, cli, session.root, cli->arg[0], &session.plan);
		request.keep_text = strcmp(request.file, "-") == 0;
		rc = load(&session, &request, &selection, &err);
	}
	if (rc == 0)
		rc = begin(&session, &request, &selection, &err);
	if (rc == 0) {
		verb_say_diags(&session.plan.diags); /* warnings */
		code = session_go(&session);
	} else {
		code = session_fail(&session, &err);
	}
	verb_plan_request_release(&request);
	session_release(&session);
	return code;
}
