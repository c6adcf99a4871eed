#include "io/config.h"

#include "base/text.h"
#include "base/xalloc.h"
#include "io/url.h"

#include <stdlib.h>
#include <string.h>

/* Hosted services that speak chat/completions; each serves once its key is in the environment. */
static const struct {
	const char *name, *key_env, *url;
} hosted[] = {
	{ "openrouter", "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1" },
	{ "groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1" },
	{ "gemini", "GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta/openai/v1" },
	{ "mistral", "MISTRAL_API_KEY", "https://api.mistral.ai/v1" },
	{ "deepseek", "DEEPSEEK_API_KEY", "https://api.deepseek.com/v1" },
};

const char *provider_kind_name(enum provider_kind kind)
{
	static const char *const names[] = { "openai-chat", "openai-responses", "anthropic", "ollama", "recorded" };
	return names[kind];
}

struct config *config_new(void)
{
	struct config *config = xcalloc(1, sizeof *config);
	config->color = xstrdup("auto");
	config->unicode = xstrdup("safe");
	config->notify = (struct notify_config){ true, xstrdup("auto"), xstrdup(""), 10 };
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n_providers; i++) {
		struct provider *provider = &config->provider[i];
		free(provider->name);
		free(provider->url);
		free(provider->model);
		free(provider->key_env);
		free(provider->key_file);
		free(provider->key_command);
		free(provider->file);
	}
	for (size_t i = 0; i < config->n_prices; i++)
		free(config->price[i].model);
	for (size_t i = 0; i < config->n_bindings; i++) {
		free(config->binding[i].action);
		free(config->binding[i].keys);
		free(config->binding[i].file);
	}
	free(config->provider);
	free(config->price);
	free(config->binding);
	strings_release(&config->use);
	strings_release(&config->set_key);
	strings_release(&config->set_by);
	free(config->color);
	free(config->unicode);
	free(config->notify.terminal);
	free(config->notify.command);
	free(config);
}

const struct provider *config_provider(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_providers; i++)
		if (strcmp(config->provider[i].name, name) == 0)
			return &config->provider[i];
	return NULL;
}

const struct price *config_price(const struct config *config, const char *model)
{
	for (size_t i = 0; i < config->n_prices; i++)
		if (strcmp(config->price[i].model, model) == 0)
			return &config->price[i];
	return NULL;
}

void config_note_origin(struct config *config, const char *key, const char *origin)
{
	int at = strings_find(&config->set_key, key);
	if (at < 0) {
		strings_add(&config->set_key, key);
		strings_add(&config->set_by, origin);
		return;
	}
	free(config->set_by.item[at]);
	config->set_by.item[at] = xstrdup(origin);
}

const char *config_origin(const struct config *config, const char *key)
{
	int at = strings_find(&config->set_key, key);
	return at < 0 ? "default" : config->set_by.item[at];
}

struct provider *config_add_provider(struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_providers; i++)
		if (strcmp(config->provider[i].name, name) == 0)
			return &config->provider[i];
	config->provider = vec_room(config->provider, config->n_providers, &config->cap_providers,
	                            sizeof *config->provider);
	struct provider *provider = &config->provider[config->n_providers++];
	*provider = (struct provider){
		.name = xstrdup(name),
		.url = xstrdup(""),
		.model = xstrdup(""),
		.key_env = xstrdup(""),
		.key_file = xstrdup(""),
		.key_command = xstrdup(""),
		.file = xstrdup(""),
	};
	return provider;
}

struct price *config_add_price(struct config *config, const char *model)
{
	for (size_t i = 0; i < config->n_prices; i++)
		if (strcmp(config->price[i].model, model) == 0)
			return &config->price[i];
	config->price = vec_room(config->price, config->n_prices, &config->cap_prices, sizeof *config->price);
	config->price[config->n_prices] = (struct price){ .model = xstrdup(model), .cached = -1 };
	return &config->price[config->n_prices++];
}

struct key_binding *config_add_binding(struct config *config, const char *action)
{
	for (size_t i = 0; i < config->n_bindings; i++)
		if (strcmp(config->binding[i].action, action) == 0)
			return &config->binding[i];
	config->binding = vec_room(config->binding, config->n_bindings, &config->cap_bindings, sizeof *config->binding);
	struct key_binding *binding = &config->binding[config->n_bindings++];
	*binding = (struct key_binding){ .action = xstrdup(action), .keys = xstrdup(""), .file = xstrdup("") };
	return binding;
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return value ? value : "";
}

static struct provider *add_server(struct config *config, const char *name, enum provider_kind kind,
                                   const char *url, const char *key_env)
{
	struct provider *provider = config_add_provider(config, name);
	provider->kind = kind;
	provider->has_kind = true;
	free(provider->url);
	provider->url = xstrdup(url);
	if (*variable(key_env)) {
		free(provider->key_env);
		provider->key_env = xstrdup(key_env);
	}
	return provider;
}

static void set_model(struct provider *provider, const char *model)
{
	free(provider->model);
	provider->model = xstrdup(model);
}

/* OLLAMA_HOST may lack the scheme or the port. */
static void add_ollama(struct config *config, const char *host)
{
	const char *scheme = strstr(host, "://") ? "" : "http://";
	const char *bare = strstr(host, "://") ? strstr(host, "://") + 3 : host;
	const char *port = strrchr(bare, ':');
	bool has_port = port && !strchr(port, ']') && !strchr(port, '/');
	size_t n = strlen(host);
	while (n > 0 && host[n - 1] == '/')
		n--;
	char *url = xasprintf("%s%.*s%s", scheme, (int)n, host, has_port ? "" : ":11434");
	set_model(add_server(config, "ollama", PROVIDER_OLLAMA, url, "OLLAMA_API_KEY"), variable("OLLAMA_MODEL"));
	free(url);
}

/* All that these providers have comes from variables, whichever they are. */
static void note_environment(struct config *config)
{
	static const char *const field[] = { "kind", "url", "model", "key_env" };
	for (size_t i = 0; i < config->n_providers; i++) {
		for (size_t k = 0; k < sizeof field / sizeof *field; k++) {
			char *key = xasprintf("providers.%s.%s", config->provider[i].name, field[k]);
			config_note_origin(config, key, "environment");
			free(key);
		}
	}
}

void config_add_well_known(struct config *config)
{
	const char *base = variable("OPENAI_BASE_URL");
	if (*base || *variable("OPENAI_API_KEY"))
		set_model(add_server(config, "openai", PROVIDER_OPENAI_CHAT, *base ? base : "https://api.openai.com/v1",
		                     "OPENAI_API_KEY"),
		          variable("OPENAI_MODEL"));
	base = variable("ANTHROPIC_BASE_URL");
	if (*base || *variable("ANTHROPIC_API_KEY"))
		set_model(add_server(config, "anthropic", PROVIDER_ANTHROPIC, *base ? base : "https://api.anthropic.com",
		                     "ANTHROPIC_API_KEY"),
		          variable("ANTHROPIC_MODEL"));
	for (size_t i = 0; i < sizeof hosted / sizeof *hosted; i++)
		if (*variable(hosted[i].key_env))
			add_server(config, hosted[i].name, PROVIDER_OPENAI_CHAT, hosted[i].url, hosted[i].key_env);
	if (*variable("OLLAMA_HOST"))
		add_ollama(config, variable("OLLAMA_HOST"));
	note_environment(config);
}

/* The providers in line: `use`, or all in the order of the configuration. */
static size_t line_up(const struct config *config, const struct provider **out, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < config->use.n_items && n < max; i++) {
		const struct provider *provider = config_provider(config, config->use.item[i]);
		if (provider)
			out[n++] = provider;
	}
	for (size_t i = 0; config->use.n_items == 0 && i < config->n_providers && n < max; i++)
		out[n++] = &config->provider[i];
	return n;
}

static int no_provider(struct err *err)
{
	err_set(err, ERR_USAGE, "no provider of models is configured");
	return err_hint(err, "set OPENAI_BASE_URL, or name one in ~/.config/belay/config.yaml");
}

int config_choose(const struct config *config, const char *use, const struct provider **out, size_t max, size_t *n,
                  char **model, struct err *err)
{
	if (max == 0)
		return err_set(err, ERR_INTERNAL, "no room for a provider");
	*n = 0;
	if (config->n_providers == 0)
		return no_provider(err);
	size_t name_len = strcspn(use, "/");
	char *name = xstrndup(use, name_len);
	const struct provider *named = config_provider(config, name);
	free(name);
	if (named) {
		out[(*n)++] = named;
		*model = xstrdup(use[name_len] ? use + name_len + 1 : "");
		return 0;
	}
	bool is_auto = strcmp(use, "auto") == 0 || *use == '\0';
	*n = line_up(config, out, max);
	if (*n == 0)
		return no_provider(err);
	*model = xstrdup(is_auto ? "" : use);
	return 0;
}
