#include "io/journal.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "event/event_json.h"
#include "io/fd.h"
#include "io/journal_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct journal {
	int fd;
	char *file;     /* owned */
	off_t end;      /* bytes of whole lines */
	uint64_t next_seq;
	char prev[HASH_HEX_SIZE];
	bool broken;    /* a half-written line could not be cut: nothing may follow it */
	struct buf line;
	struct redactor redactor;
};

/* A new file is durable only once its folder is. */
static int sync_folder(const char *file, struct err *err)
{
	const char *slash = strrchr(file, '/');
	char *folder = slash ? xstrndup(file, (size_t)(slash - file) + 1) : xstrdup(".");
	int rc = fd_sync_folder(folder) == 0 ? 0 : err_errno(err, errno, "cannot sync folder '%s'", folder);
	free(folder);
	return rc;
}

/* Follows the chain to its end, and cuts what a crash left of a last line. */
static int find_end(struct journal *journal, struct err *err)
{
	struct journal_reader *reader;
	struct event_line line;
	struct stat st;
	int rc;
	if (journal_reader_open(&reader, journal->file, err) != 0)
		return -1;
	while ((rc = journal_reader_next(reader, &line, err)) == 1)
		event_line_release(&line);
	journal->end = (off_t)journal_reader_offset(reader);
	journal->next_seq = journal_reader_seq(reader) + 1;
	memcpy(journal->prev, journal_reader_prev(reader), HASH_HEX_SIZE);
	journal_reader_close(reader);
	if (rc != 0)
		return -1;
	if (fstat(journal->fd, &st) != 0)
		return err_errno(err, errno, "cannot look at journal '%s'", journal->file);
	if (st.st_size > journal->end && ftruncate(journal->fd, journal->end) != 0)
		return err_errno(err, errno, "cannot cut the torn last line of journal '%s'", journal->file);
	return 0;
}

int journal_open(struct journal **out, const char *file, struct err *err)
{
	struct journal *journal = xcalloc(1, sizeof *journal);
	journal->file = xstrdup(file);
	journal->fd = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = 0;
	if (journal->fd < 0)
		rc = err_errno(err, errno, "cannot open journal '%s'", file);
	if (rc == 0)
		rc = find_end(journal, err);
	if (rc == 0 && journal->end == 0)
		rc = sync_folder(file, err);
	if (rc != 0) {
		journal_close(journal);
		return -1;
	}
	*out = journal;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal->file);
	buf_release(&journal->line);
	redactor_release(&journal->redactor);
	free(journal);
}

uint64_t journal_next_seq(const struct journal *journal)
{
	return journal->next_seq;
}

void journal_redact(struct journal *journal, const char *secret)
{
	redactor_add(&journal->redactor, secret);
}

const struct redactor *journal_redactor(const struct journal *journal)
{
	return &journal->redactor;
}

void journal_redact_text(const struct journal *journal, const char *s, size_t n, struct buf *out)
{
	redactor_clean(&journal->redactor, s, n, false, out);
}

/* Adds the line of an event, chained to the one before in `prev`, which becomes its own hash. */
static int add_line(struct journal *journal, const struct event *event, char prev[HASH_HEX_SIZE], struct err *err)
{
	struct event *owned;
	struct hash hash;
	struct buf *text = &journal->line;
	size_t start = text->len;
	event_write(text, redactor_event(&journal->redactor, event, &owned), prev);
	free(owned);
	size_t n = text->len - start;
	if (n > JOURNAL_LINE_MAX)
		return err_set(err, ERR_LIMIT, "event '%s' of %zu bytes is over the limit of a journal line",
		               event_kind_info(event->kind)->wire, n);
	hash_data(&hash, text->data + start, n);
	hash_format(&hash, prev);
	buf_add_char(text, '\n');
	return 0;
}

/* One write of whole lines; a short one is taken back, so that the file always ends with a whole line. */
static int write_line(struct journal *journal, struct err *err)
{
	ssize_t n;
	do
		n = write(journal->fd, journal->line.data, journal->line.len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)journal->line.len)
		return 0;
	int why = n < 0 ? errno : ENOSPC;
	if (n > 0 && ftruncate(journal->fd, journal->end) != 0)
		journal->broken = true;
	return err_errno(err, why, "cannot write to journal '%s'", journal->file);
}

int journal_append_all(struct journal *journal, struct event *const *event, size_t n, struct err *err)
{
	char prev[HASH_HEX_SIZE];
	memcpy(prev, journal->prev, HASH_HEX_SIZE);
	if (journal->broken)
		return err_set(err, ERR_IO, "journal '%s' ends in a torn line that cannot be cut", journal->file);
	buf_clear(&journal->line);
	for (size_t i = 0; i < n; i++) {
		if (event[i]->seq != journal->next_seq + i)
			return err_set(err, ERR_INTERNAL, "event %llu cannot follow event %llu",
			               (unsigned long long)event[i]->seq, (unsigned long long)(journal->next_seq + i) - 1);
		if (add_line(journal, event[i], prev, err) != 0)
			return -1;
	}
	if (n && write_line(journal, err) != 0)
		return -1;
	memcpy(journal->prev, prev, HASH_HEX_SIZE);
	journal->end += (off_t)journal->line.len;
	journal->next_seq += n;
	return 0;
}

int journal_append(struct journal *journal, const struct event *event, struct err *err)
{
	struct event *one = (struct event *)(uintptr_t)event;
	return journal_append_all(journal, &one, 1, err);
}

int journal_sync(struct journal *journal, struct err *err)
{
	if (fd_sync_data(journal->fd) != 0)
		return err_errno(err, errno, "cannot sync journal '%s'", journal->file);
	return 0;
}
