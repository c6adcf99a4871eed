/*
 * System calls of the code under test go through here (the linker's --wrap, see tests/local-land.mk): they can be counted,
 * and at a chosen one the process dies, the call fails, or something happens first. Deterministic, and much faster than a
 * tracer. One thread.
 */
#ifndef BELAY_TESTS_FAULT_H
#define BELAY_TESTS_FAULT_H

#include <stdbool.h>

#define FAULT_DEAD 86 /* exit status of a process that was made to die */

enum fault_kind {
	FAULT_NONE,
	FAULT_DIE,   /* at that call: exit at once, before it is made */
	FAULT_ERROR, /* that call fails with errnum */
	FAULT_ERRORS, /* that call and all after it fail with errnum */
	FAULT_SHORT, /* a read or write of more than one byte does one byte */
	FAULT_EDIT   /* edit(arg) before that call */
};

struct fault {
	enum fault_kind kind;
	long at; /* from 1 */
	int errnum;
	void (*edit)(void *arg);
	void *arg;
};

void fault_arm(const struct fault *fault); /* starts counting from 0 */
long fault_disarm(void);                   /* calls since */
const char *fault_name(void);              /* the call at which it happened, or "" */

#endif
