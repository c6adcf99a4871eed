#include "edit/patch_binary.h"

#include "base/deflate.h"
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

#define LINE_BYTES 52

/* What git calls a blob of these bytes; nothing has zeros. */
static void add_id(struct buf *out, const struct image *image)
{
	struct sha1 id = { { 0 } };
	if (image->kind != IMAGE_ABSENT) {
		char head[32];
		struct hasher *hasher = hasher_new_sha1();
		int n = snprintf(head, sizeof head, "blob %lld", (long long)image->size);
		hasher_add(hasher, head, (size_t)n + 1);
		hasher_add(hasher, image->data ? image->data : "", (size_t)image->size);
		hasher_finish_sha1(hasher, &id);
	}
	for (size_t i = 0; i < SHA1_SIZE; i++)
		buf_printf(out, "%02x", id.byte[i]);
}

void patch_add_index(struct buf *out, const struct change *change)
{
	buf_add_str(out, "index ");
	add_id(out, &change->before);
	buf_add_str(out, "..");
	add_id(out, &change->after);
	buf_add_char(out, '\n');
}

/* Four bytes as five digits of base 85, in git's alphabet; what is missing of the four is zero. */
static void add_digits(struct buf *out, const unsigned char *p, size_t n)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
	uint32_t value = 0;
	char digit[5];
	for (size_t i = 0; i < 4; i++)
		value = value << 8 | (i < n ? p[i] : 0);
	for (size_t i = 5; i-- > 0; value /= 85)
		digit[i] = alphabet[value % 85];
	buf_add(out, digit, sizeof digit);
}

static void add_literal(struct buf *out, const struct image *image)
{
	struct buf packed = { 0 };
	size_t size = image->kind == IMAGE_ABSENT || !image->data ? 0 : (size_t)image->size;
	deflate_stored(&packed, size ? image->data : "", size);
	buf_printf(out, "literal %zu\n", size);
	for (size_t at = 0; at < packed.len; at += LINE_BYTES) {
		size_t n = packed.len - at < LINE_BYTES ? packed.len - at : LINE_BYTES;
		const unsigned char *p = (const unsigned char *)packed.data + at;
		buf_add_char(out, (char)(n <= 26 ? 'A' + (int)n - 1 : 'a' + (int)n - 27));
		for (size_t i = 0; i < n; i += 4)
			add_digits(out, p + i, n - i < 4 ? n - i : 4);
		buf_add_char(out, '\n');
	}
	buf_add_char(out, '\n');
	buf_release(&packed);
}

void patch_add_binary(struct buf *out, const struct change *change)
{
	buf_add_str(out, "GIT binary patch\n");
	add_literal(out, &change->after);
	add_literal(out, &change->before);
}
