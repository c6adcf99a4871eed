/* undo and redo: chosen, previewed, done as a run of its own. */
#include "base/path.h"
#include "base/xalloc.h"
#include "edit/textdiff.h"
#include "io/reserve.h"
#include "io/runs.h"
#include "run/recover.h"
#include "run/undo.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTEXT_LINES 3

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
	else if (event->kind == EVENT_CONFLICT && strcmp(event->answer, "kept") == 0)
		verb_say("left as it is: '%s' changed since", event->path);
	else if (event->kind == EVENT_CONFLICT)
		verb_say("%s: '%s' changed since", event->answer, event->path);
}

static const char *fate_of(const struct land_item *item)
{
	switch (item->fate) {
	case LAND_CONFLICT: return "keep";
	case LAND_NOTHING: return "same";
	case LAND_MERGE: return "merge";
	case LAND_OVERRIDE: return "override";
	case LAND_BESIDE: return "beside";
	case LAND_RESTORE: break;
	}
	return item->target.kind == IMAGE_ABSENT ? "delete" : item->now.kind == IMAGE_ABSENT ? "create" : "restore";
}

/* What a merge would make of the text that is there. */
static void merge_diff(const struct land_item *item, struct buf *out)
{
	struct changeset set = { 0 };
	struct change *change = changeset_add(&set, item->path);
	image_copy(&change->before, &item->now);
	image_copy(&change->after, &item->target);
	changeset_format_patch(out, &set, CONTEXT_LINES);
	changeset_release(&set);
}

static void preview_item(struct printer *printer, const struct land_item *item)
{
	struct json_writer *w = &printer->lines.w;
	struct buf diff = { 0 };
	if (item->fate == LAND_MERGE)
		merge_diff(item, &diff);
	if (printer->json) {
		json_lines_begin(&printer->lines, "preview");
		json_key(w, "path");
		json_put_bytes(w, item->path, strlen(item->path));
		json_key(w, "would");
		json_put_cstr(w, fate_of(item));
		if (diff.len) {
			json_key(w, "patch");
			json_put_bytes(w, buf_str(&diff), diff.len);
		}
		json_lines_end(&printer->lines);
	} else {
		bool changed = item->fate != LAND_RESTORE && item->fate != LAND_NOTHING;
		verb_print("%-8s %s%s\n", fate_of(item), item->path, changed ? "  (changed since)" : "");
		if (diff.len)
			verb_print("%s", buf_str(&diff));
	}
	buf_release(&diff);
}

static void preview_later(struct printer *printer, const struct undo *undo)
{
	struct json_writer *w = &printer->lines.w;
	for (size_t i = 0; i < undo->n_later; i++) {
		const struct undo_later *later = &undo->later[i];
		if (!printer->json) {
			verb_say("step '%s' came later and %s%s%s", later->step, later->path ? "changed '" : "builds on it",
			         later->path ? later->path : "", later->path ? "', too" : "");
			continue;
		}
		json_lines_begin(&printer->lines, "later");
		json_key(w, "step");
		json_put_cstr(w, later->step);
		if (later->path) {
			json_key(w, "path");
			json_put_bytes(w, later->path, strlen(later->path));
		}
		json_lines_end(&printer->lines);
	}
}

static void preview(struct printer *printer, const struct undo *undo)
{
	for (size_t i = 0; i < undo->plan.n_items; i++)
		preview_item(printer, &undo->plan.item[i]);
}

/* A merge is shown before it lands, whether somebody is there to be asked or not. */
static size_t show_merges(struct printer *printer, const struct undo *undo)
{
	size_t n = 0;
	for (size_t i = 0; i < undo->plan.n_items; i++) {
		if (undo->plan.item[i].fate != LAND_MERGE && undo->plan.item[i].fate != LAND_OVERRIDE)
			continue;
		n++;
		preview_item(printer, &undo->plan.item[i]);
	}
	return n;
}

static void say_not_covered(const struct undo *undo)
{
	struct strings list = { 0 };
	undo_not_covered(undo, &list);
	for (size_t i = 0; i < list.n_items; i++)
		verb_say("not brought back: %s", list.item[i]);
	strings_release(&list);
}

static void summarise(const struct undo *undo, const char *run)
{
	size_t n = 0;
	for (size_t i = 0; i < undo->plan.n_items; i++)
		n += undo_changes(&undo->plan.item[i]);
	for (size_t i = 0; (n || !undo->plan.n_conflicts) && i < undo->steps.n_items; i++)
		verb_say("%s %s%s", undo->redo ? "put again:" : "rolled back:", undo->steps.item[i],
		         undo->plan.n_conflicts ? ", but for what is named above" : "");
	say_not_covered(undo);
	verb_say("%zu file%s changed; run %s%s%s", n, n == 1 ? "" : "s", run, undo->redo ? "" : "; to put it again: belay redo ",
	         undo->redo ? "" : run);
}

/* Nothing to do, or only to be shown: the new run is not needed. */
static int end_early(struct printer *printer, const struct undo *undo)
{
	if (!undo->found) {
		if (!printer->quiet)
			verb_say("there is nothing to %s", undo->redo ? "put again" : "take back");
	} else {
		preview_later(printer, undo);
		preview(printer, undo);
		if (!printer->json)
			say_not_covered(undo);
	}
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
	if (code == EXIT_INCOMPLETE && err.code == ERR_NONE) {
		verb_say("%zu file%s changed since and left alone", undo->plan.n_conflicts,
		         undo->plan.n_conflicts == 1 ? " was" : "s were");
		verb_say("  '--conflicts=restore' puts them back all the same, '--conflicts=beside' beside them");
	}
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

/* ---- asking ---- */

static bool can_ask(const struct cli *cli)
{
	return !cli_has(cli, CLI_JSON) && !cli_has(cli, CLI_YES) && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static bool ask(const char *question)
{
	char line[16];
	verb_say("%s", question);
	verb_signals_default();
	bool answered = fgets(line, sizeof line, stdin) != NULL;
	verb_signals_block();
	return answered && (strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0);
}

/* The later steps are offered to be taken along; nobody is asked in vain. */
static int prepare(struct printer *printer, const struct cli *cli, struct undo *undo, const struct run_list *runs,
                   struct undo_request *request, struct err *err)
{
	if (undo_prepare(undo, runs, request, err) != 0)
		return -1;
	if (!undo->n_later || cli_has(cli, CLI_PREVIEW))
		return 0;
	preview_later(printer, undo);
	if (!can_ask(cli)) {
		if (!printer->json)
			verb_say("they stay; '--cascade' takes them along");
		return 0;
	}
	if (!ask("take them along? Type 'y' to do so, anything else to leave them:"))
		return 0;
	request->cascade = true;
	undo_release(undo);
	return undo_prepare(undo, runs, request, err);
}

/* With the lock held. */
static int work(const struct cli *cli, const struct undo_target *target, struct undo_request *request)
{
	struct printer printer = { .json = cli_has(cli, CLI_JSON), .quiet = cli_has(cli, CLI_QUIET) };
	struct recover_report report;
	struct run_list runs;
	struct undo undo = { 0 };
	struct err err = { 0 };
	if (runs_list(target->root, &runs, &err) != 0)
		return verb_fail(cli, &err);
	recover_tree(&runs, target->root, NULL, &report);
	say_recovered(&report);
	int code;
	if (prepare(&printer, cli, &undo, &runs, request, &err) != 0)
		code = verb_fail(cli, &err);
	else if (!undo.found || cli_has(cli, CLI_PREVIEW))
		code = end_early(&printer, &undo);
	else if (show_merges(&printer, &undo) && can_ask(cli) &&
	         !ask("the files above changed since. Type 'y' to change them so, anything else to do nothing:"))
		code = EXIT_DECLINED;
	else
		code = carry_out(&printer, &undo, target->root, target->run, target->dir);
	if (code == EXIT_DONE && (report.n_conflicts || report.err.code != ERR_NONE))
		code = EXIT_INCOMPLETE;
	undo_release(&undo);
	run_list_release(&runs);
	return code;
}

/* ---- what is asked for ---- */

/* A path as the user's shell has it, from the root of the tree. */
static int from_root(const char *root, const char *path, char **out, struct err *err)
{
	struct buf text = { 0 };
	char *here = getcwd(NULL, 0);
	char *whole = NULL;
	if (*path == '/')
		buf_add_str(&text, path);
	else
		buf_printf(&text, "%s/%s", here ? here : root, path);
	int rc = path_normalise(buf_str(&text) + 1, &whole, err);
	if (rc == 0 && !(strncmp(whole, root + 1, strlen(root) - 1) == 0 && whole[strlen(root) - 1] == '/'))
		rc = err_set(err, ERR_USAGE, "'%s' is not a path in '%s'", path, root);
	*out = rc == 0 ? xstrdup(whole + strlen(root)) : NULL;
	free(whole);
	free(here);
	buf_release(&text);
	return rc;
}

static int take_answer(const struct cli *cli, enum land_answer *out, struct err *err)
{
	static const char *const name[] = { [LAND_KEEP] = "keep", [LAND_PUT_BACK] = "restore", [LAND_PUT_BESIDE] = "beside" };
	const char *how = cli_get(cli, CLI_CONFLICTS);
	*out = LAND_KEEP;
	if (!how)
		return 0;
	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		if (strcmp(how, name[i]) == 0) {
			*out = (enum land_answer)i;
			return 0;
		}
	return err_set(err, ERR_USAGE, "'--conflicts' is keep, restore or beside, not '%.40s'", how);
}

static int take_request(struct undo_request *request, const struct cli *cli, const char *root, char **file, struct err *err)
{
	*request = (struct undo_request){ .root = root, .run = cli->n_args ? cli->arg[0] : NULL,
		                          .step = cli_get(cli, CLI_STEP), .all = cli_has(cli, CLI_ALL),
		                          .cascade = cli_has(cli, CLI_CASCADE) };
	if (request->step && request->all)
		return err_set(err, ERR_USAGE, "'--step' and '--all' exclude each other");
	if (request->cascade && !request->step)
		return err_set(err, ERR_USAGE, "'--cascade' goes with '--step'");
	if (take_answer(cli, &request->answer, err) != 0)
		return -1;
	if (!cli_has(cli, CLI_FILE))
		return 0;
	int rc = from_root(root, cli_get(cli, CLI_FILE), file, err);
	request->file = *file;
	return rc;
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

static int with_lock(const struct cli *cli, struct undo_request *request)
{
	struct tree_lock *lock;
	struct err err = { 0 };
	char *run, *dir;
	if (begin_always(request->root, &run, &dir, &lock, &err) != 0)
		return verb_fail(cli, &err);
	const struct undo_target target = { .root = request->root, .run = run, .dir = dir };
	int code = work(cli, &target, request);
	if (reserve_keep(request->root, &err) != 0)
		verb_say_error(&err);
	tree_lock_release(lock);
	(void)rmdir(dir); /* only when nothing was done: it is empty then */
	free(run);
	free(dir);
	return code;
}

static int undo_or_redo(const struct cli *cli, bool redo)
{
	struct undo_request request;
	struct err err = { 0 };
	char *root = NULL;
	char *file = NULL;
	int code;
	verb_signals_block();
	if (verb_root(&root, &err) != 0 || take_request(&request, cli, root, &file, &err) != 0) {
		code = verb_fail(cli, &err);
	} else {
		request.redo = redo;
		code = with_lock(cli, &request);
	}
	free(file);
	free(root);
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
