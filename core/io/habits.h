/*
 * In which form of edits each model has answered well so far, over all runs: what the next question's form is chosen
 * by. One small file for the user ("<state>/belay/habits"), a line for each model, size of files and form; shared by
 * all runs that go on at the same time. It is a memory, not a record: old lines make room for new ones, and a file that
 * cannot be read is as good as none.
 */
#ifndef BELAY_IO_HABITS_H
#define BELAY_IO_HABITS_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct habit {
	char *model;  /* owned; as the provider calls it */
	char *size;   /* owned; "small" or "large" */
	char *form;   /* owned; as events name it */
	long good, bad;
};

struct habits {
	struct habit *habit; /* owned; the one that was noted last comes last */
	size_t n_habits, cap_habits;
};

int habits_path(struct buf *out, struct err *err) MUST_CHECK;

/* No file: none. Lines that make no sense are skipped. */
int habits_load(struct habits *out, const char *path, struct err *err) MUST_CHECK;
void habits_release(struct habits *habits);

const struct habit *habits_find(const struct habits *habits, const char *model, const char *size, const char *form);

/* One more answer in that form, good or not. Several processes may do so at once: none is lost. */
int habits_note(const char *path, const struct habit *which, bool is_good, struct err *err) MUST_CHECK;

#endif
