/*
 * libcurl, loaded at first use rather than linked, so that a plan that asks no model costs nothing. Its headers give
 * the types; the functions that are used are listed here once. Used by http.c only.
 */
#ifndef BELAY_IO_CURL_LIB_H
#define BELAY_IO_CURL_LIB_H

#include "base/attr.h"
#include "base/err.h"

/* Its checks of argument types are macros over the names of functions, which a table has no use for. */
#ifndef CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_TYPECHECK
#endif
#include <curl/curl.h>

/* To use another function of libcurl, add its name (without "curl_") here. */
#define CURL_LIB_FUNCTIONS(X) \
	X(easy_cleanup) X(easy_getinfo) X(easy_init) X(easy_setopt) X(easy_strerror) X(getdate) X(global_cleanup) \
	X(global_init) X(multi_add_handle) X(multi_cleanup) X(multi_info_read) X(multi_init) X(multi_perform) \
	X(multi_poll) X(multi_remove_handle) X(multi_setopt) X(multi_strerror) X(slist_append) X(slist_free_all) \
	X(version_info)

struct curl_lib {
#define CURL_LIB_FIELD(name) __typeof__(curl_##name) *name;
	CURL_LIB_FUNCTIONS(CURL_LIB_FIELD)
#undef CURL_LIB_FIELD
};

/* The functions, once the library is loaded and initialised; NULL with ERR_UNSUPPORTED when it is not there or too
 * old (7.85 is needed: the first that takes the list of protocols as text). Any thread. */
const struct curl_lib *curl_lib(struct err *err) MUST_CHECK;

#endif
