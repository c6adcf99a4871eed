#include "io/code_index_file.h"

#include "base/xalloc.h"
#include "io/fd.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x31786469796c6562u /* "belyidx1" where the low byte comes first */
#define FORM 1
#define KEPT_MAX ((size_t)1024 * 1024 * 1024)

/* The arrays follow in the order of `parts`, each from a multiple of 8. */
struct header {
	uint64_t magic;
	uint32_t form, sizes;  /* of the structs, so that another layout is not read */
	uint64_t checksum;     /* of all that follows the header */
	uint64_t n_files, n_symbols, n_words, n_imports, n_names, n_text;
};

enum { N_PARTS = 7 };

struct part {
	size_t size, n;
	const void *data;
};

int code_index_path(const char *root, struct buf *out, struct err *err)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	char hex[HASH_HEX_SIZE];
	struct hash hash;
	if (cache && *cache == '/')
		buf_printf(out, "%s/belay/index", cache);
	else if (home && *home == '/')
		buf_printf(out, "%s/.cache/belay/index", home);
	else
		return err_set(err, ERR_USAGE, "cannot tell where the index is kept: set XDG_CACHE_HOME or HOME");
	if (file_make_dirs(buf_str(out), err) != 0)
		return -1;
	hash_data(&hash, root, strlen(root));
	hash_format(&hash, hex);
	buf_printf(out, "/%.16s", hex);
	return 0;
}

/* Finds what a disk or a half-written file does to the bytes; eight of them at a time. */
static uint64_t checksum(uint64_t sum, const void *data, size_t n)
{
	const unsigned char *at = data;
	uint64_t word;
	for (; n >= sizeof word; n -= sizeof word, at += sizeof word) {
		memcpy(&word, at, sizeof word);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 29;
	}
	word = 0;
	memcpy(&word, at, n);
	sum = (sum ^ word ^ n) * 0x9e3779b97f4a7c15u;
	return sum ^ (sum >> 32);
}

static size_t padded(size_t n)
{
	return (n + 7) / 8 * 8;
}

static void list_parts(struct part parts[N_PARTS], const struct code_tree *tree, const struct code_stamp *stamp)
{
	const struct part list[N_PARTS] = {
		{ sizeof *stamp, tree->n_files, stamp },
		{ sizeof *tree->file, tree->n_files, tree->file },
		{ sizeof *tree->symbol, tree->n_symbols, tree->symbol },
		{ sizeof *tree->word, tree->n_words, tree->word },
		{ sizeof *tree->import, tree->n_imports, tree->import },
		{ sizeof *tree->name, tree->n_names, tree->name },
		{ 1, tree->n_text, tree->text },
	};
	memcpy(parts, list, sizeof list);
}

static uint32_t layout(void)
{
	return (uint32_t)(sizeof(struct code_stamp) << 24 | sizeof(struct code_file) << 16 | sizeof(struct code_symbol) << 8 |
	                  sizeof(struct code_word));
}

static bool is_ours(const struct header *header, const struct buf *file)
{
	size_t most = file->len; /* no count can be more than there are bytes */
	return header->magic == MAGIC && header->form == FORM && header->sizes == layout() && header->n_files <= most &&
	       header->n_symbols <= most && header->n_words <= most && header->n_imports <= most &&
	       header->n_names <= most && header->n_text <= most &&
	       header->checksum == checksum(FORM, file->data + sizeof *header, file->len - sizeof *header);
}

/* Puts the arrays to their places in the block; false when they are not all of it. */
static bool place(struct code_kept *out, const struct header *header, char *block, size_t n)
{
	struct part part[N_PARTS];
	char *at[N_PARTS];
	size_t offset = sizeof *header;
	out->tree = (struct code_tree){
		.n_files = header->n_files, .n_symbols = header->n_symbols, .n_words = header->n_words,
		.n_imports = header->n_imports, .n_names = header->n_names, .n_text = header->n_text,
	};
	list_parts(part, &out->tree, NULL);
	for (size_t i = 0; i < N_PARTS; i++) {
		at[i] = block + offset;
		offset += padded(part[i].size * part[i].n);
		if (offset > n)
			return false;
	}
	out->stamp = (const void *)at[0];
	out->tree.file = (void *)at[1];
	out->tree.symbol = (void *)at[2];
	out->tree.word = (void *)at[3];
	out->tree.import = (void *)at[4];
	out->tree.name = (void *)at[5];
	out->tree.text = at[6];
	return offset == n && code_tree_is_sound(&out->tree);
}

void code_kept_read(struct code_kept *out, const char *path)
{
	struct buf file = { 0 };
	struct header header;
	struct err err;
	*out = (struct code_kept){ 0 };
	bool good = file_slurp(path, KEPT_MAX, &file, &err) == 0 && file.len >= sizeof header;
	if (good) {
		memcpy(&header, file.data, sizeof header);
		good = is_ours(&header, &file) && place(out, &header, file.data, file.len);
	}
	if (good)
		out->tree.block = buf_take(&file, NULL);
	else
		*out = (struct code_kept){ 0 };
	buf_release(&file);
}

static void add_part(struct buf *out, const struct part *part)
{
	static const char zeros[8];
	size_t n = part->size * part->n;
	if (n)
		buf_add(out, part->data, n);
	buf_add(out, zeros, padded(n) - n);
}

int code_kept_write(const char *path, const struct code_tree *tree, const struct code_stamp *stamp, struct err *err)
{
	struct part part[N_PARTS];
	struct buf file = { 0 };
	struct header header = {
		.magic = MAGIC, .form = FORM, .sizes = layout(), .n_files = tree->n_files, .n_symbols = tree->n_symbols,
		.n_words = tree->n_words, .n_imports = tree->n_imports, .n_names = tree->n_names, .n_text = tree->n_text,
	};
	list_parts(part, tree, stamp);
	buf_add(&file, &header, sizeof header);
	for (size_t i = 0; i < N_PARTS; i++)
		add_part(&file, &part[i]);
	header.checksum = checksum(FORM, file.data + sizeof header, file.len - sizeof header);
	memcpy(file.data, &header, sizeof header);
	char *temporary = xasprintf("%s.XXXXXX", path);
	int rc = 0;
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0 || fd_write(fd, file.data, file.len) != 0 || rename(temporary, path) != 0) {
		rc = err_errno(err, errno, "cannot write '%s'", path);
		if (fd >= 0)
			unlink(temporary);
	}
	fd_close(&fd);
	free(temporary);
	buf_release(&file);
	return rc;
}
