/*
 * What a journal says that a run found, was told and left, so that it can be executed again elsewhere and compared: the first
 * before-image of every path that it landed, the answers of the models, which approvals were given, and what each step made
 * of each path. What a person took back afterwards is left out on both sides.
 */
#ifndef BELAY_RUN_RERUN_H
#define BELAY_RUN_RERUN_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "edit/changeset.h"
#include "event/event.h"
#include "io/store.h"

#include <stdbool.h>

struct rerun_answer {
	char *step; /* owned */
	int attempt;
	struct buf text;
};

struct rerun {
	struct changeset paths;   /* before: as the run found it first; after: as it left it; no bytes */
	struct event **landed;    /* that still stand; owned */
	size_t n_landed, cap_landed;
	struct rerun_answer *answer; /* owned */
	size_t n_answers, cap_answers;
	struct strings approved;  /* steps */
	struct strings grown;     /* steps that a person added, as YAML */
	struct map read;          /* path -> owned hex hash of what was read */
	struct strings reads;
	char *plan_hash;
	int64_t exit_code;
	bool finished;
	struct store *store;      /* for texts that are not in the journal; owned */
};

/* Reads the whole journal, and with it checks its chain: ERR_CORRUPT. Release in every case. */
int rerun_read(struct rerun *out, const char *run_dir, struct err *err) MUST_CHECK;
void rerun_release(struct rerun *rerun);

/* The answers as a file for the provider `recorded`. */
void rerun_write_answers(const struct rerun *rerun, struct buf *out);

/* The paths that the two left differently, or that only one of them landed. */
void rerun_compare(const struct rerun *a, const struct rerun *b, struct strings *out);

#endif
