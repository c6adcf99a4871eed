#include "io/store.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "io/fd.h"
#include "io/file.h"
#include "io/pack.h"
#include "io/store_git.h"
#include "io/store_keys.h"
#include "io/store_raw.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What is put goes at once to the pack that is being written, where readers find it through the keys; a sync completes
 * that pack, and the next put starts another. What a crash left in an incomplete pack can be read, but git does not
 * see it: it is written again when it is needed for a step.
 */
struct store {
	char *run_dir; /* owned */
	char *git_dir; /* owned */
	bool own;      /* may write */
	bool ready;    /* what puts need is made and known */
	struct store_keys keys;
	struct pack pack;      /* being written; path is NULL when none is */
	uint32_t pack_number;  /* of that pack, or the one to come */
	uint32_t *incomplete;  /* packs that git cannot see; owned */
	size_t n_incomplete, cap_incomplete;
	size_t n_verified;     /* keys that were read back, or found when the store was opened */
	bool raw_dirty;        /* raw/ has names that are not synced */
	int read_fd;           /* of the pack read last; owned */
	uint32_t read_number;
};

static char *pack_path(const struct store *store, uint32_t number)
{
	return xasprintf("%s/objects/pack/pack-%040" PRIx32, store->git_dir, number);
}

static int open_keys(struct store *store, struct err *err)
{
	char *path = xasprintf("%s/%s", store->git_dir, STORE_KEYS_FILE);
	int rc = store_keys_open(&store->keys, path, store->own, err);
	free(path);
	store->n_verified = store->keys.n_keys;
	return rc;
}

static int open_store(struct store **out, const char *run_dir, bool own, struct err *err)
{
	struct store *store = xcalloc(1, sizeof *store);
	store->run_dir = xstrdup(run_dir);
	store->git_dir = xasprintf("%s/store.git", run_dir);
	store->own = own;
	store->read_fd = -1;
	int rc = 0;
	if (access(store->git_dir, F_OK) == 0)
		rc = open_keys(store, err);
	else if (access(run_dir, F_OK) != 0)
		rc = err_errno(err, errno, "cannot open the store in '%s'", run_dir);
	if (rc != 0) {
		store_close(store);
		return -1;
	}
	*out = store;
	return 0;
}

int store_open(struct store **out, const char *run_dir, struct err *err)
{
	return open_store(out, run_dir, true, err);
}

int store_open_read_only(struct store **out, const char *run_dir, struct err *err)
{
	return open_store(out, run_dir, false, err);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	pack_close(&store->pack);
	store_keys_close(&store->keys);
	fd_close(&store->read_fd);
	free(store->incomplete);
	free(store->git_dir);
	free(store->run_dir);
	free(store);
}

const char *store_dir(const struct store *store)
{
	return store->run_dir;
}

static void note_incomplete(struct store *store, uint32_t number)
{
	store->incomplete =
		vec_room(store->incomplete, store->n_incomplete, &store->cap_incomplete, sizeof *store->incomplete);
	store->incomplete[store->n_incomplete++] = number;
}

/* Calls visit for the number of each pack file. */
static int each_pack(struct store *store, int (*visit)(struct store *, uint32_t, struct err *), struct err *err)
{
	char *folder = xasprintf("%s/objects/pack", store->git_dir);
	struct dirent *entry;
	int rc = 0;
	DIR *dir = opendir(folder);
	if (!dir)
		err_errno(err, errno, "cannot open folder '%s'", folder);
	free(folder);
	if (!dir)
		return -1;
	while (rc == 0 && (entry = readdir(dir))) {
		unsigned long long number;
		char tail[8];
		if (sscanf(entry->d_name, "pack-%40llx.%7s", &number, tail) == 2 && strcmp(tail, "pack") == 0 &&
		    number < STORE_RAW)
			rc = visit(store, (uint32_t)number, err);
	}
	closedir(dir);
	return rc;
}

/* A pack of an earlier start. */
static int take_over(struct store *store, uint32_t number, struct err *err)
{
	char *path = pack_path(store, number);
	int rc = pack_mend(path, err);
	if (rc == 1)
		note_incomplete(store, number);
	if (number >= store->pack_number)
		store->pack_number = number + 1;
	free(path);
	return rc < 0 ? -1 : 0;
}

static int get_ready(struct store *store, struct err *err)
{
	if (!store->own)
		return err_set(err, ERR_INTERNAL, "the store in '%s' is open for reading only", store->run_dir);
	if (store->ready)
		return 0;
	if (!store_keys_is_open(&store->keys)) {
		if (access(store->git_dir, F_OK) != 0 && store_git_make(store->run_dir, err) != 0)
			return -1;
		if (open_keys(store, err) != 0)
			return -1;
	}
	if (each_pack(store, take_over, err) != 0 || store_git_mend_refs(store->git_dir, err) != 0)
		return -1;
	store->ready = true;
	return 0;
}

static int open_pack(struct store *store, struct err *err)
{
	if (store->pack.path)
		return 0;
	char *path = pack_path(store, store->pack_number);
	int rc = pack_create(&store->pack, path, err);
	if (rc != 0)
		store->pack_number++; /* the file may be there all the same */
	free(path);
	return rc;
}

/* What a step can build on: git sees it, or will once the pack at hand is complete. */
static bool is_usable(const struct store *store, const struct hash *hash)
{
	const struct store_key *key = store_keys_find(&store->keys, hash);
	if (!key)
		return false;
	for (size_t i = 0; i < store->n_incomplete; i++)
		if (key->pack == store->incomplete[i])
			return false;
	return true;
}

static int verify_object(struct store *store, const struct store_key *key, struct err *err)
{
	struct buf data = { 0 };
	struct hash hash;
	int rc = pack_read(store->pack.fd, key->offset, &data, err);
	if (rc == 0) {
		hash_data(&hash, buf_str(&data), data.len);
		if (!hash_equal(&hash, &key->hash))
			rc = err_set(err, ERR_CORRUPT, "'%s.pack' does not hold what was written to it", store->pack.path);
	}
	buf_release(&data);
	return rc;
}

/* Completes the pack at hand, reads every object of it back, and makes what leads to it durable. */
static int complete_pack(struct store *store, struct err *err)
{
	char *folder = xasprintf("%s/objects/pack", store->git_dir);
	int rc = pack_seal(&store->pack, err);
	for (size_t i = store->n_verified; rc == 0 && i < store->keys.n_keys; i++)
		if (store->keys.key[i].pack == store->pack_number)
			rc = verify_object(store, &store->keys.key[i], err);
	if (rc == 0 && fd_sync_folder(folder) != 0)
		rc = err_errno(err, errno, "cannot sync folder '%s'", folder);
	if (rc == 0)
		rc = store_keys_complete(&store->keys, store->pack_number, err);
	if (rc == 0)
		store->n_verified = store->keys.n_keys;
	else
		note_incomplete(store, store->pack_number); /* nothing may rest on it */
	pack_close(&store->pack);
	store->pack_number++;
	free(folder);
	return rc;
}

static int put_blob(struct store *store, const struct buf *data, struct store_key *key, struct err *err)
{
	if (store->pack.path && store->pack.size + data->len > PACK_SIZE_MAX && complete_pack(store, err) != 0)
		return -1;
	struct pack_entry entry;
	if (open_pack(store, err) != 0 || pack_add(&store->pack, PACK_BLOB, data, &entry, err) != 0)
		return -1;
	key->id = entry.id;
	key->offset = entry.offset;
	if (key->pack != STORE_RAW)
		key->pack = store->pack_number;
	return store_keys_add(&store->keys, key, err);
}

/* In git's trees a note stands for the file. */
static int put_raw(struct store *store, const struct image *image, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	struct buf note = { 0 };
	struct store_key key = { .hash = image->hash, .size = image->size, .pack = STORE_RAW };
	if (store_raw_put(store->run_dir, image, err) != 0)
		return -1;
	store->raw_dirty = true;
	hash_format(&image->hash, hex);
	buf_printf(&note, "raw/%s\nsize %" PRId64 "\n", hex, image->size);
	int rc = put_blob(store, &note, &key, err);
	buf_release(&note);
	return rc;
}

int store_put(struct store *store, const void *data, size_t n, struct hash *out, struct err *err)
{
	struct image image = { .kind = IMAGE_FILE, .size = (int64_t)n, .data = (char *)(uintptr_t)data };
	hash_data(&image.hash, data, n);
	*out = image.hash;
	return store_put_image(store, &image, err);
}

int store_put_image(struct store *store, const struct image *image, struct err *err)
{
	if (image->kind == IMAGE_ABSENT)
		return 0;
	if (get_ready(store, err) != 0)
		return -1;
	if (is_usable(store, &image->hash))
		return 0;
	if (image->size > FILE_HOLD_MAX)
		return put_raw(store, image, err);
	if (!image->data)
		return err_set(err, ERR_INTERNAL, "an image without its bytes was given to the store");
	struct store_key key = { .hash = image->hash, .size = image->size };
	const struct buf data = { .data = image->data, .len = (size_t)image->size };
	return put_blob(store, &data, &key, err);
}

int store_sync(struct store *store, uint64_t seq, const char *title, const struct changeset *set, struct err *err)
{
	struct sha1 commit;
	if (!set && !store->pack.path)
		return 0;
	if (get_ready(store, err) != 0 || open_pack(store, err) != 0)
		return -1;
	for (size_t i = 0; set && i < set->n_changes; i++)
		if (store_put_image(store, &set->change[i].before, err) != 0 ||
		    store_put_image(store, &set->change[i].after, err) != 0)
			return -1;
	struct store_git git = { &store->pack, &store->keys };
	if (set && store_git_commit(&git, title, set, &commit, err) != 0)
		return -1;
	if (store->raw_dirty && store_raw_sync(store->run_dir, err) != 0)
		return -1;
	store->raw_dirty = false;
	if (complete_pack(store, err) != 0)
		return -1;
	return set ? store_git_set_ref(store->git_dir, seq, &commit, err) : 0;
}

static int open_for_reading(struct store *store, uint32_t number, struct err *err)
{
	if (store->read_fd >= 0 && store->read_number == number)
		return 0;
	char *path = pack_path(store, number);
	char *file = xasprintf("%s.pack", path);
	fd_close(&store->read_fd);
	store->read_fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	store->read_number = number;
	int rc = store->read_fd < 0 ? err_errno(err, errno, "cannot open '%s'", file) : 0;
	free(file);
	free(path);
	return rc;
}

struct scan {
	struct store *store;
	uint32_t number;
};

static int note_blob(void *arg, enum pack_kind kind, uint32_t offset, const struct buf *data, struct err *err)
{
	struct scan *scan = arg;
	struct store_key key = { .size = (int64_t)data->len, .pack = scan->number, .offset = offset };
	(void)err;
	if (kind != PACK_BLOB)
		return 0;
	hash_data(&key.hash, buf_str(data), data->len);
	pack_object_id(&key.id, kind, data);
	if (!store_keys_find(&scan->store->keys, &key.hash))
		store_keys_note(&scan->store->keys, &key);
	return 0;
}

static int read_pack(struct store *store, uint32_t number, struct err *err)
{
	struct scan scan = { store, number };
	uint64_t end;
	if (store_keys_has_pack(&store->keys, number) || (store->pack.path && number == store->pack_number))
		return 0;
	return open_for_reading(store, number, err) != 0 ? -1 : pack_each(store->read_fd, note_blob, &scan, &end, err);
}

/* What the owner has added since, or, after a power cut, what the packs hold and the keys have lost. */
static const struct store_key *find_key(struct store *store, const struct hash *hash)
{
	const struct store_key *key = store_keys_find(&store->keys, hash);
	if (key)
		return key;
	if (!store_keys_is_open(&store->keys) && (access(store->git_dir, F_OK) != 0 || open_keys(store, NULL) != 0))
		return NULL;
	if (!store->own && store_keys_refresh(&store->keys, NULL) != 0)
		return NULL;
	key = store_keys_find(&store->keys, hash);
	if (!key && each_pack(store, read_pack, NULL) == 0)
		key = store_keys_find(&store->keys, hash);
	return key;
}

bool store_has(struct store *store, const struct hash *hash)
{
	return find_key(store, hash) != NULL;
}

static int read_key(struct store *store, const struct store_key *key, struct buf *out, struct err *err)
{
	if (key->pack == STORE_RAW) {
		char *path = store_raw_path(store->run_dir, &key->hash);
		int rc = file_slurp(path, 0, out, err);
		free(path);
		return rc;
	}
	return open_for_reading(store, key->pack, err) != 0 ? -1 : pack_read(store->read_fd, key->offset, out, err);
}

int store_get(struct store *store, const struct hash *hash, struct buf *out, struct err *err)
{
	char hex[HASH_HEX_SIZE];
	struct hash found;
	size_t start = out->len;
	const struct store_key *key = find_key(store, hash);
	hash_format(hash, hex);
	if (!key)
		return err_set(err, ERR_NOT_FOUND, "the run's store does not have %s", hex);
	if (read_key(store, key, out, err) != 0)
		return -1;
	hash_data(&found, buf_str(out) + start, out->len - start);
	if (hash_equal(&found, hash))
		return 0;
	buf_truncate(out, start);
	return err_set(err, ERR_CORRUPT, "what the run's store has for %s is damaged", hex);
}

int store_get_image(struct store *store, struct image *image, struct err *err)
{
	struct buf data = { 0 };
	size_t n;
	if (image->kind == IMAGE_ABSENT)
		return 0;
	const struct store_key *key = find_key(store, &image->hash);
	if (key && key->pack == STORE_RAW)
		return store_raw_get(store->run_dir, image, err);
	if (store_get(store, &image->hash, &data, err) != 0) {
		buf_release(&data);
		return -1;
	}
	image->data = buf_take(&data, &n);
	image->size = (int64_t)n;
	return 0;
}
