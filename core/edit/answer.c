#include "edit/answer.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_MARKER 5
#define MAX_MARKER 9
#define ANSWER_MAX (16 * 1024 * 1024)

enum state {
	IN_PROSE,
	IN_SEARCH,       /* between <<<<<<< and ======= */
	IN_REPLACE,      /* between ======= and >>>>>>> */
	IN_FENCE,        /* a fenced whole file */
	IN_MARKED_FILE   /* a whole file between its markers */
};

struct answer_parser {
	void (*part)(void *arg, const struct answer_part *part);
	void *arg;
	enum state state;
	struct buf line;      /* the line that is still coming */
	struct answer answer;
	struct buf search, replace; /* of the open block */
	char *path;           /* of the open block */
	char *last_path;      /* a path alone on a line, or that of the block before */
	bool path_is_fresh;   /* the path stood on the line just above (blank lines and fences between) */
	char closer[80];      /* line that ends the open fence or marked file */
	size_t closer_n;
	size_t marker_n;      /* length of the block's own markers */
	int line_no;
	int block_line;
};

struct answer_parser *answer_parser_new(void (*part)(void *arg, const struct answer_part *part), void *arg)
{
	struct answer_parser *p = xcalloc(1, sizeof *p);
	p->part = part;
	p->arg = arg;
	buf_init(&p->line, ANSWER_MAX);
	buf_init(&p->search, ANSWER_MAX);
	buf_init(&p->replace, ANSWER_MAX);
	return p;
}

void answer_parser_free(struct answer_parser *p)
{
	if (!p)
		return;
	buf_release(&p->line);
	buf_release(&p->search);
	buf_release(&p->replace);
	free(p->path);
	free(p->last_path);
	answer_release(&p->answer);
	free(p);
}

static void tell(struct answer_parser *p, enum answer_part_kind kind, const char *text, size_t n)
{
	if (!p->part)
		return;
	struct answer_part part = {
		.kind = kind,
		.edit = p->state == IN_SEARCH || p->state == IN_REPLACE ? EDIT_SEARCH_REPLACE : EDIT_WHOLE_FILE,
		.path = p->path ? p->path : "",
		.text = text,
		.n = n,
	};
	p->part(p->arg, &part);
}

/* The line without its end and trailing blanks; leading ones too when `both`. */
static const char *trim(const char *s, size_t *n, bool both)
{
	while (*n && isspace((unsigned char)s[*n - 1]))
		(*n)--;
	while (both && *n && isspace((unsigned char)*s)) {
		s++;
		(*n)--;
	}
	return s;
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
	s = trim(s, &n, false);
	size_t count = marker_length(s, n, c);
	if (!count)
		return 0;
	const char *rest = s + count;
	size_t rest_n = n - count;
	rest = trim(rest, &rest_n, true);
	if (!rest_n && !word_needed)
		return count;
	return rest_n == strlen(word) && strncasecmp(rest, word, rest_n) == 0 ? count : 0;
}

static bool is_divider(const struct answer_parser *p, const char *s, size_t n)
{
	s = trim(s, &n, false);
	return marker_length(s, n, '=') == n && n > 0 && (p->marker_n == n || marker_length(s, n, '=') >= MIN_MARKER);
}

static bool has_path_characters(const char *s, size_t n)
{
	bool dot_or_slash = false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (isspace(c) || c < 0x20 || strchr("<>|*?\"`{}()", c))
			return false;
		dot_or_slash = dot_or_slash || c == '.' || c == '/';
	}
	return n > 0 && dot_or_slash && s[n - 1] != '/' && s[n - 1] != '.';
}

static bool strip_word(const char **s, size_t *n, const char *word)
{
	size_t len = strlen(word);
	if (*n <= len || strncasecmp(*s, word, len) != 0)
		return false;
	*s += len;
	*n -= len;
	*s = trim(*s, n, true);
	return true;
}

/* The path that a line consists of, with the decoration that models put around one; NULL when it is prose. */
static char *path_of_line(const char *s, size_t n)
{
	s = trim(s, &n, true);
	while (n && (*s == '#' || *s == ' ')) {
		s++;
		n--;
	}
	if (!strip_word(&s, &n, "**file:**") && !strip_word(&s, &n, "file:") && !strip_word(&s, &n, "path:"))
		strip_word(&s, &n, "filename:");
	while (n && strchr("*`", *s)) {
		s++;
		n--;
	}
	while (n && strchr("*`: ", s[n - 1]))
		n--;
	return n < 4096 && has_path_characters(s, n) ? xstrndup(s, n) : NULL;
}

static void begin_block(struct answer_parser *p, enum state state, char *path)
{
	free(p->path);
	p->path = path;
	free(p->last_path);
	p->last_path = xstrdup(path);
	p->state = state;
	p->block_line = p->line_no;
	p->path_is_fresh = false;
	buf_clear(&p->search);
	buf_clear(&p->replace);
	tell(p, ANSWER_BLOCK_BEGIN, "", 0);
}

static void end_block(struct answer_parser *p)
{
	bool replaces = p->state == IN_REPLACE;
	struct edit_block block = {
		.kind = replaces ? EDIT_SEARCH_REPLACE : EDIT_WHOLE_FILE,
		.path = xstrdup(p->path),
		.line = p->block_line,
	};
	tell(p, ANSWER_BLOCK_END, "", 0);
	if (replaces) {
		block.search_n = p->search.len;
		block.search = buf_take(&p->search, NULL);
	}
	block.replace_n = p->replace.len;
	block.replace = buf_take(&p->replace, NULL);
	p->answer.block = vec_room(p->answer.block, p->answer.n_blocks, &p->answer.cap_blocks, sizeof *p->answer.block);
	p->answer.block[p->answer.n_blocks++] = block;
	p->state = IN_PROSE;
}

/* "```lang path" or "```path": the path in the info string, or NULL. */
static char *path_of_info(const char *s, size_t n)
{
	s = trim(s, &n, true);
	size_t word = 0;
	while (word < n && !isspace((unsigned char)s[word]))
		word++;
	const char *rest = s + word;
	size_t rest_n = n - word;
	rest = trim(rest, &rest_n, true);
	if (rest_n)
		return path_of_line(rest, rest_n);
	const char *colon = memchr(s, ':', n);
	if (colon)
		return path_of_line(colon + 1, n - (size_t)(colon - s) - 1);
	return memchr(s, '.', n) || memchr(s, '/', n) ? path_of_line(s, n) : NULL;
}

/*
 * A fence opens. With a path in its info string it is a whole file; with a path on the line above it is one unless a
 * SEARCH marker follows, which is known only at the next line: `pending_fence` of the prose state is not needed, since
 * a SEARCH marker inside a fence that has just begun turns the block into search and replace.
 */
static bool open_fence(struct answer_parser *p, const char *s, size_t n)
{
	size_t ticks = 0;
	while (ticks < n && s[ticks] == '`')
		ticks++;
	if (ticks < 3 || ticks > 16)
		return false;
	char *path = path_of_info(s + ticks, n - ticks);
	if (!path && p->path_is_fresh)
		path = xstrdup(p->last_path);
	if (!path)
		return false;
	memset(p->closer, '`', ticks);
	p->closer[ticks] = '\0';
	p->closer_n = ticks;
	begin_block(p, IN_FENCE, path);
	return true;
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
	char *path = is ? path_of_line(line + used, n - (size_t)used) : NULL;
	free(line);
	if (!path)
		return false;
	p->closer_n = (size_t)snprintf(p->closer, sizeof p->closer, "END %s", marker);
	begin_block(p, IN_MARKED_FILE, path);
	return true;
}

static void prose_line(struct answer_parser *p, const char *s, size_t n)
{
	size_t bare_n = n;
	const char *bare = trim(s, &bare_n, true);
	p->marker_n = word_marker(s, n, '<', "SEARCH", true);
	if (p->marker_n && p->last_path) {
		begin_block(p, IN_SEARCH, xstrdup(p->last_path));
		return;
	}
	if (open_marked_file(p, bare, bare_n))
		return;
	if (bare_n >= 3 && strncmp(bare, "```", 3) == 0 && open_fence(p, bare, bare_n))
		return;
	tell(p, ANSWER_PROSE, s, n);
	if (!bare_n || strncmp(bare, "```", bare_n < 3 ? bare_n : 3) == 0)
		return; /* blank lines and bare fences keep a path fresh */
	char *path = path_of_line(s, n);
	p->path_is_fresh = path != NULL;
	if (path) {
		free(p->last_path);
		p->last_path = path;
	}
}

static void file_line(struct answer_parser *p, const char *s, size_t n)
{
	size_t bare_n = n;
	const char *bare = trim(s, &bare_n, p->state == IN_FENCE);
	p->marker_n = p->state == IN_FENCE && !p->replace.len ? word_marker(s, n, '<', "SEARCH", true) : 0;
	if (p->marker_n) {
		p->state = IN_SEARCH;
		tell(p, ANSWER_BLOCK_BEGIN, "", 0);
	} else if (bare_n == p->closer_n && memcmp(bare, p->closer, bare_n) == 0) {
		end_block(p);
	} else {
		buf_add(&p->replace, s, n);
		tell(p, ANSWER_NEW_LINE, s, n);
	}
}

static void take_line(struct answer_parser *p, const char *s, size_t n)
{
	p->line_no++;
	switch (p->state) {
	case IN_PROSE:
		prose_line(p, s, n);
		break;
	case IN_SEARCH:
		if (is_divider(p, s, n)) {
			tell(p, ANSWER_DIVIDER, "", 0);
			p->state = IN_REPLACE;
		} else {
			buf_add(&p->search, s, n);
			tell(p, ANSWER_OLD_LINE, s, n);
		}
		break;
	case IN_REPLACE:
		if (word_marker(s, n, '>', "REPLACE", false)) {
			end_block(p);
		} else {
			buf_add(&p->replace, s, n);
			tell(p, ANSWER_NEW_LINE, s, n);
		}
		break;
	case IN_FENCE:
	case IN_MARKED_FILE:
		file_line(p, s, n);
		break;
	}
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
	p->answer.unterminated = p->state != IN_PROSE || p->line.truncated || p->search.truncated || p->replace.truncated;
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
	buf_add_str(out,
	            "Answer with edits in this form, one block for each place, the path alone on the line before:\n\n"
	            "path/of/the/file\n"
	            "<<<<<<< SEARCH\n"
	            "lines as they stand in the file, exactly, enough of them to be found only once\n"
	            "=======\n"
	            "the lines that take their place\n"
	            ">>>>>>> REPLACE\n");
}
