#include "run/prompt_map.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "edit/code_graph.h"
#include "io/code_index.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAP_TOKENS 4096       /* at the most, of all parts */
#define MAP_TOKENS_LEAST 512  /* what of it has no room is dropped part by part */
#define FILES_MAX 24          /* whose signatures are shown */
#define SYMBOLS_ALL 40        /* a file with more shows what is used of it */
#define NAMES_OF_FILE 16
#define SIGNATURE_MAX 240     /* bytes */
#define BODY_MAX 1600
#define WORD_WEIGHT 0.5

enum nearness { NEAR_NOT, NEAR_INDIRECT, NEAR_USED, NEAR_IMPORTED, NEAR_SHOWN };

struct mapping {
	const struct workspace *ws;
	const struct code_tree *tree;
	struct code_graph graph;
	double *seed, *rank;    /* by file */
	uint8_t *near;          /* by file: enum nearness */
	bool *is_target;        /* by file */
	struct map used;        /* names that the targets use */
	struct map told;        /* names whose signature stands in the prompt */
	uint32_t *order;        /* files by rank */
	struct buf text[MAP_PARTS];
	int64_t room[MAP_PARTS]; /* tokens */
};

const char *map_part_name(enum map_part part)
{
	static const char *const name[MAP_PARTS] = {
		[MAP_NAMES] = "the map", [MAP_INDIRECT] = "the signatures of indirect dependencies",
		[MAP_BODIES] = "the types of dependencies", [MAP_DIRECT] = "the signatures of dependencies",
	};
	return name[part];
}

/* ---- what matters ---- */

static void mark_shown(struct mapping *m, const struct strings *paths, bool are_targets)
{
	for (size_t i = 0; paths && i < paths->n_items; i++) {
		int64_t at = code_tree_find(m->tree, paths->item[i]);
		if (at < 0)
			continue;
		m->near[at] = NEAR_SHOWN;
		m->is_target[at] = m->is_target[at] || are_targets;
		m->seed[at] += are_targets ? 1 : 0.25;
	}
}

static void seed_definers(struct mapping *m, const struct map *words)
{
	for (size_t name = 0; name < m->tree->n_names; name++) {
		uint32_t first = m->graph.first_definer[name];
		uint32_t n = m->graph.first_definer[name + 1] - first;
		if (!n || !map_has(words, code_tree_name(m->tree, (uint32_t)name)))
			continue;
		for (uint32_t i = 0; i < n; i++)
			m->seed[m->graph.definer[first + i]] += WORD_WEIGHT / n;
	}
}

/* Names and paths in the instruction: the files that have or define them. */
static void seed_words(struct mapping *m, const char *text)
{
	struct map words = { 0 };
	for (const char *s = text; *s;) {
		size_t n = 0;
		while (isalnum((unsigned char)s[n]) || s[n] == '_' || (unsigned char)s[n] >= 0x80)
			n++;
		if (n >= 3) {
			char *word = xstrndup(s, n);
			map_put(&words, word, (void *)1);
			free(word);
		}
		s += n ? n : 1;
	}
	seed_definers(m, &words);
	for (size_t i = 0; i < m->tree->n_files; i++) {
		const char *path = code_tree_path(m->tree, i);
		const char *base = strrchr(path, '/');
		if (strstr(text, base ? base + 1 : path))
			m->seed[i] += WORD_WEIGHT;
	}
	map_release(&words);
}

static void draw_near(struct mapping *m, uint32_t file, enum nearness near)
{
	if (m->near[file] < near)
		m->near[file] = (uint8_t)near;
}

/* The files that the targets lean on, and those that these lean on. */
static void find_near(struct mapping *m)
{
	for (size_t i = 0; i < m->tree->n_files; i++) {
		const struct code_file *file = &m->tree->file[i];
		for (size_t e = m->graph.first[i]; m->is_target[i] && e < m->graph.first[i + 1]; e++)
			draw_near(m, m->graph.edge[e].to, m->graph.edge[e].name == CODE_NO_NAME ? NEAR_IMPORTED : NEAR_USED);
		for (uint32_t w = 0; m->is_target[i] && w < file->n_words; w++)
			map_put(&m->used, code_tree_name(m->tree, m->tree->word[file->first_word + w].name), (void *)1);
	}
	for (size_t i = 0; i < m->tree->n_files; i++)
		for (size_t e = m->graph.first[i]; m->near[i] == NEAR_IMPORTED && e < m->graph.first[i + 1]; e++)
			if (m->graph.edge[e].name == CODE_NO_NAME)
				draw_near(m, m->graph.edge[e].to, NEAR_INDIRECT);
}

static int by_rank(const void *a, const void *b, void *arg)
{
	const struct mapping *m = arg;
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	if (m->rank[x] != m->rank[y])
		return m->rank[x] > m->rank[y] ? -1 : 1;
	return x < y ? -1 : 1; /* paths are sorted */
}

static void rank_files(struct mapping *m)
{
	code_graph_rank(&m->graph, m->seed, m->rank);
	for (size_t i = 0; i < m->tree->n_files; i++)
		m->order[i] = (uint32_t)i;
	qsort_r(m->order, m->tree->n_files, sizeof *m->order, by_rank, m);
}

/* ---- what is said of them ---- */

/* Adds what there is room for; false when there is none. */
static bool say(struct mapping *m, enum map_part part, const struct buf *text)
{
	int64_t tokens = llm_estimate_tokens(buf_str(text), text->len);
	if (tokens > m->room[part])
		return false;
	m->room[part] -= tokens;
	buf_add(&m->text[part], buf_str(text), text->len);
	return true;
}

/* White space in one, without comments' own lines being told apart: it is a sketch. */
static void add_squeezed(struct buf *out, const char *s, size_t n, size_t max)
{
	size_t from = out->len;
	for (size_t i = 0; i < n && out->len - from < max; i++) {
		bool space = isspace((unsigned char)s[i]) || s[i] == '\\';
		if (!space)
			buf_add_char(out, s[i]);
		else if (out->len > from && out->data[out->len - 1] != ' ')
			buf_add_char(out, ' ');
	}
	while (out->len > from && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
	buf_truncate(out, from + text_whole_prefix(buf_str(out) + from, out->len - from));
}

static void add_signature(struct buf *out, const struct outline_symbol *s, const char *text)
{
	bool is_short = s->end - s->begin <= SIGNATURE_MAX && !memchr(text + s->begin, '{', s->end - s->begin);
	uint32_t end = is_short ? s->end : s->head;
	const char *line = s->kind == SYMBOL_MACRO ? memchr(text + s->begin, '\n', end - s->begin) : NULL;
	buf_printf(out, "%*s", 2 * s->depth, "");
	add_squeezed(out, text + s->begin, line ? (size_t)(line - text) - s->begin : end - s->begin, SIGNATURE_MAX);
	buf_add_char(out, '\n');
}

static bool is_worth_it(const struct mapping *m, const struct outline_symbol *s, const char *name, bool only_used)
{
	return !s->is_local && s->depth <= 1 && !map_has(&m->told, name) && (!only_used || map_has(&m->used, name));
}

static void sketch_file(struct mapping *m, uint32_t file, enum map_part part)
{
	const char *path = code_tree_path(m->tree, file);
	struct outline outline;
	struct buf text = { 0 };
	struct buf lines = { 0 };
	struct buf bodies = { 0 };
	if (file_read(&m->ws->root, path, CODE_INDEX_BYTES_MAX, &text, NULL) != 0) {
		buf_release(&text);
		return;
	}
	outline_scan(&outline, path, buf_str(&text), text.len);
	bool only_used = m->near[file] == NEAR_USED || outline.n_symbols > SYMBOLS_ALL;
	for (size_t i = 0; i < outline.n_symbols; i++) {
		const struct outline_symbol *s = &outline.symbol[i];
		char *name = xstrndup(buf_str(&text) + s->name, s->n_name);
		if (is_worth_it(m, s, name, only_used)) {
			add_signature(&lines, s, buf_str(&text));
			bool has_body = s->kind == SYMBOL_TYPE && s->end - s->head > 4 && s->end - s->begin <= BODY_MAX;
			if (has_body && part == MAP_DIRECT)
				buf_printf(&bodies, "%.*s\n", (int)(s->end - s->begin), buf_str(&text) + s->begin);
			map_put(&m->told, name, (void *)1);
		}
		free(name);
	}
	struct buf out = { 0 };
	buf_printf(&out, "%s:\n%s\n", path, buf_str(&lines));
	if (!lines.len || !say(m, part, &out))
		buf_clear(&bodies);
	buf_clear(&out);
	buf_printf(&out, "%s:\n%s\n", path, buf_str(&bodies));
	if (bodies.len)
		(void)say(m, MAP_BODIES, &out);
	buf_release(&out);
	buf_release(&lines);
	buf_release(&bodies);
	buf_release(&text);
	outline_release(&outline);
}

static void sketch_all(struct mapping *m, enum nearness near, enum map_part part)
{
	size_t n = 0;
	for (size_t i = 0; i < m->tree->n_files && n < FILES_MAX; i++) {
		if (m->near[m->order[i]] != near)
			continue;
		sketch_file(m, m->order[i], part);
		n++;
	}
}

/* The file's names of one sort behind those in the list, each once. */
static size_t list_names(const struct mapping *m, uint32_t file, bool macros, const struct code_symbol **list, size_t n)
{
	const struct code_file *from = &m->tree->file[file];
	for (uint32_t i = 0; i < from->n_symbols && n < NAMES_OF_FILE; i++) {
		const struct code_symbol *s = &m->tree->symbol[from->first_symbol + i];
		bool is_there = (s->kind == SYMBOL_MACRO) != macros || s->is_local || s->depth > 1;
		is_there = is_there || map_has(&m->told, code_tree_name(m->tree, s->name));
		for (size_t j = 0; j < n && !is_there; j++)
			is_there = list[j]->name == s->name;
		if (!is_there)
			list[n++] = s;
	}
	return n;
}

/* One line a file: what it defines, as far as others see it and no signature has told it. */
static bool name_file(struct mapping *m, uint32_t file)
{
	const struct code_symbol *list[NAMES_OF_FILE];
	struct buf line = { 0 };
	size_t n = list_names(m, file, false, list, 0);
	n = list_names(m, file, true, list, n);
	if (!n && m->near[file] != NEAR_NOT)
		return true; /* all of it was told */
	buf_printf(&line, "%s:", code_tree_path(m->tree, file));
	for (size_t i = 0; i < n; i++)
		buf_printf(&line, "%s %s%s", i ? "," : "", code_tree_name(m->tree, list[i]->name),
		           list[i]->kind == SYMBOL_FUNCTION ? "()" : "");
	buf_add_str(&line, n == NAMES_OF_FILE ? " ...\n" : "\n");
	bool said = say(m, MAP_NAMES, &line);
	buf_release(&line);
	return said;
}

static void name_rest(struct mapping *m, bool all)
{
	for (size_t i = 0; i < m->tree->n_files; i++) {
		uint32_t file = m->order[i];
		if (m->near[file] != NEAR_SHOWN && (all || m->rank[file] > 0) && !name_file(m, file))
			return;
	}
}

/* A fence that the text cannot close: its marker comes from the text's own hash. */
static void fence(struct buf *out, const char *title, const struct buf *text)
{
	char hex[HASH_HEX_SIZE];
	struct hash hash;
	if (!text->len)
		return;
	hash_data(&hash, text->data, text->len);
	hash_format(&hash, hex);
	hex[12] = '\0';
	buf_printf(out, "MAP %s %s\n%sEND %s\n\n", hex, title, buf_str(text), hex);
}

static void mapping_begin(struct mapping *m, const struct workspace *ws, const struct code_tree *tree)
{
	*m = (struct mapping){ .ws = ws, .tree = tree };
	code_graph_make(&m->graph, tree);
	m->seed = xcalloc(tree->n_files + 1, sizeof *m->seed);
	m->rank = xcalloc(tree->n_files + 1, sizeof *m->rank);
	m->near = xcalloc(tree->n_files + 1, sizeof *m->near);
	m->is_target = xcalloc(tree->n_files + 1, sizeof *m->is_target);
	m->order = xcalloc(tree->n_files + 1, sizeof *m->order);
}

static void mapping_end(struct mapping *m)
{
	code_graph_release(&m->graph);
	free(m->seed);
	free(m->rank);
	free(m->near);
	free(m->is_target);
	free(m->order);
	map_release(&m->used);
	map_release(&m->told);
	for (size_t i = 0; i < MAP_PARTS; i++)
		buf_release(&m->text[i]);
}

static void share_room(struct mapping *m, int64_t max_tokens)
{
	int64_t all = max_tokens > 0 && max_tokens / 8 < MAP_TOKENS ? max_tokens / 8 : MAP_TOKENS;
	all = all > MAP_TOKENS_LEAST ? all : MAP_TOKENS_LEAST;
	m->room[MAP_DIRECT] = all / 2;
	m->room[MAP_BODIES] = all / 8;
	m->room[MAP_INDIRECT] = all / 8;
	m->room[MAP_NAMES] = all / 4;
}

static void list_targets(const struct step_job *job, struct strings *out)
{
	for (size_t i = 0; i < job->set.n_changes; i++)
		strings_add(out, job->set.change[i].path);
}

static void fill(struct mapping *m, struct prompt_map *out)
{
	static const char *const title[MAP_PARTS] = {
		[MAP_NAMES] = "names of other files, the nearest first",
		[MAP_INDIRECT] = "signatures of what those lean on",
		[MAP_BODIES] = "types of what the files to change lean on",
		[MAP_DIRECT] = "signatures of what the files to change lean on",
	};
	sketch_all(m, NEAR_IMPORTED, MAP_DIRECT);
	sketch_all(m, NEAR_USED, MAP_DIRECT);
	sketch_all(m, NEAR_INDIRECT, MAP_INDIRECT);
	name_rest(m, false);
	for (size_t i = 0; i < MAP_PARTS; i++)
		fence(&out->part[i], title[i], &m->text[i]);
}

/*
 * Files that steps beside this one may write are left out, so that a prompt does not hang on which of them was faster:
 * an answer is found in the cache the next time, too. The step's own files stay.
 */
static void leave_out_beside(const struct step_job *job, const struct strings *targets, struct code_tree *tree)
{
	struct code_tree kept;
	if (!job->beside.n_items)
		return;
	struct code_builder *builder = code_builder_new();
	for (size_t i = 0; i < tree->n_files; i++) {
		const char *path = code_tree_path(tree, i);
		if (strings_find(targets, path) >= 0 || !step_names(&job->beside, path))
			code_builder_copy(builder, tree, i, path);
	}
	code_builder_finish(builder, &kept);
	code_tree_release(tree);
	*tree = kept;
}

int prompt_map_make(struct prompt_map *out, struct step_job *job, const struct strings *shown, int64_t max_tokens,
                    struct err *err)
{
	struct code_index index;
	struct mapping m;
	struct strings targets = { 0 };
	*out = (struct prompt_map){ 0 };
	if (code_index_open(&index, job->ws, &job->cancel, err) != 0) {
		if (err->code == ERR_CANCELLED)
			return -1;
		step_notice(job, err_category(err->code), err->msg, "the prompt has no map of the repository");
		err_clear(err);
		return 0;
	}
	list_targets(job, &targets);
	leave_out_beside(job, &targets, &index.tree);
	if (index.tree.n_files) {
		mapping_begin(&m, job->ws, &index.tree);
		mark_shown(&m, shown, false);
		mark_shown(&m, &targets, true);
		seed_words(&m, job->instruction ? job->instruction : job->step->prompt ? job->step->prompt : "");
		rank_files(&m);
		find_near(&m);
		share_room(&m, max_tokens);
		fill(&m, out);
		mapping_end(&m);
	}
	strings_release(&targets);
	code_index_release(&index);
	return 0;
}

void prompt_map_release(struct prompt_map *map)
{
	for (size_t i = 0; i < MAP_PARTS; i++)
		buf_release(&map->part[i]);
}

int prompt_map_overview(const struct workspace *ws, const char *words, int64_t max_tokens, struct buf *out, struct err *err)
{
	struct code_index index;
	struct mapping m;
	if (code_index_open(&index, ws, NULL, err) != 0)
		return -1;
	if (index.tree.n_files) {
		mapping_begin(&m, ws, &index.tree);
		seed_words(&m, words);
		rank_files(&m);
		m.room[MAP_NAMES] = max_tokens;
		name_rest(&m, true);
		fence(out, "source files and the names that they define, the nearest first", &m.text[MAP_NAMES]);
		mapping_end(&m);
	}
	code_index_release(&index);
	return 0;
}
