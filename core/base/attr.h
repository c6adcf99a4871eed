/* Compiler attributes, named once. */
#ifndef BELAY_BASE_ATTR_H
#define BELAY_BASE_ATTR_H

#if defined(__GNUC__)
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define UNUSED __attribute__((unused))
#else
#define MUST_CHECK
#define PRINTF_LIKE(fmt, first)
#define UNUSED
#endif

#endif
