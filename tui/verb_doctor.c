/* What works here, what does not, and what to do about it. */
#include "base/xalloc.h"
#include "io/config.h"
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

struct doctor {
	struct json_lines lines;
	bool json;
	size_t n_missing;
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

/* The key is fetched, and forgotten: a provider is only said to work when it has one. */
static void look_at_provider(struct doctor *doctor, const struct provider *provider)
{
	struct err err = { 0 };
	struct stat st;
	char *key = NULL;
	char *what = xasprintf("%s", provider->name);
	if (provider->kind == PROVIDER_RECORDED) {
		report(doctor, what, stat(provider->file, &st) == 0, provider->file, "there is no such file");
	} else if (config_key(provider, &key, &err) != 0) {
		report(doctor, what, false, err.msg, err.hint[0] ? err.hint : NULL);
	} else {
		char *found = xasprintf("%s at %s%s", provider_kind_name(provider->kind), provider->url,
		                        *key ? ", with a key" : "");
		report(doctor, what, true, found, NULL);
		free(found);
	}
	if (key)
		explicit_bzero(key, strlen(key));
	free(key);
	free(what);
}

static void look_at_providers(struct doctor *doctor, const struct cli *cli, const char *root)
{
	struct config *config;
	struct err err = { 0 };
	if (verb_load_config(&config, cli, root, &err) != 0) {
		report(doctor, "config", false, err.msg, "mend what is said above");
		return;
	}
	if (!config->use.n_items)
		report(doctor, "providers", false, "none", "name one in the configuration, or set OPENAI_BASE_URL");
	for (size_t i = 0; i < config->use.n_items; i++) {
		const struct provider *provider = config_provider(config, config->use.item[i]);
		if (provider)
			look_at_provider(doctor, provider);
	}
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
