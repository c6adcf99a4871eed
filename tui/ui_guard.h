/*
 * For tests: the UI in a thread that the kernel ends the program for (SIGSYS) when it makes a call that may wait for disk,
 * network, a process or a lock on a file. Calls of other threads are free.
 */
#ifndef BELAY_TUI_UI_GUARD_H
#define BELAY_TUI_UI_GUARD_H

#include "base/attr.h"
#include "base/err.h"

/* Runs `run` so and gives what it returned in *result; -1 when there is no such guard here. */
int ui_guard_run(int (*run)(void *arg), void *arg, int *result, struct err *err) MUST_CHECK;

#endif
