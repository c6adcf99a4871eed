/* The keys that the configuration gives to actions: names that there are, and no key that means two things. */
#include "io/config.h"
#include "tui/keymap.h"
#include "tui/verb.h"

#include <string.h>

struct binding_check {
	const struct config *config;
	const struct key_binding *binding;
	struct diags *diags;
};

static void finding(struct binding_check *check, const char *text)
{
	const struct key_binding *at = check->binding;
	diags_add(check->diags, DIAG_ERROR, at->file, at->line, at->column, "keys: %s", text);
}

/* A pair of which both were configured is told once, at the later one. */
static bool is_told_later(const struct binding_check *check, const char *other)
{
	const struct config *config = check->config;
	for (const struct key_binding *at = check->binding + 1; at < config->binding + config->n_bindings; at++)
		if (strcmp(at->action, other) == 0)
			return true;
	return false;
}

static void tell_clash(void *arg, const struct keymap_clash *clash)
{
	struct binding_check *check = arg;
	struct buf text = { 0 };
	if (is_told_later(check, clash->other))
		return;
	buf_printf(&text, "'%s' is both '%s' and '%s' in %s; one of them needs another key, or none ([])", clash->key,
	           check->binding->action, clash->other, keymap_context_name(clash->context));
	finding(check, buf_str(&text));
	buf_release(&text);
}

int verb_keymap(struct keymap **out, const struct config *config, struct diags *diags)
{
	size_t n_before = diags->n_errors;
	struct keymap *map = keymap_new();
	struct binding_check check = { .config = config, .diags = diags };
	struct err err;
	for (size_t i = 0; i < config->n_bindings; i++) {
		check.binding = &config->binding[i];
		if (keymap_bind(map, check.binding->action, check.binding->keys, &err) != 0)
			finding(&check, err.msg);
	}
	for (size_t i = 0; i < config->n_bindings; i++) {
		check.binding = &config->binding[i];
		keymap_each_clash(map, check.binding->action, tell_clash, &check);
	}
	if (diags->n_errors != n_before) {
		keymap_free(map);
		return -1;
	}
	*out = map;
	return 0;
}
