#include "run/review.h"
#include "tui/verb_session.h"
#include "tui/verb_start.h"
#include "tui/verb_trust.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The needs that would be cut, and whether they may be. Only the word itself is a yes. */
static bool asks_to_cut(const struct verb_plan *plan)
{
	char line[16];
	for (size_t i = 0; i < plan->n_cuts; i++)
		verb_say("the needs go in a circle: '%s' would no longer wait for '%s'",
		         plan->plan->step[plan->cuts[i].from].id, plan->plan->step[plan->cuts[i].to].id);
	verb_say("type 'cut' to run the plan so, anything else not to:");
	verb_signals_default();
	bool answered = fgets(line, sizeof line, stdin) != NULL;
	verb_signals_hold();
	if (!answered)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, "cut") == 0;
}

/* In a terminal a cycle is no dead end: the plan that --break-cycles would run is offered. */
static bool offer_cut(struct session *session, struct verb_plan_request *request)
{
	struct verb_plan cut = { 0 };
	if (!session->front.can_ask || session->front.kind == FRONT_JSON || request->break_cycles ||
	    strcmp(request->file, "-") == 0)
		return false;
	request->break_cycles = true;
	if (verb_plan_load(&cut, request) == 0 && cut.n_cuts && asks_to_cut(&cut)) {
		verb_plan_release(&session->plan);
		session->plan = cut;
		return true;
	}
	request->break_cycles = false;
	verb_plan_release(&cut);
	return false;
}

static int load(struct session *session, struct verb_plan_request *request, const struct session_selection *selection,
                struct err *err)
{
	if (verb_plan_load(&session->plan, request) != 0 && !offer_cut(session, request))
		return err_set(err, ERR_PLAN, "the plan is not valid: %zu error%s", session->plan.diags.n_errors,
		               session->plan.diags.n_errors == 1 ? "" : "s");
	return trust_check_plan(session, request, err) != 0 ? -1 : session_admit(session, selection, err);
}

static int begin(struct session *session, const struct verb_plan_request *request,
                 const struct session_selection *selection, struct err *err)
{
	int rc = session_begin(session, err);
	if (rc == 0)
		rc = start_record_write(session, request, selection, err);
	if (rc != 0 && session->dir)
		(void)rmdir(session->dir); /* only when it is empty */
	return rc;
}

int verb_run(const struct cli *cli)
{
	struct session session;
	struct verb_plan_request request = { 0 };
	struct err err = { 0 };
	int code;
	struct session_selection selection = { cli_get(cli, CLI_FROM), cli_get(cli, CLI_UNTIL), cli_get(cli, CLI_ONLY) };
	int rc = session_init(&session, cli, &err);
	session.options.dry_run = cli_has(cli, CLI_DRY_RUN);
	session.options.mode = session.options.dry_run ? DRY_RUN_MODE : NULL;
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
