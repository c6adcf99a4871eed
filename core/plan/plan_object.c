/* Mappings of the plan file, read by their tables. */
#include "plan/plan_loader.h"

#include <string.h>

static int index_in(const struct plan_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->n_found; i++)
		if (strcmp(keys->found[i].schema->name, name) == 0)
			return (int)i;
	return -1;
}

/* The verbs that have a key, "'read' and 'write'"; empty when none has. */
static void verbs_with(const char *name, struct buf *out)
{
	for (size_t i = 0; i < plan_n_verbs; i++) {
		const struct plan_verb *verb = &plan_verb_schema[i];
		if (plan_table_find(&verb->table, name))
			buf_printf(out, "%s'%s'", out->len ? ", " : "", verb->table.key[0].name);
	}
}

static void add_names(struct buf *out, const char *const *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s'%s'", i == 0 ? "" : i + 1 < n ? ", " : " or ", name[i]);
}

/* The nearest key of any verb: what was meant, though it does not belong here. */
static const char *nearest_of_all(const struct plan_reader *r, const char *key)
{
	const char *name[256];
	size_t n = 0;
	for (size_t i = 0; i < plan_n_verbs; i++)
		for (size_t k = 0; k < plan_verb_schema[i].table.n_keys && n < 256; k++)
			name[n++] = plan_verb_schema[i].table.key[k].name;
	return plan_nearest(r, key, name, n);
}

static void tell_unknown_key(const struct plan_reader *r, const struct yaml_node *key, const struct plan_keys *known,
                             const struct plan_table *own, bool is_step)
{
	const char *name[PLAN_MAX_KEYS];
	struct buf verbs = { 0 };
	struct buf list = { 0 };
	const char *near = NULL;
	for (size_t i = 0; i < known->n_found; i++)
		name[i] = known->found[i].schema->name;
	add_names(&list, name, known->n_found);
	if (is_step)
		verbs_with(key->text, &verbs);
	if (verbs.len)
		plan_error(r, key, "the key '%.60s' does not belong in %s; expected it only in a step of %s", key->text,
		           own->what, buf_str(&verbs));
	else if ((near = plan_nearest(r, key->text, name, known->n_found)))
		plan_error(r, key, "unknown key '%.60s' in %s; did you mean '%s'?", key->text, own->what, near);
	else if (is_step && (near = nearest_of_all(r, key->text)))
		plan_error(r, key, "unknown key '%.60s' in %s; did you mean '%s'? It belongs in other steps", key->text,
		           own->what, near);
	else
		plan_error(r, key, "unknown key '%.60s' in %s; expected %s", key->text, own->what, buf_str(&list));
	buf_release(&verbs);
	buf_release(&list);
}

static void tell_missing_key(const struct plan_reader *r, const struct yaml_node *map, const struct plan_table *own,
                             const struct plan_key *key)
{
	struct buf expected = { 0 };
	plan_add_expected(&expected, key);
	if (key->value == PLAN_VALUE_FORMAT)
		plan_error(r, map, "%s has no '%s'; expected '%s: %s'", own->what, key->name, key->name,
		           buf_str(&expected));
	else
		plan_error(r, map, "%s has no '%s'; expected '%s:' with %s", own->what, key->name, key->name,
		           buf_str(&expected));
	buf_release(&expected);
}

/* No key is in two tables that are read together. */
static void add_table(struct plan_keys *out, const struct plan_table *table)
{
	for (size_t i = 0; table && i < table->n_keys; i++)
		out->found[out->n_found++] = (struct plan_found){ .schema = &table->key[i] };
}

void plan_find_keys(const struct plan_reader *r, const struct yaml_node *map, const struct plan_table *own,
                    const struct plan_table *common, struct plan_keys *out)
{
	out->n_found = 0;
	add_table(out, own);
	add_table(out, common);
	for (size_t i = 0; i < map->n_pairs; i++) {
		int at = index_in(out, map->pair[i].key->text);
		if (at < 0)
			tell_unknown_key(r, map->pair[i].key, out, own, common != NULL);
		else if (!out->found[at].key) { /* a second one was refused with the file */
			out->found[at].key = map->pair[i].key;
			out->found[at].value = map->pair[i].value;
		}
	}
	for (size_t i = 0; i < out->n_found; i++) {
		const struct plan_key *key = out->found[i].schema;
		if (key->required && !out->found[i].key)
			tell_missing_key(r, map, own, key);
	}
}

void plan_read_object(struct plan_reader *r, const struct plan_table *table, const struct yaml_node *map, void *base)
{
	struct plan_keys keys;
	if (map->kind != YAML_MAP) {
		plan_error(r, map, "%s is no mapping; expected keys and values", table->what);
		return;
	}
	plan_find_keys(r, map, table, NULL, &keys);
	for (size_t i = 0; i < keys.n_found; i++)
		if (keys.found[i].key)
			plan_read_value(r, keys.found[i].schema, keys.found[i].value, base);
}
