#include "tests/unit.h"

#include "base/xalloc.h"
#include "plan/plan_yaml.h"
#include "plan/policy.h"

#include <stdio.h>

static struct plan *load(const char *text, const struct plan_load_options *options)
{
	struct diags diags = { 0 };
	struct buf said = { 0 };
	struct plan *plan = NULL;
	int rc = plan_load(&plan, "plan.yaml", text, strlen(text), options, &diags);
	for (size_t i = 0; i < diags.n_diags; i++)
		diag_format(&said, &diags.diag[i]);
	if (rc != 0)
		fail_msg("%s", buf_str(&said));
	assert_int_equal(diags.n_diags, 0);
	diags_release(&diags);
	buf_release(&said);
	return plan;
}

static const struct plan_step *step_of(const struct plan *plan, const char *id)
{
	int at = plan_find(plan, id);
	if (at < 0)
		fail_msg("no step '%s'", id);
	return &plan->step[at];
}

static void test_absent_keys_have_their_defaults(void **state)
{
	(void)state;
	struct plan *plan = load("belay: 1\nsteps:\n  - {id: a, write: x, content: ''}\n", NULL);
	const struct plan_step *step = step_of(plan, "a");
	assert_int_equal(plan->confirm, RISK_MEDIUM);
	assert_int_equal(plan->retry.tries, 5);
	assert_int_equal(plan->retry.first_ms, 1000);
	assert_int_equal(plan->retry.max_ms, 32000);
	assert_string_equal(plan->model.use, "auto");
	assert_string_equal(plan->name, "");
	assert_int_equal(step->exists, EXISTS_REPLACE);
	assert_int_equal(step->mode, -1);
	assert_int_equal(step->cache, CACHE_DEFAULT);
	assert_int_equal(step->when, WHEN_DEFAULT);
	assert_int_equal(step->attempts, 0);
	assert_string_equal(step->content, "");
	assert_string_equal(step->title, "");
	assert_int_equal(strlen(plan->hash), 64);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent_keys_have_their_defaults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
