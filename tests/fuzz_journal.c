/*
 * The journal reader and all that reads through it: the codec, the skimming of heads, the fold, and a replay that is
 * played to the end and sought in. What two of them say about a line must agree.
 */
#include "base/buf.h"
#include "event/event_json.h"
#include "event/run_model.h"
#include "io/journal_feed.h"
#include "io/journal_skim.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                                              \
	do {                                                                                                    \
		if (!(what)) {                                                                                  \
			fprintf(stderr, "not so: %s\n", #what);                                                 \
			abort();                                                                                \
		}                                                                                               \
	} while (0)

/* What is read and written again reads the same. */
static void round_trip(const struct event *event)
{
	struct buf first = { 0 };
	struct buf second = { 0 };
	struct event_line again;
	event_write(&first, event, NULL);
	MUST(event_read(&again, first.data, first.len, NULL) == 0);
	event_write(&second, &again.event, NULL);
	MUST(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
	event_line_release(&again);
	buf_release(&first);
	buf_release(&second);
}

static void read_line(const char *line, size_t n, struct run_model *model)
{
	struct event_line decoded;
	struct journal_second second = { 0 };
	struct journal_skim skim;
	const char *prev;
	struct err err;
	int rc = event_read(&decoded, line, n, &err);
	if (rc == 0) {
		round_trip(&decoded.event);
		(void)!run_model_apply(model, &decoded.event, &err);
	}
	if (journal_skim_line(line, n, &second, &skim, &prev) && rc >= 0) {
		MUST(skim.seq == decoded.event.seq && skim.at_ms == decoded.event.at_ms);
		MUST(rc == 1 || skim.kind == (int)decoded.event.kind);
	}
	event_line_release(&decoded);
}

static void read_lines(const char *data, size_t size)
{
	struct run_model model;
	run_model_init(&model);
	for (const char *at = data, *end = data + size; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = stop ? (size_t)(stop - at) : (size_t)(end - at);
		read_line(at, n, &model);
		at += n + 1;
	}
	run_model_release(&model);
}

static size_t drain(struct feed *feed)
{
	const struct event *event;
	enum feed_got got;
	size_t n = 0;
	while ((got = feed->ops->next(feed, &event)) == FEED_EVENT || got == FEED_RESET)
		n += got == FEED_EVENT;
	return n;
}

static int64_t stopped_clock(void)
{
	return 0;
}

static void replay(const char *file)
{
	static const struct command there_and_back[] = { { .kind = COMMAND_SEEK_PERCENT, .number = 100 },
		                                         { .kind = COMMAND_STEP_MARK, .number = -1 },
		                                         { .kind = COMMAND_SEEK_SEQ, .number = 2 },
		                                         { .kind = COMMAND_SEEK_MS, .number = 1000 } };
	struct feed_status status;
	struct feed *feed;
	struct err err;
	if (journal_feed_new(&feed, file, stopped_clock, &err) != 0)
		return;
	for (size_t i = 0; i < sizeof there_and_back / sizeof *there_and_back; i++) {
		feed->ops->send(feed, &there_and_back[i]);
		drain(feed);
	}
	feed->ops->status(feed, &status);
	MUST(status.seq <= status.last_seq);
	feed->ops->free(feed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char file[64];
	read_lines((const char *)data, size);
	int fd = memfd_create("journal", MFD_CLOEXEC);
	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
	replay(file);
	close(fd);
	return 0;
}
