/* Base URLs of providers: what is allowed, whether they stay on this machine, how an endpoint is joined. Pure. */
#ifndef BELAY_IO_URL_H
#define BELAY_IO_URL_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>

/* http or https with a host; refused: credentials, a query, a fragment, blanks and control characters. */
int url_check_base(const char *url, struct err *err) MUST_CHECK;

bool url_is_https(const char *url);
bool url_is_loopback(const char *url); /* localhost, 127.0.0.0/8, ::1, by name only: nothing is looked up */

/* An address of the local network by its look: 10/8, 172.16/12, 192.168/16, 169.254/16, fc00::/7, fe80::/10, a name
 * without a dot, or one in .local, .lan, .internal or .home.arpa. */
bool url_is_private(const char *url);

/* "BASE/v1/ENDPOINT": BASE may end in a slash, in a version such as /v1 or in neither. To be freed. */
char *url_join(const char *base, const char *version, const char *endpoint);

/* "scheme://host:port", for messages: never credentials or a query. To be freed. */
char *url_origin(const char *url);

#endif
