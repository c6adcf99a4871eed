#include "io/journal.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/vec.h"
#include "base/xalloc.h"
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
	struct strings secrets; /* each as it is, and as JSON writes it */
};

/* A new file is durable only once its folder is. */
static int sync_folder(const char *file, struct err *err)
{
	const char *slash = strrchr(file, '/');
	char *folder = slash ? xstrndup(file, (size_t)(slash - file) + 1) : xstrdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) != 0 ? err_errno(err, errno, "cannot sync folder '%s'", folder) : 0;
	if (fd >= 0)
		close(fd);
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
	strings_release(&journal->secrets);
	free(journal);
}

uint64_t journal_next_seq(const struct journal *journal)
{
	return journal->next_seq;
}

void journal_redact(struct journal *journal, const char *secret)
{
	struct buf text = { 0 };
	struct json_writer w = { .out = &text };
	if (!secret || !*secret)
		return;
	strings_add(&journal->secrets, secret);
	json_put_cstr(&w, secret);
	buf_truncate(&text, text.len - 1);
	if (strcmp(buf_str(&text) + 1, secret) != 0)
		strings_add(&journal->secrets, buf_str(&text) + 1);
	buf_release(&text);
}

static void redact(struct buf *line, const char *secret)
{
	static const char mark[] = "[redacted]";
	size_t n = strlen(secret);
	const char *from = buf_str(line);
	const char *end = from + line->len;
	const char *hit = memmem(from, line->len, secret, n);
	if (!hit)
		return;
	struct buf clean = { 0 };
	for (; hit; hit = memmem(from, (size_t)(end - from), secret, n)) {
		buf_add(&clean, from, (size_t)(hit - from));
		buf_add_str(&clean, mark);
		from = hit + n;
	}
	buf_add(&clean, from, (size_t)(end - from));
	buf_release(line);
	*line = clean;
}

/* One write; a short one is taken back, so that the file always ends with a whole line. */
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

int journal_append(struct journal *journal, const struct event *event, struct err *err)
{
	struct buf *line = &journal->line;
	struct hash hash;
	if (journal->broken)
		return err_set(err, ERR_IO, "journal '%s' ends in a torn line that cannot be cut", journal->file);
	if (event->seq != journal->next_seq)
		return err_set(err, ERR_INTERNAL, "event %llu cannot follow event %llu", (unsigned long long)event->seq,
		               (unsigned long long)journal->next_seq - 1);
	buf_clear(line);
	event_write(line, event, NULL);
	for (size_t i = 0; i < journal->secrets.n_items; i++)
		redact(line, journal->secrets.item[i]);
	buf_truncate(line, line->len - 1);
	buf_printf(line, ",\"prev\":\"%s\"}", journal->prev);
	hash_data(&hash, line->data, line->len);
	buf_add_char(line, '\n');
	if (write_line(journal, err) != 0)
		return -1;
	hash_format(&hash, journal->prev);
	journal->end += (off_t)line->len;
	journal->next_seq++;
	return 0;
}

int journal_sync(struct journal *journal, struct err *err)
{
	if (fdatasync(journal->fd) != 0)
		return err_errno(err, errno, "cannot sync journal '%s'", journal->file);
	return 0;
}
