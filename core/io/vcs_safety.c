/*
 * The safety commit: HEAD's tree with the tracked files as they are now, at refs/belay/<run>. It is written through
 * a handle that has read no configuration, so that no setting makes a reflog or runs anything; the bytes are stored
 * as they are, past all filters.
 */
#include "io/vcs.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "io/file.h"
#include "io/vcs_repo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (10 * 1024 * 1024)
#define TOTAL_MAX (64 * 1024 * 1024)
#define KEPT_RUNS 20
#define REFS "refs/belay/"
#define MODE_MODULE 0160000
#define MODE_FOLDER 040000

struct snapshot {
	struct vcs *vcs;
	const struct git_lib *git;
	git_repository *own;  /* the repository, without its configuration */
	git_odb *odb;
	git_index *base;      /* HEAD's tree, in memory: becomes the commit's */
	struct root root;
	char *folder;         /* the folder of the last entry, open as folder_fd: links are not followed */
	int folder_fd;        /* -1: it is not there, or a link is in the way */
	struct op {
		const struct vcs_entry *entry;
		git_oid id;
		uint32_t mode;  /* 0: not in the commit */
		bool as_head;   /* what it is now cannot be told: as in HEAD */
	} *op;
	size_t n_ops, cap_ops;
	size_t total_bytes;
};

static void add_op(struct snapshot *s, const struct vcs_entry *entry, const git_oid *id, uint32_t mode)
{
	s->op = vec_room(s->op, s->n_ops, &s->cap_ops, sizeof *s->op);
	s->op[s->n_ops] = (struct op){ .entry = entry, .mode = mode };
	if (id)
		s->op[s->n_ops].id = *id;
	s->n_ops++;
}

/* lstat(2) with no link on the way; entries come sorted, so that each folder is opened once. */
static bool look_at(struct snapshot *s, const char *path, struct stat *st)
{
	const char *base = path_base(path);
	size_t n = (size_t)(base - path);
	if (!s->folder || strncmp(s->folder, path, n) != 0 || s->folder[n]) {
		struct err ignored;
		free(s->folder);
		s->folder = xstrndup(path, n);
		if (s->folder_fd >= 0)
			close(s->folder_fd);
		s->folder_fd = file_open_parent(&s->root, path, &base, &ignored);
	}
	return s->folder_fd >= 0 && fstatat(s->folder_fd, base, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int read_link(const struct root *root, const char *path, struct buf *out, struct err *err)
{
	char target[PATH_MAX];
	const char *base;
	int dir = file_open_parent(root, path, &base, err);
	if (dir < 0)
		return -1;
	ssize_t n = readlinkat(dir, base, target, sizeof target);
	int why = errno;
	close(dir);
	if (n < 0)
		return err_errno(err, why, "cannot read the link '%s'", path);
	return buf_add(out, target, (size_t)n);
}

/* What is at the path now becomes an operation, unless it is what the index says. */
static int take_content(struct snapshot *s, const struct vcs_entry *entry, const struct stat *st, struct err *err)
{
	struct buf data = { 0 };
	git_oid id;
	bool is_link = S_ISLNK(st->st_mode);
	int rc = is_link ? read_link(&s->root, entry->path, &data, err)
	                 : file_read(&s->root, entry->path, FILE_MAX, &data, err);
	if (rc == 0 && s->git->odb_hash(&id, buf_str(&data), data.len, GIT_OBJECT_BLOB) != 0)
		rc = git_lib_error(err, ERR_INTERNAL, "cannot hash '%s'", entry->path);
	if (rc == 0) {
		uint32_t mode = is_link ? 0120000 : st->st_mode & 0100 ? 0100755 : 0100644;
		bool known = entry->is_merged && memcmp(id.id, entry->id, VCS_ID_SIZE) == 0;
		if (!s->vcs->trust_mode && !is_link && entry->is_merged)
			mode = entry->mode;
		if (!known && s->total_bytes + data.len <= TOTAL_MAX) {
			s->total_bytes += data.len;
			if (s->git->odb_write(&id, s->odb, buf_str(&data), data.len, GIT_OBJECT_BLOB) != 0)
				rc = git_lib_error(err, ERR_IO, "cannot store '%s' in git", entry->path);
			known = true;
		}
		if (known)
			add_op(s, entry, &id, mode);
	}
	buf_release(&data);
	return rc;
}

/* A file that cannot be read, or is too large, stays in the commit as it was last added. */
static int take_entry(struct snapshot *s, const struct vcs_entry *entry, struct err *err)
{
	struct stat st;
	struct err why;
	git_oid id;
	memcpy(id.id, entry->id, VCS_ID_SIZE);
	if (entry->is_sparse || entry->mode == MODE_MODULE || entry->mode == MODE_FOLDER) {
		add_op(s, entry, &id, entry->mode);
		s->op[s->n_ops - 1].as_head = entry->mode == MODE_FOLDER;
		return 0;
	}
	bool there = look_at(s, entry->path, &st);
	if (there && vcs_compare(s->vcs, entry, &st) == VCS_SAME) {
		add_op(s, entry, &id, entry->mode);
		return 0;
	}
	if (!there || !(S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))) {
		add_op(s, entry, NULL, 0);
		return 0;
	}
	size_t before = s->n_ops;
	if (st.st_size <= FILE_MAX && take_content(s, entry, &st, &why) != 0) {
		if (why.code == ERR_NO_SPACE) {
			*err = why;
			return -1;
		}
		if (why.code == ERR_NOT_FOUND)
			add_op(s, entry, NULL, 0);
	}
	if (s->n_ops == before) {
		add_op(s, entry, &id, entry->mode);
		s->op[before].as_head = !entry->is_merged;
	}
	return 0;
}

static int open_snapshot(struct snapshot *s, struct err *err)
{
	if (vcs_load_head_tree(s->vcs, err) != 0 || root_open(&s->root, s->vcs->root, err) != 0 ||
	    git_lib_open_own(&s->own, s->git->repository_commondir(s->vcs->repo), err) != 0)
		return -1;
	if (s->git->repository_odb(&s->odb, s->own) != 0 || s->git->index_new(&s->base) != 0 ||
	    (s->vcs->head_tree && s->git->index_read_tree(s->base, s->vcs->head_tree) != 0))
		return git_lib_error(err, ERR_IO, "cannot read HEAD's tree");
	return 0;
}

/* The differences from HEAD, found by going through both sorted lists, are collected before the first is applied:
 * positions move. `gone` gets what HEAD has and the index has not. */
static void find_differences(struct snapshot *s, struct strings *gone)
{
	size_t n_base = s->git->index_entrycount(s->base);
	size_t n_kept = 0;
	const char *folder = NULL; /* of a sparse index: all below is as in HEAD */
	size_t i = 0;
	for (size_t j = 0; j <= s->n_ops; j++) {
		const struct op *op = j < s->n_ops ? &s->op[j] : NULL;
		const git_index_entry *base = NULL;
		for (; i < n_base; i++) {
			base = s->git->index_get_byindex(s->base, i);
			int order = op ? strcmp(base->path, op->entry->path) : -1;
			if (order >= 0) {
				i += order == 0;
				base = order == 0 ? base : NULL;
				break;
			}
			if (!folder || strncmp(base->path, folder, strlen(folder)) != 0)
				strings_add(gone, base->path);
			base = NULL;
		}
		bool same = op && (base ? base->mode == op->mode && s->git->oid_equal(&base->id, &op->id) : op->mode == 0);
		if (op && op->entry->mode == MODE_FOLDER)
			folder = op->entry->path;
		if (op && !same && !op->as_head)
			s->op[n_kept++] = *op;
	}
	s->n_ops = n_kept;
}

static int apply_differences(struct snapshot *s, const struct strings *gone, struct err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < gone->n_items; i++)
		rc = s->git->index_remove(s->base, gone->item[i], 0);
	for (size_t i = 0; rc == 0 && i < s->n_ops; i++) {
		const struct op *op = &s->op[i];
		git_index_entry entry = { .mode = op->mode, .id = op->id, .path = op->entry->path };
		if (op->mode)
			rc = s->git->index_add(s->base, &entry);
		else if (s->git->index_get_bypath(s->base, op->entry->path, 0))
			rc = s->git->index_remove(s->base, op->entry->path, 0);
	}
	return rc != 0 ? git_lib_error(err, ERR_IO, "cannot make the tree of the safety commit") : 0;
}

static int write_commit(struct snapshot *s, const char *run, struct err *err)
{
	git_oid tree_id, commit_id, head_id;
	git_tree *tree = NULL;
	git_commit *head = NULL;
	git_reference *ref = NULL;
	git_signature *who = NULL;
	const struct git_lib *git = s->git;
	char *name = xasprintf(REFS "%s", run);
	char *message = xasprintf("belay: the tracked files before run %s\n", run);
	bool born = *s->vcs->head;
	int rc = git->index_write_tree_to(&tree_id, s->base, s->own);
	if (rc == 0)
		rc = git->tree_lookup(&tree, s->own, &tree_id);
	if (rc == 0 && born)
		rc = git->oid_fromstr(&head_id, s->vcs->head);
	if (rc == 0 && born)
		rc = git->commit_lookup(&head, s->own, &head_id);
	if (rc == 0)
		rc = git->signature_now(&who, "belay", "belay@localhost");
	if (rc == 0)
		rc = git->commit_create(&commit_id, s->own, NULL, who, who, NULL, message, tree, born ? 1 : 0,
		                        (const git_commit **)&head);
	if (rc == 0)
		rc = git->reference_create(&ref, s->own, name, &commit_id, 1, NULL);
	if (rc != 0)
		rc = git_lib_error(err, ERR_IO, "cannot make the safety commit '%s'", name);
	git->reference_free(ref);
	git->signature_free(who);
	git->commit_free(head);
	git->tree_free(tree);
	free(name);
	free(message);
	return rc;
}

struct aged {
	char *name;
	int64_t at;
};

static int by_age(const void *a, const void *b)
{
	const struct aged *x = a;
	const struct aged *y = b;
	return x->at != y->at ? (x->at < y->at) - (x->at > y->at) : strcmp(y->name, x->name);
}

static int64_t commit_time(const struct snapshot *s, const char *name)
{
	git_oid id;
	git_commit *commit = NULL;
	int64_t at = 0;
	if (s->git->reference_name_to_id(&id, s->own, name) == 0 && s->git->commit_lookup(&commit, s->own, &id) == 0)
		at = s->git->commit_time(commit);
	s->git->commit_free(commit);
	return at;
}

/* Of refs/belay/ the newest stay, and the one just made. One that cannot be removed now goes the next time. */
static void drop_old(const struct snapshot *s, const char *run)
{
	struct aged *ref = NULL;
	size_t n = 0;
	size_t cap = 0;
	size_t n_kept = 1;
	const char *name;
	git_reference_iterator *it = NULL;
	if (s->git->reference_iterator_glob_new(&it, s->own, REFS "*") != 0)
		return;
	while (s->git->reference_next_name(&name, it) == 0) {
		if (strcmp(name + strlen(REFS), run) == 0)
			continue;
		ref = vec_room(ref, n, &cap, sizeof *ref);
		ref[n++] = (struct aged){ xstrdup(name), commit_time(s, name) };
	}
	s->git->reference_iterator_free(it);
	if (n)
		qsort(ref, n, sizeof *ref, by_age);
	for (size_t i = 0; i < n; i++) {
		if (n_kept++ >= KEPT_RUNS)
			s->git->reference_remove(s->own, ref[i].name);
		free(ref[i].name);
	}
	free(ref);
}

static void close_snapshot(struct snapshot *s)
{
	s->git->index_free(s->base);
	s->git->odb_free(s->odb);
	s->git->repository_free(s->own);
	root_close(&s->root);
	if (s->folder_fd >= 0)
		close(s->folder_fd);
	free(s->folder);
	free(s->op);
}

int vcs_safety_commit(struct vcs *vcs, const char *run, struct err *err)
{
	struct strings gone = { 0 };
	struct snapshot s = { .vcs = vcs, .git = vcs->git, .root = { .fd = -1 }, .folder_fd = -1 };
	const struct vcs_index *index = vcs_index(vcs, err);
	if (!index)
		return 1;
	int rc = open_snapshot(&s, err);
	for (size_t i = 0; rc == 0 && i < index->n_entries; i++)
		rc = take_entry(&s, &index->entry[i], err);
	if (rc == 0) {
		find_differences(&s, &gone);
		rc = apply_differences(&s, &gone, err);
	}
	if (rc == 0)
		rc = write_commit(&s, run, err);
	if (rc == 0)
		drop_old(&s, run);
	close_snapshot(&s);
	strings_release(&gone);
	return rc == 0 ? 0 : 1;
}
