#include "io/recorded.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "io/file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES ((size_t)64 << 20)

struct search {
	const char *path;
	const char *step;
	int64_t attempt;
	size_t line;      /* the one that is being read, from 1 */
	size_t found;     /* the line that matched; 0: none yet */
	size_t n_of_step; /* answers for the step, whatever the attempt */
	struct recorded *out;
};

void recorded_release(struct recorded *recorded)
{
	free(recorded->text);
	free(recorded->origin);
	*recorded = (struct recorded){ 0 };
}

static int bad_line(const struct search *search, struct err *err, const char *why)
{
	return err_set(err, ERR_PROVIDER, "recorded answers '%s', line %zu: %s", search->path, search->line, why);
}

static int read_numbers(const struct search *search, const struct json *line, int64_t *attempt, double *speed,
                        struct err *err)
{
	const struct json *value = json_get(line, "attempt");
	*attempt = 1;
	*speed = 0;
	if (value && (json_as_int(value, attempt) != 0 || *attempt < 1))
		return bad_line(search, err, "'attempt' takes a number from 1");
	value = json_get(line, "tokens_per_second");
	if (value && json_kind(value) != JSON_IS_NULL && (json_as_real(value, speed) != 0 || !(*speed >= 0)))
		return bad_line(search, err, "'tokens_per_second' takes a number");
	return 0;
}

static int take_line(struct search *search, const struct json *line, struct err *err)
{
	const char *step = json_get_str(line, "step");
	size_t n;
	const char *text = json_str(json_get(line, "text"), &n);
	const struct json *origin = json_get(line, "origin");
	int64_t attempt;
	double speed;
	if (json_kind(line) != JSON_IS_OBJECT)
		return bad_line(search, err, "not a JSON object");
	if (!step || !text)
		return bad_line(search, err, step ? "'text' is missing" : "'step' is missing");
	if (origin && !json_str(origin, NULL))
		return bad_line(search, err, "'origin' takes a text");
	if (read_numbers(search, line, &attempt, &speed, err) != 0)
		return -1;
	if (strcmp(step, search->step) != 0)
		return 0;
	search->n_of_step++;
	if (attempt != search->attempt)
		return 0;
	if (search->found)
		return bad_line(search, err, "the same step and attempt stand in an earlier line");
	search->found = search->line;
	*search->out = (struct recorded){
		.text = xstrndup(text, n),
		.n = n,
		.tokens_per_second = speed,
		.origin = xstrdup(origin ? json_str(origin, NULL) : "recorded"),
	};
	return 0;
}

static bool is_blank(const char *s, size_t n)
{
	while (n && strchr(" \t\r", s[n - 1]) && s[n - 1])
		n--;
	return n == 0;
}

static int search_lines(struct search *search, const char *data, size_t n, struct err *err)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(data + at, '\n', n - at);
		size_t len = end ? (size_t)(end - data) - at : n - at;
		struct json *line = NULL;
		struct err why = { 0 };
		search->line++;
		if (!is_blank(data + at, len)) {
			if (json_parse(&line, data + at, len, &why) != 0)
				return bad_line(search, err, why.msg);
			int rc = take_line(search, line, err);
			json_free(line);
			if (rc != 0)
				return -1;
		}
		at += len + 1;
	}
	return 0;
}

static int no_answer(const struct search *search, struct err *err)
{
	err_set(err, ERR_PROVIDER, "recorded answers '%s' hold no line for step '%s', attempt %lld", search->path,
	        search->step, (long long)search->attempt);
	if (search->n_of_step)
		return err_hint(err, "there are %zu for other attempts of this step; add one for attempt %lld",
		                search->n_of_step, (long long)search->attempt);
	return err_hint(err, "add a line with \"step\": \"%s\", or choose a provider that can answer", search->step);
}

int recorded_find(const char *path, const char *step, int attempt, struct recorded *out, struct err *err)
{
	struct search search = { .path = path, .step = step, .attempt = attempt, .out = out };
	struct buf file = { 0 };
	*out = (struct recorded){ 0 };
	int rc = file_slurp(path, FILE_MAX_BYTES, &file, err);
	if (rc != 0)
		err_prefix(err, "recorded answers");
	else
		rc = search_lines(&search, buf_str(&file), file.len, err);
	if (rc == 0 && !search.found)
		rc = no_answer(&search, err);
	if (rc != 0)
		recorded_release(out);
	buf_release(&file);
	return rc;
}
