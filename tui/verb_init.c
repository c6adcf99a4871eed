/* A plan to start from, with the schema that editors read beside it. What is there already stays as it is. */
#include "base/xalloc.h"
#include "plan/schema_json.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA_NAME "belay-plan.schema.json"

static const char sample[] =
	"# yaml-language-server: $schema=" SCHEMA_NAME "\n"
	"# A plan to start from: it writes one page and looks at it. \"belay check\" says what is wrong with a plan,\n"
	"# \"belay run\" runs it, \"belay undo\" takes its last step back. The whole format is in belay-plan(5).\n"
	"belay: 1\n"
	"name: first-plan\n"
	"goal: Say what belay is for in this repository.\n"
	"vars:\n"
	"  page: { type: path, default: docs/belay.md }     # belay run --var page=OTHER\n"
	"checks:\n"
	"  page-is-there: { run: [test, -s, \"{{page}}\"] }\n"
	"steps:\n"
	"  - id: write-page\n"
	"    write: \"{{page}}\"\n"
	"    exists: fail\n"
	"    content: |\n"
	"      # Plans of this repository\n"
	"\n"
	"      A plan is a YAML file of steps. It is reviewed like code, and runs again.\n"
	"\n"
	"  - id: look\n"
	"    needs: [write-page]\n"
	"    validate: [page-is-there]\n"
	"\n"
	"  # A structural edit, without a model (uncomment it, and name something that is there):\n"
	"  # - id: rename\n"
	"  #   refactor: \"src/**/*.c\"\n"
	"  #   rewrite: { match: \"old_name(:[arguments])\", replace: \"new_name(:[arguments])\" }\n"
	"\n"
	"  # What a model is asked to do (belay doctor says which ones can be reached):\n"
	"  # - id: better\n"
	"  #   needs: [look]\n"
	"  #   refactor: [\"{{page}}\"]\n"
	"  #   prompt: Add a paragraph on what this repository's plans are for.\n"
	"  #   checks: [page-is-there]\n";

/* Beside the plan, where its first line looks for it. */
static char *schema_path(const char *plan)
{
	const char *slash = strrchr(plan, '/');
	return xasprintf("%.*s%s", slash ? (int)(slash - plan) + 1 : 0, plan, SCHEMA_NAME);
}

int verb_init(const struct cli *cli)
{
	const char *plan = cli->n_args ? cli->arg[0] : "plan.yaml";
	struct buf text = { 0 };
	struct err err = { 0 };
	verb_signals_default();
	if (verb_write_new(plan, sample, strlen(sample), &err) != 0) {
		if (err.code == ERR_EXISTS)
			err_hint(&err, "'belay init FILE' makes another one");
		return verb_fail(cli, &err);
	}
	char *schema = schema_path(plan);
	plan_schema_write(&text);
	if (verb_write_new(schema, buf_str(&text), text.len, &err) != 0 && !cli_has(cli, CLI_QUIET))
		verb_say_error(&err);
	buf_release(&text);
	int code = err.code == ERR_NONE || err.code == ERR_EXISTS ? EXIT_DONE : verb_exit_of(&err);
	if (!cli_has(cli, CLI_QUIET))
		verb_say("'%s' is a plan to start from: belay run %s", plan, plan);
	free(schema);
	if (cli_has(cli, CLI_JSON)) {
		struct json_lines lines = { 0 };
		json_lines_result(&lines, code);
	}
	return code;
}
