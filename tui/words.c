#include "tui/words.h"

#include "tui/transcript.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void words_time(int64_t ms, char out[WORDS_TIME_SIZE])
{
	int64_t s = ms < 0 ? 0 : ms / 1000;
	if (s >= 3600)
		snprintf(out, WORDS_TIME_SIZE, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(out, WORDS_TIME_SIZE, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

void words_number(struct buf *out, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRId64, n);
	for (int i = 0; i < len; i++) {
		if (i && digits[0] != '-' && (len - i) % 3 == 0)
			buf_add_char(out, ' ');
		buf_add_char(out, digits[i]);
	}
}

const char *words_state(enum step_state state)
{
	static const char *const names[STEP_N_STATES] = {
		[STEP_PENDING] = "queued",     [STEP_READY] = "ready",     [STEP_RUNNING] = "running",
		[STEP_WAITING] = "waiting",    [STEP_LANDED] = "checking", [STEP_DONE] = "done",
		[STEP_FAILED] = "failed",      [STEP_SKIPPED] = "skipped", [STEP_DECLINED] = "declined",
		[STEP_CANCELLED] = "stopped",  [STEP_TAKEN_BACK] = "undone",
	};
	return names[state];
}

const char *words_base(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	return slash ? slash + 1 : path ? path : "";
}

void words_busy(const struct view *view, struct buf *out)
{
	size_t busy = view->model->n_in_state[STEP_RUNNING] + view->model->n_in_state[STEP_LANDED];
	buf_printf(out, "w %zu", busy);
	if (view->n_workers > 0)
		buf_printf(out, "/%" PRId64, view->n_workers);
	buf_add_str(out, " busy");
}

static const char *phase_words(const char *phase)
{
	if (strcmp(phase, "waiting") == 0)
		return "waiting for first byte";
	if (strcmp(phase, "prefill") == 0)
		return "the server reads the prompt";
	return phase;
}

void words_phase(const struct view *view, const struct model_step *step, struct buf *out)
{
	if (step->retry_at_ms > view->now_ms) {
		buf_printf(out, "tries again in %" PRId64 " s", (step->retry_at_ms - view->now_ms + 999) / 1000);
	} else if (*step->phase) {
		int64_t s = view->now_ms > step->phase_ms ? (view->now_ms - step->phase_ms) / 1000 : 0;
		buf_printf(out, "%s %" PRId64 " s", phase_words(step->phase), s);
		if (step->phase_limit_ms > 0)
			buf_printf(out, " / %" PRId64 " s", step->phase_limit_ms / 1000);
	} else {
		return;
	}
	if (step->phase_try > 1)
		buf_printf(out, ", try %" PRId64 "/%" PRId64, step->phase_try, step->phase_tries);
}

/* "after 4,5": what it waits for and is not done yet. */
static void words_needs(const struct view *view, const struct model_step *step, struct buf *out)
{
	size_t n = 0;
	for (size_t i = 0; i < step->needs.n_items; i++) {
		const char *id = step->needs.item[i];
		const struct model_step *need = run_model_step(view->model, id);
		if (need && need->state == STEP_DONE)
			continue;
		buf_add_str(out, n++ ? "," : "after ");
		if (need)
			buf_printf(out, "%zu", view_number(view, need));
		else
			buf_add_str(out, id);
	}
}

static void words_lines(const struct model_step *step, bool wide, struct buf *out)
{
	size_t at = out->len;
	if (step->added || step->removed)
		buf_printf(out, "+%" PRId64 " -%" PRId64, step->added, step->removed);
	if (wide && step->n_files) {
		while (out->len - at < 10)
			buf_add_char(out, ' ');
		buf_printf(out, "%zu file%s", step->n_files, step->n_files == 1 ? "" : "s");
	} else if (wide && step->n_reads) {
		buf_printf(out, "%" PRId64 " file%s read", step->n_reads, step->n_reads == 1 ? "" : "s");
	}
}

static void words_running(const struct view *view, const struct model_step *step, bool wide, struct buf *out)
{
	const struct transcript *transcript = view_transcript(view, step->id);
	int64_t rate = transcript ? transcript_rate(transcript) : 0;
	int slot = view_slot(view, step->id);
	size_t at = out->len;
	words_lines(step, false, out);
	if (!wide)
		return;
	if (out->len > at)
		buf_add_str(out, "  ");
	if (slot)
		buf_printf(out, "w%d  ", slot);
	if (rate && strcmp(step->phase, "streaming") == 0)
		buf_printf(out, "~%" PRId64 " tok/s", rate);
	else
		words_phase(view, step, out);
}

static void words_failure(const struct model_step *step, bool wide, struct buf *out)
{
	for (size_t i = 0; i < step->n_checks; i++) {
		if (step->check[i].finished && step->check[i].exit_code != 0) {
			buf_printf(out, "%s exit %" PRId64, step->check[i].name, step->check[i].exit_code);
			break;
		}
	}
	if (!out->len)
		buf_add_str(out, step->category);
	if (wide)
		buf_add_str(out, "  r retry");
}

static void words_question(const struct model_step *step, bool wide, struct buf *out)
{
	buf_add_str(out, "question");
	if (wide && step->approval.what)
		buf_printf(out, ": %s", step->approval.what);
}

void words_detail(const struct view *view, const struct model_step *step, bool wide, struct buf *out)
{
	switch (step->state) {
	case STEP_PENDING: words_needs(view, step, out); break;
	case STEP_RUNNING:
	case STEP_LANDED: words_running(view, step, wide, out); break;
	case STEP_WAITING:
		if (strcmp(step->verb, "ask") == 0) {
			words_question(step, wide, out);
			break;
		}
		buf_add_str(out, "approval ");
		for (const char *c = step->approval.risk ? step->approval.risk : ""; *c; c++)
			buf_add_char(out, (char)toupper((unsigned char)*c));
		if (wide && step->approval.what)
			buf_printf(out, ": %s", step->approval.what);
		break;
	case STEP_FAILED: words_failure(step, wide && !view->replay, out); break;
	case STEP_SKIPPED:
	case STEP_DECLINED:
	case STEP_CANCELLED: buf_add_str(out, step->reason); break;
	default: words_lines(step, wide, out); break;
	}
}
