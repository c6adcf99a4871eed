/* The front end that a run or a replay gets: the screen, plain lines or JSON lines. For verb_*.c. */
#ifndef BELAY_TUI_VERB_FRONT_H
#define BELAY_TUI_VERB_FRONT_H

#include "event/feed.h"
#include "tui/verb.h"

enum verb_front_kind { FRONT_SCREEN, FRONT_PLAIN, FRONT_JSON };

struct verb_front {
	enum verb_front_kind kind;
	bool can_ask; /* somebody can answer an approval */
	bool quiet;
	bool replay;  /* set by the caller */
	int approve_fd;
	/* The caller's, for the screen: */
	const struct config *config; /* may be NULL */
	int64_t n_workers;
	double usd_limit;
};

/* By --json, --plain, --approve-from and what stdin and stdout are. */
int verb_front_choose(struct verb_front *front, const struct cli *cli, struct err *err) MUST_CHECK;

/* Runs until the feed ends or the user leaves. The exit status of the run; -1 with *err when there is no front end. */
int verb_front_run(const struct verb_front *front, const struct cli *cli, struct feed *feed, struct err *err);

#endif
