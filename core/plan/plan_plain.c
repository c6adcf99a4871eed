/* Values of one scalar: numbers, words, times, modes, ranges. */
#include "plan/plan_loader.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static int parse_duration(const char *text, int64_t *ms)
{
	static const struct { const char *unit; int64_t ms; } units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 } };
	int64_t sum = 0;
	for (const char *s = text; *s || s == text;) {
		size_t digits = strspn(s, "0123456789");
		if (!digits || digits > 9)
			return -1;
		const char *unit = s + digits;
		size_t n = strspn(unit, "hms");
		size_t i = 0;
		while (i < 4 && (strlen(units[i].unit) != n || memcmp(units[i].unit, unit, n) != 0))
			i++;
		if (i == 4)
			return -1;
		sum += strtoll(s, NULL, 10) * units[i].ms;
		s = unit + n;
	}
	if (sum <= 0 || sum > (int64_t)365 * 24 * 3600000)
		return -1;
	*ms = sum;
	return 0;
}

static int parse_mode(const char *text, int *mode)
{
	const char *digits = strncmp(text, "0o", 2) == 0 ? text + 2 : text;
	size_t n = strspn(digits, "01234567");
	if (n < 3 || n > 4 || digits[n])
		return -1;
	long value = strtol(digits, NULL, 8);
	*mode = (int)value;
	return value > 0777 ? -1 : 0;
}

static int parse_line(const char *text, const char **end, int64_t *out)
{
	size_t n = strspn(text, "0123456789");
	*end = text + n;
	if (!n || n > 9)
		return -1;
	*out = strtoll(text, NULL, 10);
	return *out > 0 ? 0 : -1;
}

/* "10-40", "10-", "10" or [10, 40]. */
static int parse_lines(const struct yaml_node *value, int64_t *first, int64_t *last)
{
	const char *s;
	if (value->kind == YAML_SEQ)
		return value->n_items == 2 && yaml_int(value->item[0], first) == 0 &&
		       yaml_int(value->item[1], last) == 0 && *first > 0 && *last >= *first ? 0 : -1;
	if (value->kind != YAML_SCALAR || parse_line(value->text, &s, first) != 0)
		return -1;
	*last = *first;
	if (!*s)
		return 0;
	*last = 0;
	if (*s++ != '-')
		return -1;
	if (!*s)
		return 0;
	return parse_line(s, &s, last) == 0 && !*s && *last >= *first ? 0 : -1;
}

static int parse_word(const struct plan_key *key, const struct yaml_node *value)
{
	for (int i = 0; value->kind == YAML_SCALAR && key->words[i]; i++)
		if (strcmp(value->text, key->words[i]) == 0)
			return i;
	return -1;
}

int plan_read_plain(const struct plan_key *key, const struct yaml_node *value, void *field, struct plan_step *step)
{
	bool is_text = value->kind == YAML_SCALAR;
	int word;
	switch (key->value) {
	case PLAN_VALUE_INT:
		return yaml_int(value,
		                field) == 0 && *(int64_t *)field >= key->min && *(int64_t *)field <= key->max ? 0 : -1;
	case PLAN_VALUE_REAL:
		return yaml_real(value, field) == 0 && *(double *)field >= (double)key->min &&
		       *(double *)field <= (double)key->max ? 0 : -1;
	case PLAN_VALUE_BOOL:
		return yaml_bool(value, field);
	case PLAN_VALUE_DURATION:
		return is_text ? parse_duration(value->text, field) : -1;
	case PLAN_VALUE_MODE:
		return is_text ? parse_mode(value->text, field) : -1;
	case PLAN_VALUE_LINES:
		return parse_lines(value, &step->first_line, &step->last_line);
	case PLAN_VALUE_FORMAT:
		return is_text && strcmp(value->text, "1") == 0 ? 0 : -1;
	default:
		break;
	}
	word = parse_word(key, value);
	if (word < 0)
		return -1;
	if (key->value == PLAN_VALUE_SWITCH) {
		*(bool *)field = word == 1;
	} else if (key->value == PLAN_VALUE_NAME) {
		free(*(char **)field);
		*(char **)field = xstrdup(key->words[word]);
	} else {
		unsigned number = (unsigned)(word + key->first_word);
		_Static_assert(sizeof(enum risk) == sizeof number, "enums are stored as unsigned");
		memcpy(field, &number, sizeof number);
	}
	return 0;
}
