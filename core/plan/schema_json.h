/*
 * The plan format as JSON Schema, draft-07 (what editors read), from the tables of schema.h. What the loader accepts,
 * the schema accepts; what only the loader can see (names that refer to others, globs, `{{name}}`), it leaves to it.
 */
#ifndef BELAY_PLAN_SCHEMA_JSON_H
#define BELAY_PLAN_SCHEMA_JSON_H

#include "base/buf.h"

void plan_schema_write(struct buf *out); /* one JSON object, with a line end */

#endif
