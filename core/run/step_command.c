/* Commands of steps and checks: environment, sandbox, output as events. */
#include "run/step.h"

#include "base/path.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

#define OUTPUT_MAX (8 * 1024 * 1024) /* the journal holds what a command says */

struct sink {
	struct step_job *job;
	struct buf *keep;
};

static void take_output(void *arg, enum proc_stream stream, const char *data, size_t n)
{
	struct sink *sink = arg;
	step_output(sink->job, stream == PROC_STDERR ? "stderr" : "stdout", data, n);
	if (sink->keep)
		buf_add(sink->keep, data, n);
}

static char **make_env(const struct name_values *env)
{
	size_t n = env ? env->n_pairs : 0;
	char **list = xcalloc(n + 1, sizeof *list);
	for (size_t i = 0; i < n; i++)
		list[i] = xasprintf("%s=%s", env->pair[i].name, env->pair[i].value);
	return list;
}

static void free_env(char **list)
{
	for (size_t i = 0; list[i]; i++)
		free(list[i]);
	free(list);
}

int step_run_command(struct step_job *job, const struct step_command *command, struct proc_result *out, struct err *err)
{
	struct sink sink = { job, command->keep };
	struct buf cwd = { 0 };
	const struct strings *words = &command->command->argv;
	const char **argv = xcalloc(words->n_items + 1, sizeof *argv);
	for (size_t i = 0; i < words->n_items; i++)
		argv[i] = words->item[i];
	const char *root = job->ws->root.path;
	bool shows_copy = command->copy && job->sandbox == PROC_SANDBOX_BWRAP;
	path_join(&cwd, command->copy && !shows_copy ? command->copy : root, command->cwd ? command->cwd : "");
	char **env = make_env(command->env);
	int64_t timeout_ms = command->timeout_ms ? command->timeout_ms : PLAN_DEFAULT_TIMEOUT_MS;
	struct proc_spec spec = {
		.argv = argv,
		.cwd = buf_str(&cwd),
		.env = (const char *const *)env,
		.timeout_ms = timeout_ms,
		.output_max = OUTPUT_MAX,
		.sandbox = job->sandbox,
		.writable = command->copy ? command->copy : root,
		.shown_at = shows_copy ? root : NULL,
		.network = command->network,
		.output = take_output,
		.arg = &sink,
		.cancel = &job->cancel,
	};
	step_phase(job, "running", timeout_ms);
	int rc = proc_run(&spec, out, err);
	if (rc == 0 && out->dropped > 0) {
		char text[120];
		snprintf(text, sizeof text, "%lld bytes of output over the limit were dropped", (long long)out->dropped);
		step_notice(job, "limit", text, NULL);
	}
	free_env(env);
	free(argv);
	buf_release(&cwd);
	return rc;
}
