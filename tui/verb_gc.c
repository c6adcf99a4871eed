/* gc: old runs go. The sweep at the start of each run is the same with a bound. */
#include "io/runs_gc.h"
#include "run/recover.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

#include <inttypes.h>
#include <stdlib.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define MIB ((int64_t)1024 * 1024)

static void tell(const struct cli *cli, const struct gc_report *report, int code)
{
	struct json_lines lines = { 0 };
	if (!cli_has(cli, CLI_JSON)) {
		for (size_t i = 0; i < report->removed.n_items; i++)
			verb_print("%s\n", report->removed.item[i]);
		if (!cli_has(cli, CLI_QUIET))
			verb_say("%zu run%s removed, %.1f MiB; %zu kept, %.1f MiB", report->removed.n_items,
			         report->removed.n_items == 1 ? "" : "s", (double)report->bytes_removed / (double)MIB,
			         report->n_kept, (double)report->bytes_kept / (double)MIB);
		return;
	}
	json_lines_begin(&lines, "removed");
	json_key(&lines.w, "runs");
	json_begin_array(&lines.w);
	for (size_t i = 0; i < report->removed.n_items; i++)
		json_put_cstr(&lines.w, report->removed.item[i]);
	json_end_array(&lines.w);
	json_key(&lines.w, "bytes");
	json_put_int(&lines.w, report->bytes_removed);
	json_key(&lines.w, "bytes_kept");
	json_put_int(&lines.w, report->bytes_kept);
	json_lines_end(&lines);
	json_lines_result(&lines, code);
}

/* A run that a crash cut off is put right first; what cannot be put right keeps its images. */
static int sweep(const char *root, const struct gc_caps *caps, struct gc_report *report, struct err *err)
{
	struct recover_report recovered;
	struct tree_lock *lock;
	struct run_list runs;
	if (tree_lock_take(&lock, root, "gc", NULL, err) != 0)
		return -1;
	int rc = runs_list(root, &runs, err);
	if (rc == 0) {
		recover_tree(&runs, root, NULL, &recovered);
		if (recovered.err.code != ERR_NONE) {
			*err = recovered.err;
			rc = -1;
		} else {
			rc = runs_gc(&runs, caps, NULL, report, err);
		}
		run_list_release(&runs);
	}
	tree_lock_release(lock);
	return rc;
}

int verb_gc(const struct cli *cli)
{
	struct gc_report report = { 0 };
	struct err err = { 0 };
	int64_t days;
	int64_t mib;
	char *root = NULL;
	int code = EXIT_DONE;
	verb_signals_block();
	if (cli_get_int(cli, CLI_KEEP_DAYS, 0, 36500, GC_AGE_MS / DAY_MS, &days, &err) != 0 ||
	    cli_get_int(cli, CLI_KEEP_MIB, 0, INT64_MAX / MIB, GC_BYTES / MIB, &mib, &err) != 0 || verb_root(&root, &err) != 0)
		return verb_fail(cli, &err);
	const struct gc_caps caps = { .age_ms = days * DAY_MS, .bytes = mib * MIB };
	if (sweep(root, &caps, &report, &err) == 0)
		tell(cli, &report, code);
	else
		code = verb_fail(cli, &err);
	gc_report_release(&report);
	free(root);
	return code;
}
