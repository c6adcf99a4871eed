/* `show --context`, for verb_show.c. */
#ifndef BELAY_TUI_VERB_CONTEXT_H
#define BELAY_TUI_VERB_CONTEXT_H

#include "tui/verb.h"

int verb_context(const struct cli *cli, const char *root); /* the exit status */

#endif
