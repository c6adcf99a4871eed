/*
 * The verbs, one row each: main.c makes of it what is dispatched, the manual page what is printed. Included after
 * tui/cli.h. A word in capitals among the arguments says what stands there: PLAN, RUN, FILE, SHELL, TEXT ...
 */
#ifndef BELAY_TUI_VERB_LIST_H
#define BELAY_TUI_VERB_LIST_H

#define VERB_OPTIONS(...) (const enum cli_option[]){ __VA_ARGS__, CLI_NONE }

/* X(name, arguments, summary, least and most arguments, options, options that a later version will have) */
#define VERB_LIST(X)                                                                                                \
	X(run, "PLAN", "runs a plan", 1, 1,                                                                         \
	  VERB_OPTIONS(CLI_VAR, CLI_WORKERS, CLI_YES, CLI_FROM, CLI_UNTIL, CLI_ONLY, CLI_MODEL, CLI_BREAK_CYCLES,   \
	               CLI_PLAIN, CLI_JSON, CLI_APPROVE_FROM, CLI_TRUST, CLI_CACHE, CLI_DRY_RUN, CLI_RECORD,          \
	               CLI_REPLAY, CLI_TRACE), NULL)                                                                \
	X(apply, "[RUN]", "lands what a dry run proposed", 0, 1,                                                    \
	  VERB_OPTIONS(CLI_WORKERS, CLI_YES, CLI_MODEL, CLI_PLAIN, CLI_JSON, CLI_APPROVE_FROM, CLI_TRUST,           \
	               CLI_CACHE, CLI_TRACE), NULL)                                                                 \
	X(check, "PLAN...", "says all that is wrong with plans", 1, SIZE_MAX,                                       \
	  VERB_OPTIONS(CLI_VAR, CLI_JSON, CLI_OUTPUT), NULL)                                                        \
	X(show, "PLAN|RUN", "the tree of steps", 1, 1, VERB_OPTIONS(CLI_CONTEXT, CLI_VAR, CLI_MODEL,           \
	  CLI_TRUST, CLI_JSON), NULL)                                                                                \
	X(draft, "GOAL", "has a model draft a plan, which is checked, seen and saved, never run", 1, 1,             \
	  VERB_OPTIONS(CLI_SAVE, CLI_MODEL, CLI_CACHE, CLI_REPLAY, CLI_TRUST, CLI_JSON), NULL)                      \
	X(runs, "", "past runs, newest first", 0, 0, VERB_OPTIONS(CLI_JSON), NULL)                                  \
	X(log, "[RUN]", "a run's events, one a line", 0, 1, VERB_OPTIONS(CLI_ERRORS, CLI_STATS, CLI_NOTES,           \
	  CLI_TRACE, CLI_JSON, CLI_OUTPUT), NULL)                                                                    \
	X(replay, "[RUN|FILE]", "a recorded run in the same panes, read-only", 0, 1,                                \
	  VERB_OPTIONS(CLI_PLAIN, CLI_JSON, CLI_FOLLOW), NULL)                                              \
	X(undo, "[RUN]", "rolls back the last step landed", 0, 1,                                                   \
	  VERB_OPTIONS(CLI_STEP, CLI_ALL, CLI_FILE, CLI_CASCADE, CLI_CONFLICTS, CLI_PREVIEW, CLI_YES, CLI_JSON),    \
	  NULL)                                                                                                     \
	X(redo, "[RUN]", "takes the last undo back", 0, 1,                                                          \
	  VERB_OPTIONS(CLI_STEP, CLI_CONFLICTS, CLI_PREVIEW, CLI_YES, CLI_JSON), NULL)                              \
	X(resume, "[RUN]", "goes on after a crash, a stop or a failure", 0, 1,                                      \
	  VERB_OPTIONS(CLI_WORKERS, CLI_YES, CLI_MODEL, CLI_PLAIN, CLI_JSON, CLI_APPROVE_FROM, CLI_TRUST,           \
	               CLI_CACHE, CLI_TRACE), NULL)                                                                 \
	X(take, "[FILE]", "lands an answer copied from any chat", 0, 1,                                             \
	  VERB_OPTIONS(CLI_YES, CLI_PLAIN, CLI_JSON, CLI_APPROVE_FROM), NULL)                                       \
	X(export, "[RUN]", "a run in another form, from its record alone", 0, 1, VERB_OPTIONS(CLI_FORM, CLI_STEP,   \
	  CLI_JSON),                                                                                                \
	  NULL)                                                                                                     \
	X(note, "RUN [TEXT...]", "keeps a note, or a thumb up or down, beside a run", 1, SIZE_MAX,                  \
	  VERB_OPTIONS(CLI_STEP, CLI_UP, CLI_DOWN, CLI_JSON), NULL)                                                 \
	X(report, "[RUN|FILE...]", "many runs as one: by id, or files of events (run --json, journals)", 0, SIZE_MAX, \
	  VERB_OPTIONS(CLI_JSON), NULL)                                                                             \
	X(trust, "PLAN", "lets a plan that somebody else wrote run as it is now", 1, 1,                             \
	  VERB_OPTIONS(CLI_VAR, CLI_JSON), NULL)                                                                    \
	X(verify, "[RUN]", "checks a run's journal, and executes the run again in a scratch copy", 0, 1,            \
	  VERB_OPTIONS(CLI_JSON), NULL)                                                                             \
	X(gc, "", "removes old runs", 0, 0, VERB_OPTIONS(CLI_KEEP_DAYS, CLI_KEEP_MIB, CLI_JSON), NULL)              \
	X(doctor, "", "terminal, repository, providers, sandbox: what works", 0, 0, VERB_OPTIONS(CLI_JSON), NULL)   \
	X(config, "", "the configuration in force", 0, 0, VERB_OPTIONS(CLI_JSON, CLI_SHOW_ORIGIN), NULL)               \
	X(schema, "", "the plan format as JSON Schema", 0, 0, VERB_OPTIONS(CLI_JSON), NULL)                         \
	X(init, "[PLAN]", "makes a plan to start from, and never replaces one", 0, 1, VERB_OPTIONS(CLI_JSON), NULL) \
	X(completion, "bash|zsh|fish", "a script for the shell, which completes what can be typed", 1, SIZE_MAX,    \
	  NULL, NULL)

/* X(name): refused by name. */
#define VERB_LIST_LATER(X)

#endif
