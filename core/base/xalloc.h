/*
 * Allocation that cannot fail: out of memory stops the program with one line on stderr and exit
 * status 70; the journal on disk is whole by then. Buffers that hold outside data use buf.h, which
 * has a ceiling.
 */
#ifndef BELAY_BASE_XALLOC_H
#define BELAY_BASE_XALLOC_H

#include "base/attr.h"

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *ptr, size_t size);
char *xstrdup(const char *s);                 /* NULL gives NULL */
char *xstrndup(const char *s, size_t n);      /* exactly n bytes and a NUL; may hold NULs */
void *xmemdup(const void *data, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
