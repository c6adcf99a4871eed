/* The answer parser's inside, shared by its files: answer.c (the blocks), answer_diff.c (diffs), answer_path.c (names).
 */
#ifndef BELAY_EDIT_ANSWER_PARSER_H
#define BELAY_EDIT_ANSWER_PARSER_H

#include "edit/answer.h"

enum answer_state {
	IN_PROSE,
	IN_SEARCH,      /* between <<<<<<< and ======= */
	IN_REPLACE,     /* between ======= and >>>>>>> */
	IN_FENCE,       /* a fenced whole file, or definition of a symbol */
	BEFORE_SYMBOL,  /* after "REPLACE SYMBOL": its fence comes next */
	IN_MARKED_FILE, /* a whole file between its markers */
	IN_DIFF,        /* a diff, between its hunks */
	IN_HUNK,        /* the lines of a hunk */
	IN_ADDED        /* a new file's lines, each with a plus sign */
};

struct answer_parser {
	void (*part)(void *arg, const struct answer_part *part);
	void *arg;
	enum answer_state state;
	enum edit_kind kind;        /* of the open block */
	struct buf line;            /* the line that is still coming */
	bool is_over; /* a line or a part of a block was larger than what is kept */
	struct answer answer;
	struct buf search, replace; /* of the open block */
	char *path;                 /* of the open block */
	const char *flaw;           /* of the open block */
	char *symbol;               /* whose definition comes; its path is last_path */
	char *last_path;            /* a path alone on a line, or that of the block before */
	bool path_is_fresh;         /* the path stood on the line just above (blank lines and fences between) */
	char *loose_path;           /* a line just above that could be a path: it is one if a SEARCH marker follows */
	char closer[80];            /* the line that ends the open file */
	size_t closer_n;
	size_t indent;              /* of the fence that began the open file */
	size_t depth;               /* fences open within that file */
	size_t plain_ticks;         /* inside a fence that is no file: how many ticks close it */
	char *diff_path;            /* whose hunks come */
	bool diff_is_new;           /* it is not there yet */
	struct buf held;            /* a "---" line: a "+++" line makes it the header of a diff */
	bool in_envelope;           /* after "*** Begin Patch" */
	size_t old_left;            /* old lines that the hunk's header counts and that have not come */
	size_t blank;               /* empty lines at the end of the hunk so far */
	int line_no;
	int block_line;
};

/* Tells the listener. */
void answer_tell(struct answer_parser *p, enum answer_part_kind kind, const char *text, size_t n);

void answer_tell_end(struct answer_parser *p, bool dropped);

/* Opens a block; takes the path. */
void answer_begin(struct answer_parser *p, enum answer_state state, enum edit_kind kind, char *path);

/* Closes it: it is one of the answer's. */
void answer_end(struct answer_parser *p);

/* Adds a block that cannot be used; a literal says why, after "the edit of ... ". */
void answer_add_flawed(struct answer_parser *p, const char *path, const char *flaw);

/* Adds a block that is complete by itself; `to` is the new path of a move, else "". */
void answer_add_bare(struct answer_parser *p, enum edit_kind kind, const char *path, const char *to);

void answer_prose_line(struct answer_parser *p, const char *s, size_t n);

/* Diffs. True when the line of prose belongs to one. */
bool answer_diff_begins(struct answer_parser *p, const char *s, size_t n);
void answer_diff_line(struct answer_parser *p, const char *s, size_t n);  /* IN_DIFF */
void answer_hunk_line(struct answer_parser *p, const char *s, size_t n);  /* IN_HUNK */
void answer_added_line(struct answer_parser *p, const char *s, size_t n); /* IN_ADDED */

/* The text ends: a hunk that has all of its lines is complete. */
void answer_diff_finish(struct answer_parser *p);

/* The line without blanks and line end behind it; with `both` without blanks before it too. */
const char *answer_trim(const char *s, size_t *n, bool both);

/* The path that a line consists of, with the decoration that models put around one; NULL when it is prose. */
char *answer_path_of_line(const char *s, size_t n);

/* A line that is a path only if the place says so too: a name without a dot, or in quotes with blanks in it. */
char *answer_loose_path(const char *s, size_t n);

/* "```lang path", "```lang:path" or "```path": the path in the info string, or NULL. */
char *answer_path_of_info(const char *s, size_t n);

#endif
