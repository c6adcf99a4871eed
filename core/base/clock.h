/* Time. Monotonic milliseconds measure durations; wall milliseconds since 1970 (UTC) stamp events. */
#ifndef BELAY_BASE_CLOCK_H
#define BELAY_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_wall_ms(void);

#define CLOCK_STAMP_SIZE 32

/* "2026-03-02T14:01:03.120Z" (RFC 3339, UTC, milliseconds). */
void clock_format(int64_t wall_ms, char out[CLOCK_STAMP_SIZE]);

/* Reads that form back, with any number of fraction digits. Returns -1 when it is not one. */
int clock_parse(const char *stamp, int64_t *wall_ms);

#endif
