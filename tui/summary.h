/* The few plain lines that stay on the terminal after the UI has left it: what came out, and what one can do now. */
#ifndef BELAY_TUI_SUMMARY_H
#define BELAY_TUI_SUMMARY_H

#include "base/buf.h"
#include "event/run_model.h"

#include <stdbool.h>

/* "done", "failed", "stopped" ... Static. */
const char *summary_result(const struct run_model *model, int exit_code);

/* `exit_code` is what the program will exit with. The lines are sanitised. */
void summary_write(struct buf *out, const struct run_model *model, int exit_code, bool replay);

#endif
