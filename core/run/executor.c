#include "run/executor.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "run/engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ACTIONS 64
#define MAX_WORKERS 64

static void message_free(void *item)
{
	struct message *message = item;
	if (!message)
		return;
	command_free(message->command);
	event_batch_release(&message->events);
	buf_release(&message->text);
	free(message);
}

void engine_post(struct executor *ex, struct message *message)
{
	if (!queue_push(ex->inbox, message))
		message_free(message);
}

bool engine_works(const struct executor *ex)
{
	for (size_t i = 0; i < ex->graph.n_nodes; i++)
		if (ex->state[i].stage == STAGE_PROPOSING || ex->state[i].stage == STAGE_TRYING ||
		    ex->state[i].stage == STAGE_CHECKING)
			return true;
	return false;
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
	size_t n = cores > 0 ? (size_t)cores : 1;
	if (options->n_workers)
		n = options->n_workers;
	else if (options->plan->limits.workers > 0)
		n = (size_t)options->plan->limits.workers;
	return n < MAX_WORKERS ? n : MAX_WORKERS;
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

static void ready_node(struct executor *ex, const struct action *action)
{
	struct event event = {
		.kind = EVENT_STEP_READY,
		.step = ex->graph.node[action->node].step->id,
		.reason = action->reason,
	};
	engine_tell(ex, &event);
}

static void carry_out(struct executor *ex, const struct action *action)
{
	switch (action->kind) {
	case ACTION_START:
		if (control_breaks(ex, action->node))
			break;
		ex->limits.n_single -= ex->limits.n_single > 0;
		flow_start(ex, action->node);
		break;
	case ACTION_SKIP:
		skip_node(ex, action);
		break;
	case ACTION_READY:
		ready_node(ex, action);
		break;
	case ACTION_CLOSE:
		each_close(ex, action->node);
		break;
	case ACTION_FINISH:
		finish_run(ex);
		break;
	}
}

/* Does all that can be done now; ends the run when nothing is left to wait for. */
static void advance(struct executor *ex)
{
	struct action action[MAX_ACTIONS];
	size_t n = 1;
	while (n && !ex->ended && ex->fatal.code == ERR_NONE) {
		if (ex->nobody_answers) {
			ex->limits.stopping = true;
			if (!engine_works(ex))
				finish_run(ex);
			return;
		}
		n = schedule(&ex->graph, &ex->model, &ex->limits, action, MAX_ACTIONS);
		for (size_t i = 0; i < n && !ex->nobody_answers; i++)
			carry_out(ex, &action[i]);
		flow_pump(ex);
	}
}

static void take_close(struct executor *ex, const struct message *message)
{
	struct err why = { 0 };
	ex->closing = true;
	approve_nobody(ex);
	if (!message->stop)
		return;
	err_set(&why, ERR_CANCELLED, "stopped by a person");
	control_stop_all(ex, &why);
}

static void take_message(struct executor *ex, struct message *message)
{
	ex->dirty = ex->dirty || (message->kind != MESSAGE_EVENTS && message->kind != MESSAGE_OUTPUT);
	switch (message->kind) {
	case MESSAGE_COMMAND:
		control_command(ex, message->command);
		break;
	case MESSAGE_EVENTS:
		engine_tell_all(ex, &message->events);
		break;
	case MESSAGE_OUTPUT:
		output_take(ex, message);
		break;
	case MESSAGE_SECRET:
		journal_redact(ex->journal, buf_str(&message->text));
		explicit_bzero(message->text.data, message->text.len);
		break;
	case MESSAGE_PROPOSED:
		output_flush(ex, message->node);
		cost_add(&ex->state[message->node].cost, &message->cost);
		flow_proposed(ex, message->node, message->rc, &message->err);
		break;
	case MESSAGE_COPIED:
		flow_copied(ex);
		break;
	case MESSAGE_TRIED:
		output_flush(ex, message->node);
		cost_add(&ex->state[message->node].cost, &message->cost);
		flow_tried(ex, message->node, message->rc, &message->err);
		break;
	case MESSAGE_CHECKED:
		output_flush(ex, message->node);
		cost_add(&ex->state[message->node].cost, &message->cost);
		flow_checked(ex, message->node, message->rc, &message->err);
		break;
	case MESSAGE_CLOSE:
		take_close(ex, message);
		break;
	}
	message_free(message);
}

/* The run's time is over. */
static void check_deadline(struct executor *ex, int64_t now_ms)
{
	struct err why = { 0 };
	if (!ex->deadline_ms || ex->ended || now_ms < ex->deadline_ms)
		return;
	ex->deadline_ms = 0;
	ex->limit_reached = true;
	ex->dirty = true;
	err_set(&why, ERR_LIMIT, "the run's limit of %lld seconds is reached", (long long)ex->options.plan->limits.seconds);
	err_hint(&why, "raise 'limits.seconds' in the plan, then 'belay resume'");
	control_stop_all(ex, &why);
}

/* Milliseconds until something is due although no message comes; -1: nothing is. */
static int next_due(const struct executor *ex, int64_t now_ms)
{
	int64_t due_ms = ex->output_due_ms;
	if (ex->deadline_ms && !ex->ended && (!due_ms || ex->deadline_ms < due_ms))
		due_ms = ex->deadline_ms;
	if (ex->guard_file && (!due_ms || now_ms + GUARD_TOUCH_MS < due_ms))
		due_ms = now_ms + GUARD_TOUCH_MS;
	if (!due_ms)
		return -1;
	return due_ms <= now_ms ? 0 : due_ms - now_ms > 60000 ? 60000 : (int)(due_ms - now_ms);
}

/* Takes what has come, or waits until something comes or is due. */
static void take_messages(struct executor *ex)
{
	struct message *message = queue_pop(ex->inbox, next_due(ex, clock_mono_ms()));
	guard_touch(ex); /* before a command's end is worked on: what it did last is known as its own, too */
	while (message) {
		take_message(ex, message);
		message = queue_try_pop(ex->inbox);
	}
	int64_t now_ms = clock_mono_ms();
	output_flush_due(ex, now_ms);
	check_deadline(ex, now_ms);
}

/* Nothing more is done; what workers have is dropped. */
static void stop_fatally(struct executor *ex)
{
	ex->closing = true;
	control_stop_all(ex, &ex->fatal);
	while (engine_works(ex))
		take_messages(ex);
	finish_fatally(ex);
}

static void *executor_thread(void *arg)
{
	struct executor *ex = arg;
	opening_run(ex);
	ex->dirty = true;
	while (ex->fatal.code == ERR_NONE) {
		if (ex->dirty) {
			ex->dirty = false;
			flow_pump(ex);
			advance(ex);
		}
		bool over = ex->ended && (ex->closing || !ex->options.stay_open);
		if (ex->fatal.code != ERR_NONE || (over && !engine_works(ex)))
			break;
		take_messages(ex);
	}
	if (ex->fatal.code != ERR_NONE)
		stop_fatally(ex);
	live_feed_close(ex->feed);
	return NULL;
}

int executor_start(struct executor **out, const struct run_options *options, struct err *err)
{
	struct executor *ex = xcalloc(1, sizeof *ex);
	ex->options = *options;
	ex->limits.n_workers = count_workers(options);
	ex->spool_dir = xasprintf("%s/spool", options->run_dir);
	ex->lander = (struct lander){ .record = lander_record, .next_seq = lander_next_seq, .arg = ex };
	ex->ws.root.fd = ex->preview.root.fd = -1;
	ex->limits.previews = options->dry_run;
	budget_init(&ex->budget, options->plan->limits.tokens, options->plan->limits.usd);
	run_model_init(&ex->model);
	opening_make_graph(ex);
	const struct llm_options llm = { .tape = options->tape };
	ex->llm = llm_new_with(&llm);
	ex->memo = tree_memo_new();
	ex->pool = pool_new(MAX_WORKERS);
	int rc = queue_new(&ex->inbox, err);
	if (rc == 0)
		rc = live_feed_new(&ex->feed, options->run_dir, send_command, ex, err);
	if (rc == 0) {
		live_feed_set_root(ex->feed, options->root);
		rc = thread_start(&ex->thread, "executor", executor_thread, ex, err);
	}
	if (rc != 0) {
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
	each_release(ex);
	grow_release(ex);
	map_release(&ex->node_by_id);
	store_close(ex->store);
	journal_close(ex->journal);
	workspace_close(&ex->ws);
	preview_close(ex);
	tree_memo_free(ex->memo);
	run_model_release(&ex->model);
	budget_release(&ex->budget);
	live_feed_free(ex->feed);
	free(ex->spool_dir);
	death_watch_end(&ex->guard_watch);
	free(ex->guard_file);
	free(ex);
}
