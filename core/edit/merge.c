#include "edit/merge.h"

#include "edit/textdiff.h"

#include <string.h>

/* One side, and how far it was walked. */
struct side {
	const struct merge_text *text;
	struct line_diff diff; /* from the base */
	struct line_index lines;
	size_t next; /* run */
};

/* Lines of the base that at least one side changed, and the runs of each side that do so. */
struct region {
	size_t at, end;
};

static void side_init(struct side *side, const struct merge_text *base, const struct merge_text *text)
{
	*side = (struct side){ .text = text };
	line_diff_make(&side->diff, base->data, base->n, text->data, text->n);
	line_index_make(&side->lines, text->data, text->n);
}

static void side_release(struct side *side)
{
	line_diff_release(&side->diff);
	line_index_release(&side->lines);
}

static const struct diff_run *next_run(const struct side *side)
{
	return side->next < side->diff.n_runs ? &side->diff.run[side->next] : NULL;
}

static struct region begin_region(const struct side *a, const struct side *b)
{
	const struct diff_run *left = next_run(a);
	const struct diff_run *right = next_run(b);
	size_t at = !right || (left && left->old_at <= right->old_at) ? left->old_at : right->old_at;
	return (struct region){ at, at };
}

/* Takes the side's runs that begin in the region or where it ends. True when there was one. */
static bool grow(struct region *region, struct side *side)
{
	const struct diff_run *run;
	bool grown = false;
	while ((run = next_run(side)) && run->old_at <= region->end) {
		if (run->old_at + run->old_n > region->end)
			region->end = run->old_at + run->old_n;
		side->next++;
		grown = true;
	}
	return grown;
}

/* What the side has in place of the region; `first` is its first run there. */
static struct merge_text side_text(const struct side *side, const struct region *region, size_t first)
{
	const struct diff_run *from = &side->diff.run[first];
	const struct diff_run *last = &side->diff.run[side->next - 1];
	size_t start = from->new_at - (from->old_at - region->at);
	size_t end = last->new_at + last->new_n + (region->end - (last->old_at + last->old_n));
	size_t at = side->lines.start[start];
	return (struct merge_text){ side->text->data + at, side->lines.start[end] - at };
}

/* False when the two sides disagree. */
static bool merge_region(struct side *a, struct side *b, struct region *region, struct buf *out)
{
	size_t first_a = a->next;
	size_t first_b = b->next;
	bool grew;
	do {
		grew = grow(region, a);
		grew = grow(region, b) || grew;
	} while (grew);
	if (a->next == first_a || b->next == first_b) {
		const struct merge_text text = a->next == first_a ? side_text(b, region, first_b) : side_text(a, region, first_a);
		buf_add(out, text.data, text.n);
		return true;
	}
	const struct merge_text left = side_text(a, region, first_a);
	const struct merge_text right = side_text(b, region, first_b);
	if (left.n != right.n || memcmp(left.data, right.data, left.n) != 0)
		return false;
	buf_add(out, left.data, left.n);
	return true;
}

static bool is_text(const struct merge_text *text)
{
	return !text->n || !memchr(text->data, '\0', text->n);
}

bool merge_lines(const struct merge_sides *sides, struct buf *out)
{
	struct side ours;
	struct side theirs;
	struct line_index base;
	size_t start = out->len;
	size_t done = 0; /* lines of the base */
	bool clean = true;
	if (!is_text(&sides->base) || !is_text(&sides->ours) || !is_text(&sides->theirs))
		return false;
	side_init(&ours, &sides->base, &sides->ours);
	side_init(&theirs, &sides->base, &sides->theirs);
	line_index_make(&base, sides->base.data, sides->base.n);
	while (clean && (next_run(&ours) || next_run(&theirs))) {
		struct region region = begin_region(&ours, &theirs);
		buf_add(out, sides->base.data + base.start[done], base.start[region.at] - base.start[done]);
		clean = merge_region(&ours, &theirs, &region, out);
		done = region.end;
	}
	if (clean)
		buf_add(out, sides->base.data + base.start[done], sides->base.n - base.start[done]);
	else
		buf_truncate(out, start);
	line_index_release(&base);
	side_release(&ours);
	side_release(&theirs);
	return clean;
}
