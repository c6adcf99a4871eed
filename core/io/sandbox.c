#include "io/sandbox.h"

#include "base/path.h"
#include "base/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool is_dir_entry(int dir, const struct dirent *entry)
{
	struct stat st;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Adds the .git of one folder to out, and the folders in it to pending. A folder that may not be read holds nothing
 * that the command could reach either. */
static void look_into(int root, const char *path, struct strings *pending, struct strings *out)
{
	struct buf child = { 0 };
	int fd = openat(root, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	const struct dirent *entry;
	while ((entry = readdir(dir))) {
		bool is_git = strcmp(entry->d_name, ".git") == 0;
		if (is_dot(entry->d_name) || (!is_git && !is_dir_entry(fd, entry)))
			continue;
		buf_clear(&child);
		path_join(&child, path, entry->d_name);
		strings_add(is_git ? out : pending, buf_str(&child));
	}
	closedir(dir);
	buf_release(&child);
}

int sandbox_find_git(const char *root, struct strings *out, struct err *err)
{
	struct strings pending = { 0 };
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, errno, "cannot open '%s'", root);
	strings_add(&pending, "");
	while (pending.n_items) {
		char *path = pending.item[--pending.n_items];
		look_into(fd, path, &pending, out);
		free(path);
	}
	close(fd);
	strings_release(&pending);
	strings_sort(out);
	return 0;
}

static void add_words(struct strings *out, const char *const *word)
{
	for (; *word; word++)
		strings_add(out, *word);
}

/* /run holds the sockets of services that would act for the command; what a program needs from it comes back. */
static const char *const own_folders[] = {
	"--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/run",
	"--ro-bind-try", "/run/current-system", "/run/current-system", NULL,
};
static const char *const name_service[] = {
	"--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve",
	"--ro-bind-try", "/run/resolvconf", "/run/resolvconf", "--ro-bind-try", "/run/nscd", "/run/nscd", NULL,
};
static const char *const own_spaces[] = {
	"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--setenv", "TMPDIR", "/tmp",
	"--setenv", "XDG_CACHE_HOME", "/tmp/.cache", NULL,
};
/* Root may work on the files of others in the tree, but never mount, trace or make devices. */
static const char *const root_caps[] = {
	"--cap-drop", "ALL", "--cap-add", "CAP_CHOWN", "--cap-add", "CAP_DAC_OVERRIDE", "--cap-add", "CAP_FOWNER",
	"--cap-add", "CAP_FSETID", NULL,
};

static void add_mount(struct strings *out, const char *option, const char *path)
{
	add_words(out, (const char *const[]){ option, path, path, NULL });
}

/* A folder that holds a mount can be renamed, and another put in its place; one that is itself a mount cannot. */
static void pin_folders(struct strings *out, const char *root, const char *git, struct strings *pinned)
{
	struct buf path = { 0 };
	for (const char *s = strchr(git, '/'); s; s = strchr(s + 1, '/')) {
		buf_clear(&path);
		buf_printf(&path, "%s/%.*s", root, (int)(s - git), git);
		if (strings_find(pinned, buf_str(&path)) >= 0)
			continue;
		strings_add(pinned, buf_str(&path));
		add_mount(out, "--bind", buf_str(&path));
	}
	buf_release(&path);
}

/* A mount cannot cover a link: what it leads to is covered. */
static int add_tree(struct strings *out, const char *root, struct err *err)
{
	char real[PATH_MAX];
	struct strings git = { 0 };
	struct strings pinned = { 0 };
	struct buf path = { 0 };
	if (sandbox_find_git(root, &git, err) != 0)
		return -1;
	add_mount(out, "--bind", root);
	for (size_t i = 0; i < git.n_items; i++)
		pin_folders(out, root, git.item[i], &pinned);
	for (size_t i = 0; i < git.n_items; i++) {
		buf_clear(&path);
		path_join(&path, root, git.item[i]);
		if (realpath(buf_str(&path), real))
			add_mount(out, "--ro-bind-try", real);
	}
	buf_release(&path);
	strings_release(&pinned);
	strings_release(&git);
	return 0;
}

/* A copy in the tree's place has no repository of its own: it sees the tree's, and cannot write to it. */
static void add_copy(struct strings *out, const struct proc_spec *spec)
{
	char real[PATH_MAX];
	char *git = xasprintf("%s/.git", spec->shown_at);
	add_words(out, (const char *const[]){ "--bind", spec->writable, spec->shown_at, NULL });
	if (realpath(git, real))
		add_words(out, (const char *const[]){ "--ro-bind-try", real, git, NULL });
	free(git);
}

int sandbox_bwrap_args(const struct proc_spec *spec, struct strings *out, struct err *err)
{
	add_words(out, own_folders);
	if (spec->network)
		add_words(out, name_service);
	else
		strings_add(out, "--unshare-net");
	if (spec->readable)
		add_mount(out, "--ro-bind", spec->readable);
	if (spec->writable && spec->shown_at)
		add_copy(out, spec);
	else if (spec->writable && add_tree(out, spec->writable, err) != 0)
		return -1;
	add_words(out, own_spaces);
	if (geteuid() == 0)
		add_words(out, root_caps);
	add_words(out, (const char *const[]){ "--chdir", spec->cwd ? spec->cwd : "/", NULL });
	return 0;
}

/* Parts of <linux/landlock.h> that are newer than the oldest header we build with. */
#define ACCESS_TRUNCATE (1ULL << 14)  /* version 3 */
#define ACCESS_IOCTL_DEV (1ULL << 15) /* version 5 */
#define ACCESS_NET_TCP 3ULL           /* version 4: bind and connect */
#define SCOPE_ALL 3ULL                /* version 6: abstract sockets and signals */

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

#define ACCESS_READ (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_FILE \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE | \
	 ACCESS_IOCTL_DEV)

int sandbox_landlock_abi(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return version > 0 ? (int)version : 0;
}

static uint64_t all_access(int abi)
{
	uint64_t access = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
	if (abi >= 2)
		access |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		access |= ACCESS_TRUNCATE;
	if (abi >= 5)
		access |= ACCESS_IOCTL_DEV;
	return access;
}

/* Allows access below path (a link itself is nothing that could be written). A path that is not there needs no
 * rule. */
static int allow(int rules, const char *path, uint64_t access, struct err *err)
{
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, errno, "cannot open '%s'", path);
	int rc = fstat(fd, &st);
	if (rc == 0 && !S_ISLNK(st.st_mode)) {
		struct landlock_path_beneath_attr rule = {
			.allowed_access = S_ISDIR(st.st_mode) ? access : access & ACCESS_FILE, .parent_fd = fd,
		};
		rc = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	if (rc != 0)
		rc = err_errno(err, errno, "cannot confine the command at '%s'", path);
	close(fd);
	return rc;
}

static bool holds_git(const struct strings *git, const char *path)
{
	for (size_t i = 0; i < git->n_items; i++)
		if (path_is_below(git->item[i], path))
			return true;
	return false;
}

/* Allows writing below `path`: as a whole where no .git is in it, else entry by entry. */
static int allow_tree(int rules, const char *root, const struct strings *git, const char *path, uint64_t access,
                      struct err *err)
{
	struct buf full = { 0 };
	struct buf child = { 0 };
	int rc = 0;
	path_join(&full, root, path);
	if (!holds_git(git, path)) {
		rc = allow(rules, buf_str(&full), access, err);
		buf_release(&full);
		return rc;
	}
	DIR *dir = strings_find(git, path) < 0 ? opendir(buf_str(&full)) : NULL;
	const struct dirent *entry;
	while (rc == 0 && dir && (entry = readdir(dir))) {
		if (is_dot(entry->d_name))
			continue;
		buf_clear(&child);
		path_join(&child, path, entry->d_name);
		rc = allow_tree(rules, root, git, buf_str(&child), access, err);
	}
	if (dir)
		closedir(dir);
	buf_release(&child);
	buf_release(&full);
	return rc;
}

static int add_rules(int rules, const struct proc_spec *spec, const char *tmp, uint64_t access, struct err *err)
{
	struct strings git = { 0 };
	if (allow(rules, "/", ACCESS_READ, err) != 0 || allow(rules, tmp, access, err) != 0)
		return -1;
	static const char *const device[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom" };
	for (size_t i = 0; i < sizeof device / sizeof *device; i++)
		if (allow(rules, device[i], access, err) != 0)
			return -1;
	if (!spec->writable)
		return 0;
	if (spec->sandbox == PROC_SANDBOX_LANDLOCK_OPEN)
		return allow(rules, spec->writable, access, err);
	int rc = sandbox_find_git(spec->writable, &git, err);
	if (rc == 0)
		rc = allow_tree(rules, spec->writable, &git, "", access, err);
	strings_release(&git);
	return rc;
}

int sandbox_landlock_rules(const struct proc_spec *spec, const char *tmp, int *fd, struct err *err)
{
	int abi = sandbox_landlock_abi();
	uint64_t access = all_access(abi);
	struct ruleset attr = {
		.fs = access, .net = abi >= 4 && !spec->network ? ACCESS_NET_TCP : 0, .scoped = abi >= 6 ? SCOPE_ALL : 0,
	};
	size_t size = abi >= 6 ? sizeof attr : abi >= 4 ? offsetof(struct ruleset, scoped) : sizeof attr.fs;
	*fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (*fd < 0)
		return err_errno(err, errno, "cannot confine the command with Landlock");
	if (add_rules(*fd, spec, tmp, access, err) == 0)
		return 0;
	close(*fd);
	*fd = -1;
	return -1;
}

int sandbox_landlock_enter(int fd)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return (int)syscall(SYS_landlock_restrict_self, fd, 0);
}
