#include "edit/template_tag.h"

#include "base/text.h"
#include "base/xalloc.h"

#include <string.h>

/* The text of a tag that is still to be read. */
struct cursor {
	const char *s, *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->s < c->end && (*c->s == ' ' || *c->s == '\t'))
		c->s++;
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

static bool take_name(struct cursor *c, char out[TAG_NAME_MAX + 1])
{
	size_t n = 0;
	skip_blanks(c);
	if (c->s == c->end || !is_name_start(*c->s))
		return false;
	while (c->s + n < c->end && is_name_char(c->s[n]))
		n++;
	if (n > TAG_NAME_MAX)
		return false;
	memcpy(out, c->s, n);
	out[n] = '\0';
	c->s += n;
	return true;
}

/* The rest of the tag, without quotes around it. */
static bool take_word(struct cursor *c, char out[TAG_WORD_MAX + 1])
{
	skip_blanks(c);
	const char *end = c->end;
	while (end > c->s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (end - c->s >= 2 && (*c->s == '"' || *c->s == '\'') && end[-1] == *c->s) {
		c->s++;
		end--;
	}
	size_t n = (size_t)(end - c->s);
	if (n > TAG_WORD_MAX)
		return false;
	memcpy(out, c->s, n);
	out[n] = '\0';
	c->s = c->end;
	return true;
}

static bool take_literal(struct cursor *c, const char *text)
{
	size_t n = strlen(text);
	skip_blanks(c);
	if ((size_t)(c->end - c->s) < n || memcmp(c->s, text, n) != 0)
		return false;
	c->s += n;
	return true;
}

static bool at_end(struct cursor *c)
{
	skip_blanks(c);
	return c->s == c->end;
}

/* name, or name.case; anything else is no tag, but a slip in the case is told. */
static bool read_value(struct template_tag *tag, struct cursor *c, const char **why)
{
	char name[TAG_NAME_MAX + 1];
	if (!take_name(c, tag->name))
		return false;
	tag->kind = TAG_VALUE;
	if (at_end(c))
		return true;
	if (*c->s != '.' || c->s + 1 == c->end || !is_name_start(*++c->s) || !take_name(c, name) || !at_end(c))
		return false;
	for (int i = CASE_AS_IS + 1; i < CASE_N; i++) {
		if (strcmp(word_case_names[i], name) != 0)
			continue;
		tag->word_case = (enum word_case)i;
		return true;
	}
	if (text_nearest(name, word_case_names + 1, CASE_N - 1))
		*why = "there is no such case; expected lower, upper, snake, kebab, camel, pascal or macro";
	return false;
}

static bool read_if(struct template_tag *tag, struct cursor *c)
{
	tag->kind = TAG_IF;
	if (!take_name(c, tag->name))
		return false;
	if (strcmp(tag->name, "not") == 0 && !at_end(c) && *c->s != '=' && *c->s != '!') {
		tag->negated = true;
		return take_name(c, tag->name) && at_end(c);
	}
	if (at_end(c))
		return true;
	tag->compares = true;
	if (take_literal(c, "!="))
		tag->negated = true;
	else if (!take_literal(c, "=="))
		return false;
	return take_word(c, tag->word);
}

static bool read_each(struct template_tag *tag, struct cursor *c)
{
	char name[TAG_NAME_MAX + 1];
	tag->kind = TAG_EACH;
	if (!take_name(c, tag->name) || !take_name(c, name) || strcmp(name, "in") != 0 || !take_name(c, name) || !at_end(c))
		return false;
	memcpy(tag->word, name, sizeof name);
	return true;
}

static bool read_command(struct template_tag *tag, struct cursor *c, const char **why)
{
	char name[TAG_NAME_MAX + 1];
	bool known = take_name(c, name);
	if (known && strcmp(name, "if") == 0 && read_if(tag, c))
		return true;
	if (known && strcmp(name, "each") == 0 && read_each(tag, c))
		return true;
	if (known && strcmp(name, "else") == 0 && at_end(c)) {
		tag->kind = TAG_ELSE;
		return true;
	}
	if (known && strcmp(name, "end") == 0 && at_end(c)) {
		tag->kind = TAG_END;
		return true;
	}
	*why = "the tag cannot be read; expected '#if NAME', '#if not NAME', '#if NAME == WORD', '#else', "
	       "'#each NAME in LIST' or '#end'";
	return false;
}

size_t template_tag_read(struct template_tag *tag, const char *text, size_t n, const char **why)
{
	const char *end = n >= 4 ? memmem(text + 2, n - 2, "}}", 2) : NULL;
	if (!end || memchr(text, '\n', (size_t)(end - text)))
		return 0;
	struct cursor c = { text + 2, end };
	bool good = take_literal(&c, "#") ? read_command(tag, &c, why) : read_value(tag, &c, why);
	return good ? (size_t)(end + 2 - text) : 0;
}

void template_split(const char *list, struct strings *out)
{
	const char *separator = strchr(list, '\n') ? "\n" : ",";
	while (*list) {
		size_t n = strcspn(list, separator);
		const char *next = list + n + (list[n] != '\0');
		while (n && strchr(" \t\r", *list)) {
			list++;
			n--;
		}
		while (n && strchr(" \t\r", list[n - 1]))
			n--;
		if (n)
			strings_take(out, xstrndup(list, n));
		list = next;
	}
}
