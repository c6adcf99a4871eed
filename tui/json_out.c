#include "tui/json_out.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "event/event_json.h"
#include "tui/front.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct json_out {
	struct front front;
	int fd;
	bool replay;
	bool reader_gone; /* EPIPE: nobody reads any more; the run is told, and goes to its end quietly */
	struct buf line;
	struct event *last; /* run_finished, held back: it is the result unless more comes; owned */
	uint64_t seq;
	char *run;          /* owned */
};

static void write_all(struct json_out *out, const char *data, size_t n)
{
	while (n && !out->reader_gone) {
		ssize_t done = write(out->fd, data, n);
		if (done < 0 && errno == EAGAIN) {
			struct pollfd fd = { .fd = out->fd, .events = POLLOUT };
			(void)poll(&fd, 1, -1);
			continue;
		}
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			struct command detach = { .kind = COMMAND_DETACH, .by = "flag" };
			out->reader_gone = true;
			out->front.feed->ops->send(out->front.feed, &detach);
			return;
		}
		data += done;
		n -= (size_t)done;
	}
}

static void write_event(struct json_out *out, const struct event *event, const char *type)
{
	buf_clear(&out->line);
	event_write_as(&out->line, event, type, NULL);
	buf_add_char(&out->line, '\n');
	write_all(out, out->line.data, out->line.len);
}

/* Texts are whole here: what the journal keeps in the store is fetched. One that is lost stays a reference. */
static void put_event(struct json_out *out, const struct event *event)
{
	struct event whole = *event;
	struct buf text = { 0 };
	struct err err;
	struct feed *feed = out->front.feed;
	if (event->text.data) {
		whole.text.blob = NULL;
	} else if (event->text.blob && feed->ops->blob(feed, event->text.blob, &text, &err) == 0) {
		whole.text = (struct event_text){ .data = buf_str(&text), .len = text.len };
	}
	write_event(out, &whole, NULL);
	buf_release(&text);
}

static void take_event(struct json_out *out, const struct event *event)
{
	if (!out->run && event->run)
		out->run = xstrdup(event->run);
	if (out->last)
		put_event(out, out->last);
	free(out->last);
	out->last = event->kind == EVENT_RUN_FINISHED ? event_clone(event) : NULL;
	if (!out->last)
		put_event(out, event);
	out->seq = event->seq;
}

/* {"request": ID, "answer": "yes" | "no", "reason": "..."}; a line that is something else answers nothing. */
static void take_answer(struct json_out *out, const char *line)
{
	struct json *root = NULL;
	struct err err;
	if (json_parse(&root, line, strlen(line), &err) != 0)
		return;
	const char *request = json_get_str(root, "request");
	const char *answer = json_get_str(root, "answer");
	const char *reason = json_get_str(root, "reason");
	bool yes = answer && strcmp(answer, "yes") == 0;
	if (request && answer && (yes || strcmp(answer, "no") == 0)) {
		struct command command = { .kind = yes ? COMMAND_APPROVE : COMMAND_REFUSE,
			                   .request = (char *)(uintptr_t)request,
			                   .text = (char *)(uintptr_t)reason,
			                   .by = "person" };
		out->front.feed->ops->send(out->front.feed, &command);
	}
	json_free(root);
}

/* The result is the last line whatever happened, also when a signal cut the wait for the run's own end. */
static int finish(struct json_out *out)
{
	struct feed_status status;
	int code = front_exit(&out->front, out->last ? out->last->exit_code : -1);
	if (out->replay && !out->front.signal) {
		out->front.feed->ops->status(out->front.feed, &status);
		code = status.corrupt ? 8 : 0;
	}
	struct event result = { .kind = EVENT_RUN_FINISHED, .seq = out->seq + 1, .at_ms = clock_wall_ms(), .run = out->run };
	if (out->last)
		result = *out->last;
	result.exit_code = code;
	write_event(out, &result, "result");
	return code;
}

int json_out_run(struct feed *feed, const struct json_out_options *options)
{
	struct json_out out = {
		.front = { .feed = feed, .signal_fd = options->signal_fd, .line_fd = options->approve_fd },
		.fd = options->out_fd,
		.replay = options->replay,
	};
	const struct event *event;
	enum feed_got got;
	while (!out.front.gave_up && (got = feed->ops->next(feed, &event)) != FEED_END) {
		if (got == FEED_EVENT)
			take_event(&out, event);
		else if (got == FEED_NONE)
			front_wait(&out.front);
		for (char *line; (line = front_line(&out.front)); free(line))
			take_answer(&out, line);
	}
	int code = finish(&out);
	buf_release(&out.line);
	front_release(&out.front);
	free(out.last);
	free(out.run);
	return code;
}
