/*
 * The inside of a transcript, shared by transcript.c (lines and blocks), transcript_prose.c (what a model says between
 * them) and transcript_event.c (what events add).
 */
#ifndef BELAY_TUI_TRANSCRIPT_IMPL_H
#define BELAY_TUI_TRANSCRIPT_IMPL_H

#include "base/buf.h"
#include "edit/answer.h"
#include "tui/transcript.h"

struct line {
	size_t at, n; /* in text */
	enum line_kind kind;
	enum role role;
	size_t gutter_n;
	size_t span_at, n_spans;
};

/*
 * The prose that streams now, from the last place on where Markdown begins anew whatever comes. Only this much is made
 * into lines again as it grows; its lines begin at line[first].
 */
struct prose {
	bool open;
	bool stale;      /* the lines are older than the source */
	struct buf source;
	size_t first, text_at, span_at;
	bool blank;      /* the last line of the source was empty */
	bool gap;        /* an empty line sets what comes apart from what was before */
	char fence;      /* of the code block that is open; 0: none */
	size_t fence_n;
	bool fenced_block; /* a fence stood around an edit block, and will close */
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
	struct prose prose;
	struct text_span *span; /* owned; of all lines */
	size_t n_spans, cap_spans;
	struct buf tail;   /* of the answer: its last line, not ended yet */
	bool tail_shown;   /* as the last of the lines, until more comes */
	int64_t model_bytes, model_first_ms, model_last_ms; /* the first chunk is not counted */
};

void transcript_add_line(struct transcript *transcript, enum line_kind kind, const char *text, size_t n);
void transcript_drop_old(struct transcript *transcript);
/* Text of a stream, split anywhere: goes on with the open line when that is of the same kind. */
void transcript_add_text(struct transcript *transcript, enum line_kind kind, const char *text, size_t n);
/* More of the answer, and its end: the attempt is over, or it is asked anew. */
void transcript_add_answer(struct transcript *transcript, int64_t at_ms, const char *text, size_t n);
void transcript_end_answer(struct transcript *transcript);
/* The line that is being written is shown at once; it is taken away before anything is added. */
void transcript_hide_tail(struct transcript *transcript);

/* transcript_prose.c */
void prose_add(struct transcript *transcript, const char *text, size_t n); /* a line of it */
void prose_settle(struct transcript *transcript); /* brings the lines up to date, with the line that is being written */
void prose_close(struct transcript *transcript);  /* what comes next stands below it */
void prose_end(struct transcript *transcript);    /* of the answer */
void prose_show_tail(struct transcript *transcript);
/* An edit block begins: its path, alone on the line above, and a fence around it are not prose. */
void prose_begin_block(struct transcript *transcript, const char *path);

#endif
