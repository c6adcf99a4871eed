/* What a person says of a run, kept beside its journal. */
#include "base/clock.h"
#include "base/xalloc.h"
#include "event/run_model.h"
#include "io/journal_read.h"
#include "io/notes.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>

struct search {
	const char *step;
	bool found;
};

static int look_for_step(void *arg, const struct event *event, struct err *err)
{
	struct search *search = arg;
	(void)err;
	if (event->kind == EVENT_STEP_DECLARED && event->step && strcmp(event->step, search->step) == 0)
		search->found = true;
	return 0;
}

static int check_step(const struct run_info *run, const char *step, struct err *err)
{
	struct search search = { .step = step };
	if (!step)
		return 0;
	if (journal_each(run->dir, look_for_step, &search, err) != 0)
		return -1;
	if (search.found)
		return 0;
	err_set(err, ERR_NOT_FOUND, "the run '%s' has no step '%.60s'", run->id, step);
	return err_hint(err, "'belay show %s' lists them", run->id);
}

static void take_text(const struct cli *cli, struct buf *out)
{
	for (size_t i = 1; i < cli->n_args; i++)
		buf_printf(out, "%s%s", i > 1 ? " " : "", cli->arg[i]);
}

static int take_note(const struct cli *cli, struct note *note, struct buf *text, struct err *err)
{
	take_text(cli, text);
	if (cli_has(cli, CLI_UP) && cli_has(cli, CLI_DOWN))
		return err_set(err, ERR_USAGE, "'--up' and '--down' exclude each other");
	*note = (struct note){ .at_ms = clock_wall_ms(), .step = (char *)cli_get(cli, CLI_STEP),
		               .thumb = cli_has(cli, CLI_UP) - cli_has(cli, CLI_DOWN), .text = (char *)buf_str(text) };
	if (!text->len && !note->thumb) {
		err_set(err, ERR_USAGE, "the note is empty");
		return err_hint(err, "usage: belay note RUN TEXT, or --up or --down");
	}
	return 0;
}

int verb_note(const struct cli *cli)
{
	struct buf text = { 0 };
	struct run_info run;
	struct note note;
	struct err err = { 0 };
	char *root;
	verb_signals_block();
	if (take_note(cli, &note, &text, &err) != 0 || verb_root(&root, &err) != 0) {
		buf_release(&text);
		return verb_fail(cli, &err);
	}
	int rc = verb_find_run(cli, root, &run, &err);
	free(root);
	if (rc == 0) {
		rc = check_step(&run, note.step, &err);
		if (rc == 0)
			rc = notes_add(run.dir, &note, &err);
		run_info_release(&run);
	}
	buf_release(&text);
	if (rc != 0)
		return verb_fail(cli, &err);
	if (cli_has(cli, CLI_JSON)) {
		struct json_lines lines = { 0 };
		json_lines_result(&lines, EXIT_DONE);
	}
	return EXIT_DONE;
}
