/* After a crash: the intents of a journal that have no end are taken back. */
#include "run/land_move.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "io/journal_read.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the journal says about its landings. */
struct story {
	struct event **open; /* intents without an end, oldest first; owned */
	size_t n_open, cap_open;
	struct event **landed; /* owned */
	size_t n_landed, cap_landed;
	int64_t last_ms;     /* of the last event, wall clock */
	struct event *last;  /* the intent that the very last event carried out: its temps may still lie about; or NULL */
};

static void story_release(struct story *story)
{
	for (size_t i = 0; i < story->n_open; i++)
		free(story->open[i]);
	free(story->open);
	for (size_t i = 0; i < story->n_landed; i++)
		free(story->landed[i]);
	free(story->landed);
	free(story->last);
	*story = (struct story){ 0 };
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* An end belongs to the newest open intent of the same step and attempt, or of the same list of steps. */
static bool belongs(const struct event *intent, const struct event *end)
{
	if (!same_text(intent->step, end->step) || intent->attempt != end->attempt ||
	    intent->step_list.n_items != end->step_list.n_items)
		return false;
	for (size_t i = 0; i < end->step_list.n_items; i++)
		if (strcmp(intent->step_list.item[i], end->step_list.item[i]) != 0)
			return false;
	return true;
}

static bool carries_out(const struct event *intent, const struct event *end)
{
	bool undo = intent->reason && strcmp(intent->reason, "undo") == 0;
	return end->kind == (undo ? EVENT_TAKEN_BACK : EVENT_LANDED);
}

static void take_end(struct story *story, const struct event *end)
{
	for (size_t i = story->n_open; i > 0; i--) {
		struct event *intent = story->open[i - 1];
		if (!belongs(intent, end))
			continue;
		memmove(&story->open[i - 1], &story->open[i], (story->n_open - i) * sizeof *story->open);
		story->n_open--;
		if (carries_out(intent, end))
			story->last = intent;
		else
			free(intent);
		return;
	}
}

static bool is_of(const struct event *end, const char *step)
{
	if (same_text(end->step, step) && step)
		return true;
	for (size_t i = 0; i < end->step_list.n_items; i++)
		if (same_text(end->step_list.item[i], step))
			return true;
	return false;
}

/* What has landed and was not taken back. */
static void take_landed(struct story *story, const struct event *end)
{
	size_t kept = 0;
	if (end->kind == EVENT_LANDED) {
		story->landed = vec_room(story->landed, story->n_landed, &story->cap_landed, sizeof *story->landed);
		story->landed[story->n_landed++] = event_clone(end);
		return;
	}
	for (size_t i = 0; i < story->n_landed; i++) {
		if (is_of(end, story->landed[i]->step))
			free(story->landed[i]);
		else
			story->landed[kept++] = story->landed[i];
	}
	story->n_landed = kept;
}

static void take_event(struct story *story, const struct event *event)
{
	story->last_ms = event->at_ms;
	if (event->kind == EVENT_NOTICE) /* as when something could not be cleaned up */
		return;
	free(story->last); /* whatever else follows proves that its landing was over */
	story->last = NULL;
	if (event->kind == EVENT_INTENT) {
		story->open = vec_room(story->open, story->n_open, &story->cap_open, sizeof *story->open);
		story->open[story->n_open++] = event_clone(event);
	} else if (event->kind == EVENT_LANDED || event->kind == EVENT_TAKEN_BACK) {
		take_end(story, event);
		take_landed(story, event);
	}
}

static int read_story(struct story *story, const char *run_dir, struct err *err)
{
	struct journal_reader *reader;
	struct event_line line;
	int rc;
	char *file = xasprintf("%s/journal.jsonl", run_dir);
	rc = journal_reader_open(&reader, file, err);
	free(file);
	if (rc != 0)
		return -1;
	while ((rc = journal_reader_next(reader, &line, err)) == 1) {
		take_event(story, &line.event);
		event_line_release(&line);
	}
	journal_reader_close(reader);
	return rc;
}

static int recover_one(struct lander *lander, const struct event *intent, bool open, size_t *n_conflicts,
                       struct err *err)
{
	struct changeset images = { 0 };
	struct strings steps = { 0 };
	struct landing landing = {
		.lander = lander, .step = intent->step, .attempt = intent->attempt, .n_conflicts = n_conflicts,
	};
	for (size_t i = 0; i < intent->step_list.n_items; i++)
		strings_add(&steps, intent->step_list.item[i]);
	landing.steps = steps.n_items ? &steps : NULL;
	landing.reason = intent->reason;
	int rc = landing_init_journaled(&landing, intent, &images, err);
	if (rc == 0)
		rc = open ? landing_give_up(&landing, err) : landing_clean(&landing, err);
	landing_release(&landing);
	changeset_release(&images);
	strings_release(&steps);
	return rc;
}

/* Large files that were being looked at. */
static void remove_spools(const char *run_dir)
{
	struct dirent *entry;
	DIR *dir = opendir(run_dir);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, "spool-", 6) == 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

int land_recover(struct lander *lander, const char *run_dir, size_t *n_conflicts, struct err *err)
{
	struct story story = { 0 };
	*n_conflicts = 0;
	int rc = read_story(&story, run_dir, err);
	if (rc == 0 && story.last)
		rc = recover_one(lander, story.last, false, n_conflicts, err);
	for (size_t i = story.n_open; rc == 0 && i > 0; i--)
		rc = recover_one(lander, story.open[i - 1], true, n_conflicts, err);
	const struct commands_story commands = {
		.landed = (const struct event *const *)story.landed, .n_landed = story.n_landed, .last_ms = story.last_ms,
	};
	if (rc == 0)
		rc = landing_recover_commands(lander, run_dir, &commands, n_conflicts, err);
	if (rc == 0)
		remove_spools(run_dir);
	story_release(&story);
	return rc;
}
