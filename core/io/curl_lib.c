#include "io/curl_lib.h"

#include "base/thread.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define OLDEST 0x075500u

static struct curl_lib table;
static bool loaded;
static struct err load_err;
static pthread_once_t once = PTHREAD_ONCE_INIT; /* guards the three above */

static const struct {
	const char *symbol;
	size_t offset;
} function[] = {
#define CURL_LIB_ROW(name) { "curl_" #name, offsetof(struct curl_lib, name) },
	CURL_LIB_FUNCTIONS(CURL_LIB_ROW)
#undef CURL_LIB_ROW
};

static int find_functions(void *library)
{
	for (size_t i = 0; i < sizeof function / sizeof *function; i++) {
		void *address = dlsym(library, function[i].symbol);
		if (!address)
			return err_set(&load_err, ERR_UNSUPPORTED, "libcurl has no '%s'", function[i].symbol);
		/* POSIX lets an object pointer from dlsym stand for a function's. */
		memcpy((char *)&table + function[i].offset, &address, sizeof address);
	}
	return 0;
}

static int start(void)
{
	const curl_version_info_data *info = table.version_info(CURLVERSION_NOW);
	if (info->version_num < OLDEST)
		return err_set(&load_err, ERR_UNSUPPORTED, "libcurl is version %s, and 7.85 is needed", info->version);
	if (table.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(&load_err, ERR_UNSUPPORTED, "cannot start libcurl");
	return 0;
}

static void load(void)
{
	static const char *const name[] = { "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so" };
	void *library = NULL;
	for (size_t i = 0; !library && i < sizeof name / sizeof *name; i++)
		library = dlopen(name[i], RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		err_set(&load_err, ERR_UNSUPPORTED, "libcurl cannot be loaded: %.300s", dlerror());
		err_hint(&load_err, "install libcurl (the package libcurl4): models on servers are asked through it");
		return;
	}
	if (find_functions(library) == 0 && start() == 0)
		loaded = true;
	else
		dlclose(library);
}

const struct curl_lib *curl_lib(struct err *err)
{
	pthread_once(&once, load);
	if (loaded)
		return &table;
	if (err)
		*err = load_err;
	return NULL;
}
