/* `test`: a model writes test cases for the named code; they land once it is proven that they see faults. */
#include "run/step.h"

#include "base/xalloc.h"
#include "plan/policy.h"
#include "run/prompt.h"
#include "run/test_framework.h"
#include "run/test_proof.h"

#include <stdlib.h>

/* A command that the repository led to, and not the plan, is bound by the plan's rules all the same. */
static int check_rules(const struct step_job *job, const struct test_setting *setting, struct err *err)
{
	for (size_t i = 0; i < job->plan->n_rules; i++) {
		const struct policy_rule *rule = &job->plan->rule[i];
		if (rule->verdict == VERDICT_ALLOW || !rule->run.n_items || !policy_rule_runs(rule, &setting->command))
			continue;
		err_set(err, ERR_ACCESS, "a rule of the plan is against '%.200s'%s%s",
		        setting->command.argv.item[setting->command.argv.n_items - 1], *rule->why ? ": " : "", rule->why);
		return err_hint(err, "give another 'run', or change 'policy.rules'");
	}
	return 0;
}

static char *make_instruction(const struct step_job *job, const struct test_setting *setting, const struct strings *targets)
{
	struct buf text = { 0 };
	buf_add_str(&text, "Write test cases for");
	for (size_t i = 0; i < targets->n_items; i++)
		buf_printf(&text, "%s %s", i ? "," : "", targets->item[i]);
	buf_printf(&text, " into %s", setting->into);
	buf_add_str(&text, ", and change nothing else. ");
	if (setting->advice)
		buf_printf(&text, "%s ", setting->advice);
	if (setting->example)
		buf_printf(&text, "Follow the style of %s. ", setting->example);
	buf_add_str(&text, "Each case checks what the code gives, its edges and its errors; it must fail when the code is "
	                   "broken. They are run by: ");
	buf_add_str(&text, setting->command.argv.item[setting->command.argv.n_items - 1]);
	buf_add_str(&text, "\n");
	if (job->step->prompt)
		buf_printf(&text, "%s\n", job->step->prompt);
	return buf_take(&text, NULL);
}

static int write_tests(struct step_job *job, const struct test_setting *setting, const struct strings *targets,
                       struct err *err)
{
	static const struct plan_step whole = { 0 };
	for (size_t i = 0; i < targets->n_items; i++)
		step_job_add_read(job, targets->item[i], &whole);
	if (setting->example)
		step_job_add_read(job, setting->example, &whole);
	struct change *change = changeset_add(&job->set, setting->into);
	if (step_check_writable(job, setting->into, err) != 0 ||
	    step_load(job, setting->into, true, &change->before, err) != 0)
		return -1;
	free(job->instruction);
	job->instruction = make_instruction(job, setting, targets);
	return prompt_ask(job, EDIT_WHOLE_FILE, true, err);
}

int step_test(struct step_job *job, struct err *err)
{
	struct strings targets = { 0 };
	struct test_setting setting = { 0 };
	int rc = workspace_expand(job->ws, &job->step->target, false, &targets, err);
	if (rc == 0)
		rc = test_setting_find(job, &targets, &setting, err);
	if (rc == 0)
		rc = check_rules(job, &setting, err);
	if (rc == 0)
		rc = write_tests(job, &setting, &targets, err);
	if (rc == 0)
		rc = test_prove(job, &setting, &targets, err);
	test_setting_release(&setting);
	strings_release(&targets);
	return rc;
}
