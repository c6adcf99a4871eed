#include "run/matcher_tools.h"

#include "base/xalloc.h"
#include "run/matcher.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void matching_release(struct matching *state)
{
	free(state->file);
	free(state->message);
	*state = (struct matching){ 0 };
}

static void set(char **field, const char *text, size_t n)
{
	free(*field);
	*field = xstrndup(text, n);
}

static bool begins_with(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

static struct diag *last(struct diags *diags)
{
	return &diags->diag[diags->n_diags - 1];
}

static enum diag_severity severity_of(const char *word)
{
	if (begins_with(word, "error") || begins_with(word, "fatal"))
		return DIAG_ERROR;
	return begins_with(word, "warn") ? DIAG_WARNING : DIAG_NOTE;
}

/* "src/a.ts(3,7): error TS2322: message", or with --pretty "src/a.ts:3:7 - error TS2322: message". */
void matcher_tsc(struct matching *state, const char *line, struct diags *diags)
{
	char file[512];
	char word[16];
	char code[16];
	int at_line;
	int column;
	int used = 0;
	(void)state;
	if (sscanf(line, "%511[^(](%d,%d): %15[a-z] %15[A-Z0-9]: %n", file, &at_line, &column, word, code, &used) < 5 || !used)
		if (sscanf(line, "%511[^:]:%d:%d - %15[a-z] %15[A-Z0-9]: %n", file, &at_line, &column, word, code, &used) < 5 || !used)
			return;
	diags_add(diags, severity_of(word), file, at_line, column, "%s", line + used);
	last(diags)->code = xstrdup(code);
}

/* A file's name alone on a line, then "  3:7  error  message  rule". */
void matcher_eslint(struct matching *state, const char *line, struct diags *diags)
{
	char word[16];
	int at_line;
	int column;
	int used = 0;
	if (*line && *line != ' ') {
		set(&state->file, line, strlen(line));
		return;
	}
	if (sscanf(line, " %d:%d %15[a-z] %n", &at_line, &column, word, &used) < 3 || !used || !state->file)
		return;
	size_t n = strlen(line + used);
	const char *rule = line + used + n;
	while (rule > line + used && rule[-1] != ' ')
		rule--;
	bool has_rule = rule - (line + used) >= 2 && rule[-1] == ' ' && rule[-2] == ' ';
	if (has_rule)
		n = (size_t)(rule - (line + used));
	while (n && line[used + (int)n - 1] == ' ')
		n--;
	diags_add(diags, severity_of(word), state->file, at_line, column, "%.*s", (int)n, line + used);
	if (has_rule)
		last(diags)->code = xstrdup(rule);
}

/* "E       message", then "tests/test_a.py:12: AssertionError"; and the summary where there was none of these. */
void matcher_pytest(struct matching *state, const char *line, struct diags *diags)
{
	char file[512];
	int at_line;
	int used = 0;
	if (line[0] == 'E' && line[1] == ' ') {
		const char *text = line + 1 + strspn(line + 1, " ");
		if (!state->message && *text)
			set(&state->message, text, strlen(text));
	} else if (sscanf(line, "%511[^: \t]:%d: %n", file, &at_line, &used) == 2 && used && strstr(file, ".py")) {
		diags_add(diags, DIAG_ERROR, file, at_line, 0, "%s", state->message ? state->message : line + used);
		free(state->message);
		state->message = NULL;
	} else if (begins_with(line, "ERROR ") && line[6] != ' ' && strstr(line, " - ")) {
		diags_add(diags, DIAG_ERROR, NULL, 0, 0, "%s", line + 6);
	}
}

/* "./a.go:3:7: message" of the compiler, "    a_test.go:12: message" of a test, "--- FAIL: TestX (0.00s)". */
void matcher_go(struct matching *state, const char *line, struct diags *diags)
{
	char file[512];
	int at_line;
	int column = 0;
	int used = 0;
	const char *text = line + strspn(line, " \t");
	if (begins_with(text, "--- FAIL: ")) {
		set(&state->message, text + 10, strcspn(text + 10, " "));
		diags_add(diags, DIAG_ERROR, NULL, 0, 0, "%s fails", state->message);
		return;
	}
	if (sscanf(text, "%511[^: \t]:%d:%d: %n", file, &at_line, &column, &used) < 3 || !used) {
		column = used = 0;
		if (sscanf(text, "%511[^: \t]:%d: %n", file, &at_line, &used) < 2 || !used)
			return;
	}
	if (strstr(file, ".go"))
		diags_add(diags, DIAG_ERROR, file, at_line, column, "%s", text + used);
}

/* "error[E0308]: message", then "  --> src/a.rs:3:7"; "thread 'x' panicked at src/a.rs:3:7:", then the message. */
void matcher_cargo(struct matching *state, const char *line, struct diags *diags)
{
	char file[512];
	int at_line;
	int column;
	const char *colon = strstr(line, ": ");
	const char *panic = strstr(line, "' panicked at ");
	const char *arrow = line + strspn(line, " ");
	if (begins_with(line, "thread '") && panic &&
	    sscanf(panic + 14, "%511[^:]:%d:%d", file, &at_line, &column) == 3) {
		diags_add(diags, DIAG_ERROR, file, at_line, column, "%.*s panics", (int)(panic - line - 8), line + 8);
	} else if ((begins_with(line, "error") || begins_with(line, "warning")) && colon) {
		set(&state->message, colon + 2, strlen(colon + 2));
		state->severity = severity_of(line);
		free(state->file);
		state->file = line[strcspn(line, "[:")] == '[' ? xstrndup(strchr(line, '[') + 1, strcspn(strchr(line, '[') + 1, "]"))
		                                               : NULL;
	} else if (begins_with(arrow, "--> ") && state->message &&
	           sscanf(arrow + 4, "%511[^:]:%d:%d", file, &at_line, &column) == 3) {
		diags_add(diags, state->severity, file, at_line, column, "%s", state->message);
		last(diags)->code = state->file; /* of an error of cargo it keeps the code */
		state->file = NULL;
		free(state->message);
		state->message = NULL;
	}
}

/* "In a.sh line 3:", the line itself, then "  ^-- SC2086 (info): message". -f gcc is read as the gnu form is. */
void matcher_shellcheck(struct matching *state, const char *line, struct diags *diags)
{
	char file[512];
	char code[16];
	char word[16];
	int at_line;
	int used = 0;
	if (sscanf(line, "In %511s line %d:", file, &at_line) == 2) {
		char *place = xasprintf("%d:%s", at_line, file);
		free(state->file);
		state->file = place;
		return;
	}
	const char *mark = strchr(line, '^');
	if (!state->file || !mark || strspn(line, " ") != (size_t)(mark - line))
		return;
	const char *text = mark + strspn(mark, "^-");
	if (sscanf(text, " %15[A-Z0-9] (%15[a-z]): %n", code, word, &used) < 2 || !used)
		return;
	diags_add(diags, severity_of(word), strchr(state->file, ':') + 1, atoi(state->file), (int)(mark - line) + 1, "%s",
	          text + used);
	last(diags)->code = xstrdup(code);
}
