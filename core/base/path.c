#include "base/path.h"

#include "base/text.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define COMPONENT_MAX 255

static int refuse(struct err *err, const char *path, const char *why)
{
	return err_set(err, ERR_ACCESS, "path '%.200s' %s", path, why);
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

/* Takes the last component off; false when there is none. */
static bool drop_last(struct buf *out)
{
	if (!out->len)
		return false;
	size_t at = out->len;
	while (at && out->data[at - 1] != '/')
		at--;
	buf_truncate(out, at ? at - 1 : 0);
	return true;
}

static int add_component(struct buf *out, const char *text, const char *s, size_t n, struct err *err)
{
	if (n == 0 || (n == 1 && s[0] == '.'))
		return 0;
	if (n == 2 && s[0] == '.' && s[1] == '.')
		return drop_last(out) ? 0 : refuse(err, text, "leaves the repository");
	if (n > COMPONENT_MAX)
		return refuse(err, text, "has a component of more than 255 bytes");
	if (out->len)
		buf_add_char(out, '/');
	buf_add(out, s, n);
	return 0;
}

int path_normalise(const char *text, char **out, struct err *err)
{
	struct buf path = { 0 };
	if (!*text)
		return err_set(err, ERR_ACCESS, "a path is empty");
	if (strlen(text) >= PATH_MAX)
		return err_set(err, ERR_ACCESS, "a path of %zu bytes is too long: 4,095 at most", strlen(text));
	if (has_control(text))
		return err_set(err, ERR_ACCESS, "a path has a control character");
	if (is_separator(text[0]) || (isalpha((unsigned char)text[0]) && text[1] == ':' && is_separator(text[2])))
		return refuse(err, text, "is absolute: name it relative to the repository's root");
	for (const char *s = text; *s;) {
		size_t n = strcspn(s, "/\\");
		if (add_component(&path, text, s, n, err) != 0) {
			buf_release(&path);
			return -1;
		}
		s += n + (s[n] != '\0');
	}
	*out = buf_take(&path, NULL);
	return 0;
}

/*
 * The form in which file systems that fold names compare them: NFC and case folded, without ignorable code
 * points (HFS+), without what follows a colon and without trailing dots and spaces (NTFS). To be freed.
 */
static char *folded(const char *s, size_t n)
{
	struct buf name = { 0 };
	text_fold(&name, s, n);
	char *colon = name.len ? strchr(name.data, ':') : NULL;
	if (colon)
		buf_truncate(&name, (size_t)(colon - name.data));
	while (name.len && strchr(". ", name.data[name.len - 1]))
		buf_truncate(&name, name.len - 1);
	return buf_take(&name, NULL);
}

/* In ASCII, folding touches nothing but case: most names are seen to be harmless without it. */
static bool may_be_git_name(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] >= 0x80 || (i + 1 < n && (s[i] | 0x20) == 'g' && (s[i + 1] | 0x20) == 'i'))
			return true;
	return false;
}

static bool is_git_name(const char *s, size_t n)
{
	if (!may_be_git_name(s, n))
		return false;
	char *name = folded(s, n);
	bool is = strcmp(name, ".git") == 0 || strcmp(name, ".gitmodules") == 0;
	if (!is && (strncmp(name, "git~", 4) == 0 || strncmp(name, "gitmod~", 7) == 0 || strncmp(name, "gi7eba~", 7) == 0))
		is = strspn(strchr(name, '~') + 1, "0123456789") == strlen(strchr(name, '~') + 1);
	free(name);
	return is;
}

int path_check_writable(const char *path, struct err *err)
{
	for (const char *s = path; *s;) {
		size_t n = strcspn(s, "/\\");
		if (is_git_name(s, n)) {
			refuse(err, path, "belongs to git: belay never writes there");
			return -1;
		}
		s += n + (s[n] != '\0');
	}
	return 0;
}

static bool is_reserved_stem(const char *s, size_t n)
{
	static const char *const word[] = { "con", "prn", "aux", "nul", "conin$", "conout$" };
	size_t stem = 0;
	while (stem < n && s[stem] != '.')
		stem++;
	while (stem && s[stem - 1] == ' ')
		stem--;
	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		if (strlen(word[i]) == stem && strncasecmp(s, word[i], stem) == 0)
			return true;
	return stem == 4 && (strncasecmp(s, "com", 3) == 0 || strncasecmp(s, "lpt", 3) == 0) &&
	       isdigit((unsigned char)s[3]);
}

int path_check_new_name(const char *path, struct err *err)
{
	for (const char *s = path; *s;) {
		size_t n = strcspn(s, "/");
		if (is_reserved_stem(s, n))
			return refuse(err, path, "has a name that Windows reserves");
		if (n && (s[n - 1] == '.' || s[n - 1] == ' '))
			return refuse(err, path, "has a component that ends in a dot or a space: Windows drops it");
		for (size_t i = 0; i < n; i++)
			if (strchr("<>:\"|?*\\", s[i]))
				return refuse(err, path, "has a character that Windows does not allow in names");
		s += n + (s[n] != '\0');
	}
	return 0;
}

static bool component_is(const char *path, const char *name)
{
	size_t want = strlen(name);
	for (const char *s = path; *s;) {
		size_t n = strcspn(s, "/");
		if (n == want && strncasecmp(s, name, n) == 0)
			return true;
		s += n + (s[n] != '\0');
	}
	return false;
}

const char *path_asks_always(const char *path)
{
	static const struct { const char *name; const char *why; } folder[] = {
		{ ".husky", "git hooks run what is written there" },
		{ ".githooks", "git hooks run what is written there" },
		{ ".vscode", "the editor may run what is written there" },
		{ ".idea", "the editor may run what is written there" },
		{ ".claude", "an agent's settings" },
		{ ".cursor", "an agent's settings" },
		{ ".codex", "an agent's settings" },
		{ ".belay", "belay's own settings" },
		{ ".circleci", "a CI service runs what is written there" },
		{ ".ci", "a CI service runs what is written there" },
	};
	static const struct { const char *name; const char *why; } file[] = {
		{ ".envrc", "direnv runs it" },
		{ ".gitattributes", "it may name filters that git runs" },
		{ ".gitlab-ci.yml", "a CI service runs it" },
		{ ".pre-commit-config.yaml", "pre-commit runs it" },
		{ ".npmrc", "it directs the package manager" },
		{ ".editorconfig", "it directs the editor" },
		{ "package.json", "the package manager runs its scripts" },
		{ "Makefile", "make runs it" },
		{ "GNUmakefile", "make runs it" },
		{ "Makefile.am", "make runs what it becomes" },
		{ "configure.ac", "the build runs what it becomes" },
		{ "CMakeLists.txt", "cmake runs it" },
		{ "build.rs", "cargo runs it" },
		{ "setup.py", "the package manager runs it" },
		{ "conftest.py", "pytest runs it" },
		{ "AGENTS.md", "an agent follows it" },
		{ "CLAUDE.md", "an agent follows it" },
	};
	for (size_t i = 0; i < sizeof folder / sizeof *folder; i++)
		if (component_is(path, folder[i].name))
			return folder[i].why;
	if (component_is(path, ".github") && component_is(path, "workflows"))
		return "a CI service runs what is written there";
	for (size_t i = 0; i < sizeof file / sizeof *file; i++)
		if (strcasecmp(path_base(path), file[i].name) == 0)
			return file[i].why;
	return NULL;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

void path_dir(const char *path, struct buf *out)
{
	const char *base = path_base(path);
	if (base > path)
		buf_add(out, path, (size_t)(base - path) - 1);
}

void path_join(struct buf *out, const char *dir, const char *name)
{
	buf_add_str(out, dir);
	if (*dir && dir[strlen(dir) - 1] != '/')
		buf_add_char(out, '/');
	buf_add_str(out, name);
}

bool path_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	return n == 0 || (strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}
