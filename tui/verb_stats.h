/* What a recorded run took: for verb_log.c, verb_run.c and verb_resume.c. */
#ifndef BELAY_TUI_VERB_STATS_H
#define BELAY_TUI_VERB_STATS_H

#include "tui/verb.h"

/* `log --stats`: prints the run's figures, beside those of earlier runs of the plan. Returns the exit status. */
int verb_put_stats(const struct cli *cli, const char *root, const struct run_info *run);

/*
 * --trace FILE. Begun before the run, so that a file that cannot be written is known before anything happens: it holds an
 * empty trace then, and that of the run after verb_trace_write, which puts it in place whole.
 */
int verb_trace_begin(const char *file, struct err *err) MUST_CHECK;
int verb_trace_write(const char *file, const char *run_dir, struct err *err) MUST_CHECK;

#endif
