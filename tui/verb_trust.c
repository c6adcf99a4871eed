/* trust: a plan that somebody else wrote, or the repository's own configuration, may act here as it is now. */
#include "tui/verb_trust.h"

#include "base/xalloc.h"
#include "io/trust.h"
#include "tui/json_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first of the plan's files that is foreign, and why; NULL when all are the user's own. */
static const char *foreign_file(const struct plan *plan, const char *main_file, struct buf *why, struct err *err)
{
	for (size_t i = 0; i < plan->files.n_items; i++) {
		const char *file = i == 0 ? main_file : plan->files.item[i];
		int foreign = trust_is_foreign(file, why, err);
		if (foreign != 0)
			return file;
	}
	return NULL;
}

/* Only the word itself is a yes. */
static bool asks_for_trust(const char *file, const char *why)
{
	char line[16];
	verb_say("the plan's file '%s' is not your own: %s", file, why);
	verb_say("look at it with 'belay show'; type 'trust' to run it, anything else not to:");
	verb_signals_default();
	bool answered = fgets(line, sizeof line, stdin) != NULL;
	verb_signals_hold();
	return answered && strcmp(line, "trust\n") == 0;
}

static int decide(const struct session *session, const char *file, const char *why, struct err *err)
{
	if (!session->front.can_ask || session->front.kind == FRONT_JSON) {
		err_set(err, ERR_UNANSWERED, "the plan's file '%.200s' is not your own: %s", file, why);
		return err_hint(err, "look at it, then 'belay trust PLAN', or '--trust' for this once");
	}
	return asks_for_trust(file, why) ? 0 : err_set(err, ERR_DECLINED, "the plan is not trusted");
}

int trust_check_plan(const struct session *session, const struct verb_plan_request *request, struct err *err)
{
	struct buf why = { 0 };
	const struct plan *plan = session->plan.plan;
	if (strcmp(request->file, "-") == 0 || cli_has(session->cli, CLI_TRUST) || trust_has(request->file, plan->hash))
		return 0;
	err_clear(err);
	const char *file = foreign_file(plan, request->file, &why, err);
	int rc = err->code != ERR_NONE ? -1 : file ? decide(session, file, buf_str(&why), err) : 0;
	buf_release(&why);
	return rc;
}

static bool is_configuration(const char *path, const char *root)
{
	char *ours = xasprintf("%s/.belay/config.yaml", root);
	char *left = realpath(path, NULL);
	char *right = realpath(ours, NULL);
	bool same = left && right && strcmp(left, right) == 0;
	free(left);
	free(right);
	free(ours);
	return same;
}

static int trust(const struct cli *cli, const char *root, const char *path, struct err *err)
{
	struct verb_plan plan = { 0 };
	if (is_configuration(path, root))
		return trust_add_file(path, err);
	int rc = verb_plan_open(&plan, cli, root, path);
	if (rc != 0) {
		verb_say_diags(&plan.diags);
		err_set(err, ERR_PLAN, "the plan is not valid");
	} else {
		rc = trust_add(path, plan.plan->hash, err);
	}
	verb_plan_release(&plan);
	return rc;
}

int verb_trust(const struct cli *cli)
{
	struct json_lines lines = { 0 };
	struct err err = { 0 };
	char *root = NULL;
	verb_signals_default();
	int rc = verb_root(&root, &err);
	if (rc == 0)
		rc = trust(cli, root, cli->arg[0], &err);
	free(root);
	if (rc != 0)
		return verb_fail(cli, &err);
	if (cli_has(cli, CLI_JSON))
		json_lines_result(&lines, EXIT_DONE);
	else if (!cli_has(cli, CLI_QUIET))
		verb_say("'%s' is trusted as it is now; once it changes, it is asked about again", cli->arg[0]);
	return EXIT_DONE;
}
