/*
 * What may stand at the last of the words of a command line, for the shells' completion: verbs and options from the
 * tables of cli.h, and what only a repository knows (runs, steps, variables, files) from whoever calls. Pure.
 *
 * What stands at a place is read off the tables: words in small letters are themselves ("auto|always|never"), words in
 * capitals are kinds ("PLAN|RUN").
 */
#ifndef BELAY_TUI_COMPLETE_H
#define BELAY_TUI_COMPLETE_H

#include "base/buf.h"
#include "tui/cli.h"

#include <stdbool.h>
#include <stddef.h>

/* A list that is being made: what does not begin as the last word does is dropped. */
struct complete {
	struct buf text;    /* a candidate a line; a tab and a few words on it may follow */
	const char *prefix; /* borrowed: what was typed of the word, behind `kept` */
	const char *kept;   /* borrowed: its beginning, which candidates carry: "--var=" */
	size_t n_kept;
};

/* Help may be NULL. Candidates with control characters are dropped: no shell could type them. */
void complete_add(struct complete *out, const char *word, const char *help);

/* What was typed before the last word. */
struct complete_line {
	const struct cli_verb *verb; /* NULL: none yet */
	const char *const *arg;      /* of the verb; borrowed */
	size_t n_args;
	const char *const *dir;      /* of -C, in order; borrowed */
	size_t n_dirs;
};

struct complete_table {
	const struct cli_verb *verb;
	size_t n_verbs;
	/* Adds what there is of a kind: "PLAN", "RUN", "STEP", "NAME=VALUE", "FILE", "DIR", "MODEL". */
	void (*list)(void *arg, const char *kind, const struct complete_line *line, struct complete *out);
	void *arg;
};

/* The last of the words is the one to be completed, and may be empty. Release out->text. */
void complete_words(struct complete *out, const struct complete_table *table, const char *const *word, size_t n_words);

#endif
