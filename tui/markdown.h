/*
 * Markdown as lines for the screen: paragraphs are one line each, which the view wraps; lists, quotes and code have a
 * gutter; tables are text in columns. The look is spans of roles over the line's own bytes. Everything that stands in
 * the source stays readable: code keeps its backticks, a link shows where it goes, '_' stays '_' (it is a letter of names
 * here, more often than an emphasis). The parser is md4c (CommonMark 0.30 with GitHub's tables, task lists and
 * strikethrough); HTML is text. Pure; what comes out is as raw as what went in, the canvas makes it safe.
 */
#ifndef BELAY_TUI_MARKDOWN_H
#define BELAY_TUI_MARKDOWN_H

#include "tui/style.h"

#include <stddef.h>

struct markdown_line {
	const char *text;
	size_t n;
	size_t gutter_n; /* the first bytes of the text: a marker, a bar; rows that wrap are indented by it */
	enum role role;  /* of what no span covers */
	const struct text_span *span;
	size_t n_spans;
};

/* Calls `line` for each line, whose pointers are borrowed until it returns. Blocks are set apart by empty lines. */
void markdown_render(const char *text, size_t n, void (*line)(void *arg, const struct markdown_line *line), void *arg);

#endif
