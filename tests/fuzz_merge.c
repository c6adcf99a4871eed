/*
 * Three-way merges. Parts: the base, our text, their text. Properties: who is who makes no difference; one side unchanged
 * gives the other, equal sides give themselves; a merge has no line that no side has, and a refused one says nothing.
 */
#include "tests/fuzz_parts.h"

#include "edit/merge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_text(const struct merge_text *text)
{
	return !text->n || !memchr(text->data, '\0', text->n);
}

static size_t line_end(const char *data, size_t n)
{
	const char *end = n ? memchr(data, '\n', n) : NULL;
	return end ? (size_t)(end - data) + 1 : n;
}

static bool has_line(const struct merge_text *text, const char *line, size_t n)
{
	for (size_t at = 0; at < text->n;) {
		size_t have = line_end(text->data + at, text->n - at);
		if (have == n && memcmp(text->data + at, line, n) == 0)
			return true;
		at += have;
	}
	return false;
}

static void expect(const struct merge_sides *sides, const struct merge_text *wanted)
{
	struct buf out = { 0 };
	FUZZ_CHECK(merge_lines(sides, &out));
	FUZZ_CHECK(out.len == wanted->n && (!out.len || memcmp(out.data, wanted->data, out.len) == 0));
	buf_release(&out);
}

static void check_lines(const struct merge_sides *sides, const struct buf *out)
{
	for (size_t at = 0; at < out->len;) {
		size_t n = line_end(out->data + at, out->len - at);
		FUZZ_CHECK(has_line(&sides->base, out->data + at, n) || has_line(&sides->ours, out->data + at, n) ||
		           has_line(&sides->theirs, out->data + at, n));
		at += n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct buf out = { 0 };
	struct buf other = { 0 };
	fuzz_parts_split(&parts, data, size);
	const struct merge_text base = { parts.part[0], parts.n[0] };
	const struct merge_text ours = { parts.part[1], parts.n[1] };
	const struct merge_text theirs = { parts.part[2], parts.n[2] };
	const struct merge_sides sides = { base, ours, theirs };
	const struct merge_sides turned = { base, theirs, ours };
	bool merged = merge_lines(&sides, &out);
	FUZZ_CHECK(merge_lines(&turned, &other) == merged);
	FUZZ_CHECK(out.len == other.len && (!out.len || memcmp(out.data, other.data, out.len) == 0));
	if (merged)
		check_lines(&sides, &out);
	else
		FUZZ_CHECK(!out.len);
	if (is_text(&base) && is_text(&ours)) {
		const struct merge_sides alone = { base, ours, base };
		const struct merge_sides equal = { base, ours, ours };
		expect(&alone, &ours);
		expect(&equal, &ours);
	}
	buf_release(&out);
	buf_release(&other);
	fuzz_parts_release(&parts);
	return 0;
}
