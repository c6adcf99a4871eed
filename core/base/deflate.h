/*
 * The zlib format (RFC 1950) without compression: stored blocks (RFC 1951, 3.2.4), which every reader takes and which
 * need no library.
 */
#ifndef BELAY_BASE_DEFLATE_H
#define BELAY_BASE_DEFLATE_H

#include "base/buf.h"

#include <stddef.h>

#define DEFLATE_BLOCK_MAX 65535
#define DEFLATE_BLOCK_HEAD 5

void deflate_stored(struct buf *out, const void *data, size_t n); /* appends */

#endif
