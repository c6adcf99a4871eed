#include "base/diag.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void diags_add(struct diags *list, enum diag_severity severity, const char *file, int line, int column,
               const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list args;
	va_start(args, fmt);
	buf_vprintf(&text, fmt, args);
	va_end(args);
	list->diag = vec_room(list->diag, list->n_diags, &list->cap_diags, sizeof *list->diag);
	list->diag[list->n_diags++] = (struct diag){
		.file = xstrdup(file),
		.line = line,
		.column = column,
		.severity = severity,
		.message = buf_take(&text, NULL),
	};
	if (severity == DIAG_ERROR)
		list->n_errors++;
}

static int compare_places(const struct diag *a, const struct diag *b)
{
	int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");
	if (order == 0)
		order = (a->line > b->line) - (a->line < b->line);
	if (order == 0)
		order = (a->column > b->column) - (a->column < b->column);
	return order;
}

static void merge(struct diag *out, const struct diag *from, size_t middle, size_t n)
{
	size_t a = 0;
	size_t b = middle;
	for (size_t i = 0; i < n; i++) {
		if (b >= n || (a < middle && compare_places(&from[a], &from[b]) <= 0))
			out[i] = from[a++];
		else
			out[i] = from[b++];
	}
}

/* Merge sort, since findings at one place keep the order in which they were found. */
static void sort_range(struct diag *diag, struct diag *spare, size_t n)
{
	if (n < 2)
		return;
	size_t middle = n / 2;
	sort_range(diag, spare, middle);
	sort_range(diag + middle, spare, n - middle);
	memcpy(spare, diag, n * sizeof *diag);
	merge(diag, spare, middle, n);
}

void diags_sort(struct diags *list)
{
	struct diag *spare = xcalloc(list->n_diags, sizeof *spare);
	sort_range(list->diag, spare, list->n_diags);
	free(spare);
}

void diag_format(struct buf *out, const struct diag *diag)
{
	static const char *const name[] = { "error", "warning", "note" };
	if (diag->file)
		buf_printf(out, "%s:", diag->file);
	if (diag->line > 0)
		buf_printf(out, "%d:", diag->line);
	if (diag->line > 0 && diag->column > 0)
		buf_printf(out, "%d:", diag->column);
	buf_printf(out, "%s%s: %s\n", diag->file ? " " : "", name[diag->severity], diag->message);
}

void diags_release(struct diags *list)
{
	for (size_t i = 0; i < list->n_diags; i++) {
		free(list->diag[i].file);
		free(list->diag[i].code);
		free(list->diag[i].message);
	}
	free(list->diag);
	*list = (struct diags){ 0 };
}
