/* Findings in whole documents: JUnit's XML and SARIF 2.1.0. */
#include "run/matcher_tools.h"

#include "base/json.h"
#include "base/xalloc.h"
#include "run/matcher.h"

#include <stdlib.h>
#include <string.h>

/* ---- JUnit ---- */

static void add_entity(struct buf *out, const char *name, size_t n)
{
	static const struct {
		const char *name;
		char c;
	} entity[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' }, { "apos", '\'' }, { "#10", ' ' } };
	for (size_t i = 0; i < sizeof entity / sizeof *entity; i++)
		if (strlen(entity[i].name) == n && memcmp(entity[i].name, name, n) == 0)
			buf_add_char(out, entity[i].c);
}

/* An attribute's value within a tag, to be freed, or NULL. */
static char *attribute(const char *tag, size_t n, const char *name)
{
	size_t len = strlen(name);
	struct buf out = { 0 };
	for (size_t at = 0; at + len + 2 < n; at++) {
		char quote = tag[at + len + 1];
		if (memcmp(tag + at, name, len) != 0 || tag[at + len] != '=' || (quote != '"' && quote != '\'') ||
		    (at && !strchr(" \t\r\n", tag[at - 1])))
			continue;
		const char *s = tag + at + len + 2;
		const char *end = memchr(s, quote, n - (at + len + 2));
		while (end && s < end) {
			const char *semicolon = *s == '&' ? memchr(s, ';', (size_t)(end - s)) : NULL;
			if (semicolon)
				add_entity(&out, s + 1, (size_t)(semicolon - s - 1));
			else
				buf_add_char(&out, *s == '\n' ? ' ' : *s);
			s = semicolon ? semicolon + 1 : s + 1;
		}
		return out.data ? buf_take(&out, NULL) : xstrdup("");
	}
	return NULL;
}

struct test_case {
	char *name, *file, *line;
};

static void test_case_release(struct test_case *test)
{
	free(test->name);
	free(test->file);
	free(test->line);
	*test = (struct test_case){ 0 };
}

static bool is_tag(const char *tag, size_t n, const char *name)
{
	size_t len = strlen(name);
	return n > len && memcmp(tag, name, len) == 0 && strchr(" \t\r\n/>", tag[len]);
}

static void take_tag(const char *tag, size_t n, struct test_case *test, struct diags *diags)
{
	if (is_tag(tag, n, "testcase")) {
		test_case_release(test);
		*test = (struct test_case){ attribute(tag, n, "name"), attribute(tag, n, "file"), attribute(tag, n, "line") };
	} else if (is_tag(tag, n, "failure") || is_tag(tag, n, "error")) {
		char *message = attribute(tag, n, "message");
		diags_add(diags, DIAG_ERROR, test->file, test->line ? atoi(test->line) : 0, 0, "%s%s%s",
		          test->name ? test->name : "a test", message && *message ? ": " : " fails", message ? message : "");
		free(message);
	}
}

void matcher_junit(const char *output, size_t n, struct diags *diags)
{
	struct test_case test = { 0 };
	for (size_t at = 0; at < n && diags->n_diags < MATCHER_MAX_DIAGS;) {
		const char *open = memchr(output + at, '<', n - at);
		const char *close = open ? memchr(open, '>', n - (size_t)(open - output)) : NULL;
		if (!close)
			break;
		take_tag(open + 1, (size_t)(close - open), &test, diags);
		at = (size_t)(close - output) + 1;
	}
	test_case_release(&test);
}

/* ---- SARIF ---- */

static void take_result(const struct json *result, struct diags *diags)
{
	const struct json *place = json_get(json_at(json_get(result, "locations"), 0), "physicalLocation");
	const struct json *region = json_get(place, "region");
	const char *uri = json_get_str(json_get(place, "artifactLocation"), "uri");
	const char *level = json_get_str(result, "level");
	const char *message = json_get_str(json_get(result, "message"), "text");
	const char *rule = json_get_str(result, "ruleId");
	enum diag_severity severity = DIAG_WARNING; /* the standard's default */
	if (level && strcmp(level, "error") == 0)
		severity = DIAG_ERROR;
	else if (level && (strcmp(level, "note") == 0 || strcmp(level, "none") == 0))
		severity = DIAG_NOTE;
	if (uri && strncmp(uri, "file://", 7) == 0)
		uri += 7;
	diags_add(diags, severity, uri, (int)json_get_int(region, "startLine", 0), (int)json_get_int(region, "startColumn", 0),
	          "%s", message ? message : "a finding without a message");
	if (rule)
		diags->diag[diags->n_diags - 1].code = xstrdup(rule);
}

/* The document may stand among other output: from the first brace to the last. */
void matcher_sarif(const char *output, size_t n, struct diags *diags)
{
	struct json *root;
	struct err err;
	const char *open = memchr(output, '{', n);
	const char *close = open ? memrchr(open, '}', n - (size_t)(open - output)) : NULL;
	if (!close || json_parse(&root, open, (size_t)(close - open) + 1, &err) != 0)
		return;
	const struct json *runs = json_get(root, "runs");
	for (size_t i = 0; i < json_len(runs); i++) {
		const struct json *results = json_get(json_at(runs, i), "results");
		for (size_t k = 0; k < json_len(results) && diags->n_diags < MATCHER_MAX_DIAGS; k++)
			take_result(json_at(results, k), diags);
	}
	json_free(root);
}
