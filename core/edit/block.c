#include "edit/block.h"

#include "base/xalloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SHRINK_MIN_LINES 20 /* shorter files may shrink as they like */

static const char bom[] = "\xef\xbb\xbf";

static bool has_bom(const char *s, size_t n)
{
	return n >= 3 && memcmp(s, bom, 3) == 0;
}

/* CR and LF end the first line of the text, from `at` on. */
static bool is_crlf(const struct buf *text, size_t at)
{
	const char *end = text->len > at ? memchr(text->data + at, '\n', text->len - at) : NULL;
	return end && end > text->data && end[-1] == '\r';
}

/* The replacement in the file's own line ends. */
static void add_in_file_style(struct buf *out, const char *s, size_t n, bool crlf)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n')
			continue;
		if (s[i] == '\n' && crlf)
			buf_add_char(out, '\r');
		buf_add_char(out, s[i]);
	}
}

static bool is_empty_line(const char *s, size_t n)
{
	return n == 0 || s[0] == '\n' || (s[0] == '\r' && n > 1 && s[1] == '\n');
}

/* Leading spaces become tabs, as many as the file has for the block's. */
static void add_line_tabbed(struct buf *out, const char *line, size_t n, size_t spaces_per_tab)
{
	size_t spaces = 0;
	while (spaces < n && line[spaces] == ' ')
		spaces++;
	for (size_t i = 0; i < spaces / spaces_per_tab; i++)
		buf_add_char(out, '\t');
	size_t used = spaces - spaces % spaces_per_tab;
	buf_add(out, line + used, n - used);
}

void block_add_line(struct buf *out, const char *line, size_t n, const struct match *match)
{
	size_t indent = strlen(match->indent);
	if (match->rung != MATCH_INDENT) {
		buf_add(out, line, n);
		return;
	}
	if (match->spaces_per_tab) {
		add_line_tabbed(out, line, n, match->spaces_per_tab);
		return;
	}
	if (!match->outdent && !is_empty_line(line, n))
		buf_add(out, match->indent, indent);
	if (match->outdent && n >= indent && memcmp(line, match->indent, indent) == 0) {
		line += indent;
		n -= indent;
	}
	buf_add(out, line, n);
}

/* The replacement as it goes into the file: without the empty lines that the search text had too much, and indented. */
static void shape_replacement(struct buf *out, const struct edit_block *block, const struct match *match)
{
	struct line_index index;
	line_index_make(&index, block->replace, block->replace_n);
	size_t first = 0;
	size_t last = index.n_lines;
	for (size_t i = 0; i < match->skip_first && first < last && index.start[first + 1] - index.start[first] <= 2; i++)
		first += strchr("\r\n", block->replace[index.start[first]]) != NULL;
	for (size_t i = 0; i < match->skip_last && last > first && index.start[last] - index.start[last - 1] <= 2; i++)
		last -= strchr("\r\n", block->replace[index.start[last - 1]]) != NULL;
	for (size_t i = first; i < last; i++)
		block_add_line(out, block->replace + index.start[i], index.start[i + 1] - index.start[i], match);
	line_index_release(&index);
}

/* A last line that had no end keeps being one. */
static void drop_last_end(struct buf *text)
{
	if (!text->len || text->data[text->len - 1] != '\n')
		return;
	buf_truncate(text, text->len - 1);
	if (text->len && text->data[text->len - 1] == '\r')
		buf_truncate(text, text->len - 1);
}

static void splice(struct buf *text, const struct line_index *index, const struct match *match,
                   const struct edit_block *block)
{
	struct buf shaped = { 0 };
	struct buf out = { 0 };
	size_t from = index->start[match->line];
	size_t to = index->start[match->line + match->n_lines];
	bool had_end = to > from && text->data[to - 1] == '\n';
	bool crlf = had_end ? is_crlf(text, from) : is_crlf(text, 0);
	shape_replacement(&shaped, block, match);
	buf_add(&out, buf_str(text), from);
	if (from == 0 && has_bom(buf_str(text), text->len) && !has_bom(buf_str(&shaped), shaped.len))
		buf_add(&out, bom, 3);
	add_in_file_style(&out, buf_str(&shaped), shaped.len, crlf);
	if (!had_end && to == text->len && shaped.len)
		drop_last_end(&out);
	buf_add(&out, buf_str(text) + to, text->len - to);
	buf_release(&shaped);
	buf_release(text);
	*text = out;
}

static bool stands_once(const struct buf *text, const struct line_index *index, const char *s, size_t n)
{
	struct match match;
	if (!n)
		return false;
	match_find(&match, buf_str(text), index, s, n);
	return match.rung != MATCH_NONE;
}

static bool is_blank(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && strchr(" \t\r\n", s[i]))
		i++;
	return i == n;
}

static enum block_result apply_search(struct buf *text, const struct edit_block *block, struct match *match)
{
	struct line_index index;
	enum block_result result = BLOCK_DONE;
	if (is_blank(block->search, block->search_n)) {
		if (text->len)
			return BLOCK_NOT_EMPTY;
		add_in_file_style(text, block->replace, block->replace_n, false);
		return BLOCK_DONE;
	}
	line_index_make(&index, buf_str(text), text->len);
	match_find(match, buf_str(text), &index, block->search, block->search_n);
	if (match->rung != MATCH_NONE)
		splice(text, &index, match, block);
	else if (match->n_places)
		result = BLOCK_SEVERAL;
	else
		result = stands_once(text, &index, block->replace, block->replace_n) ? BLOCK_THERE : BLOCK_NOWHERE;
	line_index_release(&index);
	return result;
}

static size_t count_lines(const char *s, size_t n)
{
	size_t lines = 0;
	for (size_t i = 0; i < n; i++)
		lines += s[i] == '\n';
	return lines;
}

static enum block_result apply_whole(struct block_target *target, const struct edit_block *block)
{
	struct buf *text = &target->text;
	size_t old_lines = count_lines(buf_str(text), text->len);
	size_t new_lines = count_lines(block->replace, block->replace_n);
	if (!target->may_shrink && old_lines >= SHRINK_MIN_LINES && new_lines * 10 < old_lines * 6)
		return BLOCK_SHRINKS;
	struct buf out = { 0 };
	if (has_bom(buf_str(text), text->len) && !has_bom(block->replace, block->replace_n))
		buf_add(&out, bom, 3);
	add_in_file_style(&out, block->replace, block->replace_n, is_crlf(text, 0));
	if (text->len && text->data[text->len - 1] != '\n')
		drop_last_end(&out);
	buf_release(text);
	*text = out;
	return BLOCK_DONE;
}

/* A line of the new text is as good as the file's own when the file has it too. */
static bool is_given(const struct block_target *target, const char *line, size_t n)
{
	return n && target->given && memmem(target->given, target->given_n, line, n) != NULL;
}

/* Takes comment signs and white space off both ends. */
static void bare_comment(const char **line, size_t *n, bool *comment)
{
	static const char signs[] = "#/*;%-<!>{}()\"' \t\r";
	size_t before = *n;
	while (*n && isspace((unsigned char)**line)) {
		++*line;
		--*n;
		before--;
	}
	*comment = *n && strchr("#/*;%-<{\"'", **line) != NULL;
	while (*n && strchr(signs, **line)) {
		++*line;
		--*n;
	}
	while (*n && strchr(signs, (*line)[*n - 1]))
		--*n;
	*comment = *comment && *n < before;
}

static bool has_dots(const char *s, size_t n)
{
	return memmem(s, n, "...", 3) || memmem(s, n, "\xe2\x80\xa6", 3);
}

static bool contains(const char *s, size_t n, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= n; i++)
		if (strncasecmp(s + i, word, len) == 0)
			return true;
	return false;
}

struct phrases {
	const char *const *phrase;
	size_t n;
};

static bool contains_one(const char *s, size_t n, struct phrases list)
{
	for (size_t i = 0; i < list.n; i++)
		if (contains(s, n, list.phrase[i]))
			return true;
	return false;
}

#define PHRASES(list) ((struct phrases){ list, sizeof(list) / sizeof(*(list)) })

static const char *const left_out[] = {
	"rest of", "existing", "remaining", "previous code", "other code", "your code", "implementation here", "omitted",
	"unchanged", "same as before", "as before", "code here", "continues", "no change", "and so on",
};
static const char *const whole_code[] = {
	"rest of the code", "rest of the function", "rest of the file", "rest of the class", "rest of the method",
	"existing code", "remaining code", "previous code", "your code", "implementation here", "code unchanged",
	"unchanged code", "code goes here",
};
static const char *const as_it_was[] = {
	"unchanged", "remains", "the same", "goes here", "here", "as before", "as is", "stays",
};

/* Without dots: one of the sentences that models write, not a comment that happens to speak of code. */
static bool is_omission(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof whole_code / sizeof *whole_code; i++)
		if (n == strlen(whole_code[i]) && strncasecmp(s, whole_code[i], n) == 0)
			return true;
	return n < 60 && contains_one(s, n, PHRASES(whole_code)) && contains_one(s, n, PHRASES(as_it_was));
}

/* A comment that stands for code that was left out: nothing but dots, dots with words that say so, or a sentence. */
static bool is_placeholder(const char *line, size_t n)
{
	bool comment;
	size_t len = n;
	const char *s = line;
	bare_comment(&s, &len, &comment);
	bool dots = has_dots(s, len);
	bool only_dots = dots && (strspn(s, ". ") >= len || (len == 3 && (unsigned char)s[0] == 0xe2));
	if (only_dots)
		return comment;
	if (comment && is_omission(s, len))
		return true;
	bool speaks = comment || (len > 3 && (memcmp(s, "...", 3) == 0 || memcmp(s, "\xe2\x80\xa6", 3) == 0));
	return dots && speaks && len < 80 && contains_one(s, len, PHRASES(left_out));
}

/* A line that a marker of an edit, or of a merge, makes up. */
static bool is_leftover_marker(const char *line, size_t n)
{
	size_t count = 0;
	while (n && strchr(" \t\r", line[n - 1]))
		n--;
	while (count < n && line[count] == line[0])
		count++;
	if (count < 5 || count > 9 || !strchr("<>", line[0]))
		return false;
	const char *word = line[0] == '<' ? " SEARCH" : " REPLACE";
	size_t word_n = strlen(word);
	return count == n || (n == count + word_n && strncasecmp(line + count, word, word_n) == 0) ||
	       (count == 7 && strncmp(line + count, " HEAD", 5) == 0);
}

static enum block_result check_new_text(const struct block_target *target, const struct edit_block *block)
{
	for (size_t at = 0; at < block->replace_n;) {
		const char *line = block->replace + at;
		const char *end = memchr(line, '\n', block->replace_n - at);
		size_t n = end ? (size_t)(end - line) : block->replace_n - at;
		if (is_leftover_marker(line, n) && !is_given(target, line, n))
			return BLOCK_MARKER;
		if (is_placeholder(line, n) && !is_given(target, line, n))
			return BLOCK_PLACEHOLDER;
		at += n + 1;
	}
	return BLOCK_DONE;
}

enum block_result block_apply(struct block_target *target, const struct edit_block *block, struct match *match)
{
	*match = (struct match){ .rung = MATCH_NONE };
	if (block->flaw)
		return BLOCK_FLAWED;
	enum block_result result = check_new_text(target, block);
	if (result != BLOCK_DONE)
		return result;
	if (block->kind == EDIT_WHOLE_FILE)
		return apply_whole(target, block);
	return apply_search(&target->text, block, match);
}
