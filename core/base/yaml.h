/*
 * A YAML document as a checked tree with places, for plans and configuration; over libyaml. YAML 1.2
 * core schema (chapter 10.3): `yes`, `no`, `on`, `off` are strings.
 *
 * Refused, each with a place: aliases and anchors, tags, several documents, duplicate keys, keys that are
 * not scalars, nesting deeper than 64, more than 10,000 parser events, input over 1 MiB, bytes
 * that are not UTF-8, NUL. The parser stops early on hostile nesting, before libyaml's quadratic cost.
 */
#ifndef BELAY_BASE_YAML_H
#define BELAY_BASE_YAML_H

#include "base/attr.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum yaml_kind { YAML_SCALAR, YAML_SEQ, YAML_MAP };

struct yaml_pair {
	struct yaml_node *key; /* always a scalar */
	struct yaml_node *value;
};

struct yaml_node {
	enum yaml_kind kind;
	int line;   /* from 1 */
	int column; /* from 1 */
	char *text; /* scalar; owned by the document; NUL-terminated, holds no NUL */
	size_t len;
	bool plain; /* a plain (unquoted) scalar: may be null, bool or a number */
	struct yaml_node **item; /* sequence */
	size_t n_items;
	struct yaml_pair *pair; /* mapping, in file order */
	size_t n_pairs;
};

struct yaml_doc; /* owns all nodes */

/*
 * Parses data; `name` goes into the diagnostics. Returns -1 when there is no usable tree (findings are in
 * diags). An empty document gives a root of NULL and no error. A tree with duplicate keys is returned
 * together with the findings, so that the caller can go on looking.
 */
int yaml_parse(struct yaml_doc **out, const char *name, const char *data, size_t n, struct diags *diags)
	MUST_CHECK;
const struct yaml_node *yaml_root(const struct yaml_doc *doc);
void yaml_doc_free(struct yaml_doc *doc);

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key); /* NULL when absent */
bool yaml_is_null(const struct yaml_node *node); /* plain "", "~", "null" ... */
int yaml_bool(const struct yaml_node *node, bool *out);   /* plain true or false in the core spellings */
int yaml_int(const struct yaml_node *node, int64_t *out); /* plain decimal, 0o and 0x */
int yaml_real(const struct yaml_node *node, double *out);

#endif
