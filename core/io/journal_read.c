#include "io/journal_read.h"

#include "base/hash.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct journal_reader {
	int fd;
	char *file;       /* owned */
	const char *data; /* mapped; NULL while the file is empty */
	size_t size;
	size_t offset;    /* of the next line */
	uint64_t seq;
	char prev[HASH_HEX_SIZE];
};

int journal_reader_refresh(struct journal_reader *reader, struct err *err)
{
	struct stat st;
	if (fstat(reader->fd, &st) != 0)
		return err_errno(err, errno, "cannot look at journal '%s'", reader->file);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "'%s' is no journal: not a regular file", reader->file);
	if ((size_t)st.st_size < reader->offset)
		return err_set(err, ERR_CORRUPT, "journal '%s' became shorter", reader->file);
	if ((size_t)st.st_size == reader->size)
		return 0;
	void *data = NULL;
	if (st.st_size > 0) {
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, reader->fd, 0);
		if (data == MAP_FAILED)
			return err_errno(err, errno, "cannot map journal '%s'", reader->file);
	}
	if (reader->data)
		munmap((void *)(uintptr_t)reader->data, reader->size);
	reader->data = data;
	reader->size = (size_t)st.st_size;
	return 0;
}

int journal_reader_open(struct journal_reader **out, const char *file, struct err *err)
{
	struct journal_reader *reader = xcalloc(1, sizeof *reader);
	reader->file = xstrdup(file);
	memset(reader->prev, '0', HASH_HEX_SIZE - 1);
	reader->fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc = reader->fd < 0 ? err_errno(err, errno, "cannot open journal '%s'", file)
	                        : journal_reader_refresh(reader, err);
	if (rc != 0) {
		journal_reader_close(reader);
		return -1;
	}
	*out = reader;
	return 0;
}

void journal_reader_close(struct journal_reader *reader)
{
	if (!reader)
		return;
	if (reader->data)
		munmap((void *)(uintptr_t)reader->data, reader->size);
	if (reader->fd >= 0)
		close(reader->fd);
	free(reader->file);
	free(reader);
}

size_t journal_reader_offset(const struct journal_reader *reader)
{
	return reader->offset;
}

uint64_t journal_reader_seq(const struct journal_reader *reader)
{
	return reader->seq;
}

const char *journal_reader_prev(const struct journal_reader *reader)
{
	return reader->prev;
}

static const char *line_end(const struct journal_reader *reader, size_t offset)
{
	return offset < reader->size ? memchr(reader->data + offset, '\n', reader->size - offset) : NULL;
}

static int corrupt(const struct journal_reader *reader, const char *why, struct err *err)
{
	err_set(err, ERR_CORRUPT, "journal '%s' is damaged after event %llu: %s", reader->file,
	        (unsigned long long)reader->seq, why);
	return err_hint(err, "it can still be read up to there; belay changes nothing in it");
}

static int check_chain(const struct journal_reader *reader, const struct event_line *line, struct err *err)
{
	if (strcmp(line->prev, reader->prev) != 0)
		return corrupt(reader, "the hash chain is broken", err);
	if (line->event.seq != reader->seq + 1)
		return corrupt(reader, "an event is missing", err);
	return 0;
}

/* 0 when a last line is what a crash left of a write, -1 when it is damage. */
static int bad_line(const struct journal_reader *reader, const char *start, const char *end, struct err *err)
{
	struct err why = *err;
	bool is_last = end + 1 == reader->data + reader->size;
	if (is_last && memchr(start, '\0', (size_t)(end - start)))
		return 0;
	return corrupt(reader, why.msg, err);
}

int journal_reader_next(struct journal_reader *reader, struct event_line *line, struct err *err)
{
	struct err why = { 0 };
	for (;;) {
		const char *end = line_end(reader, reader->offset);
		if (!end)
			return 0;
		const char *start = reader->data + reader->offset;
		size_t n = (size_t)(end - start);
		struct hash hash;
		int rc = event_read(line, start, n, &why);
		if (rc < 0) {
			event_line_release(line);
			rc = bad_line(reader, start, end, &why);
			if (rc != 0 && err)
				*err = why;
			return rc;
		}
		if (check_chain(reader, line, err) != 0) {
			event_line_release(line);
			return -1;
		}
		hash_data(&hash, start, n);
		hash_format(&hash, reader->prev);
		reader->seq = line->event.seq;
		reader->offset += n + 1;
		if (rc == 0)
			return 1;
		event_line_release(line);
	}
}

int journal_reader_at(struct journal_reader *reader, size_t offset, struct event_line *line, struct err *err)
{
	const char *end = line_end(reader, offset);
	if (!end)
		return err_set(err, ERR_NOT_FOUND, "journal '%s' has no line at byte %zu", reader->file, offset);
	const char *start = reader->data + offset;
	int rc = event_read(line, start, (size_t)(end - start), err);
	if (rc != 0)
		event_line_release(line);
	return rc < 0 ? -1 : 0;
}
