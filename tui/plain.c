#include "tui/plain.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "event/run_model.h"
#include "tui/front.h"
#include "tui/plain_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define COVERED "can be undone"
#define NOT_COVERED "cannot be undone"

struct plain {
	struct front front;
	const struct plain_options *options;
	struct run_model model;
	char *asked; /* id of the step whose question is on screen; owned; NULL when none is */
	int64_t asked_ms;
	bool diff_gone; /* EPIPE on stdout: quiet */
	struct plain_lines output; /* of commands */
	struct notify *notify; /* NULL in a replay */
	int64_t start_ms;  /* monotonic */
};

static bool write_all(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t done = write(fd, data, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		data += done;
		n -= (size_t)done;
	}
	return true;
}

static void say(struct plain *plain, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(struct plain *plain, const char *fmt, ...)
{
	struct buf text = { 0 };
	struct buf clean = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	text_sanitise(&clean, buf_str(&text), text.len, TEXT_KEEP_NEWLINES | TEXT_EXPAND_TABS);
	buf_add_char(&clean, '\n');
	(void)write_all(plain->options->err_fd, clean.data, clean.len);
	buf_release(&text);
	buf_release(&clean);
}

static void say_output(void *arg, const char *step, const char *line)
{
	say(arg, "%s| %s", step, line);
}

static size_t step_number(const struct plain *plain, const char *id)
{
	for (size_t i = 0; i < plain->model.n_steps; i++)
		if (strcmp(plain->model.step[i]->id, id) == 0)
			return i + 1;
	return 0;
}

/* Data, not prose: the bytes of the patch as they are, not indented, unless a terminal would be driven by them. */
static void put_diff(struct plain *plain, const struct event *event)
{
	struct feed *feed = plain->front.feed;
	struct buf text = { 0 };
	struct err err;
	if (event->text.data)
		buf_add(&text, event->text.data, event->text.len);
	else if (event->text.blob && feed->ops->blob(feed, event->text.blob, &text, &err) != 0)
		say(plain, "belay: the change cannot be shown: %s", err.msg);
	if (isatty(plain->options->out_fd)) {
		struct buf clean = { 0 };
		text_sanitise(&clean, buf_str(&text), text.len, TEXT_KEEP_NEWLINES | TEXT_KEEP_TABS);
		buf_release(&text);
		text = clean;
	}
	if (text.len && !plain->diff_gone)
		plain->diff_gone = !write_all(plain->options->out_fd, text.data, text.len);
	buf_release(&text);
}

static void say_list(struct plain *plain, const char *title, const struct strings *list)
{
	for (size_t i = 0; i < list->n_items; i++)
		say(plain, "  %s: %s", title, list->item[i]);
}

static void say_line(struct plain *plain, const char *title, const struct strings *list)
{
	struct buf line = { 0 };
	for (size_t i = 0; i < list->n_items; i++)
		buf_printf(&line, "%s%s", i ? " " : "", list->item[i]);
	if (line.len)
		say(plain, "  %s: %s", title, buf_str(&line));
	buf_release(&line);
}

/* Shows the oldest open question, if none is shown yet. */
static void ask(struct plain *plain)
{
	if (!plain->options->interactive || plain->asked || plain->front.line_end)
		return;
	for (size_t i = 0; i < plain->model.n_steps; i++) {
		const struct model_step *step = plain->model.step[i];
		const struct model_approval *approval = &step->approval;
		if (!approval->request || !*approval->request)
			continue;
		if (strcmp(step->verb, "ask") == 0)
			say(plain, "step %zu '%s' asks: %s", i + 1, step->id, approval->what);
		else
			say(plain, "step %zu '%s' asks, risk %s: %s", i + 1, step->id, approval->risk, approval->what);
		if (*approval->why)
			say(plain, "  why: %s", approval->why);
		if (approval->cwd)
			say(plain, "  cwd: %s", *approval->cwd ? approval->cwd : "the root");
		say_list(plain, "reach", &approval->reach);
		say_line(plain, "environment", &approval->env);
		say_list(plain, COVERED, &approval->covered);
		say_list(plain, NOT_COVERED, &approval->not_covered);
		say(plain, "type %zu to approve, n to decline:", i + 1);
		plain->asked = xstrdup(step->id);
		plain->asked_ms = clock_mono_ms();
		/* What was typed before the question was shown does not answer it. */
		(void)tcflush(plain->options->in_fd, TCIFLUSH); /* no terminal, nothing typed ahead */
		buf_clear(&plain->front.lines);
		return;
	}
}

static void answer(struct plain *plain, const char *line)
{
	char number[32];
	const struct model_step *step = run_model_step(&plain->model, plain->asked);
	if (!step || !*step->approval.request)
		return;
	snprintf(number, sizeof number, "%zu", step_number(plain, step->id));
	bool yes = strcmp(line, number) == 0 || strcmp(line, step->id) == 0;
	struct command command = { .kind = yes ? COMMAND_APPROVE : COMMAND_REFUSE,
		                   .request = step->approval.request,
		                   .step = step->id,
		                   .by = "person",
		                   .shown_ms = clock_mono_ms() - plain->asked_ms };
	plain->front.feed->ops->send(plain->front.feed, &command);
}

static void take_lines(struct plain *plain)
{
	for (char *line; plain->asked && (line = front_line(&plain->front)); free(line)) {
		answer(plain, line);
		free(plain->asked);
		plain->asked = NULL;
	}
}

static void say_check(struct plain *plain, const struct event *event)
{
	if (event->cached && !plain->options->quiet)
		say(plain, "  check '%s' is cached: it has accepted the same content before", event->check ? event->check : "");
	if (event->exit_code != 0)
		say(plain, "  check '%s' failed with exit %" PRId64, event->check ? event->check : "", event->exit_code);
	for (size_t i = 0; i < event->diagnostics.n_diags; i++) {
		struct buf text = { 0 };
		diag_format(&text, &event->diagnostics.diag[i]);
		if (text.len && text.data[text.len - 1] == '\n')
			buf_truncate(&text, text.len - 1);
		say(plain, "%s", buf_str(&text));
		buf_release(&text);
	}
}

static void say_trouble(struct plain *plain, const char *id, const struct event *event)
{
	say(plain, "%s: %s: %s", id, event->category ? event->category : "note", event->message ? event->message : "");
	if (event->hint && *event->hint)
		say(plain, "  %s", event->hint);
}

/* Whether a person answers or not, what undo brings back of it is told. */
static void say_coverage(struct plain *plain, const struct event *event)
{
	for (size_t i = 0; i < event->covered.n_items; i++)
		say(plain, "  " COVERED ": %s", event->covered.item[i]);
	for (size_t i = 0; i < event->not_covered.n_items; i++)
		say(plain, "  " NOT_COVERED ": %s", event->not_covered.item[i]);
}

/* By a flag: nobody saw the question. */
static void say_given(struct plain *plain, const char *id, const struct event *event)
{
	if (plain->options->quiet || (!event->covered.n_items && !event->not_covered.n_items))
		return;
	say(plain, "%s: approved: %s", id, event->reason ? event->reason : "");
	say_coverage(plain, event);
}

/* Nobody is there to be asked: what would be needed. */
static void say_unanswered(struct plain *plain, const char *id, const struct event *event)
{
	const char *risk = event->risk && strcmp(event->risk, "none") != 0 ? event->risk : "high";
	if (plain->options->interactive)
		return;
	say(plain, "%s: needs a yes, risk %s: %s", id, risk, event->what ? event->what : "");
	if (event->why && *event->why)
		say(plain, "  why: %s", event->why);
	say_coverage(plain, event);
	if (!plain->options->replay)
		say(plain, "  --yes=%s approves it", risk);
}

static void say_started(struct plain *plain, const struct model_step *step, const struct event *event)
{
	size_t number = step_number(plain, step->id);
	if (event->attempt > 1)
		say(plain, "[%zu/%zu] %s, attempt %d%s%s", number, plain->model.n_steps, step->title, event->attempt,
		    event->reason ? ": " : "", event->reason ? event->reason : "");
	else
		say(plain, "[%zu/%zu] %s", number, plain->model.n_steps, step->title);
}

static void say_asked(struct plain *plain, const struct model_step *step, const struct event *event)
{
	const char *model = event->model && *event->model ? event->model : event->provider;
	say(plain, "[%zu/%zu] %s asks %s%s%s%s", step_number(plain, step->id), plain->model.n_steps, step->id,
	    model ? model : "a model", *step->origin ? ", whose answers are " : "", step->origin,
	    event->cached ? ", cached" : "");
}

static void say_progress(struct plain *plain, const struct model_step *step, const struct event *event)
{
	size_t number = step_number(plain, step->id);
	size_t n_steps = plain->model.n_steps;
	switch (event->kind) {
	case EVENT_STEP_STARTED:
		say_started(plain, step, event);
		break;
	case EVENT_PROMPT_SENT:
		say_asked(plain, step, event);
		break;
	case EVENT_OUTPUT:
		if (event->text.data && event->stream && strncmp(event->stream, "std", 3) == 0)
			plain_lines_add(&plain->output, step->id, event->text.data, event->text.len);
		break;
	case EVENT_RETRY_SCHEDULED:
		say(plain, "[%zu/%zu] %s tries again in %" PRId64 " ms: %s", number, n_steps, step->id, event->delay_ms,
		    step->reason);
		break;
	case EVENT_LANDED:
		say(plain, "[%zu/%zu] %s landed, +%" PRId64 " -%" PRId64, number, n_steps, step->id, step->added,
		    step->removed);
		break;
	case EVENT_STEP_DONE:
		say(plain, "[%zu/%zu] %s done", number, n_steps, step->id);
		break;
	default:
		break;
	}
}

static void show(struct plain *plain, const struct event *event)
{
	const struct model_step *step = run_model_step(&plain->model, event->step);
	const char *id = event->step ? event->step : "belay";
	if (step && event->kind != EVENT_OUTPUT)
		plain_lines_end(&plain->output, step->id);
	if (step && !plain->options->quiet)
		say_progress(plain, step, event);
	switch (event->kind) {
	case EVENT_CHANGE_PROPOSED:
		put_diff(plain, event);
		break;
	case EVENT_CHECK_FINISHED:
		say_check(plain, event);
		break;
	case EVENT_APPROVAL_ASKED:
		say_unanswered(plain, id, event);
		break;
	case EVENT_APPROVAL_GIVEN:
		say_given(plain, id, event);
		break;
	case EVENT_NOTICE:
	case EVENT_STEP_FAILED:
		say_trouble(plain, id, event);
		break;
	case EVENT_CONFLICT:
		say(plain, "%s: conflict: '%s' is not what it was", id, event->path ? event->path : "");
		break;
	case EVENT_EDGE_CUT:
		say(plain, "belay: '%s' does not wait for '%s', to break a cycle", event->from ? event->from : "",
		    event->to ? event->to : "");
		break;
	case EVENT_STEP_SKIPPED:
		say(plain, "%s: skipped: %s", id, event->reason ? event->reason : "");
		break;
	default:
		break;
	}
}

static bool anything_landed(const struct run_model *model)
{
	for (size_t i = 0; i < model->n_steps; i++)
		if (model->step[i]->landed)
			return true;
	return false;
}

/* A person's edit may be among what a failed step's command had changed: named to the last. */
static void say_taken_back(struct plain *plain)
{
	for (size_t i = 0; i < plain->model.n_steps; i++) {
		const struct model_step *step = plain->model.step[i];
		if (!step->taken_back || (step->state != STEP_FAILED && step->state != STEP_CANCELLED))
			continue;
		for (size_t j = 0; j < step->n_files; j++)
			say(plain, "back:   %s: '%s'", step->id, step->file[j].path);
		say(plain, "        to put it again: belay redo %s --step %s", plain->model.run, step->id);
	}
}

static void summary(struct plain *plain, int code)
{
	const struct run_model *model = &plain->model;
	const char *run = model->run ? model->run : "";
	struct buf steps = { 0 };
	for (int i = 0; i < STEP_N_STATES; i++)
		if (model->n_in_state[i])
			buf_printf(&steps, "%s%zu %s", steps.len ? ", " : "", model->n_in_state[i],
			           step_state_name((enum step_state)i));
	say(plain, "result: %s (exit %d)", code == 0 ? "done" : "not done", code);
	say(plain, "steps:  %s", steps.len ? buf_str(&steps) : "none");
	say(plain, "cost:   %" PRId64 " tokens in, %" PRId64 " out, %.4f USD", model->tokens_in, model->tokens_out,
	    model->usd);
	say(plain, "run:    %s", run);
	if (plain->options->replay) {
		buf_release(&steps);
		return;
	}
	say_taken_back(plain);
	if (code != 0 && strcmp(model->mode, "take") != 0 && strcmp(model->mode, "dry-run") != 0)
		say(plain, "resume: belay resume %s", run);
	if (strcmp(model->mode, "dry-run") == 0)
		say(plain, "apply:  belay apply %s", run);
	say(plain, "replay: belay replay %s", run);
	if (anything_landed(model))
		say(plain, "undo:   belay undo %s --all", run);
	for (size_t i = 0; i < model->covered.n_items; i++)
		say(plain, "        brings back: %s", model->covered.item[i]);
	for (size_t i = 0; i < model->not_covered.n_items; i++)
		say(plain, "        does not bring back: %s", model->not_covered.item[i]);
	buf_release(&steps);
}

static void take_event(struct plain *plain, const struct event *event)
{
	struct err err;
	struct feed_status status;
	plain->front.feed->ops->status(plain->front.feed, &status);
	if (run_model_apply(&plain->model, event, &err) != 0)
		say(plain, "belay: %s", err.msg);
	else if (status.replay || event->seq > status.last_seq) /* what earlier starts of the run told was shown then */
		show(plain, event);
}

static void notify(struct plain *plain)
{
	struct buf trouble = { 0 };
	if (!plain->notify)
		return;
	notify_look(plain->notify, &plain->model, clock_mono_ms() - plain->start_ms);
	if (notify_take_trouble(plain->notify, &trouble))
		say(plain, "belay: %s", buf_str(&trouble));
	buf_release(&trouble);
}

int plain_run(struct feed *feed, const struct plain_options *options)
{
	struct plain plain = {
		.front = { .feed = feed,
			   .signal_fd = options->signal_fd,
			   .line_fd = options->interactive ? options->in_fd : -1 },
		.options = options,
	};
	const struct event *event;
	enum feed_got got;
	plain.output = (struct plain_lines){ .line = say_output, .arg = &plain };
	run_model_init(&plain.model);
	plain.start_ms = clock_mono_ms();
	if (options->notify && !options->replay)
		plain.notify = notify_new(options->notify, isatty(options->err_fd) ? options->err_fd : -1);
	while (!plain.front.gave_up && (got = feed->ops->next(feed, &event)) != FEED_END) {
		if (got == FEED_EVENT) {
			take_event(&plain, event);
		} else if (got == FEED_RESET) {
			run_model_release(&plain.model);
			run_model_init(&plain.model);
		} else {
			ask(&plain);
			notify(&plain);
			front_wait(&plain.front);
			take_lines(&plain);
		}
	}
	int code = front_exit(&plain.front, plain.model.finished ? plain.model.exit_code : -1);
	summary(&plain, code);
	notify(&plain);
	notify_free(plain.notify);
	front_release(&plain.front);
	plain_lines_release(&plain.output);
	free(plain.asked);
	run_model_release(&plain.model);
	return code;
}
