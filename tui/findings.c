#include "tui/findings.h"

#include "base/json.h"
#include "base/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

int findings_form_parse(const char *name, enum findings_form *out, struct err *err)
{
	static const char *const names[] = { "gnu", "sarif", "junit", "github" };
	*out = FINDINGS_GNU;
	for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (enum findings_form)i;
			return 0;
		}
	return name ? err_set(err, ERR_USAGE, "'-o' is gnu, sarif, junit or github, not '%.40s'", name) : 0;
}

/* ---- SARIF ---- */

/* A relative reference of RFC 3986: a ':' in the first segment would make a scheme of it. */
static void add_uri(struct buf *out, const char *path)
{
	for (; *path; path++) {
		if (isalnum((unsigned char)*path) || strchr("/-._~", *path))
			buf_add_char(out, *path);
		else
			buf_printf(out, "%%%02X", (unsigned char)*path);
	}
}

static void put_location(struct json_writer *w, const struct diag *diag)
{
	struct buf uri = { 0 };
	add_uri(&uri, diag->file);
	json_begin_object(w);
	json_key(w, "physicalLocation");
	json_begin_object(w);
	json_key(w, "artifactLocation");
	json_begin_object(w);
	json_key(w, "uri");
	json_put_cstr(w, buf_str(&uri));
	json_end_object(w);
	if (diag->line > 0) {
		json_key(w, "region");
		json_begin_object(w);
		json_key(w, "startLine");
		json_put_int(w, diag->line);
		if (diag->column > 0) {
			json_key(w, "startColumn");
			json_put_int(w, diag->column);
		}
		json_end_object(w);
	}
	json_end_object(w);
	json_end_object(w);
	buf_release(&uri);
}

static const char *rule_of(const struct findings *from, const struct diag *diag)
{
	return diag->code && *diag->code ? diag->code : from->name;
}

static void put_result(struct json_writer *w, const struct findings *from, const struct diag *diag)
{
	static const char *const level[] = { "error", "warning", "note" };
	json_begin_object(w);
	json_key(w, "ruleId");
	json_put_cstr(w, rule_of(from, diag));
	json_key(w, "level");
	json_put_cstr(w, level[diag->severity]);
	json_key(w, "message");
	json_begin_object(w);
	json_key(w, "text");
	json_put_cstr(w, diag->message ? diag->message : "");
	json_end_object(w);
	json_key(w, "locations");
	json_begin_array(w);
	if (diag->file && *diag->file)
		put_location(w, diag);
	json_end_array(w);
	json_end_object(w);
}

static void put_tool(struct json_writer *w)
{
	json_key(w, "tool");
	json_begin_object(w);
	json_key(w, "driver");
	json_begin_object(w);
	json_key(w, "name");
	json_put_cstr(w, "belay");
	json_key(w, "version");
	json_put_cstr(w, PACKAGE_VERSION);
	json_end_object(w);
	json_end_object(w);
}

static void write_sarif(struct buf *out, const struct findings *list, size_t n)
{
	struct json_writer w = { .out = out };
	json_begin_object(&w);
	json_key(&w, "$schema");
	json_put_cstr(&w, "https://json.schemastore.org/sarif-2.1.0.json");
	json_key(&w, "version");
	json_put_cstr(&w, "2.1.0");
	json_key(&w, "runs");
	json_begin_array(&w);
	json_begin_object(&w);
	put_tool(&w);
	json_key(&w, "columnKind");
	json_put_cstr(&w, "unicodeCodePoints");
	json_key(&w, "results");
	json_begin_array(&w);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < list[i].diags->n_diags; j++)
			put_result(&w, &list[i], &list[i].diags->diag[j]);
	json_end_array(&w);
	json_end_object(&w);
	json_end_array(&w);
	json_end_object(&w);
	buf_add_char(out, '\n');
}

/* ---- JUnit ---- */

static void add_xml(struct buf *out, const char *text)
{
	struct buf clean = { 0 };
	text_sanitise(&clean, text, strlen(text), TEXT_KEEP_NEWLINES | TEXT_KEEP_TABS);
	for (size_t i = 0; i < clean.len; i++) {
		if (strchr("&<>\"'", clean.data[i]))
			buf_printf(out, "&#%d;", clean.data[i]);
		else
			buf_add_char(out, clean.data[i]);
	}
	buf_release(&clean);
}

static void add_case(struct buf *out, const struct findings *from)
{
	struct buf text = { 0 };
	buf_add_str(out, "  <testcase classname=\"belay\" name=\"");
	add_xml(out, from->name);
	buf_add_str(out, "\">\n");
	for (size_t i = 0; i < from->diags->n_diags; i++)
		diag_format(&text, &from->diags->diag[i]);
	if (from->diags->n_errors)
		buf_printf(out, "    <failure message=\"%zu error%s\">", from->diags->n_errors,
		           from->diags->n_errors == 1 ? "" : "s");
	else if (text.len)
		buf_add_str(out, "    <system-out>");
	add_xml(out, buf_str(&text));
	if (text.len)
		buf_add_str(out, from->diags->n_errors ? "</failure>\n" : "</system-out>\n");
	buf_add_str(out, "  </testcase>\n");
	buf_release(&text);
}

static void write_junit(struct buf *out, const struct findings *list, size_t n)
{
	size_t n_failed = 0;
	for (size_t i = 0; i < n; i++)
		n_failed += list[i].diags->n_errors > 0;
	buf_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	           "<testsuite name=\"belay\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n", n, n_failed);
	for (size_t i = 0; i < n; i++)
		add_case(out, &list[i]);
	buf_add_str(out, "</testsuite>\n</testsuites>\n");
}

/* ---- GitHub ---- */

/* As the workflow commands have it: nothing that ends a line, and in properties nothing that ends one. */
static void add_escaped(struct buf *out, const char *text, bool property)
{
	for (; *text; text++) {
		if (strchr("%\r\n", *text) || (property && strchr(":,", *text)))
			buf_printf(out, "%%%02X", (unsigned char)*text);
		else
			buf_add_char(out, *text);
	}
}

static void add_command(struct buf *out, const struct findings *from, const struct diag *diag)
{
	static const char *const command[] = { "error", "warning", "notice" };
	buf_printf(out, "::%s ", command[diag->severity]);
	if (diag->file && *diag->file) {
		buf_add_str(out, "file=");
		add_escaped(out, diag->file, true);
		buf_add_char(out, ',');
	}
	if (diag->line > 0)
		buf_printf(out, "line=%d,", diag->line);
	if (diag->line > 0 && diag->column > 0)
		buf_printf(out, "col=%d,", diag->column);
	buf_add_str(out, "title=");
	add_escaped(out, rule_of(from, diag), true);
	buf_add_str(out, "::");
	add_escaped(out, diag->message ? diag->message : "", false);
	buf_add_char(out, '\n');
}

/* ---- */

static void write_lines(struct buf *out, enum findings_form form, const struct findings *from)
{
	for (size_t i = 0; i < from->diags->n_diags; i++) {
		if (form == FINDINGS_GITHUB)
			add_command(out, from, &from->diags->diag[i]);
		else
			diag_format(out, &from->diags->diag[i]);
	}
}

void findings_write(struct buf *out, enum findings_form form, const struct findings *list, size_t n)
{
	if (form == FINDINGS_SARIF)
		write_sarif(out, list, n);
	else if (form == FINDINGS_JUNIT)
		write_junit(out, list, n);
	else
		for (size_t i = 0; i < n; i++)
			write_lines(out, form, &list[i]);
}
