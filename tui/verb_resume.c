#include "io/reserve.h"
#include "run/lineage.h"
#include "run/review.h"
#include "tui/verb_session.h"
#include "tui/verb_start.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* A damaged one is refused when it is read. */
static bool is_of_plan(const struct run_info *run)
{
	return strcmp(run->mode, "run") == 0 || strcmp(run->mode, "apply") == 0 || run->damaged;
}

/* Without a name: the newest run that is one of a plan. */
static int find_run(const struct cli *cli, const char *root, const struct run_list *runs, struct run_info *out,
                    struct err *err)
{
	for (size_t i = 0; !cli->n_args && i < runs->n_runs; i++)
		if (is_of_plan(&runs->run[i]))
			return runs_find(root, runs->run[i].id, out, err);
	if (verb_find_run(cli, root, out, err) != 0)
		return -1;
	if (is_of_plan(out))
		return 0;
	if (strcmp(out->mode, DRY_RUN_MODE) == 0) {
		err_set(err, ERR_USAGE, "'%s' is a dry run: it has nothing to go on with", out->id);
		err_hint(err, "'belay apply %s' lands what it proposed", out->id);
		run_info_release(out);
		return -1;
	}
	err_set(err, ERR_USAGE, "'%s' is no run of a plan but the %s of '%s'", out->id, out->mode, out->from);
	err_hint(err, "'belay resume %s' goes on with that run", out->from);
	run_info_release(out);
	return -1;
}

/* With the lock held: what other runs did to this one's steps meanwhile goes into its journal, which then says all. */
static int settle(struct session *session, const struct run_info *run, struct run_list *runs, struct err *err)
{
	struct start_record record;
	struct lineage lineage = { 0 };
	int rc = session_recover(session, runs, err);
	if (rc == 0)
		rc = lineage_read(&lineage, runs, run, err);
	if (rc == 0)
		rc = start_record_read(&record, run->dir, err);
	if (rc == 0) {
		rc = start_record_load(session, &record, lineage.model.plan_hash, err);
		start_record_release(&record);
	}
	if (rc == 0)
		rc = lineage_settle(&lineage, err);
	lineage_release(&lineage);
	return rc;
}

/* What a dry run proposed still stands for steps that have not landed. When that run is gone, they are proposed anew. */
static int read_review(struct session *session, const struct run_info *run, struct review **review, struct err *err)
{
	struct run_info from = { 0 };
	if (strcmp(run->mode, "apply") != 0 || runs_find(session->root, run->from, &from, NULL) != 0)
		return 0;
	int rc = review_read(review, from.dir, err);
	session->options.review = *review;
	run_info_release(&from);
	return rc;
}

static int begin(struct session *session, struct review **review, struct err *err)
{
	struct run_list runs;
	struct run_info run = { 0 };
	if (runs_list(session->root, &runs, err) != 0)
		return -1;
	int rc = find_run(session->cli, session->root, &runs, &run, err);
	if (rc == 0) {
		session->run = xstrdup(run.id);
		session->dir = xstrdup(run.dir);
		reserve_yield(session->root, false); /* for the recovery */
		rc = tree_lock_take(&session->lock, session->root, run.id, NULL, err);
	}
	if (rc == 0)
		rc = settle(session, &run, &runs, err);
	if (rc == 0)
		rc = read_review(session, &run, review, err);
	run_info_release(&run);
	run_list_release(&runs);
	return rc;
}

int verb_resume(const struct cli *cli)
{
	struct session session;
	struct review *review = NULL;
	struct err err = { 0 };
	int code;
	int rc = session_init(&session, cli, &err);
	if (rc == 0)
		rc = begin(&session, &review, &err);
	session.options.resume = true;
	code = rc == 0 ? session_go(&session) : session_fail(&session, &err);
	session_release(&session);
	review_free(review);
	return code;
}
