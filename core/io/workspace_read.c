/* Reading many files at once. */
#include "io/workspace.h"

#include "base/pool.h"
#include "base/xalloc.h"
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* What is not in memory waits for the disk, not for a core: more threads than cores keep the disk busy. */
#define READERS 8
#define FIRST_READ (16 * 1024)
/* Fewer files for each reader than this are read sooner than a thread starts. */
#define FILES_PER_READER 16

struct reading {
	const struct workspace *ws;
	struct workspace_file *file;
	int64_t max_bytes;
	const struct cancel *cancel;
};

/* Cuts to max bytes at the last line end among them; a longer line is cut as it is. */
static size_t cut(const char *data, size_t max)
{
	const char *eol = memrchr(data, '\n', max);
	return eol ? (size_t)(eol - data) + 1 : max;
}

/* Reads to the end, or one byte beyond max. Grows from what stat said, which /proc and a growing file make a lie. */
static int read_all(int fd, size_t expected, size_t max, struct workspace_file *file)
{
	size_t cap = expected < max ? expected : max;
	char *data = xmalloc(cap + 2);
	size_t n = 0;
	for (;;) {
		ssize_t k = fd_read(fd, data + n, cap + 1 - n);
		if (k < 0) {
			int why = errno;
			free(data);
			return err_errno(&file->err, why, "cannot read '%s'", file->path);
		}
		n += (size_t)k;
		if (n <= cap)
			break;
		if (cap == max) {
			n = cut(data, max);
			break;
		}
		cap = cap * 2 + FIRST_READ < max ? cap * 2 + FIRST_READ : max;
		data = xrealloc(data, cap + 2);
	}
	data[n] = '\0';
	file->data = data;
	file->size = n;
	return 0;
}

static int read_link(const struct root *root, struct workspace_file *file)
{
	struct image image = { 0 };
	if (file_image(root, file->path, "/tmp", &image, &file->err) != 0)
		return -1;
	file->is_link = true;
	file->data = image.data;
	file->size = (size_t)image.size;
	file->hash = image.hash;
	image.data = NULL;
	image_release(&image);
	return 0;
}

static int read_one(const struct reading *r, struct workspace_file *file)
{
	struct stat st;
	struct err why;
	size_t max = r->max_bytes > 0 ? (size_t)r->max_bytes : SIZE_MAX / 2;
	int fd = file_open(&r->ws->root, file->path, O_RDONLY, 0, &why);
	if (fd < 0 && file_stat(&r->ws->root, file->path, &st, NULL) == 0 && S_ISLNK(st.st_mode))
		return read_link(&r->ws->root, file);
	if (fd < 0) {
		file->err = why;
		return -1;
	}
	int rc;
	if (fstat(fd, &st) != 0)
		rc = err_errno(&file->err, errno, "cannot read '%s'", file->path);
	else if (!S_ISREG(st.st_mode))
		rc = err_set(&file->err, ERR_UNSUPPORTED, "'%s' is not a regular file", file->path);
	else
		rc = read_all(fd, (size_t)st.st_size, max, file);
	fd_close(&fd);
	if (rc == 0) {
		file->mode = st.st_mode & 07777;
		hash_data(&file->hash, file->data, file->size);
	}
	return rc;
}

static void read_at(void *arg, size_t i)
{
	const struct reading *r = arg;
	if (!cancel_is_set(r->cancel) && read_one(r, &r->file[i]) == 0)
		r->file[i].err.code = ERR_NONE;
}

int workspace_read(const struct workspace *ws, const struct strings *paths, int64_t max_bytes,
                   const struct cancel *cancel, struct workspace_batch *out, struct err *err)
{
	size_t n = paths->n_items;
	*out = (struct workspace_batch){ .file = xcalloc(n + 1, sizeof *out->file), .n_files = n };
	for (size_t i = 0; i < n; i++)
		out->file[i].path = paths->item[i];
	struct reading reading = { ws, out->file, max_bytes, cancel };
	size_t n_readers = ws->n_threads == 1 || ws->n_threads > READERS ? ws->n_threads : READERS;
	if (n_readers > n / FILES_PER_READER + 1)
		n_readers = n / FILES_PER_READER + 1;
	pool_for_each(n, n_readers, read_at, &reading);
	if (!cancel_is_set(cancel))
		return 0;
	workspace_batch_release(out);
	return err_set(err, ERR_CANCELLED, "cancelled while reading");
}

void workspace_batch_release(struct workspace_batch *batch)
{
	for (size_t i = 0; i < batch->n_files; i++)
		free(batch->file[i].data);
	free(batch->file);
	*batch = (struct workspace_batch){ 0 };
}
