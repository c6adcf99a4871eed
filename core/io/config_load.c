#include "io/config.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "base/yaml.h"
#include "io/config_table.h"
#include "io/url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_MAX_BYTES (1024 * 1024)
#define CONFIG_MOST_KEYS 16 /* of one table */
#define MOST_SECONDS (366 * 24 * 3600)

/* Where a layer comes from: a file, whose lines are places, or a variable or flag, which has none. */
struct layer {
	const char *name;   /* as findings show it */
	const char *folder; /* relative files start here */
	bool is_file;
	struct config *config;
	struct diags *diags;
};

static void finding(const struct layer *layer, const struct yaml_node *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void finding(const struct layer *layer, const struct yaml_node *at, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	bool placed = layer->is_file && at;
	diags_add(layer->diags, DIAG_ERROR, layer->name, placed ? at->line : 0, placed ? at->column : 0, "%s",
	          buf_str(&text));
	buf_release(&text);
}

/* The key's place in its table; -1, and a finding, when it has none. */
static int find_key(const struct layer *layer, enum config_table_id id, const struct yaml_node *key)
{
	const struct config_table *table = &config_table[id];
	const char *known[CONFIG_MOST_KEYS];
	for (size_t i = 0; i < table->n_keys; i++) {
		known[i] = table->key[i].name;
		if (strcmp(key->text, known[i]) == 0)
			return (int)i;
	}
	const char *nearest = text_nearest(key->text, known, table->n_keys);
	if (nearest)
		finding(layer, key, "unknown key '%s'; did you mean '%s'?", key->text, nearest);
	else
		finding(layer, key, "unknown key '%s'", key->text);
	return -1;
}

static bool read_string(const struct layer *layer, const struct yaml_node *value, const char *key, char **out)
{
	if (value->kind != YAML_SCALAR) {
		finding(layer, value, "'%s' takes one value", key);
		return false;
	}
	free(*out);
	*out = xstrdup(yaml_is_null(value) ? "" : value->text);
	return true;
}

static void read_kind(const struct layer *layer, const struct yaml_node *value, struct provider *provider)
{
	static const char *const names[] = { "openai-chat", "openai-responses", "anthropic", "ollama", "recorded" };
	if (value->kind == YAML_SCALAR) {
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			if (strcmp(value->text, names[i]) != 0)
				continue;
			provider->kind = (enum provider_kind)i;
			provider->has_kind = true;
			return;
		}
	}
	provider->has_kind = true; /* one finding is enough */
	finding(layer, value, "'kind' is one of openai-chat, openai-responses, anthropic, ollama, recorded");
}

static void read_url(const struct layer *layer, const struct yaml_node *value, struct provider *provider)
{
	struct err why = { 0 };
	if (read_string(layer, value, "url", &provider->url) && url_check_base(provider->url, &why) != 0) {
		finding(layer, value, "%s", why.msg);
		free(provider->url);
		provider->url = xstrdup("http://127.0.0.1"); /* one finding is enough; the load fails */
	}
}

static void read_context(const struct layer *layer, const struct yaml_node *value, struct provider *provider)
{
	if (yaml_int(value, &provider->context) != 0 || provider->context < 0)
		finding(layer, value, "'context' takes a number of tokens");
}

static void read_file_name(const struct layer *layer, const struct yaml_node *value, const char *key, char **out)
{
	if (!read_string(layer, value, key, out) || (*out)[0] == '/' || (*out)[0] == '\0')
		return;
	char *whole = xasprintf("%s/%s", layer->folder, *out);
	free(*out);
	*out = whole;
}

/* A key in a later layer takes the place of a key of another sort in an earlier one. */
static void read_key_source(const struct layer *layer, const struct yaml_pair *pair, struct provider *provider)
{
	char **const source[] = { &provider->key_env, &provider->key_file, &provider->key_command };
	for (size_t i = 0; i < 3; i++) {
		free(*source[i]);
		*source[i] = xstrdup("");
	}
	if (strcmp(pair->key->text, "key_env") == 0)
		read_string(layer, pair->value, "key_env", &provider->key_env);
	else if (strcmp(pair->key->text, "key_file") == 0)
		read_file_name(layer, pair->value, "key_file", &provider->key_file);
	else
		read_string(layer, pair->value, "key_command", &provider->key_command);
}

static bool is_key_source(const char *key)
{
	return strcmp(key, "key_env") == 0 || strcmp(key, "key_file") == 0 || strcmp(key, "key_command") == 0;
}

static void read_provider_field(const struct layer *layer, const struct yaml_pair *pair, struct provider *provider)
{
	const char *key = pair->key->text;
	switch (find_key(layer, CONFIG_PROVIDER, pair->key)) {
	case CONFIG_PROVIDER_kind: read_kind(layer, pair->value, provider); break;
	case CONFIG_PROVIDER_url: read_url(layer, pair->value, provider); break;
	case CONFIG_PROVIDER_model: read_string(layer, pair->value, key, &provider->model); break;
	case CONFIG_PROVIDER_file: read_file_name(layer, pair->value, key, &provider->file); break;
	case CONFIG_PROVIDER_context: read_context(layer, pair->value, provider); break;
	case CONFIG_PROVIDER_key_env:
	case CONFIG_PROVIDER_key_file:
	case CONFIG_PROVIDER_key_command: read_key_source(layer, pair, provider); break;
	}
}

static void read_provider(const struct layer *layer, const struct yaml_pair *pair)
{
	const char *name = pair->key->text;
	if (!*name || strchr(name, '/') || strcmp(name, "auto") == 0) {
		finding(layer, pair->key, "a provider cannot be called '%s'", name);
		return;
	}
	if (pair->value->kind != YAML_MAP) {
		finding(layer, pair->value, "the provider '%s' takes keys such as kind, url and model", name);
		return;
	}
	struct provider *provider = config_add_provider(layer->config, name);
	size_t n_sources = 0;
	for (size_t i = 0; i < pair->value->n_pairs; i++) {
		const struct yaml_pair *field = &pair->value->pair[i];
		if (is_key_source(field->key->text) && ++n_sources == 2)
			finding(layer, field->key, "the provider '%s' takes one of key_env, key_file and key_command", name);
		read_provider_field(layer, field, provider);
	}
}

static void read_providers(const struct layer *layer, const struct yaml_node *value)
{
	if (value->kind != YAML_MAP) {
		finding(layer, value, "'providers' takes a name and its keys for each provider");
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++)
		read_provider(layer, &value->pair[i]);
}

static void read_use(const struct layer *layer, const struct yaml_node *value)
{
	strings_release(&layer->config->use);
	if (value->kind == YAML_SCALAR && !yaml_is_null(value))
		strings_add(&layer->config->use, value->text);
	else if (value->kind == YAML_MAP)
		finding(layer, value, "'use' takes a list of providers");
	for (size_t i = 0; value->kind == YAML_SEQ && i < value->n_items; i++) {
		if (value->item[i]->kind == YAML_SCALAR)
			strings_add(&layer->config->use, value->item[i]->text);
		else
			finding(layer, value->item[i], "'use' takes the names of providers");
	}
}

static void read_price(const struct layer *layer, const struct yaml_pair *pair)
{
	if (pair->value->kind != YAML_MAP) {
		finding(layer, pair->value, "the price of '%s' takes in, out and cached", pair->key->text);
		return;
	}
	struct price *price = config_add_price(layer->config, pair->key->text);
	double *const field[] = { &price->in, &price->out, &price->cached };
	for (size_t i = 0; i < pair->value->n_pairs; i++) {
		const struct yaml_pair *at = &pair->value->pair[i];
		int which = find_key(layer, CONFIG_PRICE, at->key);
		if (which >= 0 && (yaml_real(at->value, field[which]) != 0 || !(*field[which] >= 0)))
			finding(layer, at->value, "'%s' takes USD per million tokens", at->key->text);
	}
}

static void read_prices(const struct layer *layer, const struct yaml_node *value)
{
	if (value->kind != YAML_MAP) {
		finding(layer, value, "'prices' takes a model and its prices for each model");
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++)
		read_price(layer, &value->pair[i]);
}

/* "u", "C-x u" or [C-x, u]; null and [] take an action's keys away. */
static bool read_key_names(const struct layer *layer, const struct yaml_node *value, const char *action, struct buf *out)
{
	if (value->kind == YAML_SCALAR)
		return yaml_is_null(value) || buf_add_str(out, value->text) == 0;
	for (size_t i = 0; value->kind == YAML_SEQ && i < value->n_items; i++) {
		if (value->item[i]->kind != YAML_SCALAR || yaml_is_null(value->item[i])) {
			finding(layer, value->item[i], "'%s' takes the names of keys", action);
			return false;
		}
		buf_printf(out, "%s%s", i ? " " : "", value->item[i]->text);
	}
	if (value->kind == YAML_MAP)
		finding(layer, value, "'%s' takes the names of keys", action);
	return value->kind == YAML_SEQ;
}

static void read_binding(const struct layer *layer, const struct yaml_pair *pair)
{
	struct buf keys = { 0 };
	size_t n;
	if (!read_key_names(layer, pair->value, pair->key->text, &keys)) {
		buf_release(&keys);
		return;
	}
	struct key_binding *binding = config_add_binding(layer->config, pair->key->text);
	free(binding->keys);
	free(binding->file);
	binding->keys = buf_take(&keys, &n);
	binding->file = xstrdup(layer->name);
	binding->line = layer->is_file ? pair->key->line : 0;
	binding->column = layer->is_file ? pair->key->column : 0;
}

static void read_keys(const struct layer *layer, const struct yaml_node *value)
{
	if (value->kind != YAML_MAP) {
		finding(layer, value, "'keys' takes an action and its keys for each action");
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++)
		read_binding(layer, &value->pair[i]);
}

static void read_color(const struct layer *layer, const struct yaml_node *value)
{
	if (read_string(layer, value, "color", &layer->config->color) && strcmp(value->text, "auto") != 0 &&
	    strcmp(value->text, "always") != 0 && strcmp(value->text, "never") != 0)
		finding(layer, value, "'color' is one of auto, always, never");
}

static void read_unicode(const struct layer *layer, const struct yaml_node *value)
{
	if (read_string(layer, value, "unicode", &layer->config->unicode) && strcmp(value->text, "safe") != 0 &&
	    strcmp(value->text, "native") != 0)
		finding(layer, value, "'unicode' is one of safe, native");
}

static void read_terminal(const struct layer *layer, const struct yaml_node *value)
{
	struct notify_config *notify = &layer->config->notify;
	if (read_string(layer, value, "terminal", &notify->terminal) && strcmp(value->text, "auto") != 0 &&
	    strcmp(value->text, "always") != 0 && strcmp(value->text, "never") != 0)
		finding(layer, value, "'terminal' is one of auto, always, never");
}

static void read_after(const struct layer *layer, const struct yaml_node *value)
{
	int64_t s;
	if (yaml_int(value, &s) != 0 || s < 0 || s > MOST_SECONDS)
		finding(layer, value, "'after' takes a number of seconds");
	else
		layer->config->notify.after_s = s;
}

static void read_notify(const struct layer *layer, const struct yaml_node *value)
{
	struct notify_config *notify = &layer->config->notify;
	if (value->kind != YAML_MAP) {
		finding(layer, value, "'notify' takes keys such as bell and command");
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++) {
		const struct yaml_pair *pair = &value->pair[i];
		switch (find_key(layer, CONFIG_NOTIFY, pair->key)) {
		case CONFIG_NOTIFY_bell:
			if (yaml_bool(pair->value, &notify->bell) != 0)
				finding(layer, pair->value, "'bell' takes true or false");
			break;
		case CONFIG_NOTIFY_terminal: read_terminal(layer, pair->value); break;
		case CONFIG_NOTIFY_command: read_string(layer, pair->value, "command", &notify->command); break;
		case CONFIG_NOTIFY_after: read_after(layer, pair->value); break;
		}
	}
}

static void read_tree(const struct layer *layer, const struct yaml_node *root)
{
#define READER(name, ...) read_##name,
	static void (*const read[])(const struct layer *, const struct yaml_node *) = { CONFIG_KEYS(READER) };
#undef READER
	if (root && root->kind != YAML_MAP) {
		finding(layer, root, "a configuration is a list of keys and values");
		return;
	}
	for (size_t i = 0; root && i < root->n_pairs; i++) {
		int which = find_key(layer, CONFIG_ROOT, root->pair[i].key);
		if (which >= 0)
			read[which](layer, root->pair[i].value);
	}
}

/* Every value that is no map: what set it. */
static void note_origins(const struct layer *layer, const char *prefix, const struct yaml_node *map)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n_pairs; i++) {
		const struct yaml_pair *pair = &map->pair[i];
		char *key = xasprintf("%s%s%s", prefix, *prefix ? "." : "", pair->key->text);
		char *origin = layer->is_file ? xasprintf("%s:%d", layer->name, (int)pair->key->line) : xstrdup(layer->name);
		if (pair->value->kind == YAML_MAP)
			note_origins(layer, key, pair->value);
		else
			config_note_origin(layer->config, key, origin);
		free(origin);
		free(key);
	}
}

static void read_text(const struct layer *layer, const char *text, size_t n)
{
	struct yaml_doc *doc = NULL;
	struct diags found = { 0 };
	if (yaml_parse(&doc, layer->name, text, n, &found) == 0)
		read_tree(layer, yaml_root(doc));
	if (doc)
		note_origins(layer, "", yaml_root(doc));
	for (size_t i = 0; i < found.n_diags; i++) {
		const struct diag *diag = &found.diag[i];
		diags_add(layer->diags, diag->severity, layer->name, layer->is_file ? diag->line : 0,
		          layer->is_file ? diag->column : 0, "%s", diag->message);
	}
	diags_release(&found);
	yaml_doc_free(doc);
}

/* What there is to read at path; false with errno set when there is nothing. */
static bool slurp(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	if (fd < 0)
		return false;
	errno = EISDIR;
	bool whole = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	ssize_t n = whole ? 1 : 0;
	char chunk[8192];
	while (n > 0 && !out->truncated) {
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno != EINTR)
			whole = false;
		else if (n < 0)
			n = 1;
		else
			buf_add(out, chunk, (size_t)n);
	}
	int saved = errno;
	close(fd);
	errno = saved;
	return whole;
}

static void load_file(struct config *config, struct diags *diags, const char *path)
{
	struct buf text;
	buf_init(&text, CONFIG_MAX_BYTES);
	char *folder = xstrdup(path);
	char *slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	struct layer layer = { path, folder, true, config, diags };
	if (slurp(path, &text) && !text.truncated)
		read_text(&layer, buf_str(&text), text.len);
	else if (text.truncated)
		finding(&layer, NULL, "over the limit of 1 MiB");
	else if (errno != ENOENT && errno != ENOTDIR)
		finding(&layer, NULL, "cannot read: %s", strerror(errno));
	buf_release(&text);
	free(folder);
}

/* The value as YAML: lists, maps, numbers, true and false as they are, all else as one quoted string. */
static void add_value(struct buf *out, const char *value)
{
	bool is_bool = strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	if (*value == '[' || *value == '{' || is_bool || (*value && !value[strspn(value, "0123456789.")])) {
		buf_add_str(out, value);
		return;
	}
	buf_add_char(out, '\'');
	for (; *value; value++)
		buf_add(out, *value == '\'' ? "''" : value, *value == '\'' ? 2 : 1);
	buf_add_char(out, '\'');
}

/* One "a.b.c=value": the same reader, on the small document that it stands for. */
static void load_override(struct layer *layer, const char *text)
{
	const char *equals = strchr(text, '=');
	struct buf name = { 0 };
	struct buf doc = { 0 };
	buf_printf(&name, "-c %.*s", equals ? (int)(equals - text) : (int)strlen(text), text);
	layer->name = buf_str(&name);
	int depth = 0;
	for (const char *at = text; equals && at < equals; depth++) {
		size_t n = strcspn(at, ".=");
		buf_printf(&doc, "%*s'%.*s':%s", depth, "", (int)n, at, at + n < equals ? "\n" : " ");
		at += n + 1;
	}
	if (!equals || depth == 0 || strpbrk(text, "\r\n"))
		finding(layer, NULL, "expected KEY=VALUE on one line, as in use=local");
	else {
		add_value(&doc, equals + 1);
		read_text(layer, buf_str(&doc), doc.len);
	}
	buf_release(&doc);
	buf_release(&name);
}

/* BELAY_USE=a,b is a list; the others are one value. */
static void load_variables(struct layer *layer)
{
	for (size_t i = 0; i < config_n_variables; i++) {
		const struct config_variable *variable = &config_variable[i];
		const char *value = getenv(variable->name);
		bool is_list = strcmp(variable->key, "use") == 0;
		if (!value || !*value)
			continue;
		struct buf doc = { 0 };
		layer->name = variable->name;
		buf_printf(&doc, is_list ? "%s: [" : "%s: ", variable->key);
		for (size_t n; *value; value += n + (value[n] == ',')) {
			n = is_list ? strcspn(value, ",") : strlen(value);
			char *word = xstrndup(value, n);
			add_value(&doc, word);
			buf_add_str(&doc, is_list ? "," : "");
			free(word);
		}
		buf_add_str(&doc, is_list ? "]" : "");
		read_text(layer, buf_str(&doc), doc.len);
		buf_release(&doc);
	}
}

/* What only the whole of all layers can tell. */
static void check_whole(const struct config *config, struct diags *diags)
{
	for (size_t i = 0; i < config->n_providers; i++) {
		const struct provider *provider = &config->provider[i];
		bool recorded = provider->kind == PROVIDER_RECORDED;
		if (!provider->has_kind)
			diags_add(diags, DIAG_ERROR, "configuration", 0, 0, "the provider '%s' has no 'kind'", provider->name);
		else if (recorded && !*provider->file)
			diags_add(diags, DIAG_ERROR, "configuration", 0, 0, "the provider '%s' has no 'file'", provider->name);
		else if (!recorded && !*provider->url)
			diags_add(diags, DIAG_ERROR, "configuration", 0, 0, "the provider '%s' has no 'url'", provider->name);
	}
	for (size_t i = 0; i < config->use.n_items; i++)
		if (!config_provider(config, config->use.item[i]))
			diags_add(diags, DIAG_ERROR, "configuration", 0, 0, "'use' names '%s', which is no provider",
			          config->use.item[i]);
}

static void load_files(struct config *config, struct diags *diags, const char *root, bool root_trusted)
{
	load_file(config, diags, "/etc/belay/config.yaml");
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char *user = NULL;
	if (xdg && *xdg == '/')
		user = xasprintf("%s/belay/config.yaml", xdg);
	else if (home && *home == '/')
		user = xasprintf("%s/.config/belay/config.yaml", home);
	if (user)
		load_file(config, diags, user);
	free(user);
	if (root && root_trusted) {
		char *ours = xasprintf("%s/.belay/config.yaml", root);
		load_file(config, diags, ours);
		free(ours);
	}
}

int config_load(struct config **out, const char *root, bool root_trusted, const struct strings *overrides,
                struct diags *diags)
{
	size_t n_before = diags->n_errors;
	struct config *config = config_new();
	load_files(config, diags, root, root_trusted);
	char *folder = getcwd(NULL, 0);
	struct layer layer = { "", folder ? folder : ".", false, config, diags };
	load_variables(&layer);
	for (size_t i = 0; overrides && i < overrides->n_items; i++)
		load_override(&layer, overrides->item[i]);
	free(folder);
	if (config->n_providers == 0)
		config_add_well_known(config);
	if (diags->n_errors == n_before)
		check_whole(config, diags);
	for (size_t i = 0; i < config->n_prices; i++)
		if (config->price[i].cached < 0)
			config->price[i].cached = config->price[i].in;
	if (diags->n_errors != n_before) {
		config_free(config);
		return -1;
	}
	*out = config;
	return 0;
}
