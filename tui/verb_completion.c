/* Completion for shells: their scripts, and the words that these ask for at each Tab. */
#include "tui/verb_completion.h"

#include "base/xalloc.h"
#include "event/run_model.h"
#include "io/config.h"
#include "io/journal_read.h"
#include "tui/complete.h"
#include "tui/verb.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static bool is_plan_name(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static bool is_folder(DIR *dir, const struct dirent *entry)
{
	if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) {
		struct stat st;
		return fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
	}
	return entry->d_type == DT_DIR;
}

/* "~/x" and "x/y" alike: the folder of what was typed, with its home. */
static DIR *open_folder_of(const char *typed, size_t n)
{
	const char *home = getenv("HOME");
	char *path = strncmp(typed, "~/", 2) == 0 && home ? xasprintf("%s%.*s", home, (int)n - 1, typed + 1)
	                                                  : xstrndup(typed, n);
	DIR *dir = opendir(*path ? path : ".");
	free(path);
	return dir;
}

/* Folders, and of the files those that `wanted` takes; NULL: none. Hidden ones only when a dot was typed. */
static void list_files(struct complete *out, bool (*wanted)(const char *name))
{
	const char *slash = strrchr(out->prefix, '/');
	size_t n = slash ? (size_t)(slash - out->prefix) + 1 : 0;
	const char *base = out->prefix + n;
	DIR *dir = open_folder_of(out->prefix, n);
	struct strings words = { 0 };
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (*name == '.' && *base != '.'))
			continue;
		bool folder = is_folder(dir, entry);
		if (folder || (wanted && wanted(name)))
			strings_take(&words, xasprintf("%.*s%s%s", (int)n, out->prefix, name, folder ? "/" : ""));
	}
	if (dir)
		closedir(dir);
	strings_sort(&words);
	for (size_t i = 0; i < words.n_items; i++)
		complete_add(out, words.item[i], NULL);
	strings_release(&words);
}

static bool is_any(const char *name)
{
	return *name != '\0';
}

/* ---- what the repository knows ---- */

struct context {
	const struct cli *cli;
	char *root; /* NULL: no work tree here */
};

static void list_runs(const struct context *context, struct complete *out)
{
	struct run_list list;
	struct err err;
	if (!context->root || runs_list(context->root, &list, &err) != 0)
		return;
	if (list.n_runs)
		complete_add(out, "@", "the newest run");
	for (size_t i = 0; i < list.n_runs; i++) {
		char *help = xasprintf("%s %s", list.run[i].mode, list.run[i].plan);
		complete_add(out, list.run[i].id, help);
		free(help);
	}
	run_list_release(&list);
}

static int fold(void *arg, const struct event *event, struct err *err)
{
	return run_model_apply(arg, event, err);
}

static void list_steps_of_run(const struct context *context, const char *name, struct complete *out)
{
	struct run_model model;
	struct run_info run;
	struct err err;
	if (!context->root || runs_find(context->root, name, &run, &err) != 0)
		return;
	run_model_init(&model);
	if (journal_each(run.dir, fold, &model, &err) == 0)
		for (size_t i = 0; i < model.n_steps; i++)
			complete_add(out, model.step[i]->id, model.step[i]->title);
	run_model_release(&model);
	run_info_release(&run);
}

/* Steps, or variables, of the plan that stands on the line. */
static void list_of_plan(const struct context *context, const char *file, bool vars, struct complete *out)
{
	struct verb_plan plan;
	if (!context->root || verb_plan_open(&plan, context->cli, context->root, file) != 0)
		return verb_plan_release(&plan);
	for (size_t i = 0; vars && i < plan.plan->n_vars; i++) {
		char *word = xasprintf("%s=", plan.plan->var[i].name);
		complete_add(out, word, plan.plan->var[i].value);
		free(word);
	}
	for (size_t i = 0; !vars && i < plan.plan->n_steps; i++)
		complete_add(out, plan.plan->step[i].id, plan.plan->step[i].title);
	verb_plan_release(&plan);
}

static void list_models(const struct context *context, struct complete *out)
{
	struct config *config;
	struct err err;
	if (!context->root || verb_load_config(&config, context->cli, context->root, &err) != 0)
		return;
	for (size_t i = 0; i < config->n_providers; i++)
		complete_add(out, config->provider[i].name, config->provider[i].model);
	config_free(config);
}

static void list_kind(void *arg, const char *kind, const struct complete_line *line, struct complete *out)
{
	struct context *context = arg;
	struct err err;
	for (size_t i = 0; i < line->n_dirs; i++)
		if (chdir(line->dir[i]) != 0)
			return;
	if (!context->root && verb_root(&context->root, &err) != 0)
		context->root = NULL;
	bool about_plan = line->verb && strstr(line->verb->args, "PLAN") && line->n_args;
	if (strcmp(kind, "PLAN") == 0)
		list_files(out, is_plan_name);
	else if (strcmp(kind, "FILE") == 0)
		list_files(out, is_any);
	else if (strcmp(kind, "DIR") == 0)
		list_files(out, NULL);
	else if (strcmp(kind, "RUN") == 0)
		list_runs(context, out);
	else if (strcmp(kind, "STEP") == 0 && about_plan)
		list_of_plan(context, line->arg[0], false, out);
	else if (strcmp(kind, "STEP") == 0)
		list_steps_of_run(context, line->n_args ? line->arg[0] : "@", out);
	else if (strcmp(kind, "NAME=VALUE") == 0 && about_plan)
		list_of_plan(context, line->arg[0], true, out);
	else if (strcmp(kind, "MODEL") == 0)
		list_models(context, out);
}

static int put_words(const struct cli *cli)
{
	struct context context = { .cli = cli };
	struct complete_table table = { cli->table, cli->n_verbs, list_kind, &context };
	struct complete out;
	complete_words(&out, &table, cli->arg + 1, cli->n_args - 1);
	(void)fwrite(buf_str(&out.text), 1, out.text.len, stdout);
	buf_release(&out.text);
	free(context.root);
	return EXIT_DONE;
}

int verb_completion(const struct cli *cli)
{
	struct err err = { 0 };
	verb_signals_default();
	if (strcmp(cli->arg[0], "words") == 0)
		return put_words(cli);
	const char *script = completion_script(cli->arg[0]);
	if (!script || cli->n_args > 1) {
		err_set(&err, ERR_USAGE, "there is no completion for '%.40s'", script ? cli->arg[1] : cli->arg[0]);
		err_hint(&err, "bash, zsh and fish are there");
		return verb_fail(cli, &err);
	}
	(void)fputs(script, stdout);
	return EXIT_DONE;
}
