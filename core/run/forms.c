#include "run/forms.h"

#include "edit/symbol.h"
#include "io/url.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SMALL_LINES 250
#define SMALL_FILES_LINES 1000 /* of all targets together: an answer is no longer than this */
#define LOCAL_BILLIONS 32      /* of parameters: a larger model is a large one wherever it runs */

static const struct forms patch_family = { { EDIT_PATCH, EDIT_SEARCH_REPLACE, EDIT_WHOLE_FILE }, 3, 0 };
static const struct forms small_files = { { EDIT_WHOLE_FILE, EDIT_SYMBOL, EDIT_SEARCH_REPLACE }, 3, 0 };
static const struct forms large_files = { { EDIT_SEARCH_REPLACE, EDIT_WHOLE_FILE, EDIT_SYMBOL }, 3, 0 };
static const struct forms new_files = { { EDIT_WHOLE_FILE }, 1, 0 };

static size_t count_lines(const struct image *image)
{
	size_t n = 0;
	for (int64_t i = 0; image->data && i < image->size; i++)
		n += image->data[i] == '\n';
	return n;
}

static bool are_small(const struct changeset *set)
{
	size_t all = 0;
	for (size_t i = 0; i < set->n_changes; i++) {
		size_t n = count_lines(&set->change[i].before);
		if (n > SMALL_LINES)
			return false;
		all += n;
	}
	return all <= SMALL_FILES_LINES;
}

/* "qwen2.5-coder:32b", "Llama-3.3-70B": the parameters that a name tells, in billions; 0: it does not. */
static long billions(const char *model)
{
	for (const char *p = model; *p; p++) {
		char *end;
		if (*p < '0' || *p > '9' || (p > model && (p[-1] == '.' || (p[-1] >= '0' && p[-1] <= '9'))))
			continue;
		double value = strtod(p, &end);
		if ((*end == 'b' || *end == 'B') && !(end[1] >= 'a' && end[1] <= 'z') && !(end[1] >= 'A' && end[1] <= 'Z'))
			return (long)(value + 0.5);
	}
	return 0;
}

static bool is_small_local(const struct provider *provider, const char *model)
{
	return provider->kind != PROVIDER_RECORDED && url_is_private(provider->url) && billions(model) <= LOCAL_BILLIONS &&
	       billions(model) > 0;
}

static void drop(struct forms *forms, enum edit_kind form)
{
	size_t n = 0;
	for (size_t i = 0; i < forms->n_forms; i++)
		if (forms->form[i] != form)
			forms->form[n++] = forms->form[i];
	forms->n_forms = n;
}

void forms_choose(struct forms *out, enum edit_kind wanted, const struct changeset *set,
                  const struct provider *provider, const char *model)
{
	if (wanted == EDIT_WHOLE_FILE)
		*out = new_files;
	else if (strcasestr(model, "gpt-5") || strcasestr(model, "codex"))
		*out = patch_family;
	else if (are_small(set) || is_small_local(provider, model))
		*out = small_files;
	else
		*out = large_files;
	for (size_t i = 0; i < set->n_changes; i++)
		if (!symbol_knows(set->change[i].path))
			drop(out, EDIT_SYMBOL);
}

const char *forms_size(const struct changeset *set)
{
	return are_small(set) ? "small" : "large";
}

void forms_begin_with(struct forms *forms, size_t i)
{
	enum edit_kind first = forms->form[i];
	memmove(&forms->form[1], &forms->form[0], i * sizeof first);
	forms->form[0] = first;
}

/*
 * The part of answers that are expected to be good: what was seen, on top of eight answers that nobody saw. Those make
 * the order of the table stand until the first form has failed twice more than it should.
 */
static double expected(const struct habit *habit, size_t place)
{
	static const double prior[FORMS_MAX] = { 0.95, 0.80, 0.78 };
	double good = habit ? (double)habit->good : 0;
	double bad = habit ? (double)habit->bad : 0;
	return (good + 8 * prior[place]) / (good + bad + 8);
}

bool forms_prefer(struct forms *forms, const struct habits *habits, const char *model, const char *size)
{
	size_t best = 0;
	double most = 0;
	for (size_t i = 0; i < forms->n_forms; i++) {
		double value = expected(habits_find(habits, model, size, forms_name(forms->form[i])), i);
		if (value > most) {
			most = value;
			best = i;
		}
	}
	forms_begin_with(forms, best);
	return best > 0;
}

const char *forms_name(enum edit_kind form)
{
	switch (form) {
	case EDIT_WHOLE_FILE:
		return "whole-file";
	case EDIT_PATCH:
		return "apply-patch";
	case EDIT_SYMBOL:
		return "symbol";
	case EDIT_SEARCH_REPLACE:
	case EDIT_DELETE:
	case EDIT_MOVE:
		break;
	}
	return "search-replace";
}
