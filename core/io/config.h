/*
 * Configuration: /etc/belay/config.yaml, then $XDG_CONFIG_HOME/belay/config.yaml, then .belay/config.yaml in the
 * repository (only once trusted), then BELAY_* and the well-known variables, then -c KEY=VALUE. See cli.md and
 * belay-config(5). Immutable once loaded.
 */
#ifndef BELAY_IO_CONFIG_H
#define BELAY_IO_CONFIG_H

#include "base/attr.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum provider_kind { PROVIDER_OPENAI_CHAT, PROVIDER_OPENAI_RESPONSES, PROVIDER_ANTHROPIC, PROVIDER_OLLAMA,
	PROVIDER_RECORDED };

struct provider {
	char *name;
	enum provider_kind kind;
	bool has_kind;
	char *url;      /* base URL; "" for recorded */
	char *model;    /* default model; may be "" */
	char *key_env, *key_file, *key_command; /* at most one; "" when none */
	char *file;     /* recorded: absolute path */
	int64_t context; /* tokens; 0: not known */
};

struct price {
	char *model;
	double in, out, cached; /* USD per million tokens; cached < 0: not given, as `in` */
};

/* Keys for an action of the terminal UI. Which actions and keys there are is for the UI to say, with this place. */
struct key_binding {
	char *action;
	char *keys;     /* names, separated by blanks; "" for none */
	char *file;     /* where it was set: as findings show it */
	int line, column; /* 0 where there is none */
};

/* How a person is told that a run waits, or is finished. */
struct notify_config {
	bool bell;
	char *terminal; /* OSC 9: "auto", "always", "never" */
	char *command;  /* "" for none */
	int64_t after_s; /* a shorter run's end is told only to who looks elsewhere */
};

struct config {
	struct provider *provider;
	size_t n_providers, cap_providers;
	struct strings use;      /* names, in line */
	struct price *price;
	size_t n_prices, cap_prices;
	char *color;             /* "auto", "always", "never" */
	char *unicode;           /* "safe", "native" */
	struct notify_config notify;
	struct key_binding *binding; /* one for each action, in the order first set */
	size_t n_bindings, cap_bindings;
	struct strings set_key, set_by; /* dotted keys, and what set each last: "FILE:LINE", a variable, "-c KEY=..." */
};

/* root may be NULL (no repository configuration). overrides: "KEY=VALUE" from -c, dotted keys. A relative `file` of
 * a recorded provider is relative to the file that names it, or to the current folder. */
int config_load(struct config **out, const char *root, bool root_trusted, const struct strings *overrides,
                struct diags *diags) MUST_CHECK;
void config_free(struct config *config);

const struct provider *config_provider(const struct config *config, const char *name); /* or NULL */
const struct price *config_price(const struct config *config, const char *model);      /* or NULL */
/* What set a dotted key ("providers.local.url"); "default" when nothing did. */
const char *config_origin(const struct config *config, const char *key);
const char *provider_kind_name(enum provider_kind kind);

/* For the loader: an empty configuration, and the named entry of it (made when it is not there). */
struct config *config_new(void);
struct provider *config_add_provider(struct config *config, const char *name);
void config_note_origin(struct config *config, const char *key, const char *origin);
struct price *config_add_price(struct config *config, const char *model);
struct key_binding *config_add_binding(struct config *config, const char *action);
/* What the well-known variables stand for: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL, OLLAMA_HOST ... */
void config_add_well_known(struct config *config);

/* "auto", PROVIDER, PROVIDER/MODEL or MODEL: the providers to try in line, and the model ("" is the provider's own). */
int config_choose(const struct config *config, const char *use, const struct provider **out, size_t max, size_t *n,
                  char **model, struct err *err) MUST_CHECK;

/* The key, from the environment, a 0600 file or a command; "" when the provider has none. To be freed (and wiped). */
int config_key(const struct provider *provider, char **out, struct err *err) MUST_CHECK;

#endif
