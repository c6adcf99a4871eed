#include "io/journal_read.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "io/journal_skim.h"

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
	struct journal_second second;
	struct event_line skimmed; /* of a line that journal_skim_line could not take */
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
	event_line_release(&reader->skimmed);
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
	err_set(err, ERR_CORRUPT, "journal '%s' is damaged after event %llu (line %llu, byte %zu): %s", reader->file,
	        (unsigned long long)reader->seq, (unsigned long long)reader->seq + 1, reader->offset, why);
	return err_hint(err, "it can still be read up to there; belay changes nothing in it");
}

static int check_chain(const struct journal_reader *reader, uint64_t seq, const char *prev, struct err *err)
{
	if (memcmp(prev, reader->prev, HASH_HEX_SIZE - 1) != 0)
		return corrupt(reader, "the hash chain is broken", err);
	if (seq != reader->seq + 1)
		return corrupt(reader, "an event is missing", err);
	return 0;
}

/* 0 when a last line is what a crash left of a write, -1 when it is damage. */
static int bad_line(const struct journal_reader *reader, const char *start, const char *end, const struct err *why,
                    struct err *err)
{
	bool is_last = end + 1 == reader->data + reader->size;
	if (is_last && memchr(start, '\0', (size_t)(end - start)))
		return 0;
	return corrupt(reader, why->msg, err);
}

/* The line was good: the reader stands behind it. */
static void advance(struct journal_reader *reader, const char *start, size_t n, uint64_t seq)
{
	struct hash hash;
	hash_data(&hash, start, n);
	hash_format(&hash, reader->prev);
	reader->seq = seq;
	reader->offset += n + 1;
}

/* One line, of any type: 1 with *line, 0 at the end, -1. */
static int read_line(struct journal_reader *reader, struct event_line *line, bool *is_known, struct err *err)
{
	struct err why = { 0 };
	const char *end = line_end(reader, reader->offset);
	if (!end)
		return 0;
	const char *start = reader->data + reader->offset;
	size_t n = (size_t)(end - start);
	int rc = event_read(line, start, n, &why);
	*is_known = rc == 0;
	if (rc < 0)
		rc = bad_line(reader, start, end, &why, err);
	else if (check_chain(reader, line->event.seq, line->prev, err) != 0)
		rc = -1;
	else
		rc = 1;
	if (rc == 1)
		advance(reader, start, n, line->event.seq);
	else
		event_line_release(line);
	return rc;
}

int journal_reader_next(struct journal_reader *reader, struct event_line *line, struct err *err)
{
	bool is_known;
	int rc;
	while ((rc = read_line(reader, line, &is_known, err)) == 1 && !is_known)
		event_line_release(line);
	return rc;
}

static int skim_slowly(struct journal_reader *reader, struct journal_skim *out, struct err *err)
{
	struct event_line *line = &reader->skimmed;
	bool is_known;
	size_t offset = reader->offset;
	int rc = read_line(reader, line, &is_known, err);
	if (rc != 1)
		return rc;
	const struct event *event = &line->event;
	*out = (struct journal_skim){
		.offset = offset,
		.size = reader->offset - offset - 1,
		.seq = event->seq,
		.at_ms = event->at_ms,
		.kind = is_known ? (int)event->kind : -1,
		.step = event->step,
		.step_len = event->step ? strlen(event->step) : 0,
		.from_model = event->stream && strcmp(event->stream, "model") == 0,
	};
	return 1;
}

int journal_reader_skim(struct journal_reader *reader, struct journal_skim *out, struct err *err)
{
	const char *prev;
	event_line_release(&reader->skimmed);
	const char *end = line_end(reader, reader->offset);
	if (!end)
		return 0;
	const char *start = reader->data + reader->offset;
	size_t n = (size_t)(end - start);
	if (!journal_skim_line(start, n, &reader->second, out, &prev))
		return skim_slowly(reader, out, err);
	if (check_chain(reader, out->seq, prev, err) != 0)
		return -1;
	out->offset = reader->offset;
	out->size = n;
	advance(reader, start, n, out->seq);
	return 1;
}

int journal_reader_last(struct journal_reader *reader, struct event_line *out, struct err *err)
{
	const char *data = reader->data;
	const char *end = reader->size ? memrchr(data, '\n', reader->size) : NULL;
	*out = (struct event_line){ 0 };
	while (end) {
		const char *before = memrchr(data, '\n', (size_t)(end - data));
		const char *start = before ? before + 1 : data;
		if (event_read(out, start, (size_t)(end - start), err) >= 0)
			return 1;
		event_line_release(out);
		end = before;
	}
	return 0;
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

int journal_each(const char *run_dir, int (*each)(void *arg, const struct event *event, struct err *err), void *arg,
                 struct err *err)
{
	struct journal_reader *reader;
	struct event_line line;
	char *file = xasprintf("%s/journal.jsonl", run_dir);
	int rc = journal_reader_open(&reader, file, err);
	free(file);
	if (rc != 0)
		return -1;
	while ((rc = journal_reader_next(reader, &line, err)) == 1) {
		rc = each(arg, &line.event, err);
		event_line_release(&line);
		if (rc != 0)
			break;
	}
	journal_reader_close(reader);
	return rc;
}
