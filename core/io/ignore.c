#include "io/ignore.h"

#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct rule {
	char *pattern; /* owned; without what the flags say */
	bool negated;  /* "!": not ignored after all */
	bool dir_only; /* a '/' at its end */
	bool whole;    /* a '/' elsewhere: matches the path from the ignore file's folder, else the name alone */
	bool literal;  /* no special character */
};

struct ignore {
	const struct ignore *up;
	char *dir;
	size_t n_dir; /* bytes of dir */
	struct rule *rule;
	size_t n_rules, cap_rules;
};

/* The end of a [set] beginning at p, or NULL when it has none: then the pattern matches nothing. */
static const char *set_end(const char *p)
{
	p++;
	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	for (; *p && *p != ']'; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[' && p[1] == ':' && strstr(p + 2, ":]"))
			p = strstr(p + 2, ":]") + 1;
	}
	return *p ? p : NULL;
}

static bool in_class(const char *name, size_t n, unsigned char c)
{
	static const struct {
		const char *name;
		int (*has)(int c);
	} class[] = {
		{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
		{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
		{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
	};
	for (size_t i = 0; i < sizeof class / sizeof *class; i++)
		if (strlen(class[i].name) == n && memcmp(class[i].name, name, n) == 0)
			return c < 0x80 && class[i].has(c);
	return false;
}

/* One item of a set at p: does it hold c? Returns what follows it. */
static const char *set_item(const char *p, const char *end, unsigned char c, bool *found)
{
	if (*p == '[' && p[1] == ':') {
		const char *close = strstr(p + 2, ":]");
		if (close && close < end) {
			*found = *found || in_class(p + 2, (size_t)(close - p - 2), c);
			return close + 2;
		}
	}
	if (*p == '\\' && p + 1 < end)
		p++;
	unsigned char low = (unsigned char)*p++;
	unsigned char high = low;
	if (p + 1 < end && *p == '-') {
		p++;
		if (*p == '\\' && p + 1 < end)
			p++;
		high = (unsigned char)*p++;
	}
	*found = *found || (c >= low && c <= high);
	return p;
}

static bool set_has(const char *p, const char *end, unsigned char c)
{
	bool negated = p[1] == '!' || p[1] == '^';
	bool found = false;
	for (p += 1 + negated; p < end;)
		p = set_item(p, end, c, &found);
	return found != negated;
}

/* One character of the pattern (not a star) against c: what follows it in the pattern, or NULL. */
static const char *match_one(const char *p, const char *end, char c)
{
	if (p == end)
		return NULL;
	if (*p == '?')
		return p + 1;
	if (*p == '[') {
		const char *close = set_end(p);
		return close && close < end && set_has(p, close, (unsigned char)c) ? close + 1 : NULL;
	}
	if (*p == '\\' && ++p == end)
		return NULL; /* nothing follows that it could stand for */
	return *p == c ? p + 1 : NULL;
}

/* One component: only the last star may ever need to take more, so that the time is at most the product of both
 * lengths. */
static bool match_name(const char *p, const char *p_end, const char *s, const char *s_end)
{
	const char *star = NULL;
	const char *resume = NULL;
	while (s < s_end) {
		const char *next;
		if (p < p_end && *p == '*') {
			star = ++p;
			resume = s;
		} else if ((next = match_one(p, p_end, *s))) {
			p = next;
			s++;
		} else if (star) {
			p = star;
			s = ++resume;
		} else {
			return false;
		}
	}
	while (p < p_end && *p == '*')
		p++;
	return p == p_end;
}

/* The end of the pattern's component at p: a '/' in a set is part of the set, an escaped one still separates. */
static const char *pattern_end(const char *p)
{
	for (; *p && *p != '/'; p++) {
		const char *close = *p == '[' ? set_end(p) : NULL;
		if (close)
			p = close;
		else if (*p == '\\' && p[1] && p[1] != '/')
			p++;
	}
	return p;
}

static bool is_double_star(const char *p, const char *end)
{
	return end - p == 2 && p[0] == '*' && p[1] == '*';
}

/* Components as the letters and "**" as the star, one level up; at the end "**" needs at least one component. */
static bool match_path(const char *p, const char *s)
{
	const char *star = NULL;
	const char *resume = NULL;
	while (*s) {
		const char *p_end = pattern_end(p);
		const char *s_end = s + strcspn(s, "/");
		if (is_double_star(p, p_end)) {
			if (!*p_end)
				return true;
			star = p = p_end + 1;
			resume = s;
		} else if (*p && match_name(p, p_end, s, s_end) && !*p_end == !*s_end) {
			p = p_end + (*p_end == '/');
			s = s_end + (*s_end == '/');
		} else if (star) {
			p = star;
			resume += strcspn(resume, "/");
			s = resume += *resume == '/';
		} else {
			return false;
		}
	}
	return *p == '\0';
}

static bool rule_matches(const struct rule *rule, const char *path, bool is_dir)
{
	if (rule->dir_only && !is_dir)
		return false;
	if (!rule->whole)
		path = path_base(path);
	if (rule->literal)
		return strcmp(rule->pattern, path) == 0;
	return rule->whole ? match_path(rule->pattern, path)
	                   : match_name(rule->pattern, rule->pattern + strlen(rule->pattern), path, path + strlen(path));
}

bool ignore_has(const struct ignore *ignore, const char *path, bool is_dir)
{
	for (; ignore; ignore = ignore->up) {
		const char *below = path + ignore->n_dir + (ignore->n_dir > 0);
		for (size_t i = ignore->n_rules; i-- > 0;)
			if (rule_matches(&ignore->rule[i], below, is_dir))
				return !ignore->rule[i].negated;
	}
	return false;
}

/* Spaces at the end go, unless a backslash keeps them. */
static size_t trim(const char *line, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (line[i] == '\\' && i + 1 < n)
			kept = ++i + 1;
		else if (line[i] != ' ')
			kept = i + 1;
	}
	return kept;
}

static void add_line(struct ignore *ignore, const char *line, size_t n)
{
	if (n && line[n - 1] == '\r')
		n--;
	if (memchr(line, 0, n))
		n = strlen(line);
	n = trim(line, n);
	struct rule rule = { .negated = n && *line == '!' };
	if (!n || *line == '#')
		return;
	line += rule.negated;
	n -= rule.negated;
	if (n && line[n - 1] == '/') {
		rule.dir_only = true;
		n--;
	}
	if (!n)
		return;
	rule.whole = memchr(line, '/', n);
	if (*line == '/') {
		line++;
		n--;
	}
	rule.pattern = xstrndup(line, n);
	rule.literal = rule.pattern[strcspn(rule.pattern, "*?[\\")] == '\0';
	ignore->rule = vec_room(ignore->rule, ignore->n_rules, &ignore->cap_rules, sizeof *ignore->rule);
	ignore->rule[ignore->n_rules++] = rule;
}

struct ignore *ignore_new(const struct ignore *up, const char *dir, const char *text, size_t n)
{
	struct ignore *ignore = xcalloc(1, sizeof *ignore);
	ignore->up = up;
	ignore->dir = xstrdup(dir);
	ignore->n_dir = strlen(dir);
	const char *end = text + n;
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		if (!eol)
			eol = end;
		add_line(ignore, text, (size_t)(eol - text));
		text = eol + (eol < end);
	}
	return ignore;
}

void ignore_free(struct ignore *ignore)
{
	if (!ignore)
		return;
	for (size_t i = 0; i < ignore->n_rules; i++)
		free(ignore->rule[i].pattern);
	free(ignore->rule);
	free(ignore->dir);
	free(ignore);
}
