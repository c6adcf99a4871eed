/*
 * Streaming HTTP. One network thread, started by the first request, owns all of libcurl's state; requests and stops
 * reach it through a queue, and what comes of a request is pushed as parts onto the asker's own queue. So nothing is
 * shared, and parsing runs on the thread that asked.
 *
 * What holds for every request (safety.md, "Security"): certificates are checked; nothing is redirected; http and
 * https only, and with a secret plain http only to an address that is loopback after the name was looked up; loopback
 * never goes through a proxy; no ~/.netrc, no cookies, no Expect, no compression. HTTP/1.1: a stop closes the socket.
 */
#ifndef BELAY_IO_HTTP_H
#define BELAY_IO_HTTP_H

#include "base/attr.h"
#include "base/err.h"
#include "base/queue.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_request {
	const char *url;
	const struct strings *header; /* "name: value" */
	const char *body;             /* NULL: a GET, else a POST */
	size_t n_body;
	bool is_secret;               /* a header holds a key */
	int64_t connect_ms;           /* to look up, connect and shake hands; 0: 10 s */
	size_t max_bytes;             /* of the response's body */
};

enum http_part_kind {
	HTTP_SENDING, /* connected */
	HTTP_HEAD,    /* status and headers; not for 1xx */
	HTTP_DATA,
	HTTP_END,     /* the last part of every request */
	HTTP_NOTE     /* put there by somebody else for the same reader */
};

enum http_end {
	HTTP_CLEAN,   /* as whole as the protocol can tell: with neither length nor chunks it may have been cut */
	HTTP_BROKEN,  /* not reached, refused, reset, cut: trying again may help */
	HTTP_REFUSED, /* by us or for good: a certificate, a rule above, a limit */
	HTTP_STOPPED
};

struct http_part {
	enum http_part_kind kind;
	int status;            /* HEAD */
	struct strings header; /* HEAD: "name: value", names in lower case */
	char *data;            /* DATA; owned */
	size_t n;
	enum http_end end;     /* END */
	struct err err;        /* END, unless clean */
	int note;              /* NOTE */
};

struct http;

struct http *http_new(void);
void http_free(struct http *http); /* stops what runs, waits for the thread; accepts NULL */

/*
 * Starts a request; everything in it is copied. `to` must live until HTTP_END was popped from it. *id is for
 * http_stop. Any thread.
 */
int http_start(struct http *http, const struct http_request *request, struct queue *to, uint64_t *id,
               struct err *err) MUST_CHECK;

/* Closes the request's socket at once; HTTP_END follows, unless it is there already. Any thread. */
void http_stop(struct http *http, uint64_t id);

void http_part_free(struct http_part *part); /* accepts NULL */

/* The value of a header (the name in lower case); NULL when absent. Borrowed from the part. */
const char *http_header(const struct http_part *head, const char *name);

/* Seconds since 1970 of an HTTP date (RFC 9110, 5.6.7); -1 when it is none. */
int64_t http_date(const char *text);

#endif
