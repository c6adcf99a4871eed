#include "event/trace.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROCESS 1
#define RUN_LANE 0 /* the run's own marks; steps have lanes from 1 */

void trace_init(struct trace *trace, struct buf *out)
{
	*trace = (struct trace){ .w = { .out = out } };
	json_begin_array(&trace->w);
}

/* The keys that every record has; the caller adds its own, and ends the object. */
static void begin(struct trace *trace, const char *phase, const char *name, int64_t at_ms, size_t lane)
{
	struct json_writer *w = &trace->w;
	buf_add_str(w->out, w->need_comma ? ",\n" : "\n");
	w->need_comma = false;
	json_begin_object(w);
	json_key(w, "ph");
	json_put_cstr(w, phase);
	json_key(w, "name");
	json_put_cstr(w, name ? name : "");
	json_key(w, "pid");
	json_put_int(w, PROCESS);
	json_key(w, "tid");
	json_put_int(w, (int64_t)lane);
	json_key(w, "ts");
	json_put_int(w, (at_ms - trace->start_ms) * 1000);
}

static void put_str(struct trace *trace, const char *key, const char *value)
{
	if (!value)
		return;
	json_key(&trace->w, key);
	json_put_cstr(&trace->w, value);
}

static void put_int(struct trace *trace, const char *key, int64_t value)
{
	json_key(&trace->w, key);
	json_put_int(&trace->w, value);
}

static void begin_args(struct trace *trace)
{
	json_key(&trace->w, "args");
	json_begin_object(&trace->w);
}

static void end_with_args(struct trace *trace)
{
	json_end_object(&trace->w);
	json_end_object(&trace->w);
}

/* Names the process ("process_name") or a lane ("thread_name"). */
static void put_name(struct trace *trace, const char *what, size_t lane, const char *name)
{
	begin(trace, "M", what, trace->start_ms, lane);
	begin_args(trace);
	put_str(trace, "name", name);
	end_with_args(trace);
}

static void put_slice(struct trace *trace, const char *name, size_t lane, int64_t from_ms, int64_t to_ms)
{
	begin(trace, "X", name, from_ms, lane);
	put_int(trace, "dur", to_ms > from_ms ? (to_ms - from_ms) * 1000 : 0);
}

/* ---- lanes ---- */

static size_t lane_of(const struct trace *trace, const char *step)
{
	for (size_t i = 0; i < trace->n_lanes; i++)
		if (trace->lane[i].step && strcmp(trace->lane[i].step, step) == 0)
			return i + 1;
	return 0;
}

static size_t take_lane(struct trace *trace, const char *step)
{
	char name[32];
	size_t i = 0;
	while (i < trace->n_lanes && trace->lane[i].step)
		i++;
	if (i == trace->n_lanes) {
		trace->lane = vec_room(trace->lane, trace->n_lanes, &trace->cap_lanes, sizeof *trace->lane);
		trace->n_lanes++;
		snprintf(name, sizeof name, "steps %zu", i + 1);
		put_name(trace, "thread_name", i + 1, name);
	}
	trace->lane[i] = (struct trace_lane){ .step = xstrdup(step) };
	return i + 1;
}

static void end_attempt(struct trace *trace, size_t lane, int64_t at_ms, const char *state, const struct event *end)
{
	const struct trace_lane *from = &trace->lane[lane - 1];
	put_slice(trace, from->step, lane, from->from_ms, at_ms);
	put_str(trace, "cat", map_get(&trace->verbs, from->step));
	begin_args(trace);
	put_int(trace, "attempt", from->attempt);
	put_str(trace, "state", state);
	if (end) {
		put_int(trace, "cpu_us", end->cpu_us);
		put_int(trace, "syncs", end->syncs);
		put_str(trace, "message", end->message);
	}
	end_with_args(trace);
}

static void begin_attempt(struct trace *trace, const struct event *event)
{
	size_t lane = lane_of(trace, event->step);
	if (lane)
		end_attempt(trace, lane, event->at_ms, "tried again", NULL);
	else
		lane = take_lane(trace, event->step);
	trace->lane[lane - 1].attempt = event->attempt;
	trace->lane[lane - 1].from_ms = event->at_ms;
}

static void leave_lane(struct trace *trace, const struct event *event, const char *state)
{
	size_t lane = lane_of(trace, event->step);
	if (!lane)
		return;
	end_attempt(trace, lane, event->at_ms, state, event);
	free(trace->lane[lane - 1].step);
	trace->lane[lane - 1].step = NULL;
}

/* ---- events ---- */

static void put_mark(struct trace *trace, const struct event *event, const char *message)
{
	size_t lane = event->step ? lane_of(trace, event->step) : RUN_LANE;
	begin(trace, "i", event_kind_info(event->kind)->wire, event->at_ms, lane);
	put_str(trace, "s", lane == RUN_LANE ? "p" : "t");
	begin_args(trace);
	put_str(trace, "step", event->step);
	put_str(trace, "category", event->category);
	put_str(trace, "message", message);
	end_with_args(trace);
}

static void put_tokens(struct trace *trace, const struct event *event)
{
	trace->tokens += event->tokens_in + event->tokens_out;
	begin(trace, "C", "tokens", event->at_ms, RUN_LANE);
	begin_args(trace);
	put_int(trace, "tokens", trace->tokens);
	end_with_args(trace);
}

static void put_run(struct trace *trace, const struct event *event)
{
	struct buf name = { 0 };
	buf_printf(&name, "belay %s %s", event->run ? event->run : "", event->plan ? event->plan : "");
	put_name(trace, "process_name", RUN_LANE, buf_str(&name));
	put_name(trace, "thread_name", RUN_LANE, "run");
	buf_release(&name);
}

static void declare(struct trace *trace, const struct event *event)
{
	free(map_get(&trace->verbs, event->step));
	map_put(&trace->verbs, event->step, xstrdup(event->verb ? event->verb : ""));
}

static void put_span(struct trace *trace, const struct span *span)
{
	size_t lane = lane_of(trace, span->step);
	if (!lane || span->kind == SPAN_QUEUED)
		return;
	put_slice(trace, span_name(span->kind), lane, span->from_ms, span->to_ms);
	json_end_object(&trace->w);
}

/* The steps that were under way when the run stopped: they end where the journal did. */
static void close_lanes(struct trace *trace)
{
	for (size_t i = 0; i < trace->n_lanes; i++) {
		if (!trace->lane[i].step)
			continue;
		end_attempt(trace, i + 1, trace->last_ms, "open", NULL);
		free(trace->lane[i].step);
		trace->lane[i].step = NULL;
	}
}

static void take_kind(struct trace *trace, const struct event *event)
{
	switch (event->kind) {
	case EVENT_RUN_STARTED:
		put_run(trace, event);
		break;
	case EVENT_RUN_RESUMED:
		close_lanes(trace);
		put_mark(trace, event, NULL);
		break;
	case EVENT_STEP_DECLARED:
		declare(trace, event);
		break;
	case EVENT_STEP_STARTED:
		begin_attempt(trace, event);
		break;
	case EVENT_STEP_DONE:
		leave_lane(trace, event, "done");
		break;
	case EVENT_STEP_FAILED:
		leave_lane(trace, event, "failed");
		break;
	case EVENT_STEP_SKIPPED:
		leave_lane(trace, event, "skipped");
		break;
	case EVENT_RETRY_SCHEDULED:
		put_mark(trace, event, event->reason);
		break;
	case EVENT_NOTICE:
		put_mark(trace, event, event->message);
		break;
	case EVENT_CONFLICT:
		put_mark(trace, event, event->path);
		break;
	case EVENT_USAGE_COUNTED:
		put_tokens(trace, event);
		break;
	default:
		break;
	}
}

void trace_take(struct trace *trace, const struct event *event)
{
	struct span span;
	if (!trace->last_ms)
		trace->start_ms = event->at_ms;
	if (event->kind != EVENT_RUN_RESUMED)
		trace->last_ms = event->at_ms;
	if (spans_take(&trace->spans, event, &span))
		put_span(trace, &span);
	take_kind(trace, event);
}

void trace_finish(struct trace *trace)
{
	const struct map_entry *entry;
	close_lanes(trace);
	buf_add_char(trace->w.out, '\n');
	json_end_array(&trace->w);
	buf_add_char(trace->w.out, '\n');
	for (size_t i = 0; (entry = map_next(&trace->verbs, &i));)
		free(entry->value);
	map_release(&trace->verbs);
	spans_release(&trace->spans);
	free(trace->lane);
	*trace = (struct trace){ 0 };
}
