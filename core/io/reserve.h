/*
 * Space that is kept free for a way back: a file of 2 MiB in the folder of a tree's state, given up when an undo or a
 * recovery finds the disk full. What a rollback writes itself (a lock, a journal, a small store) fits in it.
 */
#ifndef BELAY_IO_RESERVE_H
#define BELAY_IO_RESERVE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>

/* Sees to it that the space is there, blocks and all. The caller works in the tree, or is about to. */
int reserve_keep(const char *root, struct err *err) MUST_CHECK;

/* Gives it up if the disk has next to nothing left; with `now`, whatever it has: a quota shows only when it is hit. True
 * when there was something to give up. */
bool reserve_yield(const char *root, bool now);

#endif
