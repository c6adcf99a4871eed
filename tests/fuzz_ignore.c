/* An ignore file, and a path (the first line) that it is asked about, as a file and as a folder. */
#include "io/ignore.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *eol = size ? memchr(data, '\n', size) : NULL;
	if (!eol)
		return 0;
	char *path = xstrndup((const char *)data, (size_t)(eol - data));
	size_t rest = (size_t)(data + size - eol - 1);
	struct ignore *above = ignore_new(NULL, "", "*\n!*.c\n", 7);
	struct ignore *ignore = ignore_new(above, "", (const char *)eol + 1, rest);
	/* A rule for folders alone is all that may tell the two apart. */
	bool file = ignore_has(ignore, path, false);
	bool dir = ignore_has(ignore, path, true);
	if (file != dir && !memchr(eol + 1, '/', rest))
		abort();
	ignore_free(ignore);
	ignore_free(above);
	free(path);
	return 0;
}
