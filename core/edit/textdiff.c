#include "edit/textdiff.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Steps of the search for one split before a good-enough one is taken: keeps the cost near linear. */
#define MAX_COST 2000

void line_index_make(struct line_index *out, const char *text, size_t n)
{
	size_t cap = 0;
	*out = (struct line_index){ 0 };
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		out->start = vec_room(out->start, out->n_lines, &cap, sizeof *out->start);
		out->start[out->n_lines++] = at;
		at = end ? (size_t)(end - text) + 1 : n;
	}
	out->start = vec_room(out->start, out->n_lines, &cap, sizeof *out->start);
	out->start[out->n_lines] = n;
}

void line_index_release(struct line_index *index)
{
	free(index->start);
	*index = (struct line_index){ 0 };
}

/* Lines as numbers: equal numbers are equal lines. The slots are small, since they are what misses the caches. */
struct interner {
	struct slot { uint32_t hash, id; } *slot; /* id from 1; 0 is free; owned */
	size_t mask;
	struct line { const char *text; size_t n; } *line; /* by id - 1: its first occurrence; owned */
	size_t n_ids, cap_ids;
};

static uint64_t hash_line(const char *s, size_t n)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)s[i]) * 1099511628211u;
	return hash ^ hash >> 29;
}

static uint32_t intern(struct interner *table, const char *s, size_t n)
{
	uint64_t hash = hash_line(s, n);
	for (size_t at = hash & table->mask;; at = (at + 1) & table->mask) {
		struct slot *slot = &table->slot[at];
		if (!slot->id) {
			table->line = vec_room(table->line, table->n_ids, &table->cap_ids, sizeof *table->line);
			table->line[table->n_ids++] = (struct line){ s, n };
			*slot = (struct slot){ (uint32_t)(hash >> 32), (uint32_t)table->n_ids };
			return slot->id - 1;
		}
		const struct line *line = &table->line[slot->id - 1];
		if (slot->hash == (uint32_t)(hash >> 32) && line->n == n && memcmp(line->text, s, n) == 0)
			return slot->id - 1;
	}
}

static uint32_t *number_lines(struct interner *table, const char *text, const struct line_index *index)
{
	uint32_t *id = xmalloc((index->n_lines + 1) * sizeof *id);
	for (size_t i = 0; i < index->n_lines; i++)
		id[i] = intern(table, text + index->start[i], index->start[i + 1] - index->start[i]);
	return id;
}

/* The linear-space refinement of Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), section 4b. */
struct search {
	const uint32_t *a, *b;
	bool *a_changed, *b_changed;
	int32_t *forward, *backward; /* furthest x on each diagonal, both offset by `zero` */
	int32_t zero;
};

struct split {
	int32_t x, y;
};

/* One round of the forward search; true when it met the backward one. */
static bool step_forward(struct search *s, const int32_t box[4], int32_t d, struct split *out)
{
	int32_t a0 = box[0], a1 = box[1], b0 = box[2], b1 = box[3];
	int32_t delta = (a1 - a0) - (b1 - b0);
	for (int32_t k = -d; k <= d; k += 2) {
		int32_t *v = s->forward + s->zero;
		int32_t x = k == -d || (k != d && v[k - 1] < v[k + 1]) ? v[k + 1] : v[k - 1] + 1;
		int32_t y = x - k;
		if (x > a1 - a0 || y > b1 - b0 || y < 0) {
			v[k] = x;
			continue;
		}
		while (x < a1 - a0 && y < b1 - b0 && s->a[a0 + x] == s->b[b0 + y]) {
			x++;
			y++;
		}
		v[k] = x;
		int32_t other = delta - k;
		if ((delta & 1) && other >= -(d - 1) && other <= d - 1 &&
		    x >= (a1 - a0) - s->backward[s->zero + other]) {
			*out = (struct split){ a0 + x, b0 + y };
			return true;
		}
	}
	return false;
}

static bool step_backward(struct search *s, const int32_t box[4], int32_t d, struct split *out)
{
	int32_t a0 = box[0], a1 = box[1], b0 = box[2], b1 = box[3];
	int32_t delta = (a1 - a0) - (b1 - b0);
	for (int32_t k = -d; k <= d; k += 2) {
		int32_t *v = s->backward + s->zero;
		int32_t x = k == -d || (k != d && v[k - 1] < v[k + 1]) ? v[k + 1] : v[k - 1] + 1;
		int32_t y = x - k;
		if (x > a1 - a0 || y > b1 - b0 || y < 0) {
			v[k] = x;
			continue;
		}
		while (x < a1 - a0 && y < b1 - b0 && s->a[a1 - 1 - x] == s->b[b1 - 1 - y]) {
			x++;
			y++;
		}
		v[k] = x;
		int32_t other = delta - k;
		if (!(delta & 1) && other >= -d && other <= d && s->forward[s->zero + other] >= (a1 - a0) - x &&
		    s->forward[s->zero + other] - other <= b1 - b0) {
			*out = (struct split){ a1 - x, b1 - y };
			return true;
		}
	}
	return false;
}

/* The furthest point that the forward search has reached, when the cost limit cuts the search short. */
static struct split best_so_far(const struct search *s, const int32_t box[4], int32_t d)
{
	struct split best = { box[0], box[2] };
	for (int32_t k = -d; k <= d; k += 2) {
		int32_t x = s->forward[s->zero + k];
		int32_t y = x - k;
		if (x < 0 || y < 0 || x > box[1] - box[0] || y > box[3] - box[2])
			continue;
		if (x + y > best.x - box[0] + best.y - box[2])
			best = (struct split){ box[0] + x, box[2] + y };
	}
	return best;
}

static bool find_split(struct search *s, const int32_t box[4], struct split *out)
{
	int32_t max = (box[1] - box[0]) + (box[3] - box[2]);
	s->forward[s->zero + 1] = 0;
	s->backward[s->zero + 1] = 0;
	for (int32_t d = 0; d <= max; d++) {
		if (d > 0) { /* the diagonals that this round reads for the first time */
			s->forward[s->zero - d - 1] = s->forward[s->zero + d + 1] = -1;
			s->backward[s->zero - d - 1] = s->backward[s->zero + d + 1] = -1;
		}
		if (step_forward(s, box, d, out) || step_backward(s, box, d, out))
			return true;
		if (d >= MAX_COST) {
			*out = best_so_far(s, box, d);
			return true;
		}
	}
	return false;
}

static void mark(bool *changed, int32_t from, int32_t to)
{
	for (int32_t i = from; i < to; i++)
		changed[i] = true;
}

static void compare(struct search *s, int32_t a0, int32_t a1, int32_t b0, int32_t b1)
{
	for (;;) {
		while (a0 < a1 && b0 < b1 && s->a[a0] == s->b[b0]) {
			a0++;
			b0++;
		}
		while (a0 < a1 && b0 < b1 && s->a[a1 - 1] == s->b[b1 - 1]) {
			a1--;
			b1--;
		}
		struct split at;
		const int32_t box[4] = { a0, a1, b0, b1 };
		if (a0 == a1 || b0 == b1 || !find_split(s, box, &at) || (at.x == a0 && at.y == b0) ||
		    (at.x == a1 && at.y == b1)) {
			mark(s->a_changed, a0, a1);
			mark(s->b_changed, b0, b1);
			return;
		}
		/* The smaller part by recursion, the larger in place: the stack stays logarithmic. */
		if ((at.x - a0) + (at.y - b0) < (a1 - at.x) + (b1 - at.y)) {
			compare(s, a0, at.x, b0, at.y);
			a0 = at.x;
			b0 = at.y;
		} else {
			compare(s, at.x, a1, at.y, b1);
			a1 = at.x;
			b1 = at.y;
		}
	}
}

/* A line that stands in only one of the texts is changed for certain: the search is run without them. */
static size_t drop_unmatched(const uint32_t *id, size_t n, const bool *in_other, bool *changed, uint32_t *kept,
                             size_t *place)
{
	size_t n_kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (in_other[id[i]]) {
			place[n_kept] = i;
			kept[n_kept++] = id[i];
		} else {
			changed[i] = true;
		}
	}
	return n_kept;
}

struct side {
	struct line_index index;
	uint32_t *id;     /* of every line */
	bool *changed;    /* of every line */
	uint32_t *kept;   /* ids of lines that stand in both texts */
	size_t *place;    /* their line numbers */
	size_t n_kept;
	bool *kept_changed;
};

static void side_release(struct side *side)
{
	line_index_release(&side->index);
	free(side->id);
	free(side->changed);
	free(side->kept);
	free(side->place);
	free(side->kept_changed);
}

static void side_reduce(struct side *side, const struct side *other, size_t n_ids)
{
	bool *in_other = xcalloc(n_ids, sizeof *in_other);
	for (size_t i = 0; i < other->index.n_lines; i++)
		in_other[other->id[i]] = true;
	size_t n = side->index.n_lines;
	side->changed = xcalloc(n, sizeof *side->changed);
	side->kept = xcalloc(n, sizeof *side->kept);
	side->place = xcalloc(n, sizeof *side->place);
	side->n_kept = drop_unmatched(side->id, n, in_other, side->changed, side->kept, side->place);
	side->kept_changed = xcalloc(side->n_kept, sizeof *side->kept_changed);
	free(in_other);
}

static void side_restore(struct side *side)
{
	for (size_t i = 0; i < side->n_kept; i++)
		if (side->kept_changed[i])
			side->changed[side->place[i]] = true;
}

static void collect_runs(struct line_diff *out, const struct side *a, const struct side *b)
{
	size_t i = 0;
	size_t j = 0;
	while (i < a->index.n_lines || j < b->index.n_lines) {
		size_t i0 = i;
		size_t j0 = j;
		while (i < a->index.n_lines && a->changed[i])
			i++;
		while (j < b->index.n_lines && b->changed[j])
			j++;
		if (i > i0 || j > j0) {
			out->run = vec_room(out->run, out->n_runs, &out->cap_runs, sizeof *out->run);
			out->run[out->n_runs++] = (struct diff_run){ i0, i - i0, j0, j - j0 };
			out->removed += i - i0;
			out->added += j - j0;
		} else {
			i++;
			j++;
		}
	}
}

void line_diff_make(struct line_diff *out, const char *old_text, size_t old_n, const char *new_text, size_t new_n)
{
	struct side a = { 0 };
	struct side b = { 0 };
	*out = (struct line_diff){ 0 };
	line_index_make(&a.index, old_text, old_n);
	line_index_make(&b.index, new_text, new_n);
	size_t slots = 64;
	while (slots < 2 * (a.index.n_lines + b.index.n_lines))
		slots *= 2;
	struct interner table = { .slot = xcalloc(slots, sizeof *table.slot), .mask = slots - 1 };
	a.id = number_lines(&table, old_text, &a.index);
	b.id = number_lines(&table, new_text, &b.index);
	side_reduce(&a, &b, (uint32_t)table.n_ids);
	side_reduce(&b, &a, (uint32_t)table.n_ids);
	size_t reach = a.n_kept + b.n_kept < MAX_COST + 2 ? a.n_kept + b.n_kept : MAX_COST + 2;
	struct search search = {
		.a = a.kept,
		.b = b.kept,
		.a_changed = a.kept_changed,
		.b_changed = b.kept_changed,
		.forward = xcalloc(2 * reach + 8, sizeof *search.forward),
		.backward = xcalloc(2 * reach + 8, sizeof *search.backward),
		.zero = (int32_t)reach + 3,
	};
	compare(&search, 0, (int32_t)a.n_kept, 0, (int32_t)b.n_kept);
	side_restore(&a);
	side_restore(&b);
	collect_runs(out, &a, &b);
	free(search.forward);
	free(search.backward);
	free(table.slot);
	free(table.line);
	side_release(&a);
	side_release(&b);
}

void line_diff_release(struct line_diff *diff)
{
	free(diff->run);
	*diff = (struct line_diff){ 0 };
}
