#include "tests/crash_world.h"

#include "base/clock.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/journal_read.h"
#include "tests/scratch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP "step"

enum what { ABSENT, FILE_TEXT, LINK };

struct side {
	enum what what;
	const char *text; /* or the link's target */
	mode_t mode;
};

struct entry {
	const char *path;
	struct side before, after;
};

#define NONE { ABSENT, NULL, 0 }
#define TEXT(text, mode) { FILE_TEXT, text, mode }
#define TO(target) { LINK, target, 0 }

/* Made, changed, removed. */
static const struct entry basic[] = {
	{ "gone.txt", TEXT("to be removed\n", 0644), NONE },
	{ "new/deep/made.txt", NONE, TEXT("made\n", 0) },
	{ "src/main.c", TEXT("int a;\n", 0644), TEXT("int b;\nint c;\n", 0644) },
};

/* What is easily lost: modes, links, line ends, names that are not UTF-8, empty files, NUL bytes. */
static const struct entry special[] = {
	{ "crlf.txt", TEXT("one\r\ntwo\r\n", 0644), TEXT("one\r\n2\r\n", 0644) },
	{ "empty", TEXT("", 0600), TEXT("no longer\n", 0600) },
	{ "filled", TEXT("x", 0640), TEXT("", 0640) },
	{ "latin-\xe9.txt", TEXT("caf\xe9\n", 0644), TEXT("th\xe9\n", 0644) },
	{ "link", TO("src/a"), TO("src/b") },
	{ "link-to-file", TO("elsewhere"), TEXT("a file now\n", 0644) },
	{ "file-to-link", TEXT("a link then\n", 0644), TO("filled") },
	{ "tool.sh", TEXT("#!/bin/sh\n", 0644), TEXT("#!/bin/sh\n", 0755) },
};

/* A file where a folder was, and a folder where a file was. */
static const struct entry turned[] = {
	{ "file", TEXT("a file\n", 0644), NONE },
	{ "file/inside/x", NONE, TEXT("below what was a file\n", 0644) },
	{ "folder", NONE, TEXT("a file now\n", 0644) },
	{ "folder/a/one", TEXT("one\n", 0644), NONE },
	{ "folder/two", TEXT("two\n", 0755), NONE },
};

/* Many files in few folders. */
static const struct entry many[] = {
	{ "a/1", TEXT("1\n", 0644), TEXT("I\n", 0644) }, { "a/2", TEXT("2\n", 0644), TEXT("II\n", 0644) },
	{ "a/3", TEXT("3\n", 0644), NONE },              { "b/4", NONE, TEXT("IV\n", 0) },
	{ "b/5", NONE, TEXT("V\n", 0) },                 { "b/c/6", NONE, TEXT("VI\n", 0) },
	{ "d/7", TEXT("7\n", 0600), NONE },              { "d/8", TEXT("8\n", 0644), TEXT("VIII\n", 0755) },
};

static const struct {
	const char *name;
	const struct entry *entry;
	size_t n_entries;
} shape_table[WORLD_N_SHAPES] = {
	{ "basic", basic, sizeof basic / sizeof *basic },
	{ "special", special, sizeof special / sizeof *special },
	{ "turned", turned, sizeof turned / sizeof *turned },
	{ "many", many, sizeof many / sizeof *many },
};

const char *world_shape_name(size_t shape)
{
	return shape_table[shape].name;
}

void world_make(const char *dir, size_t shape)
{
	char *tree = xasprintf("%s/tree", dir);
	scratch_mkdir(dir, "tree");
	scratch_mkdir(dir, "state");
	scratch_write(tree, "bystander", "nobody touches this\n");
	scratch_write(tree, "src/bystander", "nor this\n");
	scratch_mkdir(tree, "an-empty-folder");
	for (size_t i = 0; i < shape_table[shape].n_entries; i++) {
		const struct entry *entry = &shape_table[shape].entry[i];
		const struct side *before = &entry->before;
		if (before->what == LINK)
			scratch_link(tree, entry->path, before->text);
		else if (before->what == FILE_TEXT)
			scratch_write_bytes(tree, entry->path, before->text, strlen(before->text), before->mode);
	}
	free(tree);
}

static int record(void *arg, struct event *event, bool durable, struct err *err)
{
	struct world *world = arg;
	event->seq = journal_next_seq(world->journal);
	event->at_ms = clock_wall_ms();
	event->run = "0badc0de";
	if (journal_append(world->journal, event, err) != 0)
		return -1;
	return durable ? journal_sync(world->journal, err) : 0;
}

static uint64_t next_seq(void *arg)
{
	struct world *world = arg;
	return journal_next_seq(world->journal);
}

int world_open(struct world *world, const char *dir, bool plain, struct err *err)
{
	*world = (struct world){ .tree = xasprintf("%s/tree", dir), .state = xasprintf("%s/state", dir) };
	char *file = xasprintf("%s/journal.jsonl", world->state);
	int rc = root_open(&world->root, world->tree, err);
	if (rc == 0)
		rc = journal_open(&world->journal, file, err);
	if (rc == 0)
		rc = store_open(&world->store, world->state, err);
	world->root.plain_rename = plain;
	world->root.stepwise = world->root.stepwise || plain;
	world->lander = (struct lander){
		.root = &world->root, .store = world->store, .record = record, .next_seq = next_seq, .arg = world,
	};
	free(file);
	if (rc != 0)
		world_close(world);
	return rc;
}

void world_close(struct world *world)
{
	store_close(world->store);
	journal_close(world->journal);
	root_close(&world->root);
	free(world->tree);
	free(world->state);
	*world = (struct world){ 0 };
}

int world_set(const struct world *world, size_t shape, struct changeset *set, struct err *err)
{
	for (size_t i = 0; i < shape_table[shape].n_entries; i++) {
		const struct entry *entry = &shape_table[shape].entry[i];
		const struct side *after = &entry->after;
		struct change *change = changeset_add(set, entry->path);
		struct err ignored = { 0 };
		if (file_image(&world->root, entry->path, world->state, &change->before, &ignored) != 0 &&
		    ignored.code != ERR_UNSUPPORTED) { /* a folder that the step empties */
			*err = ignored;
			return -1;
		}
		if (after->what == LINK)
			image_set_link(&change->after, after->text);
		else if (after->what == FILE_TEXT)
			image_set_file(&change->after, after->text, strlen(after->text), after->mode);
	}
	return 0;
}

void (*world_is_ready)(void);

static void tell_ready(void)
{
	if (world_is_ready)
		world_is_ready();
}

static int act_land(struct world *world, size_t shape, struct err *err)
{
	struct changeset set = { 0 };
	int rc = world_set(world, shape, &set, err);
	tell_ready();
	if (rc == 0)
		rc = land_apply(&world->lander, STEP, 1, &set, err);
	changeset_release(&set);
	return rc;
}

/* The landed event of the step, which undo and redo work from. */
static struct event *find_landed(const struct world *world, struct err *err)
{
	struct journal_reader *reader;
	struct event_line line;
	struct event *found = NULL;
	int rc;
	char *file = xasprintf("%s/journal.jsonl", world->state);
	rc = journal_reader_open(&reader, file, err);
	free(file);
	if (rc != 0)
		return NULL;
	while ((rc = journal_reader_next(reader, &line, err)) == 1) {
		if (line.event.kind == EVENT_LANDED && line.event.step && !found)
			found = event_clone(&line.event);
		event_line_release(&line);
	}
	journal_reader_close(reader);
	if (!found && rc == 0)
		err_set(err, ERR_NOT_FOUND, "nothing has landed");
	return found;
}

static int act_take_back(struct world *world, bool redo, size_t *n_conflicts, struct err *err)
{
	struct land_plan plan = { 0 };
	struct strings steps = { 0 };
	struct event *landed = find_landed(world, err);
	const struct event *list[] = { landed };
	if (!landed)
		return -1;
	strings_add(&steps, STEP);
	tell_ready();
	const struct land_query query = { .landed = list, .n_landed = 1, .redo = redo };
	int rc = land_preview(&world->lander, &query, &plan, err);
	*n_conflicts = plan.n_conflicts;
	if (rc == 0)
		rc = land_take_back(&world->lander, world->store, &steps, &plan, redo, err);
	land_plan_release(&plan);
	strings_release(&steps);
	free(landed);
	return rc;
}

int world_act(struct world *world, const char *action, size_t shape, size_t *n_conflicts, struct err *err)
{
	*n_conflicts = 0;
	if (strcmp(action, "note") == 0) {
		struct event event = { .kind = EVENT_NOTICE, .category = "ok", .message = "noted" };
		tell_ready();
		return world->lander.record(world->lander.arg, &event, true, err);
	}
	if (strcmp(action, "land") == 0)
		return act_land(world, shape, err);
	if (strcmp(action, "undo") == 0 || strcmp(action, "redo") == 0)
		return act_take_back(world, *action == 'r', n_conflicts, err);
	return land_recover(&world->lander, world->state, n_conflicts, err);
}
