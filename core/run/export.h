/*
 * A run for other eyes, from its journal, its store and its notes alone: the work tree is not looked at, so that a run
 * that was taken back can be shown as well. What is exported are the changes of the steps that were done.
 */
#ifndef BELAY_RUN_EXPORT_H
#define BELAY_RUN_EXPORT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "edit/changeset.h"
#include "event/run_model.h"
#include "io/notes.h"
#include "io/runs.h"

#include <stddef.h>

struct export_step {
	const struct model_step *model;
	struct changeset set; /* what it landed, with the bytes; empty when it was never done */
	struct event **landed; /* until the sets are made; owned */
	size_t n_landed, cap_landed;
	bool was_done;
};

struct export_run {
	const char *id, *dir;  /* borrowed from the run_info */
	struct run_model model;
	struct export_step *step; /* as many as model.n_steps, in its order; owned */
	struct changeset set;     /* of all steps together */
	size_t n_back;            /* steps that were done and that the run itself took back */
	bool is_dry_run;          /* the changes are those that were proposed */
	struct notes notes;
	/* For the patch; set by the caller, borrowed. */
	const char *author, *email;
};

/* Release in every case. */
int export_read(struct export_run *out, const struct run_info *run, struct err *err) MUST_CHECK;
void export_release(struct export_run *run);

/* X(name, help): the forms; each is export_NAME in export_NAME.c. */
#define EXPORT_FORMS(X)                                                       \
	X(patch, "a mail for git am, with binary files")                      \
	X(md, "Markdown for a pull request")                                  \
	X(html, "one page without scripts, to be read and printed")           \
	X(json, "one object with all events and texts")                       \
	X(junit, "JUnit's XML: a case for each step and check")

#define X(name, help) int export_##name(struct buf *out, const struct export_run *run, struct err *err) MUST_CHECK;
EXPORT_FORMS(X)
#undef X

/* ---- what the forms share ---- */

/* Text for HTML and XML, sanitised, with all that is special as character references. */
void export_add_xml(struct buf *out, const char *text, size_t n);
void export_add_xml_str(struct buf *out, const char *text);

/* "4 done, 1 failed": of the run's steps. */
void export_add_counts(struct buf *out, const struct run_model *model);
void export_add_duration(struct buf *out, int64_t ms); /* "0:01:04.120" */
void export_add_time(struct buf *out, int64_t wall_ms); /* "2026-03-02 14:01:03 UTC" */
const char *export_plan_name(const struct run_model *model);
bool export_text(struct buf *out, const struct change *change); /* its diff; false: it is no text, or too long to show */

#endif
