#include "plan/schema.h"

#include <string.h>

#define N_OF(list) (sizeof(list) / sizeof *(list))
#define IN_PLAN(field) .offset = offsetof(struct plan, field)
#define IN_STEP(field) .offset = offsetof(struct plan_step, field)
#define IN_MODEL(field) .offset = offsetof(struct model_options, field)
#define KEY(text, type, about, ...) { .name = text, .value = PLAN_VALUE_##type, .help = about, ##__VA_ARGS__ }
#define TABLE(text, keys) { .what = (text), .key = (keys), .n_keys = N_OF(keys) }

static const char *const confirm_words[] = { "low", "medium", "high", "never", NULL };
static const char *const risk_words[] = { "none", "low", "medium", "high", NULL };
static const char *const cache_words[] = { "use", "refresh", "only", "off", NULL };
static const char *const on_fail_words[] = { "stop", "continue", "skip-dependants", "rollback", NULL };
static const char *const when_words[] = { "always", "changed", "failed", NULL };
static const char *const exists_words[] = { "replace", "fail", "skip", NULL };
static const char *const verdict_words[] = { "allow", "ask", "deny", NULL };
static const char *const var_words[] = { "string", "int", "bool", "path", "choice", NULL };
static const char *const cycle_words[] = { "stop", "break", NULL };

const char *const plan_error_formats[] = { "gcc", "clang", "gnu", "tsc", "eslint", "pytest", "go", "cargo",
	"shellcheck", "tap", "junit", "sarif", NULL };
static const char *const using_words[] = { "lsp", "word", NULL };

static const struct plan_key model_keys[] = {
	KEY("use", TEXT, "The provider, with /MODEL where it is not its own; auto takes the first that answers.",
	    IN_MODEL(use), .initial = "auto"),
	KEY("temperature", REAL, "How freely the model chooses its words.", IN_MODEL(temperature),
	    .flag = offsetof(struct model_options, has_temperature), .min = 0, .max = 2),
	KEY("max_tokens", INT, "The longest answer.", IN_MODEL(max_tokens), .min = 1, .max = 10000000,
	    .initial = "the model's own"),
	KEY("escalate", TEXTS, "The model for each attempt at an answer, the last one for all further ones.",
	    IN_MODEL(escalate)),
};

const struct plan_table plan_model_table = TABLE("'model'", model_keys);

static const struct plan_key var_keys[] = {
	KEY("type", WORD, "What values are allowed.", .offset = offsetof(struct plan_var, type),
	    .words = var_words, .initial = "string"),
	KEY("default", TEXT, "The value when --var gives none.", .offset = offsetof(struct plan_var, value),
	    .literal = true),
	KEY("required", BOOL, "Whether --var must give a value.", .offset = offsetof(struct plan_var, required),
	    .initial = "false"),
	KEY("choices", TEXTS, "The values of a choice.", .offset = offsetof(struct plan_var, choices),
	    .literal = true),
};

const struct plan_table plan_var_table = TABLE("a variable", var_keys);

static const struct plan_key check_keys[] = {
	KEY("run", COMMAND, "The command; exit status 0 accepts the tree.",
	    .offset = offsetof(struct plan_check, run), .required = true),
	KEY("errors", NAME, "The form of the findings in its output.",
	    .offset = offsetof(struct plan_check, errors), .words = plan_error_formats),
	KEY("baseline", BOOL, "Whether only findings count that were not there before the step, for 'validate' before the run.",
	    .offset = offsetof(struct plan_check, baseline), .initial = "false"),
	KEY("timeout", DURATION, "How long it may run.", .offset = offsetof(struct plan_check, timeout_ms),
	    .initial = "10m"),
};

const struct plan_table plan_check_table = TABLE("a check", check_keys);

static const struct plan_key rule_keys[] = {
	KEY("run", WORDS, "Matches commands that begin with these words.",
	    .offset = offsetof(struct policy_rule, run), .literal = true),
	KEY("write", TEXT, "Matches writes to paths of this glob.",
	    .offset = offsetof(struct policy_rule, write), .literal = true),
	KEY("verdict", WORD, "What is done with them; of several rules the strictest counts.",
	    .offset = offsetof(struct policy_rule, verdict), .words = verdict_words, .required = true),
	KEY("why", TEXT, "The reason, told with the question or the refusal.",
	    .offset = offsetof(struct policy_rule, why), .literal = true),
	KEY("match", TEXTS, "Commands or paths that the rule must match; tried when the plan is loaded.",
	    .offset = offsetof(struct policy_rule, match), .literal = true),
	KEY("no_match", TEXTS, "Commands or paths that it must not match.",
	    .offset = offsetof(struct policy_rule, no_match), .literal = true),
};

const struct plan_table plan_rule_table = TABLE("a rule", rule_keys);

static const struct plan_key limit_keys[] = {
	KEY("workers", INT, "Steps at work at once.", IN_PLAN(limits.workers), .min = 1, .max = 256,
	    .initial = "the number of cores"),
	KEY("tokens", INT, "Tokens that the run may spend.", IN_PLAN(limits.tokens), .min = 1, .max = INT64_MAX),
	KEY("usd", REAL, "Dollars that the run may spend.", IN_PLAN(limits.usd), .min = 0, .max = 1000000),
	KEY("seconds", INT, "How long the run may take.", IN_PLAN(limits.seconds), .min = 1, .max = 31536000),
};

static const struct plan_key retry_keys[] = {
	KEY("tries", INT, "How often a request is sent at most.", IN_PLAN(retry.tries), .min = 1, .max = 100,
	    .initial = "5"),
	KEY("first", DURATION, "The longest wait before the second try; it doubles from there.",
	    IN_PLAN(retry.first_ms), .initial = "1s"),
	KEY("max", DURATION, "The longest wait before any try.", IN_PLAN(retry.max_ms), .initial = "32s"),
};

static const struct plan_key policy_keys[] = {
	KEY("confirm", WORD, "A person is asked at this risk and above.", IN_PLAN(confirm),
	    .words = confirm_words, .first_word = RISK_LOW, .initial = "medium"),
	KEY("rules", RULES, "Commands and writes that are denied, or always asked about.", IN_PLAN(rule),
	    .table = &plan_rule_table),
};

static const struct plan_table limits_table = TABLE("'limits'", limit_keys);
static const struct plan_table retry_table = TABLE("'retry'", retry_keys);
static const struct plan_table policy_table = TABLE("'policy'", policy_keys);

/* In the order in which they are read: variables before what uses them, checks before steps. */
static const struct plan_key root_keys[] = {
	KEY("belay", FORMAT, "The version of the format.", .required = true),
	KEY("vars", VARS, "Variables, for {{name}} in texts.", IN_PLAN(var), .table = &plan_var_table),
	KEY("name", TEXT, "What the plan is called.", IN_PLAN(name)),
	KEY("goal", TEXT, "What it is for; models are told.", IN_PLAN(goal)),
	KEY("model", MODEL, "Defaults for every step that asks a model.", IN_PLAN(model),
	    .table = &plan_model_table),
	KEY("limits", OBJECT, "Where the run stops.", .table = &limits_table),
	KEY("retry", OBJECT, "How requests to a server that fails are sent again.", .table = &retry_table),
	KEY("policy", OBJECT, "What is asked first, and what is never done.", .table = &policy_table),
	KEY("context", PATHS, "Files that are read into every prompt.", IN_PLAN(context)),
	KEY("checks", NAMED_CHECKS, "Commands that judge the tree, by name.", IN_PLAN(check),
	    .table = &plan_check_table),
	KEY("on_cycle", SWITCH, "Whether needs that form a cycle are an error or cut.", IN_PLAN(break_cycles),
	    .words = cycle_words, .initial = "stop"),
	KEY("steps", STEPS, "The steps.", .required = true),
};

const struct plan_table plan_root_table = TABLE("a plan", root_keys);

#define ID_KEY KEY("id", ID, "The step's name, once in the plan.", IN_STEP(id), .required = true)
#define TITLE_KEY KEY("title", TEXT, "What the screen shows for it.", IN_STEP(title))
#define NEEDS_KEY                                                                                        \
	KEY("needs", NEEDS, "Steps and groups that must be done before; members of a group are GROUP.STEP.", \
	      IN_STEP(needs))

static const struct plan_key group_keys[] = { ID_KEY, TITLE_KEY, NEEDS_KEY };

const struct plan_table plan_group_table = TABLE("a group", group_keys);

static const struct plan_key common_keys[] = {
	ID_KEY,
	TITLE_KEY,
	NEEDS_KEY,
	KEY("each", EACH, "Makes one step for every value of a variable: id[1], id[2] ...", IN_STEP(each)),
	KEY("model", MODEL, "The model for this step, over the plan's.", IN_STEP(model),
	    .table = &plan_model_table),
	KEY("checks", CHECKS, "Checks that must accept what the step landed.", IN_STEP(checks)),
	KEY("attempts", INT, "How many answers a model may give until one is accepted.", IN_STEP(attempts),
	    .min = 1, .max = 100, .initial = "3"),
	KEY("timeout", DURATION, "How long one attempt may take.", IN_STEP(timeout_ms),
	    .initial = "10m for a command"),
	KEY("writes", PATHS, "All that the step may write; it stops when it wrote anything else.",
	    IN_STEP(writes), .flag = offsetof(struct plan_step, has_writes)),
	KEY("risk", WORD, "Raises the computed risk to at least this.", IN_STEP(risk), .words = risk_words),
	KEY("cache", WORD, "Whether answers of the model are taken from the cache.", IN_STEP(cache),
	    .words = cache_words, .first_word = CACHE_USE, .initial = "use"),
	KEY("on_fail", WORD, "What becomes of the run when the step fails.", IN_STEP(on_fail),
	    .words = on_fail_words, .initial = "stop"),
	KEY("when", WORD, "Runs whatever happened, if a needed step changed a file, or if one failed.",
	    IN_STEP(when), .words = when_words, .first_word = WHEN_ALWAYS),
};

const struct plan_table plan_common_table = TABLE("a step", common_keys);

static const struct plan_key rewrite_keys[] = {
	KEY("match", TEXT, "The pattern, with holes such as :[name].", IN_STEP(rewrite_match), .min = 1,
	    .required = true),
	KEY("replace", TEXT, "What stands in its place.", IN_STEP(rewrite_replace), .required = true),
	KEY("where", PAIRS, "Regular expressions (POSIX extended) that holes must match.", IN_STEP(where)),
};

static const struct plan_key rename_keys[] = {
	KEY("from", TEXT, "The name as it is.", IN_STEP(rename_from), .min = 1, .required = true),
	KEY("to", TEXT, "The name as it is to be.", IN_STEP(rename_to), .min = 1, .required = true),
	KEY("using", NAME, "A language server, or whole words in the text.", IN_STEP(rename_using),
	    .words = using_words),
};

static const struct plan_table rewrite_table = TABLE("'rewrite'", rewrite_keys);
static const struct plan_table rename_table = TABLE("'rename'", rename_keys);

#define PROMPT_KEY(text) KEY("prompt", TEXT, text, IN_STEP(prompt), .min = 1)

static const struct plan_key read_keys[] = {
	KEY("read", PATHS, "Loads files into the context of the steps that need it; a folder gives its tree.",
	    IN_STEP(target), .min = 1),
	KEY("lines", LINES, "Only these lines of each file."),
	KEY("max_bytes", INT, "Only so many bytes of each file.", IN_STEP(max_bytes), .min = 1,
	    .max = INT64_MAX),
};

static const struct plan_key write_keys[] = {
	KEY("write", TARGET, "Creates or replaces a file.", IN_STEP(target)),
	KEY("content", TEXT, "The file's text.", IN_STEP(content), .may_be_null = true),
	KEY("from", PATH, "A file to copy.", IN_STEP(from)),
	PROMPT_KEY("What a model is asked to write."),
	KEY("mode", MODE, "The file's permission bits.", IN_STEP(mode)),
	KEY("exists", WORD, "What is done with a file that is there.", IN_STEP(exists), .words = exists_words,
	    .initial = "replace"),
};

static const struct plan_key refactor_keys[] = {
	KEY("refactor", PATHS, "Edits existing files in place, as one unit.", IN_STEP(target), .min = 1),
	PROMPT_KEY("What a model is asked to change."),
	KEY("rewrite", OBJECT, "Structural search and replace.", .table = &rewrite_table),
	KEY("rename", OBJECT, "Renames a symbol everywhere.", .table = &rename_table),
	KEY("patch", PATCH, "A change that is known already."),
};

static const struct plan_key scaffold_keys[] = {
	KEY("scaffold", TEMPLATE, "Makes a component from a template, or has a model fill one.",
	    .may_be_null = true),
	KEY("files", FILES, "The templates, in place of a folder of them.", IN_STEP(files), .literal = true),
	KEY("into", FOLDER, "The folder in which it is made.", IN_STEP(into), .required = true),
	KEY("with", LISTS, "Variables for the templates, over the plan's; 'name' is the last part of 'into' by default.",
	    IN_STEP(with)),
	KEY("exists", WORD, "What is done with files that are there and hold something else.", IN_STEP(exists),
	    .words = exists_words, .initial = "fail"),
	PROMPT_KEY("What a model is asked to fill in."),
};

static const struct plan_key test_keys[] = {
	KEY("test", PATHS, "Writes test cases for the named code, runs them and corrects them.",
	    IN_STEP(target), .min = 1),
	KEY("into", PATH, "The file that gets them.", IN_STEP(into)),
	KEY("run", COMMAND, "The command that runs them.", IN_STEP(command)),
	PROMPT_KEY("What the cases are to be about."),
};

static const struct plan_key validate_keys[] = {
	KEY("validate", CHECKS, "Judges the tree by checks.", IN_STEP(target), .may_be_null = true),
	KEY("accept", TEXTS, "Criteria that are put to a model.", IN_STEP(accept)),
	KEY("strict", BOOL, "Whether a criterion that is not met, or not judged, fails the step.", IN_STEP(strict),
	    .initial = "false"),
	KEY("lsp", BOOL, "Whether a language server's findings count.", IN_STEP(lsp), .initial = "false"),
	KEY("paths", PATHS, "What is judged.", IN_STEP(paths)),
};

static const struct plan_key run_keys[] = {
	KEY("run", COMMAND, "Runs a command.", IN_STEP(command)),
	KEY("cwd", FOLDER, "Where it runs.", IN_STEP(cwd), .initial = "."),
	KEY("env", PAIRS, "Variables of its environment.", IN_STEP(env)),
	KEY("network", BOOL, "Whether it may use the network.", IN_STEP(network), .initial = "false"),
};

static const struct plan_key delete_keys[] = {
	KEY("delete", PATHS, "Removes files.", IN_STEP(target), .min = 1),
};

static const struct plan_key ask_keys[] = {
	KEY("ask", TEXT, "Stops for a person: the question.", IN_STEP(question), .min = 1),
};

static const struct plan_key steps_keys[] = {
	KEY("steps", STEPS, "The steps of a group."),
};

static const struct plan_key include_keys[] = {
	KEY("include", INCLUDE, "Puts another plan in, as a group."),
	KEY("with", PAIRS, "Values for its variables.", IN_STEP(with)),
};

static const char *const write_ways[] = { "content", "from", "prompt", NULL };
static const char *const refactor_ways[] = { "prompt", "rewrite", "rename", "patch", NULL };
static const char *const scaffold_ways[] = { "scaffold", "files", "prompt", NULL };
static const char *const validate_ways[] = { "validate", "accept", "lsp", NULL };

#define VERB(id, about, what, keys, ...) { .verb = VERB_##id, .help = about, .table = TABLE(what, keys), ##__VA_ARGS__ }

const struct plan_verb plan_verb_schema[] = {
	VERB(READ, "loads files, in parallel", "a 'read' step", read_keys),
	VERB(WRITE, "creates or replaces a file", "a 'write' step", write_keys, .alternatives = write_ways,
	       .exactly_one = true),
	VERB(REFACTOR, "edits existing files in place, one or many, as one unit", "a 'refactor' step", refactor_keys,
	       .alternatives = refactor_ways, .exactly_one = true),
	VERB(SCAFFOLD, "makes a component or service from a template", "a 'scaffold' step", scaffold_keys,
	       .alternatives = scaffold_ways),
	VERB(TEST, "writes test cases, runs them, and corrects them until they pass", "a 'test' step", test_keys),
	VERB(VALIDATE, "judges the tree", "a 'validate' step", validate_keys, .alternatives = validate_ways),
	VERB(RUN, "runs a command", "a 'run' step", run_keys),
	VERB(DELETE, "removes files", "a 'delete' step", delete_keys),
	VERB(ASK, "stops for a person", "an 'ask' step", ask_keys),
	VERB(GROUP, "steps under one name", "a group", steps_keys, .is_group = true),
	VERB(GROUP, "another plan as a group", "an 'include' step", include_keys, .is_group = true),
};

const size_t plan_n_verbs = N_OF(plan_verb_schema);

const struct plan_key *plan_table_find(const struct plan_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_keys; i++)
		if (strcmp(table->key[i].name, name) == 0)
			return &table->key[i];
	return NULL;
}

const char *plan_value_expected(enum plan_value value)
{
	static const char *const expected[] = {
#define X(id, text) [PLAN_VALUE_##id] = text,
		PLAN_VALUES(X)
#undef X
	};
	return expected[value];
}
