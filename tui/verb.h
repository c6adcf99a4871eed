/*
 * The verbs, one file each (verb_NAME.c), and what they share (verb_common.c, verb_plan.c). A verb prints its data on
 * stdout and prose on stderr, and returns the exit status; the numbers are in belay(1).
 */
#ifndef BELAY_TUI_VERB_H
#define BELAY_TUI_VERB_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "io/runs.h"
#include "plan/dag.h"
#include "plan/plan.h"
#include "tui/cli.h"
#include "tui/findings.h"

#include <stdbool.h>
#include <stdio.h>

enum verb_exit {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_DECLINED = 3,
	EXIT_INCOMPLETE = 5, /* a rollback is */
	EXIT_LIMIT = 6,
	EXIT_UNANSWERED = 7,
	EXIT_CORRUPT = 8,
	EXIT_UNREACHABLE = 75
};

int verb_apply(const struct cli *cli);
int verb_check(const struct cli *cli);
int verb_completion(const struct cli *cli);
int verb_config(const struct cli *cli);
int verb_doctor(const struct cli *cli);
int verb_draft(const struct cli *cli);
int verb_export(const struct cli *cli);
int verb_gc(const struct cli *cli);
int verb_init(const struct cli *cli);
int verb_log(const struct cli *cli);
int verb_note(const struct cli *cli);
int verb_redo(const struct cli *cli);
int verb_replay(const struct cli *cli);
int verb_report(const struct cli *cli);
int verb_resume(const struct cli *cli);
int verb_run(const struct cli *cli);
int verb_runs(const struct cli *cli);
int verb_schema(const struct cli *cli);
int verb_show(const struct cli *cli);
int verb_take(const struct cli *cli);
int verb_trust(const struct cli *cli);
int verb_undo(const struct cli *cli);
int verb_verify(const struct cli *cli);

/* ---- what they share ---- */

/* A line of prose on stderr: sanitised, "belay: " in front. */
void verb_say(const char *fmt, ...) PRINTF_LIKE(1, 2);
void verb_say_error(const struct err *err);      /* message and hint */
void verb_print_error(const struct err *err, bool json, const char *run); /* verb_say_error, and with --json the result */
int verb_exit_of(const struct err *err);

/* Says the error, ends stdout with the result under --json, and returns the exit status. */
int verb_fail(const struct cli *cli, const struct err *err);

void verb_put_clean(FILE *to, const struct buf *text); /* sanitised; line ends and tabs stay */

/* Data on stdout, sanitised when it is a terminal. */
void verb_print(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* From here on what is printed goes through the pager, where stdout is a terminal and --json was not given. */
void verb_page(const struct cli *cli);
bool verb_to_terminal(void); /* stdout is one, or a pager before it */
void verb_page_end(void);    /* closes stdout, and waits for the pager if there is one */

/* The work tree that the verb is about: its root, to be freed. */
int verb_root(char **root, struct err *err) MUST_CHECK;

/* A new file or none: one that is there stays, one that cannot be written whole is removed again. */
int verb_write_new(const char *file, const char *text, size_t n, struct err *err) MUST_CHECK;

/* RUN of the command line, "@" when it is not given. */
int verb_find_run(const struct cli *cli, const char *root, struct run_info *out, struct err *err) MUST_CHECK;

/* A loaded plan with its graph. */
struct verb_plan {
	struct plan *plan;
	struct dag *dag;
	struct dag_edge *cuts; /* edges that were cut */
	size_t n_cuts;
	struct diags diags;
	struct buf text; /* under keep_text */
};

struct verb_plan_request {
	const char *file; /* "-" is stdin */
	const char *name; /* for messages and the journal; NULL: as `file` */
	const char *root;
	struct name_values vars;
	bool break_cycles;
	bool allow_unset; /* variables need no value: the plan will not be run */
	bool keep_text;   /* the file's bytes into verb_plan.text */
};

/* What the command line says of it: the first argument, --var, --break-cycles. Findings go to the plan's diags. */
void verb_plan_request_init(struct verb_plan_request *request, const struct cli *cli, const char *root, const char *file,
                            struct verb_plan *plan);
void verb_plan_request_release(struct verb_plan_request *request);

/* -1 when it cannot be used: diags has the reasons. `out` is zeroed or has diags; release it in every case. */
int verb_plan_load(struct verb_plan *out, const struct verb_plan_request *request) MUST_CHECK;

/* The three in one, for verbs that do not run the plan. */
int verb_plan_open(struct verb_plan *out, const struct cli *cli, const char *root, const char *file) MUST_CHECK;
void verb_plan_release(struct verb_plan *plan);
void verb_say_diags(const struct diags *diags); /* on stderr */

/* The findings of a run's checks, and the steps that failed, in that form, on stdout. Returns the exit status. */
int verb_put_findings(const struct cli *cli, const struct run_info *run, enum findings_form form);

/* The configuration, with -c and, under --trust, the repository's own. Findings are said on stderr. */
struct config;
int verb_load_config(struct config **out, const struct cli *cli, const char *root, struct err *err) MUST_CHECK;

/* The keys of the terminal UI with the configuration's own: to be freed. -1: diags has the reasons; a configuration that
 * verb_load_config gave has none. */
struct keymap;
int verb_keymap(struct keymap **out, const struct config *config, struct diags *diags) MUST_CHECK;

/*
 * What signals do. Held before any thread starts, all of them, since threads inherit that: the screen, or the descriptor
 * that verb_signals_read returns (-1 with *err), reads them. Default: they end the program, as usual. Blocked: they wait
 * until it ends by itself (a rollback is not cut short).
 */
void verb_signals_hold(void);
void verb_signals_default(void);
void verb_signals_block(void);
int verb_signals_read(struct err *err) MUST_CHECK;

#endif
