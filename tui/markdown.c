#include "tui/markdown.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/vec.h"

#include <md4c.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8     /* of lists and quotes that are indented; deeper ones stand where the eighth does */
#define COLUMNS_MAX 64
#define CELL_MAX 60     /* cells that a column is padded to at most */
#define CALLS_BASE 20000 /* of the parser; a table of few bytes may stand for millions of empty cells */
#define CALLS_PER_BYTE 8
#define FLAGS (MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOHTML | MD_FLAG_UNDERLINE)

struct container {
	bool quote;
	bool ordered;
	unsigned number;   /* of the next item */
	char marker[16];   /* of the item that has not shown it yet; "" once it has */
	size_t width;      /* cells of the item's marker */
};

struct cell {
	size_t at, n; /* in table.text */
};

struct table {
	bool open;
	struct buf text;
	struct cell *cell; /* owned; row by row */
	size_t n_cells, cap_cells;
	size_t n_columns, column;
	size_t cell_at; /* where the open cell begins in the text */
	size_t width[COLUMNS_MAX];
};

struct render {
	void (*line)(void *arg, const struct markdown_line *line);
	void *arg;
	struct buf text;         /* the line that is being made */
	struct text_span *span;  /* owned */
	size_t n_spans, cap_spans;
	size_t gutter_n;
	bool begun;              /* the line has its gutter */
	bool gap;                /* an empty line comes before the next one */
	bool told;               /* a line was given */
	struct container in[DEPTH_MAX];
	size_t depth;
	enum role block;         /* role of the block's text */
	bool code_block;
	int strong, emphasis, code, link;
	struct table table;
	size_t calls, calls_max;
};

/* ---- lines ---- */

static void give(struct render *self, const char *text, size_t n, size_t gutter_n)
{
	const struct markdown_line line = { text, n, gutter_n, self->block, self->span, self->n_spans };
	self->line(self->arg, &line);
	self->told = true;
}

/* Bars of quotes and markers of items; what comes after the first line of an item stands under its text. */
static void begin_line(struct render *self)
{
	if (self->begun)
		return;
	if (self->gap && self->told) {
		size_t n_spans = self->n_spans;
		self->n_spans = 0;
		give(self, "", 0, 0);
		self->n_spans = n_spans;
	}
	self->gap = false;
	self->begun = true;
	for (size_t i = 0; i < self->depth && i < DEPTH_MAX; i++) {
		struct container *in = &self->in[i];
		if (in->quote) {
			buf_add_str(&self->text, "| ");
			continue;
		}
		buf_printf(&self->text, "%-*s", (int)in->width, in->marker);
		in->marker[0] = '\0';
	}
	if (self->code_block)
		buf_add_str(&self->text, "    ");
	self->gutter_n = self->text.len;
}

static void end_line(struct render *self)
{
	if (!self->begun)
		return;
	give(self, buf_str(&self->text), self->text.len, self->gutter_n);
	buf_clear(&self->text);
	self->n_spans = 0;
	self->begun = false;
}

static enum role role_now(const struct render *self)
{
	if (self->code)
		return ROLE_CODE;
	if (self->strong)
		return ROLE_STRONG;
	if (self->link)
		return ROLE_LINK;
	return self->emphasis ? ROLE_EMPHASIS : self->block;
}

static void add_span(struct render *self, size_t n)
{
	enum role role = role_now(self);
	struct text_span *last = self->n_spans ? &self->span[self->n_spans - 1] : NULL;
	if (role == self->block || !n)
		return;
	if (last && last->role == role && last->at + last->n == self->text.len) {
		last->n += n;
		return;
	}
	self->span = vec_room(self->span, self->n_spans, &self->cap_spans, sizeof *self->span);
	self->span[self->n_spans++] = (struct text_span){ self->text.len, n, role };
}

static void put(struct render *self, const char *text, size_t n)
{
	if (self->table.open) {
		buf_add(&self->table.text, text, n);
		return;
	}
	begin_line(self);
	add_span(self, n);
	buf_add(&self->text, text, n);
}

static void put_str(struct render *self, const char *text)
{
	put(self, text, strlen(text));
}

/* Lines of code; each is there, also an empty one. */
static void put_code(struct render *self, const char *text, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;
		put(self, text + at, len);
		if (end)
			end_line(self);
		at += len + (end != NULL);
	}
}

/* ---- tables ---- */

static size_t cells_of(const char *text, size_t n)
{
	struct buf clean = { 0 };
	text_sanitise(&clean, text, n, 0);
	size_t width = text_width(buf_str(&clean), clean.len);
	buf_release(&clean);
	return width;
}

static void end_cell(struct table *table)
{
	size_t at = table->cell_at;
	size_t n = table->text.len - at;
	size_t width = cells_of(buf_str(&table->text) + at, n);
	table->cell = vec_room(table->cell, table->n_cells, &table->cap_cells, sizeof *table->cell);
	table->cell[table->n_cells++] = (struct cell){ at, n };
	if (table->column < COLUMNS_MAX && width > table->width[table->column])
		table->width[table->column] = width < CELL_MAX ? width : CELL_MAX;
	table->column++;
}

static void draw_row(struct render *self, size_t row)
{
	const struct table *table = &self->table;
	for (size_t i = 0; i < table->n_columns; i++) {
		size_t at = row * table->n_columns + i;
		if (at >= table->n_cells)
			break;
		const char *text = buf_str(&table->text) + table->cell[at].at;
		size_t n = table->cell[at].n;
		size_t width = cells_of(text, n);
		bool last = i + 1 == table->n_columns;
		put(self, text, n);
		for (; !last && i < COLUMNS_MAX && width < table->width[i]; width++)
			put_str(self, " ");
		if (!last)
			put_str(self, " | ");
	}
	begin_line(self);
	end_line(self);
}

static void draw_ruler(struct render *self)
{
	const struct table *table = &self->table;
	self->block = ROLE_DIM;
	for (size_t i = 0; i < table->n_columns && i < COLUMNS_MAX; i++) {
		for (size_t k = 0; k < table->width[i]; k++)
			put_str(self, "-");
		if (i + 1 < table->n_columns)
			put_str(self, "-+-");
	}
	end_line(self);
	self->block = ROLE_TEXT;
}

static void draw_table(struct render *self)
{
	struct table *table = &self->table;
	size_t rows = table->n_columns ? table->n_cells / table->n_columns : 0;
	table->open = false;
	for (size_t i = 0; i < rows; i++) {
		self->strong = i == 0;
		draw_row(self, i);
		self->strong = 0;
		if (i == 0)
			draw_ruler(self);
	}
	buf_clear(&table->text);
	table->n_cells = 0;
	self->gap = true;
}

/* ---- what the parser tells ---- */

static bool goes_on(struct render *self)
{
	return ++self->calls <= self->calls_max;
}

static void open_container(struct render *self, struct container container)
{
	end_line(self);
	if (self->depth < DEPTH_MAX)
		self->in[self->depth] = container;
	self->depth++;
}

static void close_container(struct render *self)
{
	end_line(self);
	self->depth--;
}

static struct container *innermost(struct render *self)
{
	return self->depth && self->depth <= DEPTH_MAX ? &self->in[self->depth - 1] : NULL;
}

static void open_item(struct render *self, const MD_BLOCK_LI_DETAIL *item)
{
	struct container *list = innermost(self);
	end_line(self);
	if (!list)
		return;
	const char *mark = !item->is_task ? "" : item->task_mark == ' ' ? "[ ] " : "[x] ";
	if (list->ordered)
		snprintf(list->marker, sizeof list->marker, "%u. %s", list->number++, mark);
	else
		snprintf(list->marker, sizeof list->marker, "* %s", mark);
	list->width = strlen(list->marker);
}

static void close_list(struct render *self)
{
	struct container *list = innermost(self);
	if (list)
		list->marker[0] = '\0';
	close_container(self);
	self->gap = self->gap || !self->depth;
}

static void open_table(struct render *self, const MD_BLOCK_TABLE_DETAIL *table)
{
	end_line(self);
	self->table.open = true;
	self->table.n_columns = table->col_count;
	memset(self->table.width, 0, sizeof self->table.width);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct render *self = arg;
	switch (type) {
	case MD_BLOCK_QUOTE: open_container(self, (struct container){ .quote = true }); break;
	case MD_BLOCK_UL: open_container(self, (struct container){ 0 }); break;
	case MD_BLOCK_OL:
		open_container(self, (struct container){ .ordered = true, .number = ((MD_BLOCK_OL_DETAIL *)detail)->start });
		break;
	case MD_BLOCK_LI: open_item(self, detail); break;
	case MD_BLOCK_H: self->block = ROLE_HEADING; break;
	case MD_BLOCK_CODE:
		self->block = ROLE_CODE;
		self->code_block = true;
		break;
	case MD_BLOCK_HR:
		self->block = ROLE_FRAME;
		put_str(self, "--------");
		break;
	case MD_BLOCK_TABLE: open_table(self, detail); break;
	case MD_BLOCK_TR: self->table.column = 0; break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD: self->table.cell_at = self->table.text.len; break;
	default: break;
	}
	return goes_on(self) ? 0 : -1;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct render *self = arg;
	(void)detail;
	switch (type) {
	case MD_BLOCK_QUOTE:
		close_container(self);
		self->gap = true;
		break;
	case MD_BLOCK_UL:
	case MD_BLOCK_OL: close_list(self); break;
	case MD_BLOCK_LI:
		if (innermost(self) && *innermost(self)->marker) /* an empty item is one too */
			begin_line(self);
		end_line(self);
		break;
	case MD_BLOCK_TABLE: draw_table(self); break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD: end_cell(&self->table); break;
	case MD_BLOCK_P:
	case MD_BLOCK_H:
	case MD_BLOCK_HR:
	case MD_BLOCK_CODE:
		end_line(self);
		self->gap = true;
		break;
	default: break;
	}
	if (type == MD_BLOCK_H || type == MD_BLOCK_HR || type == MD_BLOCK_CODE)
		self->block = ROLE_TEXT;
	self->code_block = self->code_block && type != MD_BLOCK_CODE;
	return goes_on(self) ? 0 : -1;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct render *self = arg;
	(void)detail;
	switch (type) {
	case MD_SPAN_EM: self->emphasis++; break;
	case MD_SPAN_STRONG: self->strong++; break;
	case MD_SPAN_A:
	case MD_SPAN_IMG: self->link++; break;
	case MD_SPAN_CODE:
		self->code++;
		put_str(self, "`");
		break;
	case MD_SPAN_DEL: put_str(self, "~~"); break;
	case MD_SPAN_U: put_str(self, "_"); break;
	default: break;
	}
	return goes_on(self) ? 0 : -1;
}

/* Where a link goes is said, unless it is what the link says. */
static void put_target(struct render *self, const MD_ATTRIBUTE *target)
{
	const struct buf *line = self->table.open ? &self->table.text : &self->text;
	bool said = line->len >= target->size && target->size &&
	            memcmp(line->data + line->len - target->size, target->text, target->size) == 0;
	if (said || !target->size)
		return;
	put_str(self, " (");
	put(self, target->text, target->size);
	put_str(self, ")");
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct render *self = arg;
	switch (type) {
	case MD_SPAN_EM: self->emphasis--; break;
	case MD_SPAN_STRONG: self->strong--; break;
	case MD_SPAN_A:
		self->link--;
		put_target(self, &((MD_SPAN_A_DETAIL *)detail)->href);
		break;
	case MD_SPAN_IMG:
		self->link--;
		put_target(self, &((MD_SPAN_IMG_DETAIL *)detail)->src);
		break;
	case MD_SPAN_CODE:
		put_str(self, "`");
		self->code--;
		break;
	case MD_SPAN_DEL: put_str(self, "~~"); break;
	case MD_SPAN_U: put_str(self, "_"); break;
	default: break;
	}
	return goes_on(self) ? 0 : -1;
}

/* "&lt;": the few that occur in talk about code; others stay as they are written. */
static void put_entity(struct render *self, const char *text, size_t n)
{
	static const struct {
		const char *name, *text;
	} known[] = { { "&lt;", "<" }, { "&gt;", ">" }, { "&amp;", "&" }, { "&quot;", "\"" }, { "&#39;", "'" }, { "&apos;", "'" },
		      { "&nbsp;", " " } };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (n == strlen(known[i].name) && memcmp(text, known[i].name, n) == 0) {
			put_str(self, known[i].text);
			return;
		}
	}
	put(self, text, n);
}

static int take_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE n, void *arg)
{
	struct render *self = arg;
	switch (type) {
	case MD_TEXT_NULLCHAR: put_str(self, "\xef\xbf\xbd"); break;
	case MD_TEXT_SOFTBR: put_str(self, " "); break;
	case MD_TEXT_BR:
		if (self->table.open)
			put_str(self, " ");
		else
			end_line(self);
		break;
	case MD_TEXT_ENTITY: put_entity(self, text, n); break;
	default:
		if (self->code_block)
			put_code(self, text, n);
		else
			put(self, text, n);
		break;
	}
	return goes_on(self) ? 0 : -1;
}

/* What the parser could not be let to finish: the source as it is. */
static void give_source(struct render *self, const char *text, size_t n)
{
	self->block = ROLE_TEXT;
	self->n_spans = 0;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;
		give(self, text + at, len, 0);
		at += len + (end != NULL);
	}
}

void markdown_render(const char *text, size_t n, void (*line)(void *arg, const struct markdown_line *line), void *arg)
{
	static const MD_PARSER parser = { .flags = FLAGS,
		                          .enter_block = enter_block,
		                          .leave_block = leave_block,
		                          .enter_span = enter_span,
		                          .leave_span = leave_span,
		                          .text = take_text };
	struct render self = { .line = line, .arg = arg, .calls_max = CALLS_BASE + n * CALLS_PER_BYTE };
	int rc = md_parse(text, (MD_SIZE)n, &parser, &self);
	if (rc != 0 && !self.told)
		give_source(&self, text, n);
	buf_release(&self.text);
	buf_release(&self.table.text);
	free(self.table.cell);
	free(self.span);
}
