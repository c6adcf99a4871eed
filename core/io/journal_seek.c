#include "io/journal_seek.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define FAR 1000 /* a seek over fewer events leaves out nothing */
/* Of outputs, in bytes of lines: */
#define KEPT_OF_ANSWER (32 * 1024 * 1024) /* the model keeps no more */
#define KEPT_OF_COMMAND (1024 * 1024)
#define KEPT_WHEN_OVER (64 * 1024)        /* of a step that is over */
#define KEPT_IN_ALL (1024 * 1024)         /* of all steps that are over */
/* Of the reads of files, in events: */
#define READS_KEPT 20000 /* of a step that runs: its live diff may need any of them */
#define READS_WHEN_OVER 4

static bool ends_a_step(int kind)
{
	return kind == EVENT_STEP_DONE || kind == EVENT_STEP_FAILED || kind == EVENT_STEP_SKIPPED ||
	       kind == EVENT_APPROVAL_REFUSED;
}

/* Goes back through the outputs of each step's last attempt until there is enough of them. */
static void weigh_output(struct seek_need *need, const struct feed_entry *entry, size_t i, size_t *over_bytes)
{
	if (need->is_full || i < need->output_from)
		return;
	size_t most = need->is_over ? KEPT_WHEN_OVER : entry->from_model ? KEPT_OF_ANSWER : KEPT_OF_COMMAND;
	need->output_bytes += entry->size;
	*over_bytes += need->is_over ? entry->size : 0;
	need->is_full = need->output_bytes > most || (need->is_over && *over_bytes > KEPT_IN_ALL);
	if (need->is_full)
		need->output_from = i + 1;
}

/* Also goes back; reads of an attempt that was replaced are nothing to the model. */
static void weigh_read(struct seek_need *need, size_t i)
{
	if (i < need->attempt_from)
		return;
	need->n_reads++;
	if (need->n_reads <= (need->is_over ? READS_WHEN_OVER : READS_KEPT))
		need->reads_from = i;
	else
		need->left_out++;
}

void journal_seek_weigh(struct journal_seek *seek, const struct journal_index *index, size_t start, size_t end)
{
	size_t over_bytes = 0;
	seek->start = seek->end = 0;
	if (end < start || end - start <= FAR)
		return;
	seek->start = start;
	seek->end = end;
	if (seek->cap_needs < index->step.n_items) {
		seek->cap_needs = index->step.n_items;
		seek->need = xrealloc(seek->need, seek->cap_needs * sizeof *seek->need);
	}
	memset(seek->need, 0, index->step.n_items * sizeof *seek->need);
	for (size_t i = start; i < end; i++) {
		struct seek_need *need = &seek->need[index->entry[i].step];
		int kind = index->entry[i].kind;
		if (kind == EVENT_STEP_STARTED)
			*need = (struct seek_need){ .output_from = i, .phase_from = i, .attempt_from = i };
		else if (kind == EVENT_PHASE_CHANGED)
			need->phase_from = i;
		else if (ends_a_step(kind))
			need->is_over = true;
	}
	for (size_t i = end; i-- > start;) {
		const struct feed_entry *entry = &index->entry[i];
		struct seek_need *need = &seek->need[entry->step];
		if (entry->kind == EVENT_OUTPUT)
			weigh_output(need, entry, i, &over_bytes);
		else if (entry->kind == EVENT_FILE_READ)
			weigh_read(need, i);
	}
}

void journal_seek_end(struct journal_seek *seek)
{
	seek->start = seek->end = 0;
}

void journal_seek_release(struct journal_seek *seek)
{
	free(seek->need);
	*seek = (struct journal_seek){ 0 };
}

bool journal_seek_leaves_out(const struct journal_seek *seek, const struct feed_entry *entry, size_t at)
{
	if (at < seek->start || at >= seek->end)
		return false;
	const struct seek_need *need = &seek->need[entry->step];
	return (entry->kind == EVENT_OUTPUT && at < need->output_from) ||
	       (entry->kind == EVENT_PHASE_CHANGED && at < need->phase_from) ||
	       (entry->kind == EVENT_FILE_READ && at < need->reads_from);
}

int64_t journal_seek_take_left_out(struct journal_seek *seek, const struct feed_entry *entry)
{
	if (seek->start == seek->end || entry->kind != EVENT_FILE_READ)
		return 0;
	int64_t n = seek->need[entry->step].left_out;
	seek->need[entry->step].left_out = 0;
	return n;
}
