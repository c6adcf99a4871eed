/* What every cmocka test includes, in the order that cmocka.h asks for. */
#ifndef BELAY_TESTS_UNIT_H
#define BELAY_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A call that must succeed: prints the error's message when it does not. */
#define assert_ok(call, err)                                                                            \
	do {                                                                                            \
		if ((call) != 0)                                                                        \
			fail_msg("%s: %s", #call, (err)->msg);                                          \
	} while (0)

#define assert_contains(text, part)                                                                     \
	do {                                                                                            \
		const char *whole_ = (text);                                                            \
		const char *part_ = (part);                                                             \
		if (!whole_ || !strstr(whole_, part_))                                                  \
			fail_msg("'%s' does not contain '%s'", whole_ ? whole_ : "(null)", part_);      \
	} while (0)

#endif
