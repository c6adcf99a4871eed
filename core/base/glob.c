#include "base/glob.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ALTERNATIVES 256

/* A glob is the list of its brace-free alternatives. */
struct glob {
	struct strings alternative;
};

bool glob_is_literal(const char *pattern)
{
	return pattern[strcspn(pattern, "*?[{")] == '\0';
}

/* The end of a [set], or NULL when the bracket is an ordinary character (no closing one). */
static const char *set_end(const char *p)
{
	const char *s = p + 1;
	if (*s == '!' || *s == '^')
		s++;
	if (*s == ']')
		s++;
	while (*s && *s != ']')
		s++;
	return *s ? s : NULL;
}

static bool set_has(const char *p, const char *end, unsigned char c)
{
	bool negated = p[1] == '!' || p[1] == '^';
	bool found = false;
	for (const char *s = p + 1 + negated; s < end; s++) {
		unsigned char low = (unsigned char)*s;
		unsigned char high = low;
		if (s + 2 < end && s[1] == '-') {
			high = (unsigned char)s[2];
			s += 2;
		}
		found = found || (c >= low && c <= high);
	}
	return found != negated;
}

/*
 * One component against one component's pattern, or with `deep`, a whole path against a pattern: the usual
 * single-restart matcher, which is enough because only the last star ever needs to take more.
 */
static bool match_component(const char *p, const char *p_end, const char *s, const char *s_end)
{
	const char *star = NULL;
	const char *resume = NULL;
	while (s < s_end) {
		const char *end = p < p_end && *p == '[' ? set_end(p) : NULL;
		if (p < p_end && *p == '*') {
			star = p++;
			resume = s;
		} else if (end && end < p_end && set_has(p, end, (unsigned char)*s)) {
			p = end + 1;
			s++;
		} else if (p < p_end && !(end && end < p_end) && (*p == '?' || *p == *s)) {
			p++;
			s++;
		} else if (star) {
			p = star + 1;
			s = ++resume;
		} else {
			return false;
		}
	}
	while (p < p_end && *p == '*')
		p++;
	return p == p_end;
}

static const char *component_end(const char *s)
{
	return s + strcspn(s, "/");
}

static const char *next_component(const char *end)
{
	return *end ? end + 1 : end;
}

static bool is_double_star(const char *p, const char *end)
{
	return end - p == 2 && p[0] == '*' && p[1] == '*';
}

/* Components as the letters, `**` as the star: the same single-restart matcher one level up. */
static bool match_path(const char *p, const char *s)
{
	const char *star = NULL;
	const char *resume = NULL;
	while (*s) {
		const char *p_end = component_end(p);
		const char *s_end = component_end(s);
		if (*p && is_double_star(p, p_end)) {
			star = next_component(p_end);
			resume = s;
			p = star;
		} else if (*p && match_component(p, p_end, s, s_end)) {
			p = next_component(p_end);
			s = next_component(s_end);
		} else if (star) {
			p = star;
			s = resume = next_component(component_end(resume));
		} else {
			return false;
		}
	}
	while (*p && is_double_star(p, component_end(p)))
		p = next_component(component_end(p));
	return *p == '\0';
}

/* The matching close of the brace at p, and the commas of its own level; NULL when it is not closed. */
static const char *brace_end(const char *p)
{
	int depth = 0;
	for (; *p; p++) {
		if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			return p;
	}
	return NULL;
}

static int expand(struct strings *out, const char *pattern, struct err *err)
{
	const char *open = strchr(pattern, '{');
	const char *close = open ? brace_end(open) : NULL;
	if (!close) {
		if (open)
			return err_set(err, ERR_PLAN, "the glob '%.200s' has a '{' without its '}'", pattern);
		if (out->n_items >= MAX_ALTERNATIVES)
			return err_set(err, ERR_LIMIT, "the glob '%.200s' has more than 256 alternatives", pattern);
		strings_add(out, pattern);
		return 0;
	}
	int depth = 0;
	const char *from = open + 1;
	for (const char *s = from; s <= close; s++) {
		if ((*s == ',' && depth == 0) || s == close) {
			char *one = xasprintf("%.*s%.*s%s", (int)(open - pattern), pattern, (int)(s - from), from, close + 1);
			int rc = expand(out, one, err);
			free(one);
			if (rc != 0)
				return -1;
			from = s + 1;
		} else if (*s == '{') {
			depth++;
		} else if (*s == '}') {
			depth--;
		}
	}
	return 0;
}

int glob_compile(struct glob **out, const char *pattern, struct err *err)
{
	struct glob *glob = xcalloc(1, sizeof *glob);
	if (strlen(pattern) > 4096 || expand(&glob->alternative, pattern, err) != 0) {
		if (strlen(pattern) > 4096)
			err_set(err, ERR_LIMIT, "a glob of %zu bytes is too long: 4,096 at most", strlen(pattern));
		glob_free(glob);
		return -1;
	}
	*out = glob;
	return 0;
}

void glob_free(struct glob *glob)
{
	if (!glob)
		return;
	strings_release(&glob->alternative);
	free(glob);
}

bool glob_match(const struct glob *glob, const char *path)
{
	for (size_t i = 0; i < glob->alternative.n_items; i++)
		if (match_path(glob->alternative.item[i], path))
			return true;
	return false;
}

static bool may_match_below(const char *p, const char *dir)
{
	while (*dir) {
		const char *p_end = component_end(p);
		const char *d_end = component_end(dir);
		if (!*p)
			return false;
		if (is_double_star(p, p_end))
			return true;
		if (!match_component(p, p_end, dir, d_end))
			return false;
		p = next_component(p_end);
		dir = next_component(d_end);
	}
	return *p != '\0';
}

bool glob_may_match_below(const struct glob *glob, const char *dir)
{
	for (size_t i = 0; i < glob->alternative.n_items; i++)
		if (may_match_below(glob->alternative.item[i], dir))
			return true;
	return false;
}

/* Two components overlap unless their literal heads or tails differ. */
static bool components_may_overlap(const char *a, const char *a_end, const char *b, const char *b_end)
{
	size_t head_a = strcspn(a, "*?[{/");
	size_t head_b = strcspn(b, "*?[{/");
	bool literal_a = a + head_a == a_end;
	bool literal_b = b + head_b == b_end;
	if (literal_a && literal_b)
		return head_a == head_b && memcmp(a, b, head_a) == 0;
	if (memchr(a, '{', (size_t)(a_end - a)) || memchr(b, '{', (size_t)(b_end - b)))
		return true;
	if (literal_a)
		return match_component(b, b_end, a, a_end);
	if (literal_b)
		return match_component(a, a_end, b, b_end);
	return memcmp(a, b, head_a < head_b ? head_a : head_b) == 0;
}

bool glob_may_overlap(const char *a, const char *b)
{
	if (strpbrk(a, "{}") || strpbrk(b, "{}")) {
		size_t head_a = strcspn(a, "*?[{");
		size_t head_b = strcspn(b, "*?[{");
		return strncmp(a, b, head_a < head_b ? head_a : head_b) == 0;
	}
	while (*a && *b) {
		const char *a_end = component_end(a);
		const char *b_end = component_end(b);
		if (is_double_star(a, a_end) || is_double_star(b, b_end))
			return true;
		if (!components_may_overlap(a, a_end, b, b_end))
			return false;
		a = next_component(a_end);
		b = next_component(b_end);
	}
	return *a == *b || (*a && is_double_star(a, component_end(a))) || (*b && is_double_star(b, component_end(b)));
}
