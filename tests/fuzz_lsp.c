/*
 * Messages of language servers. Properties: each message taken makes the rest shorter by more than its body, and what is
 * framed again comes out as it was.
 */
#include "tests/fuzz_parts.h"

#include "io/lsp_frame.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct buf *body)
{
	struct buf in = { 0 };
	struct buf out = { 0 };
	struct err err;
	lsp_frame_add(&in, buf_str(body), body->len);
	FUZZ_CHECK(lsp_frame_take(&in, &out, &err) == 1 && in.len == 0);
	FUZZ_CHECK(out.len == body->len && memcmp(buf_str(&out), buf_str(body), out.len) == 0);
	buf_release(&in);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in = { 0 };
	struct buf body = { 0 };
	struct err err = { 0 };
	int rc;
	if (size > 100000)
		return 0;
	buf_add(&in, data, size);
	size_t left = in.len;
	while ((rc = lsp_frame_take(&in, &body, &err)) == 1) {
		FUZZ_CHECK(in.len + body.len < left);
		left = in.len;
		check_again(&body);
	}
	FUZZ_CHECK(rc == 0 || err.msg[0]);
	buf_release(&in);
	buf_release(&body);
	return 0;
}
