#include "tests/unit.h"

#include "tests/shell.h"

#include "base/buf.h"
#include "base/hash.h"
#include "io/proc.h"

#include <limits.h>
#include <stdio.h>

static char dir[PATH_MAX];

static const char *const env[] = {
	"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b",
	"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
	"GIT_COMMITTER_DATE=2026-01-02T03:04:05Z", NULL,
};

static void collect(void *arg, enum proc_stream stream, const char *data, size_t n)
{
	(void)stream;
	buf_add(arg, data, n);
}

static int run(const char *script, struct buf *out)
{
	struct err err;
	struct proc_result result;
	struct proc_spec spec = {
		.argv = (const char *const[]){ "sh", "-e", "-c", script, NULL },
		.cwd = *dir ? dir : "/", .env = env, .output = collect, .arg = out,
	};
	if (proc_run(&spec, &result, &err) != 0)
		buf_add_str(out, err.msg);
	else if (result.exit_code == 0)
		return 0;
	return -1;
}

/* For LeakSanitizer: libgit2 1.5 loses what it matches the names of a repository's extensions with, at every open. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2";
}

int shell_set_up(void **state)
{
	(void)state;
	char name[] = "/tmp/belay-test-XXXXXX";
	*dir = '\0';
	setenv("HOME", "/nonexistent", 1);
	unsetenv("XDG_CONFIG_HOME");
	return mkdtemp(name) && realpath(name, dir) ? 0 : -1;
}

int shell_tear_down(void **state)
{
	(void)state;
	struct buf out = { 0 };
	int rc = run("chmod -R u+rwx . && rm -rf -- \"$PWD\"", &out);
	buf_release(&out);
	return rc;
}

const char *shell_dir(void)
{
	return dir;
}

const char *shell_path(const char *name)
{
	static char path[4][PATH_MAX + 256];
	static unsigned turn;
	char *out = path[turn++ % 4];
	snprintf(out, sizeof path[0], "%s/%s", dir, name);
	return out;
}

void shell_run(const char *script)
{
	struct buf out = { 0 };
	if (run(script, &out) != 0)
		fail_msg("%s: %s", script, buf_str(&out));
	buf_release(&out);
}

void shell_write(const char *name, const char *text)
{
	FILE *file = fopen(shell_path(name), "w");
	if (!file)
		fail_msg("cannot write %s", name);
	fputs(text, file);
	fclose(file);
}

void shell_digest(const char *name, const char *except, char out[65])
{
	struct buf text = { 0 };
	struct hash hash;
	char script[2 * PATH_MAX];
	snprintf(script, sizeof script,
	         "cd '%s'; find . -path './%s' -prune -o ! -type d -printf '%%p %%y %%m %%l\\n' | sort;"
	         "find . -path './%s' -prune -o -type f -print0 | sort -z | xargs -0r sha256sum", name,
	         *except ? except : "-", *except ? except : "-");
	if (run(script, &text) != 0)
		fail_msg("%s: %s", script, buf_str(&text));
	hash_data(&hash, buf_str(&text), text.len);
	hash_format(&hash, out);
	buf_release(&text);
}
