#include "tui/list.h"

static void show_cursor(struct list *list)
{
	size_t height = list->height ? list->height : 1;
	if (list->cursor >= list->n_items)
		list->cursor = list->n_items ? list->n_items - 1 : 0;
	if (list->cursor < list->top)
		list->top = list->cursor;
	if (list->cursor >= list->top + height)
		list->top = list->cursor - height + 1;
	if (list->top + height > list->n_items)
		list->top = list->n_items > height ? list->n_items - height : 0;
}

void list_fit(struct list *list, size_t n_items, size_t height)
{
	list->n_items = n_items;
	list->height = height;
	show_cursor(list);
}

void list_select(struct list *list, size_t cursor)
{
	list->cursor = cursor;
	show_cursor(list);
}

static void move(struct list *list, size_t by, bool down)
{
	if (down)
		list->cursor += by;
	else
		list->cursor -= by < list->cursor ? by : list->cursor;
	show_cursor(list);
}

bool list_handle(struct list *list, enum action action)
{
	size_t page = list->height > 1 ? list->height - 1 : 1;
	size_t half = list->height > 1 ? list->height / 2 : 1;
	switch (action) {
	case ACTION_DOWN: move(list, 1, true); return true;
	case ACTION_UP: move(list, 1, false); return true;
	case ACTION_HALF_DOWN: move(list, half, true); return true;
	case ACTION_HALF_UP: move(list, half, false); return true;
	case ACTION_PAGE_DOWN: move(list, page, true); return true;
	case ACTION_PAGE_UP: move(list, page, false); return true;
	case ACTION_FIRST: move(list, list->n_items, false); return true;
	case ACTION_LAST: move(list, list->n_items, true); return true;
	default: return false;
	}
}
