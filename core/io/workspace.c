#include "io/workspace.h"

#include "base/glob.h"
#include "base/path.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "io/vcs.h"
#include "io/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int workspace_open(struct workspace *ws, const char *root, size_t n_threads, struct err *err)
{
	*ws = (struct workspace){ .n_threads = n_threads ? n_threads : 1 };
	if (root_open(&ws->root, root, err) != 0)
		return -1;
	ws->git_dir_hint = xstrdup(ws->root.path);
	return 0;
}

void workspace_set_origin(struct workspace *ws, const char *root)
{
	free(ws->git_dir_hint);
	ws->git_dir_hint = xstrdup(root);
}

void workspace_close(struct workspace *ws)
{
	root_close(&ws->root);
	free(ws->git_dir_hint);
	ws->git_dir_hint = NULL;
}

/* One call of workspace_expand. */
struct expansion {
	const struct workspace *ws;
	struct vcs *vcs;
	struct walk_rules rules;
	struct strings pattern; /* the globs among the patterns */
	struct glob **glob;     /* one for each */
	struct strings *out;
};

static bool may_enter(void *arg, const char *dir)
{
	const struct expansion *x = arg;
	for (size_t i = 0; i < x->pattern.n_items; i++)
		if (glob_may_match_below(x->glob[i], dir))
			return true;
	return false;
}

static bool is_wanted(void *arg, const char *path)
{
	const struct expansion *x = arg;
	for (size_t i = 0; i < x->pattern.n_items; i++)
		if (glob_match(x->glob[i], path))
			return true;
	return false;
}

static bool is_file(mode_t mode)
{
	return S_ISREG(mode) || S_ISLNK(mode);
}

/* What is tracked is part of the tree, whatever the ignore files say of it. */
static void add_tracked(struct expansion *x, const struct walk *walk, const struct walk_result *result)
{
	struct stat st;
	const struct vcs_index *index = vcs_index(x->vcs, NULL);
	if (!index || strcmp(vcs_root(x->vcs), x->ws->git_dir_hint) != 0)
		return;
	for (size_t i = 0; i < index->n_entries; i++) {
		const char *path = index->entry[i].path;
		if (path_is_below(path, walk->start) && (!walk->take || walk->take(x, path)) &&
		    !walk_result_find(result, path) && file_stat(&x->ws->root, path, &st, NULL) == 0 && is_file(st.st_mode))
			strings_add(x->out, path);
	}
}

static int walk_from(struct expansion *x, const char *start, bool globs, struct err *err)
{
	struct walk_result result;
	struct walk walk = {
		.root = &x->ws->root, .rules = &x->rules, .start = start, .n_threads = x->ws->n_threads, .arg = x,
		.enter = globs ? may_enter : NULL, .take = globs ? is_wanted : NULL,
	};
	if (walk_run(&walk, &result, err) != 0)
		return -1;
	for (size_t i = 0; i < result.n_files; i++)
		strings_add(x->out, result.file[i].path);
	if (result.saw_ignored)
		add_tracked(x, &walk, &result);
	walk_result_release(&result);
	return 0;
}

/* The deepest folder of the path that is there, and the name in it that comes nearest to what was asked for. */
static void suggest(const struct workspace *ws, const char *path, struct err *err)
{
	struct buf dir = { 0 };
	struct buf rest = { 0 };
	struct strings names = { 0 };
	int fd = -1;
	buf_add_str(&dir, path);
	while (dir.len && fd < 0) {
		const char *slash = strrchr(buf_str(&dir), '/');
		buf_clear(&rest);
		buf_add_str(&rest, path + (slash ? slash - buf_str(&dir) + 1 : 0));
		buf_truncate(&dir, slash ? (size_t)(slash - buf_str(&dir)) : 0);
		fd = file_open(&ws->root, buf_str(&dir), O_RDONLY | O_DIRECTORY, 0, NULL);
	}
	buf_truncate(&rest, strcspn(buf_str(&rest), "/"));
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	while (stream && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && strcmp(entry->d_name, ".git") != 0)
			strings_add(&names, entry->d_name);
	strings_sort(&names);
	const char *near = names.n_items ? text_nearest(buf_str(&rest), (const char *const *)names.item, names.n_items) : NULL;
	if (near)
		err_hint(err, "did you mean '%.150s%s%.40s'?", buf_str(&dir), dir.len ? "/" : "", near);
	else
		err_hint(err, "paths are relative to the root, '%.150s'", ws->root.path);
	if (stream)
		closedir(stream);
	else if (fd >= 0)
		close(fd);
	strings_release(&names);
	buf_release(&dir);
	buf_release(&rest);
}

static bool names_git(const char *path)
{
	for (const char *s = path; *s; s += *s == '/') {
		size_t n = strcspn(s, "/");
		if (n == 4 && strncasecmp(s, ".git", 4) == 0)
			return true;
		s += n;
	}
	return false;
}

/* A pattern that names one thing: a file, or a folder with all that is in it. 1 when there is no such thing. */
static int expand_name(struct expansion *x, const char *path, struct err *err)
{
	struct stat st;
	if (names_git(path))
		return err_set(err, ERR_ACCESS, "'%s' is inside git's own folder", path);
	if (file_stat(&x->ws->root, path, &st, err) != 0)
		return err->code == ERR_NOT_FOUND ? 1 : -1;
	if (S_ISDIR(st.st_mode))
		return walk_from(x, path, false, err);
	if (!is_file(st.st_mode))
		return err_set(err, ERR_UNSUPPORTED, "'%s' is not a regular file", path);
	strings_add(x->out, path);
	return 0;
}

/* Like path_normalise, as far as it goes with a pattern: '\' is '/', and "." and "//" vanish. */
static int normalise_glob(const char *pattern, struct buf *out, struct err *err)
{
	if (*pattern == '/' || *pattern == '\\')
		return err_set(err, ERR_ACCESS, "'%s' is an absolute path; paths are relative to the root", pattern);
	for (const char *s = pattern; *s; s += s[strcspn(s, "/\\")] ? strcspn(s, "/\\") + 1 : strlen(s)) {
		size_t n = strcspn(s, "/\\");
		if (n == 2 && strncmp(s, "..", 2) == 0)
			return err_set(err, ERR_ACCESS, "'%s': a pattern cannot lead upwards with '..'", pattern);
		if (n == 0 || (n == 1 && *s == '.'))
			continue;
		buf_printf(out, "%s%.*s", out->len ? "/" : "", (int)n, s);
	}
	return 0;
}

static int add_glob(struct expansion *x, const char *pattern, struct err *err)
{
	struct buf text = { 0 };
	x->glob = xrealloc(x->glob, (x->pattern.n_items + 1) * sizeof(struct glob *));
	int rc = normalise_glob(pattern, &text, err);
	if (rc == 0)
		rc = glob_compile(&x->glob[x->pattern.n_items], buf_str(&text), err);
	if (rc == 0)
		strings_add(&x->pattern, buf_str(&text));
	buf_release(&text);
	return rc;
}

/* A file may have the characters of a glob in its name: what is there by that name is meant. */
static int expand_pattern(struct expansion *x, const char *pattern, struct err *err)
{
	char *path;
	struct stat st;
	if (!*pattern)
		return walk_from(x, "", false, err); /* the root */
	if (!glob_is_literal(pattern) && file_stat(&x->ws->root, pattern, &st, NULL) != 0)
		return add_glob(x, pattern, err);
	if (!glob_is_literal(pattern))
		path = xstrdup(pattern);
	else if (path_normalise(pattern, &path, err) != 0)
		return -1;
	int rc = expand_name(x, path, err);
	if (rc == 1) {
		rc = err_set(err, ERR_NOT_FOUND, "'%s' is not there", path);
		suggest(x->ws, path, err);
	}
	free(path);
	return rc;
}

static int check_matched(const struct expansion *x, size_t from, struct err *err)
{
	for (size_t i = 0; i < x->pattern.n_items; i++) {
		bool matched = false;
		for (size_t j = from; !matched && j < x->out->n_items; j++)
			matched = glob_match(x->glob[i], x->out->item[j]);
		if (!matched) {
			err_set(err, ERR_NOT_FOUND, "nothing matches '%s'", x->pattern.item[i]);
			return err_hint(err, "ignored files are read only when they are named exactly");
		}
	}
	return 0;
}

static int expand_all(struct expansion *x, const struct strings *patterns, bool allow_empty, struct err *err)
{
	for (size_t i = 0; i < patterns->n_items; i++)
		if (expand_pattern(x, patterns->item[i], err) != 0)
			return -1;
	size_t from = x->out->n_items;
	if (x->pattern.n_items && walk_from(x, "", true, err) != 0)
		return -1;
	return allow_empty ? 0 : check_matched(x, from, err);
}

static void drop_doubles(struct strings *list)
{
	size_t n = 0;
	strings_sort(list);
	for (size_t i = 0; i < list->n_items; i++) {
		if (n && strcmp(list->item[n - 1], list->item[i]) == 0)
			free(list->item[i]);
		else
			list->item[n++] = list->item[i];
	}
	list->n_items = n;
}

int workspace_expand(const struct workspace *ws, const struct strings *patterns, bool allow_empty,
                     struct strings *out, struct err *err)
{
	struct expansion x = { .ws = ws, .out = out };
	if (vcs_open(&x.vcs, ws->git_dir_hint, err) != 0)
		return -1;
	walk_rules_load(&x.rules, x.vcs);
	int rc = expand_all(&x, patterns, allow_empty, err);
	drop_doubles(out);
	for (size_t i = 0; i < x.pattern.n_items; i++)
		glob_free(x.glob[i]);
	free(x.glob);
	strings_release(&x.pattern);
	walk_rules_release(&x.rules);
	vcs_free(x.vcs);
	return rc;
}
