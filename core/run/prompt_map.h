/*
 * What a prompt says of the rest of the repository (llm.md, "Context"): signatures of what the targets lean on, then of
 * what that leans on, and the names of the rest, in the order in which they matter to the targets and to the words of
 * the instruction. Equal trees give equal bytes.
 */
#ifndef BELAY_RUN_PROMPT_MAP_H
#define BELAY_RUN_PROMPT_MAP_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "run/step.h"

/* In the order in which they are dropped. */
enum map_part { MAP_NAMES, MAP_INDIRECT, MAP_BODIES, MAP_DIRECT, MAP_PARTS };

struct prompt_map {
	struct buf part[MAP_PARTS]; /* fenced; "" where there is nothing to say */
};

/*
 * `shown` are the files that the prompt has whole. A tree that cannot be indexed has no map: that is said as a notice.
 * -1 only when the step is cancelled.
 */
int prompt_map_make(struct prompt_map *out, struct step_job *job, const struct strings *shown, int64_t max_tokens,
                    struct err *err) MUST_CHECK;
void prompt_map_release(struct prompt_map *map);

const char *map_part_name(enum map_part part); /* for a person, where there is no room for it */

/* The names of a whole tree's files by how much they matter to the words: for who plans a change. */
int prompt_map_overview(const struct workspace *ws, const char *words, int64_t max_tokens, struct buf *out,
                        struct err *err) MUST_CHECK;

#endif
