/* A recorded run in the same front ends, read-only. */
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
	int code = verb_front_run(front, cli, feed, &err);
	if (err.code != ERR_NONE)
		return verb_fail(cli, &err);
	feed->ops->status(feed, &status);
	if (status.corrupt)
		verb_say("the journal is damaged: what is behind event %llu is not shown", (unsigned long long)status.last_seq);
	if (code > 128)
		return code;
	return status.corrupt ? EXIT_CORRUPT : EXIT_DONE;
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
	free(path);
	if (rc != 0) {
		config_free(config);
		return verb_fail(cli, &err);
	}
	front.config = config;
	int code = replay(cli, &front, feed);
	feed->ops->free(feed);
	config_free(config);
	return code;
}
