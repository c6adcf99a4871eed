/*
 * What a pane is, and what panes see. A pane draws one rectangle from the run's state and answers to actions; it owns
 * nothing but how it looks (scroll position, folds). A new pane is one new file with one table, one id in layout.h and
 * one line in ui.c.
 */
#ifndef BELAY_TUI_PANE_H
#define BELAY_TUI_PANE_H

#include "base/buf.h"
#include "event/feed.h"
#include "event/run_model.h"
#include "tui/canvas.h"
#include "tui/keymap.h"
#include "tui/layout.h"
#include "tui/transcript.h"

#include <stdbool.h>
#include <stdint.h>

#define VIEW_SLOTS 64
#define VIEW_MESSAGE_SIZE 240

/* What the panes share. Owned by the UI; a pane may change what is said here to be changeable. */
struct view {
	struct feed *feed;
	const struct run_model *model;
	const struct keymap *keymap; /* NULL: the table's own keys */
	struct feed_status status;
	bool replay;
	int64_t now_ms;      /* wall clock of the run: in a replay that of the play head */
	int64_t mono_ms;
	const char *plan_title;
	int64_t n_workers;
	double usd_limit;    /* 0: none */
	bool paused;
	bool stopping;
	bool answering;      /* the question of an approval is on screen */
	char *step;          /* id of the selected step, or NULL; owned. Changed by view_select */
	char *file;          /* the path of that step that the plan's cursor is on, or NULL; owned. Changed by view_select_file */
	struct map breakpoint; /* ids of steps that the run pauses before */
	bool follow;         /* the selection goes with the running steps; changeable */
	struct map transcript; /* step id -> struct transcript */
	char *slot[VIEW_SLOTS]; /* id of the step that worker i has, or NULL; owned */
	const char *find;    /* what is searched for, or "" */
	const char *filter;  /* of the events, or "" */
	char message[VIEW_MESSAGE_SIZE]; /* changed by view_say */
	enum role message_role;
	int64_t message_until_ms; /* mono_ms; 0: there is none */
};

struct model_step *view_step(const struct view *view); /* the selected one, or NULL */
void view_select(struct view *view, const char *id);
void view_select_file(struct view *view, const char *path); /* NULL: none */
size_t view_number(const struct view *view, const struct model_step *step); /* from 1; 0 when unknown */
int view_slot(const struct view *view, const char *id); /* worker number from 1, or 0 */
void view_say(struct view *view, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
void view_send(struct view *view, const struct command *command);
struct key_name view_key(const struct view *view, enum action action); /* to be shown: the first that it has */
int64_t view_elapsed_ms(const struct view *view, const struct model_step *step);
struct transcript *view_transcript(const struct view *view, const char *id); /* or NULL */

struct pane_ops {
	const char *name;
	void *(*new)(void);
	/* The header's words: on the left after the name, on the right. */
	void (*title)(void *pane, struct view *view, struct buf *left, struct buf *right);
	void (*draw)(void *pane, struct view *view, struct canvas *canvas, struct rect rect);
	bool (*handle)(void *pane, struct view *view, enum action action); /* true when it was for the pane */
	bool (*find)(void *pane, struct view *view, const char *find, bool forward); /* NULL: cannot be searched */
	void (*event)(void *pane, struct view *view, const struct event *event);     /* after the fold; may be NULL */
	void (*reset)(void *pane); /* the feed begins again; may be NULL */
	int (*rows)(void *pane, struct view *view); /* lines it would like; may be NULL */
	void (*free)(void *pane);
};

extern const struct pane_ops pane_plan_ops, pane_stream_ops, pane_diff_ops, pane_workers_ops, pane_run_ops,
	pane_events_ops, pane_state_ops, pane_marks_ops;

#endif
