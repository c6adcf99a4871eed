#include "tui/verb_session.h"

#include "base/xalloc.h"
#include "io/habits.h"
#include "io/probe.h"
#include "io/reserve.h"
#include "io/runs_gc.h"
#include "io/tape.h"
#include "run/recover.h"
#include "tui/json_lines.h"
#include "tui/verb_stats.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS_MAX 64

static int take_yes(const struct cli *cli, enum risk *out, struct err *err)
{
	const char *level = cli_get(cli, CLI_YES);
	*out = cli_has(cli, CLI_YES) ? RISK_MEDIUM : RISK_NONE;
	if (!level)
		return 0;
	int risk = risk_parse(level);
	if (risk < RISK_LOW || risk > RISK_HIGH)
		return err_set(err, ERR_USAGE, "'--yes' is low, medium or high, not '%.40s'", level);
	*out = (enum risk)risk;
	return 0;
}

static int take_cache(const struct cli *cli, enum cache_mode *out, struct err *err)
{
	static const struct {
		const char *name;
		enum cache_mode mode;
	} modes[] = { { "use", CACHE_USE }, { "refresh", CACHE_REFRESH }, { "only", CACHE_ONLY }, { "off", CACHE_OFF } };
	const char *name = cli_get(cli, CLI_CACHE);
	*out = CACHE_DEFAULT;
	for (size_t i = 0; name && i < sizeof modes / sizeof *modes; i++)
		if (strcmp(name, modes[i].name) == 0)
			*out = modes[i].mode;
	if (!name || *out != CACHE_DEFAULT)
		return 0;
	return err_set(err, ERR_USAGE, "'--cache' is use, refresh, only or off, not '%.40s'", name);
}

/* A recording holds all that a run was answered: the cache answers nothing of it. */
static int open_tape(struct session *session, struct err *err)
{
	const char *record = cli_get(session->cli, CLI_RECORD);
	const char *replay = cli_get(session->cli, CLI_REPLAY);
	struct run_options *options = &session->options;
	if (!record && !replay)
		return 0;
	if (record && replay)
		return err_set(err, ERR_USAGE, "'--record' and '--replay' exclude each other");
	if (options->cache != CACHE_DEFAULT)
		return err_set(err, ERR_USAGE, "'--cache' does not go with a recording, which stands for the servers");
	options->cache = record ? CACHE_REFRESH : CACHE_OFF;
	int rc = record ? tape_record(&session->tape, record, err) : tape_play(&session->tape, replay, err);
	options->tape = session->tape;
	return rc;
}

static int close_tape(struct session *session, int code)
{
	struct err err;
	struct tape *tape = session->tape;
	session->tape = session->options.tape = NULL;
	if (!tape || tape_close(tape, &err) == 0)
		return code;
	verb_say_error(&err);
	return code ? code : EXIT_FAILED;
}

int session_init(struct session *session, const struct cli *cli, struct err *err)
{
	int64_t workers;
	*session = (struct session){ .cli = cli };
	struct run_options *options = &session->options;
	if (verb_front_choose(&session->front, cli, err) != 0 || take_yes(cli, &options->yes, err) != 0 ||
	    take_cache(cli, &options->cache, err) != 0 ||
	    cli_get_int(cli, CLI_WORKERS, 1, WORKERS_MAX, 0, &workers, err) != 0 || verb_root(&session->root, err) != 0 ||
	    verb_load_config(&session->config, cli, session->root, err) != 0)
		return -1;
	options->n_workers = (size_t)workers;
	options->config = session->config;
	options->root = session->root;
	options->model = cli_get(cli, CLI_MODEL);
	options->can_ask = session->front.can_ask;
	if (habits_path(&session->habits, err) != 0)
		return -1;
	options->habits = buf_str(&session->habits);
	options->stay_open = session->front.kind == FRONT_SCREEN;
	session->front.config = session->config;
	const char *trace = cli_get(cli, CLI_TRACE);
	if (trace && verb_trace_begin(trace, err) != 0)
		return -1;
	return open_tape(session, err);
}

/* As many as the executor will have. */
static int64_t n_workers(const struct run_options *options)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (options->n_workers)
		return (int64_t)options->n_workers;
	return options->plan->limits.workers > 0 ? options->plan->limits.workers : cores > 0 ? cores : 1;
}

/* The first run of all, perhaps: what runs on this machine serves, and is named. */
static void find_servers(struct session *session)
{
	const struct plan *plan = session->plan.plan;
	bool asks = false;
	for (size_t i = 0; i < plan->n_steps; i++)
		asks = asks || plan->step[i].prompt;
	if (!asks || session->config->n_providers || session->tape)
		return;
	probe_discover(session->config);
	for (size_t i = 0; i < session->config->n_providers; i++)
		verb_say("no provider is configured: '%s' was found at %s", session->config->provider[i].name,
		         session->config->provider[i].url);
}

int session_admit(struct session *session, const struct session_selection *selection, struct err *err)
{
	struct verb_plan *plan = &session->plan;
	struct run_options *options = &session->options;
	if (selection->from || selection->until || selection->only) {
		session->selected = xcalloc(plan->dag->n_nodes, sizeof *session->selected);
		if (dag_select(plan->dag, plan->plan, selection->from, selection->until, selection->only, session->selected,
		               err) != 0)
			return -1;
	}
	find_servers(session);
	options->plan = plan->plan;
	options->dag = plan->dag;
	options->cut = plan->cuts;
	options->n_cuts = plan->n_cuts;
	options->selected = session->selected;
	session->front.n_workers = n_workers(options);
	session->front.usd_limit = plan->plan->limits.usd;
	return 0;
}

/* Without it the disk is full: nothing is begun. Where it cannot be had for another reason, that is said. */
static int reserve(const struct session *session, struct err *err)
{
	struct err why = { 0 };
	if (reserve_keep(session->root, &why) == 0)
		return 0;
	if (why.code == ERR_NO_SPACE) {
		*err = why;
		return err_hint(err, "make room first; 'belay undo' works all the same");
	}
	verb_say_error(&why);
	return 0;
}

/* Old runs go, a few at a time. That they stay for once is no reason not to run. */
static void sweep(const struct session *session, const struct run_list *runs)
{
	const struct gc_caps caps = { .age_ms = GC_AGE_MS, .bytes = GC_BYTES, .max_runs = GC_SWEEP_RUNS };
	struct gc_report report;
	struct err err = { 0 };
	if (runs_gc(runs, &caps, session->run, &report, &err) != 0)
		verb_say_error(&err);
	gc_report_release(&report);
}

int session_recover(const struct session *session, const struct run_list *runs, struct err *err)
{
	struct recover_report report;
	recover_tree(runs, session->root, session->run, &report);
	if (report.err.code != ERR_NONE)
		verb_say_error(&report.err);
	if (report.n_conflicts)
		verb_say("after a crash, %zu file%s left as found: they are neither as before nor as after a step",
		         report.n_conflicts, report.n_conflicts == 1 ? " was" : "s were");
	if (report.err.code == ERR_NONE)
		sweep(session, runs);
	return reserve(session, err);
}

int session_begin(struct session *session, struct err *err)
{
	struct run_list runs;
	reserve_yield(session->root, false); /* for a recovery */
	if (runs_create(session->root, &session->run, &session->dir, err) != 0)
		return -1;
	if (tree_lock_take(&session->lock, session->root, session->run, NULL, err) != 0) {
		(void)rmdir(session->dir); /* it is empty */
		return -1;
	}
	if (runs_list(session->root, &runs, err) != 0)
		return -1;
	int rc = session_recover(session, &runs, err);
	run_list_release(&runs);
	if (rc != 0)
		(void)rmdir(session->dir); /* it is empty */
	return rc;
}

/* A trace that cannot be written does not make a failure of what was done. */
static void write_trace(const struct session *session)
{
	struct err err = { 0 };
	const char *file = cli_get(session->cli, CLI_TRACE);
	if (file && verb_trace_write(file, session->dir, &err) != 0)
		verb_say_error(&err);
}

/* A signal's status stands over that of the run, which it stopped. */
int session_go(struct session *session)
{
	struct executor *executor;
	struct err err = { 0 };
	session->options.run_id = session->run;
	session->options.run_dir = session->dir;
	if (executor_start(&executor, &session->options, &err) != 0)
		return session_fail(session, &err);
	int shown = verb_front_run(&session->front, session->cli, executor_feed(executor), &err);
	executor_close(executor, shown < 0 || shown > 128);
	int code = executor_join(executor);
	executor_free(executor);
	write_trace(session);
	code = close_tape(session, code);
	if (shown < 0)
		return session_fail(session, &err);
	return shown > 128 ? shown : code;
}

int session_fail(struct session *session, const struct err *err)
{
	struct json_lines lines = { 0 };
	int code = verb_exit_of(err);
	verb_say_diags(&session->plan.diags);
	verb_say_error(err);
	if (!cli_has(session->cli, CLI_JSON))
		return code;
	for (size_t i = 0; i < session->plan.diags.n_diags; i++)
		json_lines_diag(&lines, &session->plan.diags.diag[i]);
	json_lines_error(&lines, err);
	json_lines_result(&lines, code);
	return code;
}

void session_release(struct session *session)
{
	tree_lock_release(session->lock);
	tape_free(session->tape);
	verb_plan_release(&session->plan);
	config_free(session->config);
	free(session->selected);
	free(session->root);
	free(session->run);
	free(session->dir);
	buf_release(&session->habits);
	*session = (struct session){ 0 };
}
