/* The lines around the panes: the title, the message and the keys. */
#ifndef BELAY_TUI_STATUSBAR_H
#define BELAY_TUI_STATUSBAR_H

#include "tui/ui_impl.h"

void statusbar_title(struct ui *ui, struct canvas *canvas, struct rect rect);
void statusbar_short(struct ui *ui, struct canvas *canvas, struct rect rect); /* "belay RUN 4/9 !1" */
void statusbar_message(struct ui *ui, struct canvas *canvas, struct rect rect);
void statusbar_keys(struct ui *ui, struct canvas *canvas, struct rect rect);

#endif
