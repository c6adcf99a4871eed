#include "base/xalloc.h"
#include "tui/findings.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>

struct check {
	const struct cli *cli;
	struct json_lines lines;
	enum findings_form form;
	struct verb_plan *plan;     /* one for each argument; owned */
	struct findings *findings;  /* the same; owned */
};

/* Line by line as they are found; a document comes at the end, for it is one. */
static bool is_document(const struct check *check)
{
	return check->form == FINDINGS_SARIF || check->form == FINDINGS_JUNIT;
}

static void put(const struct check *check, const struct findings *list, size_t n)
{
	struct buf text = { 0 };
	findings_write(&text, check->form, list, n);
	verb_put_clean(stdout, &text);
	buf_release(&text);
}

/* True when the plan can be run. */
static bool check_one(struct check *check, const char *root, size_t i)
{
	struct verb_plan *plan = &check->plan[i];
	const char *file = check->cli->arg[i];
	bool ok = verb_plan_open(plan, check->cli, root, file) == 0;
	check->findings[i] = (struct findings){ .name = file, .diags = &plan->diags };
	for (size_t j = 0; cli_has(check->cli, CLI_JSON) && j < plan->diags.n_diags; j++)
		json_lines_diag(&check->lines, &plan->diags.diag[j]);
	if (!cli_has(check->cli, CLI_JSON) && !is_document(check))
		put(check, &check->findings[i], 1);
	if (ok && !cli_has(check->cli, CLI_QUIET))
		verb_say("%s: nothing wrong, %zu step%s", file, plan->dag->n_order, plan->dag->n_order == 1 ? "" : "s");
	return ok;
}

static int check_all(struct check *check, const char *root)
{
	size_t n = check->cli->n_args;
	int code = EXIT_DONE;
	check->plan = xcalloc(n, sizeof *check->plan);
	check->findings = xcalloc(n, sizeof *check->findings);
	for (size_t i = 0; i < n; i++)
		if (!check_one(check, root, i))
			code = EXIT_USAGE;
	if (cli_has(check->cli, CLI_JSON))
		json_lines_result(&check->lines, code);
	else if (is_document(check))
		put(check, check->findings, n);
	for (size_t i = 0; i < n; i++)
		verb_plan_release(&check->plan[i]);
	free(check->plan);
	free(check->findings);
	return code;
}

int verb_check(const struct cli *cli)
{
	struct check check = { .cli = cli };
	struct err err = { 0 };
	char *root;
	verb_signals_default();
	if (findings_form_parse(cli_get(cli, CLI_OUTPUT), &check.form, &err) != 0 || verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	int code = check_all(&check, root);
	free(root);
	return code;
}
