/*
 * The events of a made-up run, written by hand, that show every part of the screen: for the golden pictures and for the
 * check program that plays them in a real terminal.
 */
#ifndef BELAY_TESTS_TUI_STORY_H
#define BELAY_TESTS_TUI_STORY_H

#include "event/event.h"

#include <stddef.h>

#define STORY_START_MS 1772460000000 /* 2026-03-02T14:00:00Z */

extern const struct event tui_story[];
extern const size_t tui_story_n;

/* Where the story has come to, as indices of the event after it. */
enum tui_story_place {
	STORY_DECLARED,  /* all steps are known, none has begun */
	STORY_STREAMING, /* step 4 writes its first edit block */
	STORY_ASKING,    /* step 5 waits for an approval, step 4 has proposed */
	STORY_OVER
};
size_t tui_story_at(enum tui_story_place place);

/* What blob() gives for the hashes that the story names: "" when it is none of them. */
const char *tui_story_blob(const char *sha256);

#endif
