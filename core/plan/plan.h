/*
 * What was asked: the types of a loaded plan. A plan is immutable once loaded (plan_yaml.h) and may be shared by
 * threads for reading. All strings are owned by the plan. Places are in the plan file: line and column from 1.
 */
#ifndef BELAY_PLAN_PLAN_H
#define BELAY_PLAN_PLAN_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(ID, name): the nine verbs. */
#define PLAN_VERBS(X)                                                                                   \
	X(READ, "read") X(WRITE, "write") X(REFACTOR, "refactor") X(SCAFFOLD, "scaffold") X(TEST, "test") \
	X(VALIDATE, "validate") X(RUN, "run") X(DELETE, "delete") X(ASK, "ask")

enum verb {
#define X(id, name) VERB_##id,
	PLAN_VERBS(X)
#undef X
	VERB_GROUP, /* a group: `id` and `steps` */
	VERB_N
};

enum risk { RISK_NONE, RISK_LOW, RISK_MEDIUM, RISK_HIGH, RISK_NEVER /* only as a level to confirm at */ };
enum on_fail { ON_FAIL_STOP, ON_FAIL_CONTINUE, ON_FAIL_SKIP_DEPENDANTS, ON_FAIL_ROLLBACK };
enum when { WHEN_DEFAULT, WHEN_ALWAYS, WHEN_CHANGED, WHEN_FAILED };
enum exists { EXISTS_REPLACE, EXISTS_FAIL, EXISTS_SKIP };
enum cache_mode { CACHE_DEFAULT, CACHE_USE, CACHE_REFRESH, CACHE_ONLY, CACHE_OFF };
enum verdict { VERDICT_ALLOW, VERDICT_ASK, VERDICT_DENY };
enum var_type { VAR_STRING, VAR_INT, VAR_BOOL, VAR_PATH, VAR_CHOICE };

struct place {
	const char *file; /* owned by the plan */
	int line, column;
};

/* A command: argv, or one string for sh -c (argv is then {"sh", "-c", text}). */
struct plan_command {
	struct strings argv;
	bool shell;
	struct place place;
};

struct name_value {
	char *name;
	char *value;
};

struct name_values {
	struct name_value *pair;
	size_t n_pairs, cap_pairs;
};

struct plan_check {
	char *name; /* "inline:N" for checks given in place */
	struct plan_command run;
	char *errors;       /* matcher: "gcc", "tap", ... or "" */
	bool baseline;      /* only findings that were not there before count */
	int64_t timeout_ms; /* 0: the default */
	struct place place;
};

struct plan_var {
	char *name;
	enum var_type type;
	bool required;
	char *value;            /* default, or as set; NULL when neither */
	struct strings choices;
	struct place place;
};

struct model_options {
	char *use;           /* "auto" or NAME[/MODEL]; "" inherits */
	double temperature;
	bool has_temperature;
	int64_t max_tokens;  /* 0: the model's own */
	struct strings escalate;
};

struct policy_rule {
	struct strings run;  /* argv prefix; empty when it is a write rule */
	char *write;         /* glob; NULL when it is a run rule */
	enum verdict verdict;
	char *why;           /* or "" */
	struct strings match, no_match;
	struct place place;
};

/*
 * `each` over files: one step for every path that matches, ids "id[1]" ..., known when what the step needs is done
 * (plan/each.h); until then the step's texts hold {{name}}. A listed `each` is known at once: the loader makes a
 * group of it, with members "id[1]" ...
 */
struct plan_each {
	char *name;             /* of the variable; NULL: none */
	char *glob;             /* NULL: none */
};

struct plan_step {
	char *id;               /* full: "group.step" for members */
	enum verb verb;
	struct place place;
	char *title;            /* "" when none was given */
	struct strings needs;   /* full ids of steps (groups are resolved to their members) */
	struct place *need_place; /* one for each of needs */
	int parent;             /* index of the group in plan->step, or -1 */

	struct strings target;  /* paths or globs of read, refactor, delete, test; path of write; checks of validate */
	struct plan_check *inline_check; /* validate: checks given in place, named in target */
	size_t n_inline_checks;
	char *prompt;           /* NULL when none */
	char *content;          /* write */
	char *from;             /* write */
	char *patch;            /* refactor: text of the patch, or a path when patch_is_file */
	bool patch_is_file;
	char *rewrite_match, *rewrite_replace;
	struct name_values where;
	char *rename_from, *rename_to, *rename_using;
	char *into;             /* scaffold, test */
	char *template_dir;     /* scaffold */
	struct name_values files; /* scaffold: inline files, path -> content */
	struct name_values with;
	struct name_values vars;  /* scaffold: all that its templates see, the plan's variables and then `with` */
	struct plan_command command; /* run; test's `run` */
	char *cwd;              /* "" is the root */
	struct name_values env;
	bool network;
	char *question;         /* ask */
	bool lsp;               /* validate */
	struct strings accept, paths; /* validate */
	bool strict;            /* validate: a criterion that is not met fails the step */
	int64_t first_line, last_line; /* read: `lines`; 0 when not given */
	int64_t max_bytes;      /* read; 0: none */
	int mode;               /* write: permission bits; -1 when not given */
	enum exists exists;

	struct strings writes;  /* declared effects: globs */
	bool has_writes;
	struct strings checks;
	struct model_options model;
	int64_t attempts;       /* 0: the plan's default */
	int64_t timeout_ms;     /* 0: the default */
	enum risk risk;         /* raised to at least this */
	enum cache_mode cache;
	enum on_fail on_fail;
	enum when when;
	struct plan_each each;
};

#define PLAN_DEFAULT_ATTEMPTS 3
#define PLAN_DEFAULT_TIMEOUT_MS (10 * 60 * 1000) /* of a command */
#define PLAN_MAX_STEPS 10000 /* includes and `each` counted */
#define PLAN_MAX_EACH 500

struct plan {
	char *file;             /* as named on the command line */
	char *name;
	char *goal;
	char hash[65];          /* SHA-256 of the file's bytes, then of those of the files that it includes */
	struct plan_var *var;
	size_t n_vars, cap_vars;
	struct model_options model;
	struct { int64_t workers, tokens, seconds; double usd; } limits; /* 0: none */
	struct { int64_t tries, first_ms, max_ms; } retry;
	enum risk confirm;
	struct policy_rule *rule;
	size_t n_rules, cap_rules;
	struct strings context;
	struct plan_check *check;
	size_t n_checks, cap_checks;
	bool break_cycles;      /* on_cycle: break */
	struct plan_step *step; /* in file order, groups before their members */
	size_t n_steps, cap_steps;
	struct map by_id;       /* id -> index + 1, as a pointer-sized number */
	struct strings files;   /* the plan file and what it includes, as places name them */
};

void plan_free(struct plan *plan); /* accepts NULL */
void plan_release(struct plan *plan);
void plan_step_release(struct plan_step *step);
void plan_check_release(struct plan_check *check);
void model_options_release(struct model_options *model);
int plan_find(const struct plan *plan, const char *id); /* index, or -1 */
const struct plan_check *plan_find_check(const struct plan *plan, const char *name); /* or NULL */
const struct plan_check *plan_find_check_of(const struct plan *plan, const struct plan_step *step, const char *name);
const char *verb_name(enum verb verb); /* "read" ... "ask", "group" */
const char *risk_name(enum risk risk); /* "none" ... "never" */
int risk_parse(const char *name);      /* enum risk, or -1 */

/* A one-line title for the screen: the given one, or the verb and its first target. Appends. */
void plan_step_title(const struct plan_step *step, struct buf *out);

#endif
