/* Base64 (RFC 4648, section 4), for bytes that are not text inside JSON; by libcrypto. */
#ifndef BELAY_BASE_BASE64_H
#define BELAY_BASE_BASE64_H

#include "base/attr.h"
#include "base/buf.h"

#include <stddef.h>

void base64_encode(struct buf *out, const void *data, size_t n); /* appends */

/* Reads padded base64 into *out (to be freed; NUL-terminated). -1 when it is not that form, or is over 1 GiB. */
int base64_decode(const char *s, size_t n, char **out, size_t *len) MUST_CHECK;

#endif
