/* Which front end a run or a replay gets, and giving it the feed. */
#include "tui/verb_front.h"

#include "io/config.h"
#include "tui/app.h"
#include "tui/json_out.h"
#include "tui/plain.h"
#include "tui/ui_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FD_MAX 1023

/* As the configuration has it, or as it is without one. */
static struct notify_options notify_options_of(const struct config *config)
{
	if (!config)
		return (struct notify_options){ .bell = true, .after_ms = 10000 };
	return (struct notify_options){
		.bell = config->notify.bell,
		.osc = notify_terminal_shows(config->notify.terminal),
		.command = config->notify.command,
		.after_ms = config->notify.after_s * 1000,
	};
}

/* ---- the screen, where it was built in ---- */

#ifdef BELAY_TUI
static bool screen_is_there(void)
{
	const char *term = getenv("TERM");
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

/* --color, then NO_COLOR, the configuration, CLICOLOR_FORCE, and then whether it is a terminal, which it is. */
static bool wants_color(const struct cli *cli, const struct config *config)
{
	const char *flag = cli_get(cli, CLI_COLOR);
	const char *no_color = getenv("NO_COLOR");
	if (flag && strcmp(flag, "auto") != 0)
		return strcmp(flag, "always") == 0;
	if (no_color && *no_color)
		return false;
	return !config || strcmp(config->color, "never") != 0;
}

/* Keys for tests, as app.h has them: belay's own environment, not documented for users. */
static void take_key_script(struct app_options *options)
{
	const char *dump = getenv("BELAY_TEST_DUMP_FD");
	options->keys = getenv("BELAY_TEST_KEYS");
	options->dump_fd = dump ? atoi(dump) : -1;
}

struct showing {
	struct feed *feed;
	const struct app_options *options;
	struct err *err;
};

static int show(void *arg)
{
	const struct showing *showing = arg;
	return app_run(showing->feed, showing->options, showing->err);
}

static int run_screen(const struct verb_front *front, const struct cli *cli, struct feed *feed, struct err *err)
{
	const struct config *config = front->config;
	struct keymap *keymap = NULL;
	struct diags diags = { 0 };
	if (config && verb_keymap(&keymap, config, &diags) != 0) {
		verb_say_diags(&diags);
		diags_release(&diags);
	}
	struct notify_options notify = notify_options_of(config);
	struct app_options options = {
		.notify = &notify,
		.in_fd = STDIN_FILENO,
		.out_fd = STDOUT_FILENO,
		.signal_fd = -1,
		.n_workers = front->n_workers,
		.usd_limit = front->usd_limit,
		.keymap = keymap,
		.color = wants_color(cli, config),
		.unicode_native = config && strcmp(config->unicode, "native") == 0,
	};
	take_key_script(&options);
	struct showing showing = { feed, &options, err };
	int code = APP_NO_SCREEN;
	if (!getenv("BELAY_TEST_UI_GUARD"))
		code = show(&showing);
	else if (ui_guard_run(show, &showing, &code, err) != 0)
		code = APP_NO_SCREEN;
	keymap_free(keymap);
	return code;
}
#else
static bool screen_is_there(void)
{
	return false;
}

static int run_screen(const struct verb_front *front, const struct cli *cli, struct feed *feed, struct err *err)
{
	(void)front;
	(void)cli;
	(void)feed;
	err_set(err, ERR_UNSUPPORTED, "this build has no terminal UI");
	return APP_NO_SCREEN;
}
#endif

/* ---- which ---- */

int verb_front_choose(struct verb_front *front, const struct cli *cli, struct err *err)
{
	bool json = cli_has(cli, CLI_JSON);
	bool plain = cli_has(cli, CLI_PLAIN);
	int64_t fd;
	*front = (struct verb_front){ .kind = FRONT_PLAIN, .quiet = cli_has(cli, CLI_QUIET) };
	if (json && plain)
		return err_set(err, ERR_USAGE, "'--json' and '--plain' exclude each other");
	if (cli_has(cli, CLI_APPROVE_FROM) && !json)
		return err_set(err, ERR_USAGE, "'--approve-from' goes with '--json'");
	if (cli_get_int(cli, CLI_APPROVE_FROM, 0, FD_MAX, -1, &fd, err) != 0)
		return -1;
	if (fd >= 0 && fcntl((int)fd, F_GETFD) < 0)
		return err_set(err, ERR_USAGE, "'--approve-from %d': that descriptor is not open", (int)fd);
	front->approve_fd = (int)fd;
	if (json)
		front->kind = FRONT_JSON;
	else if (!plain && screen_is_there())
		front->kind = FRONT_SCREEN;
	switch (front->kind) {
	case FRONT_SCREEN:
		front->can_ask = true;
		break;
	case FRONT_PLAIN:
		front->can_ask = isatty(STDIN_FILENO);
		break;
	case FRONT_JSON:
		front->can_ask = fd >= 0;
		break;
	}
	return 0;
}

/* ---- giving ---- */

static int run_lines(const struct verb_front *front, struct feed *feed, struct err *err)
{
	int code;
	int signal_fd = verb_signals_read(err);
	if (signal_fd < 0)
		return -1;
	if (front->kind == FRONT_JSON) {
		struct json_out_options options = {
			.out_fd = STDOUT_FILENO, .approve_fd = front->approve_fd, .signal_fd = signal_fd,
			.replay = front->replay,
		};
		code = json_out_run(feed, &options);
	} else {
		struct notify_options notify = notify_options_of(front->config);
		struct plain_options options = {
			.notify = &notify,
			.out_fd = STDOUT_FILENO, .err_fd = STDERR_FILENO, .in_fd = STDIN_FILENO, .signal_fd = signal_fd,
			.interactive = front->can_ask, .quiet = front->quiet, .replay = front->replay,
		};
		code = plain_run(feed, &options);
	}
	close(signal_fd);
	return code;
}

int verb_front_run(const struct verb_front *front, const struct cli *cli, struct feed *feed, struct err *err)
{
	if (front->kind == FRONT_SCREEN) {
		int code = run_screen(front, cli, feed, err);
		if (code != APP_NO_SCREEN)
			return code;
		verb_say("%s; plain lines instead", err->msg);
		err_clear(err);
	}
	return run_lines(front, feed, err);
}
