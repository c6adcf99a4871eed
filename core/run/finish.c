/* The result: exit status, what became of the steps, what is changed in the tree. */
#include "run/engine.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/xalloc.h"

#include <stdlib.h>

static int exit_code(const struct executor *ex)
{
	if (ex->rollback_incomplete)
		return 5;
	if (ex->fatal.code != ERR_NONE)
		return ex->fatal.code == ERR_CORRUPT ? 8 : 1;
	if (ex->rolled_back)
		return 4;
	if (ex->nobody_answers)
		return 7;
	int exit = schedule_exit(&ex->graph, &ex->model, ex->limit_reached);
	return exit == 0 && ex->limits.stopping ? 3 : exit;
}

/* What the step would be on a resume, for those that have not come to an end. */
static const char *state_name(const struct model_step *step)
{
	switch (step->state) {
	case STEP_READY:
	case STEP_RUNNING:
	case STEP_LANDED:
	case STEP_TAKEN_BACK:
		return step_state_name(STEP_PENDING);
	default:
		return step_state_name(step->state);
	}
}

/* Two changes of one file, one after the other, as one; false when nothing is left of it. */
static bool join_changes(struct event_file *file, enum event_change later)
{
	if (file->change == EVENT_CREATED && later == EVENT_DELETED)
		return false;
	if (file->change == EVENT_DELETED && later == EVENT_CREATED)
		file->change = EVENT_MODIFIED;
	else if (!(file->change == EVENT_CREATED && later == EVENT_MODIFIED))
		file->change = later;
	return true;
}

static void add_files(const struct event *landed, struct map *seen, struct event_file *file, size_t *n)
{
	for (size_t i = 0; i < landed->files.n_files; i++) {
		const struct event_file *from = &landed->files.file[i];
		struct event_file *old = map_get(seen, from->path);
		if (!old) {
			file[*n] = (struct event_file){ .path = from->path, .change = from->change };
			map_put(seen, from->path, &file[(*n)++]);
		} else if (!join_changes(old, from->change)) {
			map_remove(seen, from->path);
			old->path = NULL;
		}
	}
}

/* The files that the run leaves changed: over all that landed, in order, and was not taken back. */
static struct event_file *changed_files(const struct executor *ex, size_t *n)
{
	struct map seen = { 0 };
	size_t room = 0;
	for (size_t i = 0; i < ex->n_landed; i++)
		room += ex->landed[i].event->files.n_files;
	struct event_file *file = xcalloc(room, sizeof *file);
	size_t n_all = 0;
	for (size_t i = 0; i < ex->n_landed; i++)
		if (!ex->landed[i].taken_back)
			add_files(ex->landed[i].event, &seen, file, &n_all);
	*n = 0;
	for (size_t i = 0; i < n_all; i++)
		if (file[i].path)
			file[(*n)++] = file[i];
	map_release(&seen);
	return file;
}

static struct event_state *step_states(const struct executor *ex)
{
	struct event_state *state = xcalloc(ex->model.n_steps, sizeof *state);
	for (size_t i = 0; i < ex->model.n_steps; i++)
		state[i] = (struct event_state){ ex->model.step[i]->id, state_name(ex->model.step[i]) };
	return state;
}

/* The event, and what it points at. */
struct result {
	struct event event;
	struct event_state *state;
	struct event_file *file;
	struct strings covered, not_covered;
};

static void result_make(struct executor *ex, struct result *out)
{
	size_t n_files;
	*out = (struct result){ .state = step_states(ex), .file = changed_files(ex, &n_files) };
	coverage_of_run(ex, n_files, &out->covered, &out->not_covered);
	out->event = (struct event){
		.kind = EVENT_RUN_FINISHED,
		.exit_code = ex->exit_code,
		.states = { out->state, ex->model.n_steps },
		.files = { out->file, n_files },
		.covered = { (const char *const *)out->covered.item, out->covered.n_items },
		.not_covered = { (const char *const *)out->not_covered.item, out->not_covered.n_items },
		.tokens = ex->model.tokens_in + ex->model.tokens_out,
		.usd = ex->model.usd,
		.ms = ex->model.started_ms ? clock_wall_ms() - ex->model.started_ms : 0,
	};
}

static void result_release(struct result *result)
{
	free(result->state);
	free(result->file);
	strings_release(&result->covered);
	strings_release(&result->not_covered);
}

/* Requests that nobody can answer are the run's last word; one that was told before is told again for that. */
static void ask_in_vain(struct executor *ex)
{
	bool is_last = ex->last_kind == EVENT_APPROVAL_ASKED;
	for (size_t i = 0; ex->nobody_answers && i < ex->graph.n_nodes; i++) {
		struct engine_node *state = &ex->state[i];
		if (state->question && !(state->told && is_last))
			engine_tell(ex, state->question);
	}
}

/* The cache grew: what is old or too much goes. Whether that worked is nothing that a run has to tell. */
static void sweep_cache(struct executor *ex)
{
	struct err err;
	if (ex->kept_answers && cache_sweep(CACHE_MAX_BYTES, CACHE_MAX_AGE_MS, clock_wall_ms(), &err) == 0)
		ex->kept_answers = false;
}

void finish_run(struct executor *ex)
{
	struct err err = { 0 };
	struct result result;
	if (schedule_wants_rollback(&ex->graph, &ex->model) && !ex->rolled_back)
		rollback_all(ex);
	if (store_sync(ex->store, journal_next_seq(ex->journal), "end of the run", NULL, &err) != 0)
		engine_fail(ex, &err);
	sweep_cache(ex);
	ask_in_vain(ex);
	ex->exit_code = exit_code(ex);
	result_make(ex, &result);
	if (ex->fatal.code == ERR_NONE && engine_record(ex, &result.event, true, &err) != 0)
		engine_fail(ex, &err);
	result_release(&result);
}

static void tell_only(struct executor *ex, struct event *event)
{
	event->seq = ex->model.seq + 1;
	event->at_ms = clock_wall_ms();
	event->run = ex->options.run_id;
	struct err err;
	if (run_model_apply(&ex->model, event, &err) == 0)
		live_feed_publish(ex->feed, event);
}

/* Where the journal still takes it, it is on record; otherwise it goes to the front end alone. */
static void last_word(struct executor *ex, struct event *event)
{
	struct err err;
	if (!ex->journal || ex->journal_failed || engine_record(ex, event, true, &err) != 0)
		tell_only(ex, event);
}

void finish_fatally(struct executor *ex)
{
	ex->exit_code = exit_code(ex);
	if (!ex->model.run) {
		struct event started = { .kind = EVENT_RUN_STARTED, .plan = ex->options.plan->file, .root = ex->options.root,
			                 .mode = ex->options.mode ? ex->options.mode : "run" };
		tell_only(ex, &started);
	}
	struct event notice = {
		.kind = EVENT_NOTICE,
		.category = err_category(ex->fatal.code),
		.message = ex->fatal.msg,
		.hint = ex->fatal.hint[0] ? ex->fatal.hint
		                          : "nothing more is written; 'belay resume' goes on once this is mended",
	};
	last_word(ex, &notice);
	struct result result;
	result_make(ex, &result);
	last_word(ex, &result.event);
	result_release(&result);
}
