#include "edit/rewrite_part.h"

#include <string.h>

bool match_is_word(const struct matcher *m, uint32_t pos)
{
	return pos < m->n && language_is_word(m->language, m->s[pos]);
}

bool match_is_blank(const struct matcher *m, struct span span)
{
	while (span.at < span.end && language_is_space(m->s[span.at]))
		span.at++;
	return span.at == span.end;
}

/* How far a part may reach: to the end of the string or comment, or of the text. */
static uint32_t limit_of(const struct matcher *m, const struct place *place)
{
	return place->raw ? m->lexed.mark[place->mark].end : m->n;
}

/* Moves over code: brackets are passed, strings and comments only whole and only where `whole_ok`. */
static bool move_to(const struct matcher *m, struct place *place, uint32_t pos, bool whole_ok)
{
	const struct mark *mark = m->lexed.mark;
	for (; !place->raw && mark[place->mark].at < pos; place->mark++)
		if (mark_is_raw(&mark[place->mark]) && (!whole_ok || mark[place->mark].end > pos))
			return false;
	place->pos = pos;
	return true;
}

static bool match_text(struct matcher *m, size_t i, struct place *place)
{
	const struct part *part = &m->form->part[i];
	m->steps += 1 + (part->n >> 4);
	if (part->n > limit_of(m, place) - place->pos || memcmp(m->s + place->pos, part->text, part->n) != 0 ||
	    !move_to(m, place, place->pos + (uint32_t)part->n, false))
		return false;
	return !(m->form->ends_word && i + 1 == m->form->n_parts && match_is_word(m, place->pos));
}

/* Two characters that would become one word or operator without the space between them. */
static bool would_join(const struct matcher *m, uint32_t pos)
{
	static const char operators[] = "+-*/<>=!&|^%~?:.#@";
	if (pos == 0 || pos == m->n)
		return true;
	if (match_is_word(m, pos - 1) && match_is_word(m, pos))
		return true;
	return m->s[pos - 1] && m->s[pos] && strchr(operators, m->s[pos - 1]) && strchr(operators, m->s[pos]);
}

static bool match_space(struct matcher *m, size_t i, struct place *place)
{
	uint32_t limit = limit_of(m, place);
	uint32_t pos = place->pos;
	while (pos < limit && language_is_space(m->s[pos]) && !(m->form->part[i].on_line && strchr("\r\n", m->s[pos])))
		pos++;
	m->steps += pos - place->pos;
	if (pos == place->pos)
		return !place->raw && (m->language->flags & LANG_FREE_SPACE) && !would_join(m, pos);
	return move_to(m, place, pos, false);
}

/* A text that follows a word hole and begins with letters takes the word's last ones. */
static uint32_t word_end(const struct matcher *m, size_t i, uint32_t at, uint32_t end)
{
	const struct part *next = i + 1 < m->form->n_parts ? &m->form->part[i + 1] : NULL;
	size_t letters = 0;
	while (next && next->kind == PART_TEXT && letters < next->n && language_is_word(m->language, next->text[letters]))
		letters++;
	if (!letters)
		return end;
	bool more = letters == next->n && i + 2 < m->form->n_parts && m->form->part[i + 2].kind == PART_WORD;
	if (!more)
		return end - at > letters ? end - (uint32_t)letters : at;
	const char *found = end > at + 1 ? memmem(m->s + at + 1, end - at - 1, next->text, letters) : NULL;
	return found ? (uint32_t)(found - m->s) : at;
}

static bool match_word(struct matcher *m, size_t i, struct place *place)
{
	const struct part *before = i ? &m->form->part[i - 1] : NULL;
	bool joined = before && before->kind == PART_TEXT && language_is_word(m->language, before->text[before->n - 1]);
	uint32_t at = place->pos;
	uint32_t end = at;
	uint32_t limit = limit_of(m, place);
	if (!joined && at > 0 && match_is_word(m, at - 1) && match_is_word(m, at))
		return false;
	while (end < limit && match_is_word(m, end))
		end++;
	m->steps += end - at;
	end = word_end(m, i, at, end);
	if (end == at || !move_to(m, place, end, false))
		return false;
	m->span[m->form->part[i].hole] = (struct span){ at, end };
	return true;
}

/* Where the line ends; the last answer serves for all places before it. */
static uint32_t line_end(struct matcher *m, uint32_t pos)
{
	if (pos >= m->line.at && pos <= m->line.end && m->line.end)
		return m->line.end;
	const char *end = memchr(m->s + pos, '\n', m->n - pos);
	m->line = (struct span){ pos, end ? (uint32_t)(end - m->s) : m->n };
	m->steps += (m->line.end - pos) >> 4;
	return m->line.end;
}

static bool match_line(struct matcher *m, size_t i, struct place *place)
{
	uint32_t at = place->pos;
	uint32_t end = line_end(m, at);
	uint32_t limit = limit_of(m, place);
	if (end > limit)
		end = limit;
	if (end > at && end < m->n && m->s[end] == '\n' && m->s[end - 1] == '\r')
		end--;
	if (!move_to(m, place, end, true))
		return false;
	m->span[m->form->part[i].hole] = (struct span){ at, end };
	return true;
}

static bool match_same(struct matcher *m, size_t i, struct place *place)
{
	const struct span *span = &m->span[m->form->part[i].hole];
	const struct part *next = i + 1 < m->form->n_parts ? &m->form->part[i + 1] : NULL;
	uint32_t n = span->end - span->at;
	uint32_t end = place->pos + n;
	m->steps += 1 + (n >> 4);
	if (n > limit_of(m, place) - place->pos || memcmp(m->s + place->pos, m->s + span->at, n) != 0)
		return false;
	bool goes_on = next && next->kind == PART_TEXT && language_is_word(m->language, next->text[0]);
	if (n && !goes_on && match_is_word(m, end - 1) && match_is_word(m, end))
		return false;
	return move_to(m, place, end, true);
}

static bool match_edge(const struct matcher *m, const struct part *part, struct place *place)
{
	const struct mark *mark = &m->lexed.mark[place->mark];
	switch (part->kind) {
	case PART_ENTER:
		if (place->raw || mark->at != place->pos || mark->kind != part->mark)
			return false;
		place->raw = true;
		return true;
	case PART_LEAVE:
		if (!place->raw || mark->end != place->pos)
			return false;
		place->raw = false;
		place->mark++;
		return true;
	default:
		if (place->raw || mark->at != place->pos || mark->type != '`' ||
		    mark->kind != (part->kind == PART_GROUP_OPEN ? MARK_OPEN : MARK_CLOSE))
			return false;
		place->mark++;
		return true;
	}
}

bool match_part(struct matcher *m, size_t i, struct place *place)
{
	const struct part *part = &m->form->part[i];
	switch (part->kind) {
	case PART_TEXT:
		return match_text(m, i, place);
	case PART_SPACE:
		return match_space(m, i, place);
	case PART_WORD:
		return match_word(m, i, place);
	case PART_LINE:
		return match_line(m, i, place);
	case PART_SAME:
		return match_same(m, i, place);
	default:
		return match_edge(m, part, place);
	}
}

/* Does a line's end here end a statement? Not within parentheses. */
static bool line_ends_it(const struct matcher *m, const struct place *place)
{
	uint32_t up = m->lexed.mark[place->mark].up;
	return (m->language->flags & LANG_LINES) && (up == MARK_NONE || !strchr("([", m->lexed.mark[up].type));
}

/* The end of an expression in code: a comma, a semicolon, the end of what it stands in, or of a line. */
static void run_to_end(struct matcher *m, struct place *place)
{
	const struct mark *mark = m->lexed.mark;
	bool lines = line_ends_it(m, place);
	for (;;) {
		const struct mark *next = &mark[place->mark];
		for (; place->pos < next->at; place->pos++) {
			char c = m->s[place->pos];
			m->steps++;
			if (c == ',' || c == ';' || (lines && c == '\n'))
				return;
		}
		if (next->kind == MARK_OPEN && next->partner != MARK_NONE) {
			place->pos = mark[next->partner].end;
			place->mark = next->partner + 1;
		} else if (next->kind == MARK_STRING) {
			place->pos = next->end;
			place->mark++;
		} else {
			return;
		}
	}
}

bool match_last_hole(struct matcher *m, size_t i, struct place *place)
{
	const struct part *part = &m->form->part[i];
	struct span *span = &m->span[part->hole];
	*span = (struct span){ place->pos, place->pos };
	if (place->raw)
		place->pos = limit_of(m, place);
	else
		run_to_end(m, place);
	while (part->kind == PART_EXPRESSION && place->pos > span->at && language_is_space(m->s[place->pos - 1]))
		place->pos--;
	span->end = place->pos;
	return part->kind == PART_ANY || span->end > span->at;
}
