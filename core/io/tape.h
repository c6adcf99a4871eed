/*
 * Recordings of what servers answered: JSON lines with the request's fingerprint, the status, the headers that matter
 * and the raw chunks with their delays, as they came; keys are taken out. Played back, they go through the same parser
 * as the server's own bytes, at once: delays are kept for people to look at. A request that no line has fails, and the
 * nearest line is named. Any thread.
 */
#ifndef BELAY_IO_TAPE_H
#define BELAY_IO_TAPE_H

#include "base/attr.h"
#include "base/err.h"
#include "base/queue.h"
#include "io/http.h"

#include <stdbool.h>
#include <stddef.h>

struct tape;

int tape_record(struct tape **out, const char *path, struct err *err) MUST_CHECK; /* begins the file anew, mode 0600 */
int tape_play(struct tape **out, const char *path, struct err *err) MUST_CHECK;
bool tape_plays(const struct tape *tape); /* accepts NULL */

/* Of a recording: makes sure that all of it is on disk; -1 when any line could not be written. Frees in every case. */
int tape_close(struct tape *tape, struct err *err) MUST_CHECK;
void tape_free(struct tape *tape); /* accepts NULL */

/* One request, with what tells it from others. The body is borrowed. */
struct tape_request {
	const char *protocol, *model, *step;
	int attempt;
	const char *body;
	size_t n_body;
};

/* Pushes the parts of the recorded answer, HTTP_END the last of them. Each line answers once. */
int tape_answer(struct tape *tape, const struct tape_request *request, struct queue *to, struct err *err) MUST_CHECK;

/* An answer that is being recorded; owned by the thread that asks. */
struct tape_take;

struct tape_take *tape_take_new(const struct tape_request *request);
void tape_take_part(struct tape_take *take, const struct http_part *part);
/* Writes the line, with the key taken out wherever it stands, and frees the take. */
void tape_take_end(struct tape *tape, struct tape_take *take, const char *key);

#endif
