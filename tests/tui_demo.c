/*
 * Plays the story of tui_story.c in the terminal, to be looked at: `tests/tui_demo [--replay] [SPEED]`. Commands are
 * answered as a run would answer them, in small.
 */
#include "tests/tui_story.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "tui/app.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct demo {
	struct feed feed; /* first */
	size_t at;
	size_t stop_at;   /* waits there for an answer */
	bool playing, replay;
	int64_t speed;    /* thousandths */
	int64_t base_ms;  /* monotonic, when the story began */
	int64_t played_ms;
	struct feed_mark mark[64];
	size_t n_marks;
	int64_t shift_ms;   /* added to the story's times: live, it happens now */
	struct event now;   /* the event given last */
	struct event extra; /* an answer that is not in the story */
	bool has_extra;
	uint64_t seq;
};

static int64_t story_ms(struct demo *demo)
{
	return demo->played_ms + (demo->playing ? (clock_mono_ms() - demo->base_ms) * demo->speed / 1000 : 0);
}

static enum feed_got demo_next(struct feed *feed, const struct event **event)
{
	struct demo *demo = (struct demo *)feed;
	if (demo->has_extra) {
		demo->has_extra = false;
		*event = &demo->extra;
		return FEED_EVENT;
	}
	if (demo->at >= demo->stop_at)
		return FEED_NONE;
	if (tui_story[demo->at].at_ms - STORY_START_MS > story_ms(demo))
		return FEED_NONE;
	demo->now = tui_story[demo->at++];
	demo->now.at_ms += demo->shift_ms;
	demo->seq = demo->now.seq;
	*event = &demo->now;
	return FEED_EVENT;
}

static int64_t demo_due(struct feed *feed)
{
	struct demo *demo = (struct demo *)feed;
	if (demo->has_extra)
		return 0;
	if (demo->at >= demo->stop_at || !demo->playing)
		return -1;
	int64_t left = (tui_story[demo->at].at_ms - STORY_START_MS - story_ms(demo)) * 1000 / demo->speed;
	return left < 0 ? 0 : demo->replay && left > 100 ? 100 : left;
}

static int demo_fd(struct feed *feed)
{
	(void)feed;
	return -1;
}

static void demo_send(struct feed *feed, const struct command *command)
{
	struct demo *demo = (struct demo *)feed;
	if (command->kind == COMMAND_REFUSE || command->kind == COMMAND_APPROVE)
		demo->stop_at = tui_story_n;
	if (command->kind == COMMAND_PLAY) {
		demo->played_ms = story_ms(demo);
		demo->base_ms = clock_mono_ms();
		demo->playing = !demo->playing;
	}
	if (command->kind == COMMAND_SPEED) {
		demo->played_ms = story_ms(demo);
		demo->base_ms = clock_mono_ms();
		demo->speed = command->number;
	}
	if (command->kind == COMMAND_STOP) {
		demo->extra = (struct event){ .kind = EVENT_RUN_FINISHED, .exit_code = 3, .seq = 1000 + demo->seq,
					      .at_ms = STORY_START_MS + story_ms(demo) + demo->shift_ms };
		demo->has_extra = true;
	}
}

static int demo_blob(struct feed *feed, const char *sha256, struct buf *out, struct err *err)
{
	(void)feed;
	const char *text = tui_story_blob(sha256);
	return *text ? buf_add_str(out, text) : err_set(err, ERR_NOT_FOUND, "there is no '%s'", sha256);
}

static void demo_status(struct feed *feed, struct feed_status *out)
{
	struct demo *demo = (struct demo *)feed;
	int64_t end = tui_story[tui_story_n - 1].at_ms;
	int64_t now = STORY_START_MS + story_ms(demo);
	*out = (struct feed_status){ .replay = demo->replay, .playing = demo->playing, .speed = demo->speed,
				     .seq = demo->seq, .last_seq = tui_story[tui_story_n - 1].seq,
				     .start_ms = STORY_START_MS, .now_ms = now < end ? now : end, .end_ms = end,
				     .mark = demo->mark, .n_marks = demo->n_marks };
}

static void demo_free(struct feed *feed)
{
	(void)feed;
}

static void add_marks(struct demo *demo)
{
	for (size_t i = 0; i < tui_story_n; i++) {
		const struct event *event = &tui_story[i];
		int kind = event->kind == EVENT_STEP_DONE        ? FEED_MARK_STEP
			   : event->kind == EVENT_APPROVAL_ASKED ? FEED_MARK_APPROVAL
			   : event->kind == EVENT_STEP_FAILED    ? FEED_MARK_FAILURE
			   : event->kind == EVENT_RUN_FINISHED   ? FEED_MARK_END
								 : -1;
		if (kind >= 0)
			demo->mark[demo->n_marks++] = (struct feed_mark){ (enum feed_mark_kind)kind, event->at_ms, event->seq };
	}
}

int main(int argc, char **argv)
{
	static const struct feed_ops ops = { demo_next, demo_due, demo_fd, demo_send, demo_blob, demo_status, demo_free, NULL, NULL };
	struct demo demo = { .feed = { &ops }, .playing = true, .speed = 1000, .base_ms = clock_mono_ms() };
	struct app_options options = { .in_fd = 0, .out_fd = 1, .signal_fd = -1, .n_workers = 4, .usd_limit = 2, .color = true,
				       .keys = getenv("DEMO_KEYS"), .dump_fd = 2 };
	struct err err;
	sigset_t signals;
	setlocale(LC_ALL, "");
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--replay") == 0)
			demo.replay = true;
		else if (strcmp(argv[i], "--ascii") == 0)
			options.ascii = true;
		else
			demo.speed = strtol(argv[i], NULL, 10) * 1000;
	}
	demo.stop_at = demo.replay ? tui_story_n : tui_story_at(STORY_ASKING);
	demo.shift_ms = demo.replay ? 0 : clock_wall_ms() - STORY_START_MS;
	add_marks(&demo);
	app_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	int code = app_run(&demo.feed, &options, &err);
	if (code == APP_NO_SCREEN)
		fprintf(stderr, "tui_demo: %s\n", err.msg);
	return code < 0 ? 2 : code;
}
