/* The inside of a transcript, shared by transcript.c (lines and blocks) and transcript_event.c (what events add). */
#ifndef BELAY_TUI_TRANSCRIPT_IMPL_H
#define BELAY_TUI_TRANSCRIPT_IMPL_H

#include "base/buf.h"
#include "edit/answer.h"
#include "tui/transcript.h"

struct line {
	size_t at, n; /* in text */
	enum line_kind kind;
};

/* The edit block that streams now. Its lines begin at line[first] and are made anew as it grows. */
struct block {
	bool open;
	bool writing; /* the new half streams */
	bool halves;  /* search and replace: shown as their difference */
	bool stale;   /* the lines are older than the halves */
	size_t first;
	size_t text_at;
	struct buf old_text, new_text;
};

struct transcript {
	struct buf text;
	struct line *line; /* owned */
	size_t n_lines, cap_lines;
	size_t dropped;    /* lines that are no longer there */
	bool line_open;    /* the last line has not ended */
	struct answer_parser *parser; /* of this attempt's answer; NULL before its first text */
	struct block block;
	struct buf tail;   /* of the answer: its last line, not ended yet */
	bool tail_shown;   /* as the last of the lines, until more comes */
	size_t tail_joins; /* bytes of the line that it goes on with; 0: it has a line of its own */
	size_t prose_n;    /* bytes of the last line of prose as it came */
	bool in_fence;     /* of the answer's prose: what is inside is not flowed */
	int64_t model_bytes, model_first_ms, model_last_ms; /* the first chunk is not counted */
};

void transcript_add_line(struct transcript *transcript, enum line_kind kind, const char *text, size_t n);
/* Text of a stream, split anywhere: goes on with the open line when that is of the same kind. */
void transcript_add_text(struct transcript *transcript, enum line_kind kind, const char *text, size_t n);
/* More of the answer, and its end: the attempt is over, or it is asked anew. */
void transcript_add_answer(struct transcript *transcript, int64_t at_ms, const char *text, size_t n);
void transcript_end_answer(struct transcript *transcript);
/* The line that is being written is shown at once; it is taken away before anything is added. */
void transcript_hide_tail(struct transcript *transcript);

#endif
