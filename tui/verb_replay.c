/* A recorded run in the same front ends, read-only. */
#include "io/bookmarks.h"
#include "io/config.h"
#include "io/journal_feed.h"
#include "tui/verb_front.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file of that name is a journal; everything else names a run. */
static int find_journal(const struct cli *cli, char **path, struct err *err)
{
	struct run_info run;
	struct stat st;
	char *root;
	if (cli->n_args && (strchr(cli->arg[0], '/') || stat(cli->arg[0], &st) == 0)) {
		*path = realpath(cli->arg[0], NULL);
		return *path ? 0 : err_set(err, ERR_NOT_FOUND, "there is no file '%s'", cli->arg[0]);
	}
	if (verb_root(&root, err) != 0)
		return -1;
	int rc = verb_find_run(cli, root, &run, err);
	free(root);
	if (rc != 0)
		return -1;
	*path = run.dir;
	run.dir = NULL;
	run_info_release(&run);
	return 0;
}

/* The exit status is about the replay, not about the run: 0, or 8 when the journal is damaged. */
static int replay(const struct cli *cli, const struct verb_front *front, struct feed *feed)
{
	struct feed_status status;
	struct err err = { 0 };
	if (front->kind != FRONT_SCREEN)
		journal_feed_rush(feed);
	if (cli_has(cli, CLI_FOLLOW) && journal_feed_follow(feed, &err) != 0)
		return verb_fail(cli, &err);
	int code = verb_front_run(front, cli, feed, &err);
	if (err.code != ERR_NONE)
		return verb_fail(cli, &err);
	feed->ops->status(feed, &status);
	if (status.corrupt)
		verb_say("%s; what is behind it is not shown", status.trouble);
	if (code > 128)
		return code;
	return status.corrupt ? EXIT_CORRUPT : EXIT_DONE;
}

static int save_bookmark(void *arg, uint64_t seq, bool set, struct err *err)
{
	return bookmarks_save(arg, seq, set, err);
}

/* Bookmarks that cannot be read are no reason not to show the run; they are then not written either. */
static int replay_with_bookmarks(const struct cli *cli, const struct verb_front *front, struct feed *feed, const char *path)
{
	struct bookmarks bookmarks;
	struct err err = { 0 };
	int rc = bookmarks_load(&bookmarks, path, &err);
	struct bookmark_file file = { bookmarks.seq, bookmarks.n_seqs, save_bookmark, &bookmarks };
	if (rc == 0)
		journal_feed_bookmarks(feed, &file);
	else
		verb_say("%s; bookmarks are left out", err.msg);
	int code = replay(cli, front, feed);
	bookmarks_release(&bookmarks);
	return code;
}

/* Outside a repository the user's own configuration holds, too. */
static int load_config(struct config **out, const struct cli *cli, struct err *err)
{
	char *root = NULL;
	struct err nowhere;
	if (verb_root(&root, &nowhere) != 0)
		root = NULL;
	int rc = verb_load_config(out, cli, root, err);
	free(root);
	return rc;
}

int verb_replay(const struct cli *cli)
{
	struct verb_front front;
	struct config *config = NULL;
	struct feed *feed;
	struct err err = { 0 };
	char *path;
	if (verb_front_choose(&front, cli, &err) != 0 || find_journal(cli, &path, &err) != 0)
		return verb_fail(cli, &err);
	front.can_ask = false;
	front.replay = true;
	int rc = load_config(&config, cli, &err);
	if (rc == 0)
		rc = journal_feed_new(&feed, path, NULL, &err);
	front.config = config;
	int code = rc == 0 ? replay_with_bookmarks(cli, &front, feed, path) : verb_fail(cli, &err);
	if (rc == 0)
		feed->ops->free(feed);
	config_free(config);
	free(path);
	return code;
}
