#include "plan/plan_yaml.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "plan/plan_loader.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

/* Another version is another language: nothing else is looked at. */
static bool is_readable(struct plan_reader *r, const struct yaml_node *root)
{
	struct yaml_node start = { .line = 1, .column = 1 };
	const struct plan_key *format = plan_table_find(&plan_root_table, "belay");
	int64_t version;
	if (!root || (root->kind == YAML_SCALAR && yaml_is_null(root))) {
		plan_error(r, root ? root : &start, "the plan is empty; expected 'belay: 1' and 'steps'");
		return false;
	}
	if (root->kind != YAML_MAP) {
		plan_error(r, root, "a plan is a mapping; expected 'belay: 1' and 'steps'");
		return false;
	}
	const struct yaml_node *value = yaml_get(root, format->name);
	if (value && yaml_int(value, &version) == 0 && version != 1) {
		plan_error(r, value,
		           "the plan is of version %.60s of the format; expected 1, which is what this belay reads",
		           value->text);
		return false;
	}
	return true;
}

/* Moves the level that the steps' includes must keep to where they find it. */
static void finish_head(struct plan_reader *r, const struct yaml_node *root)
{
	if (r->source->from)
		plan_merge_head(r, root);
	r->source->confirm = r->source->head->confirm;
}

void plan_read_source(struct plan_reader *r, const struct yaml_node *root)
{
	struct plan_keys keys;
	if (!is_readable(r, root))
		return;
	plan_find_keys(r, root, &plan_root_table, NULL, &keys);
	for (size_t i = 0; i < keys.n_found; i++) {
		const struct plan_found *found = &keys.found[i];
		if (found->schema->value == PLAN_VALUE_STEPS)
			finish_head(r, root);
		if (found->key && found->schema->value == PLAN_VALUE_STEPS)
			plan_read_steps(r, found->value, r->source->prefix, r->source->group);
		else if (found->key)
			plan_read_value(r, found->schema, found->value, r->source->head);
		if (found->schema->value == PLAN_VALUE_VARS)
			plan_set_vars(r);
	}
}

static struct plan *new_plan(const char *file)
{
	struct plan *plan = xcalloc(1, sizeof *plan);
	plan->file = xstrdup(file);
	plan->confirm = RISK_MEDIUM;
	plan->retry.tries = 5;
	plan->retry.first_ms = 1000;
	plan->retry.max_ms = 32000;
	strings_add(&plan->files, file);
	return plan;
}

static void set_defaults(struct plan *plan)
{
	if (!plan->name)
		plan->name = xstrdup("");
	if (!plan->goal)
		plan->goal = xstrdup("");
	if (!plan->model.use)
		plan->model.use = xstrdup("auto");
}

static void load(struct plan_loader *loader, const char *text, size_t n)
{
	struct plan *plan = loader->plan;
	struct plan_source source = {
		.file = plan->files.item[0], .head = plan, .given = loader->options->vars, .prefix = "", .group = -1,
	};
	struct plan_reader r = { .loader = loader, .source = &source };
	struct yaml_doc *doc;
	if (yaml_parse(&doc, source.file, text, n, loader->diags) != 0)
		return;
	plan_read_source(&r, yaml_root(doc));
	yaml_doc_free(doc);
	name_values_release(&source.vars);
	plan_resolve_needs(loader);
	if (!plan->break_cycles && !loader->options->break_cycles)
		plan_tell_cycles(loader);
}

static bool are_same(const struct diag *a, const struct diag *b)
{
	return a->file && b->file && strcmp(a->file, b->file) == 0 && a->line == b->line && a->column == b->column &&
	       strcmp(a->message, b->message) == 0;
}

/* A file that is included twice has its findings once. */
static void drop_repeats(struct diags *diags)
{
	size_t n = 0;
	for (size_t i = 0; i < diags->n_diags; i++) {
		struct diag *diag = &diags->diag[i];
		if (!n || !are_same(diag, &diags->diag[n - 1])) {
			diags->diag[n++] = *diag;
			continue;
		}
		diags->n_errors -= diag->severity == DIAG_ERROR;
		free(diag->file);
		free(diag->code);
		free(diag->message);
	}
	diags->n_diags = n;
}

static void release(struct plan_loader *loader)
{
	for (size_t i = 0; i < loader->n_needs; i++)
		free(loader->need[i].name);
	free(loader->need);
	free(loader->home);
}

int plan_load(struct plan **out, const char *file, const char *text, size_t n,
              const struct plan_load_options *options, struct diags *diags)
{
	static const struct plan_load_options none;
	size_t before = diags->n_errors;
	struct hash hash;
	struct plan_loader loader = {
		.plan = new_plan(file),
		.options = options ? options : &none,
		.diags = diags,
		.hasher = hasher_new(),
		.text_left = PLAN_MAX_TEXT,
		.words_left = 100000,
	};
	hasher_add(loader.hasher, text, n);
	load(&loader, text, n);
	hasher_finish(loader.hasher, &hash);
	hash_format(&hash, loader.plan->hash);
	release(&loader);
	set_defaults(loader.plan);
	diags_sort(diags);
	drop_repeats(diags);
	*out = loader.plan;
	if (diags->n_errors == before)
		return 0;
	plan_free(loader.plan);
	*out = NULL;
	return -1;
}
