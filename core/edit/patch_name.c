#include "edit/patch_name.h"

#include "base/buf.h"
#include "base/path.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* One escape of C's: its byte, or -1; *i moves to its last character. */
static int unescape(const char *s, size_t n, size_t *i)
{
	static const char letters[] = "abtnvfr\"\\";
	static const char bytes[] = "\a\b\t\n\v\f\r\"\\";
	char c = s[*i];
	const char *letter = c ? strchr(letters, c) : NULL;
	if (letter)
		return bytes[letter - letters];
	int value = 0;
	for (int digits = 0; digits < 3; digits++) {
		if (*i + (size_t)digits >= n || s[*i + (size_t)digits] < '0' || s[*i + (size_t)digits] > '7')
			return -1;
		value = value * 8 + (s[*i + (size_t)digits] - '0');
	}
	*i += 2;
	return value > 0 && value < 256 ? value : -1;
}

static char *read_quoted(const char *s, size_t n, size_t *used)
{
	struct buf out = { 0 };
	size_t i = 1;
	for (; i < n && s[i] != '"'; i++) {
		int c = (unsigned char)s[i];
		if (c == '\\' && ++i < n)
			c = unescape(s, n, &i);
		if (c <= 0 || i >= n) {
			buf_release(&out);
			return NULL;
		}
		buf_add_char(&out, (char)c);
	}
	if (i >= n || !out.len) {
		buf_release(&out);
		return NULL;
	}
	*used = i + 1;
	return buf_take(&out, NULL);
}

char *patch_name_read(const char *s, size_t n, size_t *used)
{
	if (n && s[0] == '"')
		return read_quoted(s, n, used);
	const char *tab = memchr(s, '\t', n);
	*used = tab ? (size_t)(tab - s) : n;
	if (!*used || memchr(s, '\0', *used))
		return NULL;
	return xstrndup(s, *used);
}

/* git writes both names alike but for a prefix of one letter, so they have the same length, quoted or not. */
bool patch_name_split(const char *s, size_t n, char **old_name, char **new_name)
{
	size_t used = 0;
	size_t rest = 0;
	*old_name = *new_name = NULL;
	if (n && s[0] == '"') {
		*old_name = read_quoted(s, n, &used);
	} else if (n && s[n - 1] == '"') {
		const char *quote = memchr(s, '"', n - 1);
		used = quote && quote > s ? (size_t)(quote - s) - 1 : 0;
		*old_name = used ? xstrndup(s, used) : NULL;
	} else if (n % 2 == 1 && s[n / 2] == ' ') {
		used = n / 2;
		*old_name = xstrndup(s, used);
	}
	if (*old_name && used + 1 < n && s[used] == ' ')
		*new_name = patch_name_read(s + used + 1, n - used - 1, &rest);
	if (*new_name && used + 1 + rest == n) {
		const char *a = *old_name;
		const char *b = *new_name;
		bool prefixed = patch_names_prefixed(a, b);
		if (strcmp(a + 2 * prefixed, b + 2 * prefixed) == 0)
			return true;
	}
	free(*old_name);
	free(*new_name);
	*old_name = *new_name = NULL;
	return false;
}

bool patch_names_prefixed(const char *old_name, const char *new_name)
{
	static const char pairs[][2] = { { 'a', 'b' }, { 'i', 'w' }, { 'c', 'i' }, { 'c', 'w' }, { 'o', 'w' }, { '1', '2' } };
	size_t n = old_name && new_name ? sizeof pairs / sizeof *pairs : 1;
	for (size_t i = 0; i < n; i++) {
		bool old_has = !old_name || (old_name[0] == pairs[i][0] && old_name[1] == '/' && old_name[2]);
		bool new_has = !new_name || (new_name[0] == pairs[i][1] && new_name[1] == '/' && new_name[2]);
		if (old_has && new_has)
			return old_name || new_name;
	}
	return false;
}

int patch_name_check(const char *name, struct err *err)
{
	const char *s = name;
	if (name[0] == '/')
		return err_set(err, ERR_ACCESS, "'%.200s' is an absolute path", name);
	for (;;) {
		size_t n = strcspn(s, "/");
		if (n == 0 || (n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
			return err_set(err, ERR_ACCESS, "'%.200s' has a part that is empty, '.' or '..'", name);
		if (n > 255)
			return err_set(err, ERR_ACCESS, "'%.200s' has a part that is too long", name);
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
				return err_set(err, ERR_ACCESS, "a path with a control character is refused");
		if (!s[n])
			break;
		s += n + 1;
	}
	if (strlen(name) > 4096)
		return err_set(err, ERR_ACCESS, "'%.200s' is too long a path", name);
	return path_check_writable(name, err);
}
