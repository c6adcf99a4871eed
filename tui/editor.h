/* The user's editor on a text: GIT_EDITOR, VISUAL, EDITOR, else vi. The screen has been left before; waits for it. */
#ifndef BELAY_TUI_EDITOR_H
#define BELAY_TUI_EDITOR_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/* The text as it was saved goes to out. -1 when the editor could not be run or ended with a failure. */
int editor_run(const struct buf *text, struct buf *out, struct err *err) MUST_CHECK;

#endif
