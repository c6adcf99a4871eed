/*
 * Inside of the plan loader: what its files share. Others include plan_yaml.h.
 *
 * A value is read by its key's row in schema.h, which says its type and the field that it fills. Findings go to the
 * list and reading goes on, so that one load tells all.
 */
#ifndef BELAY_PLAN_PLAN_LOADER_H
#define BELAY_PLAN_PLAN_LOADER_H

#include "base/yaml.h"
#include "plan/plan_yaml.h"
#include "plan/schema.h"

#define PLAN_MAX_KEYS 32               /* of one mapping */
#define PLAN_MAX_FULL_ID 256           /* with those of its groups */
#define PLAN_MAX_VARS 256
#define PLAN_MAX_PAIRS 1000
#define PLAN_MAX_INCLUDE_DEPTH 16
#define PLAN_MAX_TEXT (16 << 20)       /* bytes that a plan may grow to by variables, `each` and includes */

/* A need as it was written, until all ids are known. */
struct plan_need {
	size_t step;      /* that has it; may be a group */
	char *name;       /* owned */
	struct place place;
};

struct plan_loader {
	struct plan *plan;
	const struct plan_load_options *options;
	struct diags *diags;
	struct hasher *hasher;
	size_t text_left;        /* of PLAN_MAX_TEXT */
	size_t words_left;       /* that may still be compared in search of a nearest one */
	bool told_text, told_steps;
	struct plan_need *need;
	size_t n_needs, cap_needs;
	size_t *home;            /* by step: length of the part of its id that its plan file does not know */
	size_t cap_home;
};

/* One plan file at work. */
struct plan_source {
	const char *file;                /* owned by the plan */
	const struct plan_source *from;  /* that includes it, or NULL */
	struct plan *head;               /* takes what is no step: the plan itself, or one that is merged into it */
	struct name_values vars;         /* that have a value */
	const struct name_values *given; /* values for them: --var, or `with` of the step that includes */
	const struct yaml_node *with;    /* the mapping that gave them, or NULL */
	enum risk confirm;               /* its policy's level, once its steps are read */
	const char *prefix;              /* before its ids: "" or "GROUP." */
	int group;                       /* step that includes it, or -1 */
};

struct plan_reader {
	struct plan_loader *loader;
	struct plan_source *source;
	struct name_values with;         /* wins over the source's variables */
	const char *keep;                /* a variable that gets its values while the plan runs, or NULL */
	struct plan_step *step;          /* being read, or NULL */
};

/* The keys of a mapping, in the order of the tables: key and value are NULL where one is absent. */
struct plan_found {
	const struct plan_key *schema;
	const struct yaml_node *key, *value;
};

struct plan_keys {
	struct plan_found found[PLAN_MAX_KEYS];
	size_t n_found;
};

/* Where a step stands, and what makes it. */
struct plan_site {
	const struct yaml_node *node;
	const struct plan_verb *verb;
	const char *prefix; /* of its id */
	int parent;
	size_t number;      /* of the value of a listed `each`, from 1; 0: none */
};

/* The nearest known word, as text_nearest; NULL too when a plan has so many slips that looking takes long. */
const char *plan_nearest(const struct plan_reader *r, const char *word, const char *const *words, size_t n);

void plan_error(const struct plan_reader *r, const struct yaml_node *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
struct place plan_place(const struct plan_reader *r, const struct yaml_node *at);

void plan_add_expected(struct buf *out, const struct plan_key *key);

/* "'key' is ...; expected ...". */
void plan_wrong_value(const struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value);

/* Finds the keys of one or two tables (the second may be NULL), and complains of others and of missing ones. */
void plan_find_keys(const struct plan_reader *r, const struct yaml_node *map, const struct plan_table *own,
                    const struct plan_table *common, struct plan_keys *out);

/* Reads a mapping by its table into `base`. */
void plan_read_object(struct plan_reader *r, const struct plan_table *table, const struct yaml_node *map, void *base);
void plan_read_value(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value, void *base);

/* Numbers, words and the like: -1 when the value is none. `step` takes ranges. */
int plan_read_plain(const struct plan_key *key, const struct yaml_node *value, void *field, struct plan_step *step);

/* A scalar's text with its variables replaced, to be freed; NULL when that failed and was told. */
char *plan_read_text(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value);

/* Takes n bytes from what the plan may grow to; false (and told, once) when there is no more. */
bool plan_spend(struct plan_reader *r, const struct yaml_node *at, size_t n);

void plan_read_command(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                       struct plan_command *out);
void plan_read_path(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value, char **out);
void plan_read_paths(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                     struct strings *out);
void plan_read_files(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                     struct name_values *out);
void plan_read_pairs(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                     struct name_values *out);

/* Readers of what is more than a value, one file each. */
void plan_read_vars(struct plan_reader *r, const struct yaml_node *map);
void plan_set_vars(struct plan_reader *r);
void plan_read_rules(struct plan_reader *r, const struct yaml_node *list);
void plan_read_named_checks(struct plan_reader *r, const struct yaml_node *map);
void plan_read_checks(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                      struct strings *out);
void plan_read_steps(struct plan_reader *r, const struct yaml_node *list, const char *prefix, int parent);
void plan_read_include(struct plan_reader *r, const struct yaml_node *value, const struct yaml_node *with, int group);
void plan_merge_head(struct plan_reader *r, const struct yaml_node *root);
void plan_read_source(struct plan_reader *r, const struct yaml_node *root);

/* Gives a step its place in the plan: its index, or -1 when there are too many. Takes what is in *step. */
int plan_add_step(struct plan_reader *r, struct plan_step *step, const struct yaml_node *at);
void plan_note_needs(struct plan_reader *r, int step, const struct plan_keys *keys);

/* Reads a step with a verb, and gives it its place; glob_each is the `each` mapping when that has a glob. */
void plan_read_step(struct plan_reader *outer, const struct plan_site *site, const struct yaml_node *glob_each);

/* The full id, from the id as written; and empty texts where nothing was given. */
void plan_name_step(struct plan_step *step, const struct plan_site *site);

/* Types that the code of steps reads, not plan_read_value. */
bool plan_is_structure(enum plan_value value);

/* Once all ids are known: needs become full ids, and cycles are told. */
void plan_resolve_needs(struct plan_loader *loader);
void plan_tell_cycles(struct plan_loader *loader);

#endif
