/* Whether a clean file's bytes are those of its blob: git may change them on their way into the work tree and back. */
#include "base/xalloc.h"
#include "io/vcs_repo.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool config_names_file(const struct vcs *vcs, git_config *config)
{
	git_buf path = { 0 };
	bool named = vcs->git->config_get_path(&path, config, "core.attributesfile") == 0;
	vcs->git->buf_dispose(&path);
	return named;
}

static bool converts_line_ends(const struct vcs *vcs, git_config *config)
{
	git_buf value = { 0 };
	int is_true;
	if (vcs->git->config_get_string_buf(&value, config, "core.autocrlf") != 0)
		return false;
	/* "input" is no boolean. */
	bool converts = vcs->git->config_get_bool(&is_true, config, "core.autocrlf") != 0 || is_true;
	vcs->git->buf_dispose(&value);
	return converts;
}

static bool has_default_file(const struct vcs *vcs)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char *own = xasprintf("%sinfo/attributes", vcs->git->repository_commondir(vcs->repo));
	char *user = config && *config ? xasprintf("%s/git/attributes", config)
	                               : xasprintf("%s/.config/git/attributes", home ? home : "");
	bool has = access(own, F_OK) == 0 || access(user, F_OK) == 0 || access("/etc/gitattributes", F_OK) == 0;
	free(own);
	free(user);
	return has;
}

static bool has_attributes(const struct vcs *vcs)
{
	static const char name[] = ".gitattributes";
	for (size_t i = 0; i < vcs->index.n_entries; i++) {
		const char *path = vcs->index.entry[i].path;
		const char *slash = strrchr(path, '/');
		if (strcmp(slash ? slash + 1 : path, name) == 0)
			return true;
	}
	char *root = xasprintf("%s/%s", vcs->root, name);
	bool has = access(root, F_OK) == 0;
	free(root);
	return has;
}

/* Most repositories have none of these, and then no file needs a look. */
static bool may_filter(struct vcs *vcs)
{
	git_config *config = NULL;
	if (vcs->git->repository_config_snapshot(&config, vcs->repo) != 0)
		return true;
	bool may = converts_line_ends(vcs, config) || config_names_file(vcs, config) || has_default_file(vcs) ||
		has_attributes(vcs);
	vcs->git->config_free(config);
	return may;
}

/* A program of the user's, another encoding, or keywords. */
static bool has_driver(const struct vcs *vcs, const char *path)
{
	static const char *name[] = { "filter", "working-tree-encoding", "ident" };
	const char *value[3];
	if (vcs->git->attr_get_many(value, vcs->repo, 0, path, 3, name) != 0)
		return true;
	for (size_t i = 0; i < 3; i++) {
		git_attr_value_t kind = vcs->git->attr_value(value[i]);
		if (kind != GIT_ATTR_VALUE_UNSPECIFIED && kind != GIT_ATTR_VALUE_FALSE)
			return true;
	}
	return false;
}

bool vcs_is_filtered(struct vcs *vcs, const struct vcs_entry *entry)
{
	git_oid id;
	size_t size;
	git_object_t type;
	if (vcs_load_odb(vcs, NULL) != 0)
		return true;
	if (!vcs->filters_known)
		vcs->may_filter = may_filter(vcs);
	vcs->filters_known = true;
	if (!vcs->may_filter)
		return false;
	/* Line ends are only ever made longer: the size tells whether they were touched. */
	memcpy(id.id, entry->id, VCS_ID_SIZE);
	return vcs->git->odb_read_header(&size, &type, vcs->odb, &id) != 0 || (uint32_t)size != entry->size ||
		has_driver(vcs, entry->path);
}
