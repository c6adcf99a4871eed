/* The configuration in force: loading it as all verbs do, and showing it. Of keys only the place is shown. */
#include "base/xalloc.h"
#include "io/config.h"
#include "io/trust.h"
#include "tui/json_lines.h"
#include "tui/keymap.h"
#include "tui/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_keys(const struct config *config, struct diags *diags)
{
	struct keymap *keymap;
	if (verb_keymap(&keymap, config, diags) != 0)
		return -1;
	keymap_free(keymap);
	return 0;
}

/* For this once, or as it is now for good. */
static bool is_trusted(const struct cli *cli, const char *root)
{
	char *file = xasprintf("%s/.belay/config.yaml", root);
	bool trusted = cli_has(cli, CLI_TRUST) || trust_has_file(file);
	free(file);
	return trusted;
}

int verb_load_config(struct config **out, const struct cli *cli, const char *root, struct err *err)
{
	struct strings overrides = { 0 };
	struct diags diags = { 0 };
	const char *given;
	for (size_t i = 0; (given = cli_get_nth(cli, CLI_SET, i)); i++)
		strings_add(&overrides, given);
	int rc = config_load(out, root, is_trusted(cli, root), &overrides, &diags);
	if (rc == 0 && check_keys(*out, &diags) != 0) {
		config_free(*out);
		*out = NULL;
		rc = -1;
	}
	verb_say_diags(&diags);
	if (rc != 0)
		err_set(err, ERR_PLAN, "the configuration cannot be used: %zu error%s", diags.n_errors,
		        diags.n_errors == 1 ? "" : "s");
	diags_release(&diags);
	strings_release(&overrides);
	return rc;
}

struct field {
	const char *name;
	const char *value;
};

/* What is set, in order; returns the number. */
static size_t list_fields(const struct provider *provider, struct field out[8])
{
	const struct field all[] = {
		{ "kind", provider_kind_name(provider->kind) },
		{ "url", provider->url },
		{ "model", provider->model },
		{ "file", provider->file },
		{ "key_env", provider->key_env },
		{ "key_file", provider->key_file },
		{ "key_command", provider->key_command },
	};
	size_t n = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].value && *all[i].value)
			out[n++] = all[i];
	return n;
}

static void put_provider(const struct provider *provider)
{
	struct field field[8];
	size_t n = list_fields(provider, field);
	verb_print("  %s: { ", provider->name);
	for (size_t i = 0; i < n; i++)
		verb_print("%s%s: \"%s\"", i ? ", " : "", field[i].name, field[i].value);
	if (provider->context)
		verb_print(", context: %lld", (long long)provider->context);
	verb_print(" }\n");
}

/* As YAML reads it back: a text without control characters, of which only ' matters. */
static void put_quoted(const char *name, const char *value)
{
	struct buf text = { 0 };
	for (const char *at = value; *at; at++)
		buf_add(&text, *at == '\'' ? "''" : at, *at == '\'' ? 2 : 1);
	verb_print("  %s: '%s'\n", name, buf_str(&text));
	buf_release(&text);
}

static void put_notify(const struct notify_config *notify)
{
	verb_print("notify:\n  bell: %s\n  terminal: %s\n", notify->bell ? "true" : "false", notify->terminal);
	put_quoted("command", notify->command);
	verb_print("  after: %lld\n", (long long)notify->after_s);
}

static void put_text(const struct config *config)
{
	verb_print("providers:%s\n", config->n_providers ? "" : " {}");
	for (size_t i = 0; i < config->n_providers; i++)
		put_provider(&config->provider[i]);
	verb_print("use: [");
	for (size_t i = 0; i < config->use.n_items; i++)
		verb_print("%s%s", i ? ", " : "", config->use.item[i]);
	verb_print("]\nprices:%s\n", config->n_prices ? "" : " {}");
	for (size_t i = 0; i < config->n_prices; i++)
		verb_print("  \"%s\": { in: %g, out: %g, cached: %g }\n", config->price[i].model, config->price[i].in,
		           config->price[i].out, config->price[i].cached);
	verb_print("color: %s\nunicode: %s\nkeys:%s\n", config->color, config->unicode, config->n_bindings ? "" : " {}");
	for (size_t i = 0; i < config->n_bindings; i++)
		put_quoted(config->binding[i].action, config->binding[i].keys);
	put_notify(&config->notify);
}

/* One value a line, and what set it in front, as git has it. */
static void put_origin(const struct config *config, const char *key, const char *value)
{
	verb_print("%s\t%s=%s\n", config_origin(config, key), key, value);
}

static void put_number(const struct config *config, const char *prefix, const char *name, double value)
{
	char text[32];
	char *key = xasprintf("%s.%s", prefix, name);
	snprintf(text, sizeof text, "%.12g", value);
	put_origin(config, key, text);
	free(key);
}

static void put_provider_origins(const struct config *config, const struct provider *provider)
{
	struct field field[8];
	char *prefix = xasprintf("providers.%s", provider->name);
	size_t n = list_fields(provider, field);
	for (size_t i = 0; i < n; i++) {
		char *key = xasprintf("%s.%s", prefix, field[i].name);
		put_origin(config, key, field[i].value);
		free(key);
	}
	if (provider->context)
		put_number(config, prefix, "context", (double)provider->context);
	free(prefix);
}

static void put_ui_origins(const struct config *config)
{
	const struct notify_config *notify = &config->notify;
	put_origin(config, "color", config->color);
	put_origin(config, "unicode", config->unicode);
	for (size_t i = 0; i < config->n_bindings; i++) {
		char *key = xasprintf("keys.%s", config->binding[i].action);
		put_origin(config, key, config->binding[i].keys);
		free(key);
	}
	put_origin(config, "notify.bell", notify->bell ? "true" : "false");
	put_origin(config, "notify.terminal", notify->terminal);
	put_origin(config, "notify.command", notify->command);
	put_number(config, "notify", "after", (double)notify->after_s);
}

static void put_origins(const struct config *config)
{
	struct buf use = { 0 };
	for (size_t i = 0; i < config->n_providers; i++)
		put_provider_origins(config, &config->provider[i]);
	for (size_t i = 0; i < config->use.n_items; i++)
		buf_printf(&use, "%s%s", i ? "," : "", config->use.item[i]);
	put_origin(config, "use", buf_str(&use));
	for (size_t i = 0; i < config->n_prices; i++) {
		const struct price *price = &config->price[i];
		char *prefix = xasprintf("prices.%s", price->model);
		put_number(config, prefix, "in", price->in);
		put_number(config, prefix, "out", price->out);
		put_number(config, prefix, "cached", price->cached);
		free(prefix);
	}
	put_ui_origins(config);
	buf_release(&use);
}

static void put_origin_of(struct json_lines *lines, const struct config *config, const char *prefix,
                          const struct field *field, size_t n)
{
	json_key(&lines->w, "origin");
	json_begin_object(&lines->w);
	for (size_t i = 0; i < n; i++) {
		char *key = xasprintf("%s%s%s", prefix, *prefix ? "." : "", field[i].name);
		json_key(&lines->w, field[i].name);
		json_put_cstr(&lines->w, config_origin(config, key));
		free(key);
	}
	json_end_object(&lines->w);
}

static void put_provider_object(struct json_lines *lines, const struct config *config,
                                const struct provider *provider)
{
	struct field field[8];
	size_t n = list_fields(provider, field);
	json_lines_begin(lines, "provider");
	json_key(&lines->w, "name");
	json_put_cstr(&lines->w, provider->name);
	for (size_t i = 0; i < n; i++) {
		json_key(&lines->w, field[i].name);
		json_put_cstr(&lines->w, field[i].value);
	}
	json_key(&lines->w, "in_use");
	json_put_bool(&lines->w, strings_find(&config->use, provider->name) >= 0);
	char *prefix = xasprintf("providers.%s", provider->name);
	put_origin_of(lines, config, prefix, field, n);
	free(prefix);
	json_lines_end(lines);
}

static void put_notify_object(struct json_lines *lines, const struct config *config)
{
	static const struct field field[] = { { .name = "bell" }, { .name = "terminal" }, { .name = "command" },
		                              { .name = "after" } };
	json_lines_begin(lines, "notify");
	json_key(&lines->w, "bell");
	json_put_bool(&lines->w, config->notify.bell);
	json_key(&lines->w, "terminal");
	json_put_cstr(&lines->w, config->notify.terminal);
	json_key(&lines->w, "command");
	json_put_bytes(&lines->w, config->notify.command, strlen(config->notify.command));
	json_key(&lines->w, "after");
	json_put_int(&lines->w, config->notify.after_s);
	put_origin_of(lines, config, "notify", field, sizeof field / sizeof *field);
	json_lines_end(lines);
}

static void put_objects(struct json_lines *lines, const struct config *config)
{
	static const struct field field[] = { { .name = "color" }, { .name = "unicode" }, { .name = "use" } };
	for (size_t i = 0; i < config->n_providers; i++)
		put_provider_object(lines, config, &config->provider[i]);
	for (size_t i = 0; i < config->n_bindings; i++) {
		const struct key_binding *binding = &config->binding[i];
		char *key = xasprintf("keys.%s", binding->action);
		json_lines_begin(lines, "keys");
		json_key(&lines->w, "action");
		json_put_cstr(&lines->w, binding->action);
		json_key(&lines->w, "keys");
		json_put_bytes(&lines->w, binding->keys, strlen(binding->keys));
		json_key(&lines->w, "origin");
		json_put_cstr(&lines->w, config_origin(config, key));
		json_lines_end(lines);
		free(key);
	}
	put_notify_object(lines, config);
	json_lines_begin(lines, "config");
	json_key(&lines->w, "color");
	json_put_cstr(&lines->w, config->color);
	json_key(&lines->w, "unicode");
	json_put_cstr(&lines->w, config->unicode);
	put_origin_of(lines, config, "", field, sizeof field / sizeof *field);
	json_lines_end(lines);
}

int verb_config(const struct cli *cli)
{
	struct json_lines lines = { 0 };
	struct config *config;
	struct err err = { 0 };
	char *root;
	verb_signals_default();
	if (verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	int rc = verb_load_config(&config, cli, root, &err);
	free(root);
	if (rc != 0)
		return verb_fail(cli, &err);
	if (cli_has(cli, CLI_JSON)) {
		put_objects(&lines, config);
		json_lines_result(&lines, EXIT_DONE);
	} else if (cli_has(cli, CLI_SHOW_ORIGIN)) {
		put_origins(config);
	} else {
		put_text(config);
	}
	config_free(config);
	return EXIT_DONE;
}
