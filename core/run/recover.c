#include "run/recover.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "io/journal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the writer ---- */

int run_writer_record(struct run_writer *writer, struct event *event, bool durable, struct err *err)
{
	event->seq = journal_next_seq(writer->journal);
	event->at_ms = clock_wall_ms();
	event->run = writer->run;
	if (journal_append(writer->journal, event, err) != 0 || (durable && journal_sync(writer->journal, err) != 0))
		return -1;
	if (writer->tell)
		writer->tell(writer->arg, event);
	return 0;
}

static int record(void *arg, struct event *event, bool durable, struct err *err)
{
	return run_writer_record(arg, event, durable, err);
}

static uint64_t next_seq(void *arg)
{
	const struct run_writer *writer = arg;
	return journal_next_seq(writer->journal);
}

int run_writer_open(struct run_writer *writer, const char *root, const char *run, const char *dir, struct err *err)
{
	char *file = xasprintf("%s/journal.jsonl", dir);
	writer->run = xstrdup(run);
	writer->root = (struct root){ .fd = -1 };
	int rc = root_open(&writer->root, root, err);
	if (rc == 0)
		rc = journal_open(&writer->journal, file, err);
	if (rc == 0)
		rc = store_open(&writer->store, dir, err);
	free(file);
	writer->lander = (struct lander){ .root = &writer->root, .store = writer->store, .record = record,
		                          .next_seq = next_seq, .arg = writer };
	if (rc != 0)
		run_writer_close(writer);
	return rc;
}

void run_writer_close(struct run_writer *writer)
{
	store_close(writer->store);
	journal_close(writer->journal);
	root_close(&writer->root);
	free(writer->run);
	*writer = (struct run_writer){ .root = { .fd = -1 } };
}

/* ---- recovery ---- */

#define EXIT_INCOMPLETE 5 /* as in cli(1): something is left in the tree that was to be taken back */

/* A look at the last line tells. What cannot be read counts as open: recovery says what is wrong with it. */
static bool has_ended(const char *dir)
{
	struct journal_reader *reader;
	struct event_line last;
	struct err err;
	bool ended = false;
	char *file = xasprintf("%s/journal.jsonl", dir);
	if (journal_reader_open(&reader, file, &err) == 0) {
		ended = journal_reader_last(reader, &last, &err) == 1 && last.event.kind == EVENT_RUN_FINISHED &&
		        last.event.exit_code != EXIT_INCOMPLETE;
		event_line_release(&last);
		journal_reader_close(reader);
	}
	free(file);
	return ended;
}

/* Without a store the run had not come to its first change. */
static bool has_store(const char *dir)
{
	struct stat st;
	char *path = xasprintf("%s/store.git", dir);
	bool there = stat(path, &st) == 0;
	free(path);
	return there;
}

static int recover_run(const struct run_info *run, const char *root, size_t *n_conflicts, struct err *err)
{
	struct run_writer writer = { 0 };
	if (run_writer_open(&writer, root, run->id, run->dir, err) != 0)
		return err_prefix(err, "run '%s'", run->id);
	int rc = land_recover(&writer.lander, run->dir, n_conflicts, err);
	run_writer_close(&writer);
	return rc == 0 ? 0 : err_prefix(err, "run '%s'", run->id);
}

void recover_tree(const struct run_list *runs, const char *root, const char *except, struct recover_report *out)
{
	*out = (struct recover_report){ 0 };
	for (size_t i = 0; i < runs->n_runs; i++) { /* the newest first */
		const struct run_info *run = &runs->run[i];
		struct err err = { 0 };
		size_t n_conflicts = 0;
		if ((except && strcmp(run->id, except) == 0) || has_ended(run->dir) || !has_store(run->dir))
			continue;
		out->n_runs++;
		if (recover_run(run, root, &n_conflicts, &err) != 0)
			out->err = err;
		out->n_conflicts += n_conflicts;
	}
}
