/* Paths and globs of the plan file: normalised once, then checked. */
#include "plan/plan_loader.h"

#include "base/glob.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "plan/vars.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* `.gitmodules` may be read, though never written. */
static bool only_reads(const struct plan_key *key)
{
	return strcmp(key->name, "read") == 0 || strcmp(key->name, "context") == 0 || strcmp(key->name, "from") == 0;
}

/* Looks at each component, and at each alternative of a glob's braces, by itself. */
static int check_git(const struct plan_key *key, const char *path, struct err *err)
{
	if (!strpbrk(path, "{},") && path_check_writable(path, NULL) == 0)
		return 0;
	for (const char *s = path; *s;) {
		size_t n = strcspn(s, "/{},");
		char *piece = xstrndup(s, n);
		int rc = path_check_writable(piece, err);
		if (rc != 0 && only_reads(key) && strcasecmp(piece, ".gitmodules") == 0)
			rc = 0;
		else if (rc != 0)
			err_set(err, ERR_ACCESS, "path '%.200s' belongs to git, and belay keeps out of it", path);
		free(piece);
		if (rc != 0)
			return -1;
		s += n + (s[n] != '\0');
	}
	return 0;
}

static int check_glob(const char *path, struct err *err)
{
	struct glob *glob;
	if (glob_is_literal(path))
		return 0;
	if (glob_compile(&glob, path, err) != 0)
		return -1;
	glob_free(glob);
	return 0;
}

static bool may_be_root(const struct plan_key *key)
{
	return key->value == PLAN_VALUE_FOLDER || strcmp(key->name, "read") == 0;
}

/* Takes the text; gives the path, to be freed, or NULL. */
static char *check_path(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value, char *text)
{
	struct err err = { 0 };
	char *path = NULL;
	int rc = path_normalise(text, &path, &err);
	free(text);
	if (rc == 0)
		rc = check_git(key, path, &err);
	if (rc == 0 && !*path && !may_be_root(key))
		rc = err_set(&err, ERR_PLAN, "'%s' names the repository's root itself", key->name);
	if (rc == 0 && key->value == PLAN_VALUE_PATHS)
		rc = check_glob(path, &err);
	else if (rc == 0 && strpbrk(path, "*?"))
		rc = err_set(&err, ERR_PLAN, "'%s' takes one path, and '%.200s' is a glob", key->name, path);
	if (rc == 0)
		return path;
	plan_error(r, value, "%s; expected %s", err.msg, plan_value_expected(key->value));
	free(path);
	return NULL;
}

void plan_read_path(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value, char **out)
{
	char *text = plan_read_text(r, key, value);
	char *path = text ? check_path(r, key, value, text) : NULL;
	if (path) {
		free(*out);
		*out = path;
	}
}

void plan_read_files(struct plan_reader *r, const struct plan_key *key, const struct yaml_node *value,
                     struct name_values *out)
{
	struct plan_key path_key = { .name = key->name, .value = PLAN_VALUE_PATH, .literal = key->literal };
	name_values_release(out);
	if (value->kind != YAML_MAP || !value->n_pairs) {
		plan_wrong_value(r, key, value);
		return;
	}
	if (value->n_pairs > PLAN_MAX_PAIRS) {
		plan_error(r, value, "'%s' has %zu files; expected %d at most", key->name, value->n_pairs,
		           PLAN_MAX_PAIRS);
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++) {
		const char *name = value->pair[i].key->text;
		struct plan_key text_key = {
			.name = name, .value = PLAN_VALUE_TEXT, .may_be_null = true, .literal = key->literal,
		};
		char *path = NULL;
		plan_read_path(r, &path_key, value->pair[i].key, &path);
		char *text = plan_read_text(r, &text_key, value->pair[i].value);
		if (path && name_values_get(out, path))
			plan_error(r, value->pair[i].key, "'%s' names '%s' twice; expected each file once", key->name,
			           path);
		else if (path && text)
			name_values_set(out, path, text);
		free(path);
		free(text);
	}
}
