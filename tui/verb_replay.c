/* A recorded run in the same front ends, read-only. */
#include "io/journal_feed.h"
#include "tui/json_out.h"
#include "tui/plain.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What the lines say about the recorded run is data; that it is not whole is an error of today. */
static int replay_lines(const struct cli *cli, struct feed *feed, struct err *err)
{
	struct feed_status status;
	int signal_fd = verb_signals_read(err);
	if (signal_fd < 0)
		return verb_fail(cli, err);
	journal_feed_rush(feed);
	if (cli_has(cli, CLI_JSON)) {
		struct json_out_options options = { .out_fd = STDOUT_FILENO, .approve_fd = -1, .signal_fd = signal_fd };
		json_out_run(feed, &options);
	} else {
		struct plain_options options = {
			.out_fd = STDOUT_FILENO, .err_fd = STDERR_FILENO, .in_fd = -1, .signal_fd = signal_fd,
			.quiet = cli_has(cli, CLI_QUIET),
		};
		plain_run(feed, &options);
	}
	close(signal_fd);
	feed->ops->status(feed, &status);
	return status.corrupt ? EXIT_CORRUPT : EXIT_DONE;
}

int verb_replay(const struct cli *cli)
{
	struct feed *feed;
	struct err err = { 0 };
	char *path;
	if (find_journal(cli, &path, &err) != 0)
		return verb_fail(cli, &err);
	int rc = journal_feed_new(&feed, path, NULL, &err);
	free(path);
	if (rc != 0)
		return verb_fail(cli, &err);
	int code = replay_lines(cli, feed, &err);
	feed->ops->free(feed);
	return code;
}
