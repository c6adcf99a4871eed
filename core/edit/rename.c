#include "edit/rename.h"

#include "edit/language.h"
#include "edit/lex.h"

#include <string.h>

/* The words of one text, from left to right, with what each stands in. */
struct finder {
	const struct language *language;
	const char *text;
	size_t n;
	struct lexed lexed;
	size_t mark; /* the first that does not end before `at` */
	size_t at;
};

static void finder_init(struct finder *f, const char *path, const char *text, size_t n)
{
	*f = (struct finder){ .language = &languages[language_of_path(path)], .text = text, .n = n };
	lex_text(&f->lexed, f->language, text, n);
}

static bool is_whole(const struct finder *f, size_t at, size_t len)
{
	bool open_left = at == 0 || !language_is_word(f->language, f->text[at - 1]);
	return open_left && (at + len == f->n || !language_is_word(f->language, f->text[at + len]));
}

/* The next whole word from f->at on; f->at moves there. */
static bool next_word(struct finder *f, const char *name, size_t len)
{
	while (f->at + len <= f->n) {
		const char *hit = memmem(f->text + f->at, f->n - f->at, name, len);
		if (!hit)
			return false;
		f->at = (size_t)(hit - f->text);
		if (is_whole(f, f->at, len))
			return true;
		f->at++;
	}
	return false;
}

/* MARK_STRING or MARK_COMMENT where the word stands in one, else MARK_END. */
static enum mark_kind stands_in(struct finder *f, size_t at)
{
	const struct mark *mark = f->lexed.mark;
	while (f->mark < f->lexed.n_marks && mark[f->mark].kind != MARK_END && mark[f->mark].end <= at)
		f->mark++;
	for (size_t i = f->mark; i < f->lexed.n_marks && mark[i].at <= at; i++)
		if (mark_is_raw(&mark[i]) && at < mark[i].end)
			return mark[i].kind;
	return MARK_END;
}

static bool has_in_code(const char *path, const char *text, size_t n, const char *name)
{
	size_t at = 0;
	return rename_find_code(path, text, n, name, &at);
}

bool rename_is_name(const char *name)
{
	const struct language language = { .flags = LANG_DOLLAR_WORD };
	if (!*name || (*name >= '0' && *name <= '9') || strlen(name) > 255)
		return false;
	while (language_is_word(&language, *name))
		name++;
	return !*name;
}

bool rename_find_code(const char *path, const char *text, size_t n, const char *name, size_t *at)
{
	struct finder f;
	size_t len = strlen(name);
	bool found = false;
	if (*at > n || !memmem(text + *at, n - *at, name, len))
		return false;
	finder_init(&f, path, text, n);
	for (f.at = *at; !found && next_word(&f, name, len); f.at += found ? 0 : len)
		found = stands_in(&f, f.at) == MARK_END;
	*at = f.at;
	lexed_release(&f.lexed);
	return found;
}

int rename_words(const char *path, const char *text, size_t n, const char *from, const char *to, struct buf *out,
                 struct rename_count *count, struct err *err)
{
	struct finder f;
	size_t len = strlen(from);
	size_t done = 0;
	*count = (struct rename_count){ 0 };
	if (n > LEX_MAX)
		return err_set(err, ERR_LIMIT, "'%.200s' is too large to be looked through", path);
	if (!memmem(text, n, from, len))
		return 0;
	count->has_new_name = has_in_code(path, text, n, to);
	finder_init(&f, path, text, n);
	for (; next_word(&f, from, len); f.at += len) {
		enum mark_kind kind = stands_in(&f, f.at);
		count->n_strings += kind == MARK_STRING;
		count->n_comments += kind == MARK_COMMENT;
		count->n_code += kind == MARK_END;
		if (kind == MARK_STRING)
			continue;
		buf_add(out, text + done, f.at - done);
		buf_add_str(out, to);
		done = f.at + len;
	}
	if (done)
		buf_add(out, text + done, n - done);
	lexed_release(&f.lexed);
	return 0;
}
