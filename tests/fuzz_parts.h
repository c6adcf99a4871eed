/*
 * A fuzz input in parts: readable corpus files whose parts stand between lines "%%%%". Parts that are not there are
 * empty. Copies, NUL-terminated.
 */
#ifndef BELAY_TESTS_FUZZ_PARTS_H
#define BELAY_TESTS_FUZZ_PARTS_H

#include <stddef.h>
#include <stdint.h>

#define MAX_FUZZ_PARTS 8

struct fuzz_parts {
	char *part[MAX_FUZZ_PARTS]; /* owned */
	size_t n[MAX_FUZZ_PARTS];
};

void fuzz_parts_split(struct fuzz_parts *out, const uint8_t *data, size_t size);
void fuzz_parts_release(struct fuzz_parts *parts);

/* Stops the target when a property does not hold. */
#define FUZZ_CHECK(condition)          \
	do {                           \
		if (!(condition))      \
			__builtin_trap(); \
	} while (0)

#endif
