#include "io/llm_pace.h"

int64_t llm_pace_backoff(int64_t first_ms, int64_t max_ms, int64_t n_failed, uint64_t random)
{
	int64_t cap_ms = first_ms;
	for (int64_t i = 1; i < n_failed && cap_ms < max_ms; i++)
		cap_ms = cap_ms > max_ms / 2 ? max_ms : cap_ms * 2;
	if (cap_ms > max_ms)
		cap_ms = max_ms;
	return cap_ms > 0 ? (int64_t)(random % ((uint64_t)cap_ms + 1)) : 0;
}

int64_t llm_pace_take(struct llm_pace *pace, int64_t now_ms)
{
	pace->spent -= (double)(now_ms - pace->at_ms) / LLM_PACE_REFILL_MS;
	if (pace->spent < 0)
		pace->spent = 0;
	pace->at_ms = now_ms;
	pace->spent += 1;
	return pace->spent > LLM_PACE_BURST ? (int64_t)((pace->spent - LLM_PACE_BURST) * LLM_PACE_REFILL_MS) : 0;
}
