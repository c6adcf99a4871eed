#include "plan/vars.h"

#include "base/text.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

const char *name_values_get(const struct name_values *list, const char *name)
{
	for (size_t i = 0; list && i < list->n_pairs; i++)
		if (strcmp(list->pair[i].name, name) == 0)
			return list->pair[i].value;
	return NULL;
}

void name_values_set(struct name_values *list, const char *name, const char *value)
{
	for (size_t i = 0; i < list->n_pairs; i++) {
		if (strcmp(list->pair[i].name, name) != 0)
			continue;
		char *copy = xstrdup(value);
		free(list->pair[i].value);
		list->pair[i].value = copy;
		return;
	}
	list->pair = vec_room(list->pair, list->n_pairs, &list->cap_pairs, sizeof *list->pair);
	list->pair[list->n_pairs++] = (struct name_value){ xstrdup(name), xstrdup(value) };
}

void name_values_copy(struct name_values *out, const struct name_values *list)
{
	for (size_t i = 0; list && i < list->n_pairs; i++)
		name_values_set(out, list->pair[i].name, list->pair[i].value);
}

void name_values_release(struct name_values *list)
{
	for (size_t i = 0; i < list->n_pairs; i++) {
		free(list->pair[i].name);
		free(list->pair[i].value);
	}
	free(list->pair);
	*list = (struct name_values){ 0 };
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

bool vars_is_name(const char *text)
{
	if (!is_name_start(*text))
		return false;
	while (is_name_char(*text))
		text++;
	return *text == '\0';
}

/*
 * Length of the reference at text, which begins with "{{", and its name; 0 when it is none: only a name
 * between the braces makes one, so that `{{0}}` and `{{a, b}}` of real code need no escape.
 */
static size_t reference_at(const char *text, const char **name, size_t *n)
{
	const char *p = text + 2;
	p += strspn(p, " ");
	*name = p;
	if (!is_name_start(*p))
		return 0;
	while (is_name_char(*p))
		p++;
	*n = (size_t)(p - *name);
	p += strspn(p, " ");
	return p[0] == '}' && p[1] == '}' ? (size_t)(p + 2 - text) : 0;
}

static int unknown_variable(const char *name, const struct name_values *first, const struct name_values *second,
                            struct err *err)
{
	const struct name_values *list[] = { first, second };
	struct strings known = { 0 };
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; list[l] && i < list[l]->n_pairs; i++)
			strings_add(&known, list[l]->pair[i].name);
	const char *near = text_nearest(name, (const char *const *)known.item, known.n_items);
	if (near)
		err_set(err, ERR_PLAN, "there is no variable '%s'; did you mean '%s'?", name, near);
	else
		err_set(err, ERR_PLAN,
		        "there is no variable '%s'; declare it under 'vars', or write '\\{{' for two braces",
		        name);
	strings_release(&known);
	return -1;
}

/* A value that goes into a text which is expanded once more: its braces must come out as they are. */
static void add_escaped(struct buf *out, const char *value)
{
	for (const char *p = value; *p; p++) {
		if (p[0] == '{' && p[1] == '{')
			buf_add_char(out, '\\');
		buf_add_char(out, *p);
		if (p[0] == '{' && p[1] == '{')
			buf_add_char(out, *++p);
	}
}

static int expand(struct buf *out, const char *text, const struct name_values *first,
                  const struct name_values *second, const char *keep, struct err *err)
{
	while (*text) {
		size_t plain = strcspn(text, "\\{");
		buf_add(out, text, plain);
		text += plain;
		const char *name;
		size_t n;
		if (strncmp(text, "\\{{", 3) == 0) {
			buf_add_str(out, keep ? "\\{{" : "{{");
			text += 3;
			continue;
		}
		size_t len = strncmp(text, "{{", 2) == 0 ? reference_at(text, &name, &n) : 0;
		if (!len) {
			if (*text)
				buf_add_char(out, *text++);
			continue;
		}
		char *copy = xstrndup(name, n);
		const char *own = name_values_get(first, copy);
		const char *value = own ? own : name_values_get(second, copy);
		int rc = 0;
		if (keep && strcmp(copy, keep) == 0)
			buf_printf(out, "{{%s}}", keep);
		else if (value && keep && !own)
			add_escaped(out, value);
		else if (value)
			buf_add_str(out, value);
		else
			rc = unknown_variable(copy, first, second, err);
		free(copy);
		if (rc != 0)
			return -1;
		text += len;
	}
	return 0;
}

int vars_expand(struct buf *out, const char *text, const struct name_values *first, const struct name_values *second,
                struct err *err)
{
	return expand(out, text, first, second, NULL, err);
}

int vars_expand_template(struct buf *out, const char *text, const struct name_values *first,
                         const struct name_values *second, const char *keep, struct err *err)
{
	return expand(out, text, first, second, keep, err);
}
