/* Values of the plan file: one reader for each type of schema.h. */
#include "plan/plan_loader.h"

#include "base/glob.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "plan/vars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place plan_place(const struct plan_reader *r, const struct yaml_node *at)
{
	return (struct place){ r->source->file, at->line, at->column };
}

const char *plan_nearest(const struct plan_reader *r, const char *word, const char *const *words, size_t n)
{
	if (n > r->loader->words_left)
		return NULL;
	r->loader->words_left -= n;
	return text_nearest(word, words, n);
}

void plan_error(const struct plan_reader *r, const struct yaml_node *at, const char *fmt, ...)
{
	struct buf raw = { 0 };
	struct buf text = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&raw, fmt, args);
	va_end(args);
	text_sanitise(&text, buf_str(&raw), raw.len, 0);
	diags_add(r->loader->diags, DIAG_ERROR, r->source->file, at->line, at->column, "%s", buf_str(&text));
	buf_release(&raw);
	buf_release(&text);
}

static void add_words(struct buf *out, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		buf_printf(out, "%s'%s'", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

void plan_add_expected(struct buf *out, const struct plan_key *key)
{
	if (key->words) {
		add_words(out, key->words);
		return;
	}
	buf_add_str(out, plan_value_expected(key->value));
	if (key->value != PLAN_VALUE_INT && key->value != PLAN_VALUE_REAL)
		return;
	if (key->max == INT64_MAX)
		buf_printf(out, ", %lld or more", (long long)key->min);
	else
		buf_printf(out, " from %lld to %lld", (long long)key->min, (long long)key->max);
}

/* The first characters of a text, for a message: never half of one. */
static int shown(const char *text)
{
	size_t n = strnlen(text, 61);
	return (int)(n <= 60 ? n : text_whole_prefix(text, 60));
}

void plan_wrong_value(const struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value)
{
	struct buf expected = { 0 };
	plan_add_expected(&expected, key);
	if (value->kind == YAML_SEQ)
		plan_error(r, value, "'%s' is a list; expected %s", key->name, buf_str(&expected));
	else if (value->kind == YAML_MAP)
		plan_error(r, value, "'%s' is a mapping; expected %s", key->name, buf_str(&expected));
	else if (!*value->text)
		plan_error(r, value, "'%s' has no value; expected %s", key->name, buf_str(&expected));
	else
		plan_error(r, value, "'%s' is '%.*s'; expected %s", key->name, shown(value->text), value->text,
		           buf_str(&expected));
	buf_release(&expected);
}

bool plan_spend(struct plan_reader *r, const struct yaml_node *at, size_t n)
{
	struct plan_loader *loader = r->loader;
	size_t cost = n + 32; /* a short text costs its allocation */
	if (cost <= loader->text_left) {
		loader->text_left -= cost;
		return true;
	}
	if (!loader->told_text)
		plan_error(r, at,
		           "the plan grows past 16 MiB with its variables, 'each' and includes; expected less");
	loader->told_text = true;
	loader->text_left = 0;
	return false;
}

static char *expand(struct plan_reader *r, const struct yaml_node *value, const char *text)
{
	struct err err = { 0 };
	struct buf out;
	int rc;
	if (!strstr(text, "{{"))
		return plan_spend(r, value, strlen(text)) ? xstrdup(text) : NULL;
	buf_init(&out, r->loader->text_left + 1);
	if (r->keep)
		rc = vars_expand_template(&out, text, &r->with, &r->source->vars, r->keep, &err);
	else
		rc = vars_expand(&out, text, &r->with, &r->source->vars, &err);
	if (rc != 0)
		plan_error(r, value, "%s", err.msg);
	if (rc != 0 || !plan_spend(r, value, out.truncated ? r->loader->text_left + 1 : out.len)) {
		buf_release(&out);
		return NULL;
	}
	return out.data ? buf_take(&out, NULL) : xstrdup("");
}

char *plan_read_text(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value)
{
	bool null = yaml_is_null(value);
	if (value->kind != YAML_SCALAR || (null && !key->may_be_null)) {
		plan_wrong_value(r, key, value);
		return NULL;
	}
	if (null)
		return xstrdup("");
	if (key->literal)
		return plan_spend(r, value, value->len) ? xstrdup(value->text) : NULL;
	return expand(r, value, value->text);
}

static void read_text(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value, char **out)
{
	char *text = plan_read_text(r, key, value);
	if (text && key->min > 0 && !text[strspn(text, " \t\r\n")]) {
		plan_error(r, value, "'%s' is empty; expected %s", key->name, plan_value_expected(key->value));
		free(text);
		return;
	}
	if (text) {
		free(*out);
		*out = text;
	}
}

static void read_id(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value, char **out)
{
	const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	if (value->kind != YAML_SCALAR || !value->len || value->text[strspn(value->text, letters)] ||
	    value->text[0] == '-') {
		plan_wrong_value(r, key, value);
	} else if (value->len > 64) {
		plan_error(r, value, "'%s' has %zu characters; expected 64 at most", key->name, value->len);
	} else {
		free(*out);
		*out = xstrdup(value->text);
	}
}

/* Calls `read` for the one scalar, or for each item of a list. */
static void read_list(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                      struct strings *out,
                      void (*read)(struct plan_reader *, const struct plan_key *, const struct yaml_node *, char **))
{
	const struct yaml_node *const *item = &value;
	size_t n = 1;
	if (value->kind == YAML_SEQ) {
		item = (const struct yaml_node *const *)value->item;
		n = value->n_items;
	}
	strings_release(out);
	if (n < (size_t)key->min)
		plan_error(r, value, "'%s' is an empty list; expected %s", key->name, plan_value_expected(key->value));
	for (size_t i = 0; i < n; i++) {
		char *text = NULL;
		read(r, key, item[i], &text);
		if (text)
			strings_take(out, text);
	}
}

/* A list as one text: an item a line. NULL when an item is none, which was told. */
static char *read_lines(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *list)
{
	struct buf lines = { 0 };
	for (size_t i = 0; i < list->n_items; i++) {
		char *item = plan_read_text(r, key, list->item[i]);
		if (!item || strchr(item, '\n')) {
			if (item)
				plan_error(r, list->item[i], "an item of '%.60s' has several lines; expected one", key->name);
			free(item);
			buf_release(&lines);
			return NULL;
		}
		buf_printf(&lines, "%s%s", i ? "\n" : "", item);
		free(item);
	}
	return lines.data ? buf_take(&lines, NULL) : xstrdup("");
}

void plan_read_pairs(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                     struct name_values *out)
{
	name_values_release(out);
	if (value->kind != YAML_MAP) {
		plan_wrong_value(r, key, value);
		return;
	}
	if (value->n_pairs > PLAN_MAX_PAIRS) {
		plan_error(r, value, "'%s' has %zu entries; expected %d at most", key->name, value->n_pairs,
		           PLAN_MAX_PAIRS);
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++) {
		const struct yaml_pair *pair = &value->pair[i];
		struct plan_key item = { .name = pair->key->text, .value = PLAN_VALUE_TEXT, .may_be_null = true };
		if (!*pair->key->text || strchr(pair->key->text, '=')) {
			plan_error(r, pair->key, "'%.60s' is no name; expected one without '='", pair->key->text);
			continue;
		}
		char *text = key->value == PLAN_VALUE_LISTS && pair->value->kind == YAML_SEQ ?
			             read_lines(r, &item, pair->value) :
			             plan_read_text(r, &item, pair->value);
		if (text)
			name_values_set(out, pair->key->text, text);
		free(text);
	}
}

static void read_command_word(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                              char **out)
{
	char *text = plan_read_text(r, key, value);
	for (const char *s = text ? text : ""; *s; s++) {
		if (((unsigned char)*s >= 0x20 && *s != 0x7f) || *s == '\n' || *s == '\t')
			continue;
		plan_error(r, value, "the command of '%s' has the control character 0x%02x; expected printable text",
		           key->name,
		           (unsigned char)*s);
		free(text);
		return;
	}
	*out = text;
}

void plan_read_command(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                       struct plan_command *out)
{
	struct plan_key each = *key;
	each.min = value->kind == YAML_SEQ;
	strings_release(&out->argv);
	out->place = plan_place(r, value);
	out->shell = value->kind == YAML_SCALAR;
	if (out->shell) {
		strings_add(&out->argv, "sh");
		strings_add(&out->argv, "-c");
		char *text = NULL;
		read_command_word(r, key, value, &text);
		if (text && !text[strspn(text, " \t\n")])
			plan_error(r, value, "the command of '%s' is empty; expected %s", key->name,
			           plan_value_expected(key->value));
		strings_take(&out->argv, text ? text : xstrdup(""));
		return;
	}
	if (value->kind == YAML_MAP) {
		plan_wrong_value(r, key, value);
		return;
	}
	each.may_be_null = true; /* an empty word */
	read_list(r, &each, value, &out->argv, read_command_word);
	if (out->argv.n_items && !*out->argv.item[0])
		plan_error(r, value, "the command of '%s' begins with an empty word; expected a program", key->name);
}

/* The words of a rule: a list as it is, a text at its blanks. */
static void read_words(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                       struct strings *out)
{
	struct strings list = { 0 };
	read_list(r, key, value, &list, read_text);
	strings_release(out);
	for (size_t i = 0; i < list.n_items; i++) {
		if (value->kind == YAML_SEQ) {
			strings_add(out, list.item[i]);
			continue;
		}
		for (const char *s = list.item[i]; *(s += strspn(s, " \t\n"));) {
			size_t n = strcspn(s, " \t\n");
			strings_take(out, xstrndup(s, n));
			s += n;
		}
	}
	strings_release(&list);
	if (!out->n_items || !*out->item[0])
		plan_error(r, value, "'%s' has no words; expected %s", key->name, plan_value_expected(key->value));
}

/* What is plain, from a text whose variables are replaced first. */
static void read_plain_value(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                             void *field)
{
	struct yaml_node copy = *value;
	char *text = NULL;
	if (value->kind == YAML_SCALAR && !key->literal && strstr(value->text, "{{")) {
		text = expand(r, value, value->text);
		if (!text)
			return;
		copy.text = text;
		copy.len = strlen(text);
		copy.plain = true;
	}
	bool unknown_yet = text && r->loader->options->allow_unset && strstr(text, "{{");
	if (!unknown_yet && plan_read_plain(key, &copy, field, r->step) != 0)
		plan_wrong_value(r, key, &copy);
	free(text);
}

static void read_model(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                       struct model_options *model)
{
	if (value->kind == YAML_MAP)
		plan_read_object(r, &plan_model_table, value, model);
	else
		read_text(r, key, value, &model->use);
}

/* A text of one line names a file. */
static void read_patch(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value)
{
	struct plan_step *step = r->step;
	step->patch_is_file = value->kind == YAML_SCALAR && !strchr(value->text, '\n');
	if (step->patch_is_file)
		plan_read_path(r, key, value, &step->patch);
	else
		read_text(r, key, value, &step->patch);
}

static void read_template(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value)
{
	const struct yaml_node *files = yaml_get(value, "files");
	struct plan_key files_key = *key;
	files_key.literal = true; /* the templates see the braces */
	if (value->kind == YAML_MAP && files && value->n_pairs == 1)
		plan_read_files(r, &files_key, files, &r->step->files);
	else if (value->kind == YAML_SCALAR && !yaml_is_null(value))
		plan_read_path(r, key, value, &r->step->template_dir);
	else if (value->kind != YAML_SCALAR)
		plan_wrong_value(r, key, value);
}

static void read_target(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                        struct strings *out)
{
	char *path = NULL;
	plan_read_path(r, key, value, &path);
	strings_release(out);
	if (path)
		strings_take(out, path);
}

/* What is made of other values; the rest of the types are plain. False when the type is none of these. */
static bool read_compound(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value, void *field)
{
	switch (key->value) {
	case PLAN_VALUE_ID: read_id(r, key, value, field); break;
	case PLAN_VALUE_TEXT: read_text(r, key, value, field); break;
	case PLAN_VALUE_TEXTS: read_list(r, key, value, field, read_text); break;
	case PLAN_VALUE_PATH:
	case PLAN_VALUE_FOLDER: plan_read_path(r, key, value, field); break;
	case PLAN_VALUE_TARGET: read_target(r, key, value, field); break;
	case PLAN_VALUE_PATHS: read_list(r, key, value, field, plan_read_path); break;
	case PLAN_VALUE_TEMPLATE: read_template(r, key, value); break;
	case PLAN_VALUE_PATCH: read_patch(r, key, value); break;
	case PLAN_VALUE_PAIRS:
	case PLAN_VALUE_LISTS: plan_read_pairs(r, key, value, field); break;
	case PLAN_VALUE_FILES: plan_read_files(r, key, value, field); break;
	case PLAN_VALUE_COMMAND: plan_read_command(r, key, value, field); break;
	case PLAN_VALUE_WORDS: read_words(r, key, value, field); break;
	case PLAN_VALUE_CHECKS: plan_read_checks(r, key, value, field); break;
	case PLAN_VALUE_OBJECT: plan_read_object(r, key->table, value, field); break;
	case PLAN_VALUE_MODEL: read_model(r, key, value, field); break;
	case PLAN_VALUE_VARS: plan_read_vars(r, value); break;
	case PLAN_VALUE_NAMED_CHECKS: plan_read_named_checks(r, value); break;
	case PLAN_VALUE_RULES: plan_read_rules(r, value); break;
	default: return false;
	}
	return true;
}

void plan_read_value(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value, void *base)
{
	void *field = (char *)base + key->offset;
	if (!read_compound(r, key, value, field))
		read_plain_value(r, key, value, field);
	if (key->flag)
		*(bool *)((char *)base + key->flag) = true;
}
