#include "io/config.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "io/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MAX_BYTES 16384

static int read_key_file(const char *path, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_errno(err, errno, "cannot open the key file '%s'", path);
	struct stat st;
	int rc = 0;
	if (fstat(fd, &st) != 0)
		rc = err_errno(err, errno, "cannot read the key file '%s'", path);
	else if (!S_ISREG(st.st_mode))
		rc = err_set(err, ERR_ACCESS, "the key file '%s' is no regular file", path);
	else if (st.st_mode & 077) {
		err_set(err, ERR_ACCESS, "the key file '%s' can be read by others (mode %04o)", path,
		        (unsigned)(st.st_mode & 07777));
		rc = err_hint(err, "chmod 600 '%s'", path);
	}
	char chunk[1024];
	ssize_t n = 1;
	while (rc == 0 && n > 0 && !out->truncated) {
		n = read(fd, chunk, sizeof chunk);
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
		else if (n < 0 && errno != EINTR)
			rc = err_errno(err, errno, "cannot read the key file '%s'", path);
		else if (n < 0)
			n = 1;
	}
	explicit_bzero(chunk, sizeof chunk);
	close(fd);
	return rc;
}

static void take_output(void *arg, enum proc_stream stream, const char *data, size_t n)
{
	if (stream == PROC_STDOUT)
		buf_add(arg, data, n);
}

static int run_key_command(const struct provider *provider, struct buf *out, struct err *err)
{
	const char *const argv[] = { "sh", "-c", provider->key_command, NULL };
	struct proc_spec spec = {
		.argv = argv,
		.cwd = "/",
		.timeout_ms = 30000,
		.output = take_output,
		.arg = out,
	};
	struct proc_result result;
	if (proc_run(&spec, &result, err) != 0)
		return err_prefix(err, "the key_command of '%s'", provider->name);
	if (result.timed_out)
		return err_set(err, ERR_PROVIDER, "the key_command of '%s' took over 30 s", provider->name);
	if (result.exit_code != 0)
		return err_set(err, ERR_PROVIDER, "the key_command of '%s' ended with exit status %d", provider->name,
		               result.exit_code);
	return 0;
}

/* A key goes into a header line: one word, without what could end the line or start another. The key itself
 * is in no message. */
static int check_key(const struct provider *provider, struct buf *key, struct err *err)
{
	if (key->truncated)
		return err_set(err, ERR_PROVIDER, "the key of '%s' is over 16 KiB", provider->name);
	while (key->len && (key->data[key->len - 1] == '\n' || key->data[key->len - 1] == '\r'))
		buf_truncate(key, key->len - 1);
	if (key->len == 0)
		return err_set(err, ERR_PROVIDER, "the key of '%s' is empty", provider->name);
	for (size_t i = 0; i < key->len; i++) {
		unsigned char c = (unsigned char)key->data[i];
		if (c == '\n' || c == '\r')
			return err_set(err, ERR_PROVIDER, "the key of '%s' has a line end inside", provider->name);
		if (c <= ' ' || c >= 0x7f)
			return err_set(err, ERR_PROVIDER,
			               "the key of '%s' has a blank or a character inside that no key has", provider->name);
	}
	return 0;
}

int config_key(const struct provider *provider, char **out, struct err *err)
{
	struct buf key;
	buf_init(&key, KEY_MAX_BYTES);
	buf_reserve(&key, KEY_MAX_BYTES - 1); /* so that no copy is left behind by growing */
	int rc = 0;
	bool has_key = true;
	if (*provider->key_env) {
		const char *value = getenv(provider->key_env);
		if (!value || !*value) {
			err_set(err, ERR_PROVIDER, "the key of '%s' is missing: %s is not set", provider->name,
			        provider->key_env);
			rc = err_hint(err, "export %s, or use key_file or key_command", provider->key_env);
		} else {
			buf_add_str(&key, value);
		}
	} else if (*provider->key_file) {
		rc = read_key_file(provider->key_file, &key, err);
	} else if (*provider->key_command) {
		rc = run_key_command(provider, &key, err);
	} else {
		has_key = false;
	}
	if (rc == 0 && has_key)
		rc = check_key(provider, &key, err);
	if (rc == 0)
		*out = xstrdup(buf_str(&key));
	if (key.data)
		explicit_bzero(key.data, key.cap);
	buf_release(&key);
	return rc;
}
