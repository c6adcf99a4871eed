/*
 * The keys of the plan file: one table of all that may stand in it. The loader, `belay schema` and the tables of
 * belay-plan(5) are made from it. Constant data.
 */
#ifndef BELAY_PLAN_SCHEMA_H
#define BELAY_PLAN_SCHEMA_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(ID, "what is expected"): what a value may be. The comment says what the loader fills. */
#define PLAN_VALUES(X)                                                                                         \
	X(FORMAT, "1")                                                                                         \
	X(ID, "a name of letters, digits, '_' and '-'")                         /* char * */                   \
	X(TEXT, "text")                                                         /* char * */                   \
	X(TEXTS, "a text or a list of texts")                                   /* struct strings */           \
	X(WORD, "a word")                                                       /* an enum */                  \
	X(NAME, "a word")                                                       /* char *: the word itself */  \
	X(SWITCH, "a word")                                                     /* bool: the second word */    \
	X(INT, "a whole number")                                                /* int64_t */                  \
	X(REAL, "a number")                                                     /* double */                   \
	X(BOOL, "true or false")                                                /* bool */                     \
	X(DURATION, "a time such as 500ms, 30s, 2m or 1h")                      /* int64_t, milliseconds */    \
	X(MODE, "permission bits such as 0644")                                 /* int */                      \
	X(LINES, "a range of lines such as 10-40, or 10- to the end")           /* first_line, last_line */    \
	X(PATH, "a path below the repository's root")                           /* char * */                   \
	X(TARGET, "a path below the repository's root")                         /* struct strings, of one */   \
	X(FOLDER, "a folder, '.' being the repository's root")                  /* char * */                   \
	X(PATHS, "a path or a glob, or a list of them")                         /* struct strings */           \
	X(TEMPLATE, "a folder of templates, or {files: {PATH: TEXT}}")          /* template_dir or files */    \
	X(PATCH, "a unified diff, or the path of one")                          /* patch, patch_is_file */     \
	X(PAIRS, "a mapping from names to texts")                               /* struct name_values */       \
	X(LISTS, "a mapping from names to texts or lists of texts")             /* name_values; items are lines */ \
	X(FILES, "a mapping from paths to texts")                               /* struct name_values */       \
	X(COMMAND, "a command: a list of words, or a text for sh -c")           /* struct plan_command */      \
	X(WORDS, "a command's first words, as a text or a list")                /* struct strings */           \
	X(CHECKS, "names of checks, or checks in place, {run: COMMAND}")        /* struct strings */           \
	X(NEEDS, "an id of a step or a group, or a list of them")                                              \
	X(OBJECT, "a mapping")                                                                                 \
	X(MODEL, "a model's name, or a mapping")                                /* struct model_options */     \
	X(VARS, "a mapping from names to default values, or to mappings with 'type'")                          \
	X(NAMED_CHECKS, "a mapping from names to checks")                                                      \
	X(RULES, "a list of rules")                                                                            \
	X(EACH, "one name with a list of values, or with a glob")                                              \
	X(INCLUDE, "the path of a plan file, relative to this file's folder")                                  \
	X(STEPS, "a list of steps")

enum plan_value {
#define X(id, expected) PLAN_VALUE_##id,
	PLAN_VALUES(X)
#undef X
	PLAN_VALUE_N
};

struct plan_table;

struct plan_key {
	const char *name;
	enum plan_value value;
	const char *help;                /* one sentence, in the manual and in editors */
	size_t offset;                   /* of the field in the struct that the table fills */
	size_t flag;                     /* of a bool that tells that the key was given; 0: none */
	int64_t min, max;                /* of numbers; of texts and lists, min alone: characters or items at least */
	const char *const *words;        /* of WORD, NAME and SWITCH; ends with NULL */
	int first_word;                  /* the value of words[0] */
	const struct plan_table *table;  /* of a mapping, or of the members of a list or mapping */
	const char *initial;             /* the value that holds when the key is absent; NULL: none */
	bool required;
	bool literal;                    /* {{name}} is not expanded */
	bool may_be_null;
};

struct plan_table {
	const char *what; /* "a step": for messages */
	const struct plan_key *key;
	size_t n_keys;
};

/* A verb's own keys; its first is the verb itself. VERB_GROUP comes twice: `steps` and `include`. */
struct plan_verb {
	enum verb verb;
	const char *help;
	struct plan_table table;
	const char *const *alternatives; /* keys of which one must be given; ends with NULL; NULL: none */
	bool exactly_one;
	bool is_group;                   /* takes only the keys of plan_group_table besides its own */
};

extern const struct plan_table plan_root_table;   /* fills struct plan */
extern const struct plan_table plan_common_table; /* what every step may have; fills struct plan_step, as all below */
extern const struct plan_table plan_group_table;  /* what groups and includes may have */
extern const struct plan_verb plan_verb_schema[];
extern const size_t plan_n_verbs;
extern const struct plan_table plan_model_table;  /* fills struct model_options */
extern const struct plan_table plan_var_table;    /* fills struct plan_var */
extern const struct plan_table plan_check_table;  /* fills struct plan_check */
extern const struct plan_table plan_rule_table;   /* fills struct policy_rule */
extern const char *const plan_error_formats[];    /* values of a check's `errors`; ends with NULL */

const struct plan_key *plan_table_find(const struct plan_table *table, const char *name); /* or NULL */
const char *plan_value_expected(enum plan_value value);

#endif
