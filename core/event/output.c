#include "event/output.h"

#include "base/text.h"

static void advance(struct event_output *output, const struct redactor *redactor, bool more)
{
	size_t used = redactor_clean(redactor, buf_str(&output->raw), output->raw.len, more, &output->clean);
	buf_consume(&output->raw, used);
}

void event_output_add(struct event_output *output, const struct redactor *redactor, const char *text, size_t n)
{
	output->flushing = false;
	buf_add(&output->raw, text, n);
	advance(output, redactor, true);
}

void event_output_flush(struct event_output *output, const struct redactor *redactor)
{
	advance(output, redactor, false);
	output->flushing = true;
}

/* Bytes of the next piece: whole characters unless these are the last, or no character ends in sight. */
static size_t piece_len(const char *s, size_t n, bool flushing)
{
	bool is_last = n <= EVENT_TEXT_INLINE_MAX;
	size_t room = is_last ? n : EVENT_TEXT_INLINE_MAX;
	size_t whole = text_whole_prefix(s, room);
	if ((is_last && flushing) || (!is_last && !whole))
		return room;
	return whole;
}

bool event_output_next(struct event_output *output, struct event_text *piece)
{
	size_t left = output->clean.len - output->taken;
	const char *s = buf_str(&output->clean) + output->taken;
	size_t n = left ? piece_len(s, left, output->flushing) : 0;
	if (!n) {
		buf_consume(&output->clean, output->taken);
		output->taken = 0;
		return false;
	}
	*piece = (struct event_text){ .data = s, .len = n };
	output->taken += n;
	return true;
}

void event_output_release(struct event_output *output)
{
	buf_release(&output->raw);
	buf_release(&output->clean);
	*output = (struct event_output){ 0 };
}
