#include "io/config_table.h"

#define ROW(name, expected, initial, help) { #name, expected, initial, help },
#define LENGTH(list) (sizeof(list) / sizeof *(list))

static const struct config_key root_key[] = { CONFIG_KEYS(ROW) };
static const struct config_key provider_key[] = { CONFIG_PROVIDER_KEYS(ROW) };
static const struct config_key price_key[] = { CONFIG_PRICE_KEYS(ROW) };
static const struct config_key notify_key[] = { CONFIG_NOTIFY_KEYS(ROW) };

const struct config_table config_table[CONFIG_N_TABLES] = {
	[CONFIG_ROOT] = { "The top level", root_key, LENGTH(root_key) },
	[CONFIG_PROVIDER] = { "A provider", provider_key, LENGTH(provider_key) },
	[CONFIG_PRICE] = { "A price", price_key, LENGTH(price_key) },
	[CONFIG_NOTIFY] = { "Notifications", notify_key, LENGTH(notify_key) },
};

const struct config_variable config_variable[] = {
	{ "BELAY_USE", "use" },
	{ "BELAY_COLOR", "color" },
	{ "BELAY_UNICODE", "unicode" },
};
const size_t config_n_variables = LENGTH(config_variable);
