/* The plan format as JSON Schema (draft-07), from the loader's own tables. */
#include "base/json.h"
#include "plan/schema.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <string.h>

static void put_table(struct json_writer *w, const struct plan_table *table, const struct plan_table *more);

static void put_pair(struct json_writer *w, const char *key, const char *value)
{
	json_key(w, key);
	json_put_cstr(w, value);
}

static void put_type(struct json_writer *w, const char *type)
{
	json_begin_object(w);
	put_pair(w, "type", type);
	json_end_object(w);
}

static void put_list_of(struct json_writer *w, const char *type)
{
	json_begin_object(w);
	put_pair(w, "type", "array");
	json_key(w, "items");
	put_type(w, type);
	json_end_object(w);
}

/* "anyOf": each of the forms that a value may have. */
static void put_any_of(struct json_writer *w, const char *const *form)
{
	json_key(w, "anyOf");
	json_begin_array(w);
	for (; *form; form++) {
		if (strcmp(*form, "strings") == 0)
			put_list_of(w, "string");
		else
			put_type(w, *form);
	}
	json_end_array(w);
}

static const char *const *forms_of(enum plan_value value)
{
	static const char *const text[] = { "string", "number", "integer", "boolean", NULL };
	static const char *const texts[] = { "string", "strings", NULL };
	static const char *const lines[] = { "string", "integer", NULL };
	static const char *const number[] = { "integer", "string", NULL };
	static const char *const real[] = { "number", "string", NULL };
	static const char *const boolean[] = { "boolean", "string", NULL };
	static const char *const checks[] = { "string", "array", "object", NULL };
	static const char *const object_or_text[] = { "string", "object", NULL };
	static const char *const object[] = { "object", NULL };
	switch (value) {
	case PLAN_VALUE_TEXTS:
	case PLAN_VALUE_PATHS:
	case PLAN_VALUE_COMMAND:
	case PLAN_VALUE_WORDS:
	case PLAN_VALUE_NEEDS:
		return texts;
	case PLAN_VALUE_LINES:
	case PLAN_VALUE_DURATION:
	case PLAN_VALUE_MODE:
		return lines;
	case PLAN_VALUE_INT:
		return number;
	case PLAN_VALUE_REAL:
		return real;
	case PLAN_VALUE_BOOL:
		return boolean;
	case PLAN_VALUE_CHECKS:
		return checks;
	case PLAN_VALUE_TEMPLATE:
	case PLAN_VALUE_MODEL:
		return object_or_text;
	case PLAN_VALUE_OBJECT:
	case PLAN_VALUE_PAIRS:
	case PLAN_VALUE_LISTS:
	case PLAN_VALUE_FILES:
	case PLAN_VALUE_VARS:
	case PLAN_VALUE_NAMED_CHECKS:
	case PLAN_VALUE_EACH:
		return object;
	default:
		return text;
	}
}

static void put_words(struct json_writer *w, const char *const *words)
{
	json_key(w, "enum");
	json_begin_array(w);
	for (; words && *words; words++)
		json_put_cstr(w, *words);
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

static void put_key(struct json_writer *w, const struct plan_key *key)
{
	json_key(w, key->name);
	json_begin_object(w);
	if (key->help)
		put_pair(w, "description", key->help);
	if (key->value == PLAN_VALUE_FORMAT) {
		json_key(w, "const");
		json_put_int(w, 1);
	} else if (key->value == PLAN_VALUE_STEPS) {
		put_pair(w, "type", "array");
		json_key(w, "items");
		json_begin_object(w);
		put_pair(w, "$ref", "#/definitions/step");
		json_end_object(w);
	} else if (key->words) {
		put_words(w, key->words);
	} else if (key->table && key->value == PLAN_VALUE_RULES) {
		put_members(w, key->table);
	} else if (key->table && key->value == PLAN_VALUE_OBJECT) {
		put_table(w, key->table, NULL);
	} else {
		put_any_of(w, forms_of(key->value));
	}
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

/* An object of exactly these keys. */
static void put_table(struct json_writer *w, const struct plan_table *table, const struct plan_table *more)
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
	put_required(w, table);
	put_required(w, more);
	json_end_array(w);
}

static void put_verb(struct json_writer *w, const struct plan_verb *verb)
{
	json_begin_object(w);
	if (verb->help)
		put_pair(w, "description", verb->help);
	put_table(w, &verb->table, verb->is_group ? &plan_group_table : &plan_common_table);
	json_end_object(w);
}

static void put_schema(struct json_writer *w)
{
	json_begin_object(w);
	put_pair(w, "$schema", "http://json-schema.org/draft-07/schema#");
	put_pair(w, "title", "a plan for belay");
	put_table(w, &plan_root_table, NULL);
	json_key(w, "definitions");
	json_begin_object(w);
	json_key(w, "step");
	json_begin_object(w);
	json_key(w, "oneOf");
	json_begin_array(w);
	for (size_t i = 0; i < plan_n_verbs; i++)
		put_verb(w, &plan_verb_schema[i]);
	json_end_array(w);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

/* The schema is one object: with --json it is the first line, and the result the second. */
int verb_schema(const struct cli *cli)
{
	struct buf text = { 0 };
	struct json_writer w = { .out = &text };
	verb_signals_default();
	put_schema(&w);
	verb_print("%s\n", buf_str(&text));
	buf_release(&text);
	if (cli_has(cli, CLI_JSON)) {
		struct json_lines lines = { 0 };
		json_lines_result(&lines, EXIT_DONE);
	}
	return EXIT_DONE;
}
