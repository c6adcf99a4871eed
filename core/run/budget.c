#include "run/budget.h"

#define HINT "raise 'limits' in the plan, then 'belay resume'"

void budget_init(struct budget *budget, int64_t tokens_max, double usd_max)
{
	*budget = (struct budget){ .tokens_max = tokens_max, .usd_max = usd_max };
	pthread_mutex_init(&budget->lock, NULL);
}

void budget_release(struct budget *budget)
{
	pthread_mutex_destroy(&budget->lock);
}

int budget_take(struct budget *budget, int64_t tokens, double usd, struct err *err)
{
	int rc = 0;
	pthread_mutex_lock(&budget->lock);
	if (budget->tokens_max && budget->tokens + tokens > budget->tokens_max)
		rc = err_set(err, ERR_LIMIT, "the run's limit of %lld tokens is reached: %lld used, this question may take %lld",
		             (long long)budget->tokens_max, (long long)budget->tokens, (long long)tokens);
	else if (budget->usd_max > 0 && budget->usd + usd > budget->usd_max)
		rc = err_set(err, ERR_LIMIT, "the run's limit of %.4f USD is reached: %.4f used, this question may cost %.4f",
		             budget->usd_max, budget->usd, usd);
	if (rc == 0) {
		budget->tokens += tokens;
		budget->usd += usd;
	}
	pthread_mutex_unlock(&budget->lock);
	return rc == 0 ? 0 : err_hint(err, "%s", HINT);
}

void budget_count(struct budget *budget, int64_t tokens, double usd)
{
	pthread_mutex_lock(&budget->lock);
	budget->tokens += tokens;
	budget->usd += usd;
	pthread_mutex_unlock(&budget->lock);
}
