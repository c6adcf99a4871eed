#include "edit/patch_place.h"

#include "base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 50000000u /* lines compared while hunks are looked for */

/* Where each different line of a file stands: chains from a hash to line numbers. */
struct line_table {
	size_t *head; /* by hash: line + 1, or 0 */
	size_t *next; /* by line: the next line with that hash + 1, or 0 */
	size_t *count; /* by hash */
	size_t mask;
};

void placing_init(struct placing *p, const char *text, size_t n, const struct patch_text *patch)
{
	*p = (struct placing){ .text = text, .patch = patch };
	line_index_make(&p->index, text, n);
}

void placing_release(struct placing *p)
{
	line_index_release(&p->index);
	if (p->table) {
		free(p->table->head);
		free(p->table->next);
		free(p->table->count);
	}
	free(p->table);
}

static size_t hash_line(const char *s, size_t n)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)s[i]) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32);
}

static struct line_table *table_make(const struct placing *p)
{
	struct line_table *table = xcalloc(1, sizeof *table);
	size_t n_slots = 64;
	while (n_slots < p->index.n_lines * 2)
		n_slots *= 2;
	table->mask = n_slots - 1;
	table->head = xcalloc(n_slots, sizeof *table->head);
	table->count = xcalloc(n_slots, sizeof *table->count);
	table->next = xcalloc(p->index.n_lines + 1, sizeof *table->next);
	for (size_t i = p->index.n_lines; i-- > 0;) {
		size_t from = p->index.start[i];
		size_t slot = hash_line(p->text + from, p->index.start[i + 1] - from) & table->mask;
		table->next[i] = table->head[slot];
		table->head[slot] = i + 1;
		table->count[slot]++;
	}
	return table;
}

static bool line_is(const struct placing *p, size_t at, const struct patch_line *line)
{
	size_t from = p->index.start[at];
	return p->index.start[at + 1] - from == line->n && memcmp(p->text + from, line->s, line->n) == 0;
}

/* Do the hunk's old lines stand at this line, and may its new ones end there? */
static bool stands_at(struct placing *p, const struct patch_hunk *hunk, size_t at)
{
	const struct patch_line *line = p->patch->line + hunk->first;
	const struct patch_line *last_new = NULL;
	if (at > p->index.n_lines || hunk->old_n > p->index.n_lines - at)
		return false;
	size_t end = at + hunk->old_n;
	for (size_t i = 0; i < hunk->n_lines; i++) {
		if (line[i].sign != '-')
			last_new = &line[i];
		p->steps++;
		if (line[i].sign != '+' && !line_is(p, at++, &line[i]))
			return false;
	}
	/* A last line without its end can only be the file's last line. */
	return !last_new || (last_new->n && last_new->s[last_new->n - 1] == '\n') || end == p->index.n_lines;
}

/* The old line of the hunk that is rarest in the file; its place among the old lines in *nth. */
static const struct patch_line *rarest_line(const struct placing *p, const struct patch_hunk *hunk, size_t *nth)
{
	const struct patch_line *best = NULL;
	size_t best_count = SIZE_MAX;
	size_t old = 0;
	for (size_t i = hunk->first; i < hunk->first + hunk->n_lines; i++) {
		const struct patch_line *line = &p->patch->line[i];
		if (line->sign == '+')
			continue;
		size_t count = p->table->count[hash_line(line->s, line->n) & p->table->mask];
		if (count < best_count) {
			best = line;
			best_count = count;
			*nth = old;
		}
		old++;
	}
	return best;
}

/* Looks in the whole of the file that is left; two places are as bad as none. */
static enum place_result look_everywhere(struct placing *p, const struct patch_hunk *hunk, size_t *at)
{
	size_t nth = 0;
	size_t n_found = 0;
	if (!p->table)
		p->table = table_make(p);
	const struct patch_line *line = rarest_line(p, hunk, &nth);
	size_t slot = hash_line(line->s, line->n) & p->table->mask;
	for (size_t i = p->table->head[slot]; i && n_found < 2; i = p->table->next[i - 1]) {
		p->steps++;
		if (p->steps > MAX_STEPS)
			return PLACE_LIMIT;
		if (i - 1 < p->from + nth || !stands_at(p, hunk, i - 1 - nth))
			continue;
		n_found++;
		*at = i - 1 - nth;
	}
	return n_found == 1 ? PLACE_FOUND : n_found ? PLACE_SEVERAL : PLACE_NOWHERE;
}

/* The line that the hunk's numbers name, from 0. */
static size_t stated_line(const struct patch_hunk *hunk)
{
	return hunk->old_n && hunk->old_at ? hunk->old_at - 1 : hunk->old_at;
}

enum place_result placing_find(struct placing *p, const struct patch_hunk *hunk, size_t *at)
{
	enum place_result result = PLACE_FOUND;
	*at = stated_line(hunk);
	if (!hunk->old_n) {
		/* Lines to add and nothing beside them: certain only in an empty file. */
		if (p->index.n_lines || p->from)
			return PLACE_UNCERTAIN;
		*at = 0;
	} else if (!p->moved && hunk->old_at && *at < p->from && p->from > 0) {
		return PLACE_OVERLAPS;
	} else if (p->moved || !hunk->old_at || !stands_at(p, hunk, *at)) {
		p->moved = true;
		result = look_everywhere(p, hunk, at);
	}
	if (result == PLACE_FOUND)
		p->from = *at + hunk->old_n;
	return result;
}

bool placing_first_difference(const struct placing *p, const struct patch_hunk *hunk, size_t *line,
                              const struct patch_line **wanted)
{
	size_t at = stated_line(hunk);
	for (size_t i = hunk->first; i < hunk->first + hunk->n_lines && at < p->index.n_lines; i++) {
		*wanted = &p->patch->line[i];
		*line = at;
		if ((*wanted)->sign != '+' && !line_is(p, at++, *wanted))
			return true;
	}
	return false;
}
