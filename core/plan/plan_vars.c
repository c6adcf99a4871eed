/* Variables of a plan file: declarations, and values from the command line or from `with`. */
#include "plan/plan_loader.h"

#include "base/path.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "plan/vars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_choices(struct buf *out, const struct strings *choices)
{
	for (size_t i = 0; i < choices->n_items; i++)
		buf_printf(out, "%s'%s'", i == 0 ? "" : i + 1 < choices->n_items ? ", " : " or ", choices->item[i]);
}

/* Is it a value of the variable's type? A path comes out normalised. *out is to be freed. */
static int check_value(const struct plan_var *var, const char *value, char **out, struct err *err)
{
	struct yaml_node node = { .kind = YAML_SCALAR, .text = (char *)value, .plain = true };
	struct buf choices = { 0 };
	int64_t number;
	bool flag;
	int rc = 0;
	*out = NULL;
	switch (var->type) {
	case VAR_INT:
		if (yaml_int(&node, &number) != 0)
			rc = err_set(err, ERR_PLAN, "the variable '%s' is '%.60s'; expected a whole number",
			             var->name, value);
		break;
	case VAR_BOOL:
		if (yaml_bool(&node, &flag) != 0)
			rc = err_set(err, ERR_PLAN, "the variable '%s' is '%.60s'; expected true or false", var->name,
			             value);
		break;
	case VAR_PATH:
		rc = path_normalise(value, out, err);
		if (rc != 0)
			err_prefix(err, "the variable '%s'", var->name);
		break;
	case VAR_CHOICE:
		add_choices(&choices, &var->choices);
		if (strings_find(&var->choices, value) < 0)
			rc = err_set(err, ERR_PLAN, "the variable '%s' is '%.60s'; expected %.200s", var->name, value,
			             buf_str(&choices));
		buf_release(&choices);
		break;
	case VAR_STRING:
		break;
	}
	if (rc == 0 && !*out)
		*out = xstrdup(value);
	return rc;
}

/* What a variable without a good value stands for: itself, so that one finding does not cause others. */
static char *reference_to(const struct plan_var *var)
{
	return xasprintf("{{%s}}", var->name);
}

/* Anything told of the variable since `before` is enough. */
static void check_default(struct plan_reader *r, struct plan_var *var, const struct yaml_node *at, size_t before)
{
	struct err err = { 0 };
	char *value = NULL;
	if (var->type == VAR_CHOICE && !var->choices.n_items)
		plan_error(r, at, "the variable '%s' is a choice without 'choices'; expected a list of them",
		           var->name);
	else if (var->type != VAR_CHOICE && var->choices.n_items)
		plan_error(r, at, "the variable '%s' has 'choices'; expected 'type: choice' with them", var->name);
	else if (var->value && check_value(var, var->value, &value, &err) != 0)
		plan_error(r, at, "%s", err.msg);
	if (r->loader->diags->n_errors > before) {
		free(value);
		value = reference_to(var);
	}
	if (value) {
		free(var->value);
		var->value = value;
	}
}

void plan_read_vars(struct plan_reader *r, const struct yaml_node *map)
{
	struct plan *head = r->source->head;
	if (map->kind != YAML_MAP) {
		plan_error(r, map, "'vars' is no mapping; expected %s", plan_value_expected(PLAN_VALUE_VARS));
		return;
	}
	if (map->n_pairs > PLAN_MAX_VARS) {
		plan_error(r, map, "'vars' has %zu variables; expected %d at most", map->n_pairs, PLAN_MAX_VARS);
		return;
	}
	for (size_t i = 0; i < map->n_pairs; i++) {
		const struct yaml_node *key = map->pair[i].key;
		const struct yaml_node *value = map->pair[i].value;
		struct plan_var var = { .place = plan_place(r, key) };
		size_t before = r->loader->diags->n_errors;
		if (!vars_is_name(key->text)) {
			plan_error(r, key,
			           "'%.60s' is no name of a variable; expected a letter or '_', then letters, digits",
			           key->text);
			continue;
		}
		var.name = xstrdup(key->text);
		if (value->kind == YAML_MAP)
			plan_read_object(r, &plan_var_table, value, &var);
		else if (value->kind == YAML_SCALAR && !yaml_is_null(value))
			var.value = xstrdup(value->text);
		else
			plan_error(r, value,
			           "the variable '%s' has no value; expected a default, or a mapping with 'type'",
			           key->text);
		check_default(r, &var, value, before);
		head->var = vec_room(head->var, head->n_vars, &head->cap_vars, sizeof *head->var);
		head->var[head->n_vars++] = var;
	}
}

static struct plan_var *find_var(struct plan *head, const char *name)
{
	for (size_t i = 0; i < head->n_vars; i++)
		if (strcmp(head->var[i].name, name) == 0)
			return &head->var[i];
	return NULL;
}

static const char *nearest_var(const struct plan *head, const char *name)
{
	const char *known[PLAN_MAX_VARS];
	for (size_t i = 0; i < head->n_vars; i++)
		known[i] = head->var[i].name;
	return text_nearest(name, known, head->n_vars);
}

static int set_var(struct plan *head, const char *name, const char *value, struct err *err)
{
	struct plan_var *var = find_var(head, name);
	const char *near = nearest_var(head, name);
	char *checked;
	if (!var && near)
		return err_set(err, ERR_PLAN, "there is no variable '%.60s'; did you mean '%s'?", name, near);
	if (!var)
		return err_set(err, ERR_PLAN,
		               "there is no variable '%.60s'; expected one that the plan declares under 'vars'", name);
	int rc = check_value(var, value, &checked, err);
	free(var->value);
	var->value = rc == 0 ? checked : reference_to(var);
	return rc;
}

static void keep_reference(struct plan_reader *r, const struct plan_var *var, bool tell)
{
	char *reference = reference_to(var);
	const struct plan_source *from = r->source->from;
	struct yaml_node at = { .line = var->place.line, .column = var->place.column };
	if (tell)
		plan_error(r, &at, "the variable '%s' has no value; expected %s, or a default", var->name,
		           from ? "one in the 'with' of the step that includes this plan" : "--var NAME=VALUE");
	name_values_set(&r->source->vars, var->name, reference);
	free(reference);
}

void plan_set_vars(struct plan_reader *r)
{
	struct plan *head = r->source->head;
	const struct name_values *given = r->source->given;
	const struct yaml_node *with = r->source->with;
	struct plan_reader outer = *r;
	outer.source = (struct plan_source *)r->source->from;
	for (size_t i = 0; given && i < given->n_pairs; i++) {
		struct err err = { 0 };
		const struct name_value *pair = &given->pair[i];
		if (set_var(head, pair->name, pair->value, &err) == 0)
			continue;
		const struct yaml_node *at = with ? yaml_get(with, pair->name) : NULL;
		if (at)
			plan_error(&outer, at, "%s", err.msg);
		else
			diags_add(r->loader->diags, DIAG_ERROR, "--var", 0, 0, "%s", err.msg);
	}
	for (size_t i = 0; i < head->n_vars; i++) {
		if (head->var[i].value)
			name_values_set(&r->source->vars, head->var[i].name, head->var[i].value);
		else
			keep_reference(r, &head->var[i], !r->loader->options->allow_unset);
	}
}
