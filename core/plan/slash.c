#include "plan/slash.h"

#include "base/json.h"

#include <string.h>

enum form { FORM_PATHS, FORM_PATH_WHAT, FORM_PATHS_WHAT, FORM_INTO, FORM_CHECKS };

static const struct {
	const char *verb;
	enum form form;
	const char *usage;
} forms[] = {
	{ "read", FORM_PATHS, "/read PATH..." },
	{ "write", FORM_PATH_WHAT, "/write PATH: what" },
	{ "refactor", FORM_PATHS_WHAT, "/refactor PATH...: what" },
	{ "scaffold", FORM_INTO, "/scaffold TEMPLATE INTO" },
	{ "test", FORM_PATHS, "/test PATH" },
	{ "validate", FORM_CHECKS, "/validate [CHECK...]" },
};

#define BLANKS " \t"

static void take_words(const char *text, size_t n, struct strings *out)
{
	for (size_t at = 0; at < n;) {
		at += strspn(text + at, BLANKS);
		size_t len = strcspn(text + at, BLANKS);
		if (at >= n)
			return;
		len = len < n - at ? len : n - at;
		char word[4096];
		if (len && len < sizeof word) {
			memcpy(word, text + at, len);
			word[len] = '\0';
			strings_add(out, word);
		}
		at += len;
	}
}

static void put_words(struct json_writer *w, const char *key, const struct strings *words, bool one)
{
	json_key(w, key);
	if (one && words->n_items == 1) {
		json_put_cstr(w, words->item[0]);
		return;
	}
	json_begin_array(w);
	for (size_t i = 0; i < words->n_items; i++)
		json_put_cstr(w, words->item[i]);
	json_end_array(w);
}

struct typed {
	struct strings words;
	const char *what; /* after the colon, or NULL */
};

static bool fits(enum form form, const struct typed *typed)
{
	size_t n = typed->words.n_items;
	bool what = typed->what && *typed->what;
	switch (form) {
	case FORM_PATHS: return n > 0;
	case FORM_PATH_WHAT: return n == 1 && what;
	case FORM_PATHS_WHAT: return n > 0 && what;
	case FORM_INTO: return n == 2;
	case FORM_CHECKS: return n > 0;
	}
	return false;
}

static void write_step(size_t form, const char *id, const struct typed *typed, struct buf *out)
{
	struct json_writer w = { .out = out };
	json_begin_object(&w);
	json_key(&w, "id");
	json_put_cstr(&w, id);
	if (forms[form].form == FORM_INTO) {
		json_key(&w, forms[form].verb);
		json_put_cstr(&w, typed->words.item[0]);
		json_key(&w, "into");
		json_put_cstr(&w, typed->words.item[1]);
	} else {
		put_words(&w, forms[form].verb, &typed->words, forms[form].form != FORM_CHECKS);
	}
	if (typed->what && *typed->what) {
		json_key(&w, "prompt");
		json_put_cstr(&w, typed->what);
	}
	json_end_object(&w);
}

/* "PATH...: what": the first colon that ends a word. */
static const char *find_what(const char *text)
{
	for (const char *at = text; (at = strchr(at, ':')); at++)
		if (!at[1] || strchr(BLANKS, at[1]))
			return at;
	return NULL;
}

int slash_to_step(const char *text, const char *id, const struct strings *checks, struct buf *out, struct err *err)
{
	struct typed typed = { 0 };
	size_t verb_n = *text == '/' ? strcspn(text + 1, BLANKS) : 0;
	size_t form = 0;
	while (form < sizeof forms / sizeof *forms &&
	       (strlen(forms[form].verb) != verb_n || strncmp(forms[form].verb, text + 1, verb_n) != 0))
		form++;
	if (form == sizeof forms / sizeof *forms) {
		err_set(err, ERR_USAGE, "'%.40s' is no step", text);
		return err_hint(err, "/read, /write, /refactor, /scaffold, /test and /validate are");
	}
	const char *rest = text + 1 + verb_n;
	const char *colon = forms[form].form == FORM_CHECKS || forms[form].form == FORM_INTO ? NULL : find_what(rest);
	take_words(rest, colon ? (size_t)(colon - rest) : strlen(rest), &typed.words);
	typed.what = colon ? colon + 1 + strspn(colon + 1, BLANKS) : NULL;
	bool all = forms[form].form == FORM_CHECKS && !typed.words.n_items;
	for (size_t i = 0; all && i < checks->n_items; i++)
		strings_add(&typed.words, checks->item[i]);
	int rc = 0;
	if (fits(forms[form].form, &typed))
		write_step(form, id, &typed, out);
	else
		rc = err_set(err, ERR_USAGE, "that says too little or too much; expected %s", forms[form].usage);
	strings_release(&typed.words);
	return rc;
}
