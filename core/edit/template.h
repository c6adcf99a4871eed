/*
 * Templates of files and of their names.
 *
 *   {{name}}                          the value of a variable
 *   {{name.snake}}                    in another case: lower, upper, snake, kebab, camel, pascal, macro
 *   {{#if name}} ... {{#else}} ... {{#end}}
 *                                     also `not name`, `name == word` and `name != word`; a variable is false when it is
 *                                     not there, empty, or one of false, no and 0
 *   {{#each item in list}} ... {{#end}}
 *                                     once for each line of the list, or for each part between commas where it has one
 *                                     line; inside, `first` and `last` are true or false, `index` counts from 1
 *   \{{                               two braces
 *
 * A line that holds one `#` tag and blanks vanishes with its end. Braces around anything else are text, so that most code
 * needs no escapes. Pure; a compiled template may be shared by threads.
 */
#ifndef BELAY_EDIT_TEMPLATE_H
#define BELAY_EDIT_TEMPLATE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

#define TEMPLATE_OUTPUT_MAX (16 * 1024 * 1024)

struct template;

struct template_var {
	const char *name;
	const char *value;
};

/* `name` stands in messages, which say name:line:column. */
int template_compile(struct template **out, const char *name, const char *text, size_t n, struct err *err) MUST_CHECK;
void template_free(struct template *t); /* accepts NULL */

/* Appends to out. A variable that is not there is an error, except where a tag asks for it. */
int template_render(const struct template *t, const struct template_var *var, size_t n_vars, struct buf *out,
                    struct err *err) MUST_CHECK;

#endif
