#include "io/reserve.h"
#include "run/lineage.h"
#include "tui/verb_session.h"
#include "tui/verb_start.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* Without a name: the newest run that is one of a plan. */
static int find_run(const struct cli *cli, const char *root, const struct run_list *runs, struct run_info *out,
                    struct err *err)
{
	for (size_t i = 0; !cli->n_args && i < runs->n_runs; i++)
		if (strcmp(runs->run[i].mode, "run") == 0 || runs->run[i].damaged)
			return runs_find(root, runs->run[i].id, out, err);
	if (verb_find_run(cli, root, out, err) != 0)
		return -1;
	if (strcmp(out->mode, "run") == 0 || out->damaged) /* a damaged one is refused when it is read */
		return 0;
	err_set(err, ERR_USAGE, "'%s' is no run of a plan but the %s of '%s'", out->id, out->mode, out->from);
	err_hint(err, "'belay resume %s' goes on with that run", out->from);
	run_info_release(out);
	return -1;
}

static int load_plan(struct session *session, const struct start_record *record, const char *plan_hash, struct err *err)
{
	struct verb_plan_request request = { .file = record->file, .name = record->name, .root = session->root,
		                             .break_cycles = record->break_cycles, .vars = record->vars };
	struct session_selection selection = { record->from, record->until, record->only };
	if (verb_plan_load(&session->plan, &request) != 0)
		return err_set(err, ERR_PLAN, "the plan is not valid any more");
	if (strcmp(session->plan.plan->hash, plan_hash) != 0) {
		err_set(err, ERR_PLAN, "'%s' changed since the run began", record->name);
		return err_hint(err, "bring it back as it was, or run it anew with 'belay run'");
	}
	return session_admit(session, &selection, err);
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
		rc = load_plan(session, &record, lineage.model.plan_hash, err);
		start_record_release(&record);
	}
	if (rc == 0)
		rc = lineage_settle(&lineage, err);
	lineage_release(&lineage);
	return rc;
}

static int begin(struct session *session, struct err *err)
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
	run_info_release(&run);
	run_list_release(&runs);
	return rc;
}

int verb_resume(const struct cli *cli)
{
	struct session session;
	struct err err = { 0 };
	int code;
	int rc = session_init(&session, cli, &err);
	if (rc == 0)
		rc = begin(&session, &err);
	session.options.resume = true;
	code = rc == 0 ? session_go(&session) : session_fail(&session, &err);
	session_release(&session);
	return code;
}
