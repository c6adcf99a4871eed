/* The three lines of a replay: speed and place, the scrub line with its marks, the legend. */
#ifndef BELAY_TUI_REPLAY_BAR_H
#define BELAY_TUI_REPLAY_BAR_H

#include "event/feed.h"
#include "tui/canvas.h"

void replay_bar_draw(const struct feed_status *status, struct canvas *canvas, struct rect rect);

#endif
