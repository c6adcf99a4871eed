#include "tui/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t written = write(fd, text, n);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		text += written;
		n -= (size_t)written;
	}
	return fsync(fd);
}

int verb_write_new(const char *file, const char *text, size_t n, struct err *err)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, ERR_EXISTS, "'%s' is there already, and stays as it is", file);
	if (fd < 0)
		return err_errno(err, errno, "cannot make '%s'", file);
	int rc = write_all(fd, text, n);
	int why = errno;
	if (close(fd) != 0 && rc == 0) {
		why = errno;
		rc = -1;
	}
	if (rc == 0)
		return 0;
	(void)unlink(file);
	return err_errno(err, why, "cannot write '%s'", file);
}
