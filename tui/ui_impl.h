/* The inside of the UI, shared by ui.c (state), ui_action.c (what keys do) and ui_draw.c (how it looks). */
#ifndef BELAY_TUI_UI_IMPL_H
#define BELAY_TUI_UI_IMPL_H

#include "tui/cmdline.h"
#include "tui/dialog_ask.h"
#include "tui/dialog_confirm.h"
#include "tui/line_edit.h"
#include "tui/pane.h"
#include "tui/pane_help.h"
#include "tui/pane_review.h"
#include "tui/ui.h"

enum prompt_kind { PROMPT_NONE, PROMPT_FIND, PROMPT_GO_TO, PROMPT_FILTER, PROMPT_FEEDBACK, PROMPT_MESSAGE };

struct ui {
	struct view view;
	struct run_model model;
	struct ui_options options;
	void *pane[PANE_N];     /* state of each pane; its table is ui_panes[] */
	struct layout layout;   /* of the last draw */
	enum pane_id focus, lower;
	bool zoom;
	struct confirm confirm;
	struct map review;      /* step id -> struct review: decisions survive leaving it; owned */
	struct review_view review_view;
	struct buf to_edit;     /* for the editor */
	bool wants_editor;
	bool edits_result;      /* a whole file, not a hunk */
	struct {
		bool waits;           /* for what the executor says of it */
		bool redo;
		char *step, *path;    /* owned; or NULL */
		struct strings lines; /* of its question */
	} rollback;             /* the last one asked for */
	struct cmdline cmdline;
	struct ask ask;
	struct help help;
	enum prompt_kind prompt;
	struct line_edit edit;  /* of the prompt */
	char *last_step;        /* id in the last event that had one; owned */
	struct buf find;        /* what was searched for last */
	struct buf filter;      /* of the events */
	uint64_t notice_seq;    /* of the last notice seen */
	bool was_finished;      /* at the last look */
	bool dirty, flush, catching_up, feed_ended;
	bool stop_when_idle;    /* quit was asked: stop once nothing runs */
	enum ui_end end;
	int interrupts;
	int64_t interrupt_ms;   /* monotonic, of the last one */
	int64_t closed_ms;      /* monotonic: when the approval dialog closed; Enter right after it is not a new wish */
	struct err broken;      /* the feed's events do not follow from each other */
};

extern const struct pane_ops *const ui_panes[PANE_N];

enum context ui_context(const struct ui *ui);
void ui_act(struct ui *ui, enum action action, struct key key);
void ui_answer(struct ui *ui, enum ask_answer answer);
void ui_go_to(struct ui *ui, const char *text); /* a time or an event of a replay */
void ui_prompt_key(struct ui *ui, struct key key);
void ui_open_approval(struct ui *ui, const struct model_step *step);
void ui_open_confirm(struct ui *ui, const struct model_step *step);
void ui_confirm_key(struct ui *ui, struct key key);
void ui_ask_quit(struct ui *ui, const char *question);
void ui_follow(struct ui *ui); /* the selection goes with the running steps */
bool ui_act_in_replay(struct ui *ui, enum action action, struct key key); /* true when it was for a replay */
void ui_set_filter(struct ui *ui, const char *text);
void ui_focus(struct ui *ui, enum pane_id pane);

/* ui_run.c */
struct command ui_command(enum command_kind kind); /* of a person */
void ui_send_step(struct ui *ui, enum command_kind kind, const char *id);
bool ui_is_over(const struct ui *ui);
void ui_pause(struct ui *ui);
bool ui_act_on_run(struct ui *ui, enum action action); /* true when it was for the run */
void ui_roll_back(struct ui *ui, enum rollback_how how);
void ui_ask_rollback(struct ui *ui, const struct event *event);
void ui_end_rollback(struct ui *ui);
void ui_send_message(struct ui *ui, const char *text);
void ui_note_breakpoint(struct ui *ui, const char *step);

/* ui_cmdline.c */
void ui_open_cmdline(struct ui *ui);
void ui_cmdline_key(struct ui *ui, struct key key);

/* ui_why.c */
const char *ui_why_not(const void *ui, enum action action); /* static text; NULL: it can be done */

/* ui_review.c */
bool ui_open_review(struct ui *ui, const struct model_step *step); /* false: the dialog asks instead */
void ui_review_act(struct ui *ui, enum action action);
void ui_check_review(struct ui *ui); /* closes it when its question was answered elsewhere */
void ui_send_review(struct ui *ui, int64_t shown_ms);
void ui_refuse_review(struct ui *ui, const char *reason); /* NULL: none */
void ui_free_reviews(struct ui *ui);

#endif
