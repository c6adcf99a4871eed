/* The tree of steps: groups, included plans, and one step for every value of a list. */
#include "plan/plan_loader.h"

#include "base/xalloc.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

/* The group that stands for a step with a listed `each`, for `steps`, or for an included plan. */
static int read_group_head(struct plan_reader *r, const struct plan_site *site, const struct plan_table *common)
{
	struct plan_keys keys;
	struct plan_step step = { .verb = VERB_GROUP, .parent = site->parent, .mode = -1 };
	step.place = plan_place(r, site->node);
	struct diags *diags = r->loader->diags;
	struct diags aside = { 0 };
	if (!site->verb->is_group) /* its keys are told of with the steps that are made */
		r->loader->diags = &aside;
	plan_find_keys(r, site->node, &site->verb->table, common, &keys);
	for (size_t i = 0; i < keys.n_found; i++)
		if (keys.found[i].key && plan_table_find(&plan_group_table, keys.found[i].schema->name) &&
		    !plan_is_structure(keys.found[i].schema->value))
			plan_read_value(r, keys.found[i].schema, keys.found[i].value, &step);
	r->loader->diags = diags;
	diags_release(&aside);
	plan_name_step(&step, site);
	const struct yaml_node *id = yaml_get(site->node, "id");
	int index = plan_add_step(r, &step, id ? id : site->node);
	plan_note_needs(r, index, &keys);
	return index;
}

/* One step for each value; findings in the first that has some are findings in all. */
static void read_listed_each(struct plan_reader *outer, struct plan_site site, const struct yaml_pair *pair)
{
	const struct yaml_node *list = pair->value;
	struct diags *diags = outer->loader->diags;
	size_t before = diags->n_errors;
	if (!list->n_items || list->n_items > PLAN_MAX_EACH) {
		plan_error(outer, list, "'each' lists %zu values; expected 1 to %d", list->n_items, PLAN_MAX_EACH);
		return;
	}
	site.parent = read_group_head(outer, &site, &plan_common_table);
	for (size_t i = 0; i < list->n_items && site.parent >= 0 && diags->n_errors == before; i++) {
		struct plan_reader r = *outer;
		struct plan_key key = { .name = pair->key->text, .value = PLAN_VALUE_TEXT };
		char *value = plan_read_text(outer, &key, list->item[i]);
		r.with = (struct name_values){ 0 };
		name_values_copy(&r.with, &outer->with);
		if (value)
			name_values_set(&r.with, pair->key->text, value);
		site.number = i + 1;
		if (value)
			plan_read_step(&r, &site, NULL);
		name_values_release(&r.with);
		free(value);
	}
}

static void read_each(struct plan_reader *r, const struct plan_site *site, const struct yaml_node *each)
{
	if (each->kind != YAML_MAP || each->n_pairs != 1 || each->pair[0].value->kind == YAML_MAP ||
	    yaml_is_null(each->pair[0].value)) {
		plan_error(r, each, "'each' is not understood; expected %s", plan_value_expected(PLAN_VALUE_EACH));
		return;
	}
	const struct yaml_pair *pair = &each->pair[0];
	if (!vars_is_name(pair->key->text))
		plan_error(r, pair->key,
		           "'%.60s' is no name of a variable; expected a letter or '_', then letters and digits",
		           pair->key->text);
	else if (pair->value->kind == YAML_SEQ)
		read_listed_each(r, *site, pair);
	else
		plan_read_step(r, site, each);
}

static void read_group(struct plan_reader *r, const struct plan_site *site)
{
	const struct plan_key *key = &site->verb->table.key[0];
	const struct yaml_node *value = yaml_get(site->node, key->name);
	int group = read_group_head(r, site, &plan_group_table);
	if (group < 0)
		return;
	if (key->value == PLAN_VALUE_INCLUDE) {
		plan_read_include(r, value, yaml_get(site->node, "with"), group);
		return;
	}
	char *prefix = xasprintf("%s.", r->loader->plan->step[group].id);
	plan_read_steps(r, value, prefix, group);
	free(prefix);
}

static const struct yaml_node *key_node(const struct yaml_node *map, const char *name)
{
	for (size_t i = 0; i < map->n_pairs; i++)
		if (strcmp(map->pair[i].key->text, name) == 0)
			return map->pair[i].key;
	return NULL;
}

/* Is the verb's word a key of another verb here, as `run` is of `test`? */
static bool serves_another(const struct yaml_node *node, const struct plan_verb *verb)
{
	const char *name = verb->table.key[0].name;
	for (size_t i = 0; i < plan_n_verbs; i++) {
		const struct plan_verb *other = &plan_verb_schema[i];
		if (other != verb && yaml_get(node, other->table.key[0].name) && plan_table_find(&other->table, name))
			return true;
	}
	return false;
}

static void tell_no_verb(const struct plan_reader *r, const struct yaml_node *node)
{
	const char *name[16];
	struct buf list = { 0 };
	for (size_t i = 0; i < plan_n_verbs; i++) {
		name[i] = plan_verb_schema[i].table.key[0].name;
		buf_printf(&list, "%s'%s'", i == 0 ? "" : i + 1 < plan_n_verbs ? ", " : " or ", name[i]);
	}
	bool told = false;
	for (size_t i = 0; i < node->n_pairs; i++) {
		const struct yaml_node *key = node->pair[i].key;
		const char *near =
			plan_table_find(&plan_common_table, key->text) ? NULL : plan_nearest(r, key->text, name,
			                plan_n_verbs);
		if (near && !told)
			plan_error(r, key, "unknown key '%.60s' in a step; did you mean '%s'?", key->text, near);
		told = told || near;
	}
	if (!told)
		plan_error(r, node, "the step has no verb; expected %s", buf_str(&list));
	buf_release(&list);
}

/* The verb of a step; NULL when it has none or several, which is told. */
static const struct plan_verb *find_verb(const struct plan_reader *r, const struct yaml_node *node)
{
	const struct plan_verb *found = NULL;
	for (size_t i = 0; i < plan_n_verbs; i++) {
		const struct plan_verb *verb = &plan_verb_schema[i];
		const struct yaml_node *key = key_node(node, verb->table.key[0].name);
		if (!key || serves_another(node, verb))
			continue;
		if (found) {
			plan_error(r, key, "the step has two verbs, '%s' and '%s'; expected one",
			           found->table.key[0].name,
			           verb->table.key[0].name);
			return NULL;
		}
		found = verb;
	}
	if (!found)
		tell_no_verb(r, node);
	return found;
}

/* A step that cannot be read still has its name, so that needs for it are no further findings. */
static void keep_name(struct plan_reader *r, const struct plan_site *site)
{
	struct plan_step step = { .verb = VERB_ASK, .parent = site->parent, .mode = -1 };
	const struct yaml_node *id = yaml_get(site->node, "id");
	const struct plan_key *key = plan_table_find(&plan_common_table, "id");
	step.place = plan_place(r, site->node);
	if (id)
		plan_read_value(r, key, id, &step);
	else
		plan_error(r, site->node, "a step has no 'id'; expected 'id:' with %s",
		           plan_value_expected(key->value));
	plan_name_step(&step, site);
	plan_add_step(r, &step, id ? id : site->node);
}

static void read_step(struct plan_reader *r, const struct yaml_node *node, const char *prefix, int parent)
{
	if (node->kind != YAML_MAP) {
		plan_error(r, node, "a step is no mapping; expected 'id' and a verb");
		return;
	}
	struct plan_site site = { .node = node, .verb = find_verb(r, node), .prefix = prefix, .parent = parent };
	const struct yaml_node *each = yaml_get(node, "each");
	if (!site.verb)
		keep_name(r, &site);
	else if (site.verb->is_group)
		read_group(r, &site);
	else if (each)
		read_each(r, &site, each);
	else
		plan_read_step(r, &site, NULL);
}

void plan_read_steps(struct plan_reader *r, const struct yaml_node *list, const char *prefix, int parent)
{
	if (list->kind != YAML_SEQ || !list->n_items) {
		plan_error(r, list, "'steps' %s; expected a list of one step or more",
		           list->kind == YAML_MAP ? "is a mapping" : list->kind == YAML_SEQ || yaml_is_null(list)
		           ? "is empty" : "is a text");
		return;
	}
	for (size_t i = 0; i < list->n_items; i++)
		read_step(r, list->item[i], prefix, parent);
}
