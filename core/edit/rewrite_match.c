#include "edit/rewrite_match.h"

#include "base/xalloc.h"
#include "edit/rewrite_part.h"

#include <stdlib.h>
#include <string.h>

#define WORTH_KEEPING 256 /* bytes that a search must have gone over for its result to be remembered */

/* Where a hole's end is looked for. */
struct seek {
	struct place at;
	uint32_t low;    /* white space before an anchor belongs to the hole up to here */
	bool tried_mark; /* the mark at `at` was an anchor already */
	bool done;
};

/*
 * What is known of an elastic hole within one pair of brackets: from every place in [from, to] the first end that
 * works is the one that `seek` comes to next, or none does.
 */
struct memo {
	uint64_t key; /* 0 is free */
	uint32_t from, to;
	bool fails;
	struct seek seek;
};

enum anchor_kind { ANCHOR_BYTE, ANCHOR_MARK, ANCHOR_WHITE };

/* How the text behind a hole can be found quickly. */
struct anchor {
	enum anchor_kind kind;
	bool white_first; /* white space stands before it */
	bool stops;       /* a comma or semicolon ends the hole */
	char byte;
	enum part_kind part;
	enum mark_kind mark;
};

static uint64_t memo_key(const struct matcher *m, size_t part, const struct place *place)
{
	uint64_t level = place->raw ? (uint64_t)place->mark : m->lexed.mark[place->mark].up;
	return (uint64_t)(part + 1) << 34 | (uint64_t)place->raw << 33 | level;
}

static struct memo *memo_slot(struct memo *memo, size_t n_slots, uint64_t key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & (n_slots - 1);
	while (memo[i].key && memo[i].key != key)
		i = (i + 1) & (n_slots - 1);
	return &memo[i];
}

static void memo_grow(struct matcher *m)
{
	size_t n_slots = m->n_slots ? m->n_slots * 2 : 256;
	struct memo *memo = xcalloc(n_slots, sizeof *memo);
	for (size_t i = 0; i < m->n_slots; i++)
		if (m->memo[i].key)
			*memo_slot(memo, n_slots, m->memo[i].key) = m->memo[i];
	free(m->memo);
	m->memo = memo;
	m->n_slots = n_slots;
}

static void memo_put(struct matcher *m, const struct memo *memo)
{
	if ((m->n_memos + 1) * 2 > m->n_slots)
		memo_grow(m);
	struct memo *slot = memo_slot(m->memo, m->n_slots, memo->key);
	m->n_memos += !slot->key;
	*slot = *memo;
}

static const struct memo *memo_get(const struct matcher *m, size_t part, const struct place *place)
{
	if (!m->n_memos)
		return NULL;
	const struct memo *memo = memo_slot(m->memo, m->n_slots, memo_key(m, part, place));
	return memo->key && place->pos >= memo->from && place->pos <= memo->to ? memo : NULL;
}

static struct anchor anchor_of(const struct form *form, size_t hole)
{
	size_t i = hole + 1;
	struct anchor anchor = { .kind = ANCHOR_WHITE, .stops = form->part[hole].kind == PART_EXPRESSION };
	anchor.white_first = form->part[i].kind == PART_SPACE;
	i += anchor.white_first;
	if (i == form->n_parts)
		return anchor;
	const struct part *part = &form->part[i];
	anchor.part = part->kind;
	anchor.mark = part->mark;
	if (part->kind == PART_TEXT) {
		anchor.kind = ANCHOR_BYTE;
		anchor.byte = part->text[0];
	} else if (part->kind == PART_ENTER || part->kind == PART_GROUP_OPEN || part->kind == PART_LEAVE) {
		anchor.kind = ANCHOR_MARK;
	}
	return anchor;
}

static bool begins_white(const struct matcher *m, uint32_t pos, uint32_t low)
{
	return language_is_space(m->s[pos]) && (pos == low || !language_is_space(m->s[pos - 1]));
}

/* Looks for the anchor before `end`. True when found at seek->at.pos; false at the end, or with `done` at a stop. */
static bool seek_in_gap(struct matcher *m, const struct anchor *a, struct seek *seek, uint32_t end)
{
	uint32_t pos = seek->at.pos;
	bool found = false;
	if (!a->stops && a->kind != ANCHOR_WHITE) {
		const char *at = a->kind == ANCHOR_BYTE ? memchr(m->s + pos, a->byte, end - pos) : NULL;
		m->steps += 1 + ((end - pos) >> 4);
		seek->at.pos = at ? (uint32_t)(at - m->s) : end;
		return at != NULL;
	}
	for (; pos < end && !found; pos += !found) {
		char c = m->s[pos];
		m->steps++;
		found = a->kind == ANCHOR_BYTE ? c == a->byte : a->kind == ANCHOR_WHITE && begins_white(m, pos, seek->low);
		if (!found && a->stops && !seek->at.raw && (c == ',' || c == ';')) {
			seek->done = true;
			break;
		}
	}
	seek->at.pos = pos;
	return found;
}

static bool is_anchor_mark(const struct matcher *m, const struct anchor *a, const struct mark *mark)
{
	if (a->white_first && mark->kind == MARK_CLOSE && mark->type == '#')
		return true;
	if (a->kind == ANCHOR_BYTE)
		return !mark_is_raw(mark) && mark->at < m->n && m->s[mark->at] == a->byte;
	if (a->kind == ANCHOR_MARK && a->part == PART_ENTER)
		return mark->kind == a->mark;
	return a->kind == ANCHOR_MARK && mark->kind == MARK_OPEN && mark->type == '`';
}

/* Over what a hole may hold only whole; at what it may not hold the search is done. */
static void cross_mark(const struct matcher *m, struct seek *seek)
{
	const struct mark *mark = &m->lexed.mark[seek->at.mark];
	seek->tried_mark = false;
	if (mark->kind == MARK_OPEN && mark->partner != MARK_NONE) {
		seek->at.pos = m->lexed.mark[mark->partner].end;
		seek->at.mark = mark->partner + 1;
		seek->low = seek->at.pos;
	} else if (mark_is_raw(mark)) {
		seek->at.pos = mark->end;
		seek->at.mark++;
		seek->low = mark->end;
	} else {
		seek->done = true;
	}
}

/* The next place where what follows the hole may begin. seek->at.pos is it; the caller moves on from there. */
static bool seek_anchor(struct matcher *m, const struct anchor *a, struct seek *seek)
{
	while (!seek->done) {
		const struct mark *mark = &m->lexed.mark[seek->at.mark];
		uint32_t end = seek->at.raw ? mark->end : mark->at;
		if (seek->at.pos < end && seek_in_gap(m, a, seek, end))
			return true;
		if (seek->done)
			return false;
		if (seek->at.raw) {
			seek->done = true;
			return a->kind == ANCHOR_MARK && a->part == PART_LEAVE;
		}
		if (!seek->tried_mark && is_anchor_mark(m, a, mark)) {
			seek->tried_mark = true;
			return true;
		}
		m->steps++;
		cross_mark(m, seek);
	}
	return false;
}

/* Behind an anchor that did not do. */
static void seek_on(const struct matcher *m, struct seek *seek)
{
	const struct mark *mark = &m->lexed.mark[seek->at.mark];
	if (!seek->done && (seek->at.raw || seek->at.pos < mark->at))
		seek->at.pos++;
}

/* The hole's end for an anchor: before the white space that stands there. */
static struct place hole_end(const struct matcher *m, const struct anchor *a, const struct seek *seek)
{
	struct place place = seek->at;
	while (a->white_first && place.pos > seek->low && language_is_space(m->s[place.pos - 1]))
		place.pos--;
	while (!place.raw && place.mark > 0 && m->lexed.mark[place.mark - 1].at >= place.pos)
		place.mark--;
	return place;
}

static bool match_hole(struct matcher *m, size_t hole, struct place *place);

/* The parts from i on, up to the end of the form. */
static bool match_parts(struct matcher *m, size_t i, struct place *place)
{
	for (; i < m->form->n_parts; i++) {
		if (part_is_elastic(&m->form->part[i]))
			return i + 1 == m->form->n_parts ? match_last_hole(m, i, place) : match_hole(m, i, place);
		if (!match_part(m, i, place))
			return false;
	}
	return true;
}

static void remember(struct matcher *m, size_t hole, const struct place *place, const struct seek *seek, bool fails)
{
	bool first = true;
	for (size_t i = 0; i < hole; i++)
		first = first && !part_is_elastic(&m->form->part[i]);
	if (m->form->repeats || ((first || !fails) && seek->at.pos - place->pos < WORTH_KEEPING))
		return;
	struct memo memo = {
		.key = memo_key(m, hole, place),
		.from = place->pos,
		.to = seek->at.pos,
		.fails = fails,
		.seek = *seek,
	};
	memo_put(m, &memo);
}

/* An elastic hole and all behind it: the shortest text for which the rest matches. */
static bool match_hole(struct matcher *m, size_t hole, struct place *place)
{
	const struct part *part = &m->form->part[hole];
	struct anchor anchor = anchor_of(m->form, hole);
	struct seek seek = { .at = *place, .low = place->pos };
	const struct memo *known = memo_get(m, hole, place);
	if (known && known->fails)
		return false;
	if (known) {
		seek = known->seek;
		seek.low = seek.low > place->pos ? seek.low : place->pos;
	}
	for (;;) {
		struct seek before = seek;
		if (m->steps > m->max_steps || !seek_anchor(m, &anchor, &seek))
			break;
		struct place end = hole_end(m, &anchor, &seek);
		struct span span = { place->pos, end.pos };
		m->span[part->hole] = span;
		m->steps++;
		before.at = seek.at;
		before.low = seek.low;
		if ((part->kind == PART_ANY || !match_is_blank(m, span)) && match_parts(m, hole + 1, &end)) {
			before.tried_mark = false;
			before.done = false;
			remember(m, hole, place, &before, false);
			*place = end;
			return true;
		}
		seek_on(m, &seek);
	}
	if (m->steps <= m->max_steps)
		remember(m, hole, place, &seek, true);
	return false;
}

/* Is this place in code? Moves the mark there; inside a string or comment the place moves behind it. */
static bool settle(const struct matcher *m, struct place *place)
{
	const struct mark *mark = m->lexed.mark;
	while (mark[place->mark].at < place->pos)
		place->mark++;
	while (place->mark > 0 && mark[place->mark - 1].at >= place->pos)
		place->mark--;
	const struct mark *before = place->mark ? &mark[place->mark - 1] : NULL;
	if (!before || !mark_is_raw(before) || before->end <= place->pos)
		return true;
	place->pos = before->end;
	return false;
}

/* The text that is looked for first, and its part: the first one, or the second behind white space or a word. */
static const struct part *first_text(const struct form *form, enum part_kind *before)
{
	*before = PART_TEXT;
	if (form->part[0].kind == PART_TEXT)
		return &form->part[0];
	bool second = form->n_parts > 1 && form->part[1].kind == PART_TEXT &&
	              (form->part[0].kind == PART_SPACE || form->part[0].kind == PART_WORD);
	*before = form->part[0].kind;
	return second ? &form->part[1] : NULL;
}

/* The next start by its text: *from is it. *resume: where to look afterwards. */
static bool start_by_text(struct matcher *m, struct place *from, struct place *resume)
{
	enum part_kind before;
	const struct part *text = first_text(m->form, &before);
	for (;;) {
		const char *found = from->pos < m->n ? memmem(m->s + from->pos, m->n - from->pos, text->text, text->n) : NULL;
		if (!found)
			return false;
		from->pos = (uint32_t)(found - m->s);
		if (!settle(m, from))
			continue;
		*resume = *from;
		resume->pos++;
		uint32_t low = m->word_from;
		while (before == PART_SPACE && from->pos > low && language_is_space(m->s[from->pos - 1]))
			from->pos--;
		while (before == PART_WORD && from->pos > low && match_is_word(m, from->pos - 1))
			from->pos--;
		/* A word that goes on to the left of `low` was tried with its first occurrence of the text. */
		bool new_start = before != PART_WORD || from->pos > low || low == m->low;
		m->word_from = before == PART_TEXT ? m->low : resume->pos - 1;
		while (!settle(m, from))
			continue;
		if (new_start && !(m->form->begins_word && from->pos > 0 && match_is_word(m, from->pos - 1)))
			return true;
		*from = *resume;
	}
}

static bool may_start(const struct matcher *m, uint32_t pos)
{
	switch (m->form->part[0].kind) {
	case PART_WORD:
		return match_is_word(m, pos) && (pos == 0 || !match_is_word(m, pos - 1));
	case PART_SPACE:
		return begins_white(m, pos, m->low);
	default:
		return false;
	}
}

static bool may_start_at_mark(const struct matcher *m, const struct mark *mark)
{
	const struct part *part = &m->form->part[0];
	if (part->kind == PART_ENTER)
		return mark->kind == part->mark;
	return part->kind == PART_GROUP_OPEN && mark->kind == MARK_OPEN && mark->type == '`';
}

/* The next start by looking at every place. */
static bool start_by_scan(struct matcher *m, struct place *from, struct place *resume)
{
	bool by_mark = m->form->part[0].kind == PART_ENTER || m->form->part[0].kind == PART_GROUP_OPEN;
	for (;;) {
		const struct mark *mark = &m->lexed.mark[from->mark];
		for (; from->pos < mark->at; from->pos++) {
			if (by_mark)
				from->pos = mark->at - 1;
			else if (may_start(m, from->pos)) {
				*resume = *from;
				resume->pos++;
				return true;
			}
		}
		if (mark->kind == MARK_END)
			return false;
		*resume = (struct place){ .pos = mark->end, .mark = from->mark + 1 };
		if (from->pos == mark->at && may_start_at_mark(m, mark))
			return true;
		*from = *resume;
	}
}

int matcher_next(struct matcher *m, struct span *match)
{
	enum part_kind before;
	bool by_text = first_text(m->form, &before) != NULL;
	struct place start = m->from;
	struct place resume = start;
	while (by_text ? start_by_text(m, &start, &resume) : start_by_scan(m, &start, &resume)) {
		struct place end = start;
		m->steps++;
		m->from = resume;
		if (match_parts(m, 0, &end) && m->steps <= m->max_steps) {
			*match = (struct span){ start.pos, end.pos };
			return 1;
		}
		if (m->steps > m->max_steps)
			return -1;
		start = resume;
	}
	m->from.pos = m->n;
	m->from.mark = (uint32_t)m->lexed.n_marks - 1;
	return 0;
}

void matcher_take(struct matcher *m, const struct span *match)
{
	m->low = m->word_from = match->end;
	m->from.pos = match->end;
	m->from.raw = false;
	settle(m, &m->from);
}

void matcher_count(struct matcher *m, size_t steps)
{
	m->steps += steps;
}

void matcher_init(struct matcher *m, const struct form *form, const struct language *language, const char *text,
                  size_t n)
{
	*m = (struct matcher){ .form = form, .language = language, .s = text, .n = (uint32_t)n };
	m->max_steps = 64 * (uint64_t)n + (1 << 22);
	lex_text(&m->lexed, language, text, n);
}

void matcher_release(struct matcher *m)
{
	lexed_release(&m->lexed);
	free(m->memo);
}
