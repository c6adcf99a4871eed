/*
 * One error: what went wrong, in a sentence a user can act on. A value: it is copied, crosses
 * threads, and owns nothing. It is set once, where the fact is known; callers above add only what
 * they know (err_prefix). Messages are lower case, have no full stop, and quote the subject in
 * single quotes.
 */
#ifndef BELAY_BASE_ERR_H
#define BELAY_BASE_ERR_H

#include "base/attr.h"

/* Each code belongs to one category (err_category), the word that events and summaries use. */
enum err_code {
	ERR_NONE = 0,
	ERR_USAGE,       /* the command line is wrong */
	ERR_PLAN,        /* the plan or the configuration is wrong */
	ERR_IO,          /* the system refused: disk, file, pipe */
	ERR_NO_SPACE,    /* the disk or a quota is full */
	ERR_ACCESS,      /* permission denied, or a path that policy forbids */
	ERR_NOT_FOUND,   /* what was named is not there */
	ERR_EXISTS,      /* what was to be made is there already */
	ERR_CONFLICT,    /* the tree is not what it was when the change was made */
	ERR_LIMIT,       /* a limit (size, tokens, money, time) was reached */
	ERR_TRANSPORT,   /* a server cannot be reached, or the stream broke; trying again may help */
	ERR_PROVIDER,    /* a server answered with a refusal; trying again will not help */
	ERR_ANSWER,      /* a model's answer cannot be used */
	ERR_CHECK,       /* a check or a command refused the result */
	ERR_CORRUPT,     /* the journal or the store does not match itself */
	ERR_CANCELLED,   /* a person or a signal stopped it */
	ERR_DECLINED,    /* a person said no */
	ERR_UNANSWERED,  /* a yes is needed, and nobody can give it */
	ERR_UNSUPPORTED, /* valid, but this build cannot do it */
	ERR_INTERNAL     /* a defect of belay */
};

struct err {
	enum err_code code;
	char msg[400];
	char hint[200]; /* what the user can do next; may be empty */
};

/* Fills *err (which may be NULL) and returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Adds what the user can do next. Keeps code and message. Returns -1. */
int err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "text: " in front of the message. Returns -1. */
int err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * Sets an error from an errno value: ENOSPC and EDQUOT give ERR_NO_SPACE, EACCES, EPERM, EROFS give
 * ERR_ACCESS, ENOENT and ENOTDIR give ERR_NOT_FOUND, EEXIST gives ERR_EXISTS, the rest ERR_IO. The
 * message is "<text>: <strerror>". Returns -1.
 */
int err_errno(struct err *err, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);

void err_clear(struct err *err);

/* "transport", "provider", "answer", "check", "access", "conflict", "limit", "plan" or "internal". */
const char *err_category(enum err_code code);

#endif
