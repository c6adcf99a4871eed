#include "io/journal_feed.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "io/feed_now.h"
#include "io/journal_index.h"
#include "io/journal_seek.h"
#include "io/journal_watch.h"
#include "io/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SQUEEZED_MS 2000
#define SPEED_MIN 125
#define SPEED_MAX 64000
#define TICK_MS 1000

struct journal_feed {
	struct feed feed; /* first: the public face */
	int64_t (*mono_ms)(void);
	char *dir;        /* owned: the run's folder */
	char *file;       /* owned: the journal */
	struct journal_reader *reader;
	struct journal_index index;
	struct journal_seek weighed;
	struct journal_watch *watch; /* of a run that is followed, or NULL */
	const struct bookmark_file *bookmarks; /* or NULL */

	size_t given;      /* entries given or passed over: the play head stands behind them */
	size_t target;     /* entries up to here are given without waiting */
	bool reset;        /* FEED_RESET comes first */
	bool rush;
	bool at_edge;      /* followed: what comes is shown as it comes */
	bool has_writer;
	bool playing, squeeze;
	int64_t speed;     /* thousandths */
	int64_t progress_us; /* run time since the last entry, at anchor_ms */
	int64_t anchor_ms; /* monotonic */
	struct event_line current, peeked;
	struct err trouble; /* of a command */
	struct store *store; /* opened at the first blob() */
};

static struct journal_feed *self_of(struct feed *feed)
{
	return (struct journal_feed *)(void *)feed;
}

static void index_to(struct journal_feed *self, size_t n)
{
	journal_index_to(&self->index, self->reader, n);
}

/* A followed journal may have grown, or its writer may be gone: that first, for what it wrote last counts. */
static void look_for_more(struct journal_feed *self)
{
	if (!self->watch)
		return;
	self->has_writer = journal_watch_has_writer(self->watch);
	if (!journal_watch_take(self->watch) && self->has_writer)
		return;
	if (self->index.corrupt)
		return;
	if (journal_reader_refresh(self->reader, &self->index.why) != 0)
		journal_index_cut(&self->index, self->index.n_entries);
	else
		self->index.complete = false;
}

static bool has_finished(const struct journal_feed *self)
{
	const struct journal_index *index = &self->index;
	return index->complete && index->n_entries && index->entry[index->n_entries - 1].kind == EVENT_RUN_FINISHED;
}

/* ---- the clock ---- */

static int64_t progress_us(const struct journal_feed *self)
{
	if (!self->playing)
		return self->progress_us;
	return self->progress_us + (self->mono_ms() - self->anchor_ms) * self->speed;
}

static void set_clock(struct journal_feed *self, int64_t progress, bool playing)
{
	self->progress_us = progress > 0 ? progress : 0;
	self->anchor_ms = self->mono_ms();
	self->playing = playing;
}

/* Run time between the last entry given and the next. */
static int64_t gap_us(const struct journal_feed *self)
{
	if (!self->given || self->given >= self->index.n_entries)
		return 0;
	int64_t ms = self->index.entry[self->given].at_ms - self->index.entry[self->given - 1].at_ms;
	return 1000 * (self->squeeze && ms > SQUEEZED_MS ? SQUEEZED_MS : ms);
}

/* ---- giving ---- */

/* A line that does not decode ends what is shown. */
static bool give(struct journal_feed *self, const struct event **event)
{
	size_t at = self->given;
	const struct feed_entry *entry = &self->index.entry[at];
	if (journal_reader_at(self->reader, entry->offset, &self->current, &self->index.why) != 0) {
		journal_index_cut(&self->index, at);
		return false;
	}
	self->current.event.left_out = journal_seek_take_left_out(&self->weighed, entry);
	self->given++;
	*event = &self->current.event;
	return true;
}

static bool give_up_to(struct journal_feed *self, size_t end, const struct event **event)
{
	while (self->given < end && self->given < self->index.n_entries) {
		const struct feed_entry *entry = &self->index.entry[self->given];
		if (entry->kind >= 0 && !journal_seek_leaves_out(&self->weighed, entry, self->given))
			return give(self, event);
		self->given++;
	}
	return false;
}

static bool give_when_due(struct journal_feed *self, const struct event **event)
{
	if (self->given == self->index.n_entries)
		index_to(self, self->given + 1);
	if (self->given >= self->index.n_entries) {
		self->at_edge = self->watch != NULL;
		set_clock(self, 0, self->at_edge);
		return false;
	}
	int64_t progress = progress_us(self);
	int64_t gap = gap_us(self);
	if (progress < gap)
		return false;
	set_clock(self, progress - gap, true);
	return give_up_to(self, self->given + 1, event);
}

static enum feed_got rush(struct journal_feed *self, const struct event **event)
{
	do {
		index_to(self, self->given + 1);
		if (give_up_to(self, self->index.n_entries, event))
			return FEED_EVENT;
	} while (!self->index.complete);
	bool goes_on = self->has_writer && !self->index.corrupt && !has_finished(self);
	return goes_on ? FEED_NONE : FEED_END;
}

static enum feed_got replay_next(struct feed *feed, const struct event **event)
{
	struct journal_feed *self = self_of(feed);
	event_line_release(&self->current);
	look_for_more(self);
	if (self->reset) {
		self->reset = false;
		self->given = 0;
		return FEED_RESET;
	}
	if (give_up_to(self, self->target, event))
		return FEED_EVENT;
	journal_seek_end(&self->weighed);
	if (self->rush)
		return rush(self, event);
	if (self->at_edge) {
		index_to(self, SIZE_MAX);
		self->target = self->index.n_entries;
		return give_up_to(self, self->target, event) ? FEED_EVENT : FEED_NONE;
	}
	if (self->playing && give_when_due(self, event))
		return FEED_EVENT;
	journal_index_slice(&self->index, self->reader);
	return FEED_NONE;
}

/* At the edge the clock goes on while the run does. */
static int64_t replay_due_ms(struct feed *feed)
{
	const struct journal_feed *self = self_of(feed);
	if (self->rush)
		return self->has_writer ? -1 : 0;
	if (self->reset || !self->index.complete || self->given < self->target)
		return 0;
	if (self->at_edge)
		return self->has_writer && !has_finished(self) ? TICK_MS : -1;
	if (!self->playing)
		return -1;
	int64_t left = gap_us(self) - progress_us(self);
	return left > 0 ? (left + self->speed - 1) / self->speed : 0;
}

static int replay_wake_fd(struct feed *feed)
{
	const struct journal_feed *self = self_of(feed);
	return self->watch ? journal_watch_fd(self->watch) : -1;
}

/* ---- seeking ---- */

/* Where the play head stands, or is on its way to. */
static size_t head_of(const struct journal_feed *self)
{
	return self->reset || self->given < self->target ? self->target : self->given;
}

static void seek(struct journal_feed *self, size_t to, int64_t progress)
{
	index_to(self, to);
	if (to > self->index.n_entries)
		to = self->index.n_entries;
	if (to < 1 && self->index.n_entries)
		to = 1; /* the start of the run is always there */
	if (to < self->given)
		self->reset = true;
	self->at_edge = false;
	self->target = to;
	journal_seek_weigh(&self->weighed, &self->index, self->reset ? 0 : self->given, to);
	set_clock(self, progress, self->playing);
}

static void seek_time(struct journal_feed *self, int64_t ms_since_start)
{
	index_to(self, SIZE_MAX);
	if (!self->index.n_entries)
		return;
	int64_t wanted = self->index.entry[0].at_ms + (ms_since_start > 0 ? ms_since_start : 0);
	size_t low = 0;
	size_t high = self->index.n_entries;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (self->index.entry[middle].at_ms <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	int64_t over = low < self->index.n_entries && low > 0 ? wanted - self->index.entry[low - 1].at_ms : 0;
	seek(self, low, 1000 * (self->squeeze && over > SQUEEZED_MS ? SQUEEZED_MS : over));
}

/* Nothing further on: the end; nothing before: the start. */
static void seek_mark(struct journal_feed *self, bool back, enum feed_mark_kind kind)
{
	index_to(self, SIZE_MAX);
	uint64_t to = journal_index_mark(&self->index, head_of(self), back, kind);
	if (!to && kind != FEED_MARK_N) {
		err_set(&self->trouble, ERR_NOT_FOUND, "there is no failure %s here", back ? "before" : "after");
		return;
	}
	seek(self, to ? (size_t)to : back ? 1 : self->index.n_entries, 0);
}

static int64_t now_ms(const struct journal_feed *self)
{
	size_t head = head_of(self);
	if (!head || head > self->index.n_entries)
		return self->index.n_entries ? self->index.entry[0].at_ms : 0;
	int64_t at = self->index.entry[head - 1].at_ms;
	if (self->at_edge && self->has_writer && !has_finished(self)) {
		int64_t wall = clock_wall_ms();
		return wall > at ? wall : at;
	}
	int64_t next = head < self->index.n_entries ? self->index.entry[head].at_ms : at;
	int64_t now = at + progress_us(self) / 1000;
	return now < next ? now : next;
}

static int64_t start_ms(const struct journal_feed *self)
{
	return self->index.n_entries ? self->index.entry[0].at_ms : 0;
}

static void play_or_pause(struct journal_feed *self)
{
	bool at_end = self->index.complete && head_of(self) >= self->index.n_entries;
	if (!self->playing && at_end && !self->watch)
		seek(self, 0, 0);
	set_clock(self, progress_us(self), !self->playing);
	self->at_edge = self->watch && self->playing && at_end;
}

/* The end of a journal that is followed is where it grows. */
static void seek_percent(struct journal_feed *self, int64_t percent)
{
	index_to(self, SIZE_MAX);
	seek_time(self, (self->index.end_ms - start_ms(self)) * percent / 100);
	if (percent == 100 && self->watch) {
		set_clock(self, 0, true);
		self->at_edge = true;
	}
}

/* The run's side file is written first: a bookmark that is shown is kept. */
static void bookmark(struct journal_feed *self)
{
	uint64_t seq = head_of(self);
	if (!self->bookmarks) {
		err_set(&self->trouble, ERR_UNSUPPORTED, "there is no file for bookmarks here");
		return;
	}
	if (!seq)
		return;
	bool set = journal_index_bookmark(&self->index, seq);
	if (self->bookmarks->save(self->bookmarks->arg, seq, set, &self->trouble) != 0)
		journal_index_bookmark(&self->index, seq);
}

static void step_events(struct journal_feed *self, int64_t number)
{
	int64_t to = (int64_t)head_of(self) + number;
	set_clock(self, 0, false);
	seek(self, to > 0 ? (size_t)to : 0, 0);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* What would change a run changes nothing here. */
static void replay_send(struct feed *feed, const struct command *command)
{
	struct journal_feed *self = self_of(feed);
	err_clear(&self->trouble);
	switch (command->kind) {
	case COMMAND_PLAY:
		play_or_pause(self);
		break;
	case COMMAND_STEP_EVENT:
		step_events(self, clamp(command->number, -1000000000, 1000000000));
		break;
	case COMMAND_STEP_MARK:
		seek_mark(self, command->number < 0, FEED_MARK_N);
		break;
	case COMMAND_STEP_FAILURE:
		seek_mark(self, command->number < 0, FEED_MARK_FAILURE);
		break;
	case COMMAND_BOOKMARK:
		bookmark(self);
		break;
	case COMMAND_SEEK_MS:
		seek_time(self, now_ms(self) - start_ms(self) + clamp(command->number, -INT32_MAX, INT32_MAX));
		break;
	case COMMAND_SEEK_TO_MS:
		seek_time(self, clamp(command->number, 0, INT64_MAX / 2000));
		break;
	case COMMAND_SEEK_SEQ:
		set_clock(self, 0, false);
		seek(self, (size_t)clamp(command->number, 0, INT64_MAX), 0);
		break;
	case COMMAND_SEEK_PERCENT:
		seek_percent(self, clamp(command->number, 0, 100));
		break;
	case COMMAND_SPEED:
		set_clock(self, progress_us(self), self->playing);
		self->speed = clamp(command->number, SPEED_MIN, SPEED_MAX);
		break;
	case COMMAND_SQUEEZE:
		self->squeeze = !self->squeeze;
		break;
	default:
		break;
	}
}

static void replay_status(struct feed *feed, struct feed_status *out)
{
	const struct journal_feed *self = self_of(feed);
	*out = (struct feed_status){
		.replay = true,
		.playing = self->playing,
		.squeeze = self->squeeze,
		.corrupt = self->index.corrupt,
		.live = self->has_writer && !has_finished(self),
		.at_edge = self->at_edge,
		.trouble = self->trouble.code ? self->trouble.msg : self->index.corrupt ? self->index.why.msg : NULL,
		.speed = self->speed,
		.seq = head_of(self),
		.last_seq = self->index.last_seq,
		.start_ms = start_ms(self),
		.now_ms = now_ms(self),
		.end_ms = self->index.end_ms,
		.mark = self->index.mark,
		.n_marks = self->index.n_marks,
		.entry = self->index.entry,
		.n_entries = self->index.n_entries,
		.step = &self->index.step,
	};
}

static int replay_blob(struct feed *feed, const char *sha256, struct buf *out, struct err *err)
{
	struct journal_feed *self = self_of(feed);
	struct hash hash;
	if (hash_parse(sha256, &hash) != 0)
		return err_set(err, ERR_NOT_FOUND, "'%.70s' is no SHA-256", sha256);
	if (!self->store && store_open_read_only(&self->store, self->dir, err) != 0)
		return -1;
	return store_get(self->store, &hash, out, err);
}

static int replay_peek(struct feed *feed, size_t entry, const struct event **event, struct err *err)
{
	struct journal_feed *self = self_of(feed);
	event_line_release(&self->peeked);
	if (entry >= self->index.n_entries || self->index.entry[entry].kind < 0)
		return err_set(err, ERR_NOT_FOUND, "there is no event %zu", entry + 1);
	*event = &self->peeked.event;
	return journal_reader_at(self->reader, self->index.entry[entry].offset, &self->peeked, err);
}

/* Beneath the root that the run's first event names. */
static int replay_now(struct feed *feed, const char *path, struct feed_file *out, struct err *err)
{
	const struct event *event;
	*out = (struct feed_file){ 0 };
	if (replay_peek(feed, 0, &event, err) != 0 || !event->root)
		return err_set(err, ERR_NOT_FOUND, "the journal does not say where the work tree is");
	return feed_now(event->root, path, out, err);
}

static void replay_free(struct feed *feed)
{
	struct journal_feed *self = self_of(feed);
	event_line_release(&self->current);
	event_line_release(&self->peeked);
	journal_reader_close(self->reader);
	journal_watch_close(self->watch);
	journal_index_release(&self->index);
	journal_seek_release(&self->weighed);
	store_close(self->store);
	free(self->dir);
	free(self->file);
	free(self);
}

static const struct feed_ops replay_ops = {
	.next = replay_next,
	.due_ms = replay_due_ms,
	.wake_fd = replay_wake_fd,
	.send = replay_send,
	.blob = replay_blob,
	.status = replay_status,
	.free = replay_free,
	.peek = replay_peek,
	.now = replay_now,
};

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The journal of a run's folder, or the file itself and the folder that it lies in. */
static char *find_journal(const char *path, char **dir)
{
	if (is_folder(path)) {
		*dir = xstrdup(path);
		return xasprintf("%s/journal.jsonl", path);
	}
	const char *slash = strrchr(path, '/');
	*dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	return xstrdup(path);
}

int journal_feed_new(struct feed **out, const char *path, int64_t (*mono_ms)(void), struct err *err)
{
	struct journal_feed *self = xcalloc(1, sizeof *self);
	struct event_line last;
	self->feed.ops = &replay_ops;
	self->mono_ms = mono_ms ? mono_ms : clock_mono_ms;
	self->speed = 1000;
	journal_index_init(&self->index);
	self->file = find_journal(path, &self->dir);
	int rc = journal_reader_open(&self->reader, self->file, err);
	if (rc == 0)
		rc = journal_reader_last(self->reader, &last, err) < 0 ? -1 : 0;
	if (rc != 0) {
		replay_free(&self->feed);
		return -1;
	}
	self->index.last_seq = last.event.seq;
	self->index.end_ms = last.event.at_ms;
	event_line_release(&last);
	set_clock(self, 0, true);
	journal_index_slice(&self->index, self->reader);
	if (!self->index.n_entries) {
		rc = -1;
		if (self->index.corrupt && is_folder(path) && err)
			*err = self->index.why;
		else
			err_set(err, ERR_USAGE, "'%s' holds no journal of a run", path);
		replay_free(&self->feed);
		return rc;
	}
	*out = &self->feed;
	return 0;
}

void journal_feed_rush(struct feed *feed)
{
	self_of(feed)->rush = true;
}

int journal_feed_follow(struct feed *feed, struct err *err)
{
	struct journal_feed *self = self_of(feed);
	struct command end = { .kind = COMMAND_SEEK_PERCENT, .number = 100 };
	if (journal_watch_open(&self->watch, self->dir, self->file, err) != 0)
		return -1;
	look_for_more(self);
	if (!self->rush)
		feed->ops->send(feed, &end);
	return 0;
}

void journal_feed_bookmarks(struct feed *feed, const struct bookmark_file *bookmarks)
{
	struct journal_feed *self = self_of(feed);
	self->bookmarks = bookmarks;
	for (size_t i = 0; i < bookmarks->n_seqs; i++) {
		index_to(self, (size_t)bookmarks->seq[i]);
		journal_index_bookmark(&self->index, bookmarks->seq[i]);
	}
}
