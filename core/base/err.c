#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	if (!err)
		return -1;
	va_list args;
	va_start(args, fmt);
	err->code = code;
	err->hint[0] = '\0';
	vsnprintf(err->msg, sizeof err->msg, fmt, args);
	va_end(args);
	return -1;
}

int err_hint(struct err *err, const char *fmt, ...)
{
	if (!err)
		return -1;
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->hint, sizeof err->hint, fmt, args);
	va_end(args);
	return -1;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	if (!err)
		return -1;
	struct err old = *err;
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof err->msg, fmt, args);
	va_end(args);
	size_t used = strlen(err->msg);
	size_t room = sizeof err->msg - used;
	if (room > 3) {
		memcpy(err->msg + used, ": ", 2);
		snprintf(err->msg + used + 2, room - 2, "%.*s", (int)(room - 3), old.msg);
	}
	return -1;
}

static enum err_code code_of_errno(int errnum)
{
	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
		return ERR_NO_SPACE;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_ACCESS;
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EEXIST:
		return ERR_EXISTS;
	default:
		return ERR_IO;
	}
}

int err_errno(struct err *err, int errnum, const char *fmt, ...)
{
	if (!err)
		return -1;
	const char *reason = strerrordesc_np(errnum);
	char what[sizeof err->msg];
	va_list args;
	va_start(args, fmt);
	vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	err_set(err, code_of_errno(errnum), "%s", what);
	size_t used = strlen(err->msg);
	if (reason)
		snprintf(err->msg + used, sizeof err->msg - used, ": %s", reason);
	else
		snprintf(err->msg + used, sizeof err->msg - used, ": error %d", errnum);
	return -1;
}

void err_clear(struct err *err)
{
	err->code = ERR_NONE;
	err->msg[0] = '\0';
	err->hint[0] = '\0';
}

const char *err_category(enum err_code code)
{
	switch (code) {
	case ERR_TRANSPORT:
		return "transport";
	case ERR_PROVIDER:
		return "provider";
	case ERR_ANSWER:
		return "answer";
	case ERR_CHECK:
		return "check";
	case ERR_IO:
	case ERR_NO_SPACE:
	case ERR_ACCESS:
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
		return "access";
	case ERR_CONFLICT:
	case ERR_CORRUPT:
		return "conflict";
	case ERR_LIMIT:
	case ERR_CANCELLED:
	case ERR_DECLINED:
	case ERR_UNANSWERED:
		return "limit";
	case ERR_USAGE:
	case ERR_PLAN:
	case ERR_UNSUPPORTED:
		return "plan";
	case ERR_NONE:
	case ERR_INTERNAL:
		break;
	}
	return "internal";
}
