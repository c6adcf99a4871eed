/*
 * How risky a step is, and whether a person must approve it. Pure: facts about the tree and the machine come in
 * as numbers and flags. The table is in plan-format(5), "Risk".
 */
#ifndef BELAY_PLAN_POLICY_H
#define BELAY_PLAN_POLICY_H

#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>

/* What is known about an operation when it is judged. */
struct risk_facts {
	size_t n_files;           /* that it changes */
	size_t n_lines;           /* added and removed */
	bool replaces_from_model; /* a whole existing file from a model's answer */
	bool guesses_place;       /* an edit of the answer is where its search text was most alike */
	const char *asks_always;  /* a path of the always-asked list, with the reason in *why; NULL: none */
	size_t n_uncovered;       /* files that undo cannot cover */
	bool runs_command;
	bool sandboxed;
	bool reaches_git;         /* the sandbox there is cannot keep it out of .git */
	bool network;
	bool deletes;
};

/*
 * Does a rule match? A command does when it begins with the rule's words; the program may have a folder before it. Of
 * a shell's text, each command in it counts, as far as a reader without a shell can tell: words behind variables or
 * eval are not seen, the sandbox is for those.
 */
bool policy_rule_runs(const struct policy_rule *rule, const struct plan_command *command);
bool policy_rule_writes(const struct policy_rule *rule, const char *path);

/*
 * The highest risk that applies, the plan's rules and the step's own `risk` included. Appends the reasons,
 * "; " between, to why. Verdict of the strictest rule that matches goes to *verdict (VERDICT_ALLOW: none).
 * `paths` are the paths it writes. Paths of the always-asked list count as if a rule said `ask`, at medium risk.
 */
enum risk policy_risk(const struct plan *plan, const struct plan_step *step, const struct risk_facts *facts,
                      const struct strings *paths, enum verdict *verdict, struct buf *why);

/* The risk before anything is known but the step itself: for `belay show` and step_declared. */
enum risk policy_static_risk(const struct plan *plan, const struct plan_step *step);

/* Must a person approve an operation of this risk, at the plan's level and with --yes up to `yes`? `ask` steps:
 * always, unless yes is RISK_HIGH. A verdict of `ask` counts at any level of the plan. */
bool policy_needs_approval(const struct plan *plan, const struct plan_step *step, enum risk risk, enum verdict verdict,
                           enum risk yes);

/* The word to type at high risk: taken from the target, not a constant. Appends. */
void policy_word(const struct plan_step *step, const struct strings *paths, struct buf *out);

#endif
