/* `belay apply`: lands what a dry run proposed, as a run of its own: no model is asked for what still holds. */
#include "base/xalloc.h"
#include "run/review.h"
#include "tui/verb_session.h"
#include "tui/verb_start.h"
#include "tui/verb_trust.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Without a name: the newest dry run. */
static int find_dry_run(const struct cli *cli, const char *root, struct run_info *out, struct err *err)
{
	struct run_list runs;
	if (cli->n_args)
		return verb_find_run(cli, root, out, err);
	if (runs_list(root, &runs, err) != 0)
		return -1;
	const char *id = NULL;
	for (size_t i = 0; !id && i < runs.n_runs; i++)
		if (strcmp(runs.run[i].mode, DRY_RUN_MODE) == 0)
			id = runs.run[i].id;
	int rc = id ? runs_find(root, id, out, err) : err_set(err, ERR_NOT_FOUND, "there is no dry run here");
	if (!id)
		err_hint(err, "'belay run --dry-run PLAN' makes one");
	run_list_release(&runs);
	return rc;
}

static int begin(struct session *session, const struct start_record *record, struct err *err)
{
	struct session_selection selection;
	struct verb_plan_request request;
	start_record_request(record, session->root, &request, &selection);
	int rc = trust_check_plan(session, &request, err);
	if (rc == 0)
		rc = session_begin(session, err);
	if (rc == 0)
		rc = start_record_write(session, &request, &selection, err);
	if (rc != 0 && session->dir)
		(void)rmdir(session->dir); /* only when it is empty */
	return rc;
}

static int prepare(struct session *session, const struct run_info *run, struct review **review, struct err *err)
{
	struct start_record record = { 0 };
	int rc = review_read(review, run->dir, err);
	if (rc == 0)
		rc = start_record_read(&record, run->dir, err);
	if (rc == 0)
		rc = start_record_load(session, &record, review_plan_hash(*review), err);
	if (rc == 0)
		rc = begin(session, &record, err);
	start_record_release(&record);
	session->options.mode = "apply";
	session->options.from = run->id;
	session->options.review = *review;
	return rc;
}

int verb_apply(const struct cli *cli)
{
	struct session session;
	struct review *review = NULL;
	struct run_info run = { 0 };
	struct err err = { 0 };
	int rc = session_init(&session, cli, &err);
	if (rc == 0)
		rc = find_dry_run(cli, session.root, &run, &err);
	if (rc == 0)
		rc = prepare(&session, &run, &review, &err);
	int code = rc == 0 ? session_go(&session) : session_fail(&session, &err);
	session_release(&session);
	review_free(review);
	run_info_release(&run);
	return code;
}
