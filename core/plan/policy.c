#include "plan/policy.h"

#include "base/path.h"

#include <ctype.h>
#include <string.h>

#define MANY_FILES 20
#define MANY_LINES 1000

/* The judgement so far: it only ever gets stricter. */
struct judgement {
	const struct plan *plan;
	const struct plan_step *step;
	enum risk risk;
	enum verdict verdict;
	struct buf *why;
	size_t start; /* of what this judgement added to why */
};

static void raise_to(struct judgement *j, enum risk risk, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void raise_to(struct judgement *j, enum risk risk, const char *fmt, ...)
{
	va_list args;
	if (risk > j->risk)
		j->risk = risk;
	if (!j->why)
		return;
	if (j->why->len > j->start)
		buf_add_str(j->why, "; ");
	va_start(args, fmt);
	buf_vprintf(j->why, fmt, args);
	va_end(args);
}

static void make_stricter(struct judgement *j, enum verdict verdict)
{
	if (verdict > j->verdict)
		j->verdict = verdict;
}

static void apply_rule(struct judgement *j, const struct policy_rule *rule, const char *subject)
{
	make_stricter(j, rule->verdict);
	if (rule->verdict == VERDICT_ALLOW)
		return;
	raise_to(j, RISK_HIGH, "a rule %s '%.100s'%s%s", rule->verdict == VERDICT_DENY ? "denies" : "asks about",
	         subject,
	         *rule->why ? ": " : "", rule->why);
}

static bool rule_runs_step(const struct plan *plan, const struct plan_step *step, const struct policy_rule *rule)
{
	const struct strings *const list[] = { &step->checks, step->verb == VERB_VALIDATE ? &step->target : NULL };
	if (step->command.argv.n_items && policy_rule_runs(rule, &step->command))
		return true;
	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; list[l] && i < list[l]->n_items; i++) {
			const struct plan_check *check = plan_find_check_of(plan, step, list[l]->item[i]);
			if (check && policy_rule_runs(rule, &check->run))
				return true;
		}
	}
	return false;
}

static void apply_run_rule(struct judgement *j, const struct policy_rule *rule)
{
	struct buf words = { 0 };
	for (size_t i = 0; i < rule->run.n_items; i++)
		buf_printf(&words, "%s%s", i ? " " : "", rule->run.item[i]);
	apply_rule(j, rule, buf_str(&words));
	buf_release(&words);
}

static void apply_rules(struct judgement *j, const struct strings *paths)
{
	for (size_t i = 0; i < j->plan->n_rules; i++) {
		const struct policy_rule *rule = &j->plan->rule[i];
		if (rule->run.n_items && rule_runs_step(j->plan, j->step, rule))
			apply_run_rule(j, rule);
		for (size_t k = 0; rule->write && paths && k < paths->n_items; k++) {
			if (!policy_rule_writes(rule, paths->item[k]))
				continue;
			apply_rule(j, rule, paths->item[k]);
			break;
		}
	}
}

static void judge_paths(struct judgement *j, const struct strings *paths)
{
	for (size_t i = 0; paths && i < paths->n_items; i++) {
		const char *reason = path_asks_always(paths->item[i]);
		if (!reason)
			continue;
		raise_to(j, RISK_MEDIUM, "'%.200s': %s", paths->item[i], reason);
		make_stricter(j, VERDICT_ASK);
		return;
	}
}

static void judge_command(struct judgement *j, const struct risk_facts *facts)
{
	if (facts->network)
		raise_to(j, RISK_HIGH, "a command runs, with the network");
	if (!facts->sandboxed)
		raise_to(j, RISK_HIGH, "a command runs without a sandbox");
	else if (facts->reaches_git)
		raise_to(j, RISK_HIGH, "a command runs, and the sandbox cannot keep it out of .git");
	else if (!facts->network)
		raise_to(j, RISK_MEDIUM, "a command runs, in the sandbox");
}

static enum risk risk_of_verb(enum verb verb)
{
	static const enum risk risk[VERB_N] = {
		[VERB_READ] = RISK_NONE,     [VERB_VALIDATE] = RISK_NONE, [VERB_ASK] = RISK_NONE,
		[VERB_GROUP] = RISK_NONE,    [VERB_WRITE] = RISK_LOW,     [VERB_REFACTOR] = RISK_LOW,
		[VERB_SCAFFOLD] = RISK_LOW,  [VERB_TEST] = RISK_LOW,      [VERB_RUN] = RISK_MEDIUM,
		[VERB_DELETE] = RISK_HIGH,
	};
	return risk[verb];
}

static void judge_step(struct judgement *j)
{
	if (j->step->risk > j->risk)
		raise_to(j, j->step->risk, "the plan says %s", risk_name(j->step->risk));
}

enum risk policy_risk(const struct plan *plan, const struct plan_step *step, const struct risk_facts *facts,
                      const struct strings *paths, enum verdict *verdict, struct buf *why)
{
	struct judgement j = { .plan = plan, .step = step, .risk = risk_of_verb(step->verb), .why = why };
	j.start = why ? why->len : 0;
	if (facts->deletes || step->verb == VERB_DELETE)
		raise_to(&j, RISK_HIGH, "files are deleted");
	if (facts->runs_command)
		judge_command(&j, facts);
	if (facts->n_uncovered)
		raise_to(&j, RISK_HIGH, "undo does not cover %zu file%s", facts->n_uncovered,
		         facts->n_uncovered == 1 ? "" : "s");
	if (facts->replaces_from_model)
		raise_to(&j, RISK_MEDIUM, "a model's answer replaces a whole file");
	if (facts->guesses_place) {
		raise_to(&j, RISK_MEDIUM, "the place of an edit is a guess: the answer does not quote the file exactly");
		make_stricter(&j, VERDICT_ASK);
	}
	if (facts->n_files > MANY_FILES)
		raise_to(&j, RISK_MEDIUM, "%zu files change", facts->n_files);
	if (facts->n_lines > MANY_LINES)
		raise_to(&j, RISK_MEDIUM, "%zu lines change", facts->n_lines);
	if (facts->asks_always) {
		struct strings one = { .item = (char *[]){ (char *)facts->asks_always }, .n_items = 1 };
		judge_paths(&j, &one);
	} else {
		judge_paths(&j, paths);
	}
	apply_rules(&j, paths);
	judge_step(&j);
	if (verdict)
		*verdict = j.verdict;
	return j.risk;
}

enum risk policy_static_risk(const struct plan *plan, const struct plan_step *step)
{
	struct judgement j = { .plan = plan, .step = step, .risk = risk_of_verb(step->verb) };
	bool writes = step->verb == VERB_WRITE || step->verb == VERB_REFACTOR || step->verb == VERB_DELETE;
	bool has_check = step->checks.n_items || (step->verb == VERB_VALIDATE && step->target.n_items);
	if (step->command.argv.n_items || has_check)
		judge_command(&j, &(struct risk_facts){ .sandboxed = true, .network = step->network });
	if (writes) {
		judge_paths(&j, &step->target);
		apply_rules(&j, &step->target);
	} else {
		apply_rules(&j, &step->writes);
	}
	judge_step(&j);
	return j.risk;
}

bool policy_needs_approval(const struct plan *plan, const struct plan_step *step, enum risk risk, enum verdict verdict,
                           enum risk yes)
{
	if (verdict == VERDICT_DENY)
		return true;
	if (step->verb == VERB_ASK)
		return yes < RISK_HIGH;
	if (risk == RISK_NONE || risk <= yes)
		return false;
	return verdict == VERDICT_ASK || risk >= plan->confirm;
}

/* Words that a shell keeps for itself, or that go before a command: they say nothing of what it does. */
static bool is_shell_word(const char *word, size_t n)
{
	static const char *const words[] = {
		"for", "select", "while", "until", "then", "else", "elif", "done", "case", "esac", "function", "set", "exec", "eval",
		"export", "local", "env", "sudo", "time", "trap", NULL,
	};
	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == n && memcmp(words[i], word, n) == 0)
			return true;
	return false;
}

/* The first run of three letters and digits or more in a text; of a shell's text, the first that is no word of its own. */
static bool add_word(struct buf *out, const char *text, bool shell)
{
	while (*text) {
		size_t n = 0;
		while (isalnum((unsigned char)text[n]))
			n++;
		if (n >= 3 && !(shell && is_shell_word(text, n))) {
			buf_add(out, text, n < 20 ? n : 20);
			return true;
		}
		text += n + (text[n] != '\0');
	}
	return false;
}

/* Is it `sh -c TEXT`, whether the plan wrote the shell or belay put it there? */
static bool is_shell_text(const struct strings *argv)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ksh", "zsh", NULL };
	bool known = false;
	for (size_t i = 0; argv->n_items >= 3 && shells[i]; i++)
		known = known || strcmp(path_base(argv->item[0]), shells[i]) == 0;
	return known && strcmp(argv->item[1], "-c") == 0;
}

static bool add_word_of_command(struct buf *out, const struct plan_command *command)
{
	const struct strings *argv = &command->argv;
	bool shell = (command->shell && argv->n_items == 3) || is_shell_text(argv);
	for (size_t i = shell ? 2 : 0; i < argv->n_items; i++)
		if (add_word(out, i == 0 ? path_base(argv->item[0]) : argv->item[i], shell && i == 2))
			return true;
	return false;
}

void policy_word(const struct plan_step *step, const struct strings *paths, struct buf *out)
{
	if (step->verb == VERB_RUN && add_word_of_command(out, &step->command))
		return;
	for (size_t i = 0; paths && i < paths->n_items; i++)
		if (add_word(out, path_base(paths->item[i]), false))
			return;
	for (size_t i = 0; i < step->target.n_items; i++)
		if (add_word(out, path_base(step->target.item[i]), false))
			return;
	const char *last = strrchr(step->id, '.');
	const char *id = last ? last + 1 : step->id;
	if (!add_word(out, id, false))
		buf_add_str(out, id);
}
