#include "io/journal_index.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define SLICE 4096 /* lines that are read between two looks at the clock */

void journal_index_init(struct journal_index *index)
{
	*index = (struct journal_index){ 0 };
	strings_add(&index->step, "");
}

void journal_index_release(struct journal_index *index)
{
	strings_release(&index->step);
	map_release(&index->number);
	free(index->entry);
	free(index->mark);
	*index = (struct journal_index){ 0 };
}

static uint32_t step_number(struct journal_index *index, const char *step, size_t n)
{
	if (!step)
		return 0;
	char *id = xstrndup(step, n);
	size_t at = (size_t)(uintptr_t)map_get(&index->number, id);
	if (at) {
		free(id);
		return (uint32_t)at;
	}
	at = index->step.n_items;
	map_put(&index->number, id, (void *)(uintptr_t)at);
	strings_take(&index->step, id);
	return (uint32_t)at;
}

/* What is worth stopping at, and how the scrub line shows it; -1: it is nothing of that kind. */
static int mark_of(int kind)
{
	switch (kind) {
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

/* Bookmarks may have been set further on already. */
static void add_mark(struct journal_index *index, const struct feed_mark *mark)
{
	index->mark = vec_room(index->mark, index->n_marks, &index->cap_marks, sizeof *index->mark);
	size_t at = index->n_marks++;
	for (; at && index->mark[at - 1].seq > mark->seq; at--)
		index->mark[at] = index->mark[at - 1];
	index->mark[at] = *mark;
}

static void end_index(struct journal_index *index, bool corrupt)
{
	index->complete = true;
	index->corrupt = index->corrupt || corrupt;
	index->last_seq = index->n_entries;
	if (index->n_entries)
		index->end_ms = index->entry[index->n_entries - 1].at_ms;
}

/* Times never go back here: clocks may be set. */
static void add_entry(struct journal_index *index, const struct journal_skim *skim)
{
	int64_t before = index->n_entries ? index->entry[index->n_entries - 1].at_ms : skim->at_ms;
	index->entry = vec_room(index->entry, index->n_entries, &index->cap_entries, sizeof *index->entry);
	struct feed_entry *entry = &index->entry[index->n_entries++];
	*entry = (struct feed_entry){
		.offset = skim->offset,
		.at_ms = skim->at_ms > before ? skim->at_ms : before,
		.size = (uint32_t)skim->size,
		.step = step_number(index, skim->step, skim->step_len),
		.kind = (int16_t)skim->kind,
		.from_model = skim->from_model,
	};
	int kind = mark_of(skim->kind);
	struct feed_mark mark = { .kind = (enum feed_mark_kind)kind, .at_ms = entry->at_ms, .seq = index->n_entries };
	if (kind >= 0)
		add_mark(index, &mark);
}

void journal_index_slice(struct journal_index *index, struct journal_reader *reader)
{
	struct journal_skim skim;
	for (size_t i = 0; i < SLICE && !index->complete; i++) {
		int rc = journal_reader_skim(reader, &skim, &index->why);
		if (rc == 1)
			add_entry(index, &skim);
		else
			end_index(index, rc < 0);
	}
}

void journal_index_to(struct journal_index *index, struct journal_reader *reader, size_t n)
{
	while (!index->complete && index->n_entries < n)
		journal_index_slice(index, reader);
}

void journal_index_cut(struct journal_index *index, size_t n)
{
	if (n < index->n_entries)
		index->n_entries = n;
	while (index->n_marks && index->mark[index->n_marks - 1].seq > n)
		index->n_marks--;
	end_index(index, true);
}

bool journal_index_bookmark(struct journal_index *index, uint64_t seq)
{
	for (size_t i = 0; i < index->n_marks; i++) {
		if (index->mark[i].seq != seq || index->mark[i].kind != FEED_MARK_BOOKMARK)
			continue;
		index->n_marks--;
		memmove(&index->mark[i], &index->mark[i + 1], (index->n_marks - i) * sizeof *index->mark);
		return false;
	}
	if (!seq || seq > index->n_entries)
		return false;
	struct feed_mark mark = { .kind = FEED_MARK_BOOKMARK, .at_ms = index->entry[seq - 1].at_ms, .seq = seq };
	add_mark(index, &mark);
	return true;
}

uint64_t journal_index_mark(const struct journal_index *index, uint64_t seq, bool back, enum feed_mark_kind kind)
{
	uint64_t found = 0;
	for (size_t i = 0; i < index->n_marks; i++) {
		const struct feed_mark *mark = &index->mark[i];
		if (kind != FEED_MARK_N && mark->kind != kind)
			continue;
		if (back && mark->seq < seq)
			found = mark->seq;
		if (!back && mark->seq > seq)
			return mark->seq;
	}
	return found;
}
