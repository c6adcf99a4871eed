/*
 * A model's answer: prose with edit blocks in it. The parser takes the text as it streams, split anywhere,
 * and gives the same blocks for every split. Pure; any thread.
 *
 * Search and replace: the path alone on a line, then <<<<<<< SEARCH, old lines, =======, new lines,
 * >>>>>>> REPLACE (5 to 9 marker characters), inside or outside a Markdown fence. Whole file: a header line with
 * the path and a marker, the content, the marker again (see answer_whole_marker), or a fence with the path in its
 * info string or on the line above. Unified diffs, and the envelope "*** Begin Patch" ... "*** End Patch": each hunk
 * is a search and replace, each new file a whole one. "REPLACE SYMBOL name IN path", then its new definition in a fence.
 */
#ifndef BELAY_EDIT_ANSWER_H
#define BELAY_EDIT_ANSWER_H

#include "base/buf.h"
#include "base/err.h"
#include "edit/changeset.h"

#include <stdbool.h>
#include <stddef.h>

enum edit_kind {
	EDIT_SEARCH_REPLACE,
	EDIT_WHOLE_FILE,
	EDIT_SYMBOL, /* `search` is the name of what is defined anew */
	EDIT_DELETE, /* of an envelope or a diff */
	EDIT_MOVE,   /* of an envelope: `replace` is the new path */
	EDIT_PATCH   /* a form to ask for, the envelope; its blocks are of the other kinds */
};

struct edit_block {
	enum edit_kind kind;
	char *path;      /* as the answer wrote it; "" when it names none */
	char *search;    /* old lines; NULL for whole files */
	size_t search_n;
	char *replace;   /* new lines, or the whole content */
	size_t replace_n;
	int line;        /* of the answer, where the block began; from 1 */
	const char *flaw; /* NULL, or what is wrong with the block itself, after "the edit ..."; a literal */
};

enum answer_part_kind {
	ANSWER_PROSE,      /* text outside blocks, as it came */
	ANSWER_BLOCK_BEGIN, /* path and kind are known, `text` is a symbol's name; again, before any end, when they turn out otherwise */
	ANSWER_OLD_LINE,   /* one whole line of the search text */
	ANSWER_DIVIDER,    /* the search text is complete */
	ANSWER_NEW_LINE,   /* one whole line of the replacement or of the content */
	ANSWER_BLOCK_END
};

/* What has just been understood, for the live diff. Borrowed during the call. */
struct answer_part {
	enum answer_part_kind kind;
	enum edit_kind edit;
	const char *path;
	const char *text;
	size_t n;
	bool dropped; /* ANSWER_BLOCK_END: it was no block after all, or is one that cannot be used */
};

struct answer_parser;

struct answer_parser *answer_parser_new(void (*part)(void *arg, const struct answer_part *part), void *arg);
void answer_parser_free(struct answer_parser *parser);
void answer_parser_feed(struct answer_parser *parser, const char *text, size_t n);

struct answer {
	struct edit_block *block; /* owned */
	size_t n_blocks;
	size_t cap_blocks;
	bool unterminated; /* the text ended inside a block: the answer was cut */
};

/* Ends the text and moves the blocks out. */
void answer_parser_finish(struct answer_parser *parser, struct answer *out);
void answer_release(struct answer *answer);

/* A block as an answer has it, whatever form it came in. */
void answer_write_block(struct buf *out, const char *path, const struct edit_block *block);

/* The marker for a whole-file answer on this path: derived from the content that the prompt shows, so that
 * equal prompts stay equal. */
void answer_whole_marker(const struct hash *shown, char out[24]);

/* The lines of instruction that make a model answer in a format: for the prompt. */
void answer_describe_format(struct buf *out, enum edit_kind kind, const char *marker);

#endif
