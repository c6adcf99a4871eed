#include "tests/llm_probe.h"

#include "base/clock.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t count_pause(void *arg, int64_t ms)
{
	struct probe *probe = arg;
	if (probe->n_pauses < PROBE_MAX_RETRIES)
		probe->paused_ms[probe->n_pauses++] = ms;
	return probe->real_pauses ? ms : 0;
}

static uint64_t fixed_random(void *arg)
{
	const struct probe *probe = arg;
	return probe->random;
}

static int64_t fixed_wall(void *arg)
{
	const struct probe *probe = arg;
	return probe->wall_ms ? probe->wall_ms : clock_wall_ms();
}

static void hear_retry(struct probe *probe, const struct llm_event *event)
{
	if (probe->n_retries < PROBE_MAX_RETRIES) {
		probe->delay_ms[probe->n_retries] = event->delay_ms;
		probe->status[probe->n_retries] = event->status;
	}
	probe->n_retries++;
	buf_printf(&probe->reasons, "%s\n", event->text);
	buf_clear(&probe->text); /* what came so far is void */
	if (probe->cancel_on_retry)
		cancel_set(&probe->cancel);
	if (probe->cancel_on_retry || probe->retry_now)
		llm_wake(probe->llm, &probe->cancel, probe->retry_now);
}

static void hear(void *arg, const struct llm_event *event)
{
	struct probe *probe = arg;
	switch (event->kind) {
	case LLM_PHASE:
		buf_printf(&probe->phases, "%s ", event->text);
		break;
	case LLM_TEXT:
		buf_add(&probe->text, event->text, event->n);
		if (++probe->n_pieces == probe->cancel_after) {
			cancel_set(&probe->cancel);
			llm_wake(probe->llm, &probe->cancel, false);
		}
		break;
	case LLM_REASONING:
		buf_add(&probe->reasoning, event->text, event->n);
		break;
	case LLM_USAGE:
		probe->n_usages++;
		break;
	case LLM_RETRY:
		hear_retry(probe, event);
		break;
	}
}

void probe_ask_url(struct probe *probe, const char *url)
{
	const struct llm_options options = {
		.limits = probe->limits,
		.random = fixed_random,
		.pause = count_pause,
		.wall_ms = fixed_wall,
		.arg = probe,
	};
	char *base = xstrdup(url);
	struct provider provider = {
		.name = "local",
		.kind = probe->kind,
		.url = base,
		.model = "test-model",
		.key_env = (char *)(uintptr_t)(probe->key_env ? probe->key_env : ""),
		.key_file = "",
		.key_command = "",
	};
	const struct llm_message message[] = { { "system", "Be brief." }, { "user", "Say \"hello\"." } };
	const struct llm_request request = {
		.provider = &provider,
		.model = "",
		.message = message,
		.n_messages = 2,
		.has_temperature = probe->has_temperature,
		.temperature = probe->temperature,
		.max_tokens = probe->max_tokens,
		.tokens_estimated = probe->tokens_estimated,
		.timeout_ms = probe->timeout_ms,
		.step = "step",
		.attempt = 1,
		.tries = probe->tries,
		.first_ms = 1000,
		.max_ms = 32000,
	};
	probe->llm = llm_new_with(&options);
	int64_t begin_ms = clock_mono_ms();
	for (int i = 0; i == 0 || (i < probe->questions && probe->rc == 0); i++)
		probe->rc = llm_ask(probe->llm, &request, hear, probe, &probe->cancel, &probe->result, &probe->err);
	probe->took_ms = clock_mono_ms() - begin_ms;
	llm_free(probe->llm);
	probe->llm = NULL;
	free(base);
}

void probe_ask(struct probe *probe, const char *script)
{
	struct fake_server *server;
	struct err err = { 0 };
	if (fake_server_start(&server, script, 0, &err) != 0) {
		fprintf(stderr, "%s\n", err.msg);
		abort();
	}
	probe_ask_url(probe, fake_server_url(server));
	probe->n_requests = fake_server_n_requests(server);
	probe->request = xstrdup(fake_server_request(server, 0));
	fake_server_stop(server);
}

void probe_release(struct probe *probe)
{
	buf_release(&probe->text);
	buf_release(&probe->reasoning);
	buf_release(&probe->phases);
	buf_release(&probe->reasons);
	free(probe->request);
}
