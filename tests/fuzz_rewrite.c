/*
 * Rewrites. Parts: the path, the pattern, the replacement, the text, and a hole's name and its regular expression.
 * Properties: bytes that no match covers are kept, and a pattern that is its own replacement, word for word, changes
 * nothing.
 */
#include "tests/fuzz_parts.h"

#include "base/buf.h"
#include "edit/rewrite.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void chop(char *s)
{
	size_t n = strlen(s);
	if (n && s[n - 1] == '\n')
		s[n - 1] = '\0';
}

static void run(const struct fuzz_parts *parts, const char *replace, const struct rewrite_where *where)
{
	struct rewrite *rewrite;
	struct err err = { 0 };
	struct buf out = { 0 };
	size_t n_matches = 0;
	buf_init(&out, 1 << 22);
	if (rewrite_compile(&rewrite, parts->part[1], replace, where, where != NULL, &err) != 0) {
		FUZZ_CHECK(err.msg[0] && !rewrite);
		return;
	}
	int rc = rewrite_text(rewrite, parts->part[0], parts->part[3], parts->n[3], &out, &n_matches, &err);
	FUZZ_CHECK(rc == 0 || (err.msg[0] && n_matches == 0));
	FUZZ_CHECK(n_matches > 0 || out.len == 0);
	FUZZ_CHECK(n_matches <= parts->n[3]);
	bool plain = !strpbrk(parts->part[1], " \t\r\n\v\f") && !strstr(parts->part[1], ":[");
	if (n_matches && plain && strcmp(replace, parts->part[1]) == 0)
		FUZZ_CHECK(out.len == parts->n[3] && memcmp(out.data, parts->part[3], out.len) == 0);
	buf_release(&out);
	rewrite_free(rewrite);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	if (size > 100000)
		return 0;
	fuzz_parts_split(&parts, data, size);
	for (size_t i = 0; i < MAX_FUZZ_PARTS; i++)
		if (i != 3)
			chop(parts.part[i]);
	struct rewrite_where where = { parts.part[4], parts.part[5] };
	run(&parts, parts.part[2], parts.part[4][0] ? &where : NULL);
	run(&parts, parts.part[1], NULL);
	fuzz_parts_release(&parts);
	return 0;
}
