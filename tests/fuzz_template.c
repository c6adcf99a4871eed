/*
 * Templates. Parts: the template, and the values of `a`, `b` and `list`. Properties: a fault is told with a message, the
 * output stays below its ceiling, and a template without braces is its own output.
 */
#include "tests/fuzz_parts.h"

#include "base/buf.h"
#include "edit/template.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct template *t = NULL;
	struct err err = { 0 };
	struct buf out = { 0 };
	if (size > 20000)
		return 0;
	fuzz_parts_split(&parts, data, size);
	const struct template_var var[] = { { "a", parts.part[1] }, { "b", parts.part[2] }, { "list", parts.part[3] } };
	if (template_compile(&t, "t", parts.part[0], parts.n[0], &err) != 0) {
		FUZZ_CHECK(err.msg[0] && !t);
	} else if (template_render(t, var, 3, &out, &err) != 0) {
		FUZZ_CHECK(err.msg[0]);
	} else {
		FUZZ_CHECK(out.len <= TEMPLATE_OUTPUT_MAX);
		if (!memmem(parts.part[0], parts.n[0], "{{", 2))
			FUZZ_CHECK(out.len == parts.n[0] && memcmp(buf_str(&out), parts.part[0], out.len) == 0);
	}
	buf_release(&out);
	template_free(t);
	fuzz_parts_release(&parts);
	return 0;
}
