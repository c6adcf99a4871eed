/* The manifest of a template folder. */
#include "run/scaffold.h"

#include "base/glob.h"
#include "base/path.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "base/yaml.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>

struct manifest_reader {
	struct scaffold *out;
	struct diags *diags;
	const char *file;
};

static void complain(struct manifest_reader *r, const struct yaml_node *at, const char *what)
{
	diags_add(r->diags, DIAG_ERROR, r->file, at->line, at->column, "%s", what);
}

static void read_about(struct manifest_reader *r, const struct yaml_node *value)
{
	if (value->kind != YAML_SCALAR) {
		complain(r, value, "'about' is no text");
		return;
	}
	free(r->out->about);
	r->out->about = xstrdup(value->text);
}

/* {about: TEXT, default: TEXT, required: BOOL} */
static void read_var_object(struct manifest_reader *r, const char *name, const struct yaml_node *value)
{
	bool required = false;
	const char *about = "";
	for (size_t i = 0; i < value->n_pairs; i++) {
		const struct yaml_node *key = value->pair[i].key;
		const struct yaml_node *item = value->pair[i].value;
		if (item->kind != YAML_SCALAR)
			complain(r, item, "expected text");
		else if (strcmp(key->text, "about") == 0)
			about = item->text;
		else if (strcmp(key->text, "default") == 0)
			name_values_set(&r->out->defaults, name, item->text);
		else if (strcmp(key->text, "required") != 0)
			complain(r, key, "unknown key of a variable; expected 'about', 'default' or 'required'");
		else if (yaml_bool(item, &required) != 0)
			complain(r, item, "'required' is true or false");
	}
	if (required)
		name_values_set(&r->out->required, name, about);
}

static void read_vars(struct manifest_reader *r, const struct yaml_node *value)
{
	if (value->kind != YAML_MAP) {
		complain(r, value, "'vars' is no mapping from names to defaults");
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++) {
		const struct yaml_pair *pair = &value->pair[i];
		if (!vars_is_name(pair->key->text))
			complain(r, pair->key, "this is no name of a variable");
		else if (pair->value->kind == YAML_MAP)
			read_var_object(r, pair->key->text, pair->value);
		else if (pair->value->kind == YAML_SCALAR)
			name_values_set(&r->out->defaults, pair->key->text, yaml_is_null(pair->value) ? "" : pair->value->text);
		else
			complain(r, pair->value, "a variable has a default text, or a mapping with 'about', 'default', 'required'");
	}
}

static void read_list(struct manifest_reader *r, const struct yaml_node *value, struct strings *out)
{
	const struct yaml_node *const *item = &value;
	size_t n = 1;
	if (value->kind == YAML_SEQ) {
		item = (const struct yaml_node *const *)value->item;
		n = value->n_items;
	}
	for (size_t i = 0; i < n; i++) {
		struct glob *glob = NULL;
		struct err err;
		if (item[i]->kind != YAML_SCALAR)
			complain(r, item[i], "expected a path or a glob");
		else if (glob_compile(&glob, item[i]->text, &err) != 0)
			complain(r, item[i], err.msg);
		else
			strings_add(out, item[i]->text);
		glob_free(glob);
	}
}

static void read_verbatim(struct manifest_reader *r, const struct yaml_node *value)
{
	read_list(r, value, &r->out->verbatim);
}

static void read_append(struct manifest_reader *r, const struct yaml_node *value)
{
	read_list(r, value, &r->out->append);
}

static void read_modes(struct manifest_reader *r, const struct yaml_node *value)
{
	if (value->kind != YAML_MAP) {
		complain(r, value, "'modes' is no mapping from paths to permission bits");
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++) {
		const struct yaml_node *bits = value->pair[i].value;
		size_t n = bits->kind == YAML_SCALAR ? strspn(bits->text, "01234567") : 0;
		if (!n || bits->text[n] || strtol(bits->text, NULL, 8) > 0777)
			complain(r, bits, "expected permission bits such as 0755");
		else
			name_values_set(&r->out->modes, value->pair[i].key->text, bits->text);
	}
}

static const struct {
	const char *name;
	void (*read)(struct manifest_reader *r, const struct yaml_node *value);
} manifest_key[] = {
	{ "about", read_about },   { "vars", read_vars },     { "verbatim", read_verbatim },
	{ "append", read_append }, { "modes", read_modes },
};

#define N_KEYS (sizeof manifest_key / sizeof *manifest_key)

static void read_key(struct manifest_reader *r, const struct yaml_pair *pair)
{
	for (size_t i = 0; i < N_KEYS; i++) {
		if (strcmp(manifest_key[i].name, pair->key->text) != 0)
			continue;
		manifest_key[i].read(r, pair->value);
		return;
	}
	complain(r, pair->key, "unknown key; expected 'about', 'vars', 'verbatim', 'append' or 'modes'");
}

int scaffold_read_manifest(struct scaffold *out, const char *name, const char *text, size_t n, struct err *err)
{
	struct diags diags = { 0 };
	struct yaml_doc *doc = NULL;
	struct manifest_reader r = { out, &diags, name };
	if (yaml_parse(&doc, name, text, n, &diags) == 0) {
		const struct yaml_node *root = yaml_root(doc);
		if (root && root->kind != YAML_MAP)
			complain(&r, root, "the manifest of a template is a mapping");
		for (size_t i = 0; root && root->kind == YAML_MAP && i < root->n_pairs; i++)
			read_key(&r, &root->pair[i]);
	}
	int rc = 0;
	if (diags.n_diags) {
		struct buf line = { 0 };
		diag_format(&line, &diags.diag[0]);
		rc = err_set(err, ERR_PLAN, "%.*s", (int)(line.len - 1), buf_str(&line));
		buf_release(&line);
	}
	yaml_doc_free(doc);
	diags_release(&diags);
	return rc;
}
