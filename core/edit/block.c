#include "edit/block.h"

#include "base/xalloc.h"
#include "edit/elide.h"
#include "edit/guess.h"
#include "edit/symbol.h"

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

/* The text that a block's lines go into, and where. */
struct place {
	const struct buf *text;
	const struct line_index *index;
	const struct match *match;
	const struct edit_block *block;
	struct line_index new_index; /* of the block's replacement; owned */
	bool crlf;
	bool is_verbatim; /* the answer quotes line ends, too: it means its own */
};

static bool is_empty_at(const struct place *place, size_t i)
{
	return is_empty_line(place->block->replace + place->new_index.start[i],
	                     place->new_index.start[i + 1] - place->new_index.start[i]);
}

/* How the old line ends that a new one stands for; where there is none, as the place does. */
static bool is_crlf_at(const struct place *place, const struct diff_run *run, size_t new_line)
{
	size_t nth = run ? new_line - run->new_at : 0;
	size_t skipped = place->match->skip_first;
	if (!run || !run->old_n)
		return place->crlf;
	size_t old = run->old_at + (nth < run->old_n ? nth : run->old_n - 1);
	if (old < skipped || old - skipped >= place->match->n_lines)
		return place->crlf;
	size_t line = place->match->line + old - skipped;
	size_t from = place->index->start[line];
	size_t to = place->index->start[line + 1];
	if (to == from || place->text->data[to - 1] != '\n')
		return place->crlf;
	return to - from > 1 && place->text->data[to - 2] == '\r';
}

static void add_new_lines(struct buf *out, const struct place *place, const struct diff_run *run, size_t from, size_t to)
{
	struct buf line = { 0 };
	const size_t *start = place->new_index.start;
	for (size_t i = from; i < to; i++) {
		buf_clear(&line);
		block_add_line(&line, place->block->replace + start[i], start[i + 1] - start[i], place->match);
		if (place->is_verbatim)
			buf_add(out, buf_str(&line), line.len);
		else
			add_in_file_style(out, buf_str(&line), line.len, is_crlf_at(place, run, i));
	}
	buf_release(&line);
}

/* The file's last line may have no end, but more may come behind it now. */
static void add_kept_line(struct buf *out, const struct place *place, size_t line)
{
	size_t from = place->index->start[line];
	size_t n = place->index->start[line + 1] - from;
	buf_add(out, place->text->data + from, n);
	if (n && place->text->data[from + n - 1] != '\n')
		buf_add_str(out, place->crlf ? "\r\n" : "\n");
}

/*
 * What comes to the place: lines that the block repeats from its search text keep the file's own bytes, the others are
 * indented and ended as the file's are. Empty lines that the search text had too much are left out of both.
 */
static void shape_replacement(struct buf *out, const struct place *place)
{
	const struct match *match = place->match;
	const struct edit_block *block = place->block;
	struct line_diff diff;
	line_diff_make(&diff, block->search, block->search_n, block->replace, block->replace_n);
	size_t first = 0;
	size_t n_new = place->new_index.n_lines;
	size_t last = n_new;
	while (first < last && first < match->skip_first && is_empty_at(place, first))
		first++;
	while (last > first && n_new - last < match->skip_last && is_empty_at(place, last - 1))
		last--;
	size_t old_at = 0;
	size_t new_at = 0;
	for (size_t i = 0; i <= diff.n_runs; i++) {
		const struct diff_run *run = i < diff.n_runs ? &diff.run[i] : NULL;
		for (size_t end = run ? run->new_at : n_new; new_at < end; new_at++, old_at++) {
			size_t line = match->line + old_at - match->skip_first;
			bool kept = old_at >= match->skip_first && old_at - match->skip_first < match->n_lines;
			if (new_at < first || new_at >= last)
				continue;
			if (kept)
				add_kept_line(out, place, line);
			else
				add_new_lines(out, place, NULL, new_at, new_at + 1);
		}
		size_t to = run ? run->new_at + run->new_n : new_at;
		add_new_lines(out, place, run, new_at < first ? first : new_at, to < last ? to : last);
		new_at = to;
		old_at = run ? run->old_at + run->old_n : old_at;
	}
	line_diff_release(&diff);
}

static bool has_crlf(const char *s, size_t n)
{
	return n > 1 && memmem(s, n, "\r\n", 2);
}

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
	struct buf out = { 0 };
	size_t from = index->start[match->line];
	size_t to = index->start[match->line + match->n_lines];
	bool had_end = to > from && text->data[to - 1] == '\n';
	struct place place = {
		.text = text,
		.index = index,
		.match = match,
		.block = block,
		.crlf = had_end ? is_crlf(text, from) : is_crlf(text, 0),
		.is_verbatim = match->rung == MATCH_EXACT && has_crlf(block->search, block->search_n) &&
		               has_crlf(block->replace, block->replace_n),
	};
	line_index_make(&place.new_index, block->replace, block->replace_n);
	buf_add(&out, buf_str(text), from);
	shape_replacement(&out, &place);
	line_index_release(&place.new_index);
	/* A last line that had no end keeps being one. */
	if (!had_end && to == text->len && out.len > from)
		drop_last_end(&out);
	buf_add(&out, buf_str(text) + to, text->len - to);
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

/* Each piece in one place of its own, in order; *match says where, or which one is in doubt. */
static bool place_pieces(const struct elide *elide, const struct buf *text, const struct line_index *index,
                         struct match *piece, struct match *match)
{
	size_t after = 0;
	for (size_t i = 0; i < elide->n_pieces; i++) {
		match_find(&piece[i], buf_str(text), index, elide->piece[i].search, elide->piece[i].search_n);
		if (piece[i].rung == MATCH_NONE) {
			*match = piece[i];
			return false;
		}
		if (piece[i].line < after)
			return false;
		after = piece[i].line + piece[i].n_lines;
	}
	*match = piece[0];
	match->rung = MATCH_ELIDED;
	match->n_lines = after - match->line;
	return true;
}

static bool apply_elided(struct buf *text, const struct line_index *index, const struct edit_block *block,
                         struct match *match)
{
	struct elide elide;
	if (!elide_read(&elide, block))
		return false;
	struct match *piece = xcalloc(elide.n_pieces, sizeof *piece);
	bool is_placed = place_pieces(&elide, text, index, piece, match);
	for (size_t i = elide.n_pieces; is_placed && i > 0; i--)
		splice(text, index, &piece[i - 1], &elide.piece[i - 1]); /* from the end, so that the lines before stay */
	free(piece);
	elide_release(&elide);
	return is_placed;
}

/* No rung found the search text as it is. */
static enum block_result apply_missing(struct block_target *target, const struct line_index *index,
                                       const struct edit_block *block, struct match *match)
{
	struct buf *text = &target->text;
	if (stands_once(text, index, block->replace, block->replace_n))
		return BLOCK_THERE;
	if (apply_elided(text, index, block, match))
		return BLOCK_DONE;
	if (match->n_places)
		return BLOCK_SEVERAL;
	guess_find(match, buf_str(text), index, block->search, block->search_n);
	if (match->rung == MATCH_NONE)
		return BLOCK_NOWHERE;
	if (!target->may_guess)
		return BLOCK_GUESSED;
	splice(text, index, match, block);
	return BLOCK_DONE;
}

static enum block_result apply_search(struct block_target *target, const struct edit_block *block, struct match *match)
{
	struct buf *text = &target->text;
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
		result = apply_missing(target, &index, block, match);
	line_index_release(&index);
	return result;
}

/* The lines of the definition are known by its name: the rest is as with a search text that is exactly these. */
static enum block_result apply_symbol(struct block_target *target, const struct edit_block *block, struct match *match)
{
	struct symbol symbol;
	struct line_index index;
	struct buf *text = &target->text;
	char *name = xstrndup(block->search, block->search_n);
	symbol_find(&symbol, target->path ? target->path : "", buf_str(text), text->len, name);
	free(name);
	if (symbol.n_places != 1)
		return symbol.n_places ? BLOCK_TWICE : BLOCK_UNKNOWN;
	struct edit_block whole = *block;
	whole.search = text->data + symbol.at;
	whole.search_n = symbol.end - symbol.at;
	line_index_make(&index, buf_str(text), text->len);
	while (index.start[match->line] < symbol.at)
		match->line++;
	while (index.start[match->line + match->n_lines] < symbol.end)
		match->n_lines++;
	match->rung = MATCH_EXACT;
	splice(text, &index, match, &whole);
	line_index_release(&index);
	return BLOCK_DONE;
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

static void put_bom(struct buf *text)
{
	struct buf out = { 0 };
	buf_add(&out, bom, 3);
	buf_add(&out, buf_str(text), text->len);
	buf_release(text);
	*text = out;
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
	/* The byte order mark is no part of the first line for anybody but the file. */
	bool marked = has_bom(buf_str(&target->text), target->text.len);
	if (marked)
		buf_consume(&target->text, 3);
	result = block->kind == EDIT_SYMBOL ? apply_symbol(target, block, match) : apply_search(target, block, match);
	if (marked)
		put_bom(&target->text);
	return result;
}
