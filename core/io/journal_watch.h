/*
 * Following a journal that another process writes: a descriptor that says when there is more, and whether the writer
 * still lives. It only looks: an inotify watch and a pidfd. One thread.
 */
#ifndef BELAY_IO_JOURNAL_WATCH_H
#define BELAY_IO_JOURNAL_WATCH_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>

struct journal_watch;

/* `run_dir` is the run's folder below the folder of its repository, whose lock says who writes. */
int journal_watch_open(struct journal_watch **out, const char *run_dir, const char *file, struct err *err) MUST_CHECK;
void journal_watch_close(struct journal_watch *watch); /* accepts NULL */

int journal_watch_fd(const struct journal_watch *watch); /* readable when the journal grew or the writer ended */

/* To be asked before the journal is read to its end: what a dead writer wrote is all there will be. */
bool journal_watch_has_writer(struct journal_watch *watch);

/* True when the journal may have grown since the last call (and once at the start). */
bool journal_watch_take(struct journal_watch *watch);

#endif
