#include "base/json.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/xalloc.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_MAX_BYTES (16 * 1024 * 1024)
#define JSON_MAX_DEPTH 64

/* A struct json is a json_t under another name: the cast stays in these two functions. */
static const json_t *inner(const struct json *value)
{
	return (const json_t *)(const void *)value;
}

static const struct json *outer(const json_t *value)
{
	return (const struct json *)(const void *)value;
}

/* jansson allows a depth of 2,048; text is checked before it is parsed. */
static bool is_too_deep(const char *s, size_t n)
{
	size_t depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > JSON_MAX_DEPTH)
				return true;
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return false;
}

int json_parse(struct json **out, const char *s, size_t n, struct err *err)
{
	json_error_t why;
	if (n > JSON_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "JSON of %zu bytes is over the limit of 16 MiB", n);
	if (is_too_deep(s, n))
		return err_set(err, ERR_LIMIT, "JSON is nested deeper than %d", JSON_MAX_DEPTH);
	json_t *root = json_loadb(s, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (!root)
		return err_set(err, ERR_ANSWER, "line %d, column %d: %s", why.line, why.column, why.text);
	*out = (struct json *)(void *)root;
	return 0;
}

void json_free(struct json *root)
{
	json_decref((json_t *)(void *)root);
}

enum json_kind json_kind(const struct json *value)
{
	if (!value)
		return JSON_ABSENT;
	switch (json_typeof(inner(value))) {
	case JSON_OBJECT:
		return JSON_IS_OBJECT;
	case JSON_ARRAY:
		return JSON_IS_ARRAY;
	case JSON_STRING:
		return JSON_IS_STRING;
	case JSON_INTEGER:
		return JSON_IS_INT;
	case JSON_REAL:
		return JSON_IS_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_IS_BOOL;
	case JSON_NULL:
		break;
	}
	return JSON_IS_NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
	return outer(json_object_get(inner(object), key));
}

const struct json *json_at(const struct json *array, size_t i)
{
	return outer(json_array_get(inner(array), i));
}

size_t json_len(const struct json *value)
{
	const json_t *v = inner(value);
	return json_is_array(v) ? json_array_size(v) : json_object_size(v);
}

const char *json_str(const struct json *value, size_t *len)
{
	if (len)
		*len = json_string_length(inner(value));
	return json_string_value(inner(value));
}

const char *json_get_str(const struct json *object, const char *key)
{
	return json_str(json_get(object, key), NULL);
}

int json_as_int(const struct json *value, int64_t *out)
{
	if (!json_is_integer(inner(value)))
		return -1;
	*out = json_integer_value(inner(value));
	return 0;
}

int json_as_real(const struct json *value, double *out)
{
	if (!json_is_number(inner(value)))
		return -1;
	*out = json_number_value(inner(value));
	return 0;
}

int json_as_bool(const struct json *value, bool *out)
{
	if (!json_is_boolean(inner(value)))
		return -1;
	*out = json_is_true(inner(value));
	return 0;
}

int64_t json_get_int(const struct json *object, const char *key, int64_t fallback)
{
	int64_t value;
	return json_as_int(json_get(object, key), &value) == 0 ? value : fallback;
}

int json_each(const struct json *object, int (*each)(void *arg, const char *key, const struct json *value), void *arg)
{
	json_t *map = (json_t *)(void *)(uintptr_t)object;
	for (void *at = json_object_iter(map); at; at = json_object_iter_next(map, at)) {
		int rc = each(arg, json_object_iter_key(at), outer(json_object_iter_value(at)));
		if (rc != 0)
			return rc;
	}
	return 0;
}

static const char key_mark[] = "b64:";

static void separate(struct json_writer *w)
{
	if (w->need_comma)
		buf_add_char(w->out, ',');
	w->need_comma = true;
}

static void open_with(struct json_writer *w, char c)
{
	separate(w);
	buf_add_char(w->out, c);
	w->need_comma = false;
}

static void close_with(struct json_writer *w, char c)
{
	buf_add_char(w->out, c);
	w->need_comma = true;
}

void json_begin_object(struct json_writer *w)
{
	open_with(w, '{');
}

void json_end_object(struct json_writer *w)
{
	close_with(w, '}');
}

void json_begin_array(struct json_writer *w)
{
	open_with(w, '[');
}

void json_end_array(struct json_writer *w)
{
	close_with(w, ']');
}

static void put_escaped(struct buf *out, unsigned char c)
{
	static const char name[] = "\b\t\n\f\r\"\\";
	static const char letter[] = "btnfr\"\\";
	const char *at = c ? strchr(name, c) : NULL;
	if (at)
		buf_printf(out, "\\%c", letter[at - name]);
	else
		buf_printf(out, "\\u%04x", c);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_quoted(struct buf *out, const char *s, size_t n)
{
	buf_add_char(out, '"');
	for (size_t at = 0; at < n;) {
		size_t run = at;
		while (run < n && is_plain((unsigned char)s[run]))
			run++;
		buf_add(out, s + at, run - at);
		at = run;
		if (at == n)
			break;
		int32_t cp;
		size_t len = text_decode(s + at, n - at, &cp);
		if (cp < 0)
			buf_add_str(out, "\xef\xbf\xbd");
		else if (cp < 0x80)
			put_escaped(out, (unsigned char)cp);
		else
			buf_add(out, s + at, len);
		at += len;
	}
	buf_add_char(out, '"');
}

void json_key(struct json_writer *w, const char *key)
{
	separate(w);
	put_quoted(w->out, key, strlen(key));
	buf_add_char(w->out, ':');
	w->need_comma = false;
}

void json_put_str(struct json_writer *w, const char *s, size_t n)
{
	separate(w);
	put_quoted(w->out, s, n);
}

void json_put_cstr(struct json_writer *w, const char *s)
{
	if (s)
		json_put_str(w, s, strlen(s));
	else
		json_put_null(w);
}

void json_put_int(struct json_writer *w, int64_t value)
{
	separate(w);
	buf_printf(w->out, "%lld", (long long)value);
}

void json_put_real(struct json_writer *w, double value)
{
	separate(w);
	if (!isfinite(value)) {
		buf_add_str(w->out, "null");
		return;
	}
	char text[40];
	snprintf(text, sizeof text, "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof text, "%.17g", value);
	buf_add_str(w->out, text);
	if (!strpbrk(text, ".e"))
		buf_add_str(w->out, ".0");
}

void json_put_bool(struct json_writer *w, bool value)
{
	separate(w);
	buf_add_str(w->out, value ? "true" : "false");
}

void json_put_null(struct json_writer *w)
{
	separate(w);
	buf_add_str(w->out, "null");
}

void json_put_bytes(struct json_writer *w, const char *s, size_t n)
{
	if (text_is_utf8(s, n)) {
		json_put_str(w, s, n);
		return;
	}
	struct buf coded = { 0 };
	base64_encode(&coded, s, n);
	json_begin_object(w);
	json_key(w, "b64");
	json_put_str(w, buf_str(&coded), coded.len);
	json_end_object(w);
	buf_release(&coded);
}

void json_put_key(struct json_writer *w, const char *key)
{
	size_t n = strlen(key);
	if (text_is_utf8(key, n) && strncmp(key, key_mark, sizeof key_mark - 1) != 0) {
		json_key(w, key);
		return;
	}
	struct buf marked = { 0 };
	buf_add_str(&marked, key_mark);
	base64_encode(&marked, key, n);
	json_key(w, buf_str(&marked));
	buf_release(&marked);
}

int json_bytes(const struct json *value, char **out, size_t *len)
{
	size_t n;
	const char *s = json_str(value, &n);
	if (s) {
		*out = xstrndup(s, n);
		*len = n;
		return 0;
	}
	s = json_str(json_get(value, "b64"), &n);
	return s ? base64_decode(s, n, out, len) : -1;
}

char *json_key_bytes(const char *key)
{
	char *out;
	size_t len;
	if (strncmp(key, key_mark, sizeof key_mark - 1) != 0)
		return xstrdup(key);
	const char *coded = key + sizeof key_mark - 1;
	if (base64_decode(coded, strlen(coded), &out, &len) != 0)
		return NULL;
	if (strlen(out) == len)
		return out;
	free(out);
	return NULL;
}
