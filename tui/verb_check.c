#include "tui/json_lines.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>

static void put_findings(struct json_lines *lines, const struct diags *diags)
{
	for (size_t i = 0; i < diags->n_diags; i++) {
		struct buf text = { 0 };
		if (lines) {
			json_lines_diag(lines, &diags->diag[i]);
			continue;
		}
		diag_format(&text, &diags->diag[i]);
		verb_put_clean(stdout, &text);
		buf_release(&text);
	}
}

/* True when the plan can be run. */
static bool check_one(const struct cli *cli, const char *root, const char *file, struct json_lines *lines)
{
	struct verb_plan plan;
	bool ok = verb_plan_open(&plan, cli, root, file) == 0;
	put_findings(lines, &plan.diags);
	if (ok && !cli_has(cli, CLI_QUIET))
		verb_say("%s: nothing wrong, %zu step%s", file, plan.dag->n_order, plan.dag->n_order == 1 ? "" : "s");
	verb_plan_release(&plan);
	return ok;
}

int verb_check(const struct cli *cli)
{
	struct json_lines lines = { 0 };
	struct err err = { 0 };
	const char *format = cli_get(cli, CLI_OUTPUT);
	char *root;
	int code = EXIT_DONE;
	verb_signals_default();
	if (format && strcmp(format, "gnu") != 0) {
		err_set(&err, ERR_UNSUPPORTED, "'-o %.40s' is not in this version", format);
		err_hint(&err, "-o gnu is");
		return verb_fail(cli, &err);
	}
	if (verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	bool json = cli_has(cli, CLI_JSON);
	for (size_t i = 0; i < cli->n_args; i++)
		if (!check_one(cli, root, cli->arg[i], json ? &lines : NULL))
			code = EXIT_USAGE;
	if (json)
		json_lines_result(&lines, code);
	free(root);
	return code;
}
