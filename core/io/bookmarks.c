#include "io/bookmarks.h"

#include "base/buf.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX (1024 * 1024)

/* Where the number is, or would be. */
static size_t place_of(const struct bookmarks *bookmarks, uint64_t seq)
{
	size_t at = 0;
	while (at < bookmarks->n_seqs && bookmarks->seq[at] < seq)
		at++;
	return at;
}

static bool has(const struct bookmarks *bookmarks, size_t at, uint64_t seq)
{
	return at < bookmarks->n_seqs && bookmarks->seq[at] == seq;
}

static void add(struct bookmarks *bookmarks, uint64_t seq)
{
	size_t at = place_of(bookmarks, seq);
	if (has(bookmarks, at, seq))
		return;
	bookmarks->seq = vec_room(bookmarks->seq, bookmarks->n_seqs, &bookmarks->cap_seqs, sizeof *bookmarks->seq);
	memmove(&bookmarks->seq[at + 1], &bookmarks->seq[at], (bookmarks->n_seqs - at) * sizeof *bookmarks->seq);
	bookmarks->seq[at] = seq;
	bookmarks->n_seqs++;
}

static void drop(struct bookmarks *bookmarks, uint64_t seq)
{
	size_t at = place_of(bookmarks, seq);
	if (!has(bookmarks, at, seq))
		return;
	bookmarks->n_seqs--;
	memmove(&bookmarks->seq[at], &bookmarks->seq[at + 1], (bookmarks->n_seqs - at) * sizeof *bookmarks->seq);
}

static int read_numbers(struct bookmarks *bookmarks, const char *text, struct err *err)
{
	size_t line = 1;
	for (const char *at = text; *at; line++) {
		char *end;
		errno = 0;
		uint64_t seq = strtoull(at, &end, 10);
		if (*at < '0' || *at > '9' || *end != '\n' || errno || !seq)
			return err_set(err, ERR_CORRUPT, "'%s' line %zu is no event's number", bookmarks->file, line);
		add(bookmarks, seq);
		at = end + 1;
	}
	return 0;
}

static int read_file(struct bookmarks *bookmarks, struct err *err)
{
	struct buf text = { 0 };
	struct stat st;
	bookmarks->n_seqs = 0;
	if (stat(bookmarks->file, &st) != 0 && errno == ENOENT)
		return 0;
	int rc = file_slurp(bookmarks->file, FILE_MAX, &text, err);
	if (rc == 0)
		rc = read_numbers(bookmarks, buf_str(&text), err);
	buf_release(&text);
	return rc;
}

int bookmarks_load(struct bookmarks *bookmarks, const char *path, struct err *err)
{
	struct stat st;
	bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	*bookmarks = (struct bookmarks){ .file = xasprintf("%s%sbookmarks", path, folder ? "/" : ".") };
	return read_file(bookmarks, err);
}

void bookmarks_release(struct bookmarks *bookmarks)
{
	free(bookmarks->file);
	free(bookmarks->seq);
	*bookmarks = (struct bookmarks){ 0 };
}

int bookmarks_save(struct bookmarks *bookmarks, uint64_t seq, bool set, struct err *err)
{
	struct buf text = { 0 };
	if (read_file(bookmarks, err) != 0)
		return -1;
	if (set)
		add(bookmarks, seq);
	else
		drop(bookmarks, seq);
	for (size_t i = 0; i < bookmarks->n_seqs; i++)
		buf_printf(&text, "%" PRIu64 "\n", bookmarks->seq[i]);
	int rc = file_write_atomic(bookmarks->file, buf_str(&text), text.len, err);
	buf_release(&text);
	return rc;
}
