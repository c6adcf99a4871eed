/* What is in a work tree now, for a feed's `now`. */
#ifndef BELAY_IO_FEED_NOW_H
#define BELAY_IO_FEED_NOW_H

#include "event/feed.h"

/* A path beneath a root; of a file no more than 10 MiB (ERR_LIMIT). Absent is no error. */
int feed_now(const char *root, const char *path, struct feed_file *out, struct err *err) MUST_CHECK;

#endif
