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

bool step_hides_copies(const struct step_job *job)
{
	return job->sandbox == PROC_SANDBOX_BWRAP;
}

const char *step_sees_root(const struct step_job *job, const char *copy)
{
	return step_hides_copies(job) ? job->shown_root : copy;
}

/* In a copy git must not put what it saw there into the index of the user's tree. */
static char **make_env(const struct name_values *env, bool in_copy)
{
	size_t n = env ? env->n_pairs : 0;
	char **list = xcalloc(n + 2, sizeof *list);
	if (in_copy)
		list[n] = xstrdup("GIT_OPTIONAL_LOCKS=0");
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
	const char *copy = command->copy ? command->copy : job->copy ? job->copy->path : NULL;
	bool shows_copy = copy && step_hides_copies(job);
	buf_add_str(&cwd, copy ? step_sees_root(job, copy) : job->ws->root.path);
	if (command->cwd && *command->cwd)
		buf_printf(&cwd, "/%s", command->cwd);
	char **env = make_env(command->env, copy != NULL);
	int64_t timeout_ms = command->timeout_ms ? command->timeout_ms : PLAN_DEFAULT_TIMEOUT_MS;
	struct proc_spec spec = {
		.argv = argv,
		.cwd = buf_str(&cwd),
		.env = (const char *const *)env,
		.timeout_ms = timeout_ms,
		.output_max = OUTPUT_MAX,
		.sandbox = copy && job->sandbox == PROC_SANDBOX_LANDLOCK ? PROC_SANDBOX_LANDLOCK_OPEN : job->sandbox,
		.writable = copy ? copy : job->ws->root.path,
		.shown_at = shows_copy ? job->shown_root : NULL,
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
