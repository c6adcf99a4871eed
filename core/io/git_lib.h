/*
 * libgit2, loaded at first use rather than linked, so that what needs no repository starts at once and a machine
 * without it still runs plans. Its headers give the types; the functions that are used are listed here once. Used by
 * vcs*.c only.
 *
 *     const struct git_lib *git = git_lib(err);
 *     if (!git)
 *             return -1;
 *     if (git->repository_open(&repo, path) != 0)
 *             return git_lib_error(err, ERR_IO, "cannot open '%s'", path);
 */
#ifndef BELAY_IO_GIT_LIB_H
#define BELAY_IO_GIT_LIB_H

#include "base/attr.h"
#include "base/err.h"

#include <git2.h>
#include <git2/sys/repository.h>

/* To use another function of libgit2, add its name (without "git_") here. */
#define GIT_LIB_FUNCTIONS(X) \
	X(attr_get_many) X(attr_value) X(buf_dispose) X(commit_create) X(commit_free) X(commit_lookup) \
	X(commit_time) X(commit_tree) X(config_free) X(config_get_bool) X(config_get_path) \
	X(config_get_string_buf) X(config_new) X(error_last) X(ignore_path_is_ignored) X(index_add) \
	X(index_entrycount) X(index_free) X(index_get_byindex) X(index_get_bypath) X(index_new) \
	X(index_read_tree) X(index_remove) X(index_write_tree_to) X(libgit2_init) X(libgit2_opts) \
	X(libgit2_shutdown) X(libgit2_version) X(odb_free) X(odb_hash) X(odb_object_data) \
	X(odb_object_free) X(odb_object_size) X(odb_read) X(odb_read_header) X(odb_write) X(oid_equal) \
	X(oid_fromstr) X(oid_tostr) X(reference_create) X(reference_free) X(reference_iterator_free) \
	X(reference_iterator_glob_new) X(reference_lookup) X(reference_name_to_id) X(reference_next_name) \
	X(reference_remove) X(reference_symbolic_target) X(reference_target) X(repository_commondir) \
	X(repository_config_snapshot) X(repository_free) X(repository_head) X(repository_odb) \
	X(repository_open) X(repository_open_bare) X(repository_path) X(repository_set_config) \
	X(repository_workdir) X(signature_free) X(signature_now) X(tree_entry_bypath) \
	X(tree_entry_filemode) X(tree_entry_free) X(tree_entry_id) X(tree_free) X(tree_lookup)

struct git_lib {
#define GIT_LIB_FIELD(name) __typeof__(git_##name) *name;
	GIT_LIB_FUNCTIONS(GIT_LIB_FIELD)
#undef GIT_LIB_FIELD
};

/*
 * The functions, once the library is loaded and initialised; NULL with ERR_UNSUPPORTED when it is not there. Any
 * thread. What is written is synced; repositories of other owners and unknown formats are refused.
 */
const struct git_lib *git_lib(struct err *err) MUST_CHECK;

/* Opens a bare repository of our own without reading any configuration, so that no setting of the user's, and no
 * mistake in one, reaches it. */
int git_lib_open_own(git_repository **out, const char *path, struct err *err) MUST_CHECK;

/* Sets *err from what libgit2 said last: "<text>: <reason>". A full disk is ERR_NO_SPACE whatever `code` says.
 * Returns -1. */
int git_lib_error(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Once, at the end, when no thread uses it any more. */
void git_lib_shutdown(void);

#endif
