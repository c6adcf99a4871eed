/*
 * JSON (RFC 8259): a reader over jansson and a writer straight into a buffer.
 *
 * Reading: depth at most 64, input at most 16 MiB, duplicate keys refused, numbers beyond 64 bits
 * refused. Values are borrowed from the root. Getters on NULL or on a value of another kind say "not
 * there" (NULL, -1, 0 items) so that chains need no checks between.
 */
#ifndef BELAY_BASE_JSON_H
#define BELAY_BASE_JSON_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json; /* a parsed value, immutable */

enum json_kind { JSON_ABSENT, JSON_IS_NULL, JSON_IS_BOOL, JSON_IS_INT, JSON_IS_REAL, JSON_IS_STRING, JSON_IS_ARRAY,
	JSON_IS_OBJECT };

int json_parse(struct json **out, const char *s, size_t n, struct err *err) MUST_CHECK;
void json_free(struct json *root); /* accepts NULL */

enum json_kind json_kind(const struct json *value); /* JSON_ABSENT for NULL */
const struct json *json_get(const struct json *object, const char *key);
const struct json *json_at(const struct json *array, size_t i);
size_t json_len(const struct json *value); /* items of an array, keys of an object */

/* A string's bytes (NUL-terminated; may hold NULs; *len may be NULL); NULL when not a string. */
const char *json_str(const struct json *value, size_t *len);
const char *json_get_str(const struct json *object, const char *key); /* json_str(json_get()) */
int json_as_int(const struct json *value, int64_t *out);   /* -1 when not an integer */
int json_as_real(const struct json *value, double *out);   /* integers too */
int json_as_bool(const struct json *value, bool *out);
int64_t json_get_int(const struct json *object, const char *key, int64_t fallback);

/* Calls each(arg, key, value) for each key in the order of the text; stops when it returns non-zero. */
int json_each(const struct json *object, int (*each)(void *arg, const char *key, const struct json *value),
              void *arg);

/*
 * Writing. Commas and quotes are put where they belong; keys come in the order of the calls. Strings
 * that are not UTF-8 are written with U+FFFD for each bad byte (use json_put_bytes where they matter).
 */
struct json_writer {
	struct buf *out; /* borrowed */
	bool need_comma;
};

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_put_str(struct json_writer *w, const char *s, size_t n);
void json_put_cstr(struct json_writer *w, const char *s); /* NULL writes null */
void json_put_int(struct json_writer *w, int64_t value);
void json_put_real(struct json_writer *w, double value);
void json_put_bool(struct json_writer *w, bool value);
void json_put_null(struct json_writer *w);

/* A string where it is UTF-8, else {"b64": "..."}: paths and other bytes that must come back exactly. */
void json_put_bytes(struct json_writer *w, const char *s, size_t n);

/*
 * A key that comes back exactly: as it is where it is UTF-8, else "b64:" and base64; so is one that itself begins with
 * "b64:". json_key_bytes reads it back (to be freed); NULL when what follows "b64:" is no base64 or holds a NUL.
 */
void json_put_key(struct json_writer *w, const char *key);
char *json_key_bytes(const char *key);

/* Reads what json_put_bytes wrote into *out (to be freed, NUL-terminated). -1 when it is neither form. */
int json_bytes(const struct json *value, char **out, size_t *len);

#endif
