#include "io/manifest_file.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/vec.h"
#include "io/file.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT 1
#define FILE_MAX ((size_t)1024 * 1024 * 1024)
#define N_FIELDS 8

static int64_t in_ns(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

void manifest_entry_set(struct manifest_entry *entry, const struct stat *st)
{
	entry->mode = st->st_mode;
	entry->size = st->st_size;
	entry->mtime_ns = in_ns(&st->st_mtim);
	entry->ctime_ns = in_ns(&st->st_ctim);
	entry->ino = st->st_ino;
}

bool manifest_entry_is(const struct manifest_entry *entry, const struct stat *st)
{
	return entry->mode == st->st_mode && entry->size == st->st_size && entry->mtime_ns == in_ns(&st->st_mtim) &&
		entry->ctime_ns == in_ns(&st->st_ctim) && entry->ino == st->st_ino;
}

bool manifest_is_older(const struct manifest *manifest, const struct stat *st)
{
	return in_ns(&st->st_ctim) < manifest->taken_ns - MANIFEST_TICK_NS;
}

static const char digits[] = "0123456789abcdef";

static void format_id(const unsigned char id[VCS_ID_SIZE], char out[2 * VCS_ID_SIZE + 1])
{
	for (size_t i = 0; i < VCS_ID_SIZE; i++) {
		out[2 * i] = digits[id[i] >> 4];
		out[2 * i + 1] = digits[id[i] & 15];
	}
	out[2 * VCS_ID_SIZE] = '\0';
}

static int parse_id(const char *hex, unsigned char id[VCS_ID_SIZE])
{
	if (strlen(hex) != 2 * VCS_ID_SIZE || strspn(hex, digits) != 2 * VCS_ID_SIZE)
		return -1;
	for (size_t i = 0; i < VCS_ID_SIZE; i++)
		id[i] = (unsigned char)((strchr(digits, hex[2 * i]) - digits) << 4 | (strchr(digits, hex[2 * i + 1]) - digits));
	return 0;
}

static void put_entry(struct json_writer *w, const struct manifest_entry *entry)
{
	char id[2 * VCS_ID_SIZE + 1];
	char hash[HASH_HEX_SIZE];
	json_begin_array(w);
	json_put_bytes(w, entry->path, strlen(entry->path));
	json_put_int(w, (int64_t)entry->mode);
	json_put_int(w, entry->size);
	json_put_int(w, entry->mtime_ns);
	json_put_int(w, entry->ctime_ns);
	json_put_int(w, (int64_t)entry->ino);
	json_put_int(w, entry->cover);
	if (entry->cover == COVER_GIT) {
		format_id(entry->id, id);
		json_put_cstr(w, id);
	} else if (entry->cover == COVER_STORE) {
		hash_format(&entry->hash, hash);
		json_put_cstr(w, hash);
	} else {
		json_put_null(w);
	}
	json_end_array(w);
	buf_add_char(w->out, '\n');
	w->need_comma = false;
}

int manifest_write(const struct manifest *manifest, const char *file, struct err *err)
{
	struct buf text = { 0 };
	struct json_writer w = { .out = &text };
	json_begin_object(&w);
	json_key(&w, "manifest");
	json_put_int(&w, FORMAT);
	json_key(&w, "taken");
	json_put_int(&w, manifest->taken_ns);
	json_key(&w, "n");
	json_put_int(&w, (int64_t)manifest->n_entries);
	json_end_object(&w);
	buf_add_char(&text, '\n');
	w.need_comma = false;
	for (size_t i = 0; i < manifest->n_entries; i++)
		put_entry(&w, &manifest->entry[i]);
	int rc = file_write_atomic(file, buf_str(&text), text.len, err);
	buf_release(&text);
	return rc;
}

static int take_int(const struct json *array, size_t i, int64_t *out)
{
	return json_as_int(json_at(array, i), out);
}

static int read_entry(struct manifest *manifest, const char *line, size_t n)
{
	struct json *json = NULL;
	struct manifest_entry entry = { 0 };
	int64_t mode, ino, cover;
	size_t length;
	int rc = -1;
	if (json_parse(&json, line, n, NULL) != 0)
		return -1;
	if (json_len(json) == N_FIELDS && take_int(json, 1, &mode) == 0 && take_int(json, 2, &entry.size) == 0 &&
	    take_int(json, 3, &entry.mtime_ns) == 0 && take_int(json, 4, &entry.ctime_ns) == 0 &&
	    take_int(json, 5, &ino) == 0 && take_int(json, 6, &cover) == 0 && cover >= COVER_NONE && cover <= COVER_STORE) {
		const char *hex = json_str(json_at(json, 7), NULL);
		entry.mode = (mode_t)mode;
		entry.ino = (uint64_t)ino;
		entry.cover = (enum manifest_cover)cover;
		rc = cover == COVER_NONE ? 0 : !hex ? -1 : cover == COVER_GIT ? parse_id(hex, entry.id) : hash_parse(hex, &entry.hash);
	}
	if (rc == 0)
		rc = json_bytes(json_at(json, 0), &entry.path, &length);
	if (rc == 0) {
		manifest->entry = vec_room(manifest->entry, manifest->n_entries, &manifest->cap_entries, sizeof *manifest->entry);
		manifest->entry[manifest->n_entries++] = entry;
	}
	json_free(json);
	return rc;
}

static int read_header(struct manifest *manifest, const char *line, size_t n, int64_t *n_entries)
{
	struct json *json = NULL;
	if (json_parse(&json, line, n, NULL) != 0)
		return -1;
	int rc = json_get_int(json, "manifest", 0) == FORMAT ? 0 : -1;
	manifest->taken_ns = json_get_int(json, "taken", 0);
	*n_entries = json_get_int(json, "n", -1);
	json_free(json);
	return rc;
}

int manifest_read(struct manifest *manifest, const char *file, struct err *err)
{
	struct buf text = { 0 };
	int64_t n_entries = -1;
	int rc = file_slurp(file, FILE_MAX, &text, err);
	const char *end = buf_str(&text) + text.len;
	bool is_header = true;
	bool is_bad = false;
	for (const char *line = buf_str(&text); rc == 0 && !is_bad && line < end; is_header = false) {
		const char *eol = memchr(line, '\n', (size_t)(end - line));
		is_bad = !eol || (is_header ? read_header(manifest, line, (size_t)(eol - line), &n_entries)
		                            : read_entry(manifest, line, (size_t)(eol - line))) != 0;
		line = eol ? eol + 1 : end;
	}
	if (rc == 0 && (is_bad || n_entries != (int64_t)manifest->n_entries))
		rc = err_set(err, ERR_CORRUPT, "the manifest '%s' is damaged", file);
	buf_release(&text);
	return rc;
}
