#include "base/yaml.h"

#include "base/map.h"
#include "base/text.h"
#include "base/vec.h"
#include "base/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define YAML_MAX_BYTES (1024 * 1024)
#define YAML_MAX_DEPTH 64
#define YAML_MAX_EVENTS 10000

struct yaml_doc {
	struct yaml_node **node; /* all nodes; owned */
	size_t n_nodes, cap_nodes;
	struct yaml_node *root;
};

/* One open collection on the way from the root. */
struct level {
	struct yaml_node *node;
	struct yaml_node *key; /* of a mapping, waiting for its value */
	struct map seen;       /* keys of a mapping -> their node */
	size_t cap;
};

struct reader {
	yaml_parser_t parser;
	const char *name;
	struct diags *diags;
	struct yaml_doc *doc;
	struct level level[YAML_MAX_DEPTH + 1];
	size_t depth;
	size_t n_events;
	bool failed; /* no usable tree */
};

static void complain(struct reader *r, const yaml_mark_t *mark, const char *what)
{
	diags_add(r->diags, DIAG_ERROR, r->name, (int)mark->line + 1, (int)mark->column + 1, "%s", what);
}

static struct yaml_node *new_node(struct reader *r, enum yaml_kind kind, const yaml_mark_t *mark)
{
	struct yaml_doc *doc = r->doc;
	struct yaml_node *node = xcalloc(1, sizeof *node);
	node->kind = kind;
	node->line = (int)mark->line + 1;
	node->column = (int)mark->column + 1;
	doc->node = vec_room(doc->node, doc->n_nodes, &doc->cap_nodes, sizeof *doc->node);
	doc->node[doc->n_nodes++] = node;
	return node;
}

static void add_key(struct reader *r, struct level *level, struct yaml_node *node, const yaml_mark_t *mark)
{
	if (node->kind != YAML_SCALAR) {
		complain(r, mark, "a key must be a plain word, not a list or a mapping");
		r->failed = true;
	} else {
		const struct yaml_node *first = map_get(&level->seen, node->text);
		if (first)
			diags_add(r->diags, DIAG_ERROR, r->name, node->line, node->column,
			          "duplicate key '%.80s': it stands at line %d already", node->text, first->line);
		else
			map_put(&level->seen, node->text, node);
	}
	level->key = node;
}

/* Puts a finished node, or one that has just opened, where it belongs. */
static void attach(struct reader *r, struct yaml_node *node, const yaml_mark_t *mark)
{
	if (!r->depth) {
		r->doc->root = node;
		return;
	}
	struct level *level = &r->level[r->depth - 1];
	struct yaml_node *parent = level->node;
	if (parent->kind == YAML_SEQ) {
		parent->item = vec_room(parent->item, parent->n_items, &level->cap, sizeof *parent->item);
		parent->item[parent->n_items++] = node;
	} else if (!level->key) {
		add_key(r, level, node, mark);
	} else {
		parent->pair = vec_room(parent->pair, parent->n_pairs, &level->cap, sizeof *parent->pair);
		parent->pair[parent->n_pairs++] = (struct yaml_pair){ level->key, node };
		level->key = NULL;
	}
}

static void open_level(struct reader *r, enum yaml_kind kind, const yaml_mark_t *mark)
{
	if (r->depth >= YAML_MAX_DEPTH) {
		complain(r, mark, "nested deeper than 64 levels");
		r->failed = true;
		return;
	}
	struct yaml_node *node = new_node(r, kind, mark);
	attach(r, node, mark);
	r->level[r->depth++] = (struct level){ .node = node };
}

static void close_level(struct reader *r)
{
	map_release(&r->level[--r->depth].seen);
}

static void add_scalar(struct reader *r, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t n = event->data.scalar.length;
	if (memchr(text, 0, n)) {
		complain(r, &event->start_mark, "a NUL character is not allowed");
		n = strlen(text);
	}
	struct yaml_node *node = new_node(r, YAML_SCALAR, &event->start_mark);
	node->text = xstrndup(text, n);
	node->len = n;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	attach(r, node, &event->start_mark);
}

static void refuse_decoration(struct reader *r, const yaml_event_t *event, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
	if (anchor)
		complain(r, &event->start_mark, "anchors and aliases are not allowed: write the value out");
	if (tag)
		complain(r, &event->start_mark, "tags are not allowed: write the plain value");
}

static void take_event(struct reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		refuse_decoration(r, event, event->data.scalar.anchor, event->data.scalar.tag);
		add_scalar(r, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_decoration(r, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
		open_level(r, YAML_SEQ, &event->start_mark);
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_decoration(r, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
		open_level(r, YAML_MAP, &event->start_mark);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_level(r);
		break;
	case YAML_ALIAS_EVENT:
		complain(r, &event->start_mark, "anchors and aliases are not allowed: write the value out");
		r->failed = true;
		break;
	case YAML_DOCUMENT_START_EVENT:
		if (r->doc->root) {
			complain(r, &event->start_mark, "a second document begins here: only one is allowed");
			r->failed = true;
		}
		break;
	default:
		break;
	}
}

static void complain_of_parser(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	size_t line = p->problem_mark.line;
	size_t column = p->problem_mark.column;
	if (p->error == YAML_READER_ERROR) { /* the mark is where parsing stands, the offset where the byte is */
		line = p->mark.line;
		column = p->mark.column;
	}
	diags_add(r->diags, DIAG_ERROR, r->name, (int)line + 1, (int)column + 1, "not YAML: %s%s%s",
	          p->problem ? p->problem : "cannot be parsed", p->context ? " " : "", p->context ? p->context : "");
	r->failed = true;
}

static void read_events(struct reader *r)
{
	bool done = false;
	while (!done && !r->failed) {
		yaml_event_t event;
		if (!yaml_parser_parse(&r->parser, &event)) {
			complain_of_parser(r);
			return;
		}
		if (++r->n_events > YAML_MAX_EVENTS) {
			complain(r, &event.start_mark, "too large: more than 10,000 YAML events");
			r->failed = true;
		} else {
			take_event(r, &event);
		}
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
}

/* Finds the place of a byte, for what is refused before the parser sees it. */
static void place_of(const char *data, size_t at, int *line, int *column)
{
	*line = 1;
	*column = 1;
	for (size_t i = 0; i < at; i++) {
		if (data[i] == '\n') {
			(*line)++;
			*column = 1;
		} else if (((unsigned char)data[i] & 0xc0) != 0x80) {
			(*column)++;
		}
	}
}

/* libyaml's scanner takes time quadratic in the depth of flow collections: nesting is bounded before. Brackets
 * inside quotes and comments count too, which only matters for texts that are far beyond any plan. */
static size_t first_hostile_bracket(const char *data, size_t n)
{
	size_t depth = 0;
	for (size_t i = 0; i < n; i++) {
		if (data[i] == '[' || data[i] == '{') {
			if (++depth > 2000)
				return i;
		} else if ((data[i] == ']' || data[i] == '}') && depth) {
			depth--;
		} else if (data[i] == '\n') {
			depth = depth > 1000 ? depth : 0;
		}
	}
	return n;
}

static bool refuse_bytes(const char *name, const char *data, size_t n, struct diags *diags)
{
	int line;
	int column;
	if (n > YAML_MAX_BYTES) {
		diags_add(diags, DIAG_ERROR, name, 1, 1, "the file has %zu bytes: at most 1 MiB is read", n);
		return true;
	}
	for (size_t i = 0; i < n;) {
		int32_t cp;
		size_t len = text_decode(data + i, n - i, &cp);
		if (cp <= 0) {
			place_of(data, i, &line, &column);
			diags_add(diags, DIAG_ERROR, name, line, column,
			          cp == 0 ? "a NUL character is not allowed" : "not UTF-8: byte 0x%02x",
			          (unsigned char)data[i]);
			return true;
		}
		i += len;
	}
	size_t at = first_hostile_bracket(data, n);
	if (at < n) {
		place_of(data, at, &line, &column);
		diags_add(diags, DIAG_ERROR, name, line, column, "nested deeper than 64 levels");
		return true;
	}
	return false;
}

int yaml_parse(struct yaml_doc **out, const char *name, const char *data, size_t n, struct diags *diags)
{
	*out = NULL;
	if (n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark is no part of the text (YAML 1.2, 5.2) */
		data += 3;
		n -= 3;
	}
	if (refuse_bytes(name, data, n, diags))
		return -1;
	struct reader *r = xcalloc(1, sizeof *r);
	r->name = name;
	r->diags = diags;
	r->doc = xcalloc(1, sizeof *r->doc);
	if (!yaml_parser_initialize(&r->parser))
		abort(); /* out of memory: the only way this fails */
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)data, n);
	read_events(r);
	while (r->depth)
		close_level(r);
	yaml_parser_delete(&r->parser);
	bool failed = r->failed;
	if (failed)
		yaml_doc_free(r->doc);
	else
		*out = r->doc;
	free(r);
	return failed ? -1 : 0;
}

const struct yaml_node *yaml_root(const struct yaml_doc *doc)
{
	return doc->root;
}

void yaml_doc_free(struct yaml_doc *doc)
{
	if (!doc)
		return;
	for (size_t i = 0; i < doc->n_nodes; i++) {
		free(doc->node[i]->text);
		free(doc->node[i]->item);
		free(doc->node[i]->pair);
		free(doc->node[i]);
	}
	free(doc->node);
	free(doc);
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n_pairs; i++)
		if (map->pair[i].key->kind == YAML_SCALAR && strcmp(map->pair[i].key->text, key) == 0)
			return map->pair[i].value;
	return NULL;
}

static bool is_one_of(const struct yaml_node *node, const char *const *words)
{
	if (!node || node->kind != YAML_SCALAR || !node->plain)
		return false;
	for (; *words; words++)
		if (strcmp(node->text, *words) == 0)
			return true;
	return false;
}

bool yaml_is_null(const struct yaml_node *node)
{
	static const char *const null[] = { "", "~", "null", "Null", "NULL", NULL };
	return is_one_of(node, null);
}

int yaml_bool(const struct yaml_node *node, bool *out)
{
	static const char *const yes[] = { "true", "True", "TRUE", NULL };
	static const char *const no[] = { "false", "False", "FALSE", NULL };
	*out = is_one_of(node, yes);
	return *out || is_one_of(node, no) ? 0 : -1;
}

int yaml_int(const struct yaml_node *node, int64_t *out)
{
	if (!node || node->kind != YAML_SCALAR || !node->plain)
		return -1;
	const char *s = node->text;
	int base = 10;
	if (s[0] == '0' && (s[1] == 'o' || s[1] == 'x')) {
		base = s[1] == 'o' ? 8 : 16;
		s += 2;
	}
	const char *digits = base == 10 && (*s == '-' || *s == '+') ? s + 1 : s;
	size_t span = strspn(digits, base == 8 ? "01234567" : base == 16 ? "0123456789abcdefABCDEF" : "0123456789");
	if (!span || digits[span])
		return -1;
	errno = 0;
	long long value = strtoll(s, NULL, base);
	if (errno)
		return -1;
	*out = value;
	return 0;
}

int yaml_real(const struct yaml_node *node, double *out)
{
	if (!node || node->kind != YAML_SCALAR || !node->plain || !node->text[0])
		return -1;
	if (node->text[strspn(node->text, "+-0123456789.eE")])
		return -1;
	char *end;
	*out = strtod(node->text, &end);
	return *end || !strpbrk(node->text, "0123456789") ? -1 : 0;
}
