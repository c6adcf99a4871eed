/*
 * A run as a recording of the terminal UI, asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/): the UI is
 * driven by a feed and a clock of its own, and each frame is written as what changes on the screen. Pure but for the
 * feed's calls.
 */
#ifndef BELAY_TUI_CAST_H
#define BELAY_TUI_CAST_H

#include "base/attr.h"
#include "base/buf.h"
#include "event/feed.h"

#include <stdbool.h>
#include <stdint.h>

struct cast_options {
	int width, height;      /* cells */
	bool unicode;
	const char *title;
	int64_t pause_max_ms;   /* waits are cut to this */
	const char *until_step; /* ends when this step knows its change, or is over; NULL: at the end of the run */
	int64_t *mono_ms;       /* the feed's clock, which is moved on; borrowed */
};

void cast_write(struct buf *out, struct feed *feed, const struct cast_options *options);

/* The last frame of it as text, or as a picture (SVG) in the terminal's colours. */
void cast_write_text(struct buf *out, struct feed *feed, const struct cast_options *options);
void cast_write_svg(struct buf *out, struct feed *feed, const struct cast_options *options);

#endif
