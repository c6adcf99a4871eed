#include "run/matcher.h"

#include "base/xalloc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 511

struct finding {
	char file[FILE_MAX + 1];
	int line, column;
	const char *message;
};

/*
 * "file:line[:column][-...]: message" (GNU coding standards, 4.4). A name with blanks, or of digits alone, is more often
 * prose with a time of day in it than a file.
 */
static bool split_place(const char *line, struct finding *out)
{
	int used = 0;
	*out = (struct finding){ 0 };
	if (sscanf(line, "%511[^: \t\n]:%d%n", out->file, &out->line, &used) != 2 || out->line <= 0 ||
	    !out->file[strspn(out->file, "0123456789")])
		return false;
	const char *at = line + used;
	used = 0;
	if (sscanf(at, ":%d%n", &out->column, &used) == 1 && used && (at[used] == ':' || at[used] == '-'))
		at += used;
	else
		out->column = 0;
	if (*at == '-')
		at += strcspn(at, ":");
	if (*at != ':')
		return false;
	out->message = at + 1 + strspn(at + 1, " \t");
	return *out->message != '\0';
}

static enum diag_severity take_severity(const char **message)
{
	static const struct {
		const char *word;
		enum diag_severity severity;
	} word[] = {
		{ "error:", DIAG_ERROR }, { "fatal error:", DIAG_ERROR }, { "Error:", DIAG_ERROR },
		{ "warning:", DIAG_WARNING }, { "Warning:", DIAG_WARNING }, { "note:", DIAG_NOTE }, { "info:", DIAG_NOTE },
	};
	for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
		size_t n = strlen(word[i].word);
		if (strncmp(*message, word[i].word, n) != 0)
			continue;
		*message += n + strspn(*message + n, " \t");
		return word[i].severity;
	}
	return DIAG_ERROR;
}

/* "... [-Wunused-variable]" at the end of a message names the rule. */
static void take_code(struct diag *diag)
{
	size_t n = strlen(diag->message);
	char *open = n && diag->message[n - 1] == ']' ? strrchr(diag->message, '[') : NULL;
	if (!open || open[1] != '-')
		return;
	diag->code = xstrndup(open + 1, (size_t)(diag->message + n - 1 - open - 1));
	while (open > diag->message && open[-1] == ' ')
		open--;
	*open = '\0';
}

static void read_gnu(const char *line, struct diags *diags)
{
	struct finding found;
	if (!split_place(line, &found))
		return;
	enum diag_severity severity = take_severity(&found.message);
	diags_add(diags, severity, found.file, found.line, found.column, "%s", found.message);
}

/* What the linker says has no line: "main.c:(.text+0x5): undefined reference to `f'". */
static bool read_linker(const char *line, struct diags *diags)
{
	const char *place = strstr(line, ":(.");
	const char *end = place ? strstr(place, "): ") : NULL;
	if (!end)
		return false;
	const char *file = line;
	for (const char *blank = strstr(file, ": "); blank && blank < place; blank = strstr(file, ": "))
		file = blank + 2;
	char *name = xstrndup(file, (size_t)(place - file));
	diags_add(diags, DIAG_ERROR, name, 0, 0, "%s", end + 3);
	free(name);
	return true;
}

static void read_gcc(const char *line, struct diags *diags)
{
	size_t before = diags->n_diags;
	if (read_linker(line, diags))
		return;
	read_gnu(line, diags);
	if (diags->n_diags > before)
		take_code(&diags->diag[before]);
}

/* Test Anything Protocol: "not ok 3 - the name"; a directive after "# " says that it was to be expected. */
static void read_tap(const char *line, struct diags *diags)
{
	static const char prefix[] = "not ok";
	if (strncmp(line, prefix, sizeof prefix - 1) != 0)
		return;
	const char *at = line + sizeof prefix - 1;
	if (*at && !isspace((unsigned char)*at))
		return;
	const char *directive = strstr(at, "# ");
	if (directive && (strncasecmp(directive + 2, "todo", 4) == 0 || strncasecmp(directive + 2, "skip", 4) == 0))
		return;
	diags_add(diags, DIAG_ERROR, NULL, 0, 0, "not ok%s", at);
}

static const struct {
	const char *name;
	void (*read)(const char *line, struct diags *diags);
} matcher[] = {
	{ "gnu", read_gnu }, { "gcc", read_gcc }, { "clang", read_gcc }, { "tap", read_tap },
};

bool matcher_is_known(const char *name)
{
	for (size_t i = 0; i < sizeof matcher / sizeof *matcher; i++)
		if (strcmp(matcher[i].name, name) == 0)
			return true;
	return !*name;
}

static void make_relative(struct diag *diag, const char *root)
{
	size_t n = strlen(root);
	const char *file = diag->file;
	if (file && strncmp(file, root, n) == 0 && file[n] == '/')
		file += n + 1;
	while (file && file[0] == '.' && file[1] == '/')
		file += 2;
	if (file == diag->file)
		return;
	char *shorter = xstrdup(file);
	free(diag->file);
	diag->file = shorter;
}

void matcher_read(const char *name, const char *output, size_t n, const char *root, struct diags *diags)
{
	void (*read)(const char *line, struct diags *diags) = read_gnu;
	for (size_t i = 0; i < sizeof matcher / sizeof *matcher; i++)
		if (strcmp(matcher[i].name, name) == 0)
			read = matcher[i].read;
	for (size_t at = 0; at < n && diags->n_diags < MATCHER_MAX_DIAGS;) {
		const char *end = memchr(output + at, '\n', n - at);
		size_t len = end ? (size_t)(end - output) - at : n - at;
		size_t before = diags->n_diags;
		char *line = xstrndup(output + at, len && output[at + len - 1] == '\r' ? len - 1 : len);
		read(line, diags);
		free(line);
		if (diags->n_diags > before)
			make_relative(&diags->diag[before], root);
		at += len + 1;
	}
}
