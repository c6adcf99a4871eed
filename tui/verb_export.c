/* A run in another form: for git am, a pull request, a browser, asciinema, a script, a CI server. */
#include "base/xalloc.h"
#include "io/journal_feed.h"
#include "run/export.h"
#include "tui/cast.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>

#define CAST_WIDTH 100
#define CAST_HEIGHT 30
#define CAST_PAUSE_MS 1500

static const struct {
	const char *name;
	int (*write)(struct buf *out, const struct export_run *run, struct err *err);
} form[] = {
#define X(name, help) { #name, export_##name },
	EXPORT_FORMS(X)
#undef X
};

static int64_t cast_ms;

static int64_t cast_now(void)
{
	return cast_ms;
}

/* What the terminal UI shows. */
static const struct {
	const char *name;
	void (*write)(struct buf *out, struct feed *feed, const struct cast_options *options);
} picture[] = {
	{ "cast", cast_write },
	{ "screen", cast_write_text },
	{ "svg", cast_write_svg },
};

static bool is_picture(const char *name)
{
	for (size_t i = 0; i < sizeof picture / sizeof *picture; i++)
		if (strcmp(picture[i].name, name) == 0)
			return true;
	return false;
}

static int write_picture(const char *name, struct buf *out, const struct run_info *run, const char *step, struct err *err)
{
	struct cast_options options = { .width = CAST_WIDTH, .height = CAST_HEIGHT, .unicode = true, .title = run->plan,
		                        .pause_max_ms = CAST_PAUSE_MS, .until_step = step, .mono_ms = &cast_ms };
	struct feed *feed;
	if (journal_feed_new(&feed, run->dir, cast_now, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof picture / sizeof *picture; i++)
		if (strcmp(picture[i].name, name) == 0)
			picture[i].write(out, feed, &options);
	feed->ops->free(feed);
	return 0;
}

/* Whose change it is: who would be the author of a commit that is made here. "NAME <EMAIL> TIME ZONE" is git's answer. */
static void find_author(char **name, char **email)
{
	char line[1024] = "";
	FILE *git = popen("git var GIT_AUTHOR_IDENT 2>/dev/null", "r");
	bool known = git && fgets(line, sizeof line, git);
	if (!git || pclose(git) != 0 || !known)
		return;
	char *open = strrchr(line, '<');
	char *close = open ? strchr(open, '>') : NULL;
	if (!close || open == line)
		return;
	*name = xstrndup(line, (size_t)(open - line) - 1);
	*email = xstrndup(open + 1, (size_t)(close - open) - 1);
}

static int write_form(const char *name, struct buf *out, const struct run_info *info, struct err *err)
{
	struct export_run run;
	char *author = NULL;
	char *email = NULL;
	int rc = export_read(&run, info, err);
	if (strcmp(name, "patch") == 0)
		find_author(&author, &email);
	run.author = author;
	run.email = email;
	for (size_t i = 0; rc == 0 && i < sizeof form / sizeof *form; i++)
		if (strcmp(form[i].name, name) == 0)
			rc = form[i].write(out, &run, err);
	if (rc == 0 && run.n_back)
		verb_say("%zu step%s of it %s taken back since, and %s shown as done", run.n_back, run.n_back == 1 ? "" : "s",
		         run.n_back == 1 ? "was" : "were", run.n_back == 1 ? "is" : "are");
	export_release(&run);
	free(author);
	free(email);
	return rc;
}

static bool is_form(const char *name)
{
	for (size_t i = 0; i < sizeof form / sizeof *form; i++)
		if (strcmp(form[i].name, name) == 0)
			return true;
	return is_picture(name);
}

int verb_export(const struct cli *cli)
{
	const char *name = cli_get(cli, CLI_FORM);
	struct buf out = { 0 };
	struct run_info run;
	struct err err = { 0 };
	char *root;
	verb_signals_default();
	name = name ? name : cli_has(cli, CLI_JSON) ? "json" : "patch";
	if (!is_form(name)) {
		err_set(&err, ERR_USAGE, "there is no form '%.40s'", name);
		err_hint(&err, "%s are there", cli_option_info(CLI_FORM)->arg);
		return verb_fail(cli, &err);
	}
	if (cli_has(cli, CLI_STEP) && !is_picture(name)) {
		err_set(&err, ERR_USAGE, "'--step' is for the forms cast, screen and svg");
		return verb_fail(cli, &err);
	}
	if (verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	int rc = verb_find_run(cli, root, &run, &err);
	free(root);
	if (rc != 0)
		return verb_fail(cli, &err);
	if (is_picture(name))
		rc = write_picture(name, &out, &run, cli_get(cli, CLI_STEP), &err);
	else
		rc = write_form(name, &out, &run, &err);
	if (rc == 0)
		(void)fwrite(buf_str(&out), 1, out.len, stdout);
	buf_release(&out);
	run_info_release(&run);
	if (rc == 0)
		return EXIT_DONE;
	verb_say_error(&err);
	return verb_exit_of(&err);
}
