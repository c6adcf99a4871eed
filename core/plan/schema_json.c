#include "plan/schema_json.h"

#include "base/json.h"
#include "plan/schema.h"

#include <stdio.h>
#include <string.h>

static void put_table(struct json_writer *w, const struct plan_table *table, const struct plan_table *more);

static void put_pair(struct json_writer *w, const char *key, const char *value)
{
	json_key(w, key);
	json_put_cstr(w, value);
}

static void put_ref(struct json_writer *w, const char *name)
{
	char ref[64];
	snprintf(ref, sizeof ref, "#/definitions/%s", name);
	json_begin_object(w);
	put_pair(w, "$ref", ref);
	json_end_object(w);
}

static void begin_any_of(struct json_writer *w)
{
	json_key(w, "anyOf");
	json_begin_array(w);
}

/* A mapping from any name to what the definition says. */
static void put_map_of(struct json_writer *w, const char *name)
{
	put_pair(w, "type", "object");
	json_key(w, "additionalProperties");
	put_ref(w, name);
}

static void put_list_of(struct json_writer *w, const char *name)
{
	put_pair(w, "type", "array");
	json_key(w, "items");
	put_ref(w, name);
}

/* A text may stand for a number, since it may be a variable. */
static void put_number(struct json_writer *w, const struct plan_key *key)
{
	begin_any_of(w);
	json_begin_object(w);
	put_pair(w, "type", key->value == PLAN_VALUE_INT ? "integer" : "number");
	json_key(w, "minimum");
	json_put_int(w, key->min);
	if (key->max < INT64_MAX) {
		json_key(w, "maximum");
		json_put_int(w, key->max);
	}
	json_end_object(w);
	json_begin_object(w);
	put_pair(w, "type", "string");
	json_end_object(w);
	json_end_array(w);
}

static void put_words(struct json_writer *w, const char *const *words)
{
	begin_any_of(w);
	json_begin_object(w);
	json_key(w, "enum");
	json_begin_array(w);
	for (; *words; words++)
		json_put_cstr(w, *words);
	json_end_array(w);
	json_end_object(w);
	put_ref(w, "variable");
	json_end_array(w);
}

/* What a text may be, or what the definition says; NULL: only the first. */
static void put_forms(struct json_writer *w, const struct plan_key *key, const char *name, const char *other)
{
	begin_any_of(w);
	put_ref(w, name);
	if (other)
		put_ref(w, other);
	if (key->may_be_null) {
		json_begin_object(w);
		put_pair(w, "type", "null");
		json_end_object(w);
	}
	json_end_array(w);
}

static void put_members(struct json_writer *w, const struct plan_table *table)
{
	put_pair(w, "type", "array");
	json_key(w, "items");
	json_begin_object(w);
	put_table(w, table, NULL);
	json_end_object(w);
}

static void put_each(struct json_writer *w)
{
	put_map_of(w, "texts");
	json_key(w, "minProperties");
	json_put_int(w, 1);
	json_key(w, "maxProperties");
	json_put_int(w, 1);
}

/* The definition that says all of a value's form. */
static const char *definition_of(enum plan_value value)
{
	switch (value) {
	case PLAN_VALUE_ID:
		return "id";
	case PLAN_VALUE_TEXTS:
	case PLAN_VALUE_PATHS:
	case PLAN_VALUE_COMMAND:
	case PLAN_VALUE_WORDS:
	case PLAN_VALUE_NEEDS:
		return "texts";
	case PLAN_VALUE_CHECKS:
		return "checks";
	default:
		return "text";
	}
}

static void put_form(struct json_writer *w, const struct plan_key *key)
{
	switch (key->value) {
	case PLAN_VALUE_FORMAT:
		json_key(w, "const");
		json_put_int(w, 1);
		break;
	case PLAN_VALUE_INT:
	case PLAN_VALUE_REAL:
		put_number(w, key);
		break;
	case PLAN_VALUE_STEPS:
		put_list_of(w, "step");
		break;
	case PLAN_VALUE_RULES:
		put_members(w, key->table);
		break;
	case PLAN_VALUE_OBJECT:
		put_table(w, key->table, NULL);
		break;
	case PLAN_VALUE_PAIRS:
	case PLAN_VALUE_FILES:
		put_map_of(w, "text_or_nothing");
		break;
	case PLAN_VALUE_LISTS:
		put_map_of(w, "texts_or_nothing");
		break;
	case PLAN_VALUE_VARS:
		put_map_of(w, "var");
		break;
	case PLAN_VALUE_NAMED_CHECKS:
		put_map_of(w, "check");
		break;
	case PLAN_VALUE_MODEL:
		put_forms(w, key, "text", "model");
		break;
	case PLAN_VALUE_TEMPLATE:
		put_forms(w, key, "text", "template");
		break;
	case PLAN_VALUE_EACH:
		put_each(w);
		break;
	default:
		put_forms(w, key, definition_of(key->value), NULL);
	}
}

static void put_key(struct json_writer *w, const struct plan_key *key)
{
	json_key(w, key->name);
	json_begin_object(w);
	put_pair(w, "description", key->help);
	if (key->initial)
		put_pair(w, "default", key->initial);
	if (key->words)
		put_words(w, key->words);
	else
		put_form(w, key);
	json_end_object(w);
}

static void put_keys(struct json_writer *w, const struct plan_table *table)
{
	for (size_t i = 0; table && i < table->n_keys; i++)
		put_key(w, &table->key[i]);
}

static void put_required(struct json_writer *w, const struct plan_table *table)
{
	for (size_t i = 0; table && i < table->n_keys; i++)
		if (table->key[i].required)
			json_put_cstr(w, table->key[i].name);
}

/* An object of exactly these keys; `also` is one more that must be there. */
static void put_object(struct json_writer *w, const struct plan_table *table, const struct plan_table *more,
                       const char *also)
{
	put_pair(w, "type", "object");
	json_key(w, "additionalProperties");
	json_put_bool(w, false);
	json_key(w, "properties");
	json_begin_object(w);
	put_keys(w, table);
	put_keys(w, more);
	json_end_object(w);
	json_key(w, "required");
	json_begin_array(w);
	if (also)
		json_put_cstr(w, also);
	put_required(w, table);
	put_required(w, more);
	json_end_array(w);
}

static void put_table(struct json_writer *w, const struct plan_table *table, const struct plan_table *more)
{
	put_object(w, table, more, NULL);
}

/* "oneOf" or "anyOf": an object each that asks for one of the keys. */
static void put_alternatives(struct json_writer *w, const struct plan_verb *verb)
{
	json_key(w, verb->exactly_one ? "oneOf" : "anyOf");
	json_begin_array(w);
	for (const char *const *key = verb->alternatives; *key; key++) {
		json_begin_object(w);
		json_key(w, "required");
		json_begin_array(w);
		json_put_cstr(w, *key);
		json_end_array(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static void put_verb(struct json_writer *w, const struct plan_verb *verb)
{
	json_begin_object(w);
	put_pair(w, "description", verb->help);
	put_object(w, &verb->table, verb->is_group ? &plan_group_table : &plan_common_table, verb->table.key[0].name);
	if (verb->alternatives)
		put_alternatives(w, verb);
	json_end_object(w);
}

static void put_step(struct json_writer *w)
{
	json_key(w, "step");
	json_begin_object(w);
	json_key(w, "oneOf");
	json_begin_array(w);
	for (size_t i = 0; i < plan_n_verbs; i++)
		put_verb(w, &plan_verb_schema[i]);
	json_end_array(w);
	json_end_object(w);
}

static void put_definition(struct json_writer *w, const char *name, const struct plan_table *table)
{
	json_key(w, name);
	json_begin_object(w);
	put_table(w, table, NULL);
	json_end_object(w);
}

/* Written as they are: what the tables do not say. */
static const struct {
	const char *name, *type, *pattern;
} scalar[] = {
	{ "text", "string,number,boolean", NULL },
	{ "text_or_nothing", "string,number,boolean,null", NULL },
	{ "id", "string,number,boolean", "^[A-Za-z0-9_-]+$" },
	{ "variable", "string", "\\{\\{" },
};

static void put_types(struct json_writer *w, const char *types)
{
	json_key(w, "type");
	json_begin_array(w);
	for (size_t n; (n = strcspn(types, ",")) > 0; types += n + (types[n] == ','))
		json_put_str(w, types, n);
	json_end_array(w);
}

static void put_scalars(struct json_writer *w)
{
	for (size_t i = 0; i < sizeof scalar / sizeof *scalar; i++) {
		json_key(w, scalar[i].name);
		json_begin_object(w);
		put_types(w, scalar[i].type);
		if (scalar[i].pattern)
			put_pair(w, "pattern", scalar[i].pattern);
		json_end_object(w);
	}
}

/* "one", "another", or (unless NULL) a list of `member`. */
static void put_choice(struct json_writer *w, const char *name, const char *const *form, const char *member)
{
	json_key(w, name);
	json_begin_object(w);
	begin_any_of(w);
	for (; *form; form++)
		put_ref(w, *form);
	if (member) {
		json_begin_object(w);
		put_list_of(w, member);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

static void put_template(struct json_writer *w)
{
	static const struct plan_key files_key = { .name = "files", .value = PLAN_VALUE_FILES, .required = true,
		.help = "The templates, in place of a folder of them." };
	static const struct plan_table template_table = { .what = "a template", .key = &files_key, .n_keys = 1 };
	put_definition(w, "template", &template_table);
}

void plan_schema_write(struct buf *out)
{
	struct json_writer w = { .out = out };
	json_begin_object(&w);
	put_pair(&w, "$schema", "http://json-schema.org/draft-07/schema#");
	put_pair(&w, "title", "a plan for belay");
	put_table(&w, &plan_root_table, NULL);
	json_key(&w, "definitions");
	json_begin_object(&w);
	put_step(&w);
	put_definition(&w, "check", &plan_check_table);
	put_definition(&w, "model", &plan_model_table);
	put_definition(&w, "var_table", &plan_var_table);
	put_template(&w);
	put_scalars(&w);
	put_choice(&w, "texts", (const char *const[]){ "text", NULL }, "text_or_nothing");
	put_choice(&w, "texts_or_nothing", (const char *const[]){ "text_or_nothing", "texts", NULL }, NULL);
	put_choice(&w, "var", (const char *const[]){ "text", "var_table", NULL }, NULL);
	put_choice(&w, "check_or_name", (const char *const[]){ "text", "check", NULL }, NULL);
	put_choice(&w, "checks", (const char *const[]){ "check_or_name", NULL }, "check_or_name");
	json_end_object(&w);
	json_end_object(&w);
	buf_add_char(out, '\n');
}
