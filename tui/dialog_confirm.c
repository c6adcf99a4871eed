#include "tui/dialog_confirm.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "tui/keymap.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOX_WIDTH 100
#define LOWER_LINES 5 /* of the box, below the text */
#define BAR_CELLS 8
#define WORD_MIN 3
#define LABELS_MIN 50 /* narrower, labels have no column of their own */
#define FRAME_MS 50   /* how often the bar moves */

/* ---- what it shows ---- */

static void add_line(struct confirm *confirm, enum role role, const char *label, const char *text, size_t n)
{
	confirm->line = vec_room(confirm->line, confirm->n_lines, &confirm->cap_lines, sizeof *confirm->line);
	confirm->line[confirm->n_lines++] = (struct confirm_line){ xstrndup(text, n), label, role };
}

/* A command or a question may have several lines; each stands for itself, none is hidden. */
static void add_text(struct confirm *confirm, enum role role, const char *label, const char *text)
{
	size_t n = strlen(text);
	for (size_t at = 0; at < n;) {
		size_t len = strcspn(text + at, "\n");
		add_line(confirm, role, at ? "" : label, text + at, len);
		at += len + 1;
	}
}

static void add_list(struct confirm *confirm, enum role role, const char *label, const struct strings *list)
{
	for (size_t i = 0; i < list->n_items; i++)
		add_text(confirm, role, i ? "" : label, list->item[i]);
}

static void add_files(struct confirm *confirm, const struct model_step *step)
{
	static const char *const signs[] = { "A", "M", "D", "R" };
	for (size_t i = 0; i < step->n_files; i++) {
		const struct model_file *file = &step->file[i];
		char *text = xasprintf("%s %s  +%" PRId64 " -%" PRId64, signs[file->change], file->path,
		                       file->added > 0 ? file->added : 0, file->removed > 0 ? file->removed : 0);
		add_line(confirm, ROLE_TEXT, i ? "" : "files", text, strlen(text));
		free(text);
	}
}

static bool is_command(const char *verb)
{
	return strcmp(verb, "run") == 0 || strcmp(verb, "validate") == 0 || strcmp(verb, "test") == 0;
}

static void add_joined(struct confirm *confirm, const char *label, const char *between, const struct strings *list)
{
	struct buf line = { 0 };
	for (size_t i = 0; i < list->n_items; i++)
		buf_printf(&line, "%s%s", i ? between : "", list->item[i]);
	if (line.len)
		add_text(confirm, ROLE_TEXT, label, buf_str(&line));
	buf_release(&line);
}

/* Where a command runs, what it can touch and what it gets to see. */
static void add_place(struct confirm *confirm, const struct model_approval *approval)
{
	if (!approval->cwd)
		return;
	add_text(confirm, ROLE_TEXT, "cwd", *approval->cwd ? approval->cwd : "the root of the work tree");
	add_joined(confirm, "reach", "   ", &approval->reach);
	add_joined(confirm, "env passed", " ", &approval->env);
}

static void add_body(struct confirm *confirm, const struct model_step *step)
{
	const struct model_approval *approval = &step->approval;
	bool command = is_command(step->verb);
	if (confirm->question) {
		add_text(confirm, ROLE_FILE, "", approval->what ? approval->what : "");
		return;
	}
	add_text(confirm, ROLE_FILE, command ? "$" : "what", approval->what ? approval->what : "");
	add_text(confirm, ROLE_TEXT, "why", approval->why && *approval->why ? approval->why : "the plan asks at this risk");
	add_place(confirm, approval);
	add_files(confirm, step);
	add_list(confirm, ROLE_OK, "u restores", &approval->covered);
	add_list(confirm, ROLE_FAILED, "NOT undone", &approval->not_covered);
	if (*step->model || *step->origin) {
		char *text = xasprintf("%s %s %s", step->provider, step->model, step->origin);
		add_line(confirm, ROLE_TEXT, "source", text, strlen(text));
		free(text);
	}
	add_text(confirm, ROLE_DIM, "step", step->title);
}

static enum confirm_risk risk_of(const char *risk)
{
	if (risk && (strcmp(risk, "low") == 0 || strcmp(risk, "none") == 0))
		return CONFIRM_LOW;
	return risk && strcmp(risk, "medium") == 0 ? CONFIRM_MEDIUM : CONFIRM_HIGH;
}

static const char *subject_of(const char *verb)
{
	if (strcmp(verb, "ask") == 0)
		return "A question";
	if (is_command(verb))
		return "Approve command?";
	return strcmp(verb, "delete") == 0 ? "Approve deletion?" : "Approve change?";
}

/* A word too short could be a key that repeats. */
static const char *word_of(const struct model_step *step)
{
	if (step->approval.word && strlen(step->approval.word) >= WORD_MIN)
		return step->approval.word;
	return strlen(step->id) >= WORD_MIN ? step->id : "approve";
}

void confirm_open(struct confirm *confirm, const struct model_step *step, size_t number, size_t n_steps, int64_t now_ms)
{
	static const char *const risks[] = { "LOW", "MEDIUM", "HIGH" };
	confirm_close(confirm);
	confirm->open = true;
	confirm->step = xstrdup(step->id);
	confirm->request = xstrdup(step->approval.request);
	confirm->word = xstrdup(word_of(step));
	confirm->risk = risk_of(step->approval.risk);
	confirm->opened_ms = confirm->deaf_ms = confirm->last_key_ms = now_ms;
	confirm->question = strcmp(step->verb, "ask") == 0;
	snprintf(confirm->title, sizeof confirm->title, " %s  step %zu of %zu%s%s ", subject_of(step->verb), number, n_steps,
	         confirm->question ? "" : "  risk: ", confirm->question ? "" : risks[confirm->risk]);
	text_view_init(&confirm->text, false, true);
	add_body(confirm, step);
}

void confirm_close(struct confirm *confirm)
{
	for (size_t i = 0; i < confirm->n_lines; i++)
		free(confirm->line[i].text);
	free(confirm->line);
	free(confirm->step);
	free(confirm->request);
	free(confirm->word);
	line_edit_release(&confirm->edit);
	*confirm = (struct confirm){ 0 };
}

/* ---- when it listens ---- */

void confirm_rearm(struct confirm *confirm, int64_t now_ms)
{
	confirm->deaf_ms = now_ms;
	confirm->armed = false;
	if (confirm->stage == CONFIRM_SECOND || confirm->stage == CONFIRM_WORD) {
		confirm->stage = CONFIRM_FIRST;
		line_edit_clear(&confirm->edit);
	}
}

static int64_t armed_at(const struct confirm *confirm)
{
	int64_t deaf = confirm->deaf_ms + CONFIRM_DEAF_MS;
	int64_t silent = confirm->last_key_ms + CONFIRM_SILENCE_MS;
	return deaf > silent ? deaf : silent;
}

bool confirm_is_armed(const struct confirm *confirm, int64_t now_ms)
{
	return confirm->armed || now_ms >= armed_at(confirm);
}

int64_t confirm_due_ms(const struct confirm *confirm, int64_t now_ms)
{
	int64_t left = armed_at(confirm) - now_ms;
	if (confirm->stage != CONFIRM_FIRST || confirm->armed || left <= 0)
		return -1;
	return left < FRAME_MS ? left : FRAME_MS;
}

static void line_of(void *arg, size_t i, struct text_line *out)
{
	const struct confirm *confirm = arg;
	const struct confirm_line *line = &confirm->line[i];
	out->text = line->text;
	out->n = strlen(line->text);
	out->role = line->role;
	out->gutter_role = ROLE_DIM;
	if (confirm->text.width >= LABELS_MIN)
		snprintf(out->gutter, sizeof out->gutter, "%-12s", line->label);
	else if (*line->label)
		snprintf(out->gutter, sizeof out->gutter, "%s: ", line->label);
}

static struct text_source source_of(struct confirm *confirm)
{
	return (struct text_source){ .end = confirm->n_lines, .line = line_of, .arg = confirm };
}

/* ---- keys ---- */

static enum confirm_result first_yes(struct confirm *confirm, bool silent)
{
	if (!confirm->saw_end) {
		confirm->hint = "read it to its end first";
		return CONFIRM_STAYS;
	}
	if (!silent) {
		confirm->hint = "too close to the key before: press y again";
		return CONFIRM_STAYS;
	}
	if (confirm->risk == CONFIRM_LOW)
		return CONFIRM_APPROVED;
	confirm->stage = confirm->risk == CONFIRM_MEDIUM ? CONFIRM_SECOND : CONFIRM_WORD;
	line_edit_clear(&confirm->edit);
	return CONFIRM_STAYS;
}

static enum confirm_result key_in_field(struct confirm *confirm, struct key key)
{
	enum line_edit_result result = line_edit_key(&confirm->edit, key);
	if (result == LINE_EDIT_CANCELLED)
		confirm->stage = CONFIRM_FIRST;
	else if (confirm->stage == CONFIRM_WORD && strcmp(buf_str(&confirm->edit.text), confirm->word) == 0)
		return CONFIRM_APPROVED;
	else if (confirm->stage == CONFIRM_REASON && result == LINE_EDIT_DONE)
		return CONFIRM_REFUSED;
	return CONFIRM_STAYS;
}

static enum confirm_result key_when_armed(struct confirm *confirm, enum action action, int64_t since_ms)
{
	bool second = confirm->stage == CONFIRM_SECOND;
	switch (action) {
	case ACTION_YES: return second ? CONFIRM_STAYS : first_yes(confirm, since_ms >= CONFIRM_SILENCE_MS);
	case ACTION_CONFIRM: return second && since_ms >= CONFIRM_ENTER_MS ? CONFIRM_APPROVED : CONFIRM_STAYS;
	case ACTION_NO: line_edit_clear(&confirm->edit); return CONFIRM_REFUSED;
	case ACTION_NO_WITH_REASON:
		confirm->stage = CONFIRM_REASON;
		line_edit_clear(&confirm->edit);
		return CONFIRM_STAYS;
	default: return CONFIRM_STAYS;
	}
}

static enum confirm_result key_back(struct confirm *confirm)
{
	if (confirm->stage == CONFIRM_FIRST)
		return CONFIRM_LATER;
	confirm->stage = CONFIRM_FIRST;
	line_edit_clear(&confirm->edit);
	return CONFIRM_STAYS;
}

/* A paste begins the wait anew. */
static void hear_paste(struct confirm *confirm)
{
	confirm->armed = false;
	confirm->hint = "what is pasted answers nothing";
}

enum confirm_result confirm_key(struct confirm *confirm, struct key key, int64_t now_ms)
{
	struct text_source source = source_of(confirm);
	enum action action = key.pasted ? ACTION_NONE : keymap_find(confirm->keymap, CONTEXT_CONFIRM, key);
	int64_t since_ms = now_ms - confirm->last_key_ms;
	confirm->armed = confirm_is_armed(confirm, now_ms);
	confirm->last_key_ms = now_ms;
	confirm->hint = NULL;
	if (confirm->stage == CONFIRM_REASON)
		return key_in_field(confirm, key);
	if (!key.pasted && action == ACTION_BACK)
		return key_back(confirm);
	if (!key.pasted && confirm->stage == CONFIRM_WORD)
		return key_in_field(confirm, key);
	if (text_view_handle(&confirm->text, &source, action))
		return CONFIRM_STAYS;
	if (key.pasted || key.burst) {
		hear_paste(confirm);
		return CONFIRM_STAYS;
	}
	return confirm->armed ? key_when_armed(confirm, action, since_ms) : CONFIRM_STAYS;
}

/* ---- drawing ---- */

static void draw_arming(const struct confirm *confirm, struct pen *pen, int64_t now_ms)
{
	int64_t left = confirm->armed ? 0 : armed_at(confirm) - now_ms;
	if (left <= 0)
		return;
	int64_t done = CONFIRM_DEAF_MS - (left < CONFIRM_DEAF_MS ? left : CONFIRM_DEAF_MS);
	pen_printf(pen, ROLE_DIM, "keys accepted in %" PRId64 ".%" PRId64 " s  [", (left + 99) / 1000, (left + 99) / 100 % 10);
	for (int i = 0; i < BAR_CELLS; i++)
		pen_str(pen, ROLE_DIM, i < done * BAR_CELLS / CONFIRM_DEAF_MS ? "#" : "-");
	pen_str(pen, ROLE_DIM, "]");
}

/* The one line that says what a yes takes now. */
static void draw_prompt(struct confirm *confirm, struct pen *pen)
{
	int field = (int)strlen(confirm->word) + 2;
	if (confirm->hint) {
		pen_str(pen, ROLE_WAITING, confirm->hint);
		return;
	}
	if (!confirm->saw_end) {
		pen_printf(pen, ROLE_WAITING, "%zu more lines: read to the end (%s, %s), then y", confirm->text.below,
		           keymap_name(confirm->keymap, ACTION_DOWN).text, keymap_name(confirm->keymap, ACTION_PAGE_DOWN).text);
		return;
	}
	switch (confirm->stage) {
	case CONFIRM_FIRST:
		if (confirm->risk == CONFIRM_HIGH)
			pen_printf(pen, ROLE_TEXT, "To approve press y, then type the word  %s", confirm->word);
		else
			pen_printf(pen, ROLE_TEXT, "To %s press y%s", confirm->question ? "say yes" : "approve",
			           confirm->risk == CONFIRM_MEDIUM ? ", then Enter" : "");
		break;
	case CONFIRM_SECOND:
		pen_str(pen, ROLE_WAITING, "Enter: yes, ");
		pen_fit(pen, ROLE_FILE, confirm->line[0].text, pen_room(pen));
		break;
	case CONFIRM_WORD:
		pen_str(pen, ROLE_WAITING, "Type the word  ");
		pen_str(pen, ROLE_FILE, confirm->word);
		pen_str(pen, ROLE_WAITING, " :  [");
		line_edit_draw(&confirm->edit, pen, field < pen_room(pen) - 1 ? field : pen_room(pen) - 1);
		pen_str(pen, ROLE_WAITING, "]");
		break;
	case CONFIRM_REASON:
		pen_str(pen, ROLE_WAITING, "Decline, because: ");
		line_edit_draw(&confirm->edit, pen, pen_room(pen) - 1);
		break;
	}
}

static void draw_text(struct confirm *confirm, struct canvas *canvas, struct rect rect)
{
	struct text_source source = source_of(confirm);
	text_view_draw(&confirm->text, &source, canvas, rect, NULL);
	confirm->saw_end = confirm->saw_end || confirm->text.saw_end;
}

/* Where there is no room for a box: the whole screen, the prompt on its last line. */
static void draw_small(struct confirm *confirm, struct canvas *canvas, int64_t now_ms)
{
	struct rect all = { 0, 0, canvas->w, canvas->h };
	canvas_fill(canvas, all, ROLE_TEXT);
	struct pen title = pen_at(canvas, all, 0, 0);
	pen_fit(&title, ROLE_BAR_ALERT, strstr(confirm->title, "step"), canvas->w);
	draw_text(confirm, canvas, (struct rect){ 0, 1, canvas->w, canvas->h - 2 });
	if (canvas->h < 3 || canvas->w < 20)
		confirm->saw_end = false;
	struct pen prompt = pen_at(canvas, all, 0, canvas->h - 1);
	canvas->cursor_x = 0;
	canvas->cursor_y = canvas->h - 1;
	if (confirm_is_armed(confirm, now_ms) || confirm->stage != CONFIRM_FIRST)
		draw_prompt(confirm, &prompt);
	else
		draw_arming(confirm, &prompt, now_ms);
}

static void draw_lower(struct confirm *confirm, struct canvas *canvas, struct rect inner, int64_t now_ms)
{
	int y = inner.h - LOWER_LINES;
	struct pen prompt = pen_at(canvas, inner, 0, y + 1);
	canvas->cursor_x = prompt.x;
	canvas->cursor_y = prompt.y;
	draw_prompt(confirm, &prompt);
	struct pen no = pen_at(canvas, inner, 0, y + 3);
	pen_str(&no, ROLE_KEY, "n");
	pen_str(&no, ROLE_TEXT, confirm->question ? " no (default)   " : " decline (default)   ");
	pen_str(&no, ROLE_KEY, keymap_name(confirm->keymap, ACTION_NO_WITH_REASON).text);
	pen_str(&no, ROLE_TEXT, confirm->question ? " no, and say why" : " decline and say why   ");
	if (!confirm->question) {
		pen_str(&no, ROLE_KEY, keymap_name(confirm->keymap, ACTION_DIFF).text);
		pen_str(&no, ROLE_TEXT, " diff");
	}
	struct pen later = pen_at(canvas, inner, 0, y + 4);
	pen_str(&later, ROLE_KEY, "Esc");
	pen_str(&later, ROLE_TEXT, " close, stays pending");
	if (confirm->stage == CONFIRM_FIRST && !confirm_is_armed(confirm, now_ms)) {
		struct pen arming = pen_at(canvas, inner, inner.w - 38 > 24 ? inner.w - 38 : 24, y + 4);
		draw_arming(confirm, &arming, now_ms);
	}
}

void confirm_draw(struct confirm *confirm, struct canvas *canvas, struct rect content, int64_t now_ms)
{
	struct text_source source = source_of(confirm);
	int w = canvas->w - 2 < BOX_WIDTH ? canvas->w - 2 : BOX_WIDTH;
	if (canvas->w < 40 || content.h < LOWER_LINES + 4) {
		draw_small(confirm, canvas, now_ms);
		return;
	}
	int most = content.h - LOWER_LINES - 3;
	confirm->text.width = w - 6;
	int rows = (int)text_view_rows(&confirm->text, &source, w - 6, (size_t)most);
	int h = rows + LOWER_LINES + 3;
	struct rect box = { (canvas->w - w) / 2, content.y + (content.h - h) / 2, w, h };
	canvas_fill(canvas, box, ROLE_TEXT);
	canvas_frame(canvas, box);
	struct pen title = pen_at(canvas, box, (w - (int)strlen(confirm->title)) / 2, 0);
	pen_str(&title, confirm->risk == CONFIRM_HIGH ? ROLE_FAILED : ROLE_WAITING, confirm->title);
	struct rect inner = rect_inset(box, 3, 1);
	inner.y++;
	inner.h--;
	draw_text(confirm, canvas, (struct rect){ inner.x, inner.y, inner.w, rows });
	draw_lower(confirm, canvas, inner, now_ms);
}
