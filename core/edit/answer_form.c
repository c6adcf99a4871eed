/* The forms of an answer, the other way round: as a prompt asks for them, and blocks as an answer has them. */
#include "edit/answer.h"

#include <stdio.h>
#include <string.h>

void answer_whole_marker(const struct hash *shown, char out[24])
{
	char hex[HASH_HEX_SIZE];
	hash_format(shown, hex);
	snprintf(out, 24, "%.12s", hex);
}

void answer_describe_format(struct buf *out, enum edit_kind kind, const char *marker)
{
	if (kind == EDIT_WHOLE_FILE) {
		buf_printf(out,
		           "Answer with the whole content of each file, in this form, nothing left out:\n\n"
		           "FILE %s path/of/the/file\n"
		           "...the content...\n"
		           "END %s\n", marker, marker);
		return;
	}
	if (kind == EDIT_SYMBOL) {
		buf_add_str(out,
		            "Answer with each function or type that changes, whole, in this form:\n\n"
		            "REPLACE SYMBOL its_name IN path/of/the/file\n"
		            "```\n"
		            "the new definition, complete\n"
		            "```\n");
		return;
	}
	if (kind == EDIT_PATCH) {
		buf_add_str(out,
		            "Answer with one patch in this form; old lines exactly as they stand in the file:\n\n"
		            "*** Begin Patch\n"
		            "*** Update File: path/of/the/file\n"
		            "@@ the line of the function or section around the place\n"
		            " a line that stays\n"
		            "-a line that goes\n"
		            "+a line that comes\n"
		            "*** End Patch\n");
		return;
	}
	buf_add_str(out,
	            "Answer with edits in this form, one block for each place, the path alone on the line before:\n\n"
	            "path/of/the/file\n"
	            "<<<<<<< SEARCH\n"
	            "lines as they stand in the file, exactly, enough of them to be found only once\n"
	            "=======\n"
	            "the lines that take their place\n"
	            ">>>>>>> REPLACE\n");
}

/* Ends the last line, where the block's text has no end of its own. */
static void add_lines(struct buf *out, const char *text, size_t n)
{
	buf_add(out, text, n);
	if (n && text[n - 1] != '\n')
		buf_add_char(out, '\n');
}

void answer_write_block(struct buf *out, const char *path, const struct edit_block *block)
{
	if (block->kind == EDIT_WHOLE_FILE) {
		struct hash hash;
		char marker[24];
		hash_data(&hash, block->replace, block->replace_n);
		answer_whole_marker(&hash, marker);
		buf_printf(out, "FILE %s %s\n", marker, path);
		add_lines(out, block->replace, block->replace_n);
		buf_printf(out, "END %s\n\n", marker);
		return;
	}
	if (block->kind == EDIT_DELETE || block->kind == EDIT_MOVE)
		return; /* no step that keeps answers takes these */
	if (block->kind == EDIT_SYMBOL) {
		buf_printf(out, "REPLACE SYMBOL %.*s IN %s\n````````\n", (int)block->search_n, block->search, path);
		add_lines(out, block->replace, block->replace_n);
		buf_add_str(out, "````````\n\n");
		return;
	}
	buf_printf(out, "%s\n<<<<<<< SEARCH\n", path);
	add_lines(out, block->search, block->search_n);
	buf_add_str(out, "=======\n");
	add_lines(out, block->replace, block->replace_n);
	buf_add_str(out, ">>>>>>> REPLACE\n\n");
}
