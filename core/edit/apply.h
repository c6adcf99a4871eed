/*
 * From an answer's blocks to exact edits. Each block must match exactly one place, else nothing of the step
 * is used and the reason is said with the nearest real lines, numbered, for the user and for the model's next
 * attempt. Lines that a block does not touch keep every byte. Pure; any thread.
 */
#ifndef BELAY_EDIT_APPLY_H
#define BELAY_EDIT_APPLY_H

#include "base/buf.h"
#include "base/err.h"
#include "edit/answer.h"
#include "edit/changeset.h"

/*
 * What the answers before have got right while other blocks of theirs were refused. With one, the good blocks of a
 * refused answer are kept, and the model need send only the others again; a block that comes a second time, as it was,
 * is not applied twice.
 */
struct apply_stage;

struct apply_stage *apply_stage_new(void);
void apply_stage_free(struct apply_stage *stage); /* accepts NULL */

/* The edits that were kept from refused answers, as an answer would write them: with the last one, all of them. */
void apply_stage_write(const struct apply_stage *stage, struct buf *out);

struct apply_rules {
	bool may_create;  /* blocks may make files that are not there */
	bool may_remove;  /* blocks may delete and move files */
	bool may_shrink;  /* a whole file may lose 40% of its lines and more */
	/* Called for a path that the set does not hold; NULL when no other path is allowed. Returns -1 with *err to
	 * refuse, else 0 and *out (absent or present) as the before image. */
	int (*load)(void *arg, const char *path, struct image *out, struct err *err);
	void *arg;
	bool may_guess;   /* a search text that is not quoted well may stand for the lines that it is most like ... */
	bool *guessed;    /* ... and is then set, for a person has to look at the change; with may_guess not NULL */
	struct apply_stage *stage; /* kept by the caller over the attempts of one step; NULL: all edits come again */
};

/*
 * The set holds the files that the prompt showed, each with its before image (after is not looked at). On
 * success every edited path has its after image, and paths that no block named have after equal to before.
 * On failure -1, the set is as it was, *err says the first reason in a line, and feedback (may be NULL) gets
 * one message for the model that lists every failed block. A block without a path is of the only file in the set.
 */
int apply_answer(struct changeset *set, const struct answer *answer, const struct apply_rules *rules,
                 struct buf *feedback, struct err *err) MUST_CHECK;

#endif
