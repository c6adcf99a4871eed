#include "event/stats.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void run_stats_init(struct run_stats *stats)
{
	*stats = (struct run_stats){ .exit_code = -1 };
}

void run_stats_release(struct run_stats *stats)
{
	for (size_t i = 0; i < stats->n_steps; i++) {
		free(stats->step[i]->id);
		free(stats->step[i]->verb);
		free(stats->step[i]);
	}
	free(stats->step);
	map_release(&stats->by_id);
	map_release(&stats->n_errors);
	spans_release(&stats->spans);
	free(stats->run);
	free(stats->plan);
	free(stats->mode);
	*stats = (struct run_stats){ 0 };
}

static void begin_run(struct run_stats *stats, const struct event *event)
{
	if (stats->run)
		return;
	stats->run = xstrdup(event->run ? event->run : "");
	stats->plan = xstrdup(event->plan ? event->plan : "");
	stats->mode = xstrdup(event->mode ? event->mode : "");
}

static struct step_stats *declare(struct run_stats *stats, const struct event *event)
{
	struct step_stats *step = xcalloc(1, sizeof *step);
	step->id = xstrdup(event->step);
	step->verb = xstrdup(event->verb ? event->verb : "");
	step->state = "open";
	stats->step = vec_room(stats->step, stats->n_steps, &stats->cap_steps, sizeof *stats->step);
	stats->step[stats->n_steps++] = step;
	map_put(&stats->by_id, step->id, step);
	return step;
}

static void count_error(struct run_stats *stats, const char *category)
{
	uintptr_t n = (uintptr_t)map_get(&stats->n_errors, category);
	map_put(&stats->n_errors, category, (void *)(n + 1));
}

static void take_error(struct run_stats *stats, const struct event *event)
{
	if (event->kind == EVENT_RETRY_SCHEDULED)
		count_error(stats, "transport");
	else if (event->kind == EVENT_CONFLICT)
		count_error(stats, "conflict");
	else if (event->kind == EVENT_STEP_FAILED || event->kind == EVENT_NOTICE)
		if (event->category && strcmp(event->category, "ok") != 0)
			count_error(stats, event->category);
}

static int64_t bytes_after(const struct event *event)
{
	int64_t bytes = 0;
	for (size_t i = 0; i < event->files.n_files; i++)
		if (event->files.file[i].after.present)
			bytes += event->files.file[i].after.bytes;
	return bytes;
}

static void take_usage(struct stats_sum *sum, const struct event *event)
{
	sum->tokens_in += event->tokens_in;
	sum->tokens_out += event->tokens_out;
	sum->tokens_cached += event->tokens_cached;
	sum->tokens_reasoning += event->tokens_reasoning;
	sum->usd += event->usd;
}

static void end_step(struct step_stats *step, const struct event *event, const char *state)
{
	step->state = state;
	step->sum.cpu_us += event->cpu_us;
	step->sum.syncs += event->syncs;
}

static void take_step(struct step_stats *step, const struct event *event)
{
	struct stats_sum *sum = &step->sum;
	switch (event->kind) {
	case EVENT_STEP_STARTED:
		step->state = "open";
		sum->n_attempts++;
		break;
	case EVENT_FILE_READ:
		sum->bytes_read += event->bytes;
		break;
	case EVENT_PROMPT_SENT:
		sum->n_answers++;
		sum->n_cached_answers += event->cached;
		break;
	case EVENT_USAGE_COUNTED:
		take_usage(sum, event);
		break;
	case EVENT_RETRY_SCHEDULED:
		sum->n_retries++;
		break;
	case EVENT_CHECK_FINISHED:
		sum->n_checks++;
		sum->n_cached_checks += event->cached;
		break;
	case EVENT_LANDED:
		sum->bytes_written += bytes_after(event);
		break;
	case EVENT_STEP_SKIPPED:
		step->state = "skipped";
		break;
	case EVENT_STEP_FAILED:
		end_step(step, event, "failed");
		break;
	case EVENT_STEP_DONE:
		end_step(step, event, "done");
		break;
	default:
		break;
	}
}

/* While a run is stopped its clock stands. */
static void take_time(struct run_stats *stats, const struct event *event)
{
	if (stats->n_events && event->kind != EVENT_RUN_RESUMED && event->at_ms > stats->last_ms)
		stats->wall_ms += event->at_ms - stats->last_ms;
	stats->last_ms = event->at_ms;
	stats->n_events++;
}

void run_stats_take(struct run_stats *stats, const struct event *event)
{
	struct span span;
	take_time(stats, event);
	if (event->kind == EVENT_RUN_STARTED)
		begin_run(stats, event);
	stats->exit_code = event->kind == EVENT_RUN_FINISHED ? event->exit_code : -1;
	take_error(stats, event);
	bool ends = spans_take(&stats->spans, event, &span);
	if (!event->step)
		return;
	struct step_stats *step = map_get(&stats->by_id, event->step);
	if (!step)
		step = declare(stats, event);
	if (ends) {
		int64_t ms = span.to_ms > span.from_ms ? span.to_ms - span.from_ms : 0;
		step->sum.span_ms[span.kind] += ms;
		step->sum.wall_ms += span.kind == SPAN_QUEUED ? 0 : ms;
	}
	take_step(step, event);
}

static void add(struct stats_sum *total, const struct stats_sum *sum)
{
	for (int i = 0; i < SPAN_N_KINDS; i++)
		total->span_ms[i] += sum->span_ms[i];
	total->wall_ms += sum->wall_ms;
	total->cpu_us += sum->cpu_us;
	total->syncs += sum->syncs;
	total->tokens_in += sum->tokens_in;
	total->tokens_out += sum->tokens_out;
	total->tokens_cached += sum->tokens_cached;
	total->tokens_reasoning += sum->tokens_reasoning;
	total->usd += sum->usd;
	total->n_attempts += sum->n_attempts;
	total->n_retries += sum->n_retries;
	total->n_answers += sum->n_answers;
	total->n_cached_answers += sum->n_cached_answers;
	total->n_checks += sum->n_checks;
	total->n_cached_checks += sum->n_cached_checks;
	total->bytes_read += sum->bytes_read;
	total->bytes_written += sum->bytes_written;
}

void run_stats_total(const struct run_stats *stats, struct stats_sum *out)
{
	*out = (struct stats_sum){ 0 };
	for (size_t i = 0; i < stats->n_steps; i++)
		add(out, &stats->step[i]->sum);
}

double stats_tokens_per_second(const struct stats_sum *sum)
{
	int64_t ms = sum->span_ms[SPAN_STREAMING];
	return ms > 0 ? (double)sum->tokens_out * 1000.0 / (double)ms : 0;
}
