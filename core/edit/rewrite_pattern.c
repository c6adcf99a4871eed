#include "edit/rewrite_pattern.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME 40

bool part_is_elastic(const struct part *part)
{
	return part->kind == PART_ANY || part->kind == PART_EXPRESSION;
}

void holed_place(const char *source, size_t at, char out[64])
{
	size_t line = 1;
	size_t column = 1;
	for (size_t i = 0; i < at; i++) {
		if (source[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)source[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	if (line > 1 || strchr(source, '\n'))
		snprintf(out, 64, "line %zu, column %zu", line, column);
	else
		snprintf(out, 64, "column %zu", column);
}

static int refuse(struct err *err, const struct holed *holed, size_t at, const char *why)
{
	char place[64];
	holed_place(holed->source, at, place);
	return err_set(err, ERR_PLAN, "%s at %s of '%.120s'", why, place, holed->source);
}

static int find_name(const struct holes *names, const char *s, size_t n)
{
	for (int i = 0; i < names->n_names; i++)
		if (strlen(names->name[i]) == n && memcmp(names->name[i], s, n) == 0)
			return i;
	return -1;
}

/* Finds or adds a hole's name and checks what may be said about it. */
static int name_hole(struct holed *out, struct hole *hole, struct holes *names, size_t n, bool known)
{
	const char *s = out->source + hole->source + 2;
	hole->name = find_name(names, s, n);
	hole->again = hole->name >= 0;
	if (hole->again || known)
		return hole->again ? 0 : -1;
	if (names->n_names == MAX_HOLES)
		return -2;
	names->type[names->n_names] = hole->type;
	names->name[names->n_names] = xstrndup(s, n);
	hole->name = names->n_names++;
	return 0;
}

/* Reads ":[name]" or ":[name:t]" at `at`; its length, or 0 and *err. */
static size_t read_hole(struct holed *out, size_t at, struct holes *names, bool known, struct err *err)
{
	const char *s = out->source + at + 2;
	size_t n = 0;
	struct hole hole = { .at = out->plain.len, .source = at };
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	size_t len = n;
	if (s[len] == ':' && s[len + 1] && strchr("wel", s[len + 1])) {
		hole.type = s[len + 1];
		len += 2;
	}
	if (!n || n > MAX_NAME || isdigit((unsigned char)s[0]) || s[len] != ']') {
		refuse(err, out, at, "a hole is ':[name]', ':[name:w]', ':[name:e]' or ':[name:l]', which is not what stands");
		return 0;
	}
	int rc = name_hole(out, &hole, names, n, known);
	if (rc != 0) {
		char why[120];
		snprintf(why, sizeof why, rc == -1 ? "the pattern has no hole '%.*s', which stands" : "there are too many holes",
		         (int)n, s);
		refuse(err, out, at, why);
		return 0;
	}
	if (hole.again && hole.type && !known && names->type[hole.name] != hole.type) {
		refuse(err, out, at, "a hole has another kind than where it stood first");
		return 0;
	}
	out->hole = vec_room(out->hole, out->n_holes, &out->cap_holes, sizeof *out->hole);
	out->hole[out->n_holes++] = hole;
	return len + 3;
}

int holed_parse(struct holed *out, const char *source, struct holes *names, bool known, struct err *err)
{
	size_t n = strlen(source);
	*out = (struct holed){ .source = source };
	if (n > MAX_PATTERN)
		return err_set(err, ERR_LIMIT, "a pattern of %zu bytes is too long: the most is %d", n, MAX_PATTERN);
	/* A block scalar's last line end belongs to the plan, not to the pattern. */
	if (n > 1 && source[n - 1] == '\n')
		n--;
	for (size_t at = 0; at < n;) {
		if (source[at] != ':' || source[at + 1] != '[') {
			buf_add_char(&out->plain, source[at++]);
			continue;
		}
		size_t len = read_hole(out, at, names, known, err);
		if (!len)
			return -1;
		buf_add_char(&out->plain, HOLE_BYTE);
		at += len;
	}
	return 0;
}

void holed_release(struct holed *holed)
{
	buf_release(&holed->plain);
	free(holed->hole);
	*holed = (struct holed){ 0 };
}

/* While the parts of a form are made. */
struct forming {
	struct form *form;
	const struct holed *pattern;
	const struct language *language;
	struct lexed lexed;
	size_t next_hole;
	struct err *err;
};

static struct part *add_part(struct form *form, enum part_kind kind)
{
	form->part = vec_room(form->part, form->n_parts, &form->cap_parts, sizeof *form->part);
	form->part[form->n_parts] = (struct part){ .kind = kind, .hole = -1 };
	return &form->part[form->n_parts++];
}

static bool is_hole(const struct forming *f, size_t at)
{
	return f->next_hole < f->pattern->n_holes && f->pattern->hole[f->next_hole].at == at;
}

static void add_hole(struct forming *f)
{
	const struct hole *hole = &f->pattern->hole[f->next_hole++];
	enum part_kind kind = PART_ANY;
	if (hole->again)
		kind = PART_SAME;
	else if (hole->type)
		kind = hole->type == 'w' ? PART_WORD : hole->type == 'e' ? PART_EXPRESSION : PART_LINE;
	f->form->repeats = f->form->repeats || hole->again;
	struct part *before = f->form->n_parts ? &f->form->part[f->form->n_parts - 1] : NULL;
	if (before && before->kind == PART_SPACE && kind == PART_LINE)
		before->on_line = !memchr(before->text, '\n', before->n);
	add_part(f->form, kind)->hole = hole->name;
}

/* Bytes of the plain pattern that lie between marks, or within one: text, white space and holes. */
static void add_bytes(struct forming *f, size_t from, size_t to, bool exact_space)
{
	const char *s = f->form->plain;
	for (size_t at = from; at < to;) {
		size_t end = at;
		if (is_hole(f, at)) {
			add_hole(f);
			at++;
			continue;
		}
		bool space = !exact_space && language_is_space(s[at]);
		while (end < to && !is_hole(f, end) && (exact_space || language_is_space(s[end]) == space))
			end++;
		struct part *part = add_part(f->form, space ? PART_SPACE : PART_TEXT);
		part->text = s + at;
		part->n = end - at;
		at = end;
	}
}

static void add_raw(struct forming *f, const struct mark *mark)
{
	bool block = f->form->plain[mark->end - 1] == '/' && mark->end - mark->at >= 4 && f->form->plain[mark->at + 1] == '*';
	add_part(f->form, PART_ENTER)->mark = mark->kind;
	add_bytes(f, mark->at, mark->end, mark->kind == MARK_STRING);
	/* A line comment that ends the pattern matches what begins like it. */
	if (mark->kind == MARK_STRING || block || mark->end < f->pattern->plain.len)
		add_part(f->form, PART_LEAVE);
}

static void make_parts(struct forming *f)
{
	size_t at = 0;
	for (size_t i = 0; i < f->lexed.n_marks; i++) {
		const struct mark *mark = &f->lexed.mark[i];
		bool group = mark->end == mark->at && mark->type == '`';
		if (!mark_is_raw(mark) && !group && mark->kind != MARK_END)
			continue;
		add_bytes(f, at, mark->at, false);
		at = mark->end;
		if (mark_is_raw(mark))
			add_raw(f, mark);
		else if (group)
			add_part(f->form, mark->kind == MARK_OPEN ? PART_GROUP_OPEN : PART_GROUP_CLOSE);
	}
}

static bool is_hole_part(const struct part *part)
{
	return part_is_elastic(part) || part->kind == PART_WORD || part->kind == PART_LINE || part->kind == PART_SAME;
}

/* Where in the source the hole of this part stands. */
static size_t source_of(const struct forming *f, size_t part)
{
	size_t hole = 0;
	for (size_t i = 0; i < part; i++)
		hole += is_hole_part(&f->form->part[i]);
	return hole < f->pattern->n_holes ? f->pattern->hole[hole].source : 0;
}

static int check_ends(const struct forming *f)
{
	const struct form *form = f->form;
	const struct part *first = &form->part[0];
	const struct part *last = &form->part[form->n_parts - 1];
	bool in_raw = false;
	for (size_t i = 0; i < form->n_parts; i++)
		in_raw = form->part[i].kind == PART_ENTER || (in_raw && form->part[i].kind != PART_LEAVE);
	if (part_is_elastic(first) || first->kind == PART_LINE)
		return refuse(f->err, f->pattern, source_of(f, 0),
		              "a pattern cannot begin with a hole that has no left end "
		              "(put text before it, or make it ':[name:w]')");
	if (last->kind == PART_ANY && !in_raw)
		return refuse(f->err, f->pattern, source_of(f, form->n_parts - 1),
		              "a pattern cannot end with a hole that has no right end "
		              "(put text after it, or make it ':[name:l]')");
	return 0;
}

static int check_parts(const struct forming *f)
{
	const struct form *form = f->form;
	bool has_text = false;
	for (size_t i = 0; i < form->n_parts; i++) {
		const struct part *part = &form->part[i];
		has_text = has_text || part->kind == PART_TEXT || part->kind == PART_WORD;
		if (i + 1 == form->n_parts || !is_hole_part(part))
			continue;
		const struct part *next = &form->part[i + 1];
		if (is_hole_part(next))
			return refuse(f->err, f->pattern, source_of(f, i + 1), "two holes stand side by side");
		if (part->kind == PART_LINE && next->kind == PART_TEXT)
			return refuse(f->err, f->pattern, source_of(f, i), "more text follows on the line of ':[name:l]'");
	}
	if (!has_text)
		return err_set(f->err, ERR_PLAN, "the pattern '%.120s' has no text to look for", f->pattern->source);
	return check_ends(f);
}

static size_t longest_text(const struct form *form)
{
	size_t best = form->n_parts;
	for (size_t i = 0; i < form->n_parts; i++)
		if (form->part[i].kind == PART_TEXT && (best == form->n_parts || form->part[i].n > form->part[best].n))
			best = i;
	return best;
}

/* Where in the source a byte of the plain pattern stands. */
static size_t source_at(const struct holed *pattern, size_t plain)
{
	size_t at = plain;
	for (size_t i = 0; i < pattern->n_holes && pattern->hole[i].at < plain; i++) {
		const char *hole = pattern->source + pattern->hole[i].source;
		at += (size_t)(strchr(hole, ']') - hole);
	}
	return at;
}

void form_make(struct form *out, const struct holed *pattern, const struct language *language, struct err *err)
{
	struct forming f = { .form = out, .pattern = pattern, .language = language, .err = err };
	*out = (struct form){ .plain = xstrndup(buf_str(&pattern->plain), pattern->plain.len) };
	lex_text(&f.lexed, language, out->plain, pattern->plain.len);
	if (f.lexed.is_broken) {
		char why[80];
		size_t at = f.lexed.broken_at;
		snprintf(why, sizeof why, "what '%c' begins or ends is not whole", out->plain[at < pattern->plain.len ? at : 0]);
		refuse(err, pattern, source_at(pattern, at), why);
	} else {
		make_parts(&f);
		out->fits = out->n_parts && check_parts(&f) == 0;
	}
	lexed_release(&f.lexed);
	out->longest = longest_text(out);
	if (!out->fits)
		return;
	const struct part *first = &out->part[0];
	const struct part *last = &out->part[out->n_parts - 1];
	out->begins_word = first->kind == PART_WORD || (first->kind == PART_TEXT && language_is_word(language, first->text[0]));
	out->ends_word = last->kind == PART_TEXT && language_is_word(language, last->text[last->n - 1]);
}

void form_release(struct form *form)
{
	free(form->part);
	free(form->plain);
	*form = (struct form){ 0 };
}
