/* Numbers and states in words, the same in every pane. Pure. */
#ifndef BELAY_TUI_WORDS_H
#define BELAY_TUI_WORDS_H

#include "base/buf.h"
#include "tui/pane.h"

#define WORDS_TIME_SIZE 24

/* "0:21", "1:04:12" */
void words_time(int64_t ms, char out[WORDS_TIME_SIZE]);
/* "48 210": groups of three digits */
void words_number(struct buf *out, int64_t n);
const char *words_state(enum step_state state); /* "queued", "undone": 8 cells at most */
/* "waiting for first byte 12 s / 90 s, try 2/4"; "" when the step is in no phase */
void words_phase(const struct view *view, const struct model_step *step, struct buf *out);
/* What matters of a step, in few words: "+84 -0  1 file", "after 4,5", "exit 1". */
void words_detail(const struct view *view, const struct model_step *step, bool wide, struct buf *out);
/* "w 2/4 busy" */
void words_busy(const struct view *view, struct buf *out);
const char *words_base(const char *path); /* the last component */

#endif
