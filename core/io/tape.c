#include "io/tape.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/thread.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "event/redact.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAPE_FORM 1
#define FILE_MAX_BYTES ((size_t)256 << 20)
#define LINE_MAX_BYTES ((size_t)16 << 20) /* what the reader of JSON takes */
#define SHOWN_BYTES 40

struct line {
	struct json *json; /* owned */
	bool is_used;
};

struct tape {
	char *path;           /* owned */
	pthread_mutex_t lock; /* protects what follows */
	int fd;               /* of a recording; -1: it is played */
	struct err err;       /* of the first line that could not be written */
	struct line *line;    /* of one that is played; owned */
	size_t n_lines, cap_lines;
};

struct chunk {
	int64_t delay_ms;
	char *data; /* owned */
	size_t n;
};

struct tape_take {
	char fingerprint[HASH_HEX_SIZE];
	char *protocol, *model, *step, *body; /* owned */
	size_t n_body;
	int attempt;
	int64_t last_ms; /* monotonic */
	int status;      /* 0: no response came */
	struct strings header;
	struct chunk *chunk;
	size_t n_chunks, cap_chunks;
	enum http_end end;
	struct err err;
};

static const char *const end_name[] = { [HTTP_CLEAN] = "clean", [HTTP_BROKEN] = "broken", [HTTP_REFUSED] = "refused",
	                                [HTTP_STOPPED] = "stopped" };

static void fingerprint_of(const struct tape_request *request, char out[HASH_HEX_SIZE])
{
	struct hash hash;
	struct hasher *hasher = hasher_new();
	hasher_add(hasher, request->protocol, strlen(request->protocol) + 1);
	hasher_add(hasher, request->body, request->n_body);
	hasher_finish(hasher, &hash);
	hash_format(&hash, out);
}

static struct tape *new_tape(const char *path, int fd)
{
	struct tape *tape = xcalloc(1, sizeof *tape);
	tape->path = xstrdup(path);
	tape->fd = fd;
	pthread_mutex_init(&tape->lock, NULL);
	return tape;
}

int tape_record(struct tape **out, const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return err_errno(err, errno, "cannot record into '%s'", path);
	*out = new_tape(path, fd);
	return 0;
}

static int add_line(struct tape *tape, const char *text, size_t n, struct err *err)
{
	struct json *json;
	if (json_parse(&json, text, n, err) != 0)
		return -1;
	tape->line = vec_room(tape->line, tape->n_lines, &tape->cap_lines, sizeof *tape->line);
	tape->line[tape->n_lines++] = (struct line){ .json = json };
	if (json_get_int(json, "v", 0) == TAPE_FORM && json_get_str(json, "request") && json_get_str(json, "end"))
		return 0;
	return err_set(err, ERR_CORRUPT, "no answer of a server as 'belay run --record' writes it");
}

static int read_lines(struct tape *tape, const struct buf *file, struct err *err)
{
	size_t number = 0;
	for (size_t at = 0; at < file->len;) {
		const char *end = memchr(file->data + at, '\n', file->len - at);
		size_t n = end ? (size_t)(end - file->data) - at : file->len - at;
		number++;
		if (n && add_line(tape, file->data + at, n, err) != 0)
			return err_prefix(err, "recording '%.150s', line %zu", tape->path, number);
		at += n + 1;
	}
	return 0;
}

int tape_play(struct tape **out, const char *path, struct err *err)
{
	struct buf file = { 0 };
	struct tape *tape = new_tape(path, -1);
	int rc = file_slurp(path, FILE_MAX_BYTES, &file, err);
	if (rc == 0)
		rc = read_lines(tape, &file, err);
	buf_release(&file);
	if (rc == 0)
		*out = tape;
	else
		tape_free(tape);
	return rc;
}

bool tape_plays(const struct tape *tape)
{
	return tape && tape->fd < 0;
}

int tape_close(struct tape *tape, struct err *err)
{
	int rc = 0;
	if (tape->fd >= 0 && tape->err.code == ERR_NONE && fsync(tape->fd) != 0 && errno != EINVAL)
		err_errno(&tape->err, errno, "cannot record into '%s'", tape->path);
	if (tape->err.code != ERR_NONE) {
		*err = tape->err;
		rc = -1;
	}
	tape_free(tape);
	return rc;
}

void tape_free(struct tape *tape)
{
	if (!tape)
		return;
	if (tape->fd >= 0)
		close(tape->fd);
	for (size_t i = 0; i < tape->n_lines; i++)
		json_free(tape->line[i].json);
	free(tape->line);
	pthread_mutex_destroy(&tape->lock);
	free(tape->path);
	free(tape);
}

/* ---- playing ---- */

static bool is_text(const struct json *line, const char *key, const char *text)
{
	const char *value = json_get_str(line, key);
	return value && strcmp(value, text) == 0;
}

static void push(struct queue *to, struct http_part *part)
{
	if (!queue_push(to, part))
		http_part_free(part);
}

static struct http_part *new_part(enum http_part_kind kind)
{
	struct http_part *part = xcalloc(1, sizeof *part);
	part->kind = kind;
	return part;
}

static void push_response(const struct json *line, struct queue *to)
{
	const struct json *header = json_get(line, "headers");
	const struct json *chunks = json_get(line, "chunks");
	struct http_part *head = new_part(HTTP_HEAD);
	push(to, new_part(HTTP_SENDING));
	head->status = (int)json_get_int(line, "status", 0);
	for (size_t i = 0; i < json_len(header); i++)
		if (json_str(json_at(header, i), NULL))
			strings_add(&head->header, json_str(json_at(header, i), NULL));
	if (head->status)
		push(to, head);
	else
		http_part_free(head);
	for (size_t i = 0; i < json_len(chunks); i++) {
		struct http_part *data = new_part(HTTP_DATA);
		if (json_bytes(json_at(json_at(chunks, i), 1), &data->data, &data->n) == 0)
			push(to, data);
		else
			http_part_free(data);
	}
}

static void push_end(const struct json *line, struct queue *to)
{
	struct http_part *end = new_part(HTTP_END);
	const char *why = json_get_str(line, "error");
	while (end->end < HTTP_STOPPED && !is_text(line, "end", end_name[end->end]))
		end->end++;
	if (end->end != HTTP_CLEAN)
		err_set(&end->err, ERR_TRANSPORT, "%s", why ? why : "the recorded connection broke");
	push(to, end);
}

/* Where two requests begin to differ, for the message. */
static void describe_difference(const struct json *line, const struct tape_request *request, struct buf *out)
{
	size_t n;
	size_t at = 0;
	const char *body = json_str(json_get(line, "body"), &n);
	while (body && at < n && at < request->n_body && body[at] == request->body[at])
		at++;
	if (!body || (at == n && at == request->n_body))
		return;
	size_t from = at > SHOWN_BYTES / 2 ? at - SHOWN_BYTES / 2 : 0;
	buf_printf(out, ", from byte %zu on: '%.*s' then, '%.*s' now", at,
	           (int)(n - from < SHOWN_BYTES ? n - from : SHOWN_BYTES), body + from,
	           (int)(request->n_body - from < SHOWN_BYTES ? request->n_body - from : SHOWN_BYTES), request->body + from);
}

/* The line that is most like the request: of its step and attempt, of its step, or the first that is left. */
static size_t nearest(const struct tape *tape, const struct tape_request *request)
{
	size_t best = tape->n_lines;
	int best_score = -1;
	for (size_t i = 0; i < tape->n_lines; i++) {
		const struct json *line = tape->line[i].json;
		int score = !tape->line[i].is_used;
		if (is_text(line, "step", request->step))
			score += 4 + 2 * (json_get_int(line, "attempt", 0) == request->attempt);
		if (score > best_score) {
			best = i;
			best_score = score;
		}
	}
	return best;
}

static int no_answer(const struct tape *tape, const struct tape_request *request, struct err *err)
{
	struct buf difference = { 0 };
	size_t i = nearest(tape, request);
	err_set(err, ERR_PROVIDER, "the recording has no answer to the question of step '%s', attempt %d", request->step,
	        request->attempt);
	if (i == tape->n_lines)
		return err_hint(err, "'%s' is empty", tape->path);
	const struct json *line = tape->line[i].json;
	const char *step = json_get_str(line, "step");
	describe_difference(line, request, &difference);
	err_hint(err, "the nearest is answer %zu, of step '%s', attempt %d%s%s", i + 1, step ? step : "",
	         (int)json_get_int(line, "attempt", 0), tape->line[i].is_used ? ", which was given already" : "",
	         buf_str(&difference));
	buf_release(&difference);
	return -1;
}

int tape_answer(struct tape *tape, const struct tape_request *request, struct queue *to, struct err *err)
{
	char fingerprint[HASH_HEX_SIZE];
	fingerprint_of(request, fingerprint);
	pthread_mutex_lock(&tape->lock);
	size_t i = 0;
	while (i < tape->n_lines && (tape->line[i].is_used || !is_text(tape->line[i].json, "request", fingerprint)))
		i++;
	int rc = i < tape->n_lines ? 0 : no_answer(tape, request, err);
	if (rc == 0)
		tape->line[i].is_used = true;
	pthread_mutex_unlock(&tape->lock);
	if (rc != 0)
		return -1;
	push_response(tape->line[i].json, to);
	push_end(tape->line[i].json, to);
	return 0;
}

/* ---- recording ---- */

struct tape_take *tape_take_new(const struct tape_request *request)
{
	struct tape_take *take = xcalloc(1, sizeof *take);
	fingerprint_of(request, take->fingerprint);
	take->protocol = xstrdup(request->protocol);
	take->model = xstrdup(request->model);
	take->step = xstrdup(request->step);
	take->attempt = request->attempt;
	take->body = xstrndup(request->body, request->n_body);
	take->n_body = request->n_body;
	take->last_ms = clock_mono_ms();
	return take;
}

static bool matters(const char *header)
{
	static const char *const name[] = { "content-type:", "content-length:", "transfer-encoding:", "retry-after",
		                            "x-should-retry:", "x-ratelimit-", "anthropic-ratelimit-", "request-id:",
		                            "x-request-id:" };
	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		if (strncmp(header, name[i], strlen(name[i])) == 0)
			return true;
	return false;
}

static void add_chunk(struct tape_take *take, const struct http_part *part)
{
	int64_t now_ms = clock_mono_ms();
	take->chunk = vec_room(take->chunk, take->n_chunks, &take->cap_chunks, sizeof *take->chunk);
	take->chunk[take->n_chunks++] = (struct chunk){ now_ms - take->last_ms, xstrndup(part->data, part->n), part->n };
	take->last_ms = now_ms;
}

void tape_take_part(struct tape_take *take, const struct http_part *part)
{
	switch (part->kind) {
	case HTTP_HEAD:
		take->status = part->status;
		for (size_t i = 0; i < part->header.n_items; i++)
			if (matters(part->header.item[i]))
				strings_add(&take->header, part->header.item[i]);
		break;
	case HTTP_DATA:
		add_chunk(take, part);
		break;
	case HTTP_END:
		take->end = part->end;
		take->err = part->err;
		break;
	case HTTP_SENDING:
	case HTTP_NOTE:
		break;
	}
}

static void put(struct json_writer *w, const struct redactor *redactor, const char *s, size_t n)
{
	struct buf clean = { 0 };
	redactor_clean(redactor, s, n, false, &clean);
	json_put_bytes(w, buf_str(&clean), clean.len);
	buf_release(&clean);
}

static void put_text(struct json_writer *w, const struct redactor *redactor, const char *key, const char *text)
{
	json_key(w, key);
	put(w, redactor, text, strlen(text));
}

static void put_response(struct json_writer *w, const struct tape_take *take, const struct redactor *redactor)
{
	json_key(w, "status");
	json_put_int(w, take->status);
	json_key(w, "headers");
	json_begin_array(w);
	for (size_t i = 0; i < take->header.n_items; i++)
		put(w, redactor, take->header.item[i], strlen(take->header.item[i]));
	json_end_array(w);
	json_key(w, "chunks");
	json_begin_array(w);
	for (size_t i = 0; i < take->n_chunks; i++) {
		json_begin_array(w);
		json_put_int(w, take->chunk[i].delay_ms);
		put(w, redactor, take->chunk[i].data, take->chunk[i].n);
		json_end_array(w);
	}
	json_end_array(w);
}

/* Does a key stand across this place? */
static bool cuts_key(const struct buf *all, size_t at, const char *key)
{
	size_t n = strlen(key);
	size_t from = at >= n ? at - n + 1 : 0;
	size_t to = at + n - 1 < all->len ? at + n - 1 : all->len;
	return n > 1 && memmem(all->data + from, to - from, key, n) != NULL;
}

/* A server that repeats the key may cut it anywhere: what has a piece of it becomes one chunk, which is cleaned. */
static void join_keys(struct tape_take *take, const char *key)
{
	struct buf all = { 0 };
	size_t n_kept = 0;
	size_t at = 0;
	for (size_t i = 0; i < take->n_chunks; i++)
		buf_add(&all, take->chunk[i].data, take->chunk[i].n);
	for (size_t i = 0; i < take->n_chunks; i++) {
		struct chunk *last = n_kept ? &take->chunk[n_kept - 1] : NULL;
		struct chunk *chunk = &take->chunk[i];
		if (last && cuts_key(&all, at, key)) {
			at += chunk->n;
			last->data = xrealloc(last->data, last->n + chunk->n + 1);
			memcpy(last->data + last->n, chunk->data, chunk->n);
			last->n += chunk->n;
			free(chunk->data);
		} else {
			at += chunk->n;
			take->chunk[n_kept++] = *chunk;
		}
	}
	take->n_chunks = n_kept;
	buf_release(&all);
}

static void write_line(struct buf *out, const struct tape_take *take, const char *key)
{
	struct json_writer w = { .out = out };
	struct redactor redactor = { 0 };
	redactor_add(&redactor, key);
	json_begin_object(&w);
	json_key(&w, "v");
	json_put_int(&w, TAPE_FORM);
	put_text(&w, &redactor, "request", take->fingerprint);
	put_text(&w, &redactor, "step", take->step);
	json_key(&w, "attempt");
	json_put_int(&w, take->attempt);
	put_text(&w, &redactor, "protocol", take->protocol);
	put_text(&w, &redactor, "model", take->model);
	json_key(&w, "body");
	put(&w, &redactor, take->body, take->n_body);
	put_response(&w, take, &redactor);
	put_text(&w, &redactor, "end", end_name[take->end]);
	if (take->err.code != ERR_NONE)
		put_text(&w, &redactor, "error", take->err.msg);
	json_end_object(&w);
	buf_add_char(out, '\n');
	redactor_release(&redactor);
}

static void free_take(struct tape_take *take)
{
	for (size_t i = 0; i < take->n_chunks; i++)
		free(take->chunk[i].data);
	free(take->chunk);
	strings_release(&take->header);
	free(take->protocol);
	free(take->model);
	free(take->step);
	free(take->body);
	free(take);
}

static int write_all(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t done = write(fd, s, n);
		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0) {
			s += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

void tape_take_end(struct tape *tape, struct tape_take *take, const char *key)
{
	struct buf line = { 0 };
	join_keys(take, key);
	write_line(&line, take, key);
	pthread_mutex_lock(&tape->lock);
	if (tape->err.code != ERR_NONE)
		;
	else if (line.len > LINE_MAX_BYTES)
		err_set(&tape->err, ERR_LIMIT, "an answer to step '%.80s' is too large to be recorded", take->step);
	else if (write_all(tape->fd, line.data, line.len) != 0)
		err_errno(&tape->err, errno, "cannot record into '%s'", tape->path);
	pthread_mutex_unlock(&tape->lock);
	buf_release(&line);
	free_take(take);
}
