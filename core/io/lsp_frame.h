/* The framing of the Language Server Protocol (3.17, "Base Protocol"): a header with Content-Length, then so many bytes. */
#ifndef BELAY_IO_LSP_FRAME_H
#define BELAY_IO_LSP_FRAME_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

#define LSP_HEADER_MAX 4096
#define LSP_BODY_MAX (16 * 1024 * 1024)

void lsp_frame_add(struct buf *out, const char *body, size_t n);

/* Takes a whole message from the front of `in`: 1 and its body in *out (cleared first), 0 when more must come, -1 when
 * what is there is no message. */
int lsp_frame_take(struct buf *in, struct buf *out, struct err *err) MUST_CHECK;

#endif
