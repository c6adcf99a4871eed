/* `include`: another plan file as a group. It may tighten the policy of the plan that includes it, never loosen it. */
#include "plan/plan_loader.h"

#include "base/hash.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

static void add_chain(struct buf *out, const struct plan_source *source)
{
	if (source->from)
		add_chain(out, source->from);
	buf_printf(out, "%s -> ", source->file);
}

/* Without "." and "..", which readers of files may leave in names; to be freed. */
static char *plain_path(const char *path)
{
	char *plain = NULL;
	const char *relative = path + strspn(path, "/");
	if (path_normalise(relative, &plain, NULL) != 0)
		return xstrdup(path);
	char *out = xasprintf("%s%s", relative > path ? "/" : "", plain);
	free(plain);
	return out;
}

static bool is_same_file(const char *a, const char *b)
{
	char *plain_a = plain_path(a);
	char *plain_b = plain_path(b);
	bool same = strcmp(plain_a, plain_b) == 0;
	free(plain_a);
	free(plain_b);
	return same;
}

/* Does the file include itself, or go too deep? */
static bool is_refused(struct plan_reader *r, const struct yaml_node *at, const char *path)
{
	struct buf chain = { 0 };
	size_t depth = 0;
	bool is_cycle = false;
	for (const struct plan_source *source = r->source; source; source = source->from, depth++)
		is_cycle = is_cycle || is_same_file(source->file, path);
	add_chain(&chain, r->source);
	buf_add_str(&chain, path);
	if (is_cycle)
		plan_error(r, at, "the plan includes itself: %s; expected no cycle", buf_str(&chain));
	else if (depth >= PLAN_MAX_INCLUDE_DEPTH)
		plan_error(r, at, "plans include each other more than %d deep; expected fewer", PLAN_MAX_INCLUDE_DEPTH);
	buf_release(&chain);
	return is_cycle || depth >= PLAN_MAX_INCLUDE_DEPTH;
}

static void lower(int64_t *limit, int64_t other)
{
	if (other && (!*limit || other < *limit))
		*limit = other;
}

/* Limits, rules and level: of two the stricter holds, for the whole run. */
static void merge_policy(struct plan *plan, struct plan *head)
{
	if (head->confirm < plan->confirm)
		plan->confirm = head->confirm;
	lower(&plan->limits.workers, head->limits.workers);
	lower(&plan->limits.tokens, head->limits.tokens);
	lower(&plan->limits.seconds, head->limits.seconds);
	if (head->limits.usd > 0 && (plan->limits.usd <= 0 || head->limits.usd < plan->limits.usd))
		plan->limits.usd = head->limits.usd;
	for (size_t i = 0; i < head->n_rules; i++) {
		plan->rule = vec_room(plan->rule, plan->n_rules, &plan->cap_rules, sizeof *plan->rule);
		plan->rule[plan->n_rules++] = head->rule[i];
	}
	head->n_rules = 0; /* they have moved */
}

void plan_merge_head(struct plan_reader *r, const struct yaml_node *root)
{
	struct plan *plan = r->loader->plan;
	struct plan *head = r->source->head;
	enum risk outer = r->source->from->confirm;
	const struct yaml_node *confirm = yaml_get(yaml_get(root, "policy"), "confirm");
	if (head->confirm > outer && confirm)
		plan_error(r, confirm,
		           "'confirm' is '%s', and the plan that includes this one asks at '%s' already; expected "
		           "that or stricter", risk_name(head->confirm), risk_name(outer));
	merge_policy(plan, head);
	for (size_t i = 0; i < head->context.n_items; i++)
		if (strings_find(&plan->context, head->context.item[i]) < 0)
			strings_add(&plan->context, head->context.item[i]);
	struct plan_step *group = &plan->step[r->source->group];
	if (!*group->title && head->name) {
		free(group->title);
		group->title = xstrdup(head->name);
	}
}

/* Reads the text of an included file as a plan of its own. */
static void read_text(struct plan_reader *r, struct plan_source *source, const char *text, size_t n)
{
	struct plan_reader inner = { .loader = r->loader, .source = source };
	struct yaml_doc *doc;
	struct yaml_node at = { .line = 1, .column = 1 };
	hasher_add(r->loader->hasher, "", 1);
	hasher_add(r->loader->hasher, text, n);
	if (plan_spend(&inner, &at, n) && yaml_parse(&doc, source->file, text, n, r->loader->diags) == 0) {
		plan_read_source(&inner, yaml_root(doc));
		yaml_doc_free(doc);
	}
}

void plan_read_include(struct plan_reader *r, const struct yaml_node *value, const struct yaml_node *with, int group)
{
	const struct plan_load_options *options = r->loader->options;
	struct plan_key key = { .name = "include", .value = PLAN_VALUE_INCLUDE };
	struct plan_key with_key = { .name = "with", .value = PLAN_VALUE_PAIRS };
	struct plan *plan = r->loader->plan;
	struct name_values given = { 0 };
	struct err err = { 0 };
	char *name = plan_read_text(r, &key, value);
	char *path = NULL;
	char *text = NULL;
	size_t n = 0;
	if (with)
		plan_read_pairs(r, &with_key, with, &given);
	if (name && !options->read_file)
		plan_error(r, value, "'include' cannot be used here; expected a plan of one file");
	else if (name && options->read_file(options->arg, r->source->file, name, &path, &text, &n, &err) != 0)
		plan_error(r, value, "%s; expected %s", err.msg, plan_value_expected(PLAN_VALUE_INCLUDE));
	if (path && text && !is_refused(r, value, path)) {
		char *prefix = xasprintf("%s.", plan->step[group].id);
		struct plan head = { .confirm = r->source->confirm };
		strings_add(&plan->files, path);
		struct plan_source source = {
			.file = plan->files.item[plan->files.n_items - 1],
			.from = r->source,
			.head = &head,
			.given = &given,
			.with = with,
			.prefix = prefix,
			.group = group,
		};
		read_text(r, &source, text, n);
		name_values_release(&source.vars);
		plan_release(&head);
		free(prefix);
	}
	name_values_release(&given);
	free(name);
	free(path);
	free(text);
}
