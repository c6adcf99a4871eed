#include "io/llm_answer.h"

#include "base/text.h"
#include "io/llm_ask.h"

#include <ctype.h>
#include <string.h>

/* The stand-ins for lone surrogates: D800-DFFF as U+10F800-U+10FFFF. Nobody assigns those; they are looked for only
 * in a stream that had halves. */
#define STAND_IN 0x10f800
#define N_SURROGATES 0x800

void llm_answer_init(struct llm_answer *answer, const struct llm_ask *ask)
{
	*answer = (struct llm_answer){ .ask = ask };
}

void llm_answer_release(struct llm_answer *answer)
{
	buf_release(&answer->held);
}

/* The code unit of a "\uXXXX" at s; -1 when there is none. */
static int32_t escape_at(const char *s, size_t n)
{
	int32_t unit = 0;
	if (n < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		unsigned char c = (unsigned char)s[i];
		if (!isxdigit(c))
			return -1;
		unit = unit * 16 + (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	}
	return unit;
}

static bool is_high(int32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(int32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* Copies JSON text with lone surrogates replaced; *out stays empty when there are none. */
static void replace_halves(struct buf *out, const char *s, size_t n)
{
	size_t copied = 0;
	for (size_t at = 0; at < n; at++) {
		if (s[at] != '\\')
			continue;
		int32_t unit = escape_at(s + at, n - at);
		if (is_high(unit) && is_low(escape_at(s + at + 6, n - at - 6))) {
			at += 11;
		} else if (is_high(unit) || is_low(unit)) {
			char utf8[4];
			buf_add(out, s + copied, at - copied);
			buf_add(out, utf8, text_encode(STAND_IN + unit - 0xd800, utf8));
			at += 5;
			copied = at + 1;
		} else {
			at++; /* the escaped character may be a backslash */
		}
	}
	if (copied)
		buf_add(out, s + copied, n - copied);
}

int llm_answer_json(struct llm_answer *answer, struct json **out, const char *s, size_t n, struct err *err)
{
	if (!memmem(s, n, "\\ud", 3) && !memmem(s, n, "\\uD", 3))
		return json_parse(out, s, n, err);
	struct buf whole = { 0 };
	replace_halves(&whole, s, n);
	answer->has_halves |= whole.len > 0;
	int rc = whole.len ? json_parse(out, whole.data, whole.len, err) : json_parse(out, s, n, err);
	buf_release(&whole);
	return rc;
}

static void tell(struct llm_answer *answer, enum llm_event_kind kind, const char *text, size_t n)
{
	const struct llm_event event = { .kind = kind, .text = text, .n = n };
	if (n == 0)
		return;
	answer->has_text |= kind == LLM_TEXT;
	llm_ask_tell(answer->ask, &event);
}

/* A stand-in at s: its surrogate; else -1. */
static int32_t half_at(const char *s, size_t n, size_t *len)
{
	int32_t cp;
	*len = text_decode(s, n, &cp);
	return cp >= STAND_IN && cp < STAND_IN + N_SURROGATES ? cp - STAND_IN + 0xd800 : -1;
}

/* Joins stand-ins in text that begins with what was held. One at the very end waits, unless this is the end. */
static void join_halves(struct buf *text, struct buf *wait, bool is_end)
{
	struct buf out = { 0 };
	for (size_t at = 0; at < text->len;) {
		size_t len, len_next = 0;
		int32_t half = half_at(text->data + at, text->len - at, &len);
		if (half < 0) {
			buf_add(&out, text->data + at, len);
			at += len;
			continue;
		}
		size_t next = at + len;
		if (is_high(half) && next == text->len && !is_end) {
			buf_add(wait, text->data + at, len);
			break;
		}
		int32_t low = next < text->len ? half_at(text->data + next, text->len - next, &len_next) : -1;
		char utf8[4];
		bool is_pair = is_high(half) && is_low(low);
		int32_t cp = is_pair ? 0x10000 + ((half - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
		buf_add(&out, utf8, text_encode(cp, utf8));
		at = next + (is_pair ? len_next : 0);
	}
	buf_release(text);
	*text = out;
}

/* Is s (n bytes) the beginning of `tag`, or the whole of it? */
static bool begins(const char *s, size_t n, const char *tag)
{
	size_t n_tag = strlen(tag);
	return strncmp(s, tag, n < n_tag ? n : n_tag) == 0;
}

/* Where the closing tag, or a beginning of it at the very end, stands. */
static size_t find_close(const char *s, size_t n, const char *tag)
{
	const char *at = memmem(s, n, tag, strlen(tag));
	if (at)
		return (size_t)(at - s);
	for (size_t back = strlen(tag) - 1; back > 0; back--)
		if (back <= n && memcmp(s + n - back, tag, back) == 0)
			return n - back;
	return n;
}

/* Gives out what of the held text is certain; returns how many bytes that is. */
static size_t sort_thinking(struct llm_answer *answer, const char *s, size_t n, bool is_end)
{
	static const char open[] = "<think>", close[] = "</think>";
	size_t blanks = 0;
	if (answer->think == THINK_UNDECIDED) {
		while (blanks < n && strchr(" \r\n\t", s[blanks]) && s[blanks])
			blanks++;
		if (!is_end && n - blanks < sizeof open - 1 && begins(s + blanks, n - blanks, open))
			return 0;
		bool is_open = n - blanks >= sizeof open - 1 && begins(s + blanks, n - blanks, open);
		answer->think = is_open ? THINK_INSIDE : THINK_OVER;
		if (is_open)
			return blanks + sizeof open - 1;
	}
	if (answer->think == THINK_INSIDE) {
		size_t to = find_close(s, n, close);
		tell(answer, LLM_REASONING, s, is_end && to + sizeof close - 1 > n ? n : to);
		if (to + sizeof close - 1 > n)
			return is_end ? n : to;
		answer->think = THINK_OVER;
		return to + sizeof close - 1;
	}
	tell(answer, LLM_TEXT, s, n);
	return n;
}

static void go_on(struct llm_answer *answer, bool is_end)
{
	struct buf wait = { 0 };
	if (answer->has_halves)
		join_halves(&answer->held, &wait, is_end);
	size_t used = 1;
	while (used && answer->held.len) {
		used = sort_thinking(answer, answer->held.data, answer->held.len, is_end);
		buf_consume(&answer->held, used);
	}
	buf_add(&answer->held, buf_str(&wait), wait.len);
	buf_release(&wait);
}

void llm_answer_text(struct llm_answer *answer, const struct json *value)
{
	size_t n;
	const char *text = json_str(value, &n);
	if (!text || n == 0)
		return;
	answer->n_content++;
	if (answer->think == THINK_OVER && !answer->has_halves && !answer->held.len) {
		tell(answer, LLM_TEXT, text, n);
		return;
	}
	buf_add(&answer->held, text, n);
	go_on(answer, false);
}

void llm_answer_reasoning(struct llm_answer *answer, const struct json *value)
{
	size_t n;
	const char *text = json_str(value, &n);
	if (!text || n == 0)
		return;
	answer->n_content++;
	struct buf joined = { 0 };
	struct buf none = { 0 };
	buf_add(&joined, text, n);
	if (answer->has_halves)
		join_halves(&joined, &none, true);
	tell(answer, LLM_REASONING, buf_str(&joined), joined.len);
	buf_release(&joined);
}

void llm_answer_finish(struct llm_answer *answer, enum llm_finish finish)
{
	answer->is_finished = true;
	answer->finish = finish;
}

void llm_answer_error(struct llm_answer *answer, const struct json *error)
{
	if (answer->has_fault)
		return;
	answer->has_fault = true;
	llm_fault_read(&answer->fault, error);
}

void llm_answer_flush(struct llm_answer *answer)
{
	if (answer->held.len)
		go_on(answer, true);
}
