#include "io/git_lib.h"

#include "base/thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct git_lib table;
static bool loaded;
static struct err load_err;
static pthread_once_t once = PTHREAD_ONCE_INIT; /* guards the three above */

static const struct {
	const char *symbol;
	size_t offset;
} function[] = {
#define GIT_LIB_ROW(name) { "git_" #name, offsetof(struct git_lib, name) },
	GIT_LIB_FUNCTIONS(GIT_LIB_ROW)
#undef GIT_LIB_ROW
};

static int find_functions(void *library)
{
	for (size_t i = 0; i < sizeof function / sizeof *function; i++) {
		void *address = dlsym(library, function[i].symbol);
		if (!address)
			return err_set(&load_err, ERR_UNSUPPORTED, "libgit2 has no '%s'", function[i].symbol);
		/* POSIX lets an object pointer from dlsym stand for a function's. */
		memcpy((char *)&table + function[i].offset, &address, sizeof address);
	}
	return 0;
}

/* Structures differ between minor versions: only the version of the headers will do. */
static int check_version(void)
{
	int major, minor, revision;
	table.libgit2_version(&major, &minor, &revision);
	if (major == LIBGIT2_VER_MAJOR && minor == LIBGIT2_VER_MINOR)
		return 0;
	return err_set(&load_err, ERR_UNSUPPORTED, "libgit2 is version %d.%d, and belay was built for %s", major, minor,
	               LIBGIT2_SOVERSION);
}

/*
 * The formats that libgit2 can work with. It knows "objectformat" by itself and would write SHA-1 objects into a
 * SHA-256 repository: the '!' takes that away.
 */
static int set_options(void)
{
	static const char *extension[] = {
		"worktreeconfig", "partialclone", "preciousobjects", "relativeworktrees", "!objectformat",
	};
	if (table.libgit2_init() < 0)
		return git_lib_error(&load_err, ERR_UNSUPPORTED, "cannot start libgit2");
	if (table.libgit2_opts(GIT_OPT_SET_EXTENSIONS, extension, sizeof extension / sizeof *extension) != 0 ||
	    table.libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) != 0)
		return git_lib_error(&load_err, ERR_UNSUPPORTED, "cannot set up libgit2");
	return 0;
}

static void load(void)
{
	void *library = dlopen("libgit2.so." LIBGIT2_SOVERSION, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		library = dlopen("libgit2.so", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		err_set(&load_err, ERR_UNSUPPORTED, "libgit2 cannot be loaded: %.300s", dlerror());
		err_hint(&load_err, "install libgit2 %s", LIBGIT2_SOVERSION);
		return;
	}
	if (find_functions(library) == 0 && check_version() == 0 && set_options() == 0)
		loaded = true;
	else
		dlclose(library);
}

const struct git_lib *git_lib(struct err *err)
{
	pthread_once(&once, load);
	if (loaded)
		return &table;
	if (err)
		*err = load_err;
	return NULL;
}

int git_lib_open_own(git_repository **out, const char *path, struct err *err)
{
	git_repository *repo = NULL;
	git_config *config = NULL;
	const struct git_lib *git = git_lib(err);
	if (!git)
		return -1;
	if (git->config_new(&config) != 0)
		return git_lib_error(err, ERR_IO, "cannot open '%s'", path);
	if (git->repository_open_bare(&repo, path) != 0 || git->repository_set_config(repo, config) != 0) {
		git_lib_error(err, ERR_IO, "cannot open '%s'", path);
		git->repository_free(repo);
		repo = NULL;
	}
	git->config_free(config);
	*out = repo;
	return repo ? 0 : -1;
}

/* libgit2 clears errno; the system's words stay at the end of its message. */
static bool is_no_space(const char *message)
{
	return strstr(message, strerror(ENOSPC)) || strstr(message, strerror(EDQUOT));
}

int git_lib_error(struct err *err, enum err_code code, const char *fmt, ...)
{
	char text[300];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	const git_error *last = table.error_last();
	const char *why = last && last->message ? last->message : "no reason given";
	if (last && last->klass == GIT_ERROR_OS && is_no_space(why))
		code = ERR_NO_SPACE;
	return err_set(err, code, "%s: %s", text, why);
}

void git_lib_shutdown(void)
{
	if (loaded)
		table.libgit2_shutdown();
	loaded = false;
}
