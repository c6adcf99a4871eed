/* One step of the plan file: the keys of its verb, and what they say together. */
#include "plan/plan_loader.h"

#include "base/xalloc.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

static const char *const no_steps[] = { NULL };

int plan_add_step(struct plan_reader *r, struct plan_step *step, const struct yaml_node *at)
{
	struct plan_loader *loader = r->loader;
	struct plan *plan = loader->plan;
	if (plan->n_steps >= PLAN_MAX_STEPS) {
		if (!loader->told_steps)
			plan_error(r, at, "the plan has more than %d steps; expected fewer", PLAN_MAX_STEPS);
		loader->told_steps = true;
		plan_step_release(step);
		return -1;
	}
	if (step->id && strlen(step->id) > PLAN_MAX_FULL_ID) {
		plan_error(r, at, "the id has %zu characters with those of its groups; expected %d at most",
		           strlen(step->id), PLAN_MAX_FULL_ID);
		free(step->id);
		step->id = NULL;
	}
	int first = step->id ? plan_find(plan, step->id) : -1;
	if (first >= 0)
		plan_error(r, at, "the id '%s' stands at line %d already; expected each id once", step->id,
		           plan->step[first].place.line);
	size_t index = plan->n_steps;
	plan->step = vec_room(plan->step, index, &plan->cap_steps, sizeof *plan->step);
	loader->home = vec_room(loader->home, index, &loader->cap_home, sizeof *loader->home);
	loader->home[index] = strlen(r->source->prefix);
	if (step->id && first < 0)
		map_put(&plan->by_id, step->id, (void *)(uintptr_t)(index + 1));
	if (!step->id)
		step->id = xstrdup("?");
	plan->step[plan->n_steps++] = *step;
	*step = (struct plan_step){ 0 };
	return (int)index;
}

static void note_need(struct plan_reader *r, size_t step, const char *name, const struct yaml_node *at)
{
	struct plan_loader *loader = r->loader;
	if (!plan_spend(r, at, strlen(name)))
		return;
	loader->need = vec_room(loader->need, loader->n_needs, &loader->cap_needs, sizeof *loader->need);
	loader->need[loader->n_needs++] = (struct plan_need){ step, xstrdup(name), plan_place(r, at) };
}

void plan_note_needs(struct plan_reader *r, int step, const struct plan_keys *keys)
{
	const struct plan_found *found = NULL;
	for (size_t i = 0; i < keys->n_found; i++)
		if (keys->found[i].schema->value == PLAN_VALUE_NEEDS)
			found = &keys->found[i];
	if (!found || !found->key || step < 0)
		return;
	const struct yaml_node *const *item = &found->value;
	size_t n = 1;
	if (found->value->kind == YAML_SEQ) {
		item = (const struct yaml_node *const *)found->value->item;
		n = found->value->n_items;
	}
	for (size_t i = 0; i < n; i++) {
		if (item[i]->kind != YAML_SCALAR || yaml_is_null(item[i]))
			plan_wrong_value(r, found->schema, item[i]);
		else
			note_need(r, (size_t)step, item[i]->text, item[i]);
	}
}

/* Types that the step's own code reads. */
bool plan_is_structure(enum plan_value value)
{
	return value == PLAN_VALUE_NEEDS || value == PLAN_VALUE_EACH || value == PLAN_VALUE_INCLUDE ||
	       value == PLAN_VALUE_STEPS;
}

static void fill(char **field)
{
	if (!*field)
		*field = xstrdup("");
}

void plan_name_step(struct plan_step *step, const struct plan_site *site)
{
	char *own = step->id;
	if (own && site->number)
		step->id = xasprintf("%s%s[%zu]", site->prefix, own, site->number);
	else if (own && *site->prefix)
		step->id = xasprintf("%s%s", site->prefix, own);
	if (own != step->id)
		free(own);
	fill(&step->title);
	fill(&step->cwd);
	fill(&step->model.use);
}

/* What an included plan says of models goes for its steps, where they say nothing themselves. */
static void inherit_model(const struct plan_reader *r, struct model_options *own)
{
	for (const struct plan_source *source = r->source; source->from; source = source->from) {
		const struct model_options *shared = &source->head->model;
		if ((!own->use || !*own->use) && shared->use && *shared->use) {
			free(own->use);
			own->use = xstrdup(shared->use);
		}
		if (!own->has_temperature && shared->has_temperature) {
			own->has_temperature = true;
			own->temperature = shared->temperature;
		}
		if (!own->max_tokens)
			own->max_tokens = shared->max_tokens;
		for (size_t i = 0, none = !own->escalate.n_items; none && i < shared->escalate.n_items; i++)
			strings_add(&own->escalate, shared->escalate.item[i]);
	}
}

static bool is_given(const struct plan_found *found, bool is_verb)
{
	bool flag = true;
	if (!found->key || (is_verb && yaml_is_null(found->value)))
		return false;
	if (is_verb && found->value->kind == YAML_SEQ && !found->value->n_items)
		return false;
	return found->schema->value != PLAN_VALUE_BOOL || yaml_bool(found->value, &flag) != 0 || flag;
}

static void tell_alternatives(struct plan_reader *r, const struct plan_verb *verb, const struct yaml_node *key)
{
	const char *const *name = verb->alternatives;
	struct buf list = { 0 };
	for (size_t i = 0; name[i]; i++)
		buf_printf(&list, "%s'%s'", i == 0 ? "" : name[i + 1] ? ", " : " or ", name[i]);
	plan_error(r, key, "%s does not say what is done; expected %s with a value", verb->table.what, buf_str(&list));
	buf_release(&list);
}

/* Of the keys that say what the verb does, one must be given, and with some verbs no other. */
static void check_alternatives(struct plan_reader *r, const struct plan_site *site, const struct plan_keys *keys)
{
	const struct plan_verb *verb = site->verb;
	const char *const *name = verb->alternatives ? verb->alternatives : no_steps;
	const struct plan_found *first = NULL;
	for (size_t i = 0; name[i]; i++) {
		for (size_t k = 0; k < keys->n_found; k++) {
			const struct plan_found *found = &keys->found[k];
			if (strcmp(found->schema->name, name[i]) != 0 || !is_given(found, k == 0))
				continue;
			if (first && verb->exactly_one)
				plan_error(r, found->key, "'%s' and '%s' exclude each other; expected one of them",
				           first->schema->name,
				           found->schema->name);
			first = first ? first : found;
		}
	}
	if (verb->alternatives && !first)
		tell_alternatives(r, verb, keys->found[0].key);
}

static void check_step(struct plan_reader *r, const struct plan_site *site, const struct plan_keys *keys,
                       const struct plan_step *step)
{
	check_alternatives(r, site, keys);
	if (step->verb == VERB_SCAFFOLD && step->template_dir && step->files.n_pairs)
		plan_error(r, keys->found[0].key,
		           "a folder of templates and 'files' exclude each other; expected one of them");
}

/* Variables that win over the plan's: the value of a listed `each`, then `with`. */
static void read_with(struct plan_reader *r, const struct plan_site *site)
{
	const struct yaml_node *with = yaml_get(site->node, "with");
	const struct plan_key *key = plan_table_find(&site->verb->table, "with");
	struct name_values own = { 0 };
	if (!with || !key || with->kind != YAML_MAP)
		return;
	struct diags *diags = r->loader->diags;
	struct diags aside = { 0 }; /* it is read again, as a field of the step: its findings are told then */
	r->loader->diags = &aside;
	plan_read_pairs(r, key, with, &own);
	r->loader->diags = diags;
	diags_release(&aside);
	name_values_copy(&r->with, &own);
	name_values_release(&own);
}

static void keep_list(struct plan_reader *r, const struct yaml_node *at, const struct name_values *from,
                      struct name_values *to)
{
	size_t cost = 0;
	for (size_t i = 0; i < from->n_pairs; i++)
		cost += strlen(from->pair[i].name) + strlen(from->pair[i].value);
	if (plan_spend(r, at, cost))
		name_values_copy(to, from);
}

/* Templates are read when the step runs, and may then ask for any variable. */
static void keep_vars(struct plan_reader *r, const struct yaml_node *at, struct plan_step *step)
{
	keep_list(r, at, &r->source->vars, &step->vars);
	keep_list(r, at, &r->with, &step->vars);
}

/* Reads one step, and gives it its place. */
void plan_read_step(struct plan_reader *outer, const struct plan_site *site, const struct yaml_node *glob_each)
{
	struct plan_reader reader = *outer;
	struct plan_reader *r = &reader;
	struct plan_keys keys;
	struct plan_step step = { .verb = site->verb->verb, .parent = site->parent, .mode = -1 };
	step.place = plan_place(r, site->node);
	r->step = &step;
	r->with = (struct name_values){ 0 };
	name_values_copy(&r->with, &outer->with);
	if (glob_each) {
		const struct yaml_pair *pair = &glob_each->pair[0];
		struct plan_key key = { .name = "each", .value = PLAN_VALUE_PATHS };
		plan_read_path(r, &key, pair->value, &step.each.glob);
		step.each.name = xstrdup(pair->key->text);
		r->keep = step.each.name;
	}
	if (step.verb == VERB_SCAFFOLD)
		step.exists = EXISTS_FAIL;
	read_with(r, site);
	plan_find_keys(r, site->node, &site->verb->table, &plan_common_table, &keys);
	for (size_t i = 0; i < keys.n_found; i++)
		if (keys.found[i].key && !plan_is_structure(keys.found[i].schema->value))
			plan_read_value(r, keys.found[i].schema, keys.found[i].value, &step);
	check_step(r, site, &keys, &step);
	if (step.verb == VERB_SCAFFOLD)
		keep_vars(r, site->node, &step);
	inherit_model(r, &step.model);
	plan_name_step(&step, site);
	const struct yaml_node *id = yaml_get(site->node, "id");
	int index = plan_add_step(r, &step, id ? id : site->node);
	if (!site->number)
		plan_note_needs(r, index, &keys);
	name_values_release(&r->with);
}
