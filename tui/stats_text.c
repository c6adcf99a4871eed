#include "tui/stats_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_COLUMNS 20

/* ---- words ---- */

/* "-" for nothing, so that what is there stands out. */
static void put_count(struct buf *out, int width, int64_t n)
{
	if (n)
		buf_printf(out, " %*lld", width, (long long)n);
	else
		buf_printf(out, " %*s", width, "-");
}

static void put_tenth(struct buf *out, int width, double value)
{
	if (value > 0)
		buf_printf(out, " %*.1f", width, value);
	else
		buf_printf(out, " %*s", width, "-");
}

/* "2/5": two of five came from the cache. */
static void put_hits(struct buf *out, int width, int64_t hits, int64_t of)
{
	char text[48];
	snprintf(text, sizeof text, "%lld/%lld", (long long)hits, (long long)of);
	buf_printf(out, " %*s", width, of ? text : "-");
}

/* The spans that took time, the longest first. */
static void put_spans(struct buf *out, const struct stats_sum *sum)
{
	bool told[SPAN_N_KINDS] = { false };
	const char *between = "";
	for (;;) {
		int longest = -1;
		for (int i = 0; i < SPAN_N_KINDS; i++)
			if (!told[i] && sum->span_ms[i] > 0 && (longest < 0 || sum->span_ms[i] > sum->span_ms[longest]))
				longest = i;
		if (longest < 0)
			return;
		told[longest] = true;
		buf_printf(out, "%s%s %lld", between, span_name((enum span_kind)longest),
		           (long long)sum->span_ms[longest]);
		between = ", ";
	}
}

static void put_row(struct buf *out, const char *id, const char *state, const struct stats_sum *sum)
{
	buf_printf(out, "%-*.*s %-7s", ID_COLUMNS, ID_COLUMNS, id, state);
	put_count(out, 8, sum->wall_ms);
	put_tenth(out, 8, (double)sum->cpu_us / 1000.0);
	put_count(out, 5, sum->syncs);
	put_count(out, 7, sum->tokens_in);
	put_count(out, 7, sum->tokens_out);
	put_tenth(out, 7, stats_tokens_per_second(sum));
	put_count(out, 7, sum->n_retries);
	put_hits(out, 6, sum->n_cached_answers + sum->n_cached_checks, sum->n_answers + sum->n_checks);
	put_count(out, 10, sum->bytes_read);
	put_count(out, 10, sum->bytes_written);
	buf_add_str(out, "  ");
	put_spans(out, sum);
	buf_add_char(out, '\n');
}

static void put_header(struct buf *out)
{
	buf_printf(out, "%-*s %-7s %8s %8s %5s %7s %7s %7s %7s %6s %10s %10s  %s\n", ID_COLUMNS, "step", "state", "wall ms",
	           "cpu ms", "syncs", "tok in", "tok out", "tok/s", "retries", "cached", "read", "written",
	           "where the time went, ms");
}

static void put_errors(struct buf *out, const struct run_stats *stats)
{
	const struct map_entry *entry;
	if (!stats->n_errors.n_live)
		return;
	buf_add_str(out, "errors:");
	for (size_t i = 0; (entry = map_next(&stats->n_errors, &i));)
		buf_printf(out, " %s %zu", entry->key, (size_t)(uintptr_t)entry->value);
	buf_add_char(out, '\n');
}

void stats_put_text(struct buf *out, const struct run_stats *stats)
{
	struct stats_sum total;
	run_stats_total(stats, &total);
	buf_printf(out, "run %s  %s  %s", stats->run ? stats->run : "", stats->mode ? stats->mode : "",
	           stats->plan ? stats->plan : "");
	if (stats->exit_code >= 0)
		buf_printf(out, "  exit %lld", (long long)stats->exit_code);
	else
		buf_add_str(out, "  open");
	buf_printf(out, "  %lld ms, %llu events\n\n", (long long)stats->wall_ms, (unsigned long long)stats->n_events);
	put_header(out);
	for (size_t i = 0; i < stats->n_steps; i++)
		put_row(out, stats->step[i]->id, stats->step[i]->state, &stats->step[i]->sum);
	put_row(out, "together", "", &total);
	buf_printf(out, "\ncached: answers %lld of %lld, checks %lld of %lld; usd %.4f\n", (long long)total.n_cached_answers,
	           (long long)total.n_answers, (long long)total.n_cached_checks, (long long)total.n_checks, total.usd);
	put_errors(out, stats);
}

/* ---- objects ---- */

static void put_int(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, key);
	json_put_int(w, value);
}

static void put_sum(struct json_writer *w, const struct stats_sum *sum)
{
	put_int(w, "wall_ms", sum->wall_ms);
	put_int(w, "cpu_us", sum->cpu_us);
	put_int(w, "syncs", sum->syncs);
	put_int(w, "tokens_in", sum->tokens_in);
	put_int(w, "tokens_out", sum->tokens_out);
	put_int(w, "tokens_cached", sum->tokens_cached);
	put_int(w, "tokens_reasoning", sum->tokens_reasoning);
	json_key(w, "tokens_per_second");
	json_put_real(w, stats_tokens_per_second(sum));
	json_key(w, "usd");
	json_put_real(w, sum->usd);
	put_int(w, "attempts", sum->n_attempts);
	put_int(w, "retries", sum->n_retries);
	put_int(w, "answers", sum->n_answers);
	put_int(w, "answers_cached", sum->n_cached_answers);
	put_int(w, "checks", sum->n_checks);
	put_int(w, "checks_cached", sum->n_cached_checks);
	put_int(w, "bytes_read", sum->bytes_read);
	put_int(w, "bytes_written", sum->bytes_written);
	json_key(w, "phases_ms");
	json_begin_object(w);
	for (int i = 0; i < SPAN_N_KINDS; i++)
		if (sum->span_ms[i])
			put_int(w, span_name((enum span_kind)i), sum->span_ms[i]);
	json_end_object(w);
}

static void put_steps(struct json_writer *w, const struct run_stats *stats)
{
	json_key(w, "steps");
	json_begin_array(w);
	for (size_t i = 0; i < stats->n_steps; i++) {
		json_begin_object(w);
		json_key(w, "step");
		json_put_cstr(w, stats->step[i]->id);
		json_key(w, "verb");
		json_put_cstr(w, stats->step[i]->verb);
		json_key(w, "state");
		json_put_cstr(w, stats->step[i]->state);
		put_sum(w, &stats->step[i]->sum);
		json_end_object(w);
	}
	json_end_array(w);
}

void stats_put_json(struct json_writer *w, const struct run_stats *stats)
{
	const struct map_entry *entry;
	struct stats_sum total;
	const char *plan = stats->plan ? stats->plan : "";
	run_stats_total(stats, &total);
	json_key(w, "plan");
	json_put_bytes(w, plan, strlen(plan));
	json_key(w, "mode");
	json_put_cstr(w, stats->mode);
	json_key(w, "exit");
	if (stats->exit_code >= 0)
		json_put_int(w, stats->exit_code);
	else
		json_put_null(w);
	put_int(w, "wall_ms", stats->wall_ms);
	put_int(w, "events", (int64_t)stats->n_events);
	put_steps(w, stats);
	json_key(w, "together");
	json_begin_object(w);
	put_sum(w, &total);
	json_end_object(w);
	json_key(w, "errors");
	json_begin_object(w);
	for (size_t i = 0; (entry = map_next(&stats->n_errors, &i));)
		put_int(w, entry->key, (int64_t)(uintptr_t)entry->value);
	json_end_object(w);
}

/* ---- runs of one plan ---- */

void stats_history_add(struct stats_history *history, const struct run_stats *stats)
{
	struct stats_sum total;
	const struct map_entry *entry;
	if (history->n_runs == STATS_MAX_RUNS)
		return;
	run_stats_total(stats, &total);
	struct run_figures *run = &history->run[history->n_runs++];
	*run = (struct run_figures){ stats->wall_ms, total.cpu_us, total.tokens_in + total.tokens_out, total.n_retries, 0 };
	for (size_t i = 0; (entry = map_next(&stats->n_errors, &i));)
		run->errors += (int64_t)(uintptr_t)entry->value;
}

static const struct figure {
	const char *name;
	size_t offset; /* in struct run_figures */
} figure_table[] = {
	{ "wall_ms", offsetof(struct run_figures, wall_ms) },
	{ "cpu_us", offsetof(struct run_figures, cpu_us) },
	{ "tokens", offsetof(struct run_figures, tokens) },
	{ "retries", offsetof(struct run_figures, retries) },
	{ "errors", offsetof(struct run_figures, errors) },
};
#define N_FIGURES (sizeof figure_table / sizeof *figure_table)

static int64_t figure_of(const struct run_figures *run, const struct figure *figure)
{
	int64_t value;
	memcpy(&value, (const char *)run + figure->offset, sizeof value);
	return value;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static double median(const struct run_figures *run, size_t n, const struct figure *figure)
{
	int64_t value[STATS_MAX_RUNS];
	for (size_t i = 0; i < n; i++)
		value[i] = figure_of(&run[i], figure);
	qsort(value, n, sizeof *value, by_value);
	return n % 2 ? (double)value[n / 2] : (double)(value[n / 2 - 1] + value[n / 2]) / 2;
}

/* The newer half over the older one; 0 when there are too few runs, or nothing to compare with. */
static double trend(const struct stats_history *history, const struct figure *figure)
{
	size_t half = history->n_runs / 2;
	if (history->n_runs < 4)
		return 0;
	double older = median(history->run, half, figure);
	return older > 0 ? median(history->run + history->n_runs - half, half, figure) / older : 0;
}

void stats_put_history_text(struct buf *out, const struct stats_history *history, const char *plan)
{
	if (history->n_runs < 2)
		return;
	buf_printf(out, "\nthe last %zu runs of %s\n%-10s %12s %12s %8s\n", history->n_runs, plan, "", "median", "newest",
	           "trend");
	for (size_t i = 0; i < N_FIGURES; i++) {
		double ratio = trend(history, &figure_table[i]);
		buf_printf(out, "%-10s %12.1f %12lld", figure_table[i].name,
		           median(history->run, history->n_runs, &figure_table[i]),
		           (long long)figure_of(&history->run[history->n_runs - 1], &figure_table[i]));
		if (ratio > 0)
			buf_printf(out, " %+7.0f%%\n", (ratio - 1) * 100);
		else
			buf_printf(out, " %8s\n", "-");
	}
}

void stats_put_history_json(struct json_writer *w, const struct stats_history *history)
{
	json_key(w, "history");
	json_begin_object(w);
	put_int(w, "runs", (int64_t)history->n_runs);
	for (size_t i = 0; history->n_runs && i < N_FIGURES; i++) {
		double ratio = trend(history, &figure_table[i]);
		json_key(w, figure_table[i].name);
		json_begin_object(w);
		json_key(w, "median");
		json_put_real(w, median(history->run, history->n_runs, &figure_table[i]));
		put_int(w, "newest", figure_of(&history->run[history->n_runs - 1], &figure_table[i]));
		json_key(w, "trend");
		if (ratio > 0)
			json_put_real(w, ratio);
		else
			json_put_null(w);
		json_end_object(w);
	}
	json_end_object(w);
}

void stats_put_acceptance_text(struct buf *out, const struct acceptance *acceptance, size_t n_runs)
{
	if (!acceptance->n_rows)
		return;
	buf_printf(out, "\nsteps of models, %zu run%s of this plan:\n", n_runs, n_runs == 1 ? "" : "s");
	buf_printf(out, "%-32s %-10s %5s %8s %7s %8s %4s %4s\n", "model", "verb", "asked", "accepted", "at once",
	           "declined", "up", "down");
	for (size_t i = 0; i < acceptance->n_rows; i++) {
		const struct acceptance_row *row = &acceptance->row[i];
		buf_printf(out, "%-32s %-10s %5" PRId64 " %7.0f%% %6.0f%% %8" PRId64 " %4" PRId64 " %4" PRId64 "\n",
		           row->model, row->verb, row->n_asked, 100.0 * (double)row->n_accepted / (double)row->n_asked,
		           100.0 * (double)row->n_at_once / (double)row->n_asked, row->n_declined, row->n_up,
		           row->n_down);
	}
}

void stats_put_acceptance_json(struct json_writer *w, const struct acceptance *acceptance)
{
	json_key(w, "acceptance");
	json_begin_array(w);
	for (size_t i = 0; i < acceptance->n_rows; i++) {
		const struct acceptance_row *row = &acceptance->row[i];
		json_begin_object(w);
		json_key(w, "model");
		json_put_cstr(w, row->model);
		json_key(w, "verb");
		json_put_cstr(w, row->verb);
		put_int(w, "asked", row->n_asked);
		put_int(w, "accepted", row->n_accepted);
		put_int(w, "at_once", row->n_at_once);
		put_int(w, "declined", row->n_declined);
		put_int(w, "up", row->n_up);
		put_int(w, "down", row->n_down);
		json_end_object(w);
	}
	json_end_array(w);
}
