#include "edit/patch_read.h"

#include "base/xalloc.h"
#include "edit/patch_name.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_NUMBER 1000000000u /* lines; more is no diff of a text */

struct reader {
	struct patch_text *out;
	const char *patch;
	size_t n, at;      /* the next line begins at `at` */
	const char *s;     /* the line that was read last, without its end */
	size_t s_n;
	size_t full_n;     /* with its end */
	int line;
	bool counted;
	unsigned moved;    /* 1: "rename from" was read for the current file, 2: "rename to" */
	struct err *err;
};

static bool next_line(struct reader *r)
{
	if (r->at >= r->n)
		return false;
	const char *end = memchr(r->patch + r->at, '\n', r->n - r->at);
	r->s = r->patch + r->at;
	r->s_n = end ? (size_t)(end - r->s) : r->n - r->at;
	r->full_n = r->s_n + (end != NULL);
	r->at += r->full_n;
	r->line++;
	return true;
}

static void step_back(struct reader *r)
{
	r->at -= r->full_n;
	r->line--;
}

static bool begins(const struct reader *r, const char *word)
{
	size_t n = strlen(word);
	return r->s_n >= n && memcmp(r->s, word, n) == 0;
}

static struct patch_file *current(struct reader *r)
{
	return &r->out->file[r->out->n_files - 1];
}

static const char *name_of(const struct patch_file *file)
{
	return file->new_name ? file->new_name : file->old_name ? file->old_name : "";
}

static int refuse(struct reader *r, const char *why)
{
	if (!r->out->n_files)
		return err_set(r->err, ERR_PLAN, "patch line %d: %s", r->line, why);
	const struct patch_file *file = current(r);
	if (!name_of(file)[0])
		return err_set(r->err, ERR_PLAN, "patch line %d: %s", r->line, why);
	if (!file->n_hunks)
		return err_set(r->err, ERR_PLAN, "patch line %d: '%.150s': %s", r->line, name_of(file), why);
	return err_set(r->err, ERR_PLAN, "patch line %d: '%.150s', hunk %zu: %s", r->line, name_of(file), file->n_hunks, why);
}

static struct patch_file *add_file(struct reader *r, int line)
{
	struct patch_text *out = r->out;
	out->file = vec_room(out->file, out->n_files, &out->cap_files, sizeof *out->file);
	out->file[out->n_files] = (struct patch_file){ .first = out->n_hunks, .line = line };
	return &out->file[out->n_files++];
}

static void set_name(char **name, char *value)
{
	free(*name);
	*name = value;
}

/* diff -N marks a side that is not there by the time 0 in place of a name. */
static bool is_epoch(const char *stamp, size_t n)
{
	while (n && *stamp == '\t') {
		stamp++;
		n--;
	}
	return n >= 19 && (memcmp(stamp, "1970-01-01 ", 11) == 0 || memcmp(stamp, "1969-12-31 ", 11) == 0) &&
	       memcmp(stamp + 13, ":00:00", 6) == 0;
}

/* The name in a "---" or "+++" line; NULL for /dev/null. -1 when there is none. */
static int side_name(struct reader *r, char **out)
{
	size_t used;
	size_t n = r->s_n - 4;
	*out = patch_name_read(r->s + 4, n, &used);
	if (!*out)
		return refuse(r, "a file's name is missing or quoted wrongly");
	if (strcmp(*out, "/dev/null") == 0 || is_epoch(r->s + 4 + used, n - used))
		set_name(out, NULL);
	return 0;
}

/* A name of the "---" and "+++" lines must be the one that "diff --git" gave. */
static int check_git_side(struct reader *r, const char *known, const char *found, bool absent)
{
	if (absent && found)
		return refuse(r, "'/dev/null' is expected here, since the patch makes or deletes the file");
	if (!absent && !found)
		return refuse(r, "'/dev/null' stands here, but the patch neither makes nor deletes the file");
	if (known && found && strcmp(known, found) != 0)
		return refuse(r, "this name differs from the one before");
	return 0;
}

/* Reads "--- OLD" (the line that was read last) and "+++ NEW". */
static int read_sides(struct reader *r)
{
	struct patch_file *file = current(r);
	char *old_name = NULL;
	char *new_name = NULL;
	int rc = side_name(r, &old_name);
	if (rc == 0 && (!next_line(r) || !begins(r, "+++ ")))
		rc = refuse(r, "a '+++' line is expected here");
	if (rc == 0)
		rc = side_name(r, &new_name);
	if (rc == 0 && !old_name && !new_name)
		rc = refuse(r, "both sides are '/dev/null'");
	if (rc == 0 && file->is_git) {
		bool moves = file->is_rename || file->is_copy;
		rc = check_git_side(r, moves ? NULL : file->old_name, old_name, file->is_new);
		if (rc == 0)
			rc = check_git_side(r, moves ? NULL : file->new_name, new_name, file->is_deleted);
	}
	if (rc != 0 || (file->is_git && (file->is_rename || file->is_copy))) {
		free(old_name);
		free(new_name);
		return rc;
	}
	if (!file->is_git) {
		file->is_new = !old_name;
		file->is_deleted = !new_name;
	}
	set_name(&file->old_name, old_name);
	set_name(&file->new_name, new_name);
	return 0;
}

static int read_number(const char **s, const char *end, size_t *out)
{
	const char *from = *s;
	*out = 0;
	for (; *s < end && **s >= '0' && **s <= '9'; ++*s) {
		*out = *out * 10 + (size_t)(**s - '0');
		if (*out > MAX_NUMBER)
			return -1;
	}
	return *s > from ? 0 : -1;
}

static int read_range(const char **s, const char *end, char sign, size_t *at, size_t *n)
{
	if (*s == end || **s != sign)
		return -1;
	++*s;
	*n = 1;
	if (read_number(s, end, at) != 0)
		return -1;
	if (*s < end && **s == ',') {
		++*s;
		if (read_number(s, end, n) != 0)
			return -1;
	}
	/* Line 0 is only for a side without lines. */
	return *n && !*at ? -1 : 0;
}

/* "@@ -1,2 +3,4 @@ ..."; without `counted` also a bare "@@". */
static int read_hunk_header(struct reader *r, struct patch_hunk *hunk)
{
	const char *s = r->s + 2;
	const char *end = r->s + r->s_n;
	while (s < end && *s == ' ')
		s++;
	if (read_range(&s, end, '-', &hunk->old_at, &hunk->old_n) == 0 && s < end && *s++ == ' ' &&
	    read_range(&s, end, '+', &hunk->new_at, &hunk->new_n) == 0 && end - s >= 3 && memcmp(s, " @@", 3) == 0)
		return 0;
	if (!r->counted) {
		hunk->old_at = hunk->new_at = 0;
		return 0;
	}
	return refuse(r, "this is no header of a hunk, or a number in it is too large");
}

static void add_line(struct reader *r, struct patch_hunk *hunk, char sign)
{
	struct patch_text *out = r->out;
	bool signed_line = r->s_n && r->s[0] == sign;
	out->line = vec_room(out->line, out->n_lines, &out->cap_lines, sizeof *out->line);
	out->line[out->n_lines++] = (struct patch_line){ sign, r->s + signed_line, r->full_n - signed_line };
	hunk->n_lines++;
	hunk->context += sign == ' ';
}

/* "\ No newline at end of file": the line before ends where its text ends. */
static int end_without_newline(struct reader *r, const struct patch_hunk *hunk)
{
	struct patch_line *last = hunk->n_lines ? &r->out->line[r->out->n_lines - 1] : NULL;
	if (!last || !last->n || last->s[last->n - 1] != '\n')
		return refuse(r, "no line stands before this one");
	last->n--;
	return 0;
}

/* Lines of one side that the hunk has so far. */
static size_t side_lines(const struct reader *r, const struct patch_hunk *hunk, char sign)
{
	size_t n = hunk->context;
	for (size_t i = hunk->first; i < hunk->first + hunk->n_lines; i++)
		n += r->out->line[i].sign == sign;
	return n;
}

/* The sign of the line that was read last, when it can belong to a hunk; an empty line is one of context. */
static char sign_of(const struct reader *r)
{
	if (r->s_n == 0 || (r->s_n == 1 && r->s[0] == '\r'))
		return ' ';
	return strchr(" +-\\", r->s[0]) ? r->s[0] : '\0';
}

static int read_counted(struct reader *r, struct patch_hunk *hunk)
{
	size_t old_left = hunk->old_n;
	size_t new_left = hunk->new_n;
	while (old_left || new_left) {
		if (!next_line(r))
			return refuse(r, "the patch ends before the hunk has the lines that its header counts");
		char sign = sign_of(r);
		if (sign == '\\') {
			if (end_without_newline(r, hunk) != 0)
				return -1;
			continue;
		}
		if (!sign || (sign != '+' && !old_left) || (sign != '-' && !new_left))
			return refuse(r, "the hunk has other lines than its header counts");
		old_left -= sign != '+';
		new_left -= sign != '-';
		add_line(r, hunk, sign);
	}
	if (!next_line(r))
		return 0;
	if (sign_of(r) == '\\')
		return end_without_newline(r, hunk);
	bool more = r->s_n && (r->s[0] == '+' || (r->s[0] == '-' && !begins(r, "--- ") && !begins(r, "-- ") && r->s_n > 2));
	if (more)
		return refuse(r, "the hunk has more lines than its header counts");
	step_back(r);
	return 0;
}

/* A header of the next file: "--- " counts only when "+++ " follows, since it may be a line that is taken out. */
static bool at_next_file(struct reader *r)
{
	if (begins(r, "diff "))
		return true;
	if (!begins(r, "--- "))
		return false;
	return r->n - r->at >= 4 && memcmp(r->patch + r->at, "+++ ", 4) == 0;
}

static int read_uncounted(struct reader *r, struct patch_hunk *hunk)
{
	size_t blank = 0;
	while (next_line(r)) {
		char sign = sign_of(r);
		if (!sign || at_next_file(r)) {
			step_back(r);
			break;
		}
		if (sign == '\\') {
			if (end_without_newline(r, hunk) != 0)
				return -1;
			continue;
		}
		add_line(r, hunk, sign);
		blank = r->s_n ? 0 : blank + 1;
	}
	/* Empty lines at the end stand between hunks or after them. */
	hunk->n_lines -= blank;
	hunk->context -= blank;
	r->out->n_lines -= blank;
	hunk->old_n = side_lines(r, hunk, '-');
	hunk->new_n = side_lines(r, hunk, '+');
	return hunk->n_lines ? 0 : refuse(r, "the hunk has no lines");
}

/* Only the last line of a side may be without its end. */
static int check_ends(struct reader *r, const struct patch_hunk *hunk)
{
	bool old_ended = false;
	bool new_ended = false;
	for (size_t i = hunk->first; i < hunk->first + hunk->n_lines; i++) {
		const struct patch_line *line = &r->out->line[i];
		bool open = !line->n || line->s[line->n - 1] != '\n';
		if ((line->sign != '+' && old_ended) || (line->sign != '-' && new_ended))
			return refuse(r, "a line follows on one that has no end");
		old_ended = old_ended || (open && line->sign != '+');
		new_ended = new_ended || (open && line->sign != '-');
	}
	return 0;
}

static int read_hunk(struct reader *r)
{
	struct patch_text *out = r->out;
	struct patch_file *file = current(r);
	struct patch_hunk hunk = { .first = out->n_lines, .line = r->line };
	file->n_hunks++;
	if (read_hunk_header(r, &hunk) != 0 || (r->counted ? read_counted(r, &hunk) : read_uncounted(r, &hunk)) != 0 ||
	    check_ends(r, &hunk) != 0)
		return -1;
	out->hunk = vec_room(out->hunk, out->n_hunks, &out->cap_hunks, sizeof *out->hunk);
	out->hunk[out->n_hunks++] = hunk;
	return 0;
}

static int read_mode(struct reader *r, const char *word, mode_t *out)
{
	mode_t mode = 0;
	size_t i = strlen(word);
	for (; i < r->s_n && r->s[i] >= '0' && r->s[i] <= '7' && mode < 01000000; i++)
		mode = mode * 8 + (mode_t)(r->s[i] - '0');
	if (i < r->s_n || (mode != 0100644 && mode != 0100755 && mode != 0120000 && mode != 0100664 && mode != 0100600))
		return refuse(r, "this mode is none that a file or a link has");
	*out = mode;
	return 0;
}

/* One name of a rename or copy, which has no prefix. 1 when the line is no such header. */
static int read_move(struct reader *r)
{
	static const struct { const char *word; bool copy, to; } row[] = {
		{ "rename from ", false, false }, { "rename to ", false, true },
		{ "copy from ", true, false }, { "copy to ", true, true },
	};
	struct patch_file *file = current(r);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (!begins(r, row[i].word))
			continue;
		size_t used;
		size_t from = strlen(row[i].word);
		file->is_copy = file->is_copy || row[i].copy;
		file->is_rename = file->is_rename || !row[i].copy;
		r->moved |= row[i].to ? 2u : 1u;
		set_name(row[i].to ? &file->new_name : &file->old_name, patch_name_read(r->s + from, r->s_n - from, &used));
		return (row[i].to ? file->new_name : file->old_name) ? 0 : refuse(r, "a file's name is missing or quoted wrongly");
	}
	return 1;
}

/* One extended header of git; 0 when it was one, 1 when the line is something else. */
static int read_git_header(struct reader *r)
{
	struct patch_file *file = current(r);
	mode_t old_mode;
	if (begins(r, "old mode "))
		return read_mode(r, "old mode ", &old_mode);
	if (begins(r, "new mode "))
		return read_mode(r, "new mode ", &file->mode);
	if (begins(r, "new file mode ")) {
		file->is_new = true;
		return read_mode(r, "new file mode ", &file->mode);
	}
	if (begins(r, "deleted file mode ")) {
		file->is_deleted = true;
		return read_mode(r, "deleted file mode ", &old_mode);
	}
	int rc = read_move(r);
	if (rc != 1)
		return rc;
	return begins(r, "index ") || begins(r, "similarity index ") || begins(r, "dissimilarity index ") ? 0 : 1;
}

/* What git's headers say must go together. */
static int check_git_file(struct reader *r)
{
	const struct patch_file *file = current(r);
	bool moves = file->is_rename || file->is_copy;
	if (file->is_new + file->is_deleted + file->is_rename + file->is_copy > 1)
		return refuse(r, "the headers contradict each other");
	if (moves ? r->moved != 3 : !file->old_name && !file->new_name)
		return refuse(r, "the names of the file cannot be told");
	return 0;
}

/* "diff --git" and all up to the first hunk. */
static int read_git_file(struct reader *r)
{
	struct patch_file *file = add_file(r, r->line);
	size_t skip = strlen("diff --git ");
	int rc = 0;
	file->is_git = true;
	r->moved = 0;
	if (patch_name_split(r->s + skip, r->s_n - skip, &file->old_name, &file->new_name))
		file->prefixed = patch_names_prefixed(file->old_name, file->new_name);
	bool known = file->old_name != NULL;
	while (rc == 0 && next_line(r)) {
		rc = read_git_header(r);
		if (rc != 1)
			continue;
		if (begins(r, "GIT binary patch") || begins(r, "Binary files "))
			return err_set(r->err, ERR_UNSUPPORTED, "patch line %d: '%.150s' is binary, which a patch cannot change here",
			               r->line, name_of(current(r)));
		if (!begins(r, "--- "))
			step_back(r);
		else if (read_sides(r) != 0)
			rc = -1;
		else if (!known)
			current(r)->prefixed = patch_names_prefixed(current(r)->old_name, current(r)->new_name);
	}
	return rc == -1 ? -1 : check_git_file(r);
}

/* Are this line, the next and the one after it the beginning of a file without git's headers? */
static bool at_plain_file(const struct reader *r)
{
	if (!begins(r, "--- ") || r->n - r->at < 8 || memcmp(r->patch + r->at, "+++ ", 4) != 0)
		return false;
	const char *end = memchr(r->patch + r->at, '\n', r->n - r->at);
	size_t left = end ? r->n - (size_t)(end + 1 - r->patch) : 0;
	return left >= 2 && memcmp(end + 1, r->counted ? "@@ -" : "@@", left < 4 || !r->counted ? 2 : 4) == 0;
}

static int read_plain_file(struct reader *r)
{
	add_file(r, r->line);
	if (read_sides(r) != 0)
		return -1;
	struct patch_file *file = current(r);
	file->prefixed = patch_names_prefixed(file->old_name, file->new_name);
	return 0;
}

static int read_hunks(struct reader *r)
{
	while (next_line(r)) {
		if (!begins(r, "@@")) {
			bool blank = !r->counted && r->s_n == 0;
			if (blank)
				continue;
			step_back(r);
			return 0;
		}
		if (read_hunk(r) != 0)
			return -1;
	}
	return 0;
}

static int read_all(struct reader *r)
{
	while (next_line(r)) {
		int rc;
		if (begins(r, "diff --git "))
			rc = read_git_file(r);
		else if (at_plain_file(r))
			rc = read_plain_file(r);
		else if (begins(r, "@@ -"))
			return err_set(r->err, ERR_PLAN, "patch line %d: a hunk without the '---' and '+++' lines of its file", r->line);
		else if (begins(r, "Binary files ") && r->s_n > 20 && memcmp(r->s + r->s_n - 7, " differ", 7) == 0)
			return err_set(r->err, ERR_UNSUPPORTED, "patch line %d: '%.*s': a patch cannot change binary files here",
			               r->line, (int)(r->s_n < 150 ? r->s_n : 150), r->s);
		else
			continue;
		if (rc != 0 || read_hunks(r) != 0)
			return -1;
	}
	if (!r->out->n_files)
		return err_set(r->err, ERR_PLAN, "the patch holds no change: no '---' and '+++' lines with hunks are in it");
	return 0;
}

/* A mailer turns the whole patch to CRLF, its headers too; CR in lines of a file alone is the file's. */
static bool is_crlf_patch(const char *patch, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(patch + at, '\n', n - at);
		size_t len = end ? (size_t)(end - patch) - at : n - at;
		if (len > 4 && memcmp(patch + at, "+++ ", 4) == 0)
			return patch[at + len - 1] == '\r';
		at += len + 1;
	}
	return false;
}

static char *without_cr(const char *patch, size_t *n)
{
	char *out = xmalloc(*n + 1);
	size_t len = 0;
	for (size_t i = 0; i < *n; i++)
		if (patch[i] != '\r' || i + 1 == *n || patch[i + 1] != '\n')
			out[len++] = patch[i];
	out[len] = '\0';
	*n = len;
	return out;
}

int patch_read(struct patch_text *out, const char *patch, size_t n, bool counted, struct err *err)
{
	*out = (struct patch_text){ 0 };
	if (is_crlf_patch(patch, n))
		patch = out->unix_text = without_cr(patch, &n);
	struct reader r = { .out = out, .patch = patch, .n = n, .counted = counted, .err = err };
	if (read_all(&r) == 0)
		return 0;
	patch_text_release(out);
	return -1;
}

void patch_text_release(struct patch_text *text)
{
	for (size_t i = 0; i < text->n_files; i++) {
		free(text->file[i].old_name);
		free(text->file[i].new_name);
	}
	free(text->file);
	free(text->hunk);
	free(text->line);
	free(text->unix_text);
	*text = (struct patch_text){ 0 };
}
