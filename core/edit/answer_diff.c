/*
 * Diffs in answers: unified ones, and the envelope "*** Begin Patch". A model's line numbers and counts mean little, so
 * each hunk becomes a search and replace: its old lines must stand in one place of the file.
 */
#include "edit/answer_parser.h"

#include "base/xalloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool begins(const char *s, size_t n, const char *word)
{
	size_t len = strlen(word);
	return n >= len && memcmp(s, word, len) == 0;
}

static void set_string(char **to, char *value)
{
	free(*to);
	*to = value;
}

/* What follows `word` on the line, up to a tab: a name. */
static char *rest_of_line(const char *s, size_t n, size_t skip)
{
	s = answer_trim(s, &n, false);
	const char *tab = n > skip ? memchr(s + skip, '\t', n - skip) : NULL;
	size_t end = tab ? (size_t)(tab - s) : n;
	return xstrndup(s + (skip < end ? skip : end), skip < end ? end - skip : 0);
}

/* "--- OLD" and "+++ NEW" are there: whose hunks follow? */
static void begin_diff(struct answer_parser *p, const char *line, size_t n)
{
	char *old_name = rest_of_line(p->held.data, p->held.len, 4);
	char *new_name = rest_of_line(line, n, 4);
	bool deleted = strcmp(new_name, "/dev/null") == 0;
	bool made = strcmp(old_name, "/dev/null") == 0;
	bool prefixed = (made || strncmp(old_name, "a/", 2) == 0) && (deleted || strncmp(new_name, "b/", 2) == 0);
	const char *path = (deleted ? old_name : new_name) + (prefixed ? 2 : 0);
	buf_clear(&p->held);
	p->state = IN_DIFF;
	p->diff_is_new = made;
	set_string(&p->diff_path, deleted ? NULL : xstrdup(path));
	if (deleted)
		answer_add_bare(p, EDIT_DELETE, path, "");
	free(old_name);
	free(new_name);
}

static bool may_be_header(const char *s, size_t n)
{
	return begins(s, n, "--- ") && n > 5;
}

/* One line of the envelope: which file comes, and how. */
static bool envelope_line(struct answer_parser *p, const char *s, size_t n)
{
	static const char update[] = "*** Update File: ";
	static const char add[] = "*** Add File: ";
	static const char delete[] = "*** Delete File: ";
	static const char move[] = "*** Move to: ";
	if (begins(s, n, "*** Begin Patch")) {
		p->in_envelope = true;
		p->state = IN_DIFF;
		set_string(&p->diff_path, NULL);
	} else if (begins(s, n, "*** End Patch")) {
		p->in_envelope = false;
		p->state = IN_PROSE;
	} else if (begins(s, n, update)) {
		set_string(&p->diff_path, rest_of_line(s, n, strlen(update)));
		p->diff_is_new = false;
		p->state = IN_DIFF;
	} else if (begins(s, n, add)) {
		answer_begin(p, IN_ADDED, EDIT_WHOLE_FILE, rest_of_line(s, n, strlen(add)));
	} else if (begins(s, n, delete)) {
		char *path = rest_of_line(s, n, strlen(delete));
		answer_add_bare(p, EDIT_DELETE, path, "");
		free(path);
		p->state = IN_DIFF;
	} else if (begins(s, n, move)) {
		char *to = rest_of_line(s, n, strlen(move));
		answer_add_bare(p, EDIT_MOVE, p->diff_path ? p->diff_path : "", to);
		free(to);
	} else if (!begins(s, n, "*** End of File")) {
		return false;
	}
	return true;
}

bool answer_diff_begins(struct answer_parser *p, const char *s, size_t n)
{
	if (p->held.len && begins(s, n, "+++ ")) {
		begin_diff(p, s, n);
		return true;
	}
	buf_clear(&p->held);
	if (begins(s, n, "*** ") && envelope_line(p, s, n))
		return true;
	if (may_be_header(s, n))
		buf_add(&p->held, s, n);
	return false;
}

/* Old lines that "@@ -1,3 +1,4 @@" counts; 0 when it has no numbers. */
static size_t count_old(const char *s, size_t n)
{
	size_t i = 2;
	size_t count = 1;
	while (i < n && s[i] == ' ')
		i++;
	if (i >= n || s[i++] != '-' || i >= n || !isdigit((unsigned char)s[i]))
		return 0;
	while (i < n && isdigit((unsigned char)s[i]))
		i++;
	if (i < n && s[i] == ',')
		for (i++, count = 0; i < n && isdigit((unsigned char)s[i]) && count < 1000000; i++)
			count = count * 10 + (size_t)(s[i] - '0');
	return count;
}

static void begin_hunk(struct answer_parser *p, size_t n_old)
{
	answer_begin(p, IN_HUNK, p->diff_is_new ? EDIT_WHOLE_FILE : EDIT_SEARCH_REPLACE, xstrdup(p->diff_path));
	p->old_left = n_old;
	p->blank = 0;
}

static void tell_lines(struct answer_parser *p, enum answer_part_kind kind, const struct buf *text)
{
	for (size_t at = 0; at < text->len;) {
		const char *end = memchr(text->data + at, '\n', text->len - at);
		size_t n = end ? (size_t)(end - text->data) + 1 - at : text->len - at;
		answer_tell(p, kind, text->data + at, n);
		at += n;
	}
}

/* The hunk is complete: only now is it known which of its lines are old and which are new. */
static void end_hunk(struct answer_parser *p)
{
	/* Empty lines at the end stand behind the hunk. */
	p->blank = p->blank > p->old_left ? p->blank - p->old_left : 0;
	buf_truncate(&p->search, p->search.len > p->blank ? p->search.len - p->blank : 0);
	buf_truncate(&p->replace, p->replace.len > p->blank ? p->replace.len - p->blank : 0);
	if (p->kind == EDIT_SEARCH_REPLACE) {
		tell_lines(p, ANSWER_OLD_LINE, &p->search);
		answer_tell(p, ANSWER_DIVIDER, "", 0);
	}
	tell_lines(p, ANSWER_NEW_LINE, &p->replace);
	if (!p->search.len && !p->replace.len)
		answer_tell_end(p, true);
	else
		answer_end(p);
	p->state = IN_DIFF;
}

void answer_diff_line(struct answer_parser *p, const char *s, size_t n)
{
	size_t bare_n = n;
	answer_trim(s, &bare_n, false);
	if (answer_diff_begins(p, s, n))
		return;
	if (p->diff_path && begins(s, n, "@@")) {
		begin_hunk(p, count_old(s, n));
	} else if (p->diff_path && p->in_envelope && bare_n && strchr(" +-", s[0])) {
		begin_hunk(p, 0); /* the first section needs no "@@" */
		answer_hunk_line(p, s, n);
	} else if (bare_n && !begins(s, n, "\\") && !begins(s, n, "diff ") && !begins(s, n, "index ") &&
	           !begins(s, n, "new file mode ")) {
		p->state = p->in_envelope ? IN_DIFF : IN_PROSE;
		answer_prose_line(p, s, n);
	}
}

static void add_hunk_line(struct answer_parser *p, const char *s, size_t n)
{
	bool signed_line = strchr(" +-", s[0]) != NULL;
	const char *text = s + signed_line;
	size_t text_n = n - signed_line;
	p->blank = signed_line ? 0 : p->blank + 1;
	if (s[0] != '+') {
		buf_add(&p->search, text, text_n);
		p->old_left -= p->old_left > 0;
	}
	if (s[0] != '-')
		buf_add(&p->replace, text, text_n);
}

/* A held "---" line was no header, but a line that is taken out. */
static void take_held(struct answer_parser *p)
{
	if (p->held.len)
		add_hunk_line(p, p->held.data, p->held.len);
	buf_clear(&p->held);
}

void answer_hunk_line(struct answer_parser *p, const char *s, size_t n)
{
	size_t bare_n = n;
	answer_trim(s, &bare_n, false);
	if (p->held.len && begins(s, n, "+++ ")) {
		end_hunk(p);
		answer_diff_begins(p, s, n);
		return;
	}
	take_held(p);
	if (may_be_header(s, n))
		buf_add(&p->held, s, n);
	else if (!bare_n)
		add_hunk_line(p, "\n", 1);
	else if (strchr(" +-", s[0]))
		add_hunk_line(p, s, n);
	else if (s[0] != '\\') {
		end_hunk(p);
		answer_diff_line(p, s, n);
	}
}

void answer_added_line(struct answer_parser *p, const char *s, size_t n)
{
	if (n && s[0] == '+') {
		buf_add(&p->replace, s + 1, n - 1);
		answer_tell(p, ANSWER_NEW_LINE, s + 1, n - 1);
		return;
	}
	answer_end(p);
	p->state = IN_DIFF;
	set_string(&p->diff_path, NULL);
	answer_diff_line(p, s, n);
}

void answer_diff_finish(struct answer_parser *p)
{
	if (p->state == IN_HUNK) {
		take_held(p);
		if (p->old_left > p->blank || p->plain_ticks || p->in_envelope)
			return;
		end_hunk(p);
	}
	if (p->state == IN_DIFF && !p->plain_ticks && !p->in_envelope)
		p->state = IN_PROSE;
}
