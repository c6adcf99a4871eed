/* What a run took, for people and for programs. Pure. */
#ifndef BELAY_TUI_STATS_TEXT_H
#define BELAY_TUI_STATS_TEXT_H

#include "base/buf.h"
#include "base/json.h"
#include "event/acceptance.h"
#include "event/stats.h"

/* A row for each step, their total, where the time went, cache hits, errors. */
void stats_put_text(struct buf *out, const struct run_stats *stats);
void stats_put_json(struct json_writer *w, const struct run_stats *stats); /* keys of an object that is open */

/*
 * Runs of one plan, oldest first: the median of each figure, that of the newest run, and the trend, which is the median
 * of the newer half over that of the older one (from four runs on).
 */
#define STATS_MAX_RUNS 20

struct run_figures {
	int64_t wall_ms, cpu_us, tokens, retries, errors;
};

struct stats_history {
	struct run_figures run[STATS_MAX_RUNS];
	size_t n_runs;
};

void stats_history_add(struct stats_history *history, const struct run_stats *stats);
void stats_put_history_text(struct buf *out, const struct stats_history *history, const char *plan);
void stats_put_history_json(struct json_writer *w, const struct stats_history *history);

/* How often the answers of each model were accepted, by verb; nothing where no model was asked. */
void stats_put_acceptance_text(struct buf *out, const struct acceptance *acceptance, size_t n_runs);
void stats_put_acceptance_json(struct json_writer *w, const struct acceptance *acceptance);

#endif
