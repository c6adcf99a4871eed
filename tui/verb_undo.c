/* undo and redo: chosen, previewed, done as a run of its own. */
#include "io/reserve.h"
#include "io/runs.h"
#include "run/recover.h"
#include "run/undo.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct printer {
	struct json_lines lines;
	bool json, quiet;
	bool ended; /* the result was printed */
};

static void print_event(void *arg, const struct event *event)
{
	struct printer *printer = arg;
	printer->ended = event->kind == EVENT_RUN_FINISHED;
	if (printer->json)
		json_lines_event(&printer->lines, event, printer->ended ? "result" : NULL);
	else if (event->kind == EVENT_CONFLICT)
		verb_say("left as it is: '%s' changed since", event->path);
}

static const char *fate_of(const struct land_item *item)
{
	if (item->fate == LAND_CONFLICT)
		return "keep";
	if (item->fate == LAND_NOTHING)
		return "same";
	return item->target.kind == IMAGE_ABSENT ? "delete" : item->now.kind == IMAGE_ABSENT ? "create" : "restore";
}

static void preview(struct printer *printer, const struct undo *undo)
{
	for (size_t i = 0; i < undo->plan.n_items; i++) {
		const struct land_item *item = &undo->plan.item[i];
		if (!printer->json) {
			verb_print("%-8s %s%s\n", fate_of(item), item->path,
			           item->fate == LAND_CONFLICT ? "  (changed since)" : "");
			continue;
		}
		json_lines_begin(&printer->lines, "preview");
		json_key(&printer->lines.w, "path");
		json_put_bytes(&printer->lines.w, item->path, strlen(item->path));
		json_key(&printer->lines.w, "would");
		json_put_cstr(&printer->lines.w, fate_of(item));
		json_lines_end(&printer->lines);
	}
}

static void summarise(const struct undo *undo, const char *run)
{
	size_t n = 0;
	for (size_t i = 0; i < undo->plan.n_items; i++)
		n += undo->plan.item[i].fate == LAND_RESTORE;
	for (size_t i = 0; i < undo->steps.n_items; i++)
		verb_say("%s %s", undo->redo ? "put again:" : "rolled back:", undo->steps.item[i]);
	verb_say("%zu file%s changed; run %s%s%s", n, n == 1 ? "" : "s", run, undo->redo ? "" : "; to put it again: belay redo ",
	         undo->redo ? "" : run);
}

/* Nothing to do, or only to be shown: the new run is not needed. */
static int end_early(struct printer *printer, const struct undo *undo, const struct cli *cli)
{
	if (!undo->steps.n_items && !printer->quiet)
		verb_say("there is nothing to %s", undo->redo ? "put again" : "take back");
	else if (cli_has(cli, CLI_PREVIEW))
		preview(printer, undo);
	if (printer->json)
		json_lines_result(&printer->lines, EXIT_DONE);
	return EXIT_DONE;
}

static int carry_out(struct printer *printer, struct undo *undo, const char *root, const char *run, const char *dir)
{
	struct err err = { 0 };
	struct undo_target target = { .root = root, .run = run, .dir = dir, .tell = print_event, .arg = printer };
	printer->lines.run = run;
	int code = undo_carry_out(undo, &target, &err);
	if (err.code != ERR_NONE) {
		verb_say_error(&err);
		verb_say("the rollback is not complete: look at the files named above");
	} else if (!printer->quiet) {
		summarise(undo, run);
	}
	if (code == EXIT_INCOMPLETE && err.code == ERR_NONE)
		verb_say("%zu file%s changed since and left alone", undo->plan.n_conflicts,
		         undo->plan.n_conflicts == 1 ? " was" : "s were");
	if (printer->json && !printer->ended)
		json_lines_result(&printer->lines, code);
	buf_release(&printer->lines.line);
	return code;
}

static void say_recovered(const struct recover_report *report)
{
	if (report->err.code != ERR_NONE)
		verb_say_error(&report->err);
	if (report->n_conflicts)
		verb_say("after a crash, %zu file%s left as found: they are neither as before nor as after a step",
		         report->n_conflicts, report->n_conflicts == 1 ? " was" : "s were");
}

/* With the lock held. */
static int work(const struct cli *cli, const char *root, const char *run, const char *dir, bool redo)
{
	struct printer printer = { .json = cli_has(cli, CLI_JSON), .quiet = cli_has(cli, CLI_QUIET) };
	struct undo_request request = { .run = cli->n_args ? cli->arg[0] : NULL, .step = cli_get(cli, CLI_STEP),
		                        .all = cli_has(cli, CLI_ALL), .redo = redo };
	struct recover_report report;
	struct run_list runs;
	struct undo undo = { 0 };
	struct err err = { 0 };
	if (runs_list(root, &runs, &err) != 0)
		return verb_fail(cli, &err);
	recover_tree(&runs, root, NULL, &report);
	say_recovered(&report);
	int code;
	if (undo_prepare(&undo, &runs, root, &request, &err) != 0)
		code = verb_fail(cli, &err);
	else if (!undo.steps.n_items || cli_has(cli, CLI_PREVIEW))
		code = end_early(&printer, &undo, cli);
	else
		code = carry_out(&printer, &undo, root, run, dir);
	if (code == EXIT_DONE && (report.n_conflicts || report.err.code != ERR_NONE))
		code = EXIT_INCOMPLETE;
	undo_release(&undo);
	run_list_release(&runs);
	return code;
}

/* A run of its own, and the tree for it alone. */
static int begin(const char *root, char **run, char **dir, struct tree_lock **lock, struct err *err)
{
	*dir = NULL;
	if (runs_create(root, run, dir, err) != 0)
		return -1;
	if (tree_lock_take(lock, root, *run, NULL, err) == 0)
		return 0;
	(void)rmdir(*dir); /* it is empty */
	free(*run);
	free(*dir);
	return -1;
}

/* On a full disk what was reserved for this is used, and reserved again once there is room. */
static int begin_always(const char *root, char **run, char **dir, struct tree_lock **lock, struct err *err)
{
	reserve_yield(root, false);
	if (begin(root, run, dir, lock, err) == 0)
		return 0;
	return err->code == ERR_NO_SPACE && reserve_yield(root, true) ? begin(root, run, dir, lock, err) : -1;
}

static int undo_or_redo(const struct cli *cli, bool redo)
{
	struct tree_lock *lock;
	struct err err = { 0 };
	char *root, *run, *dir;
	verb_signals_block();
	if (cli_has(cli, CLI_STEP) && cli_has(cli, CLI_ALL)) {
		err_set(&err, ERR_USAGE, "'--step' and '--all' exclude each other");
		return verb_fail(cli, &err);
	}
	if (verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	if (begin_always(root, &run, &dir, &lock, &err) != 0) {
		free(root);
		return verb_fail(cli, &err);
	}
	int code = work(cli, root, run, dir, redo);
	if (reserve_keep(root, &err) != 0)
		verb_say_error(&err);
	tree_lock_release(lock);
	(void)rmdir(dir); /* only when nothing was done: it is empty then */
	free(root);
	free(run);
	free(dir);
	return code;
}

int verb_undo(const struct cli *cli)
{
	return undo_or_redo(cli, false);
}

int verb_redo(const struct cli *cli)
{
	return undo_or_redo(cli, true);
}
