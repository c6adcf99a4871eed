#include "run/matcher.h"

#include "base/xalloc.h"
#include "run/matcher_tools.h"

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

static void read_gnu(struct matching *state, const char *line, struct diags *diags)
{
	struct finding found;
	(void)state;
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

static void read_gcc(struct matching *state, const char *line, struct diags *diags)
{
	size_t before = diags->n_diags;
	if (read_linker(line, diags))
		return;
	read_gnu(state, line, diags);
	if (diags->n_diags > before)
		take_code(&diags->diag[before]);
}

/* Test Anything Protocol: "not ok 3 - the name"; a directive after "# " says that it was to be expected. */
static void read_tap(struct matching *state, const char *line, struct diags *diags)
{
	static const char prefix[] = "not ok";
	(void)state;
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

static void read_shellcheck(struct matching *state, const char *line, struct diags *diags)
{
	size_t before = diags->n_diags;
	matcher_shellcheck(state, line, diags);
	if (diags->n_diags == before)
		read_gnu(state, line, diags);
}

/* One of the two reads: a line at a time, or all at once. */
static const struct {
	const char *name;
	void (*read)(struct matching *state, const char *line, struct diags *diags);
	void (*read_all)(const char *output, size_t n, struct diags *diags);
} matcher[] = {
	{ "gnu", read_gnu, NULL },         { "gcc", read_gcc, NULL },           { "clang", read_gcc, NULL },
	{ "tap", read_tap, NULL },         { "tsc", matcher_tsc, NULL },        { "eslint", matcher_eslint, NULL },
	{ "pytest", matcher_pytest, NULL }, { "go", matcher_go, NULL },         { "cargo", matcher_cargo, NULL },
	{ "shellcheck", read_shellcheck, NULL }, { "junit", NULL, matcher_junit }, { "sarif", NULL, matcher_sarif },
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

static void read_lines(void (*read)(struct matching *state, const char *line, struct diags *diags), const char *output,
                       size_t n, struct diags *diags)
{
	struct matching state = { 0 };
	for (size_t at = 0; at < n && diags->n_diags < MATCHER_MAX_DIAGS;) {
		const char *end = memchr(output + at, '\n', n - at);
		size_t len = end ? (size_t)(end - output) - at : n - at;
		char *line = xstrndup(output + at, len && output[at + len - 1] == '\r' ? len - 1 : len);
		read(&state, line, diags);
		free(line);
		at += len + 1;
	}
	matching_release(&state);
}

void matcher_read(const char *name, const char *output, size_t n, const char *root, struct diags *diags)
{
	size_t row = 0; /* gnu */
	size_t before = diags->n_diags;
	for (size_t i = 0; i < sizeof matcher / sizeof *matcher; i++)
		if (strcmp(matcher[i].name, name) == 0)
			row = i;
	if (matcher[row].read_all)
		matcher[row].read_all(output, n, diags);
	else
		read_lines(matcher[row].read, output, n, diags);
	for (size_t i = before; i < diags->n_diags; i++)
		make_relative(&diags->diag[i], root);
}
