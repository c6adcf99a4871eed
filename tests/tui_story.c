#include "tests/tui_story.h"

#include <string.h>

#define LOGIN_C "10f1c00000000000000000000000000000000000000000000000000000000001"
#define SESSION_PATCH "5e55100000000000000000000000000000000000000000000000000000000002"

#define AT(n, ms, what) .seq = n, .at_ms = STORY_START_MS + (ms), .run = "7f3a5be1", .kind = EVENT_##what
#define LIST(...)                                                                              \
	{                                                                                      \
		(const char *const[]){ __VA_ARGS__ }, sizeof(const char *[]){ __VA_ARGS__ } / sizeof(char *) \
	}
#define TEXT(s) { s, sizeof s - 1, NULL }
#define FILES(...)                                                                                           \
	{                                                                                                    \
		(const struct event_file[]){ __VA_ARGS__ },                                                  \
			sizeof(struct event_file[]){ __VA_ARGS__ } / sizeof(struct event_file)               \
	}
#define MODIFIED(name, plus, minus)                                                                           \
	{                                                                                                     \
		.path = name, .change = EVENT_MODIFIED, .before.present = true, .after.present = true, .added = plus, \
		.removed = minus                                                                              \
	}
#define DELETED(name, minus)                                                                                  \
	{                                                                                                     \
		.path = name, .change = EVENT_DELETED, .before.present = true, .removed = minus               \
	}
#define MODEL(n, ms, words) { AT(n, ms, OUTPUT), .step = "login", .attempt = 1, .stream = "model", .text = TEXT(words) }

static const char login_c[] = "#include \"auth.h\"\n"
			      "\n"
			      "int login_check(const char *u, const char *pw)\n"
			      "{\n"
			      "\tint rc;\n"
			      "\n"
			      "\tif (!u || !pw)\n"
			      "\t\treturn AUTH_BADARG;\n"
			      "\n"
			      "\t/* legacy path */\n"
			      "\trc = legacy_verify(u, pw);\n"
			      "\tif (rc != AUTH_OK)\n"
			      "\t\tlog_fail(u, rc);\n"
			      "\treturn rc;\n"
			      "}\n";

static const char login_patch[] = "diff --git a/src/auth/login.c b/src/auth/login.c\n"
				  "--- a/src/auth/login.c\n"
				  "+++ b/src/auth/login.c\n"
				  "@@ -7,8 +7,9 @@ int login_check(const char *u, const char *pw)\n"
				  " \tif (!u || !pw)\n"
				  " \t\treturn AUTH_BADARG;\n"
				  " \n"
				  "-\t/* legacy path */\n"
				  "-\trc = legacy_verify(u, pw);\n"
				  "+\trc = token_store_check(ts, u, pw);\n"
				  "+\tif (rc == TS_EXPIRED)\n"
				  "+\t\trc = AUTH_EXPIRED;\n"
				  " \tif (rc != AUTH_OK)\n"
				  " \t\tlog_fail(u, rc);\n"
				  " \treturn rc;\n";

static const char session_patch[] = "diff --git a/src/session.c b/src/session.c\n"
				    "--- a/src/session.c\n"
				    "+++ b/src/session.c\n"
				    "@@ -1,3 +1,4 @@\n"
				    " #include \"session.h\"\n"
				    "+#include \"token_store.h\"\n"
				    " \n"
				    " struct session;\n"
				    "diff --git a/src/session.h b/src/session.h\n"
				    "new file mode 100644\n"
				    "--- /dev/null\n"
				    "+++ b/src/session.h\n"
				    "@@ -0,0 +1 @@\n"
				    "+struct session;\n"
				    "\\ No newline at end of file\n";

const struct event tui_story[] = {
	{ AT(1, 0, RUN_STARTED), .plan = "plans/migrate-auth.yaml", .root = "/home/ada/app", .head = "5be1c07d0a91", .mode = "run" },
	{ AT(2, 1, STEP_DECLARED), .step = "look", .verb = "read", .title = "inventory call sites", .risk = "none" },
	{ AT(3, 1, STEP_DECLARED), .step = "store.head", .parent = "store", .verb = "write", .title = "add TokenStore interface",
	  .needs = LIST("look") },
	{ AT(4, 1, STEP_DECLARED), .step = "store.session", .parent = "store", .verb = "refactor", .title = "port session.c",
	  .needs = LIST("store.head") },
	{ AT(5, 1, STEP_DECLARED), .step = "login", .verb = "refactor", .title = "port login.c", .needs = LIST("store.session") },
	{ AT(6, 1, STEP_DECLARED), .step = "legacy", .verb = "delete", .title = "delete legacy_auth.c",
	  .needs = LIST("store.session") },
	{ AT(7, 1, STEP_DECLARED), .step = "tests", .verb = "refactor", .title = "update tests", .needs = LIST("login", "legacy") },
	{ AT(8, 1, STEP_DECLARED), .step = "prove", .verb = "validate", .title = "make check", .needs = LIST("tests") },
	{ AT(9, 1, STEP_DECLARED), .step = "lint", .verb = "validate", .title = "lint docs", .needs = LIST("look") },
	{ AT(10, 1, STEP_DECLARED), .step = "sum", .verb = "write", .title = "summary", .needs = LIST("prove") },
	/* STORY_DECLARED */
	{ AT(11, 2, STEP_READY), .step = "look" },
	{ AT(12, 3, STEP_STARTED), .step = "look", .attempt = 1 },
	{ AT(13, 5, FILE_READ), .step = "look", .path = "src/auth/login.c", .bytes = 214, .hash = LOGIN_C },
	{ AT(14, 6, FILE_READ), .step = "look", .path = "src/session.c", .bytes = 1214, .hash = LOGIN_C },
	{ AT(15, 21000, STEP_DONE), .step = "look" },
	{ AT(16, 21001, STEP_STARTED), .step = "store.head", .attempt = 1 },
	{ AT(17, 21001, STEP_STARTED), .step = "lint", .attempt = 1 },
	{ AT(18, 22000, CHECK_STARTED), .step = "lint", .check = "docs" },
	{ AT(19, 24000, CHECK_FINISHED), .step = "lint", .check = "docs", .exit_code = 1, .ms = 2000,
	  .diagnostics = { (const struct diag[]){ { .file = (char *)"docs/auth.md",
						    .line = 12,
						    .column = 3,
						    .message = (char *)"a link leads nowhere" } },
			   1 } },
	{ AT(20, 24001, STEP_FAILED), .step = "lint", .category = "check", .message = "the check 'docs' failed",
	  .hint = "fix the link or retry" },
	{ AT(21, 69000, CHANGE_PROPOSED), .step = "store.head", .files = FILES(MODIFIED("src/token_store.h", 84, 0)) },
	{ AT(22, 69010, INTENT), .step = "store.head" },
	{ AT(23, 69020, LANDED), .step = "store.head", .files = FILES(MODIFIED("src/token_store.h", 84, 0)) },
	{ AT(24, 69030, STEP_DONE), .step = "store.head" },
	{ AT(25, 69040, STEP_STARTED), .step = "store.session", .attempt = 1 },
	{ AT(26, 160000, CHANGE_PROPOSED), .step = "store.session",
	  .files = FILES(MODIFIED("src/session.c", 40, 37), MODIFIED("src/session.h", 1, 0)), .text = { NULL, 400, SESSION_PATCH } },
	{ AT(27, 161000, LANDED), .step = "store.session",
	  .files = FILES(MODIFIED("src/session.c", 40, 37), MODIFIED("src/session.h", 1, 0)) },
	{ AT(28, 161040, STEP_DONE), .step = "store.session" },
	{ AT(29, 201000, STEP_STARTED), .step = "login", .attempt = 1 },
	{ AT(30, 201010, FILE_READ), .step = "login", .path = "src/auth/login.c", .bytes = 214, .hash = LOGIN_C },
	{ AT(31, 201020, PROMPT_SENT), .step = "login", .provider = "sample", .model = "tour", .origin = "written by hand" },
	{ AT(32, 201030, PHASE_CHANGED), .step = "login", .phase = "waiting", .limit_ms = 90000, .try_no = 2, .tries = 4 },
	{ AT(33, 214000, PHASE_CHANGED), .step = "login", .phase = "streaming" },
	MODEL(34, 214010, "The handler still calls legacy_verify() in two places. I will route both through "),
	MODEL(35, 214910, "token_store_check() and keep the old error codes, because callers in cli/main.c compare against "),
	MODEL(36, 215810, "AUTH_EXPIRED.\n\nsrc/auth/login.c\n<<<<<<< SEARCH\n\t/* legacy path */\n\trc = legacy_verify(u, pw);\n"),
	MODEL(37, 217010, "\tif (rc != AUTH_OK)\n=======\n\trc = token_store_check(ts, u, pw);\n\tif (rc == TS_EXP"),
	/* STORY_STREAMING */
	MODEL(38, 218010, "IRED)\n\t\trc = AUTH_EXPIRED;\n\tif (rc != AUTH_OK)\n>>>>>>> REPLACE\n\nThat is all that changes here.\n"),
	{ AT(39, 219000, USAGE_COUNTED), .step = "login", .tokens_in = 48210, .tokens_out = 9377, .tokens_cached = 29408, .usd = 0.42 },
	{ AT(40, 219010, CHANGE_PROPOSED), .step = "login", .files = FILES(MODIFIED("src/auth/login.c", 3, 2)),
	  .text = TEXT(login_patch) },
	{ AT(41, 219011, APPROVAL_ASKED), .step = "legacy", .risk = "high", .word = "legacy_auth",
	  .what = "rm -- src/auth/legacy_auth.c src/auth/legacy_auth.h", .why = "rule 'delete tracked files'; 2 files, 611 lines",
	  .request = "7f3a5be1-1", .cwd = "", .env = LIST("PATH", "LANG", "HOME"),
	  .reach = LIST("writes: the work tree, not its .git", "network: none", "sandbox: bubblewrap"), .covered = LIST("2 files, with their bytes and modes"),
	  .not_covered = LIST("ignored files that the command changes") },
	/* STORY_ASKING */
	{ AT(42, 226000, LANDED), .step = "login", .files = FILES(MODIFIED("src/auth/login.c", 3, 2)) },
	{ AT(43, 226010, STEP_DONE), .step = "login" },
	{ AT(44, 236010, APPROVAL_REFUSED), .step = "legacy", .request = "7f3a5be1-1", .by = "person", .reason = "still included" },
	{ AT(45, 236020, STEP_SKIPPED), .step = "legacy", .reason = "declined" },
	{ AT(46, 236020, STEP_SKIPPED), .step = "tests", .reason = "needs step 'legacy'" },
	{ AT(47, 236020, STEP_SKIPPED), .step = "prove", .reason = "needs step 'legacy'" },
	{ AT(48, 236020, STEP_SKIPPED), .step = "sum", .reason = "needs step 'legacy'" },
	{ AT(49, 236030, RUN_FINISHED), .exit_code = 3, .usd = 0.42 },
};

const size_t tui_story_n = sizeof tui_story / sizeof *tui_story;

size_t tui_story_at(enum tui_story_place place)
{
	static const uint64_t last_seq[] = { 10, 37, 41, UINT64_MAX };
	size_t i = 0;
	while (i < tui_story_n && tui_story[i].seq <= last_seq[place])
		i++;
	return i;
}

const char *tui_story_blob(const char *sha256)
{
	if (strcmp(sha256, LOGIN_C) == 0)
		return login_c;
	return strcmp(sha256, SESSION_PATCH) == 0 ? session_patch : "";
}
