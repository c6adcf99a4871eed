#include "io/cache.h"

#include "base/json.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CACHE_FORM 1
#define ANSWER_MAX (16 * 1024 * 1024)
#define LINE_MAX_BYTES 1024

static int answers_dir(struct buf *out, struct err *err)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	if (cache && *cache == '/')
		buf_printf(out, "%s/belay/answers", cache);
	else if (home && *home == '/')
		buf_printf(out, "%s/.cache/belay/answers", home);
	else
		return err_set(err, ERR_USAGE, "cannot tell where answers are kept: set XDG_CACHE_HOME or HOME");
	return 0;
}

/* Two letters of the key make a folder, so that no folder grows large. */
static int answer_path(const char *key, bool make, struct buf *out, struct err *err)
{
	if (answers_dir(out, err) != 0)
		return -1;
	buf_printf(out, "/%.2s", key);
	if (make && file_make_dirs(buf_str(out), err) != 0)
		return -1;
	buf_printf(out, "/%s", key + 2);
	return 0;
}

static void put_messages(struct json_writer *w, const struct llm_request *request)
{
	json_begin_array(w);
	for (size_t i = 0; i < request->n_messages; i++) {
		json_begin_object(w);
		json_key(w, "role");
		json_put_cstr(w, request->message[i].role);
		json_key(w, "text");
		json_put_bytes(w, request->message[i].text, strlen(request->message[i].text));
		json_end_object(w);
	}
	json_end_array(w);
}

void cache_key(const struct llm_request *request, const char *model, const char *format, char out[HASH_HEX_SIZE])
{
	struct buf text = { 0 };
	struct hash hash;
	struct json_writer w = { .out = &text };
	json_begin_object(&w);
	json_key(&w, "attempt");
	json_put_int(&w, request->attempt);
	json_key(&w, "form");
	json_put_int(&w, CACHE_FORM);
	json_key(&w, "format");
	json_put_cstr(&w, format);
	json_key(&w, "max_tokens");
	json_put_int(&w, request->max_tokens);
	json_key(&w, "messages");
	put_messages(&w, request);
	json_key(&w, "model");
	json_put_cstr(&w, model);
	json_key(&w, "protocol");
	json_put_cstr(&w, provider_kind_name(request->provider->kind));
	if (request->has_temperature) {
		json_key(&w, "temperature");
		json_put_real(&w, request->temperature);
	}
	json_key(&w, "url");
	json_put_cstr(&w, request->provider->url);
	json_end_object(&w);
	hash_data(&hash, text.data, text.len);
	hash_format(&hash, out);
	buf_release(&text);
}

bool cache_is_repeatable(const struct llm_request *request)
{
	return !request->has_temperature || request->temperature <= 0;
}

/* Reads "line LF text" and compares the text with what the line says of it. False: not whole. */
static bool read_answer(const struct buf *file, struct cache_answer *out)
{
	struct json *line = NULL;
	struct hash hash, want;
	const char *end = file->len ? memchr(file->data, '\n', file->len < LINE_MAX_BYTES ? file->len : LINE_MAX_BYTES) : NULL;
	if (!end || json_parse(&line, file->data, (size_t)(end - file->data), NULL) != 0)
		return false;
	const char *text = end + 1;
	size_t n = file->len - (size_t)(text - file->data);
	const char *hex = json_get_str(line, "sha256");
	bool whole = json_get_int(line, "v", 0) == CACHE_FORM && json_get_int(line, "bytes", -1) == (int64_t)n && hex &&
	             hash_parse(hex, &want) == 0;
	if (whole) {
		hash_data(&hash, text, n);
		whole = hash_equal(&hash, &want);
	}
	if (whole) {
		*out = (struct cache_answer){
			.tokens_in = json_get_int(line, "in", 0),
			.tokens_out = json_get_int(line, "out", 0),
			.tokens_cached = json_get_int(line, "cached", 0),
			.tokens_reasoning = json_get_int(line, "reasoning", 0),
		};
		const char *model = json_get_str(line, "model");
		out->model = model ? xstrdup(model) : NULL;
		buf_add(&out->text, text, n);
	}
	json_free(line);
	return whole;
}

int cache_get(const char key[HASH_HEX_SIZE], struct cache_answer *out, struct err *err)
{
	struct buf path = { 0 };
	struct buf file = { 0 };
	struct err why = { 0 };
	*out = (struct cache_answer){ 0 };
	if (answer_path(key, false, &path, err) != 0) {
		buf_release(&path);
		return -1;
	}
	int rc = 0;
	if (file_slurp(buf_str(&path), ANSWER_MAX + LINE_MAX_BYTES, &file, &why) == 0) {
		rc = read_answer(&file, out) ? 1 : 0;
		if (rc == 0)
			unlink(buf_str(&path)); /* worthless to everybody: asking again makes a new one */
	} else if (why.code != ERR_NOT_FOUND) {
		if (err)
			*err = why;
		rc = -1;
	}
	buf_release(&file);
	buf_release(&path);
	return rc;
}

int cache_put(const char key[HASH_HEX_SIZE], const struct cache_answer *answer, struct err *err)
{
	struct buf path = { 0 };
	struct buf file = { 0 };
	struct hash hash;
	char hex[HASH_HEX_SIZE];
	struct json_writer w = { .out = &file };
	if (answer->text.len > ANSWER_MAX)
		return err_set(err, ERR_LIMIT, "the answer is too large to be kept: %zu bytes", answer->text.len);
	hash_data(&hash, answer->text.data, answer->text.len);
	hash_format(&hash, hex);
	json_begin_object(&w);
	json_key(&w, "v");
	json_put_int(&w, CACHE_FORM);
	json_key(&w, "bytes");
	json_put_int(&w, (int64_t)answer->text.len);
	json_key(&w, "sha256");
	json_put_cstr(&w, hex);
	json_key(&w, "in");
	json_put_int(&w, answer->tokens_in);
	json_key(&w, "out");
	json_put_int(&w, answer->tokens_out);
	json_key(&w, "cached");
	json_put_int(&w, answer->tokens_cached);
	json_key(&w, "reasoning");
	json_put_int(&w, answer->tokens_reasoning);
	if (answer->model) {
		json_key(&w, "model");
		json_put_bytes(&w, answer->model, strlen(answer->model));
	}
	json_end_object(&w);
	buf_add_char(&file, '\n');
	buf_add(&file, answer->text.data, answer->text.len);
	int rc = answer_path(key, true, &path, err);
	if (rc == 0)
		rc = file_write_atomic(buf_str(&path), file.data, file.len, err);
	buf_release(&file);
	buf_release(&path);
	return rc;
}

void cache_answer_release(struct cache_answer *answer)
{
	buf_release(&answer->text);
	free(answer->model);
	*answer = (struct cache_answer){ 0 };
}

struct kept {
	char *path; /* owned */
	int64_t bytes;
	int64_t at_ms;
};

struct kept_list {
	struct kept *kept;
	size_t n_kept, cap_kept;
	int64_t bytes;
};

/* An answer's file: 62 digits in a folder of 2. Anything else is left alone. */
static bool is_answer_name(const char *name, size_t digits)
{
	return strlen(name) == digits && strspn(name, "0123456789abcdef") == digits;
}

static void list_folder(struct kept_list *list, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		struct stat st;
		if (!is_answer_name(entry->d_name, HASH_HEX_SIZE - 3))
			continue;
		char *path = xasprintf("%s/%s", folder, entry->d_name);
		if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
			free(path);
			continue;
		}
		list->kept = vec_room(list->kept, list->n_kept, &list->cap_kept, sizeof *list->kept);
		list->kept[list->n_kept++] = (struct kept){
			path, st.st_size, (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000,
		};
		list->bytes += st.st_size;
	}
	if (dir)
		closedir(dir);
}

static int oldest_first(const void *a, const void *b)
{
	const struct kept *x = a;
	const struct kept *y = b;
	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

int cache_sweep(int64_t max_bytes, int64_t max_age_ms, int64_t now_ms, struct err *err)
{
	struct kept_list list = { 0 };
	struct buf dir = { 0 };
	int rc = answers_dir(&dir, err);
	DIR *top = rc == 0 ? opendir(buf_str(&dir)) : NULL;
	if (rc == 0 && !top && errno != ENOENT)
		rc = err_errno(err, errno, "cannot read '%s'", buf_str(&dir));
	struct dirent *entry;
	while (top && (entry = readdir(top))) {
		if (!is_answer_name(entry->d_name, 2))
			continue;
		char *folder = xasprintf("%s/%s", buf_str(&dir), entry->d_name);
		list_folder(&list, folder);
		free(folder);
	}
	if (top)
		closedir(top);
	if (list.n_kept)
		qsort(list.kept, list.n_kept, sizeof *list.kept, oldest_first);
	for (size_t i = 0; i < list.n_kept; i++) {
		struct kept *kept = &list.kept[i];
		bool old = kept->at_ms < now_ms - max_age_ms;
		if (rc == 0 && (old || list.bytes > max_bytes)) {
			if (unlink(kept->path) != 0 && errno != ENOENT)
				rc = err_errno(err, errno, "cannot remove '%s'", kept->path);
			list.bytes -= kept->bytes;
		}
		free(kept->path);
	}
	free(list.kept);
	buf_release(&dir);
	return rc;
}
