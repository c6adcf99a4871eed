#include "io/journal_skim.h"

#include "base/clock.h"

#include <string.h>

struct cursor {
	const char *at;
	const char *end;
};

static bool skip(struct cursor *cursor, const char *text)
{
	size_t n = strlen(text);
	if ((size_t)(cursor->end - cursor->at) < n || memcmp(cursor->at, text, n) != 0)
		return false;
	cursor->at += n;
	return true;
}

static bool read_number(struct cursor *cursor, uint64_t *out)
{
	const char *start = cursor->at;
	*out = 0;
	while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' && cursor->at - start < 18)
		*out = *out * 10 + (uint64_t)(*cursor->at++ - '0');
	return cursor->at > start;
}

/* A string without escapes, up to its quote. */
static bool read_string(struct cursor *cursor, const char **out, size_t *n)
{
	const char *quote = memchr(cursor->at, '"', (size_t)(cursor->end - cursor->at));
	if (!quote || memchr(cursor->at, '\\', (size_t)(quote - cursor->at)))
		return false;
	*out = cursor->at;
	*n = (size_t)(quote - cursor->at);
	cursor->at = quote + 1;
	return true;
}

/* Milliseconds to the letter, as clock_format writes them: "2026-03-02T14:01:03.120Z". */
static bool read_stamp(struct cursor *cursor, struct journal_second *second, int64_t *at_ms)
{
	char stamp[CLOCK_STAMP_SIZE];
	const size_t whole = sizeof second->text - 1;
	const char *s;
	size_t n;
	int fraction = 0;
	if (!read_string(cursor, &s, &n) || n != whole + 5 || s[whole] != '.' || s[n - 1] != 'Z')
		return false;
	for (size_t i = whole + 1; i < n - 1; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		fraction = 10 * fraction + (s[i] - '0');
	}
	if (memcmp(s, second->text, whole) != 0) {
		memcpy(stamp, s, whole);
		memcpy(stamp + whole, "Z", 2);
		if (clock_parse(stamp, &second->at_ms) != 0)
			return false;
		memcpy(second->text, s, whole);
	}
	*at_ms = second->at_ms + fraction;
	return true;
}

static bool read_kind(struct cursor *cursor, int *kind)
{
	char name[40];
	const char *s;
	size_t n;
	if (!read_string(cursor, &s, &n) || n >= sizeof name)
		return false;
	memcpy(name, s, n);
	name[n] = '\0';
	*kind = event_kind_parse(name);
	return true;
}

static bool read_tail(const struct cursor *cursor, const char **prev)
{
	static const char key[] = ",\"prev\":\"";
	size_t n = sizeof key - 1 + HASH_HEX_SIZE - 1 + 2;
	struct cursor tail = { cursor->end - n, cursor->end };
	if ((size_t)(cursor->end - cursor->at) < n || !skip(&tail, key))
		return false;
	*prev = tail.at;
	tail.at += HASH_HEX_SIZE - 1;
	return skip(&tail, "\"}");
}

bool journal_skim_line(const char *line, size_t n, struct journal_second *second, struct journal_skim *out,
                       const char **prev)
{
	struct cursor cursor = { line, line + n };
	const char *run;
	size_t run_len;
	uint64_t attempt;
	*out = (struct journal_skim){ 0 };
	if (!skip(&cursor, "{\"v\":1,\"seq\":") || !read_number(&cursor, &out->seq) || !skip(&cursor, ",\"ts\":\"") ||
	    !read_stamp(&cursor, second, &out->at_ms) || !skip(&cursor, ",\"run\":\"") || !read_string(&cursor, &run, &run_len) ||
	    !skip(&cursor, ",\"type\":\"") || !read_kind(&cursor, &out->kind))
		return false;
	if (skip(&cursor, ",\"step\":\"") && !read_string(&cursor, &out->step, &out->step_len))
		return false;
	if (skip(&cursor, ",\"attempt\":") && !read_number(&cursor, &attempt))
		return false;
	out->from_model = skip(&cursor, ",\"stream\":\"model\"");
	return read_tail(&cursor, prev);
}
