/* Paths as answers write them. */
#include "edit/answer_parser.h"

#include "base/xalloc.h"

#include <ctype.h>
#include <string.h>

const char *answer_trim(const char *s, size_t *n, bool both)
{
	while (*n && isspace((unsigned char)s[*n - 1]))
		(*n)--;
	while (both && *n && isspace((unsigned char)*s)) {
		s++;
		(*n)--;
	}
	return s;
}

static bool has_path_characters(const char *s, size_t n)
{
	bool dot = false;
	bool slash = false;
	bool paren = false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (isspace(c) || c < 0x20 || strchr("<>|*?\"`{}", c))
			return false;
		dot = dot || c == '.';
		slash = slash || c == '/';
		paren = paren || c == '(' || c == ')';
	}
	if (n == 0 || s[n - 1] == '/' || s[n - 1] == '.' || s[n - 1] == ')')
		return false;
	return slash || (dot && !paren);
}

static bool strip_word(const char **s, size_t *n, const char *word)
{
	size_t len = strlen(word);
	if (*n <= len || strncasecmp(*s, word, len) != 0)
		return false;
	*s += len;
	*n -= len;
	*s = answer_trim(*s, n, true);
	return true;
}

/* "1. " or "- " of a list. */
static void strip_bullet(const char **s, size_t *n)
{
	size_t i = 0;
	while (i < *n && i < 3 && isdigit((unsigned char)(*s)[i]))
		i++;
	if (i && i < *n && ((*s)[i] == '.' || (*s)[i] == ')'))
		i++;
	else if (*n && strchr("-+", **s))
		i = 1;
	else
		return;
	if (i < *n && (*s)[i] == ' ') {
		*s += i + 1;
		*n -= i + 1;
	}
}

/* Takes headings, emphasis, list signs and words like "File:" off. */
static const char *strip_decoration(const char *s, size_t *n)
{
	s = answer_trim(s, n, true);
	strip_bullet(&s, n);
	for (int round = 0; round < 2; round++) {
		while (*n && strchr("#*` ", *s)) {
			s++;
			(*n)--;
		}
		while (*n && strchr("*`: ", s[*n - 1]))
			(*n)--;
		if (strip_word(&s, n, "file:") || strip_word(&s, n, "path:") || strip_word(&s, n, "filename:") ||
		    strip_word(&s, n, "file "))
			continue;
	}
	return s;
}

char *answer_path_of_line(const char *s, size_t n)
{
	s = strip_decoration(s, &n);
	return n < 4096 && has_path_characters(s, n) ? xstrndup(s, n) : NULL;
}

char *answer_loose_path(const char *s, size_t n)
{
	s = answer_trim(s, &n, true);
	if (n && s[n - 1] == ':' && n > 1 && s[n - 2] == '`')
		n--;
	bool quoted = n > 2 && s[0] == '`' && s[n - 1] == '`';
	if (quoted) {
		s++;
		n -= 2;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x20 || strchr("<>|*?\"`{}()", c) || (!quoted && !isalnum(c) && !strchr("_-", c)))
			return NULL;
	}
	return n && n < 256 ? xstrndup(s, n) : NULL;
}

char *answer_path_of_info(const char *s, size_t n)
{
	s = answer_trim(s, &n, true);
	size_t word = 0;
	while (word < n && !isspace((unsigned char)s[word]))
		word++;
	const char *rest = s + word;
	size_t rest_n = n - word;
	rest = answer_trim(rest, &rest_n, true);
	strip_word(&rest, &rest_n, "path=");
	strip_word(&rest, &rest_n, "file=");
	strip_word(&rest, &rest_n, "title=");
	while (rest_n && strchr("\"'", *rest)) {
		rest++;
		rest_n--;
	}
	while (rest_n && strchr("\"'", rest[rest_n - 1]))
		rest_n--;
	if (rest_n)
		return answer_path_of_line(rest, rest_n);
	const char *colon = memchr(s, ':', n);
	if (colon)
		return answer_path_of_line(colon + 1, n - (size_t)(colon - s) - 1);
	return memchr(s, '.', n) || memchr(s, '/', n) ? answer_path_of_line(s, n) : NULL;
}
