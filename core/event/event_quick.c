#include "event/event_quick.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* What is left of the line, and where the strings of the event go: decoded, they are never longer than the line. */
struct cursor {
	const char *at;
	const char *end;
	char *out;
};

static bool skip(struct cursor *cursor, const char *text)
{
	size_t n = strlen(text);
	if ((size_t)(cursor->end - cursor->at) < n || memcmp(cursor->at, text, n) != 0)
		return false;
	cursor->at += n;
	return true;
}

/* From 1, without a zero in front. */
static bool read_number(struct cursor *cursor, size_t most_digits, uint64_t *out)
{
	const char *start = cursor->at;
	*out = 0;
	while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9')
		*out = *out * 10 + (uint64_t)(*cursor->at++ - '0');
	return cursor->at > start && (size_t)(cursor->at - start) <= most_digits && *start != '0';
}

/* The character behind a backslash; '\0' for what is left to the parser. */
static char escaped(char c)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *found = c ? strchr(from, c) : NULL;
	return found ? to[found - from] : '\0';
}

/* What stands before the closing quote; *out is followed by a NUL. */
static bool read_string(struct cursor *cursor, const char **out, size_t *n)
{
	char *to = cursor->out;
	*out = to;
	while (cursor->at < cursor->end && *cursor->at != '"') {
		char c = *cursor->at++;
		if ((unsigned char)c < ' ')
			return false;
		if (c == '\\' && (cursor->at == cursor->end || !(c = escaped(*cursor->at++))))
			return false;
		*to++ = c;
	}
	*n = (size_t)(to - *out);
	*to++ = '\0';
	cursor->out = to;
	return skip(cursor, "\"");
}

static bool read_stamp(struct cursor *cursor, int64_t *at_ms)
{
	const char *stamp;
	size_t n;
	return read_string(cursor, &stamp, &n) && clock_parse(stamp, at_ms) == 0;
}

static bool read_prev(struct cursor *cursor, char prev[HASH_HEX_SIZE])
{
	const char *hex;
	size_t n;
	if (!skip(cursor, ",\"prev\":\"") || !read_string(cursor, &hex, &n) || n != HASH_HEX_SIZE - 1)
		return false;
	memcpy(prev, hex, HASH_HEX_SIZE);
	return true;
}

static bool read_output(struct cursor *cursor, struct event_line *line)
{
	struct event *event = &line->event;
	size_t n;
	uint64_t attempt = 0;
	if (!skip(cursor, "{\"v\":1,\"seq\":") || !read_number(cursor, 18, &event->seq) ||
	    !skip(cursor, ",\"ts\":\"") || !read_stamp(cursor, &event->at_ms) || !skip(cursor, ",\"run\":\"") ||
	    !read_string(cursor, &event->run, &n) || !skip(cursor, ",\"type\":\"output\",\"step\":\"") ||
	    !read_string(cursor, &event->step, &n))
		return false;
	if (skip(cursor, ",\"attempt\":") && !read_number(cursor, 9, &attempt))
		return false;
	event->kind = EVENT_OUTPUT;
	event->attempt = (int)attempt;
	return skip(cursor, ",\"stream\":\"") && read_string(cursor, &event->stream, &n) &&
	       skip(cursor, ",\"text\":\"") && read_string(cursor, &event->text.data, &event->text.len) &&
	       read_prev(cursor, line->prev) && skip(cursor, "}") && cursor->at == cursor->end;
}

bool event_read_quick(struct event_line *out, const char *line, size_t n, void **block)
{
	/* Each string's NUL has room where its closing quote was. */
	struct cursor cursor = { .at = line, .end = line + n };
	if (!memmem(line, n, ",\"type\":\"output\",", 17) || !text_is_utf8(line, n))
		return false;
	*block = cursor.out = xmalloc(n + 1);
	if (read_output(&cursor, out))
		return true;
	free(*block);
	*out = (struct event_line){ 0 };
	return false;
}
