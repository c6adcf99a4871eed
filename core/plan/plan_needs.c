/* Needs, once all ids are known: groups stand for their members, and members need what their groups need. */
#include "plan/plan_loader.h"

#include "base/xalloc.h"
#include "plan/dag.h"

#include <stdlib.h>
#include <string.h>

#define MAX_RESOLVED_NEEDS 1000000

struct resolver {
	struct plan_loader *loader;
	struct plan *plan;
	size_t *end;     /* by step: the index after its last descendant */
	size_t *first;   /* by step: its first need in loader->need; n_steps + 1 of them */
	size_t *stamp;   /* by step: 1 + the step that has it as a need already */
	int *target;     /* by need: the step, or -1 */
	size_t n_resolved;
	struct strings needs;
	struct place *place;
	size_t cap_place;
};

static void tell(const struct resolver *v, const struct place *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void tell(const struct resolver *v, const struct place *at, const char *fmt, ...)
{
	struct plan_source source = { .file = at->file };
	struct plan_reader r = { .loader = v->loader, .source = &source };
	struct yaml_node node = { .line = at->line, .column = at->column };
	struct buf text = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	plan_error(&r, &node, "%s", buf_str(&text));
	buf_release(&text);
}

/* Length of the part of an id before its last component. */
static size_t scope_of(const char *id, size_t n)
{
	while (n && id[n - 1] != '.')
		n--;
	return n;
}

/* A name is looked up beside the step, then beside each group around it, as far as its plan file reaches. */
static int look_up(const struct resolver *v, size_t step, const char *name)
{
	const char *id = v->plan->step[step].id;
	size_t home = v->loader->home[step];
	size_t scope = scope_of(id, strlen(id));
	for (;;) {
		char *full = scope ? xasprintf("%.*s%s", (int)scope, id, name) : NULL;
		int found = plan_find(v->plan, full ? full : name);
		free(full);
		if (found >= 0 || scope <= home)
			return found;
		scope = scope_of(id, scope - 1);
	}
}

static const char *nearest_id(const struct resolver *v, size_t step, const char *name)
{
	const struct plan *plan = v->plan;
	const char *id = plan->step[step].id;
	size_t scope = scope_of(id, strlen(id));
	size_t home = v->loader->home[step];
	const char **known = xcalloc(plan->n_steps + 1, sizeof *known);
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++) {
		const char *other = plan->step[i].id;
		if (i == step || *other == '?')
			continue;
		if (strncmp(other, id, scope) == 0)
			known[n++] = other + scope;
		else if (strncmp(other, id, home) == 0)
			known[n++] = other + home;
	}
	struct plan_reader r = { .loader = v->loader };
	const char *near = plan_nearest(&r, name, known, n);
	free(known);
	return near;
}

/* "id[3]" of a step whose values are known only while the plan runs. */
static bool is_unknown_yet(const struct resolver *v, size_t step, const char *name)
{
	const char *bracket = strchr(name, '[');
	if (!bracket)
		return false;
	char *base = xstrndup(name, (size_t)(bracket - name));
	int found = look_up(v, step, base);
	free(base);
	return found >= 0 && v->plan->step[found].each.glob;
}

static void find_targets(struct resolver *v)
{
	for (size_t i = 0; i < v->loader->n_needs; i++) {
		const struct plan_need *need = &v->loader->need[i];
		int target = look_up(v, need->step, need->name);
		v->target[i] = target;
		if (target < 0 && is_unknown_yet(v, need->step, need->name)) {
			tell(v, &need->place,
			     "'%.60s' is known only when the plan runs; expected the id before the bracket",
			     need->name);
		} else if (target < 0) {
			const char *near = nearest_id(v, need->step, need->name);
			if (near)
				tell(v, &need->place, "there is no step '%.60s'; did you mean '%s'?", need->name, near);
			else
				tell(v, &need->place,
				     "there is no step '%.60s'; expected the id of a step or a group", need->name);
		} else if ((size_t)target != need->step && (size_t)target < need->step &&
		           v->end[target] > need->step) {
			tell(v, &need->place,
			     "'%s' is in the group '%s' and cannot need it; expected a step or a group beside it",
			     v->plan->step[need->step].id, v->plan->step[target].id);
			v->target[i] = -1;
		}
	}
}

static void add_need(struct resolver *v, size_t step, size_t need, const struct place *place)
{
	const char *id = v->plan->step[need].id;
	if (v->stamp[need] == step + 1 || v->n_resolved > MAX_RESOLVED_NEEDS)
		return;
	v->stamp[need] = step + 1;
	v->n_resolved += 1 + strlen(id) / 64; /* long ones cost more */
	if (v->n_resolved > MAX_RESOLVED_NEEDS) {
		tell(v, place, "the plan has more than %d needs with those of groups; expected fewer",
		     MAX_RESOLVED_NEEDS);
		return;
	}
	v->place = vec_room(v->place, v->needs.n_items, &v->cap_place, sizeof *v->place);
	v->place[v->needs.n_items] = *place;
	strings_add(&v->needs, id);
}

static void add_needs_of(struct resolver *v, size_t step, size_t holder)
{
	for (size_t i = v->first[holder]; i < v->first[holder + 1]; i++) {
		if (v->target[i] < 0)
			continue;
		size_t target = (size_t)v->target[i];
		for (size_t k = target; k < v->end[target]; k++)
			if (v->plan->step[k].verb != VERB_GROUP)
				add_need(v, step, k, &v->loader->need[i].place);
	}
}

static void resolve_step(struct resolver *v, size_t step)
{
	struct plan_step *self = &v->plan->step[step];
	v->needs = (struct strings){ 0 };
	v->place = NULL;
	v->cap_place = 0;
	for (int at = (int)step; at >= 0; at = v->plan->step[at].parent)
		add_needs_of(v, step, (size_t)at);
	self->needs = v->needs;
	self->need_place = v->place;
}

void plan_resolve_needs(struct plan_loader *loader)
{
	struct plan *plan = loader->plan;
	size_t n = plan->n_steps;
	struct resolver v = {
		.loader = loader,
		.plan = plan,
		.end = xcalloc(n + 1, sizeof *v.end),
		.first = xcalloc(n + 2, sizeof *v.first),
		.stamp = xcalloc(n + 1, sizeof *v.stamp),
		.target = xcalloc(loader->n_needs + 1, sizeof *v.target),
	};
	for (size_t i = 0; i < n; i++)
		v.end[i] = i + 1;
	for (size_t i = n; i-- > 0;) {
		int parent = plan->step[i].parent;
		if (parent >= 0 && v.end[parent] < v.end[i])
			v.end[parent] = v.end[i];
	}
	for (size_t i = 0; i < loader->n_needs; i++)
		v.first[loader->need[i].step + 1]++;
	for (size_t i = 0; i < n; i++)
		v.first[i + 1] += v.first[i];
	find_targets(&v);
	for (size_t i = 0; i < n; i++)
		resolve_step(&v, i);
	free(v.end);
	free(v.first);
	free(v.stamp);
	free(v.target);
}

static void tell_cycle(void *arg, struct dag_edge cut, const char *cycle)
{
	struct plan_loader *loader = arg;
	const struct plan *plan = loader->plan;
	const struct plan_step *from = &plan->step[cut.from];
	const char *to = plan->step[cut.to].id;
	int at = strings_find(&from->needs, to);
	struct resolver v = { .loader = loader };
	tell(&v, at >= 0 ? &from->need_place[at] : &from->place,
	     "the needs form a cycle: %s; expected none: take '%s' out of what '%s' needs, or use --break-cycles",
	     cycle, to, from->id);
}

void plan_tell_cycles(struct plan_loader *loader)
{
	dag_each_cycle(loader->plan, tell_cycle, loader);
}
