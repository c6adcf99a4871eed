#include "io/url.h"

#include "base/xalloc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* After "scheme://", or NULL when it is neither http nor https. */
static const char *authority(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return url + 7;
	return strncasecmp(url, "https://", 8) == 0 ? url + 8 : NULL;
}

bool url_is_https(const char *url)
{
	return strncasecmp(url, "https://", 8) == 0;
}

/* The message never repeats the URL: it may hold a password. */
int url_check_base(const char *url, struct err *err)
{
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
			return err_set(err, ERR_PLAN, "the URL has blanks, control characters or '\\' in it");
	const char *host = authority(url);
	if (!host)
		return err_set(err, ERR_PLAN, "the URL must begin with http:// or https://");
	size_t n = strcspn(host, "/?#");
	if (memchr(host, '@', n))
		return err_set(err, ERR_PLAN, "the URL has credentials in it; use key_env, key_file or key_command");
	if (n == 0 || *host == ':')
		return err_set(err, ERR_PLAN, "the URL has no host");
	if (strpbrk(host, "?#"))
		return err_set(err, ERR_PLAN, "the URL has a query or a fragment; a base URL takes neither");
	return 0;
}

/* "127." and then only digits and dots: "127.example.org" is somewhere else. */
static bool is_ipv4_loopback(const char *host, size_t n)
{
	return n >= 5 && strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") >= n;
}

bool url_is_loopback(const char *url)
{
	const char *host = authority(url);
	if (!host)
		return false;
	size_t whole = strcspn(host, "/?#");
	if (memchr(host, '@', whole))
		return false;
	if (strncmp(host, "[::1]", 5) == 0)
		return whole == 5 || host[5] == ':';
	size_t n = strcspn(host, ":/?#");
	return (n == 9 && strncasecmp(host, "localhost", 9) == 0) || is_ipv4_loopback(host, n);
}

static bool is_ipv4_private(const char *host)
{
	unsigned a, b, c, d;
	char rest;
	if (sscanf(host, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &rest) != 4 || a > 255 || b > 255 || c > 255 || d > 255)
		return false;
	return a == 10 || (a == 172 && b >= 16 && b <= 31) || (a == 192 && b == 168) || (a == 169 && b == 254);
}

static bool is_local_name(const char *host)
{
	static const char *const suffix[] = { ".local", ".lan", ".internal", ".home.arpa" };
	size_t n = strlen(host);
	for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
		size_t n_suffix = strlen(suffix[i]);
		if (n > n_suffix && strcasecmp(host + n - n_suffix, suffix[i]) == 0)
			return true;
	}
	return isalpha((unsigned char)*host) && !strchr(host, '.');
}

bool url_is_private(const char *url)
{
	const char *host = authority(url);
	if (!host || url_is_loopback(url))
		return host != NULL;
	if (memchr(host, '@', strcspn(host, "/?#")))
		return false;
	if (*host == '[')
		return strncasecmp(host, "[fc", 3) == 0 || strncasecmp(host, "[fd", 3) == 0 || strncasecmp(host, "[fe8", 4) == 0;
	char *name = xstrndup(host, strcspn(host, ":/?#"));
	bool is_private = is_ipv4_private(name) || is_local_name(name);
	free(name);
	return is_private;
}

/* "/v1", "/v1beta", "/v4": a path component that names a version. */
static bool ends_in_version(const char *base, size_t n)
{
	size_t at = n;
	while (at > 0 && base[at - 1] != '/')
		at--;
	return at > 0 && n - at >= 2 && base[at] == 'v' && isdigit((unsigned char)base[at + 1]);
}

char *url_join(const char *base, const char *version, const char *endpoint)
{
	size_t n = strlen(base);
	while (n > 0 && base[n - 1] == '/')
		n--;
	if (*version == '\0' || ends_in_version(base, n))
		return xasprintf("%.*s/%s", (int)n, base, endpoint);
	return xasprintf("%.*s/%s/%s", (int)n, base, version, endpoint);
}

char *url_origin(const char *url)
{
	const char *host = authority(url);
	if (!host)
		return xstrdup("an address that is not http");
	size_t n = strcspn(host, "/?#");
	const char *at = memchr(host, '@', n);
	size_t skip = at ? (size_t)(at - host) + 1 : 0;
	return xasprintf("%.*s%.*s", (int)(host - url), url, (int)(n - skip), host + skip);
}
