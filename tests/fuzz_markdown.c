/*
 * What a model says, drawn from its Markdown. Properties: no line has a line end in it, spans lie in order within their
 * line, and a transcript is the same however its text was split and however often it was looked at meanwhile.
 */
#include "tests/fuzz_parts.h"

#include "base/buf.h"
#include "tui/markdown.h"
#include "tui/transcript.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_spans(const struct text_span *span, size_t n_spans, size_t n)
{
	size_t end = 0;
	for (size_t i = 0; i < n_spans; i++) {
		FUZZ_CHECK(span[i].at >= end && span[i].n > 0 && span[i].at + span[i].n <= n);
		end = span[i].at + span[i].n;
	}
}

static void check_line(void *arg, const struct markdown_line *line)
{
	(void)arg;
	FUZZ_CHECK(line->gutter_n <= line->n && (!line->n || !memchr(line->text, '\n', line->n)));
	check_spans(line->span, line->n_spans, line->n);
}

static void feed(struct transcript *transcript, const char *text, size_t n)
{
	struct event event = { .kind = EVENT_OUTPUT, .stream = "model" };
	transcript_add(transcript, &event, text, n);
}

static void write_lines(struct transcript *transcript, struct buf *out)
{
	for (size_t i = transcript_first(transcript); i < transcript_end(transcript); i++) {
		struct transcript_line line;
		transcript_line(transcript, i, &line);
		check_spans(line.span, line.n_spans, line.n);
		buf_printf(out, "%d %d %zu %zu ", line.kind, line.role, line.gutter_n, line.n_spans);
		buf_add(out, line.text, line.n);
		buf_add_char(out, '\n');
	}
}

static void say_in_pieces(const char *text, size_t n, size_t piece, struct buf *out)
{
	static const struct event failed = { .kind = EVENT_STEP_FAILED, .message = "over" };
	struct transcript *transcript = transcript_new();
	for (size_t at = 0; at < n; at += piece) {
		feed(transcript, text + at, piece < n - at ? piece : n - at);
		(void)transcript_end(transcript);
	}
	transcript_add(transcript, &failed, "", 0);
	write_lines(transcript, out);
	transcript_free(transcript);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t n = size < 4000 ? size : 4000;
	struct buf whole = { 0 };
	struct buf split = { 0 };
	markdown_render(text, n, check_line, NULL);
	say_in_pieces(text, n, n ? n : 1, &whole);
	say_in_pieces(text, n, 1 + n / 53, &split);
	FUZZ_CHECK(whole.len == split.len && memcmp(buf_str(&whole), buf_str(&split), whole.len) == 0);
	buf_release(&whole);
	buf_release(&split);
	return 0;
}
