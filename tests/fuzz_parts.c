#include "tests/fuzz_parts.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void fuzz_parts_split(struct fuzz_parts *out, const uint8_t *data, size_t size)
{
	static const char line[] = "%%%%\n";
	const char *s = (const char *)data;
	size_t from = 0;
	for (size_t i = 0; i < MAX_FUZZ_PARTS; i++) {
		size_t at = from;
		while (i + 1 < MAX_FUZZ_PARTS && at < size &&
		       !((at == 0 || s[at - 1] == '\n') && size - at >= 5 && memcmp(s + at, line, 5) == 0))
			at++;
		size_t end = i + 1 < MAX_FUZZ_PARTS ? at : size;
		out->n[i] = end - from;
		out->part[i] = xstrndup(size ? s + from : "", end - from);
		from = end < size && i + 1 < MAX_FUZZ_PARTS ? end + 5 : size;
	}
}

void fuzz_parts_release(struct fuzz_parts *parts)
{
	for (size_t i = 0; i < MAX_FUZZ_PARTS; i++)
		free(parts->part[i]);
}
