/*
 * A server on loopback that answers by a script, over raw sockets, for tests of models: in the test's own process, or
 * as the program tests/fake_chat for tests from a shell. It records what it was asked.
 *
 * The script is lines of JSON, one per answer. A request is answered by the first line that is not used up and whose
 * `expect` stands somewhere in the request (head or body); without one, by status 500 that says so. Lines that begin
 * with '#' and blank lines are skipped. Keys, all optional:
 *
 *   "expect": "text"        what the request must hold
 *   "repeat": true          the line is never used up
 *   "status": 503           200 when absent
 *   "headers": {"Retry-After": "1"}
 *   "chat": "text"          an answer in the form of chat/completions: streamed in pieces of 16 bytes, then a
 *                           finish_reason ("finish", "stop" when absent), the counts ("usage", an object), [DONE]
 *   "events": [...]         each as one event: an object as JSON, a text as it is, behind "data: "
 *   "body": "text"          the body as it is; an object or a list is written as JSON
 *   "raw": "text"           all that is sent, status line and headers included
 *   "framing": "chunked"    or "length" or "close"; "chunked" for a stream, "length" for a body when absent
 *   "split": 1              sends so many bytes at a time (headers included)
 *   "delay_ms": 5           waits before each of them, or before the whole
 *   "cut": 100              sends only so many bytes of the whole response
 *   "then": "reset"         or "close" or "stall" (keeps still until the client goes), after the last byte; a response
 *                           that is whole and not framed by "close" otherwise keeps the connection
 */
#ifndef BELAY_TESTS_FAKE_SERVER_H
#define BELAY_TESTS_FAKE_SERVER_H

#include "base/err.h"

#include <stddef.h>

struct fake_server;

/* port 0: any. A thread of its own per connection. */
int fake_server_start(struct fake_server **out, const char *script, int port, struct err *err);
void fake_server_stop(struct fake_server *server); /* closes all connections, waits for the threads; accepts NULL */

const char *fake_server_url(const struct fake_server *server); /* "http://127.0.0.1:PORT/v1" */

/* Requests so far, and one of them, head and body as they came; "" when there is none. Borrowed until the stop. */
size_t fake_server_n_requests(struct fake_server *server);
const char *fake_server_request(struct fake_server *server, size_t i);

size_t fake_server_n_connections(struct fake_server *server); /* so far */

/* Waits until n connections were closed by the client, or ms passed; returns how many were. */
size_t fake_server_wait_gone(struct fake_server *server, size_t n, int ms);

#endif
