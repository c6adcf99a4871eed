#include "run/executor.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "run/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BELAY_VERSION_NAME "0.1.0"
#define MAX_ACTIONS 64

static void message_free(void *item)
{
	struct message *message = item;
	if (!message)
		return;
	command_free(message->command);
	free(message->event);
	free(message);
}

void engine_post(struct executor *ex, struct message *message)
{
	if (!queue_push(ex->inbox, message))
		message_free(message);
}

/* Texts over the limit go into the store; the journal holds their hash. */
static int store_text(struct executor *ex, struct event *event, char hex[HASH_HEX_SIZE], struct err *err)
{
	struct hash hash;
	if (!event->text.data || event->text.len <= EVENT_TEXT_INLINE_MAX)
		return 0;
	if (store_put(ex->store, event->text.data, event->text.len, &hash, err) != 0)
		return -1;
	hash_format(&hash, hex);
	event->text.blob = hex;
	return 0;
}

/* A prompt's target travels with its bytes, which the store keeps for the live diff in a replay. */
static int store_read_file(struct executor *ex, const struct event *event, struct err *err)
{
	struct hash hash;
	if (event->kind != EVENT_FILE_READ || !event->text.data)
		return 0;
	return store_put(ex->store, event->text.data, event->text.len, &hash, err);
}

int engine_record(struct executor *ex, struct event *event, bool durable, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	event->seq = journal_next_seq(ex->journal);
	event->at_ms = clock_wall_ms();
	event->run = ex->options.run_id;
	if (store_text(ex, event, hex, err) != 0 || store_read_file(ex, event, err) != 0)
		return -1;
	if (journal_append(ex->journal, event, err) != 0 || (durable && journal_sync(ex->journal, err) != 0))
		return -1;
	event->text.blob = NULL; /* listeners get the text itself */
	if (run_model_apply(&ex->model, event, err) != 0)
		return -1;
	if (event->kind == EVENT_LANDED)
		landed_add(ex, event);
	ex->ended = event->kind == EVENT_RUN_FINISHED;
	if (ex->feed)
		live_feed_publish(ex->feed, event);
	return 0;
}

void engine_tell(struct executor *ex, struct event *event)
{
	struct err err = { 0 };
	if (ex->fatal.code == ERR_NONE && engine_record(ex, event, false, &err) != 0)
		ex->fatal = err;
}

void engine_notice(struct executor *ex, const char *step, const char *category, const char *message, const char *hint)
{
	struct event event = {
		.kind = EVENT_NOTICE, .step = step, .category = category, .message = message, .hint = hint,
	};
	engine_tell(ex, &event);
}

int engine_node_of(const struct executor *ex, const char *step)
{
	for (size_t i = 0; step && i < ex->graph.n_nodes; i++)
		if (strcmp(ex->graph.node[i].step->id, step) == 0)
			return (int)i;
	return -1;
}

static int lander_record(void *arg, struct event *event, bool durable, struct err *err)
{
	return engine_record(arg, event, durable, err);
}

static uint64_t lander_next_seq(void *arg)
{
	struct executor *ex = arg;
	return journal_next_seq(ex->journal);
}

static void make_graph(struct executor *ex)
{
	const struct plan *plan = ex->options.plan;
	const struct dag *dag = ex->options.dag;
	ex->graph.node = xcalloc(plan->n_steps, sizeof *ex->graph.node);
	ex->graph.n_nodes = ex->graph.cap_nodes = plan->n_steps;
	ex->state = xcalloc(plan->n_steps, sizeof *ex->state);
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct dag_node *from = &dag->node[i];
		ex->graph.node[i] = (struct graph_node){
			.step = &plan->step[i],
			.need = xmemdup(from->need, from->n_needs * sizeof *from->need),
			.n_needs = from->n_needs,
			.after = xmemdup(from->after, from->n_after * sizeof *from->after),
			.n_after = from->n_after,
			.made_by = -1,
			.is_step = from->is_step,
			.selected = from->is_step && (!ex->options.selected || ex->options.selected[i]),
		};
	}
}

static void declare_step(struct executor *ex, const struct plan_step *step)
{
	struct buf title = { 0 };
	const struct plan *plan = ex->options.plan;
	plan_step_title(step, &title);
	struct event event = {
		.kind = EVENT_STEP_DECLARED,
		.step = step->id,
		.verb = verb_name(step->verb),
		.title = buf_str(&title),
		.parent = step->parent >= 0 ? plan->step[step->parent].id : NULL,
		.needs = { (const char *const *)step->needs.item, step->needs.n_items },
		.risk = risk_name(policy_static_risk(plan, step)),
	};
	engine_tell(ex, &event);
	buf_release(&title);
}

static void declare_run(struct executor *ex, const char *head)
{
	const struct run_options *o = &ex->options;
	struct event started = {
		.kind = EVENT_RUN_STARTED,
		.plan = o->plan->file,
		.plan_hash = o->plan->hash,
		.root = o->root,
		.head = head,
		.version = BELAY_VERSION_NAME,
		.mode = "run",
	};
	engine_tell(ex, &started);
	for (size_t i = 0; i < o->plan->n_steps; i++)
		if (o->plan->step[i].verb != VERB_GROUP)
			declare_step(ex, &o->plan->step[i]);
	for (size_t i = 0; i < o->n_cuts; i++) {
		struct event cut = {
			.kind = EVENT_EDGE_CUT,
			.from = o->plan->step[o->cut[i].from].id,
			.to = o->plan->step[o->cut[i].to].id,
		};
		engine_tell(ex, &cut);
	}
}

/* Folds the journal of an earlier start of this run, and keeps what landed for undo. */
static int read_journal(struct executor *ex, const char *file, struct err *err)
{
	struct journal_reader *reader;
	struct event_line line;
	int rc;
	if (journal_reader_open(&reader, file, err) != 0)
		return -1;
	while ((rc = journal_reader_next(reader, &line, err)) == 1) {
		rc = run_model_apply(&ex->model, &line.event, err);
		if (rc == 0 && line.event.kind == EVENT_LANDED)
			landed_add(ex, &line.event);
		event_line_release(&line);
		if (rc != 0)
			break;
	}
	journal_reader_close(reader);
	return rc;
}

/* What a stop, a crash or a failure left open is tried again; what landed without its checks is checked. */
static void reopen_steps(struct executor *ex)
{
	struct event resumed = { .kind = EVENT_RUN_RESUMED, .at = (int64_t)ex->model.seq };
	engine_tell(ex, &resumed);
	for (size_t i = 0; i < ex->graph.n_nodes; i++) {
		const struct graph_node *node = &ex->graph.node[i];
		const struct model_step *step = node->is_step ? run_model_step(&ex->model, node->step->id) : NULL;
		if (!step || step->state == STEP_DONE || step->state == STEP_PENDING || step->state == STEP_TAKEN_BACK)
			continue;
		if (step->state == STEP_LANDED && step->landed) {
			flow_resume_checks(ex, i);
			continue;
		}
		struct event ready = { .kind = EVENT_STEP_READY, .step = step->id, .reason = "resumed" };
		engine_tell(ex, &ready);
	}
}

static void get_head(const struct executor *ex, char out[64])
{
	struct vcs *vcs;
	struct err err;
	out[0] = '\0';
	if (vcs_open(&vcs, ex->options.root, &err) != 0)
		return; /* without a repository there is no HEAD to tell */
	snprintf(out, 64, "%s", vcs_head(vcs));
	vcs_free(vcs);
}

static void *executor_thread(void *arg);

static void send_command(void *arg, const struct command *command)
{
	struct message *message = xcalloc(1, sizeof *message);
	message->kind = MESSAGE_COMMAND;
	message->command = command_clone(command);
	engine_post(arg, message);
}

static size_t count_workers(const struct run_options *options)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (options->n_workers)
		return options->n_workers;
	if (options->plan->limits.workers > 0)
		return (size_t)options->plan->limits.workers;
	return cores > 0 ? (size_t)cores : 1;
}

static int open_run(struct executor *ex, struct err *err)
{
	const struct run_options *o = &ex->options;
	struct buf file = { 0 };
	path_join(&file, o->run_dir, "journal.jsonl");
	int rc = workspace_open(&ex->ws, o->root, ex->limits.n_workers, err);
	if (rc == 0 && o->resume)
		rc = read_journal(ex, buf_str(&file), err);
	if (rc == 0)
		rc = journal_open(&ex->journal, buf_str(&file), err);
	if (rc == 0)
		rc = store_open(&ex->store, o->run_dir, err);
	if (rc == 0)
		rc = queue_new(&ex->inbox, err);
	if (rc == 0)
		rc = live_feed_new(&ex->feed, o->run_dir, send_command, ex, err);
	buf_release(&file);
	return rc;
}

int executor_start(struct executor **out, const struct run_options *options, struct err *err)
{
	struct executor *ex = xcalloc(1, sizeof *ex);
	ex->options = *options;
	ex->limits.n_workers = count_workers(options);
	run_model_init(&ex->model);
	make_graph(ex);
	if (open_run(ex, err) != 0) {
		executor_free(ex);
		return -1;
	}
	ex->lander = (struct lander){
		.root = &ex->ws.root,
		.store = ex->store,
		.record = lander_record,
		.next_seq = lander_next_seq,
		.arg = ex,
	};
	ex->llm = llm_new();
	ex->pool = pool_new(ex->limits.n_workers);
	if (thread_start(&ex->thread, "executor", executor_thread, ex, err) != 0) {
		executor_free(ex);
		return -1;
	}
	*out = ex;
	return 0;
}

struct feed *executor_feed(struct executor *ex)
{
	return ex->feed;
}

void executor_close(struct executor *ex, bool stop)
{
	struct message *message = xcalloc(1, sizeof *message);
	message->kind = MESSAGE_CLOSE;
	message->stop = stop;
	engine_post(ex, message);
}

int executor_join(struct executor *ex)
{
	thread_join(&ex->thread);
	return ex->exit_code;
}

void executor_free(struct executor *ex)
{
	if (!ex)
		return;
	thread_join(&ex->thread);
	pool_free(ex->pool);
	llm_free(ex->llm);
	queue_free(ex->inbox, message_free);
	for (size_t i = 0; i < ex->graph.n_nodes; i++)
		flow_release(&ex->state[i]);
	free(ex->state);
	for (size_t i = 0; i < ex->n_landed; i++)
		free(ex->landed[i].event);
	free(ex->landed);
	graph_release(&ex->graph);
	store_close(ex->store);
	journal_close(ex->journal);
	workspace_close(&ex->ws);
	run_model_release(&ex->model);
	if (ex->feed)
		ex->feed->ops->free(ex->feed);
	free(ex);
}

static int final_exit(const struct executor *ex)
{
	if (ex->fatal.code != ERR_NONE)
		return ex->fatal.code == ERR_CORRUPT ? 8 : 1;
	if (ex->rollback_incomplete)
		return 5;
	if (ex->rolled_back)
		return 4;
	if (ex->nobody_answers)
		return 7;
	int exit = schedule_exit(&ex->graph, &ex->model, false);
	return exit == 0 && ex->limits.stopping ? 3 : exit;
}

static const char *result_state(const struct model_step *step)
{
	switch (step->state) {
	case STEP_READY:
		return "pending";
	case STEP_RUNNING:
	case STEP_LANDED:
		return "cancelled";
	default:
		return step_state_name(step->state);
	}
}

/* The files that the run leaves changed: over all steps whose change is in the tree. */
static struct event_file *result_files(const struct executor *ex, size_t *n)
{
	struct map seen = { 0 };
	size_t room = 0;
	for (size_t i = 0; i < ex->model.n_steps; i++)
		room += ex->model.step[i]->n_files;
	struct event_file *file = xcalloc(room, sizeof *file);
	*n = 0;
	for (size_t i = 0; i < ex->model.n_steps; i++) {
		const struct model_step *step = ex->model.step[i];
		for (size_t j = 0; step->landed && j < step->n_files; j++) {
			const struct model_file *from = &step->file[j];
			struct event_file *old = map_get(&seen, from->path);
			if (old) { /* created by an earlier step of this run stays "created" */
				if (!(old->change == EVENT_CREATED && from->change == EVENT_MODIFIED))
					old->change = from->change;
				continue;
			}
			file[*n] = (struct event_file){ .path = from->path, .change = from->change };
			map_put(&seen, from->path, &file[(*n)++]);
		}
	}
	map_release(&seen);
	return file;
}

static void finish_run(struct executor *ex)
{
	struct err err = { 0 };
	if (schedule_wants_rollback(&ex->graph, &ex->model) && !ex->rolled_back)
		rollback_all(ex);
	ex->exit_code = final_exit(ex);
	struct event_state *state = xcalloc(ex->model.n_steps, sizeof *state);
	for (size_t i = 0; i < ex->model.n_steps; i++)
		state[i] = (struct event_state){ ex->model.step[i]->id, result_state(ex->model.step[i]) };
	size_t n_files;
	struct event_file *file = result_files(ex, &n_files);
	struct event event = {
		.kind = EVENT_RUN_FINISHED,
		.exit_code = ex->exit_code,
		.states = { state, ex->model.n_steps },
		.files = { file, n_files },
		.tokens = ex->model.tokens_in + ex->model.tokens_out,
		.usd = ex->model.usd,
		.ms = clock_wall_ms() - ex->model.started_ms,
	};
	if (store_sync(ex->store, journal_next_seq(ex->journal), "end of the run", NULL, &err) != 0 ||
	    engine_record(ex, &event, true, &err) != 0)
		ex->fatal = err;
	free(file);
	free(state);
}

static bool anything_runs(const struct executor *ex)
{
	for (size_t i = 0; i < ex->graph.n_nodes; i++)
		if (ex->state[i].stage == STAGE_PROPOSING || ex->state[i].stage == STAGE_CHECKING)
			return true;
	return false;
}

static void skip_node(struct executor *ex, const struct action *action)
{
	struct event event = {
		.kind = EVENT_STEP_SKIPPED,
		.step = ex->graph.node[action->node].step->id,
		.reason = action->reason,
	};
	engine_tell(ex, &event);
	ex->state[action->node].stage = STAGE_OVER;
}

/* Does all that can be done now; ends the run when nothing is left to wait for. */
static void advance(struct executor *ex)
{
	struct action action[MAX_ACTIONS];
	size_t n = 1;
	while (n && !ex->ended && ex->fatal.code == ERR_NONE) {
		if (ex->nobody_answers) {
			ex->limits.stopping = true;
			if (anything_runs(ex))
				return;
			finish_run(ex);
			return;
		}
		n = schedule(&ex->graph, &ex->model, &ex->limits, action, MAX_ACTIONS);
		for (size_t i = 0; i < n && !ex->nobody_answers; i++) {
			if (action[i].kind == ACTION_FINISH) {
				finish_run(ex);
				return;
			}
			if (action[i].kind == ACTION_READY || action[i].kind == ACTION_CLOSE)
				continue;
			if (action[i].kind == ACTION_SKIP) {
				skip_node(ex, &action[i]);
				continue;
			}
			ex->limits.n_single = 0;
			flow_start(ex, action[i].node);
		}
	}
}

static void take_message(struct executor *ex, struct message *message)
{
	switch (message->kind) {
	case MESSAGE_COMMAND:
		control_command(ex, message->command);
		break;
	case MESSAGE_EVENT:
		flow_take_event(ex, message->event);
		break;
	case MESSAGE_PROPOSED:
		flow_proposed(ex, message->node, message->rc, &message->err);
		break;
	case MESSAGE_CHECKED:
		flow_checked(ex, message->node, message->rc, &message->err);
		break;
	case MESSAGE_CLOSE:
		ex->closing = true;
		ex->options.can_ask = false;
		if (message->stop)
			control_stop_all(ex);
		break;
	}
	message_free(message);
}

static void begin(struct executor *ex)
{
	char head[64];
	struct err err = { 0 };
	size_t n_conflicts = 0;
	ex->sandbox = proc_best_sandbox();
	if (ex->options.resume) {
		if (land_recover(&ex->lander, ex->options.run_dir, &n_conflicts, &err) != 0)
			ex->fatal = err;
		ex->rollback_incomplete = n_conflicts > 0;
		reopen_steps(ex);
		return;
	}
	get_head(ex, head);
	declare_run(ex, head);
}

/* A failure of the journal or the store: running work is stopped, and the last word goes to the front end only. */
static void end_fatally(struct executor *ex)
{
	struct event event = {
		.kind = EVENT_NOTICE,
		.seq = ex->model.seq + 1,
		.at_ms = clock_wall_ms(),
		.run = ex->options.run_id,
		.category = err_category(ex->fatal.code),
		.message = ex->fatal.msg,
		.hint = "nothing more is written; 'belay resume' goes on once this is mended",
	};
	ex->exit_code = final_exit(ex);
	live_feed_publish(ex->feed, &event);
	struct event last = {
		.kind = EVENT_RUN_FINISHED,
		.seq = ex->model.seq + 2,
		.at_ms = clock_wall_ms(),
		.run = ex->options.run_id,
		.exit_code = ex->exit_code,
	};
	live_feed_publish(ex->feed, &last);
}

static void *executor_thread(void *arg)
{
	struct executor *ex = arg;
	begin(ex);
	for (;;) {
		advance(ex);
		bool fatal = ex->fatal.code != ERR_NONE;
		if (fatal)
			control_stop_all(ex);
		if ((ex->ended || fatal) && !anything_runs(ex) && (ex->closing || !ex->options.stay_open || fatal))
			break;
		struct message *message = queue_pop(ex->inbox, -1);
		while (message) {
			take_message(ex, message);
			message = queue_try_pop(ex->inbox);
		}
		flow_land_waiting(ex);
	}
	if (ex->fatal.code != ERR_NONE)
		end_fatally(ex);
	live_feed_close(ex->feed);
	return NULL;
}
