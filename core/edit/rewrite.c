#include "edit/rewrite.h"

#include "base/xalloc.h"
#include "edit/language.h"
#include "edit/rewrite_match.h"
#include "edit/rewrite_pattern.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REGEX 1000
#define MAX_REPEATS 1000 /* the product of all {n,m} of a regular expression */

struct rewrite {
	char *match, *replace;
	struct holed pattern, replacement;
	struct holes names;
	struct form form[N_LANGUAGES];
	regex_t regex[MAX_HOLES];
	bool has_regex[MAX_HOLES];
};

/*
 * The system's regular expressions have no limits of their own: nested repeats take all memory, and back references
 * time that grows with a power of the text.
 */
static int check_regex(const char *regex, struct err *err)
{
	unsigned long repeats = 1;
	if (strlen(regex) > MAX_REGEX)
		return err_set(err, ERR_LIMIT, "an expression of more than %d bytes is too long", MAX_REGEX);
	for (const char *s = regex; *s; s++) {
		if (s[0] == '\\' && s[1] >= '1' && s[1] <= '9')
			return err_set(err, ERR_PLAN, "'%.2s' refers back, which is not supported: use the hole's name twice", s);
		if (s[0] == '\\' && s[1]) {
			s++;
			continue;
		}
		if (s[0] != '{')
			continue;
		const char *comma = s + strcspn(s, ",}");
		unsigned long n = strtoul(*comma == ',' && comma[1] != '}' ? comma + 1 : s + 1, NULL, 10);
		repeats *= n ? n : 1;
		if (n > MAX_REPEATS || repeats > MAX_REPEATS)
			return err_set(err, ERR_LIMIT, "an expression that repeats its parts over %d times is too large",
			               MAX_REPEATS);
	}
	return 0;
}

static int add_where(struct rewrite *r, const struct rewrite_where *where, struct err *err)
{
	char why[160];
	int name = 0;
	while (name < r->names.n_names && strcmp(r->names.name[name], where->name) != 0)
		name++;
	if (name == r->names.n_names)
		return err_set(err, ERR_PLAN, "'where' names '%.60s', which is no hole of the pattern", where->name);
	if (r->has_regex[name])
		return err_set(err, ERR_PLAN, "'where' names '%.60s' twice", where->name);
	if (check_regex(where->regex, err) != 0)
		return err_prefix(err, "where '%.60s'", where->name);
	int rc = regcomp(&r->regex[name], where->regex, REG_EXTENDED);
	if (rc != 0) {
		regerror(rc, &r->regex[name], why, sizeof why);
		return err_set(err, ERR_PLAN, "where '%.60s': '%.120s' is no regular expression: %s", where->name,
		               where->regex, why);
	}
	r->has_regex[name] = true;
	return 0;
}

/* The pattern must be whole in one language at least; else the first language's reason is told. */
static int make_forms(struct rewrite *r, struct err *err)
{
	bool fits = false;
	for (size_t i = 0; i < N_LANGUAGES; i++) {
		form_make(&r->form[i], &r->pattern, &languages[i], i ? NULL : err);
		fits = fits || r->form[i].fits;
	}
	if (!fits)
		return -1;
	err_clear(err);
	return 0;
}

static int compile(struct rewrite *r, const struct rewrite_where *where, size_t n_where, struct err *err)
{
	if (!r->match[strspn(r->match, " \t\r\n\v\f")])
		return err_set(err, ERR_PLAN, "the pattern is empty");
	if (holed_parse(&r->pattern, r->match, &r->names, false, err) != 0)
		return err_prefix(err, "match");
	if (make_forms(r, err) != 0)
		return err_prefix(err, "match");
	if (holed_parse(&r->replacement, r->replace, &r->names, true, err) != 0)
		return err_prefix(err, "replace");
	for (size_t i = 0; i < n_where; i++)
		if (add_where(r, &where[i], err) != 0)
			return -1;
	return 0;
}

int rewrite_compile(struct rewrite **out, const char *match, const char *replace, const struct rewrite_where *where,
                    size_t n_where, struct err *err)
{
	struct rewrite *r = xcalloc(1, sizeof *r);
	struct err own = { 0 };
	r->match = xstrdup(match);
	r->replace = xstrdup(replace);
	if (compile(r, where, n_where, &own) != 0) {
		if (err)
			*err = own;
		rewrite_free(r);
		*out = NULL;
		return -1;
	}
	*out = r;
	return 0;
}

void rewrite_free(struct rewrite *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < N_LANGUAGES; i++)
		form_release(&r->form[i]);
	for (int i = 0; i < r->names.n_names; i++) {
		free(r->names.name[i]);
		if (r->has_regex[i])
			regfree(&r->regex[i]);
	}
	holed_release(&r->pattern);
	holed_release(&r->replacement);
	free(r->match);
	free(r->replace);
	free(r);
}

/* All regular expressions match the whole text of their holes. POSIX: the longest match from the left counts. */
static bool passes_where(const struct rewrite *r, struct matcher *m)
{
	for (int i = 0; i < r->names.n_names; i++) {
		if (!r->has_regex[i])
			continue;
		struct span span = m->span[i];
		regmatch_t found = { .rm_so = 0, .rm_eo = (regoff_t)(span.end - span.at) };
		matcher_count(m, (span.end - span.at) * 8);
		if (regexec(&r->regex[i], m->s + span.at, 1, &found, REG_STARTEND) != 0 || found.rm_so != 0 ||
		    found.rm_eo != (regoff_t)(span.end - span.at))
			return false;
	}
	return true;
}

static void add_replacement(struct buf *out, const struct rewrite *r, const struct matcher *m, bool crlf)
{
	const struct holed *to = &r->replacement;
	const char *plain = buf_str(&to->plain);
	size_t hole = 0;
	for (size_t i = 0; i < to->plain.len; i++) {
		if (hole < to->n_holes && to->hole[hole].at == i) {
			const struct span *span = &m->span[to->hole[hole++].name];
			buf_add(out, m->s + span->at, span->end - span->at);
			continue;
		}
		if (crlf && plain[i] == '\n' && (i == 0 || plain[i - 1] != '\r'))
			buf_add_char(out, '\r');
		buf_add_char(out, plain[i]);
	}
}

/* The pattern's longest text stands somewhere: else the file need not be looked at more closely. */
static bool may_match(const struct form *form, const char *text, size_t n)
{
	if (!form->fits || !n)
		return false;
	if (form->longest == form->n_parts)
		return true;
	const struct part *part = &form->part[form->longest];
	return memmem(text, n, part->text, part->n) != NULL;
}

static bool is_crlf(const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n);
	return end && end > text && end[-1] == '\r';
}

/* A byte order mark is no part of the first word. */
static size_t bom_length(const char *text, size_t n)
{
	return n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

int rewrite_text(const struct rewrite *r, const char *path, const char *text, size_t n, struct buf *out,
                 size_t *n_matches, struct err *err)
{
	size_t language = language_of_path(path);
	size_t bom = bom_length(text, n);
	struct matcher m;
	struct span match;
	size_t copied = 0;
	int rc;
	*n_matches = 0;
	text += bom;
	n -= bom;
	if (!may_match(&r->form[language], text, n))
		return 0;
	if (n > LEX_MAX)
		return err_set(err, ERR_LIMIT, "a text of %zu bytes is too large to rewrite", n);
	bool crlf = is_crlf(text, n);
	matcher_init(&m, &r->form[language], &languages[language], text, n);
	while ((rc = matcher_next(&m, &match)) == 1) {
		if (!passes_where(r, &m))
			continue;
		if (!*n_matches)
			buf_add(out, text - bom, bom);
		buf_add(out, text + copied, match.at - copied);
		add_replacement(out, r, &m, crlf);
		copied = match.end;
		++*n_matches;
		matcher_take(&m, &match);
	}
	if (*n_matches)
		buf_add(out, text + copied, n - copied);
	matcher_release(&m);
	if (rc == 0 && !out->truncated)
		return 0;
	*n_matches = 0;
	buf_clear(out);
	if (rc == 0)
		return err_set(err, ERR_LIMIT, "the rewritten text is over %zu bytes", out->max);
	err_set(err, ERR_LIMIT, "the pattern leaves too many ways to match this text");
	return err_hint(err, "write more of the text between its holes, or make them ':[name:w]'");
}
