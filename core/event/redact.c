#include "event/redact.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static const char mark[] = "[redacted]";

void redactor_add(struct redactor *redactor, const char *secret)
{
	struct strings *list = &redactor->secret;
	if (!secret || strlen(secret) < REDACT_MIN_BYTES || strings_find(list, secret) >= 0)
		return;
	strings_add(list, secret);
	for (size_t i = list->n_items - 1; i > 0 && strlen(list->item[i - 1]) < strlen(list->item[i]); i--) {
		char *longer = list->item[i];
		list->item[i] = list->item[i - 1];
		list->item[i - 1] = longer;
	}
}

void redactor_release(struct redactor *redactor)
{
	strings_release(&redactor->secret);
}

/* Bytes of the secret that begins at s; 0 when none does. *may_begin: all of s is the beginning of one. */
static size_t secret_at(const struct redactor *redactor, const char *s, size_t n, bool *may_begin)
{
	*may_begin = false;
	for (size_t i = 0; i < redactor->secret.n_items; i++) {
		const char *secret = redactor->secret.item[i];
		size_t len = strlen(secret);
		if (*s != *secret)
			continue;
		if (n < len)
			*may_begin = *may_begin || memcmp(s, secret, n) == 0;
		else if (memcmp(s, secret, len) == 0)
			return len;
	}
	return 0;
}

size_t redactor_clean(const struct redactor *redactor, const char *s, size_t n, bool more, struct buf *out)
{
	size_t done = 0; /* appended */
	size_t at = 0;
	while (at < n && redactor->secret.n_items) {
		bool may_begin;
		size_t len = secret_at(redactor, s + at, n - at, &may_begin);
		if (may_begin && more)
			break;
		if (!len) {
			at++;
			continue;
		}
		buf_add(out, s + done, at - done);
		buf_add_str(out, mark);
		at += len;
		done = at;
	}
	if (!redactor->secret.n_items)
		at = n;
	buf_add(out, s + done, at - done);
	return at;
}

bool redactor_finds(const struct redactor *redactor, const char *s, size_t n)
{
	for (size_t i = 0; s && i < redactor->secret.n_items; i++)
		if (memmem(s, n, redactor->secret.item[i], strlen(redactor->secret.item[i])))
			return true;
	return false;
}

/* A walk over the texts of an event: first to find out whether one holds a secret, then to put clean ones in place. */
struct walk {
	const struct redactor *redactor;
	bool found;
	struct strings *clean; /* NULL while finding */
};

static const char *visit(struct walk *walk, const char *s)
{
	if (!s || !redactor_finds(walk->redactor, s, strlen(s)))
		return s;
	walk->found = true;
	if (!walk->clean)
		return s;
	struct buf text = { 0 };
	redactor_clean(walk->redactor, s, strlen(s), false, &text);
	strings_take(walk->clean, buf_take(&text, NULL));
	return walk->clean->item[walk->clean->n_items - 1];
}

static bool is_fixed(enum event_field field)
{
	switch (field) {
	case EVENT_FIELD_PLAN:
	case EVENT_FIELD_PLAN_HASH:
	case EVENT_FIELD_ROOT:
	case EVENT_FIELD_HEAD:
	case EVENT_FIELD_FROM:
	case EVENT_FIELD_HASH:
	case EVENT_FIELD_REQUEST:
		return true;
	default:
		return false;
	}
}

static void visit_list(struct walk *walk, const struct event_list *list)
{
	for (size_t i = 0; i < list->n_items; i++) {
		const char *clean = visit(walk, list->item[i]);
		if (clean != list->item[i])
			((const char **)(uintptr_t)list->item)[i] = clean;
	}
}

static void visit_diags(struct walk *walk, const struct event_diags *list)
{
	for (size_t i = 0; i < list->n_diags; i++) {
		const char *clean = visit(walk, list->diag[i].message);
		if (clean != list->diag[i].message)
			((struct diag *)(uintptr_t)list->diag)[i].message = (char *)(uintptr_t)clean;
	}
}

static void visit_text(struct walk *walk, struct event_text *text)
{
	if (!text->data || !redactor_finds(walk->redactor, text->data, text->len))
		return;
	walk->found = true;
	if (!walk->clean)
		return;
	struct buf clean = { 0 };
	redactor_clean(walk->redactor, text->data, text->len, false, &clean);
	text->len = clean.len;
	strings_take(walk->clean, buf_take(&clean, NULL));
	text->data = walk->clean->item[walk->clean->n_items - 1];
}

/* While finding, nothing is written to the event. */
static void visit_event(struct walk *walk, struct event *event)
{
	const struct event_kind_info *kind = event_kind_info(event->kind);
	for (size_t i = 0; i < kind->n_fields; i++) {
		enum event_field field = (enum event_field)kind->field[i];
		const struct event_field_info *info = event_field_info(field);
		void *member = (char *)event + info->offset;
		if (info->type == EVENT_TYPE_STR && !is_fixed(field)) {
			const char **s = member;
			const char *clean = visit(walk, *s);
			if (clean != *s)
				*s = clean;
		} else if (info->type == EVENT_TYPE_TEXT) {
			visit_text(walk, member);
		} else if (info->type == EVENT_TYPE_LIST && field != EVENT_FIELD_STEP_LIST && field != EVENT_FIELD_NEEDS) {
			visit_list(walk, member);
		} else if (info->type == EVENT_TYPE_DIAGS) {
			visit_diags(walk, member);
		}
	}
}

const struct event *redactor_event(const struct redactor *redactor, const struct event *event, struct event **owned)
{
	struct walk walk = { .redactor = redactor };
	*owned = NULL;
	if (!redactor->secret.n_items)
		return event;
	visit_event(&walk, (struct event *)(uintptr_t)event);
	if (!walk.found)
		return event;
	struct strings clean = { 0 };
	walk.clean = &clean;
	struct event *copy = event_clone(event);
	visit_event(&walk, copy);
	*owned = event_clone(copy);
	free(copy);
	strings_release(&clean);
	return *owned;
}
