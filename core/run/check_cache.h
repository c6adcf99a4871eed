/*
 * Checks that need not run: the same command has accepted the same content in the same environment before. The key is made
 * of the command, the programs that are to be found, the variables that it sees, and the whole tree that it would see. Only
 * what accepted is kept, and in the user's tree only what left that as it was: its products are there, or it has none.
 */
#ifndef BELAY_RUN_CHECK_CACHE_H
#define BELAY_RUN_CHECK_CACHE_H

#include "base/buf.h"
#include "base/hash.h"
#include "run/step.h"

#include <stdbool.h>

/* The state of the tree that the job's checks would see, with the job's change set when `with_set`. False: the tree cannot
 * be known, and nothing is cached. */
bool check_cache_state(const struct step_job *job, bool with_set, struct hash *out);

/* key: of the check that ran before it on the same state, whose products it may need ("" for the first); replaced. */
void check_cache_key(const struct step_job *job, const struct plan_check *check, const struct hash *state,
                     char key[HASH_HEX_SIZE]);

/* Does the check judge the user's own tree as it is, whose products may be what the plan wants? */
bool check_cache_is_in_tree(const struct step_job *job);

/* True, and what the check said then. */
bool check_cache_get(const struct step_job *job, const char *key, struct buf *output);
void check_cache_put(const struct step_job *job, const char *key, const struct buf *output);

#endif
