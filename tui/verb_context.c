/* `belay show --context STEP PLAN`: what the step would send to its model, byte for byte. */
#include "tui/verb_context.h"

#include "io/probe.h"
#include "run/question.h"
#include "tui/json_lines.h"

#include <string.h>
#include <unistd.h>

static void put_text(const char *role, const struct buf *text)
{
	verb_print("==> %s <==\n", role);
	verb_print("%s", buf_str(text));
	verb_print("%s\n", text->len && text->data[text->len - 1] == '\n' ? "" : "\n");
}

static void put_question(const struct question *q)
{
	struct buf room = { 0 };
	if (q->context > 0)
		buf_printf(&room, " of %lld", (long long)q->context);
	verb_say("to '%s'%s%s by %s, about %lld%s tokens, the answer as %s", q->provider, *q->model ? ", model " : "", q->model,
	         q->protocol, (long long)q->tokens, buf_str(&room), q->format);
	put_text("system", &q->system);
	put_text("user", &q->user);
	buf_release(&room);
}

static void put_str(struct json_lines *lines, const char *key, const char *value)
{
	json_key(&lines->w, key);
	json_put_bytes(&lines->w, value, strlen(value));
}

static void put_question_object(struct json_lines *lines, const char *step, const struct question *q)
{
	json_lines_begin(lines, "question");
	put_str(lines, "step", step);
	put_str(lines, "provider", q->provider);
	put_str(lines, "model", q->model);
	put_str(lines, "protocol", q->protocol);
	put_str(lines, "format", q->format);
	json_key(&lines->w, "tokens_estimated");
	json_put_int(&lines->w, q->tokens);
	put_str(lines, "system", buf_str(&q->system));
	put_str(lines, "user", buf_str(&q->user));
	put_str(lines, "body", buf_str(&q->body));
	json_lines_end(lines);
}

static int make(struct questions *questions, struct verb_plan *plan, const struct cli *cli, const char *root, struct err *err)
{
	struct config *config = NULL;
	struct verb_plan_request request;
	verb_plan_request_init(&request, cli, root, cli->arg[0], plan);
	int rc = verb_plan_load(plan, &request);
	verb_say_diags(&plan->diags);
	verb_plan_request_release(&request);
	if (rc != 0)
		return err_set(err, ERR_PLAN, "the plan is not valid: %zu error%s", plan->diags.n_errors,
		               plan->diags.n_errors == 1 ? "" : "s");
	if (verb_load_config(&config, cli, root, err) != 0)
		return -1;
	if (!config->n_providers)
		probe_discover(config);
	const struct questions_request what = {
		.plan = plan->plan, .dag = plan->dag, .config = config, .root = root, .model = cli_get(cli, CLI_MODEL),
		.step = cli_get(cli, CLI_CONTEXT),
	};
	rc = questions_make(questions, &what, err);
	config_free(config);
	return rc;
}

int verb_context(const struct cli *cli, const char *root)
{
	struct questions questions = { 0 };
	struct verb_plan plan;
	struct json_lines lines = { 0 };
	struct err err = { 0 };
	bool json = cli_has(cli, CLI_JSON);
	int code = EXIT_DONE;
	if (make(&questions, &plan, cli, root, &err) != 0) {
		code = verb_fail(cli, &err);
	} else {
		for (size_t i = 0; i < questions.notice.n_items; i++)
			verb_say("%s", questions.notice.item[i]);
		for (size_t i = 0; i < questions.n_questions; i++) {
			if (json)
				put_question_object(&lines, cli_get(cli, CLI_CONTEXT), &questions.question[i]);
			else
				put_question(&questions.question[i]);
		}
		if (json)
			json_lines_result(&lines, code);
	}
	questions_release(&questions);
	verb_plan_release(&plan);
	return code;
}
