#include "io/sse.h"

#include <string.h>

void sse_init(struct sse *sse, enum sse_framing framing, sse_callback *event, void *arg)
{
	*sse = (struct sse){ .framing = framing, .event = event, .arg = arg };
	buf_init(&sse->line, SSE_LINE_MAX);
	buf_init(&sse->data, SSE_EVENT_MAX);
	buf_init(&sse->type, SSE_LINE_MAX);
}

void sse_release(struct sse *sse)
{
	buf_release(&sse->line);
	buf_release(&sse->data);
	buf_release(&sse->type);
}

static int dispatch(struct sse *sse, bool is_tail, struct err *err)
{
	int rc = 0;
	if (sse->has_data) {
		struct sse_event event = {
			.is_tail = is_tail,
			.type = sse->type.len ? buf_str(&sse->type) : "message",
			.data = buf_str(&sse->data),
			.n = sse->data.len,
		};
		rc = sse->event(sse->arg, &event, err);
	}
	buf_clear(&sse->data);
	buf_clear(&sse->type);
	sse->has_data = false;
	return rc;
}

static int add_data(struct sse *sse, const char *value, size_t n, struct err *err)
{
	if (sse->has_data)
		buf_add_char(&sse->data, '\n');
	buf_add(&sse->data, value, n);
	sse->has_data = true;
	if (sse->data.truncated)
		return err_set(err, ERR_LIMIT, "an event of the stream is over the limit of %zu MiB", SSE_EVENT_MAX >> 20);
	return 0;
}

static bool field_is(const char *name, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(name, word, n) == 0;
}

static int ping(struct sse *sse, struct err *err)
{
	const struct sse_event event = { .is_ping = true, .type = "", .data = "" };
	return sse->event(sse->arg, &event, err);
}

static int take_field(struct sse *sse, const char *line, size_t n, struct err *err)
{
	const char *colon = memchr(line, ':', n);
	size_t n_name = colon ? (size_t)(colon - line) : n;
	const char *value = line + (colon ? n_name + 1 : n);
	size_t n_value = n - (size_t)(value - line);
	if (n_value && *value == ' ') {
		value++;
		n_value--;
	}
	if (field_is(line, n_name, "data"))
		return add_data(sse, value, n_value, err);
	if (field_is(line, n_name, "event")) {
		buf_clear(&sse->type);
		buf_add(&sse->type, value, n_value);
	} else if (field_is(line, n_name, "error")) {
		buf_clear(&sse->type);
		buf_add_str(&sse->type, "error");
		return add_data(sse, value, n_value, err);
	}
	return 0;
}

static int take_line(struct sse *sse, const char *line, size_t n, struct err *err)
{
	if (!sse->begun && n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		n -= 3;
	}
	sse->begun = true;
	if (sse->framing == SSE_LINES) {
		if (n == 0)
			return 0;
		return add_data(sse, line, n, err) != 0 ? -1 : dispatch(sse, false, err);
	}
	if (n == 0)
		return dispatch(sse, false, err);
	return *line == ':' ? ping(sse, err) : take_field(sse, line, n, err);
}

static int too_long(struct err *err)
{
	return err_set(err, ERR_LIMIT, "a line of the stream is over the limit of %zu MiB", SSE_LINE_MAX >> 20);
}

static const char *line_end(const char *s, size_t n)
{
	const char *lf = memchr(s, '\n', n);
	const char *cr = memchr(s, '\r', lf ? (size_t)(lf - s) : n);
	return cr ? cr : lf;
}

/* The line that ends at data[n]: in place when it is all there, else what came before with it. */
static int end_line(struct sse *sse, const char *data, size_t n, struct err *err)
{
	if (!sse->line.len)
		return n > SSE_LINE_MAX ? too_long(err) : take_line(sse, data, n, err);
	if (buf_add(&sse->line, data, n) != 0)
		return too_long(err);
	int rc = take_line(sse, sse->line.data, sse->line.len, err);
	buf_clear(&sse->line);
	return rc;
}

int sse_feed(struct sse *sse, const char *data, size_t n, struct err *err)
{
	while (n) {
		if (sse->after_cr && *data == '\n') {
			data++;
			n--;
			sse->after_cr = false;
			continue;
		}
		sse->after_cr = false;
		const char *end = line_end(data, n);
		if (!end)
			return buf_add(&sse->line, data, n) != 0 ? too_long(err) : 0;
		size_t len = (size_t)(end - data);
		if (end_line(sse, data, len, err) != 0)
			return -1;
		sse->after_cr = *end == '\r';
		data += len + 1;
		n -= len + 1;
	}
	return 0;
}

int sse_finish(struct sse *sse, struct err *err)
{
	if (sse->framing == SSE_LINES) {
		if (sse->line.len && add_data(sse, sse->line.data, sse->line.len, err) != 0)
			return -1;
	} else if (sse->line.len && end_line(sse, "", 0, err) != 0) {
		return -1;
	}
	buf_clear(&sse->line);
	return dispatch(sse, true, err);
}
