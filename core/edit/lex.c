#include "edit/lex.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/lex_quote.h"

#include <stdlib.h>
#include <string.h>

#define MAX_REPAIR 64 /* open brackets that a closing one may skip to find its partner */
#define MAX_HERE 4

/* A bracket that is open now. */
struct frame {
	uint32_t mark;
	char type;
	bool resumes;       /* its end leads back into the string that the frame below it is */
	struct quote quote; /* of that string, in frames of type '`' */
};

/* A here document whose text begins on the next line. */
struct here {
	size_t word, word_n;
	bool strip_tabs;
};

struct lexer {
	struct text text;
	unsigned flags;
	struct lexed *out;
	struct frame *frame;
	size_t n_frames, cap_frames;
	bool in_directive;
	struct here here[MAX_HERE];
	size_t n_here;
	bool here_failed;      /* one had no end: no more are looked for, which keeps the cost linear */
	size_t failed_until;   /* up to here neither quote nor expression ends: no use to look again */
	unsigned char stop[256];
};

bool mark_is_raw(const struct mark *mark)
{
	return mark->kind == MARK_STRING || mark->kind == MARK_COMMENT;
}

void lexed_release(struct lexed *lexed)
{
	free(lexed->mark);
	*lexed = (struct lexed){ 0 };
}

static void broken(struct lexer *lx, size_t at)
{
	if (!lx->out->is_broken || at < lx->out->broken_at)
		lx->out->broken_at = at;
	lx->out->is_broken = true;
}

static uint32_t top_mark(const struct lexer *lx)
{
	return lx->n_frames ? lx->frame[lx->n_frames - 1].mark : MARK_NONE;
}

static uint32_t add_mark(struct lexer *lx, enum mark_kind kind, char type, size_t at, size_t end)
{
	struct lexed *out = lx->out;
	out->mark = vec_room(out->mark, out->n_marks, &out->cap_marks, sizeof *out->mark);
	out->mark[out->n_marks] = (struct mark){
		.at = (uint32_t)at,
		.end = (uint32_t)end,
		.partner = MARK_NONE,
		.up = top_mark(lx),
		.kind = (uint8_t)kind,
		.type = type,
	};
	return (uint32_t)out->n_marks++;
}

static struct frame *push(struct lexer *lx, char type, size_t at, size_t end)
{
	uint32_t mark = add_mark(lx, MARK_OPEN, type, at, end);
	lx->frame = vec_room(lx->frame, lx->n_frames, &lx->cap_frames, sizeof *lx->frame);
	lx->frame[lx->n_frames] = (struct frame){ .mark = mark, .type = type };
	return &lx->frame[lx->n_frames++];
}

static void drop_frame(struct lexer *lx)
{
	uint32_t mark = lx->frame[--lx->n_frames].mark;
	broken(lx, lx->out->mark[mark].at);
}

/* Pairs the innermost open bracket, which has been found to be the partner. */
static void pop(struct lexer *lx, size_t at, size_t end)
{
	struct frame *frame = &lx->frame[lx->n_frames - 1];
	uint32_t open = frame->mark;
	uint32_t mark = add_mark(lx, MARK_CLOSE, frame->type, at, end);
	lx->out->mark[mark].partner = open;
	lx->out->mark[open].partner = mark;
	lx->n_frames--;
}

/* Goes on with a string: up to its end, or to code in it. Without an end it ends here and what is open is closed. */
static size_t resume_string(struct lexer *lx, size_t from, size_t scan_from)
{
	struct quote quote = lx->frame[lx->n_frames - 1].quote;
	size_t end;
	enum quote_end how = quote_scan(&quote, &lx->text, scan_from, &end);
	if (end > from)
		add_mark(lx, MARK_STRING, 0, from, end);
	if (how != QUOTE_CODE) {
		if (how == QUOTE_OPEN)
			broken(lx, from);
		pop(lx, end, end);
		return end;
	}
	size_t width = quote.code == CODE_BRACE ? 1 : 2;
	struct frame *code = push(lx, lx->text.s[end + width - 1], end, end + width);
	code->resumes = true;
	return end + width;
}

static size_t line_end(const struct lexer *lx, size_t at)
{
	const char *end = memchr(lx->text.s + at, '\n', lx->text.n - at);
	return end ? (size_t)(end - lx->text.s) : lx->text.n;
}

static size_t before_cr(const struct lexer *lx, size_t at, size_t low)
{
	return at > low && at < lx->text.n && lx->text.s[at - 1] == '\r' ? at - 1 : at;
}

static size_t lex_quote(struct lexer *lx, size_t at)
{
	struct quote quote;
	bool open = false;
	size_t end = 0;
	if (lx->text.s[at] == '"' && (lx->flags & LANG_RAW_CPP))
		end = quote_raw_cpp(&lx->text, at, &open);
	else if (lx->text.s[at] == '"' && (lx->flags & LANG_RAW_RUST))
		end = quote_raw_rust(&lx->text, at, &open);
	if (end) {
		if (open)
			broken(lx, at);
		add_mark(lx, MARK_STRING, 0, at, end);
		return end;
	}
	if (!quote_begin(&quote, &lx->text, at) || (at < lx->failed_until && quote.count == 1))
		return at + 1;
	enum quote_end how = quote_scan(&quote, &lx->text, at + quote.count, &end);
	if (how == QUOTE_CODE) {
		push(lx, '`', at, at)->quote = quote;
		return resume_string(lx, at, at + quote.count);
	}
	if (how == QUOTE_OPEN && (!quote.lines || (lx->flags & LANG_SCALARS))) {
		if (!(lx->flags & LANG_SCALARS))
			broken(lx, at);
		lx->failed_until = end;
		return at + 1;
	}
	if (how == QUOTE_OPEN)
		broken(lx, at);
	add_mark(lx, MARK_STRING, 0, at, end);
	return end;
}

static size_t lex_line_comment(struct lexer *lx, size_t at)
{
	size_t end = line_end(lx, at);
	/* A backslash at the end continues a comment of the C family. */
	while ((lx->flags & LANG_DIRECTIVES) && end < lx->text.n && lx->text.s[before_cr(lx, end, at) - 1] == '\\')
		end = line_end(lx, end + 1);
	end = before_cr(lx, end, at);
	add_mark(lx, MARK_COMMENT, 0, at, end);
	return end;
}

static size_t lex_block_comment(struct lexer *lx, size_t at)
{
	const char *s = lx->text.s;
	size_t depth = 1;
	size_t i = at + 2;
	for (; i + 1 < lx->text.n && depth; i++) {
		if (s[i] == '*' && s[i + 1] == '/') {
			depth--;
			i++;
		} else if (s[i] == '/' && s[i + 1] == '*' && (lx->flags & LANG_NESTED)) {
			depth++;
			i++;
		}
	}
	if (depth) {
		broken(lx, at);
		i = lx->text.n;
	}
	add_mark(lx, MARK_COMMENT, 0, at, i);
	return i;
}

static size_t lex_slash(struct lexer *lx, size_t at)
{
	char next = at + 1 < lx->text.n ? lx->text.s[at + 1] : '\0';
	if (next == '*')
		return lex_block_comment(lx, at);
	if (next == '/' && (lx->flags & LANG_SLASHES))
		return lex_line_comment(lx, at);
	if (!(lx->flags & LANG_REGEX) || at < lx->failed_until)
		return at + 1;
	size_t end = quote_regex(&lx->text, at);
	if (!end)
		return at + 1;
	add_mark(lx, MARK_STRING, 0, at, end);
	return end;
}

static bool begins_line(const struct lexer *lx, size_t at)
{
	while (at > 0 && (lx->text.s[at - 1] == ' ' || lx->text.s[at - 1] == '\t'))
		at--;
	return at == 0 || lx->text.s[at - 1] == '\n';
}

/* The message of #error is prose: nothing in it is code. Its end, or where the directive's name begins. */
static size_t lex_directive(struct lexer *lx, size_t at)
{
	static const char *const word[] = { "error", "warning", "region" };
	size_t name = at + 1;
	while (name < lx->text.n && (lx->text.s[name] == ' ' || lx->text.s[name] == '\t'))
		name++;
	for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
		size_t n = strlen(word[i]);
		if (lx->text.n - name < n || memcmp(lx->text.s + name, word[i], n) != 0)
			continue;
		size_t end = before_cr(lx, line_end(lx, name), name);
		if (end > name + n)
			add_mark(lx, MARK_COMMENT, 0, name + n, end);
		return end;
	}
	return at + 1;
}

static size_t lex_hash(struct lexer *lx, size_t at)
{
	if (lx->flags & LANG_HASH)
		return lex_line_comment(lx, at);
	if (lx->flags & LANG_HASH_WORD) {
		bool begins = at == 0 || language_is_space(lx->text.s[at - 1]) ||
		              (strchr(";(&|", lx->text.s[at - 1]) && !(lx->flags & LANG_SCALARS));
		return begins ? lex_line_comment(lx, at) : at + 1;
	}
	if (lx->in_directive || !begins_line(lx, at))
		return at + 1;
	push(lx, '#', at, at);
	lx->in_directive = true;
	return lex_directive(lx, at);
}

/* <<WORD, <<-WORD, <<'WORD': its text begins on the next line. */
static size_t lex_here(struct lexer *lx, size_t at)
{
	const char *s = lx->text.s;
	size_t n = lx->text.n;
	if (at + 2 >= n || s[at + 1] != '<' || lx->n_here == MAX_HERE || lx->here_failed)
		return at + 1;
	if (s[at + 2] == '<')
		return at + 3;
	struct here here = { .word = at + 2 };
	here.strip_tabs = s[here.word] == '-';
	here.word += here.strip_tabs;
	while (here.word < n && (s[here.word] == ' ' || s[here.word] == '\\'))
		here.word++;
	char quote = here.word < n && (s[here.word] == '\'' || s[here.word] == '"') ? s[here.word] : '\0';
	here.word += quote != '\0';
	while (here.word + here.word_n < n && language_is_word(lx->text.language, s[here.word + here.word_n]))
		here.word_n++;
	if (!here.word_n || (s[here.word] >= '0' && s[here.word] <= '9'))
		return at + 2;
	lx->here[lx->n_here++] = here;
	return here.word + here.word_n + (quote != '\0' && here.word + here.word_n < n);
}

/* The text of a here document from `at`: its end is the end of its last line; 0 when it has none. */
static size_t here_end(const struct lexer *lx, const struct here *here, size_t at)
{
	while (at < lx->text.n) {
		size_t end = line_end(lx, at);
		size_t from = at;
		while (here->strip_tabs && from < end && lx->text.s[from] == '\t')
			from++;
		if (before_cr(lx, end, from) - from == here->word_n &&
		    memcmp(lx->text.s + from, lx->text.s + here->word, here->word_n) == 0)
			return end;
		at = end + 1;
	}
	return 0;
}

static size_t lex_here_texts(struct lexer *lx, size_t at)
{
	for (size_t i = 0; i < lx->n_here && !lx->here_failed; i++) {
		size_t end = here_end(lx, &lx->here[i], at);
		if (end) {
			add_mark(lx, MARK_STRING, 0, at, end);
			at = end + (end < lx->text.n);
		} else {
			lx->here_failed = true;
			broken(lx, lx->here[i].word);
		}
	}
	lx->n_here = 0;
	return at;
}

static void end_directive(struct lexer *lx, size_t at)
{
	while (lx->n_frames && lx->frame[lx->n_frames - 1].type != '#')
		drop_frame(lx);
	if (lx->n_frames)
		pop(lx, at, at);
	lx->in_directive = false;
}

static size_t lex_line_end(struct lexer *lx, size_t at)
{
	size_t end = before_cr(lx, at, 0);
	if (lx->in_directive && (end == 0 || lx->text.s[end - 1] != '\\'))
		end_directive(lx, end);
	return lx->n_here ? lex_here_texts(lx, at + 1) : at + 1;
}

static char opener_of(char closer)
{
	return closer == ')' ? '(' : closer == ']' ? '[' : '{';
}

static size_t lex_close(struct lexer *lx, size_t at)
{
	char type = opener_of(lx->text.s[at]);
	size_t i = lx->n_frames;
	size_t low = i > MAX_REPAIR ? i - MAX_REPAIR : 0;
	while (i > low && lx->frame[i - 1].type != type && !strchr("`#", lx->frame[i - 1].type) && !lx->frame[i - 1].resumes)
		i--;
	if (i == low || lx->frame[i - 1].type != type) {
		broken(lx, at);
		add_mark(lx, MARK_CLOSE, type, at, at + 1);
		return at + 1;
	}
	while (lx->n_frames > i)
		drop_frame(lx);
	bool resumes = lx->frame[i - 1].resumes;
	pop(lx, at, at + 1);
	return resumes ? resume_string(lx, at + 1, at + 1) : at + 1;
}

/* The format behind a colon in f"{code:format}", up to the end or to code of its own. */
static size_t lex_format(struct lexer *lx, size_t at)
{
	const struct frame *top = lx->n_frames > 1 ? &lx->frame[lx->n_frames - 1] : NULL;
	size_t end = at + 1;
	if (!top || !top->resumes || top[-1].quote.code != CODE_BRACE)
		return at + 1;
	while (end < lx->text.n && !strchr("{}\n", lx->text.s[end]) && lx->text.s[end] != top[-1].quote.c)
		end++;
	add_mark(lx, MARK_STRING, 0, at, end);
	return end;
}

static size_t lex_stop(struct lexer *lx, size_t at)
{
	char c = lx->text.s[at];
	switch (c) {
	case ':':
		return lex_format(lx, at);
	case '(':
	case '[':
	case '{':
		push(lx, c, at, at + 1);
		return at + 1;
	case ')':
	case ']':
	case '}':
		return lex_close(lx, at);
	case '/':
		return lex_slash(lx, at);
	case '#':
		return lex_hash(lx, at);
	case '-':
		return at + 1 < lx->text.n && lx->text.s[at + 1] == '-' ? lex_line_comment(lx, at) : at + 1;
	case '<':
		return lex_here(lx, at);
	case '\n':
		return lex_line_end(lx, at);
	default:
		return lex_quote(lx, at);
	}
}

/* The bytes at which something may begin or end in this language. */
static void choose_stops(struct lexer *lx)
{
	const struct { unsigned flags; const char *bytes; } row[] = {
		{ ~0u, "()[]{}" },
		{ LANG_SLASHES | LANG_BLOCK_ONLY | LANG_REGEX, "/" },
		{ LANG_HASH | LANG_HASH_WORD | LANG_DIRECTIVES, "#" },
		{ LANG_DASHES, "-" },
		{ LANG_DOUBLE | LANG_DOUBLE_LINES | LANG_SCALARS, "\"" },
		{ LANG_SINGLE | LANG_SINGLE_RAW | LANG_LIFETIMES | LANG_SCALARS, "'" },
		{ LANG_TEMPLATE | LANG_BACKTICK_RAW, "`" },
		{ LANG_HERE, "<" },
		{ LANG_FSTRINGS | LANG_VERBATIM, ":" },
		{ LANG_HERE | LANG_DIRECTIVES, "\n" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (lx->flags & row[i].flags)
			for (const char *s = row[i].bytes; *s; s++)
				lx->stop[(unsigned char)*s] = 1;
}

void lex_text(struct lexed *out, const struct language *language, const char *text, size_t n)
{
	struct lexer lx = { .text = { language, text, n }, .flags = language->flags, .out = out };
	*out = (struct lexed){ 0 };
	choose_stops(&lx);
	for (size_t at = 0; at < n;) {
		while (at < n && !lx.stop[(unsigned char)text[at]])
			at++;
		if (at < n)
			at = lex_stop(&lx, at);
	}
	if (lx.in_directive)
		end_directive(&lx, n);
	while (lx.n_frames)
		drop_frame(&lx);
	add_mark(&lx, MARK_END, 0, n, n);
	free(lx.frame);
}
