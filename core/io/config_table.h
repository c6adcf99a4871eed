/*
 * The keys of the configuration: one list of all that may stand in it. The loader and the tables of belay-config(5) are
 * made from it. Constant data.
 */
#ifndef BELAY_IO_CONFIG_TABLE_H
#define BELAY_IO_CONFIG_TABLE_H

#include <stddef.h>

/* X(key, what is expected, default or NULL, help): on the top level. */
#define CONFIG_KEYS(X)                                                                                              \
	X(providers, "a mapping from names to providers", NULL,                                                     \
	  "The servers of models. A name is a word of your own, without a slash, and not auto.")                    \
	X(use, "the name of a provider, or a list of them", "all providers, in the order of the configuration",     \
	  "Which providers are asked, in line: the next one is tried when one cannot be reached.")                  \
	X(prices, "a mapping from names of models to prices", NULL,                                                 \
	  "What models cost, for the sums of a run and the limits of a plan.")                                      \
	X(color, "auto, always or never", "auto", "When colours are used.")                                         \
	X(unicode, "safe or native", "safe",                                                                        \
	  "Whether emoji and joined characters are shown as their parts, which any terminal draws, or as they are.") \
	X(keys, "a mapping from actions to keys", NULL, "Other keys for the terminal UI, as belay-keys(7) says.")   \
	X(notify, "a mapping", NULL, "How you are told that a run waits for you, or is finished.")

/* Of one provider. */
#define CONFIG_PROVIDER_KEYS(X)                                                                                     \
	X(kind, "openai-chat, openai-responses, anthropic, ollama or recorded", NULL,                               \
	  "The protocol that the server speaks; recorded gives answers from a file. Required.")                     \
	X(url, "a URL of http or https", NULL,                                                                      \
	  "Where the server is, up to what the protocol adds. Required, but for recorded.")                         \
	X(model, "a text", NULL, "The model that is asked when neither the plan nor --model names one.")            \
	X(key_env, "the name of an environment variable", NULL, "Where the key is. One of the three, or none.")     \
	X(key_file, "a path, relative to the configuration's own folder", NULL,                                     \
	  "A file that holds the key and that only you can read (mode 0600).")                                      \
	X(key_command, "a text for sh -c", NULL, "A command that prints the key within 30 seconds.")                \
	X(file, "a path, relative to the configuration's own folder", NULL,                                         \
	  "The answers of a recorded provider: a JSON object a line.")                                              \
	X(context, "a whole number", "what the server says", "The tokens that the model can take at once.")

/* Of one model's price. */
#define CONFIG_PRICE_KEYS(X)                                                                                        \
	X(in, "a number", "0", "US dollars for a million tokens of a prompt.")                                      \
	X(out, "a number", "0", "US dollars for a million tokens of an answer.")                                    \
	X(cached, "a number", "as in", "US dollars for a million tokens that the server took from its cache.")

/* Of notify. */
#define CONFIG_NOTIFY_KEYS(X)                                                                                       \
	X(bell, "true or false", "true", "The terminal's bell.")                                                    \
	X(terminal, "auto, always or never", "auto",                                                                \
	  "A notification that the terminal shows (OSC 9); auto is for the terminals that are known to.")           \
	X(command, "a text for sh -c", NULL,                                                                        \
	  "A command of yours, with BELAY_EVENT (waiting or finished), BELAY_MESSAGE, BELAY_RUN, BELAY_PLAN and "   \
	  "BELAY_EXIT in its environment.")                                                                         \
	X(after, "a whole number of seconds", "10",                                                                 \
	  "A run that took less is told of as finished only when you look at another window.")

struct config_key {
	const char *name, *expected, *initial, *help;
};

struct config_table {
	const char *title;
	const struct config_key *key;
	size_t n_keys;
};

enum config_table_id { CONFIG_ROOT, CONFIG_PROVIDER, CONFIG_PRICE, CONFIG_NOTIFY, CONFIG_N_TABLES };
extern const struct config_table config_table[CONFIG_N_TABLES];

/* The places of the keys in their tables, for switches: CONFIG_PROVIDER_kind ... */
#define CONFIG_ID(name, ...) CONFIG_PROVIDER_##name,
enum config_provider_key { CONFIG_PROVIDER_KEYS(CONFIG_ID) };
#undef CONFIG_ID
#define CONFIG_ID(name, ...) CONFIG_NOTIFY_##name,
enum config_notify_key { CONFIG_NOTIFY_KEYS(CONFIG_ID) };
#undef CONFIG_ID

/* A variable of the environment that sets a key. */
struct config_variable {
	const char *name, *key;
};
extern const struct config_variable config_variable[];
extern const size_t config_n_variables;

#endif
