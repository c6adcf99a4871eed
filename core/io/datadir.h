/*
 * Files that come with the program, such as templates. Looked for in $BELAY_DATA_DIR, then among the user's own
 * ($XDG_DATA_HOME/belay), then beside the program (the build tree), in ../share/belay from it, and where it was configured
 * to be installed.
 */
#ifndef BELAY_IO_DATADIR_H
#define BELAY_IO_DATADIR_H

#include "base/vec.h"

#include <stdbool.h>

/* The absolute path of `name` ("templates/c-module"), to be freed, or NULL. */
char *datadir_find(const char *name);

/* The names in that folder of all these places, sorted, each once. */
void datadir_list(const char *name, struct strings *out);

#endif
