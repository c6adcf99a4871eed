/* The plan's policy rules, tested with their own examples, and its checks. */
#include "plan/plan_loader.h"

#include "base/glob.h"
#include "base/xalloc.h"
#include "plan/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool rule_matches_example(const struct policy_rule *rule, const char *example)
{
	if (rule->write)
		return policy_rule_writes(rule, example);
	struct plan_command command = { .shell = true };
	strings_add(&command.argv, "sh");
	strings_add(&command.argv, "-c");
	strings_add(&command.argv, example);
	bool matches = policy_rule_runs(rule, &command);
	strings_release(&command.argv);
	return matches;
}

static const struct yaml_node *example_node(const struct yaml_node *map, const char *key, size_t i)
{
	const struct yaml_node *value = yaml_get(map, key);
	return value && value->kind == YAML_SEQ && i < value->n_items ? value->item[i] : value ? value : map;
}

static void test_examples(struct plan_reader *r, const struct policy_rule *rule, const struct yaml_node *map)
{
	for (size_t i = 0; i < rule->match.n_items; i++)
		if (!rule_matches_example(rule, rule->match.item[i]))
			plan_error(r, example_node(map, "match", i),
			           "the rule does not match its example '%.100s'; expected it to",
			           rule->match.item[i]);
	for (size_t i = 0; i < rule->no_match.n_items; i++)
		if (rule_matches_example(rule, rule->no_match.item[i]))
			plan_error(r, example_node(map, "no_match", i), "the rule matches '%.100s'; expected it not to",
			           rule->no_match.item[i]);
}

static void read_rule(struct plan_reader *r, const struct yaml_node *map, struct policy_rule *rule)
{
	size_t before = r->loader->diags->n_errors;
	struct err err = { 0 };
	struct glob *glob = NULL;
	rule->place = plan_place(r, map);
	plan_read_object(r, &plan_rule_table, map, rule);
	if (!rule->why)
		rule->why = xstrdup("");
	if (map->kind != YAML_MAP)
		return;
	if (!yaml_get(map, "run") == !yaml_get(map, "write"))
		plan_error(r, map, "a rule is about commands or about paths; expected one of 'run' and 'write'");
	if (rule->write && glob_compile(&glob, rule->write, &err) != 0)
		plan_error(r, yaml_get(map, "write"), "%s; expected a glob", err.msg);
	glob_free(glob);
	if (r->loader->diags->n_errors == before)
		test_examples(r, rule, map);
}

void plan_read_rules(struct plan_reader *r, const struct yaml_node *list)
{
	struct plan *head = r->source->head;
	if (list->kind != YAML_SEQ) {
		plan_error(r, list, "'rules' is no list; expected %s", plan_value_expected(PLAN_VALUE_RULES));
		return;
	}
	for (size_t i = 0; i < list->n_items; i++) {
		struct policy_rule rule = { 0 };
		read_rule(r, list->item[i], &rule);
		head->rule = vec_room(head->rule, head->n_rules, &head->cap_rules, sizeof *head->rule);
		head->rule[head->n_rules++] = rule;
	}
}

static void read_check(struct plan_reader *r, const struct yaml_node *map, struct plan_check *check)
{
	check->place = plan_place(r, map);
	plan_read_object(r, &plan_check_table, map, check);
	if (!check->errors)
		check->errors = xstrdup("");
}

void plan_read_named_checks(struct plan_reader *r, const struct yaml_node *map)
{
	struct plan *plan = r->loader->plan;
	if (map->kind != YAML_MAP) {
		plan_error(r, map, "'checks' is no mapping; expected %s", plan_value_expected(PLAN_VALUE_NAMED_CHECKS));
		return;
	}
	for (size_t i = 0; i < map->n_pairs; i++) {
		const struct yaml_node *key = map->pair[i].key;
		struct plan_check check = { .name = xasprintf("%s%s", r->source->prefix, key->text) };
		if (!*key->text || key->len > 64 || strpbrk(key->text, ":. \t\n"))
			plan_error(r, key, "'%.60s' is no name of a check; expected a word without blanks, '.' and ':'",
			           key->text);
		read_check(r, map->pair[i].value, &check);
		if (plan_find_check(plan, check.name)) { /* told as a duplicate key */
			plan_check_release(&check);
			continue;
		}
		plan->check = vec_room(plan->check, plan->n_checks, &plan->cap_checks, sizeof *plan->check);
		plan->check[plan->n_checks++] = check;
	}
}

static void tell_unknown_check(struct plan_reader *r, const struct yaml_node *at)
{
	const struct plan *plan = r->loader->plan;
	const char **known = xcalloc(plan->n_checks + 1, sizeof *known);
	size_t prefix = strlen(r->source->prefix);
	size_t n = 0;
	for (size_t i = 0; i < plan->n_checks; i++)
		if (strncmp(plan->check[i].name, r->source->prefix, prefix) == 0)
			known[n++] = plan->check[i].name + prefix;
	const char *near = plan_nearest(r, at->text, known, n);
	if (near)
		plan_error(r, at, "there is no check '%.60s'; did you mean '%s'?", at->text, near);
	else
		plan_error(r, at, "there is no check '%.60s'; expected one of the plan's 'checks', or {run: COMMAND}",
		           at->text);
	free(known);
}

static void read_check_name(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                            struct strings *out)
{
	if (value->kind != YAML_SCALAR || yaml_is_null(value)) {
		plan_wrong_value(r, key, value);
		return;
	}
	char *name = xasprintf("%s%s", r->source->prefix, value->text);
	if (!plan_find_check(r->loader->plan, name))
		tell_unknown_check(r, value);
	else if (strings_find(out, name) < 0)
		strings_add(out, name);
	free(name);
}

static void read_inline_check(struct plan_reader *r, const struct yaml_node *value, struct strings *out)
{
	struct plan_step *step = r->step;
	size_t n = step->n_inline_checks;
	step->inline_check = xrealloc(step->inline_check, (n + 1) * sizeof *step->inline_check);
	step->inline_check[n] = (struct plan_check){ .name = xasprintf("inline:%zu", n + 1) };
	step->n_inline_checks++;
	read_check(r, value, &step->inline_check[n]);
	strings_add(out, step->inline_check[n].name);
}

void plan_read_checks(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                      struct strings *out)
{
	const struct yaml_node *const *item = &value;
	size_t n = 1;
	strings_release(out);
	if (key->may_be_null && yaml_is_null(value))
		return;
	if (value->kind == YAML_SEQ) {
		item = (const struct yaml_node *const *)value->item;
		n = value->n_items;
	}
	for (size_t i = 0; i < n; i++) {
		if (item[i]->kind == YAML_MAP)
			read_inline_check(r, item[i], out);
		else
			read_check_name(r, key, item[i], out);
	}
}
