/* The shells' scripts: thin, since `belay completion words` knows all. For verb_completion.c. */
#ifndef BELAY_TUI_VERB_COMPLETION_H
#define BELAY_TUI_VERB_COMPLETION_H

const char *completion_script(const char *shell); /* NULL: there is none for it */

#endif
