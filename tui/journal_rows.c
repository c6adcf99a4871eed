#include "tui/journal_rows.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void begin_again(struct journal_rows *rows)
{
	rows->n_rows = 0;
	rows->n_taken = 0;
	rows->stretch = 0;
}

void journal_rows_release(struct journal_rows *rows)
{
	strings_release(&rows->word);
	free(rows->row);
	free(rows->open);
	*rows = (struct journal_rows){ 0 };
}

static bool is_error(int kind)
{
	return kind == EVENT_STEP_FAILED || kind == EVENT_CONFLICT || kind == EVENT_APPROVAL_REFUSED ||
	       kind == EVENT_RETRY_SCHEDULED;
}

static bool passes(const struct journal_rows *rows, const struct feed_status *status, const struct feed_entry *entry)
{
	const char *wire = event_kind_info((enum event_kind)entry->kind)->wire;
	const char *step = status->step && entry->step < status->step->n_items ? status->step->item[entry->step] : "";
	for (size_t i = 0; i < rows->word.n_items; i++) {
		const char *word = rows->word.item[i];
		bool found = strcasestr(wire, word) || strcasestr(step, word) ||
		             (strcasecmp(word, "errors") == 0 && is_error(entry->kind));
		if (!found)
			return false;
	}
	return true;
}

static bool gathers(int kind)
{
	return kind == EVENT_OUTPUT || kind == EVENT_FILE_READ;
}

static bool is_open(const struct journal_rows *rows, size_t first)
{
	for (size_t i = 0; i < rows->n_open; i++)
		if (rows->open[i] == first)
			return true;
	return false;
}

/* Where the stretch of an entry begins: its kind and step, without another event in between. */
static size_t stretch_of(const struct feed_entry *entry, size_t at)
{
	while (at && entry[at - 1].kind == entry[at].kind && entry[at - 1].step == entry[at].step)
		at--;
	return at;
}

static bool goes_on(const struct journal_rows *rows, const struct feed_entry *entry, size_t at)
{
	if (!rows->n_rows || at == rows->stretch || !gathers(entry[at].kind))
		return false;
	return rows->row[rows->n_rows - 1].last + 1 == at && !is_open(rows, rows->stretch);
}

void journal_rows_update(struct journal_rows *rows, const struct feed_status *status)
{
	if (rows->n_taken > status->n_entries)
		begin_again(rows);
	for (; rows->n_taken < status->n_entries; rows->n_taken++) {
		const struct feed_entry *entry = &status->entry[rows->n_taken];
		if (rows->n_taken && !(entry[-1].kind == entry->kind && entry[-1].step == entry->step))
			rows->stretch = rows->n_taken;
		if (entry->kind < 0 || !passes(rows, status, entry))
			continue;
		if (goes_on(rows, status->entry, rows->n_taken)) {
			rows->row[rows->n_rows - 1].last = rows->n_taken;
			rows->row[rows->n_rows - 1].n++;
			continue;
		}
		rows->row = vec_room(rows->row, rows->n_rows, &rows->cap_rows, sizeof *rows->row);
		rows->row[rows->n_rows++] = (struct journal_row){ .first = rows->n_taken, .last = rows->n_taken, .n = 1 };
	}
}

void journal_rows_filter(struct journal_rows *rows, const char *filter)
{
	strings_release(&rows->word);
	for (const char *at = filter; *at;) {
		size_t n = strcspn(at, " ");
		if (n)
			strings_take(&rows->word, xstrndup(at, n));
		at += n + (at[n] == ' ');
	}
	begin_again(rows);
}

bool journal_rows_toggle(struct journal_rows *rows, const struct feed_status *status, size_t row)
{
	if (row >= rows->n_rows || !gathers(status->entry[rows->row[row].first].kind))
		return false;
	size_t first = stretch_of(status->entry, rows->row[row].first);
	if (!is_open(rows, first) && rows->row[row].n == 1)
		return false;
	size_t kept = 0;
	for (size_t i = 0; i < rows->n_open; i++)
		if (rows->open[i] != first)
			rows->open[kept++] = rows->open[i];
	if (kept == rows->n_open) {
		rows->open = vec_room(rows->open, rows->n_open, &rows->cap_open, sizeof *rows->open);
		rows->open[kept++] = first;
	}
	rows->n_open = kept;
	begin_again(rows);
	journal_rows_update(rows, status);
	return true;
}

size_t journal_rows_at(const struct journal_rows *rows, size_t entry)
{
	size_t low = 0;
	size_t high = rows->n_rows;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (rows->row[middle].first <= entry)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}
