/*
 * What happened. An event is a fact in the past tense, true for ever. The tables below make the codec
 * (event_json.h), the manual page belay-journal(5) and the list of kinds; the fold is run_model.h.
 *
 * A struct event is a view: every pointer in it is borrowed. Which fields a kind has is in its row; the
 * others are zero. event_clone makes one allocation that owns everything, for queues.
 */
#ifndef BELAY_EVENT_EVENT_H
#define BELAY_EVENT_EVENT_H

#include "base/attr.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * X(ID, wire name, type, member). The type says how the member is stored and written:
 * STR const char *, INT int64_t, REAL double, BOOL bool, TEXT struct event_text,
 * LIST struct event_list, FILES struct event_files, STATES struct event_states, FILE_MAP the member
 * `files` as {path: change}, EVIDENCE members `exit_code` and `files` as {"exit","files":[{path, change,
 * hash}]}, DIAGS struct event_diags. STR and TEXT that are NULL and empty LISTs are left out; INT, REAL and
 * BOOL are always written, and absent ones are read as 0.
 */
#define EVENT_FIELDS(X)                                                                                 \
	X(PLAN, "plan", STR, plan)                                                                      \
	X(PLAN_HASH, "plan_hash", STR, plan_hash)                                                       \
	X(ROOT, "root", STR, root)                                                                      \
	X(HEAD, "head", STR, head)                                                                      \
	X(BUILD, "version", STR, version)                                                             \
	X(MODE, "mode", STR, mode)                                                                      \
	X(FROM, "from", STR, from)                                                                      \
	X(TO, "to", STR, to)                                                                            \
	X(AT, "at", INT, at)                                                                            \
	X(VERB, "verb", STR, verb)                                                                      \
	X(TITLE, "title", STR, title)                                                                   \
	X(PARENT, "parent", STR, parent)                                                                \
	X(VALUE, "value", STR, value)                                                                   \
	X(NEEDS, "needs", LIST, needs)                                                                  \
	X(RISK, "risk", STR, risk)                                                                      \
	X(REASON, "reason", STR, reason)                                                                \
	X(PATH, "path", STR, path)                                                                      \
	X(BYTES, "bytes", INT, bytes)                                                                   \
	X(HASH, "hash", STR, hash)                                                                      \
	X(PROVIDER, "provider", STR, provider)                                                          \
	X(MODEL, "model", STR, model)                                                                   \
	X(ORIGIN, "origin", STR, origin)                                                                \
	X(FORMAT, "format", STR, format)                                                                \
	X(TOKENS_ESTIMATED, "tokens_estimated", INT, tokens_estimated)                                  \
	X(PROMPT, "prompt", TEXT, text)                                                                 \
	X(CACHED, "cached", BOOL, cached)                                                               \
	X(PHASE, "phase", STR, phase)                                                                   \
	X(LIMIT_MS, "limit_ms", INT, limit_ms)                                                          \
	X(TRY, "try", INT, try_no)                                                                      \
	X(TRIES, "tries", INT, tries)                                                                   \
	X(STREAM, "stream", STR, stream)                                                                \
	X(TEXT, "text", TEXT, text)                                                                     \
	X(TOKENS_IN, "in", INT, tokens_in)                                                              \
	X(TOKENS_OUT, "out", INT, tokens_out)                                                           \
	X(TOKENS_CACHED, "cached", INT, tokens_cached)                                                  \
	X(TOKENS_REASONING, "reasoning", INT, tokens_reasoning)                                         \
	X(USD, "usd", REAL, usd)                                                                        \
	X(DELAY_MS, "delay_ms", INT, delay_ms)                                                          \
	X(STATUS, "status", INT, status)                                                                \
	X(FILES, "files", FILES, files)                                                                 \
	X(INPUTS, "inputs", STR, inputs)                                                                \
	X(PATCH, "patch", TEXT, text)                                                                   \
	X(ACCEPTED, "accepted", INT, accepted)                                                          \
	X(REJECTED, "rejected", INT, rejected)                                                          \
	X(BY, "by", STR, by)                                                                            \
	X(WHAT, "what", STR, what)                                                                      \
	X(WHY, "why", STR, why)                                                                         \
	X(WORD, "word", STR, word)                                                                      \
	X(CWD, "cwd", STR, cwd)                                                                         \
	X(ENV, "env", LIST, env)                                                                        \
	X(REACH, "reach", LIST, reach)                                                                  \
	X(COVERED, "covered", LIST, covered)                                                            \
	X(NOT_COVERED, "not_covered", LIST, not_covered)                                                \
	X(REQUEST, "request", STR, request)                                                             \
	X(SHOWN_MS, "shown_ms", INT, shown_ms)                                                          \
	X(CHECK, "check", STR, check)                                                                   \
	X(EXIT, "exit", INT, exit_code)                                                                 \
	X(DIAGNOSTICS, "diagnostics", DIAGS, diagnostics)                                               \
	X(MS, "ms", INT, ms)                                                                            \
	X(CPU_US, "cpu_us", INT, cpu_us)                                                                \
	X(SYNCS, "syncs", INT, syncs)                                                                   \
	X(STEP_LIST, "steps", LIST, step_list)                                                          \
	X(EXPECTED, "expected", STR, expected)                                                          \
	X(FOUND, "found", STR, found)                                                                   \
	X(ANSWER, "answer", STR, answer)                                                                \
	X(CATEGORY, "category", STR, category)                                                          \
	X(MESSAGE, "message", STR, message)                                                             \
	X(HINT, "hint", STR, hint)                                                                      \
	X(LANDED_BACK, "landed_back", BOOL, landed_back)                                                \
	X(EVIDENCE, "evidence", EVIDENCE, files)                                                        \
	X(STATES, "steps", STATES, states)                                                              \
	X(FILE_MAP, "files", FILE_MAP, files)                                                           \
	X(TOKENS, "tokens", INT, tokens)

/* X(KIND, wire name, help, fields...): the fields in the order in which they are written. */
#define EVENT_KINDS(X)                                                                                  \
	X(RUN_STARTED, "run_started", "a run began", PLAN, PLAN_HASH, ROOT, HEAD, BUILD, MODE, FROM)  \
	X(RUN_RESUMED, "run_resumed", "the run went on after a stop or a crash", AT)                    \
	X(STEP_DECLARED, "step_declared", "a step of the plan, with what it waits for", VERB, TITLE, PARENT, \
	  VALUE, NEEDS, RISK)                                                                                  \
	X(EDGE_CUT, "edge_cut", "a need was dropped to break a cycle", FROM, TO)                        \
	X(STEP_READY, "step_ready", "all that the step needs is done", REASON)                          \
	X(STEP_STARTED, "step_started", "an attempt at the step began", REASON)                         \
	X(STEP_SKIPPED, "step_skipped", "the step will not run", REASON, NOT_COVERED)                                \
	X(FILE_READ, "file_read", "a file was read for the step", PATH, BYTES, HASH)                    \
	X(PROMPT_SENT, "prompt_sent", "a model was asked", PROVIDER, MODEL, ORIGIN, FORMAT, TOKENS_ESTIMATED, \
	  PROMPT, CACHED)                                                                               \
	X(PHASE_CHANGED, "phase_changed", "the step waits for something else now", PHASE, LIMIT_MS, TRY, TRIES) \
	X(OUTPUT, "output", "text came from a model or a command", STREAM, TEXT)                        \
	X(USAGE_COUNTED, "usage_counted", "tokens and cost of one answer", TOKENS_IN, TOKENS_OUT,       \
	  TOKENS_CACHED, TOKENS_REASONING, USD)                                                         \
	X(RETRY_SCHEDULED, "retry_scheduled", "the transport failed and is tried again", DELAY_MS, TRY, TRIES, \
	  REASON, STATUS)                                                                               \
	X(CHANGE_PROPOSED, "change_proposed", "the step knows what it would change", FILES, FORMAT, INPUTS, \
	  PATCH)                                                                                        \
	X(CHANGE_DECIDED, "change_decided", "the proposed change was accepted or cut down", FILES, ACCEPTED, \
	  REJECTED, BY, PATCH)                                                                                 \
	X(APPROVAL_ASKED, "approval_asked", "a risky operation waits for a yes", RISK, WHAT, WHY, WORD, CWD, ENV, \
	  REACH, COVERED, NOT_COVERED, REQUEST)                                                                         \
	X(APPROVAL_GIVEN, "approval_given", "the operation was approved", REQUEST, BY, SHOWN_MS, REASON, \
	  COVERED, NOT_COVERED) \
	X(APPROVAL_REFUSED, "approval_refused", "the operation was declined", REQUEST, BY, SHOWN_MS, REASON) \
	X(CHECK_STARTED, "check_started", "a check began", CHECK)                                       \
	X(CHECK_FINISHED, "check_finished", "a check ended", CHECK, EXIT, DIAGNOSTICS, CACHED, MS)      \
	X(INTENT, "intent", "the tree is about to be changed", FILES, STEP_LIST, REASON)                \
	X(LANDED, "landed", "the tree holds the change", FILES, STEP_LIST, FROM)                        \
	X(TAKEN_BACK, "taken_back", "the tree is as before the change", FILES, STEP_LIST, FROM)         \
	X(CONFLICT, "conflict", "a file was not what it should be", PATH, EXPECTED, FOUND, ANSWER)      \
	X(ROLLBACK_ASKED, "rollback_asked", "an undo or a redo waits for a yes: other things changed since", MODE, PATH, \
	  REACH, COVERED, NOT_COVERED)                                                                  \
	X(PLAN_GROWN, "plan_grown", "a person added a step, as YAML; its declaration follows", BY, TEXT) \
	X(MESSAGE_GIVEN, "message_given", "a person said something to the model, for the step's next attempt", BY, MESSAGE) \
	X(NOTICE, "notice", "something the user should know", CATEGORY, MESSAGE, HINT)                  \
	X(STEP_FAILED, "step_failed", "the step cannot be done", CATEGORY, MESSAGE, HINT, LANDED_BACK,  \
	  NOT_COVERED, CPU_US, SYNCS)                                                                                \
	X(STEP_DONE, "step_done", "the step is done, with its evidence", EVIDENCE, NOT_COVERED, MS, CPU_US, \
	  SYNCS)                  \
	X(RUN_FINISHED, "run_finished", "the run ended", EXIT, STATES, FILE_MAP, COVERED, NOT_COVERED, TOKENS, \
	  USD, MS)

enum event_field {
#define X(id, wire, type, member) EVENT_FIELD_##id,
	EVENT_FIELDS(X)
#undef X
	EVENT_N_FIELDS
};

enum event_kind {
#define X(id, wire, help, ...) EVENT_##id,
	EVENT_KINDS(X)
#undef X
	EVENT_N_KINDS
};

/*
 * A text that may live in the run's store instead of the journal: over 4 KiB the journal holds only its
 * SHA-256 and length, data is NULL, and feed->ops->blob gives the bytes.
 */
struct event_text {
	const char *data; /* NULL: absent, or in the store when blob is not NULL */
	size_t len;       /* bytes */
	const char *blob; /* SHA-256 in hex, or NULL */
};

#define EVENT_TEXT_INLINE_MAX 4096

struct event_list {
	const char *const *item;
	size_t n_items;
};

enum event_change { EVENT_CREATED, EVENT_MODIFIED, EVENT_DELETED, EVENT_RENAMED };

/* One side of a file: {"hash","mode","bytes"} or {"link"} or absent (null). */
struct event_image {
	bool present;
	struct hash hash;
	unsigned mode;     /* permission bits, as in stat(2) */
	int64_t bytes;
	const char *link;  /* target, for a symbolic link */
};

struct event_file {
	const char *path;
	const char *old_path; /* renamed only */
	enum event_change change;
	struct event_image before;
	struct event_image after;
	int64_t added;   /* lines; -1 for binary */
	int64_t removed;
	const char *temp; /* intent only: the temporary file's path, so that recovery knows it as ours */
	const char *folder; /* the topmost folder that was made for the file, or that goes with it; or NULL */
};

struct event_files {
	const struct event_file *file;
	size_t n_files;
};

struct event_state {
	const char *step;
	const char *state;
};

struct event_states {
	const struct event_state *state;
	size_t n_states;
};

struct event_diags {
	const struct diag *diag;
	size_t n_diags;
};

struct event {
	uint64_t seq;  /* 1, 2, 3 ... within a run; 0 before the executor numbered it */
	int64_t at_ms; /* wall clock */
	enum event_kind kind;
	const char *run;
	const char *step; /* id, or NULL */
	int attempt;      /* from 1; 0 where it does not apply */

	const char *plan, *plan_hash, *root, *head, *version, *mode, *from, *to, *verb, *title, *parent, *value, *risk,
		*reason, *path, *hash, *provider, *model, *origin, *format, *phase, *stream, *by, *what, *why,
		*word, *cwd, *request, *inputs, *check, *expected, *found, *answer, *category, *message, *hint;
	int64_t at, bytes, tokens_estimated, limit_ms, try_no, tries, tokens_in, tokens_out, tokens_cached,
		tokens_reasoning, delay_ms, status, accepted, rejected, shown_ms, exit_code, ms, tokens, cpu_us,
		syncs;
	double usd;
	bool cached, landed_back;
	int64_t left_out; /* not in the journal: file_read events just before this one that a seek does not give */
	struct event_text text;
	struct event_list needs, env, reach, covered, not_covered, step_list;
	struct event_files files;
	struct event_states states;
	struct event_diags diagnostics;
};

/* The tables, for the codec and the manual. */
enum event_type { EVENT_TYPE_STR, EVENT_TYPE_INT, EVENT_TYPE_REAL, EVENT_TYPE_BOOL, EVENT_TYPE_TEXT,
	EVENT_TYPE_LIST, EVENT_TYPE_FILES, EVENT_TYPE_STATES, EVENT_TYPE_FILE_MAP, EVENT_TYPE_EVIDENCE,
	EVENT_TYPE_DIAGS };

struct event_field_info {
	const char *wire;
	enum event_type type;
	size_t offset; /* in struct event */
};

struct event_kind_info {
	const char *wire;
	const char *help;
	const unsigned char *field; /* enum event_field, in the order in which they are written */
	size_t n_fields;
};

const struct event_field_info *event_field_info(enum event_field field);
const struct event_kind_info *event_kind_info(enum event_kind kind);
int event_kind_parse(const char *wire); /* enum event_kind, or -1 */
const char *event_change_name(enum event_change change); /* "created" ... */
int event_change_parse(const char *name);               /* or -1 */

/* A deep copy in one allocation; free() ends it. */
struct event *event_clone(const struct event *event);

#endif
