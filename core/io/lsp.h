/*
 * A language server: a program that is spoken to over its standard input and output. It sees the tree read-only and
 * changes nothing: what it proposes comes back as data. One thread uses it at a time; a thread of its own reads.
 * A server that dies, hangs or says something else is ERR_PROVIDER, with what it said.
 */
#ifndef BELAY_IO_LSP_H
#define BELAY_IO_LSP_H

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "base/thread.h"
#include "io/proc.h"

#include <stdbool.h>
#include <stdint.h>

/* Which program serves a language, by the endings of its files. */
struct lsp_server {
	const char *argv[8];    /* NULL-terminated */
	const char *language;   /* as the protocol calls it */
	const char *endings;    /* " c h " */
};

/* The server for a path, or NULL. */
const struct lsp_server *lsp_server_of(const char *path);

struct lsp;

struct lsp_spec {
	const char *const *argv;
	const char *root;    /* absolute */
	const char *copy;    /* a folder that a sandbox which can shows in the place of root; NULL: root itself */
	const char *options; /* JSON: initializationOptions; may be NULL */
	enum proc_sandbox sandbox;
	int64_t timeout_ms; /* of each answer */
	const struct cancel *cancel;
	/* Called for what it says of itself, on the caller's thread, during lsp_call and lsp_wait; may be NULL. */
	void (*notified)(void *arg, const char *method, const struct json *params);
	void *arg;
};

/* Starts it and shakes hands. */
int lsp_start(struct lsp **out, const struct lsp_spec *spec, struct err *err) MUST_CHECK;
void lsp_stop(struct lsp *lsp); /* says good-bye, and ends it; accepts NULL */

/* params: JSON. *result: the answer's `result`, valid until the next call (NULL may be null). */
int lsp_call(struct lsp *lsp, const char *method, const char *params, const struct json **result,
             struct err *err) MUST_CHECK;
int lsp_notify(struct lsp *lsp, const char *method, const char *params, struct err *err) MUST_CHECK;

/* Takes what it says until done(arg), as after each message. */
int lsp_wait(struct lsp *lsp, bool (*done)(void *arg), struct err *err) MUST_CHECK;

/* Takes what it says until it has said nothing for so long. */
int lsp_settle(struct lsp *lsp, int64_t quiet_ms, struct err *err) MUST_CHECK;

/* Is it to be asked for diagnostics (textDocument/diagnostic)? Otherwise it tells them by itself. */
bool lsp_pulls(const struct lsp *lsp);

/* "file:///..." of a path below the root, percent-encoded; appends. */
void lsp_put_uri(struct buf *out, const char *root, const char *path);
/* The path below the root, to be freed, or NULL when it leads elsewhere. */
char *lsp_path_of_uri(const char *root, const char *uri);

#endif
