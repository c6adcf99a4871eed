#include "tui/json_lines.h"

#include "base/clock.h"
#include "event/event_json.h"

#include <stdio.h>
#include <string.h>

void json_lines_begin(struct json_lines *lines, const char *type)
{
	char stamp[CLOCK_STAMP_SIZE];
	clock_format(clock_wall_ms(), stamp);
	buf_clear(&lines->line);
	lines->w = (struct json_writer){ .out = &lines->line };
	json_begin_object(&lines->w);
	json_key(&lines->w, "v");
	json_put_int(&lines->w, 1);
	json_key(&lines->w, "seq");
	json_put_int(&lines->w, (int64_t)++lines->seq);
	json_key(&lines->w, "ts");
	json_put_cstr(&lines->w, stamp);
	json_key(&lines->w, "run");
	json_put_cstr(&lines->w, lines->run);
	json_key(&lines->w, "type");
	json_put_cstr(&lines->w, type);
}

/* A failed write shows when stdout is closed, at the end of the program. */
static void print(struct json_lines *lines)
{
	buf_add_char(&lines->line, '\n');
	(void)fwrite(lines->line.data, 1, lines->line.len, stdout);
}

void json_lines_end(struct json_lines *lines)
{
	json_end_object(&lines->w);
	print(lines);
}

void json_lines_event(struct json_lines *lines, const struct event *event, const char *type)
{
	buf_clear(&lines->line);
	event_write_as(&lines->line, event, type, NULL);
	print(lines);
	if (event->seq > lines->seq)
		lines->seq = event->seq;
}

void json_lines_diag(struct json_lines *lines, const struct diag *diag)
{
	static const char *const severity[] = { "error", "warning", "note" };
	const char *file = diag->file ? diag->file : "";
	json_lines_begin(lines, "diagnostic");
	json_key(&lines->w, "file");
	json_put_bytes(&lines->w, file, strlen(file));
	json_key(&lines->w, "line");
	json_put_int(&lines->w, diag->line);
	json_key(&lines->w, "column");
	json_put_int(&lines->w, diag->column);
	json_key(&lines->w, "severity");
	json_put_cstr(&lines->w, severity[diag->severity]);
	json_key(&lines->w, "message");
	json_put_cstr(&lines->w, diag->message);
	json_lines_end(lines);
}

void json_lines_error(struct json_lines *lines, const struct err *err)
{
	struct event event = {
		.kind = EVENT_NOTICE,
		.seq = lines->seq + 1,
		.at_ms = clock_wall_ms(),
		.run = lines->run,
		.category = err_category(err->code),
		.message = err->msg,
		.hint = err->hint[0] ? err->hint : NULL,
	};
	json_lines_event(lines, &event, NULL);
}

void json_lines_result(struct json_lines *lines, int exit_code)
{
	struct event event = {
		.kind = EVENT_RUN_FINISHED,
		.seq = lines->seq + 1,
		.at_ms = clock_wall_ms(),
		.run = lines->run,
		.exit_code = exit_code,
	};
	json_lines_event(lines, &event, "result");
	buf_release(&lines->line);
}
