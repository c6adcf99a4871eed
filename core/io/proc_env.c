/* What a child gets to see of our environment: nothing that could hold a key. */
#include "io/proc_spawn.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* A name that ends in '*' stands for all that begin so. */
static const char *const allowed[] = {
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TMPDIR", "SOURCE_DATE_EPOCH",
	"XDG_CACHE_HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "XDG_DATA_DIRS", "XDG_DATA_HOME", "XDG_STATE_HOME",
	"CC", "CXX", "CPP", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS",
	"LD_LIBRARY_PATH", "PKG_CONFIG_PATH", "ACLOCAL_PATH", "CARGO_HOME", "RUSTUP_HOME", "GOPATH", "GOROOT",
	"JAVA_HOME", "NODE_PATH", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_DIR", "SSL_CERT_FILE",
};

extern char **environ;

static bool is_allowed(const char *pair)
{
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
		size_t n = strlen(allowed[i]);
		if (allowed[i][n - 1] == '*' ? strncmp(pair, allowed[i], n - 1) == 0
		                             : strncmp(pair, allowed[i], n) == 0 && pair[n] == '=')
			return true;
	}
	return false;
}

void proc_env_names(struct strings *out)
{
	for (char **pair = environ; *pair; pair++)
		if (is_allowed(*pair))
			strings_take(out, xstrndup(*pair, strcspn(*pair, "=")));
}

void proc_env_set(struct strings *env, const char *pair)
{
	size_t name = strcspn(pair, "=") + 1;
	for (size_t i = 0; i < env->n_items; i++) {
		if (strncmp(env->item[i], pair, name) != 0)
			continue;
		free(env->item[i]);
		env->item[i] = xstrdup(pair);
		return;
	}
	strings_add(env, pair);
}

void proc_make_env(struct strings *out, const char *const *extra)
{
	strings_add(out, "TERM=dumb");
	for (char **pair = environ; *pair; pair++)
		if (is_allowed(*pair))
			proc_env_set(out, *pair);
	for (; extra && *extra; extra++)
		if (strchr(*extra, '='))
			proc_env_set(out, *extra);
}
