/*
 * Old runs go: whole folders, a run together with the undo and redo runs that came of it, so that what is left always
 * says the truth about the tree. The caller holds the tree's lock and has recovered the tree (recover.h).
 */
#ifndef BELAY_IO_RUNS_GC_H
#define BELAY_IO_RUNS_GC_H

#include "base/attr.h"
#include "base/err.h"
#include "io/runs.h"

struct gc_caps {
	int64_t age_ms;  /* a family whose newest run is older goes */
	int64_t bytes;   /* on disk; the oldest families go until the rest is not more */
	size_t max_runs; /* at most so many folders are removed now; 0: no bound */
};

/* 14 days and 1 GiB. */
#define GC_AGE_MS ((int64_t)14 * 24 * 3600 * 1000)
#define GC_BYTES ((int64_t)1024 * 1024 * 1024)
#define GC_SWEEP_RUNS 16 /* at the start of a run */

struct gc_report {
	struct strings removed; /* ids */
	int64_t bytes_removed, bytes_kept;
	size_t n_kept;
};

/* `except` stays with its family; when it is NULL, the newest. Release the report in every case. */
int runs_gc(const struct run_list *runs, const struct gc_caps *caps, const char *except, struct gc_report *out,
            struct err *err) MUST_CHECK;
void gc_report_release(struct gc_report *report);

#endif
