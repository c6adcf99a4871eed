/* What works here, what does not, and what to do about it. */
#include "base/xalloc.h"
#include "io/config.h"
#include "io/habits.h"
#include "io/llm.h"
#include "io/probe.h"
#include "io/proc.h"
#include "io/runs.h"
#include "io/vcs.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_MS 5000
#define LISTED_MODELS 5

struct doctor {
	struct json_lines lines;
	bool json;
	size_t n_missing;
	struct llm *llm; /* while providers are looked at */
};

/* One line: what was looked at, whether it works, what was found, and what to do. */
static void report(struct doctor *doctor, const char *what, bool works, const char *found, const char *advice)
{
	doctor->n_missing += !works;
	if (!doctor->json) {
		verb_print("%-4s %-12s %s\n", works ? "ok" : "no", what, found);
		if (!works && advice)
			verb_print("     %-12s %s\n", "", advice);
		return;
	}
	json_lines_begin(&doctor->lines, "finding");
	json_key(&doctor->lines.w, "what");
	json_put_cstr(&doctor->lines.w, what);
	json_key(&doctor->lines.w, "works");
	json_put_bool(&doctor->lines.w, works);
	json_key(&doctor->lines.w, "found");
	json_put_cstr(&doctor->lines.w, found);
	if (!works && advice) {
		json_key(&doctor->lines.w, "advice");
		json_put_cstr(&doctor->lines.w, advice);
	}
	json_lines_end(&doctor->lines);
}

static void look_at_terminal(struct doctor *doctor)
{
	const char *term = getenv("TERM");
	bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	bool works = is_terminal && term && *term && strcmp(term, "dumb") != 0;
	char *found = xasprintf("TERM=%s, %s, %s", term ? term : "", is_terminal ? "a terminal" : "no terminal",
	                        nl_langinfo(CODESET));
	report(doctor, "terminal", works, found, "runs print plain lines here");
	free(found);
	if (getenv("TMUX"))
		report(doctor, "tmux", true, "a lone Esc is late by tmux's escape-time: 'set -s escape-time 10'", NULL);
}

static void look_at_repository(struct doctor *doctor, const char *root)
{
	struct vcs *vcs;
	struct err err = { 0 };
	if (vcs_open(&vcs, root, &err) != 0) {
		report(doctor, "repository", false, err.msg, "runs work; the safety commit is not made");
		return;
	}
	bool works = vcs_state(vcs) == VCS_OK;
	char *found = works ? xasprintf("%s, %s%s%.12s", vcs_root(vcs), vcs_branch(vcs), *vcs_head(vcs) ? " at " : "no commit yet",
	                                vcs_head(vcs))
	                    : xasprintf("%s: %s", root, vcs_state(vcs) == VCS_NONE ? "no git repository" : vcs_why(vcs));
	report(doctor, "repository", works, found, "runs and undo work; there is no safety commit, and no HEAD to compare with");
	free(found);
	vcs_free(vcs);
}

static void look_at_state(struct doctor *doctor, const char *root)
{
	struct buf dir = { 0 };
	struct err err = { 0 };
	if (runs_repo_dir(root, true, &dir, &err) == 0)
		report(doctor, "state", access(buf_str(&dir), W_OK) == 0, buf_str(&dir), "make this folder writable");
	else
		report(doctor, "state", false, err.msg, err.hint[0] ? err.hint : "set XDG_STATE_HOME to a folder of yours");
	buf_release(&dir);
}

static void list_models(struct buf *out, const struct probe *probe)
{
	buf_printf(out, "%zu model%s: ", probe->models.n_items, probe->models.n_items == 1 ? "" : "s");
	for (size_t i = 0; i < probe->models.n_items && i < LISTED_MODELS; i++)
		buf_printf(out, "%s%s", i ? ", " : "", probe->models.item[i]);
	if (probe->models.n_items > LISTED_MODELS)
		buf_add_str(out, " ...");
}

/* One small question: how fast, and in what form. */
static void look_at_answer(struct doctor *doctor, const struct provider *provider, struct probe *probe)
{
	struct err err = { 0 };
	struct buf found = { 0 };
	const char *model = *provider->model ? provider->model : probe->models.n_items ? probe->models.item[0] : "";
	if (probe_answer(probe, doctor->llm, provider, &err) != 0) {
		report(doctor, provider->name, false, err.msg, err.hint[0] ? err.hint : NULL);
		return;
	}
	buf_printf(&found, "%s: first text after %lld ms", *model ? model : "its model", (long long)probe->first_ms);
	if (probe->tokens_per_second > 0)
		buf_printf(&found, ", %.0f tokens/s", probe->tokens_per_second);
	if (probe->context > 0)
		buf_printf(&found, ", context %lld", (long long)probe->context);
	buf_printf(&found, ", edits best as %s", probe->can_edit ? "search-replace" : "whole files");
	report(doctor, provider->name, true, buf_str(&found), NULL);
	buf_release(&found);
	if (provider->context > 0 && probe->context > 0 && provider->context > probe->context)
		report(doctor, provider->name, false, "the configured context is larger than the server's: it would cut prompts",
		       "set 'context' to what the server has, or start it with more");
}

/* What the runs so far have shown; nothing when the model has not been asked yet. */
static void tell_habits(struct doctor *doctor, const struct provider *provider, const char *model)
{
	struct habits habits = { 0 };
	struct buf path = { 0 };
	struct buf found = { 0 };
	struct err err = { 0 };
	if (habits_path(&path, &err) != 0 || habits_load(&habits, buf_str(&path), &err) != 0)
		report(doctor, provider->name, false, err.msg, "remove the file: it is made anew");
	for (size_t i = 0; i < habits.n_habits; i++) {
		const struct habit *habit = &habits.habit[i];
		if (strcmp(habit->model, model) == 0)
			buf_printf(&found, "%s %s in %s files %ld of %ld", found.len ? "," : "edits in runs so far:", habit->form,
			           habit->size, habit->good, habit->good + habit->bad);
	}
	if (found.len)
		report(doctor, provider->name, true, buf_str(&found), NULL);
	buf_release(&found);
	buf_release(&path);
	habits_release(&habits);
}

static void look_at_server(struct doctor *doctor, const struct provider *provider, const char *key)
{
	struct probe probe = { 0 };
	struct err err = { 0 };
	struct buf found = { 0 };
	bool has_list = probe_models(&probe, provider, key, LIST_MS, &err) == 0;
	buf_printf(&found, "%s at %s%s; ", provider_kind_name(provider->kind), provider->url, *key ? ", with a key" : "");
	if (has_list)
		list_models(&found, &probe);
	else
		buf_add_str(&found, err.msg);
	bool is_reached = has_list || err.code != ERR_TRANSPORT;
	report(doctor, provider->name, is_reached, buf_str(&found),
	       err.hint[0] ? err.hint : "start the server, or mend 'url'");
	if (has_list && *provider->model && probe.models.n_items && strings_find(&probe.models, provider->model) < 0)
		report(doctor, provider->name, false, "its list does not have the model that is configured", "mend 'model'");
	if (is_reached)
		look_at_answer(doctor, provider, &probe);
	tell_habits(doctor, provider, provider->model);
	buf_release(&found);
	probe_release(&probe);
}

/* The key is fetched, and forgotten: a provider is only said to work when it has one. */
static void look_at_provider(struct doctor *doctor, const struct provider *provider)
{
	struct err err = { 0 };
	struct stat st;
	char *key = NULL;
	if (provider->kind == PROVIDER_RECORDED)
		report(doctor, provider->name, stat(provider->file, &st) == 0, provider->file, "there is no such file");
	else if (config_key(provider, &key, &err) != 0)
		report(doctor, provider->name, false, err.msg, err.hint[0] ? err.hint : NULL);
	else
		look_at_server(doctor, provider, key);
	if (key)
		explicit_bzero(key, strlen(key));
	free(key);
}

static void look_at_providers(struct doctor *doctor, const struct cli *cli, const char *root)
{
	struct config *config;
	struct err err = { 0 };
	if (verb_load_config(&config, cli, root, &err) != 0) {
		report(doctor, "config", false, err.msg, "mend what is said above");
		return;
	}
	size_t n_found = probe_discover(config);
	if (!config->n_providers)
		report(doctor, "providers", false, "none, and no server of models on this machine",
		       "name one in the configuration, set OPENAI_BASE_URL, or start a local server");
	doctor->llm = llm_new();
	for (size_t i = 0; i < config->n_providers; i++)
		look_at_provider(doctor, &config->provider[i]);
	llm_free(doctor->llm);
	if (n_found && n_found < config->n_providers)
		report(doctor, "local", true, "the servers found on this machine are not used until they are configured", NULL);
	config_free(config);
}

int verb_doctor(const struct cli *cli)
{
	struct doctor doctor = { .json = cli_has(cli, CLI_JSON) };
	struct err err = { 0 };
	char *root;
	verb_signals_default();
	look_at_terminal(&doctor);
	if (verb_root(&root, &err) == 0) {
		look_at_repository(&doctor, root);
		look_at_state(&doctor, root);
		look_at_providers(&doctor, cli, root);
		free(root);
	} else {
		report(&doctor, "repository", false, err.msg, err.hint);
	}
	enum proc_sandbox sandbox = proc_best_sandbox();
	report(&doctor, "sandbox", sandbox != PROC_SANDBOX_NONE, proc_sandbox_name(sandbox),
	       "install bubblewrap: without it each command is asked about");
	if (doctor.json)
		json_lines_result(&doctor.lines, EXIT_DONE);
	return EXIT_DONE;
}
