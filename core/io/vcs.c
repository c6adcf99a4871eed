#include "io/vcs.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "io/file.h"
#include "io/vcs_repo.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INDEX_MAX (512 * 1024 * 1024)

static bool is_there(const char *dir, const char *name)
{
	struct stat st;
	char *path = xasprintf("%s/%s", dir, name);
	bool there = lstat(path, &st) == 0;
	free(path);
	return there;
}

/* As git decides: HEAD, and the objects and references, here or in the repository that this is a work tree of. */
static bool is_git_dir(const char *dir)
{
	return is_there(dir, "HEAD") && (is_there(dir, "commondir") || (is_there(dir, "objects") && is_there(dir, "refs")));
}

static bool holds_git(const char *dir)
{
	struct stat st;
	char *path = xasprintf("%s/.git", dir);
	bool holds = lstat(path, &st) == 0 && (S_ISREG(st.st_mode) || is_git_dir(path));
	free(path);
	return holds;
}

/*
 * Cuts dir to the folder that holds the repository it is in. Like git, it does not look beyond a file system's border.
 * libgit2 could search too, but would not tell "none" from "not yours".
 */
static enum vcs_state find_repository(char *dir)
{
	struct stat st;
	dev_t device = stat(dir, &st) == 0 ? st.st_dev : 0;
	char *whole = xstrdup(dir);
	for (;;) {
		char *slash = strrchr(dir, '/');
		enum vcs_state state = holds_git(dir) ? VCS_OK : is_git_dir(dir) ? VCS_BARE : VCS_NONE;
		if (state == VCS_NONE && slash && dir[1]) {
			slash[slash == dir] = '\0';
			if (stat(dir, &st) == 0 && st.st_dev == device)
				continue;
		}
		if (state == VCS_NONE)
			strcpy(dir, whole);
		free(whole);
		return state;
	}
}

static void set_state(struct vcs *vcs, enum vcs_state state, const char *why)
{
	vcs->state = state;
	free(vcs->why);
	vcs->why = xstrdup(why);
}

/* Only the owner, and root for whoever called it, may open a repository: its configuration names programs. */
static bool is_foreign(const char *root)
{
	struct stat st;
	char *path = xasprintf("%s/.git", root);
	bool foreign = (lstat(path, &st) == 0 && st.st_uid != geteuid()) || (stat(root, &st) == 0 && st.st_uid != geteuid());
	free(path);
	return foreign;
}

static void set_unreadable(struct vcs *vcs)
{
	char *why;
	const git_error *last = vcs->git->error_last();
	if (is_foreign(vcs->root))
		why = xasprintf("the repository '%s' belongs to another user; if you trust it: "
		                "git config --global --add safe.directory '%s'", vcs->root, vcs->root);
	else
		why = xasprintf("the repository '%s' cannot be opened: %s", vcs->root,
		                last && last->message ? last->message : "no reason given");
	set_state(vcs, VCS_UNREADABLE, why);
	free(why);
}

static void read_head(struct vcs *vcs)
{
	static const char prefix[] = "refs/heads/";
	git_reference *ref = NULL;
	if (vcs->git->reference_lookup(&ref, vcs->repo, "HEAD") == 0) {
		const char *name = vcs->git->reference_symbolic_target(ref);
		if (name && strncmp(name, prefix, sizeof prefix - 1) == 0) {
			free(vcs->branch);
			vcs->branch = xstrdup(name + sizeof prefix - 1);
		}
	}
	vcs->git->reference_free(ref);
	ref = NULL;
	if (vcs->git->repository_head(&ref, vcs->repo) == 0) {
		vcs->head = xrealloc(vcs->head, GIT_OID_HEXSZ + 1);
		vcs->git->oid_tostr(vcs->head, GIT_OID_HEXSZ + 1, vcs->git->reference_target(ref));
	}
	vcs->git->reference_free(ref);
}

static void read_config(struct vcs *vcs)
{
	git_config *config = NULL;
	int value = 1;
	if (vcs->git->repository_config_snapshot(&config, vcs->repo) == 0)
		vcs->git->config_get_bool(&value, config, "core.filemode");
	vcs->git->config_free(config);
	vcs->trust_mode = value;
}

static void open_repository(struct vcs *vcs)
{
	struct err err;
	char root[PATH_MAX];
	vcs->git = git_lib(&err);
	if (!vcs->git) {
		set_state(vcs, VCS_UNREADABLE, err.msg);
		return;
	}
	if (vcs->git->repository_open(&vcs->repo, vcs->root) != 0) {
		set_unreadable(vcs);
		return;
	}
	const char *work_tree = vcs->git->repository_workdir(vcs->repo);
	if (!work_tree) {
		set_state(vcs, VCS_BARE, "the repository is bare: it has no work tree to change");
		return;
	}
	if (realpath(work_tree, root)) {
		free(vcs->root);
		vcs->root = xstrdup(root);
	}
	read_head(vcs);
	read_config(vcs);
}

int vcs_open(struct vcs **out, const char *dir, struct err *err)
{
	char real[PATH_MAX];
	struct stat st;
	if (!realpath(dir, real) || stat(real, &st) != 0)
		return err_errno(err, errno, "cannot open folder '%s'", dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s' is not a folder", dir);
	struct vcs *vcs = xcalloc(1, sizeof *vcs);
	set_state(vcs, find_repository(real), "");
	vcs->root = xstrdup(real);
	vcs->head = xstrdup("");
	vcs->branch = xstrdup("");
	if (vcs->state == VCS_BARE)
		set_state(vcs, VCS_BARE, "the repository is bare: it has no work tree to change");
	if (vcs->state == VCS_OK)
		open_repository(vcs);
	*out = vcs;
	return 0;
}

void vcs_free(struct vcs *vcs)
{
	if (!vcs)
		return;
	if (vcs->git) {
		vcs->git->tree_free(vcs->head_tree);
		vcs->git->odb_free(vcs->odb);
		vcs->git->repository_free(vcs->repo);
	}
	vcs_index_release(&vcs->index);
	free(vcs->why);
	free(vcs->root);
	free(vcs->head);
	free(vcs->branch);
	free(vcs);
}

enum vcs_state vcs_state(const struct vcs *vcs)
{
	return vcs->state;
}

const char *vcs_why(const struct vcs *vcs)
{
	return vcs->why;
}

const char *vcs_root(const struct vcs *vcs)
{
	return vcs->root;
}

const char *vcs_head(const struct vcs *vcs)
{
	return vcs->head;
}

const char *vcs_branch(const struct vcs *vcs)
{
	return vcs->branch;
}

static int need_repository(const struct vcs *vcs, struct err *err)
{
	if (vcs->state == VCS_OK)
		return 0;
	return err_set(err, ERR_UNSUPPORTED, "%s", *vcs->why ? vcs->why : "there is no git repository here");
}

/* A repository without an index has nothing tracked. */
static int read_index(struct vcs *vcs, struct err *err)
{
	struct stat st;
	struct buf data = { 0 };
	if (need_repository(vcs, err) != 0)
		return -1;
	char *path = xasprintf("%sindex", vcs->git->repository_path(vcs->repo));
	int rc = 0;
	if (stat(path, &st) == 0) {
		rc = file_slurp(path, INDEX_MAX, &data, err);
		size_t n = data.len;
		if (rc == 0)
			rc = vcs_index_parse(&vcs->index, buf_take(&data, NULL), n, err);
		/* Before it was read: were it replaced meanwhile, more entries would count as racy, not fewer. */
		vcs->index.written = st.st_mtim;
	}
	buf_release(&data);
	free(path);
	return rc;
}

const struct vcs_index *vcs_index(struct vcs *vcs, struct err *err)
{
	if (!vcs->index_read) {
		vcs->index_read = true;
		if (read_index(vcs, &vcs->index_err) == 0)
			vcs->index_err.code = ERR_NONE;
	}
	if (vcs->index_err.code == ERR_NONE)
		return &vcs->index;
	if (err)
		*err = vcs->index_err;
	return NULL;
}

enum vcs_match vcs_compare(const struct vcs *vcs, const struct vcs_entry *entry, const struct stat *st)
{
	return vcs_entry_compare(&vcs->index, entry, st, vcs->trust_mode);
}

bool vcs_is_tracked(struct vcs *vcs, const char *path)
{
	const struct vcs_index *index = vcs_index(vcs, NULL);
	return index && vcs_index_find(index, path);
}

int vcs_load_odb(struct vcs *vcs, struct err *err)
{
	if (need_repository(vcs, err) != 0)
		return -1;
	if (!vcs->odb && vcs->git->repository_odb(&vcs->odb, vcs->repo) != 0)
		return git_lib_error(err, ERR_IO, "cannot open git's objects");
	return 0;
}

int vcs_blob(struct vcs *vcs, const unsigned char id[VCS_ID_SIZE], size_t max, struct buf *out, struct err *err)
{
	git_oid oid;
	git_odb_object *object = NULL;
	size_t size;
	git_object_t type;
	if (vcs_load_odb(vcs, err) != 0)
		return -1;
	memcpy(oid.id, id, VCS_ID_SIZE);
	if (vcs->git->odb_read_header(&size, &type, vcs->odb, &oid) != 0)
		return git_lib_error(err, ERR_NOT_FOUND, "cannot read a blob of git's");
	if (type != GIT_OBJECT_BLOB)
		return err_set(err, ERR_NOT_FOUND, "git's object is not a blob");
	if (max && size > max)
		return err_set(err, ERR_LIMIT, "a blob of git's has %zu bytes; the limit is %zu", size, max);
	if (vcs->git->odb_read(&object, vcs->odb, &oid) != 0)
		return git_lib_error(err, ERR_IO, "cannot read a blob of git's");
	buf_add(out, vcs->git->odb_object_data(object), vcs->git->odb_object_size(object));
	vcs->git->odb_object_free(object);
	return 0;
}

int vcs_blob_id(struct vcs *vcs, const void *data, size_t n, unsigned char id[VCS_ID_SIZE], struct err *err)
{
	git_oid oid;
	if (need_repository(vcs, err) != 0)
		return -1;
	if (vcs->git->odb_hash(&oid, data, n, GIT_OBJECT_BLOB) != 0)
		return git_lib_error(err, ERR_INTERNAL, "cannot hash a blob");
	memcpy(id, oid.id, VCS_ID_SIZE);
	return 0;
}

int vcs_load_head_tree(struct vcs *vcs, struct err *err)
{
	git_oid oid;
	git_commit *commit = NULL;
	if (need_repository(vcs, err) != 0)
		return -1;
	if (vcs->head_tree || !*vcs->head)
		return 0;
	int rc = 0;
	if (vcs->git->oid_fromstr(&oid, vcs->head) != 0 || vcs->git->commit_lookup(&commit, vcs->repo, &oid) != 0 ||
	    vcs->git->commit_tree(&vcs->head_tree, commit) != 0)
		rc = git_lib_error(err, ERR_IO, "cannot read the commit '%s'", vcs->head);
	vcs->git->commit_free(commit);
	return rc;
}

int vcs_head_blob(struct vcs *vcs, const char *path, struct buf *out, unsigned *mode, struct err *err)
{
	git_tree_entry *entry = NULL;
	if (vcs_load_head_tree(vcs, err) != 0)
		return -1;
	if (!vcs->head_tree || vcs->git->tree_entry_bypath(&entry, vcs->head_tree, path) != 0)
		return err_set(err, ERR_NOT_FOUND, "'%s' is not in HEAD", path);
	if (mode)
		*mode = (unsigned)vcs->git->tree_entry_filemode(entry);
	int rc = vcs_blob(vcs, vcs->git->tree_entry_id(entry)->id, 0, out, err);
	vcs->git->tree_entry_free(entry);
	return rc;
}

bool vcs_is_ignored(struct vcs *vcs, const char *path, bool is_dir)
{
	int ignored = 0;
	if (vcs->state != VCS_OK)
		return false;
	char *name = xasprintf("%s%s", path, is_dir ? "/" : "");
	if (vcs->git->ignore_path_is_ignored(&ignored, vcs->repo, name) != 0)
		ignored = 0;
	free(name);
	return ignored;
}

/* git-config(5), core.excludesFile. */
void vcs_exclude_files(struct vcs *vcs, char **repository, char **user)
{
	git_config *config = NULL;
	git_buf path = { 0 };
	const char *config_home = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	*user = config_home && *config_home ? xasprintf("%s/git/ignore", config_home)
	                                    : xasprintf("%s/.config/git/ignore", home ? home : "");
	if (vcs->state != VCS_OK) {
		*repository = xasprintf("%s/.git/info/exclude", vcs->root);
		return;
	}
	*repository = xasprintf("%sinfo/exclude", vcs->git->repository_commondir(vcs->repo));
	if (vcs->git->repository_config_snapshot(&config, vcs->repo) == 0 &&
	    vcs->git->config_get_path(&path, config, "core.excludesfile") == 0) {
		free(*user);
		*user = xstrdup(path.ptr);
	}
	vcs->git->buf_dispose(&path);
	vcs->git->config_free(config);
}

void vcs_shutdown(void)
{
	git_lib_shutdown();
}
