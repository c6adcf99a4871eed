/* Plans from others run only once trusted. */
#ifndef BELAY_TUI_VERB_TRUST_H
#define BELAY_TUI_VERB_TRUST_H

#include "tui/verb_session.h"

/* May the loaded plan run? At a terminal the user is asked; ERR_UNANSWERED when nobody can be. */
int trust_check_plan(const struct session *session, const struct verb_plan_request *request, struct err *err) MUST_CHECK;

#endif
