#include "edit/template.h"

#include "base/text.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/template_tag.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32
#define TURNS_MAX 100000 /* of all loops together */

/* A piece of the template. IF, ELSE and EACH know where what they open ends. */
struct part {
	struct template_tag tag;
	size_t other; /* of IF: its ELSE or END; of ELSE and EACH: the END */
	int line, column;
};

struct template {
	char *name;
	char *text;
	struct part *part;
	size_t n_parts, cap_parts;
};

/* ---- compiling ---- */

struct compiler {
	struct template *t;
	size_t n;
	size_t open[DEPTH_MAX]; /* parts that wait for their end */
	size_t depth;
	size_t line_start;
	int line;
	struct err *err;
};

static int refuse(struct compiler *c, size_t at, const char *what)
{
	return err_set(c->err, ERR_PLAN, "%.200s:%d:%zu: %s", c->t->name, c->line, at - c->line_start + 1, what);
}

static struct part *add_part(struct compiler *c, size_t at)
{
	struct template *t = c->t;
	t->part = vec_room(t->part, t->n_parts, &t->cap_parts, sizeof *t->part);
	struct part *part = &t->part[t->n_parts++];
	*part = (struct part){ .line = c->line, .column = (int)(at - c->line_start) + 1 };
	return part;
}

static void add_text(struct compiler *c, size_t at, size_t end)
{
	if (end > at)
		add_part(c, at)->tag = (struct template_tag){ .kind = TAG_TEXT, .at = at, .end = end };
}

static int close_tag(struct compiler *c, size_t at, enum template_tag_kind kind)
{
	size_t here = c->t->n_parts - 1;
	if (!c->depth)
		return refuse(c, at, kind == TAG_END ? "'{{#end}}' ends nothing" : "'{{#else}}' belongs to no '{{#if}}'");
	struct part *open = &c->t->part[c->open[c->depth - 1]];
	open->other = here;
	if (kind == TAG_ELSE && open->tag.kind != TAG_IF)
		return refuse(c, at, "'{{#else}}' belongs to no '{{#if}}'");
	if (kind == TAG_ELSE)
		c->open[c->depth - 1] = here;
	else
		c->depth--;
	return 0;
}

static int add_tag(struct compiler *c, struct template_tag *tag, size_t at)
{
	enum template_tag_kind kind = tag->kind;
	add_part(c, at)->tag = *tag;
	if (kind == TAG_END || kind == TAG_ELSE)
		return close_tag(c, at, kind);
	if (kind != TAG_IF && kind != TAG_EACH)
		return 0;
	if (c->depth == DEPTH_MAX)
		return refuse(c, at, "tags are nested deeper than 32");
	c->open[c->depth++] = c->t->n_parts - 1;
	return 0;
}

/* Grows a `#` tag that is alone on its line to the whole line. */
static void take_line(const struct compiler *c, size_t *from, size_t *to)
{
	const char *text = c->t->text;
	size_t start = *from;
	size_t end = *to;
	while (start > c->line_start && (text[start - 1] == ' ' || text[start - 1] == '\t'))
		start--;
	while (end < c->n && (text[end] == ' ' || text[end] == '\t'))
		end++;
	if (end < c->n && text[end] == '\r')
		end++;
	if (start != c->line_start || (end < c->n && text[end] != '\n'))
		return;
	*from = start;
	*to = end < c->n ? end + 1 : end;
}

static void count_lines(struct compiler *c, size_t at, size_t end)
{
	for (; at < end; at++) {
		if (c->t->text[at] != '\n')
			continue;
		c->line++;
		c->line_start = at + 1;
	}
}

/* The tag at `at`, if there is one; *next gets what comes after it. *text is where the pending text began. */
static int compile_tag(struct compiler *c, size_t at, size_t *text, size_t *next)
{
	const char *why = NULL;
	struct template_tag tag = { 0 };
	size_t len = template_tag_read(&tag, c->t->text + at, c->n - at, &why);
	if (why)
		return refuse(c, at, why);
	*next = at + (len ? len : 2);
	if (!len)
		return 0;
	size_t from = at;
	if (tag.kind != TAG_VALUE)
		take_line(c, &from, next);
	add_text(c, *text, from);
	*text = *next;
	return add_tag(c, &tag, at);
}

static int compile(struct compiler *c)
{
	const char *text = c->t->text;
	size_t pending = 0;
	size_t at = 0;
	while (at < c->n) {
		size_t next = at + 1;
		if (c->n - at >= 3 && memcmp(text + at, "\\{{", 3) == 0) {
			add_text(c, pending, at);
			pending = at + 1;
			next = at + 3;
		} else if (c->n - at >= 2 && memcmp(text + at, "{{", 2) == 0 && compile_tag(c, at, &pending, &next) != 0) {
			return -1;
		}
		count_lines(c, at, next);
		at = next;
	}
	add_text(c, pending, c->n);
	if (!c->depth)
		return 0;
	const struct part *open = &c->t->part[c->open[c->depth - 1]];
	return err_set(c->err, ERR_PLAN, "%.200s:%d:%d: the tag has no '{{#end}}'", c->t->name, open->line, open->column);
}

int template_compile(struct template **out, const char *name, const char *text, size_t n, struct err *err)
{
	struct template *t = xcalloc(1, sizeof *t);
	struct compiler c = { .t = t, .n = n, .line = 1, .err = err };
	t->name = xstrdup(name);
	t->text = xstrndup(text, n);
	*out = t;
	if (compile(&c) == 0)
		return 0;
	template_free(t);
	*out = NULL;
	return -1;
}

void template_free(struct template *t)
{
	if (!t)
		return;
	free(t->name);
	free(t->text);
	free(t->part);
	free(t);
}

/* ---- rendering ---- */

/* The variables of a loop's turn, in front of those outside. */
struct scope {
	const struct scope *outer;
	const struct template_var *var;
	size_t n_vars;
};

struct renderer {
	const struct template *t;
	struct buf *out;
	size_t n_turns;
	struct err *err;
};

static const char *look_up(const struct scope *scope, const char *name)
{
	for (; scope; scope = scope->outer)
		for (size_t i = 0; i < scope->n_vars; i++)
			if (strcmp(scope->var[i].name, name) == 0)
				return scope->var[i].value;
	return NULL;
}

static int tell_unknown(const struct renderer *r, const struct part *part, const struct scope *scope)
{
	struct strings known = { 0 };
	for (; scope; scope = scope->outer)
		for (size_t i = 0; i < scope->n_vars; i++)
			strings_add(&known, scope->var[i].name);
	const char *near = text_nearest(part->tag.name, (const char *const *)known.item, known.n_items);
	err_set(r->err, ERR_PLAN, "%.200s:%d:%d: there is no variable '%s'", r->t->name, part->line, part->column,
	        part->tag.name);
	if (near)
		err_hint(r->err, "did you mean '%s'?", near);
	else
		err_hint(r->err, "give it in 'with' or 'vars', or write '\\{{' for two braces");
	strings_release(&known);
	return -1;
}

static bool is_true(const char *value)
{
	return value && *value && strcmp(value, "false") != 0 && strcmp(value, "no") != 0 && strcmp(value, "0") != 0;
}

static bool holds(const struct template_tag *tag, const struct scope *scope)
{
	const char *value = look_up(scope, tag->name);
	bool yes = tag->compares ? value && strcmp(value, tag->word) == 0 : is_true(value);
	return yes != tag->negated;
}

static int render(struct renderer *r, size_t from, size_t to, const struct scope *scope);

/* One turn of a loop for each item. */
static int render_each(struct renderer *r, size_t at, const struct scope *scope)
{
	const struct part *part = &r->t->part[at];
	const char *list = look_up(scope, part->tag.word);
	struct strings items = { 0 };
	int rc = 0;
	if (!list)
		return 0;
	template_split(list, &items);
	for (size_t i = 0; i < items.n_items && rc == 0; i++) {
		char index[24];
		snprintf(index, sizeof index, "%zu", i + 1);
		const struct template_var var[] = {
			{ part->tag.name, items.item[i] },
			{ "index", index },
			{ "first", i == 0 ? "true" : "false" },
			{ "last", i + 1 == items.n_items ? "true" : "false" },
		};
		const struct scope turn = { scope, var, sizeof var / sizeof *var };
		rc = render(r, at + 1, part->other, &turn);
		if (rc == 0 && ++r->n_turns > TURNS_MAX)
			rc = err_set(r->err, ERR_LIMIT, "%.200s:%d:%d: the loops make more than %d turns", r->t->name, part->line,
			             part->column, TURNS_MAX);
	}
	strings_release(&items);
	return rc;
}

static int render_value(struct renderer *r, const struct part *part, const struct scope *scope)
{
	const char *value = look_up(scope, part->tag.name);
	if (!value)
		return tell_unknown(r, part, scope);
	word_case_add(r->out, value, part->tag.word_case);
	return 0;
}

/* *at gets the part that comes next. */
static int render_if(struct renderer *r, size_t *at, const struct scope *scope)
{
	const struct part *part = r->t->part;
	size_t middle = part[*at].other;
	size_t end = part[middle].tag.kind == TAG_ELSE ? part[middle].other : middle;
	int rc = 0;
	if (holds(&part[*at].tag, scope))
		rc = render(r, *at + 1, middle, scope);
	else if (middle != end)
		rc = render(r, middle + 1, end, scope);
	*at = end;
	return rc;
}

static int render(struct renderer *r, size_t from, size_t to, const struct scope *scope)
{
	int rc = 0;
	for (size_t i = from; i < to && rc == 0; i++) {
		const struct part *part = &r->t->part[i];
		if (part->tag.kind == TAG_TEXT) {
			buf_add(r->out, r->t->text + part->tag.at, part->tag.end - part->tag.at);
		} else if (part->tag.kind == TAG_VALUE) {
			rc = render_value(r, part, scope);
		} else if (part->tag.kind == TAG_IF) {
			rc = render_if(r, &i, scope);
		} else if (part->tag.kind == TAG_EACH) {
			rc = render_each(r, i, scope);
			i = part->other;
		}
		if (rc == 0 && r->out->truncated)
			rc = err_set(r->err, ERR_LIMIT, "the template '%.200s' makes more than %d bytes", r->t->name,
			             TEMPLATE_OUTPUT_MAX);
	}
	return rc;
}

int template_render(const struct template *t, const struct template_var *var, size_t n_vars, struct buf *out,
                    struct err *err)
{
	struct renderer r = { .t = t, .out = out, .err = err };
	const struct scope scope = { NULL, var, n_vars };
	size_t max = out->max;
	out->max = out->len + TEMPLATE_OUTPUT_MAX;
	int rc = render(&r, 0, t->n_parts, &scope);
	out->max = max;
	return rc;
}
