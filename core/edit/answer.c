#include "edit/answer.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/answer_parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_MARKER 5
#define MAX_MARKER 9
#define ANSWER_MAX (16 * 1024 * 1024)

struct answer_parser *answer_parser_new(void (*part)(void *arg, const struct answer_part *part), void *arg)
{
	struct answer_parser *p = xcalloc(1, sizeof *p);
	p->part = part;
	p->arg = arg;
	buf_init(&p->line, ANSWER_MAX);
	buf_init(&p->search, ANSWER_MAX);
	buf_init(&p->replace, ANSWER_MAX);
	buf_init(&p->held, ANSWER_MAX);
	return p;
}

void answer_parser_free(struct answer_parser *p)
{
	if (!p)
		return;
	buf_release(&p->line);
	buf_release(&p->search);
	buf_release(&p->replace);
	buf_release(&p->held);
	free(p->path);
	free(p->symbol);
	free(p->last_path);
	free(p->loose_path);
	free(p->diff_path);
	answer_release(&p->answer);
	free(p);
}

static void tell(struct answer_parser *p, struct answer_part part)
{
	part.edit = p->kind;
	part.path = p->path ? p->path : "";
	if (p->part)
		p->part(p->arg, &part);
}

void answer_tell(struct answer_parser *p, enum answer_part_kind kind, const char *text, size_t n)
{
	tell(p, (struct answer_part){ .kind = kind, .text = text, .n = n });
}

void answer_tell_end(struct answer_parser *p, bool dropped)
{
	tell(p, (struct answer_part){ .kind = ANSWER_BLOCK_END, .text = "", .dropped = dropped });
}

/* Counts the marker characters that the line begins with, when they are as many as a marker has. */
static size_t marker_length(const char *s, size_t n, char c)
{
	size_t count = 0;
	while (count < n && s[count] == c)
		count++;
	return count >= MIN_MARKER && count <= MAX_MARKER ? count : 0;
}

/* "<<<<<<< SEARCH" and ">>>>>>> REPLACE", the word in any case, possibly missing at the end marker. */
static size_t word_marker(const char *s, size_t n, char c, const char *word, bool word_needed)
{
	s = answer_trim(s, &n, false);
	size_t count = marker_length(s, n, c);
	if (!count)
		return 0;
	const char *rest = s + count;
	size_t rest_n = n - count;
	rest = answer_trim(rest, &rest_n, true);
	if (!rest_n && !word_needed)
		return count;
	return rest_n == strlen(word) && strncasecmp(rest, word, rest_n) == 0 ? count : 0;
}

static bool is_divider(const char *s, size_t n)
{
	s = answer_trim(s, &n, false);
	return n > 0 && marker_length(s, n, '=') == n;
}

void answer_begin(struct answer_parser *p, enum answer_state state, enum edit_kind kind, char *path)
{
	free(p->path);
	p->path = path;
	if (path[0]) {
		free(p->last_path);
		p->last_path = xstrdup(path);
	}
	p->state = state;
	p->kind = kind;
	p->block_line = p->line_no;
	p->path_is_fresh = false;
	p->flaw = NULL;
	buf_clear(&p->search);
	buf_clear(&p->replace);
	if (kind == EDIT_SYMBOL)
		buf_add_str(&p->search, p->symbol);
	answer_tell(p, ANSWER_BLOCK_BEGIN, buf_str(&p->search), p->search.len);
}

static void add_block(struct answer_parser *p, const struct edit_block *block)
{
	struct answer *answer = &p->answer;
	answer->block = vec_room(answer->block, answer->n_blocks, &answer->cap_blocks, sizeof *answer->block);
	answer->block[answer->n_blocks++] = *block;
}

void answer_end(struct answer_parser *p)
{
	struct edit_block block = { .kind = p->kind, .path = xstrdup(p->path), .line = p->block_line, .flaw = p->flaw };
	answer_tell_end(p, p->flaw != NULL);
	if (p->kind == EDIT_SEARCH_REPLACE || p->kind == EDIT_SYMBOL) {
		block.search_n = p->search.len;
		block.search = buf_take(&p->search, NULL);
	}
	block.replace_n = p->replace.len;
	block.replace = buf_take(&p->replace, NULL);
	add_block(p, &block);
	p->state = IN_PROSE;
}

void answer_add_flawed(struct answer_parser *p, const char *path, const char *flaw)
{
	struct edit_block block = {
		.kind = EDIT_WHOLE_FILE,
		.path = xstrdup(path),
		.replace = xstrdup(""),
		.line = p->line_no,
		.flaw = flaw,
	};
	add_block(p, &block);
}

void answer_add_bare(struct answer_parser *p, enum edit_kind kind, const char *path, const char *to)
{
	struct edit_block block = {
		.kind = kind, .path = xstrdup(path), .replace = xstrdup(to), .replace_n = strlen(to), .line = p->line_no,
	};
	add_block(p, &block);
}

static size_t count_ticks(const char *s, size_t n)
{
	size_t ticks = 0;
	while (ticks < n && s[ticks] == '`')
		ticks++;
	return ticks >= 3 && ticks <= 16 ? ticks : 0;
}

static bool is_diff_info(const char *s, size_t n)
{
	s = answer_trim(s, &n, true);
	return (n == 4 && strncasecmp(s, "diff", 4) == 0) || (n == 5 && strncasecmp(s, "patch", 5) == 0) ||
	       (n == 5 && strncasecmp(s, "udiff", 5) == 0);
}

static void open_file_fence(struct answer_parser *p, size_t ticks, size_t indent, enum edit_kind kind, char *path)
{
	memset(p->closer, '`', ticks);
	p->closer[ticks] = '\0';
	p->closer_n = ticks;
	p->indent = indent;
	p->depth = 0;
	answer_begin(p, IN_FENCE, kind, path);
}

/*
 * A fence opens. With a path in its info string, or on the line above, it is a whole file; a SEARCH marker or a diff as
 * its first line makes it something else. Others are skipped, but markers within them count.
 */
static void open_fence(struct answer_parser *p, const char *line, size_t n, size_t indent)
{
	size_t ticks = count_ticks(line, n);
	char *path = answer_path_of_info(line + ticks, n - ticks);
	bool diff = is_diff_info(line + ticks, n - ticks);
	if (!path && p->path_is_fresh && !diff)
		path = xstrdup(p->last_path);
	p->plain_ticks = ticks;
	if (diff && p->path_is_fresh) {
		free(p->diff_path);
		p->diff_path = xstrdup(p->last_path);
		p->diff_is_new = false;
		p->state = IN_DIFF;
	}
	if (!path)
		return;
	open_file_fence(p, ticks, indent, EDIT_WHOLE_FILE, path);
}

/* "FILE marker path", the form that answer_describe_format asks for; it ends with "END marker". */
static bool open_marked_file(struct answer_parser *p, const char *s, size_t n)
{
	char marker[40];
	int used = 0;
	if (n < 8 || strncmp(s, "FILE ", 5) != 0)
		return false;
	char *line = xstrndup(s, n);
	bool is = sscanf(line, "FILE %31[0-9a-f] %n", marker, &used) == 1 && used > 0 && strlen(marker) >= 6;
	char *path = is ? answer_path_of_line(line + used, n - (size_t)used) : NULL;
	if (is && !path && !memchr(line, '\0', n) && line[used])
		path = xstrdup(line + used);
	free(line);
	if (!path)
		return false;
	p->closer_n = (size_t)snprintf(p->closer, sizeof p->closer, "END %s", marker);
	answer_begin(p, IN_MARKED_FILE, EDIT_WHOLE_FILE, path);
	return true;
}

/* The path of a SEARCH marker: on the line above, or that of the block before; "" when none has been named. */
static char *path_for_search(struct answer_parser *p)
{
	if (!p->path_is_fresh && p->loose_path)
		return xstrdup(p->loose_path);
	return xstrdup(p->last_path ? p->last_path : "");
}

/* "REPLACE SYMBOL name IN path", perhaps with decoration; the definition comes in a fence. */
static bool open_symbol(struct answer_parser *p, const char *s, size_t n)
{
	static const char word[] = "REPLACE SYMBOL ";
	while (n && strchr("#*` ", *s)) {
		s++;
		n--;
	}
	if (n < sizeof word || strncmp(s, word, sizeof word - 1) != 0)
		return false;
	const char *name = s + sizeof word - 1;
	const char *in = memmem(name, (size_t)(s + n - name), " IN ", 4);
	char *path = in ? answer_path_of_line(in + 4, n - (size_t)(in + 4 - s)) : NULL;
	if (!path && in)
		path = answer_loose_path(in + 4, n - (size_t)(in + 4 - s));
	while (in > name && strchr("` ", *name))
		name++;
	while (in > name && strchr("` ", in[-1]))
		in--;
	if (!path || in == name) {
		answer_add_flawed(p, path ? path : "", "is of a symbol, but does not say which one in which file");
		free(path);
		return true;
	}
	free(p->symbol);
	free(p->last_path);
	p->symbol = xstrndup(name, (size_t)(in - name));
	p->last_path = path;
	p->state = BEFORE_SYMBOL;
	return true;
}

static void remember_path(struct answer_parser *p, const char *s, size_t n)
{
	char *path = answer_path_of_line(s, n);
	free(p->loose_path);
	p->loose_path = path ? NULL : answer_loose_path(s, n);
	p->path_is_fresh = path != NULL;
	if (path) {
		free(p->last_path);
		p->last_path = path;
	}
}

void answer_prose_line(struct answer_parser *p, const char *s, size_t n)
{
	size_t bare_n = n;
	const char *bare = answer_trim(s, &bare_n, true);
	size_t ticks = count_ticks(bare, bare_n);
	if (word_marker(s, n, '<', "SEARCH", true)) {
		answer_begin(p, IN_SEARCH, EDIT_SEARCH_REPLACE, path_for_search(p));
		return;
	}
	if (answer_diff_begins(p, s, n) || open_marked_file(p, bare, bare_n) || open_symbol(p, bare, bare_n))
		return;
	if (ticks && p->plain_ticks && ticks == bare_n && ticks >= p->plain_ticks) {
		p->plain_ticks = 0;
		p->in_envelope = false;
		p->state = IN_PROSE;
	} else if (ticks) {
		open_fence(p, bare, bare_n, (size_t)(bare - s));
		if (p->state == IN_FENCE)
			return;
	}
	answer_tell(p, ANSWER_PROSE, s, n);
	if (bare_n && !ticks) /* blank lines and fences keep a path fresh */
		remember_path(p, s, n);
}

/* The fence of the symbol that was named; anything else means that its definition is missing. */
static void before_symbol_line(struct answer_parser *p, const char *s, size_t n)
{
	size_t bare_n = n;
	const char *bare = answer_trim(s, &bare_n, true);
	size_t ticks = count_ticks(bare, bare_n);
	if (!bare_n)
		return;
	if (ticks) {
		open_file_fence(p, ticks, (size_t)(bare - s), EDIT_SYMBOL, xstrdup(p->last_path));
		return;
	}
	answer_add_flawed(p, p->last_path, "is of a symbol, but its new definition does not follow in a fence");
	p->state = IN_PROSE;
	answer_prose_line(p, s, n);
}

static void search_line(struct answer_parser *p, const char *s, size_t n)
{
	if (is_divider(s, n)) {
		answer_tell(p, ANSWER_DIVIDER, "", 0);
		p->state = IN_REPLACE;
	} else if (word_marker(s, n, '>', "REPLACE", true)) {
		p->flaw = "has no ======= line between its SEARCH and REPLACE parts";
		answer_end(p);
	} else {
		buf_add(&p->search, s, n);
		answer_tell(p, ANSWER_OLD_LINE, s, n);
	}
}

static void replace_line(struct answer_parser *p, const char *s, size_t n)
{
	if (word_marker(s, n, '>', "REPLACE", false)) {
		answer_end(p);
	} else {
		buf_add(&p->replace, s, n);
		answer_tell(p, ANSWER_NEW_LINE, s, n);
	}
}

/* A fence turns out to hold edits, not the file itself. */
static bool is_no_file(struct answer_parser *p, const char *s, size_t n)
{
	if (p->state != IN_FENCE || p->replace.len || p->kind == EDIT_SYMBOL)
		return false;
	bool marker = word_marker(s, n, '<', "SEARCH", true) > 0;
	bool envelope = n >= 15 && memcmp(s, "*** Begin Patch", 15) == 0;
	bool header = n > 6 && (memcmp(s, "--- a/", 6) == 0 || memcmp(s, "--- /de", 6) == 0);
	if (!marker && !envelope && !header)
		return false;
	if (marker) {
		answer_begin(p, IN_SEARCH, EDIT_SEARCH_REPLACE, xstrdup(p->path));
	} else {
		answer_tell_end(p, true);
		p->state = IN_PROSE;
		answer_prose_line(p, s, n);
	}
	return true;
}

/* Does this line close the file? Fences that open within a fenced file close first. */
static bool closes_file(struct answer_parser *p, const char *s, size_t n)
{
	size_t bare_n = n;
	const char *bare = answer_trim(s, &bare_n, p->state == IN_FENCE);
	if (p->state == IN_MARKED_FILE)
		return bare_n == p->closer_n && memcmp(bare, p->closer, bare_n) == 0;
	size_t ticks = count_ticks(bare, bare_n);
	if (!ticks || (size_t)(bare - s) != p->indent)
		return false;
	if (ticks < bare_n && ticks <= p->closer_n) {
		p->depth++;
		return false;
	}
	if (ticks < bare_n || (p->depth == 0 && ticks < p->closer_n))
		return false;
	return p->depth == 0 || (p->depth--, false);
}

static void file_line(struct answer_parser *p, const char *s, size_t n)
{
	if (is_no_file(p, s, n))
		return;
	if (closes_file(p, s, n)) {
		p->plain_ticks = p->state == IN_FENCE ? 0 : p->plain_ticks;
		answer_end(p);
	} else {
		buf_add(&p->replace, s, n);
		answer_tell(p, ANSWER_NEW_LINE, s, n);
	}
}

static void take_line(struct answer_parser *p, const char *s, size_t n)
{
	static void (*const by_state[])(struct answer_parser *p, const char *s, size_t n) = {
		[IN_PROSE] = answer_prose_line, [IN_SEARCH] = search_line,        [IN_REPLACE] = replace_line,
		[IN_FENCE] = file_line,         [IN_MARKED_FILE] = file_line,     [IN_DIFF] = answer_diff_line,
		[IN_HUNK] = answer_hunk_line,   [IN_ADDED] = answer_added_line,   [BEFORE_SYMBOL] = before_symbol_line,
	};
	p->line_no++;
	by_state[p->state](p, s, n);
	/* What is over the limit is gone: the answer is as good as cut, whatever comes behind it. */
	p->is_over = p->is_over || p->line.truncated || p->search.truncated || p->replace.truncated || p->held.truncated;
}

void answer_parser_feed(struct answer_parser *p, const char *text, size_t n)
{
	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t take = end ? (size_t)(end - text) + 1 : n;
		if (!end || p->line.len) {
			buf_add(&p->line, text, take);
			if (end) {
				take_line(p, buf_str(&p->line), p->line.len);
				buf_clear(&p->line);
			}
		} else {
			take_line(p, text, take);
		}
		text += take;
		n -= take;
	}
}

void answer_parser_finish(struct answer_parser *p, struct answer *out)
{
	if (p->line.len) {
		take_line(p, buf_str(&p->line), p->line.len);
		buf_clear(&p->line);
	}
	answer_diff_finish(p);
	p->answer.unterminated = p->state != IN_PROSE || p->is_over;
	*out = p->answer;
	p->answer = (struct answer){ 0 };
}

void answer_release(struct answer *answer)
{
	for (size_t i = 0; i < answer->n_blocks; i++) {
		free(answer->block[i].path);
		free(answer->block[i].search);
		free(answer->block[i].replace);
	}
	free(answer->block);
	*answer = (struct answer){ 0 };
}
