#include "base/cost.h"

#include <time.h>

static _Thread_local struct cost counted; /* but for the thread's own processor time, which the system counts */

void cost_now(struct cost *out)
{
	struct timespec cpu = { 0 };
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	*out = counted;
	out->cpu_us += (int64_t)cpu.tv_sec * 1000000 + cpu.tv_nsec / 1000;
}

void cost_add_since(struct cost *total, struct cost *from)
{
	struct cost now;
	cost_now(&now);
	total->cpu_us += now.cpu_us - from->cpu_us;
	total->syncs += now.syncs - from->syncs;
	*from = now;
}

void cost_add(struct cost *total, const struct cost *more)
{
	total->cpu_us += more->cpu_us;
	total->syncs += more->syncs;
}

void cost_count_sync(void)
{
	counted.syncs++;
}

void cost_count_child(int64_t cpu_us)
{
	counted.cpu_us += cpu_us;
}
