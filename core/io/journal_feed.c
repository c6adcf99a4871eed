#include "io/journal_feed.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/journal_read.h"
#include "io/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SLICE 4096                     /* lines that are indexed between two looks at the clock */
#define SQUEEZED_MS 2000
#define FAR 1000                       /* a seek over more events than this leaves out what was replaced */
/* Of outputs, in bytes of lines: */
#define KEPT_OF_ANSWER (32 * 1024 * 1024) /* the model keeps no more */
#define KEPT_OF_COMMAND (1024 * 1024)
#define KEPT_WHEN_OVER (64 * 1024)        /* of a step that is over */
#define KEPT_IN_ALL (1024 * 1024)         /* of all steps that are over */
#define SPEED_MIN 125
#define SPEED_MAX 64000

/* One line of the journal; its event's number is its index + 1. */
struct entry {
	size_t offset;
	int64_t at_ms; /* never less than the one before: clocks may be set back */
	uint32_t size;
	uint32_t step; /* index into journal_feed.step */
	int16_t kind;  /* enum event_kind, or -1: passed over */
	bool from_model;
};

/* From which entry on a step's events of a kind matter, for the seek under way. */
struct step_need {
	size_t output_from, phase_from;
	size_t output_bytes; /* found so far, from the end */
	bool is_over;
	bool is_full;        /* output_from is as early as it may be */
};

struct journal_feed {
	struct feed feed; /* first: the public face */
	int64_t (*mono_ms)(void);
	char *dir;        /* owned: the run's folder */
	struct journal_reader *reader;
	struct entry *entry;
	size_t n_entries, cap_entries;
	struct feed_mark *mark; /* owned; of the lines that are indexed */
	size_t n_marks, cap_marks;
	struct map step_index; /* id -> index + 1 */
	struct step_need *need; /* one for each step, and one for events without */
	size_t n_steps, cap_needs;
	bool complete;     /* all lines are indexed */
	bool corrupt;
	struct err why;    /* it is corrupt */
	int64_t end_ms;
	uint64_t last_seq;

	size_t given;      /* entries given or passed over: the play head stands behind them */
	size_t target;     /* entries up to here are given without waiting */
	bool thin;         /* on the way to the target, replaced output is left out */
	bool reset;        /* FEED_RESET comes first */
	bool rush;
	bool playing, squeeze;
	int64_t speed;     /* thousandths */
	int64_t progress_us; /* run time since the last entry, at anchor_ms */
	int64_t anchor_ms; /* monotonic */
	struct event_line current;
	struct store *store; /* opened at the first blob() */
};

static struct journal_feed *self_of(struct feed *feed)
{
	return (struct journal_feed *)(void *)feed;
}

/* ---- the index ---- */

static uint32_t step_number(struct journal_feed *self, const char *step, size_t n)
{
	if (!step)
		return 0;
	char *id = xstrndup(step, n);
	size_t at = (size_t)(uintptr_t)map_get(&self->step_index, id);
	if (!at) {
		at = self->n_steps++;
		map_put(&self->step_index, id, (void *)(uintptr_t)at);
		self->need = vec_room(self->need, at, &self->cap_needs, sizeof *self->need);
	}
	free(id);
	return (uint32_t)at;
}

/* What is worth stopping at, and how the scrub line shows it; -1: it is nothing of that kind. */
static int mark_of(const struct entry *entry)
{
	switch (entry->kind) {
	case EVENT_STEP_STARTED:
	case EVENT_STEP_DONE:
	case EVENT_STEP_SKIPPED:
	case EVENT_TAKEN_BACK: return FEED_MARK_STEP;
	case EVENT_APPROVAL_ASKED:
	case EVENT_APPROVAL_REFUSED: return FEED_MARK_APPROVAL;
	case EVENT_STEP_FAILED:
	case EVENT_CONFLICT: return FEED_MARK_FAILURE;
	case EVENT_RUN_FINISHED: return FEED_MARK_END;
	default: return -1;
	}
}

static void note_mark(struct journal_feed *self, const struct entry *entry)
{
	int kind = mark_of(entry);
	if (kind < 0)
		return;
	self->mark = vec_room(self->mark, self->n_marks, &self->cap_marks, sizeof *self->mark);
	self->mark[self->n_marks++] =
		(struct feed_mark){ .kind = (enum feed_mark_kind)kind, .at_ms = entry->at_ms, .seq = self->n_entries };
}

static void end_index(struct journal_feed *self, bool corrupt)
{
	self->complete = true;
	self->corrupt = self->corrupt || corrupt;
	self->last_seq = self->n_entries;
	if (self->n_entries)
		self->end_ms = self->entry[self->n_entries - 1].at_ms;
}

static void index_slice(struct journal_feed *self)
{
	struct journal_skim skim;
	for (size_t i = 0; i < SLICE && !self->complete; i++) {
		int rc = journal_reader_skim(self->reader, &skim, &self->why);
		if (rc != 1) {
			end_index(self, rc < 0);
			return;
		}
		int64_t before = self->n_entries ? self->entry[self->n_entries - 1].at_ms : skim.at_ms;
		self->entry = vec_room(self->entry, self->n_entries, &self->cap_entries, sizeof *self->entry);
		self->entry[self->n_entries++] = (struct entry){
			.offset = skim.offset,
			.at_ms = skim.at_ms > before ? skim.at_ms : before,
			.size = (uint32_t)skim.size,
			.step = step_number(self, skim.step, skim.step_len),
			.kind = (int16_t)skim.kind,
			.from_model = skim.from_model,
		};
		note_mark(self, &self->entry[self->n_entries - 1]);
	}
}

static void index_to(struct journal_feed *self, size_t n)
{
	while (!self->complete && self->n_entries < n)
		index_slice(self);
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
	if (!self->given || self->given >= self->n_entries)
		return 0;
	int64_t ms = self->entry[self->given].at_ms - self->entry[self->given - 1].at_ms;
	return 1000 * (self->squeeze && ms > SQUEEZED_MS ? SQUEEZED_MS : ms);
}

/* ---- giving ---- */

static bool is_left_out(const struct journal_feed *self, size_t at)
{
	const struct entry *entry = &self->entry[at];
	const struct step_need *need = &self->need[entry->step];
	return (entry->kind == EVENT_OUTPUT && at < need->output_from) ||
	       (entry->kind == EVENT_PHASE_CHANGED && at < need->phase_from);
}

/* A line that does not decode ends what is shown. */
static bool give(struct journal_feed *self, const struct event **event)
{
	size_t at = self->given;
	if (journal_reader_at(self->reader, self->entry[at].offset, &self->current, &self->why) != 0) {
		self->n_entries = at;
		end_index(self, true);
		return false;
	}
	self->given++;
	*event = &self->current.event;
	return true;
}

static bool give_up_to(struct journal_feed *self, size_t end, bool thin, const struct event **event)
{
	while (self->given < end && self->given < self->n_entries) {
		if (self->entry[self->given].kind >= 0 && !(thin && is_left_out(self, self->given)))
			return give(self, event);
		self->given++;
	}
	return false;
}

static bool give_when_due(struct journal_feed *self, const struct event **event)
{
	if (self->given == self->n_entries)
		index_to(self, self->given + 1);
	if (self->given >= self->n_entries) {
		set_clock(self, 0, false);
		return false;
	}
	int64_t progress = progress_us(self);
	int64_t gap = gap_us(self);
	if (progress < gap)
		return false;
	set_clock(self, progress - gap, true);
	return give_up_to(self, self->given + 1, false, event);
}

static enum feed_got rush(struct journal_feed *self, const struct event **event)
{
	do {
		index_to(self, self->given + 1);
		if (give_up_to(self, self->n_entries, false, event))
			return FEED_EVENT;
	} while (!self->complete);
	return FEED_END;
}

static enum feed_got replay_next(struct feed *feed, const struct event **event)
{
	struct journal_feed *self = self_of(feed);
	event_line_release(&self->current);
	if (self->reset) {
		self->reset = false;
		self->given = 0;
		return FEED_RESET;
	}
	if (give_up_to(self, self->target, self->thin, event))
		return FEED_EVENT;
	self->thin = false;
	if (self->rush)
		return rush(self, event);
	if (self->playing && give_when_due(self, event))
		return FEED_EVENT;
	index_slice(self);
	return FEED_NONE;
}

static int64_t replay_due_ms(struct feed *feed)
{
	const struct journal_feed *self = self_of(feed);
	if (self->reset || self->rush || !self->complete || self->given < self->target)
		return 0;
	if (!self->playing)
		return -1;
	int64_t left = gap_us(self) - progress_us(self);
	return left > 0 ? (left + self->speed - 1) / self->speed : 0;
}

static int replay_wake_fd(struct feed *feed)
{
	(void)feed;
	return -1;
}

/* ---- seeking ---- */

/* Where the play head stands, or is on its way to. */
static size_t head_of(const struct journal_feed *self)
{
	return self->reset || self->given < self->target ? self->target : self->given;
}

static bool ends_a_step(int kind)
{
	return kind == EVENT_STEP_DONE || kind == EVENT_STEP_FAILED || kind == EVENT_STEP_SKIPPED ||
	       kind == EVENT_APPROVAL_REFUSED;
}

/* Goes back through the outputs of each step's last attempt until there is enough of them. */
static void weigh_outputs(struct journal_feed *self, size_t start, size_t end)
{
	size_t over_bytes = 0;
	for (size_t i = end; i > start; i--) {
		const struct entry *entry = &self->entry[i - 1];
		struct step_need *need = &self->need[entry->step];
		if (entry->kind != EVENT_OUTPUT || need->is_full || i - 1 < need->output_from)
			continue;
		size_t most = need->is_over ? KEPT_WHEN_OVER : entry->from_model ? KEPT_OF_ANSWER : KEPT_OF_COMMAND;
		need->output_bytes += entry->size;
		over_bytes += need->is_over ? entry->size : 0;
		need->is_full = need->output_bytes > most || (need->is_over && over_bytes > KEPT_IN_ALL);
		if (need->is_full)
			need->output_from = i;
	}
}

/* What the events from `start` to `end` leave of outputs and phases. */
static void weigh(struct journal_feed *self, size_t start, size_t end)
{
	memset(self->need, 0, self->n_steps * sizeof *self->need);
	for (size_t i = start; i < end; i++) {
		struct step_need *need = &self->need[self->entry[i].step];
		int kind = self->entry[i].kind;
		if (kind == EVENT_STEP_STARTED)
			*need = (struct step_need){ .output_from = i, .phase_from = i };
		else if (kind == EVENT_PHASE_CHANGED)
			need->phase_from = i;
		else if (ends_a_step(kind))
			need->is_over = true;
	}
	weigh_outputs(self, start, end);
}

static void seek(struct journal_feed *self, size_t to, int64_t progress)
{
	index_to(self, to);
	if (to > self->n_entries)
		to = self->n_entries;
	if (to < 1 && self->n_entries)
		to = 1; /* the start of the run is always there */
	if (to < self->given)
		self->reset = true;
	size_t start = self->reset ? 0 : self->given;
	self->target = to;
	self->thin = to - start > FAR;
	if (self->thin)
		weigh(self, start, to);
	set_clock(self, progress, self->playing);
}

static void seek_time(struct journal_feed *self, int64_t ms_since_start)
{
	index_to(self, SIZE_MAX);
	if (!self->n_entries)
		return;
	int64_t wanted = self->entry[0].at_ms + (ms_since_start > 0 ? ms_since_start : 0);
	size_t low = 0;
	size_t high = self->n_entries;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (self->entry[middle].at_ms <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	int64_t over = low < self->n_entries && low > 0 ? wanted - self->entry[low - 1].at_ms : 0;
	seek(self, low, 1000 * (self->squeeze && over > SQUEEZED_MS ? SQUEEZED_MS : over));
}

static void seek_mark(struct journal_feed *self, bool back)
{
	size_t at = head_of(self);
	index_to(self, SIZE_MAX);
	if (back) {
		for (at = at > 0 ? at - 1 : 0; at > 0 && mark_of(&self->entry[at - 1]) < 0;)
			at--;
	} else {
		while (at < self->n_entries && mark_of(&self->entry[at]) < 0)
			at++;
		at++;
	}
	seek(self, at, 0);
}

static int64_t now_ms(const struct journal_feed *self)
{
	size_t head = head_of(self);
	if (!head || head > self->n_entries)
		return self->n_entries ? self->entry[0].at_ms : 0;
	int64_t at = self->entry[head - 1].at_ms;
	int64_t next = head < self->n_entries ? self->entry[head].at_ms : at;
	int64_t now = at + progress_us(self) / 1000;
	return now < next ? now : next;
}

static int64_t start_ms(const struct journal_feed *self)
{
	return self->n_entries ? self->entry[0].at_ms : 0;
}

static void play_or_pause(struct journal_feed *self)
{
	bool at_end = self->complete && head_of(self) >= self->n_entries;
	if (!self->playing && at_end)
		seek(self, 0, 0);
	set_clock(self, progress_us(self), !self->playing);
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
	switch (command->kind) {
	case COMMAND_PLAY:
		play_or_pause(self);
		break;
	case COMMAND_STEP_EVENT:
		step_events(self, clamp(command->number, -1000000000, 1000000000));
		break;
	case COMMAND_STEP_MARK:
		seek_mark(self, command->number < 0);
		break;
	case COMMAND_SEEK_MS:
		seek_time(self, now_ms(self) - start_ms(self) + clamp(command->number, -INT32_MAX, INT32_MAX));
		break;
	case COMMAND_SEEK_TO_MS:
		seek_time(self, clamp(command->number, 0, INT64_MAX / 2000));
		break;
	case COMMAND_SEEK_SEQ:
		seek(self, (size_t)clamp(command->number, 0, INT64_MAX), 0);
		break;
	case COMMAND_SEEK_PERCENT:
		index_to(self, SIZE_MAX);
		seek_time(self, (self->end_ms - start_ms(self)) * clamp(command->number, 0, 100) / 100);
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
		.corrupt = self->corrupt,
		.speed = self->speed,
		.seq = head_of(self),
		.last_seq = self->last_seq,
		.start_ms = start_ms(self),
		.now_ms = now_ms(self),
		.end_ms = self->end_ms,
		.mark = self->mark,
		.n_marks = self->n_marks,
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

static void replay_free(struct feed *feed)
{
	struct journal_feed *self = self_of(feed);
	event_line_release(&self->current);
	journal_reader_close(self->reader);
	store_close(self->store);
	map_release(&self->step_index);
	free(self->need);
	free(self->entry);
	free(self->mark);
	free(self->dir);
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
	self->need = vec_room(NULL, 0, &self->cap_needs, sizeof *self->need);
	self->n_steps = 1;
	char *file = find_journal(path, &self->dir);
	int rc = journal_reader_open(&self->reader, file, err);
	free(file);
	if (rc == 0)
		rc = journal_reader_last(self->reader, &last, err) < 0 ? -1 : 0;
	if (rc != 0) {
		replay_free(&self->feed);
		return -1;
	}
	self->last_seq = last.event.seq;
	self->end_ms = last.event.at_ms;
	event_line_release(&last);
	set_clock(self, 0, true);
	index_slice(self);
	if (!self->n_entries) {
		rc = -1;
		if (self->corrupt && is_folder(path) && err)
			*err = self->why;
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
