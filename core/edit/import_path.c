#include "edit/import_path.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/path.h"
#include "base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NO_FILE SIZE_MAX
#define TAIL_MAX 1024

struct import_paths {
	const struct code_tree *tree;
	struct map by_stem; /* the name up to its first dot -> the last file of the chain + 1 */
	struct map by_dir;  /* the folder -> the same */
	uint32_t *stem_chain, *dir_chain; /* the file before in the chain + 1; 0: none */
};

struct finding {
	const struct import_paths *paths;
	size_t from;
	const char *path; /* of the file that imports */
	void (*found)(void *arg, size_t file);
	void *arg;
};

static const char *const no_endings[] = { "", NULL };
static const char *const js_endings[] = {
	"", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".d.ts", ".vue", ".svelte", "/index.ts", "/index.tsx", "/index.js", NULL
};
static const char *const python_endings[] = { ".py", "/__init__.py", ".pyi", NULL };
static const char *const rust_endings[] = { ".rs", "/mod.rs", NULL };
static const char *const java_endings[] = { ".java", ".kt", ".scala", ".cs", ".swift", ".groovy", NULL };

/* The name's beginning up to a dot, in the room given; what does not fit cannot be looked for. */
static bool stem_of(const char *path, char out[TAIL_MAX])
{
	const char *name = strrchr(path, '/');
	name = name ? name + 1 : path;
	size_t n = strcspn(name + (*name == '.'), ".") + (*name == '.');
	if (n >= TAIL_MAX)
		return false;
	memcpy(out, name, n);
	out[n] = '\0';
	return true;
}

static void dir_of(const char *path, struct buf *out)
{
	buf_clear(out);
	path_dir(path, out);
}

static void chain(struct map *map, const char *key, uint32_t *next, size_t file)
{
	next[file] = (uint32_t)(uintptr_t)map_get(map, key);
	map_put(map, key, (void *)(uintptr_t)(file + 1));
}

struct import_paths *import_paths_new(const struct code_tree *tree)
{
	struct import_paths *paths = xcalloc(1, sizeof *paths);
	struct buf dir = { 0 };
	char stem[TAIL_MAX];
	paths->tree = tree;
	paths->stem_chain = xcalloc(tree->n_files + 1, sizeof *paths->stem_chain);
	paths->dir_chain = xcalloc(tree->n_files + 1, sizeof *paths->dir_chain);
	for (size_t i = 0; i < tree->n_files; i++) {
		const char *path = code_tree_path(tree, i);
		if (stem_of(path, stem))
			chain(&paths->by_stem, stem, paths->stem_chain, i);
		dir_of(path, &dir);
		chain(&paths->by_dir, buf_str(&dir), paths->dir_chain, i);
	}
	buf_release(&dir);
	return paths;
}

void import_paths_free(struct import_paths *paths)
{
	if (!paths)
		return;
	map_release(&paths->by_stem);
	map_release(&paths->by_dir);
	free(paths->stem_chain);
	free(paths->dir_chain);
	free(paths);
}

/* How much of the folders two paths have in common. */
static size_t nearness(const char *a, const char *b)
{
	size_t near = 0;
	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			near = i + 1;
	return near;
}

/* Does the path end with the tail and one of the endings, at a component's beginning, or is it that whole? */
static bool ends_so(const char *path, const char *tail, const char *ending, bool is_whole)
{
	size_t n_tail = strlen(tail);
	size_t n_ending = strlen(ending);
	size_t n = strlen(path);
	if (n < n_tail + n_ending)
		return false;
	const char *at = path + n - n_ending - n_tail;
	return memcmp(at, tail, n_tail) == 0 && strcmp(at + n_tail, ending) == 0 &&
	       (at == path || (!is_whole && at[-1] == '/'));
}

/* The nearest file that ends so; the endings that come first are preferred. */
static bool find_tail(const struct finding *f, const char *tail, const char *const *endings, bool is_whole)
{
	for (; *endings; endings++) {
		char stem[TAIL_MAX];
		size_t best = NO_FILE;
		size_t best_near = 0;
		if (!stem_of(**endings == '/' ? *endings : tail, stem))
			return false;
		uint32_t at = (uint32_t)(uintptr_t)map_get(&f->paths->by_stem, stem);
		for (; at; at = f->paths->stem_chain[at - 1]) {
			const char *path = code_tree_path(f->paths->tree, at - 1);
			size_t near = nearness(path, f->path);
			if (ends_so(path, tail, *endings, is_whole) && (best == NO_FILE || near >= best_near)) {
				best = at - 1;
				best_near = near;
			}
		}
		if (best == NO_FILE)
			continue;
		if (best != f->from)
			f->found(f->arg, best);
		return true;
	}
	return false;
}

/* DIR and a relative path, without "." and ".."; false when it leads out of the tree. */
static bool join(const char *dir, const char *relative, struct buf *out)
{
	buf_clear(out);
	buf_add_str(out, dir);
	while (*relative) {
		size_t n = strcspn(relative, "/");
		if (n == 2 && relative[0] == '.' && relative[1] == '.') {
			const char *slash = strrchr(buf_str(out), '/');
			if (!out->len)
				return false;
			buf_truncate(out, slash ? (size_t)(slash - out->data) : 0);
		} else if (n && !(n == 1 && *relative == '.')) {
			buf_printf(out, "%s%.*s", out->len ? "/" : "", (int)n, relative);
		}
		relative += n + (relative[n] == '/');
	}
	return true;
}

static bool find_beside(const struct finding *f, const char *relative, const char *const *endings)
{
	struct buf dir = { 0 };
	struct buf path = { 0 };
	dir_of(f->path, &dir);
	bool found = join(buf_str(&dir), relative, &path) && path.len && find_tail(f, buf_str(&path), endings, true);
	if (!found && endings == js_endings && path.len > 3 && strcmp(path.data + path.len - 3, ".js") == 0) {
		buf_truncate(&path, path.len - 3);
		found = find_tail(f, buf_str(&path), endings, true);
	}
	buf_release(&dir);
	buf_release(&path);
	return found;
}

static void replace_all(char *s, const char *what, char by)
{
	size_t n = strlen(what);
	char *to = s;
	while (*s) {
		bool is_there = strncmp(s, what, n) == 0;
		*to++ = is_there ? by : *s;
		s += is_there ? n : 1;
	}
	*to = '\0';
}

static const char *without_dots(const char *path)
{
	while (strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0)
		path += path[1] == '/' ? 2 : 3;
	return path;
}

static void find_c(const struct finding *f, const char *name)
{
	if (!find_beside(f, name, no_endings))
		(void)find_tail(f, without_dots(name), no_endings, false);
}

static void find_js(const struct finding *f, const char *name)
{
	if (*name == '.')
		(void)find_beside(f, name, js_endings);
}

static void find_python(const struct finding *f, const char *name)
{
	size_t n_dots = strspn(name, ".");
	char *tail = xstrdup(name + n_dots);
	struct buf relative = { 0 };
	replace_all(tail, ".", '/');
	for (size_t i = 1; i < n_dots; i++)
		buf_add_str(&relative, "../");
	buf_add_str(&relative, tail);
	if (n_dots && *tail)
		(void)find_beside(f, buf_str(&relative), python_endings);
	else if (n_dots)
		(void)find_beside(f, n_dots > 1 ? buf_str(&relative) : "__init__", n_dots > 1 ? python_endings + 1 : python_endings);
	else
		(void)find_tail(f, tail, python_endings, false);
	buf_release(&relative);
	free(tail);
}

/* A folder of the tree is a package: the longest one that the import's path ends with. */
static void find_go(const struct finding *f, const char *name)
{
	uint32_t at = 0;
	while (name && !at) {
		at = (uint32_t)(uintptr_t)map_get(&f->paths->by_dir, name);
		const char *slash = strchr(name, '/');
		name = slash ? slash + 1 : NULL;
	}
	for (; at; at = f->paths->dir_chain[at - 1]) {
		const char *path = code_tree_path(f->paths->tree, at - 1);
		size_t n = strlen(path);
		if (n > 3 && strcmp(path + n - 3, ".go") == 0 && !(n > 8 && strcmp(path + n - 8, "_test.go") == 0))
			f->found(f->arg, at - 1);
	}
}

/* What a path names last may be an item of the module: it is shortened until a file is found. */
static void find_rust(const struct finding *f, const char *name)
{
	char *path = xstrdup(name);
	replace_all(path, "::", '/');
	char *tail = path;
	bool is_near = strncmp(tail, "super/", 6) == 0 || strncmp(tail, "self/", 5) == 0;
	if (is_near || strncmp(tail, "crate/", 6) == 0)
		tail = strchr(tail, '/') + 1;
	for (bool found = false; !found && *tail;) {
		found = is_near ? find_beside(f, tail, rust_endings) : find_tail(f, tail, rust_endings, false);
		char *slash = strrchr(tail, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	free(path);
}

/* mod x; beside the file, or in the folder that has the file's name. */
static void find_mod(const struct finding *f, const char *name)
{
	char stem[TAIL_MAX];
	if (find_beside(f, name, rust_endings) || !stem_of(f->path, stem))
		return;
	char *below = xasprintf("%s/%s", stem, name);
	(void)find_beside(f, below, rust_endings);
	free(below);
}

static void find_java(const struct finding *f, const char *name)
{
	char *tail = xstrdup(name);
	replace_all(tail, ".", '/');
	(void)find_tail(f, tail, java_endings, false);
	free(tail);
}

/* What stands before the last variable is not known. */
static void find_shell(const struct finding *f, const char *name)
{
	const char *variable = strrchr(name, '$');
	const char *behind = variable ? strchr(variable, '/') : NULL;
	if (variable && !behind)
		return;
	name = variable ? behind + 1 : name;
	if (!find_beside(f, name, no_endings))
		(void)find_tail(f, without_dots(name), no_endings, false);
}

void import_paths_find(const struct import_paths *paths, size_t from, const char *import,
                       void (*found)(void *arg, size_t file), void *arg)
{
	static const struct {
		char how;
		void (*find)(const struct finding *f, const char *name);
	} kinds[] = {
		{ '"', find_c }, { '<', find_c }, { 'j', find_js }, { 'p', find_python }, { 'g', find_go },
		{ 'u', find_rust }, { 'm', find_mod }, { '.', find_java }, { 's', find_shell },
	};
	const struct finding finding = { paths, from, code_tree_path(paths->tree, from), found, arg };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].how == import[0] && import[1])
			kinds[i].find(&finding, import + 1);
}
