/* The run as one mail (RFC 5322, RFC 2045) that git am takes: its net change, binary files and all. */
#include "run/export.h"

#include "base/base64.h"
#include "base/text.h"
#include "edit/textdiff.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORD_BYTES 45 /* an encoded word is 75 characters at most (RFC 2047, section 2) */

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			return false;
	return true;
}

/* Text of one line for a header: whatever is no printable ASCII goes into encoded words. */
static void add_header_text(struct buf *out, const char *text)
{
	struct buf line = { 0 };
	text_sanitise(&line, text, strlen(text), 0);
	const char *at = buf_str(&line);
	if (is_plain(at) && !strstr(at, "=?")) {
		buf_add_str(out, at);
		buf_release(&line);
		return;
	}
	for (size_t n; *at; at += n) {
		size_t left = strlen(at);
		n = left <= WORD_BYTES ? left : text_whole_prefix(at, WORD_BYTES);
		buf_add_str(out, at == buf_str(&line) ? "=?UTF-8?B?" : "\n =?UTF-8?B?");
		base64_encode(out, at, n);
		buf_add_str(out, "?=");
	}
	buf_release(&line);
}

/* "Mon, 2 Mar 2026 14:01:03 +0000", whatever the locale. */
static void add_date(struct buf *out, int64_t wall_ms)
{
	static const char *const day[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
		                             "Dec" };
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	if (!gmtime_r(&seconds, &tm))
		return;
	buf_printf(out, "%s, %d %s %d %02d:%02d:%02d +0000", day[tm.tm_wday], tm.tm_mday, month[tm.tm_mon],
	           tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Nothing in it may look like the beginning of a diff: each line begins with words of ours. */
static void add_message(struct buf *out, const struct export_run *run)
{
	buf_add_str(out, "Steps:\n\n");
	for (size_t i = 0; i < run->model.n_steps; i++) {
		const struct model_step *step = run->model.step[i];
		if (!run->step[i].was_done)
			continue;
		buf_add_str(out, "  * ");
		text_sanitise(out, step->id, strlen(step->id), 0);
		if (*step->title) {
			buf_add_str(out, ": ");
			text_sanitise(out, step->title, strlen(step->title), 0);
		}
		if (*step->model) {
			buf_add_str(out, " (by ");
			text_sanitise(out, step->model, strlen(step->model), 0);
			buf_add_char(out, ')');
		}
		buf_add_char(out, '\n');
	}
	buf_printf(out, "\nBelay-run: %s\n", run->id);
}

/* A patch with carriage returns would lose them on its way: such a mail is encoded (RFC 2045, section 6.8). */
static void add_body(struct buf *out, const struct buf *body)
{
	struct buf text = { 0 };
	bool encode = memchr(buf_str(body), '\r', body->len) || memchr(buf_str(body), '\0', body->len);
	buf_printf(out, "Content-Transfer-Encoding: %s\n\n", encode ? "base64" : "8bit");
	if (!encode) {
		buf_add(out, buf_str(body), body->len);
		return;
	}
	base64_encode(&text, buf_str(body), body->len);
	for (size_t at = 0; at < text.len; at += 76)
		buf_printf(out, "%.76s\n", text.data + at);
	buf_release(&text);
}

int export_patch(struct buf *out, const struct export_run *run, struct err *err)
{
	struct buf body = { 0 };
	struct buf subject = { 0 };
	if (!run->set.n_changes) {
		err_set(err, ERR_NOT_FOUND, "the run '%s' has changed no file: there is no patch of it", run->id);
		return err_hint(err, "'belay show %s' lists its steps", run->id);
	}
	add_message(&body, run);
	buf_add_str(&body, "---\n\n");
	changeset_format_git_patch(&body, &run->set, 3);
	buf_printf(&body, "-- \nbelay %s\n\n", run->model.version ? run->model.version : "");
	buf_printf(&subject, "[PATCH] %s", export_plan_name(&run->model));
	buf_add_str(out, "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\nFrom: ");
	add_header_text(out, run->author ? run->author : "belay");
	buf_add_str(out, " <");
	add_header_text(out, run->email ? run->email : "belay@localhost");
	buf_add_str(out, ">\nDate: ");
	add_date(out, run->model.started_ms);
	buf_add_str(out, "\nSubject: ");
	add_header_text(out, buf_str(&subject));
	buf_add_str(out, "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n");
	add_body(out, &body);
	buf_release(&subject);
	buf_release(&body);
	return 0;
}
