/*
 * How a run was started, kept as start.json beside its journal, so that it can be resumed from any folder: the plan's
 * file, its variables, the selection. Approvals are not kept: who resumes gives them anew. For verb_*.c.
 */
#ifndef BELAY_TUI_VERB_START_H
#define BELAY_TUI_VERB_START_H

#include "tui/verb_session.h"

struct start_record {
	char *file; /* absolute; a copy in the run's folder when the plan came from stdin */
	char *name; /* as it was named */
	char *from, *until, *only; /* or NULL */
	bool break_cycles;
	struct name_values vars;
};

/* Writes it; `text` is the plan's, kept when it came from stdin. */
int start_record_write(const struct session *session, const struct verb_plan_request *request,
                       const struct session_selection *selection, struct err *err) MUST_CHECK;
int start_record_read(struct start_record *out, const char *dir, struct err *err) MUST_CHECK;

/* The same plan again, as it was: into session->plan. The hash is that of then. */
int start_record_load(struct session *session, const struct start_record *record, const char *plan_hash,
                      struct err *err) MUST_CHECK;
/* What the record asks for, borrowed from it. */
void start_record_request(const struct start_record *record, const char *root, struct verb_plan_request *request,
                          struct session_selection *selection);
void start_record_release(struct start_record *record);

#endif
