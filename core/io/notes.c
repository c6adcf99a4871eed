#include "io/notes.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "io/fd.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (64 * 1024 * 1024)

static void format(struct buf *out, const struct note *note)
{
	char stamp[CLOCK_STAMP_SIZE];
	struct json_writer w = { .out = out };
	clock_format(note->at_ms, stamp);
	json_begin_object(&w);
	json_key(&w, "v");
	json_put_int(&w, 1);
	json_key(&w, "ts");
	json_put_cstr(&w, stamp);
	if (note->step) {
		json_key(&w, "step");
		json_put_cstr(&w, note->step);
	}
	if (note->thumb) {
		json_key(&w, "thumb");
		json_put_cstr(&w, note->thumb > 0 ? "up" : "down");
	}
	json_key(&w, "text");
	json_put_cstr(&w, note->text);
	json_end_object(&w);
	buf_add_char(out, '\n');
}

/* A line that a crash tore is ended first, so that it cannot spoil this one. */
static int end_torn_line(int fd, struct buf *line)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';
	if (end > 0 && fd_read_at(fd, &last, 1, end - 1) != 1)
		return -1;
	if (last != '\n')
		buf_add_char(line, '\n');
	return 0;
}

int notes_add(const char *run_dir, const struct note *note, struct err *err)
{
	struct buf line = { 0 };
	if (strlen(note->text) > NOTE_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "the note is longer than %d bytes", NOTE_TEXT_MAX);
	char *file = xasprintf("%s/notes.jsonl", run_dir);
	int fd = open(file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = fd < 0 ? -1 : end_torn_line(fd, &line);
	format(&line, note);
	if (rc == 0)
		rc = fd_write(fd, line.data, line.len) != 0 || fd_sync(fd) != 0 ? -1 : 0;
	if (rc != 0)
		err_errno(err, errno, "cannot write '%s'", file);
	fd_close(&fd);
	free(file);
	buf_release(&line);
	return rc;
}

static void read_line(struct notes *out, const char *line, size_t n)
{
	struct json *root;
	struct err err;
	struct note note = { 0 };
	if (json_parse(&root, line, n, &err) != 0)
		return;
	const char *stamp = json_get_str(root, "ts");
	const char *text = json_get_str(root, "text");
	const char *thumb = json_get_str(root, "thumb");
	if (stamp && text && clock_parse(stamp, &note.at_ms) == 0) {
		note.text = xstrdup(text);
		note.step = xstrdup(json_get_str(root, "step"));
		note.thumb = !thumb ? 0 : strcmp(thumb, "up") == 0 ? 1 : strcmp(thumb, "down") == 0 ? -1 : 0;
		out->note = vec_room(out->note, out->n_notes, &out->cap_notes, sizeof *out->note);
		out->note[out->n_notes++] = note;
	}
	json_free(root);
}

int notes_read(struct notes *out, const char *run_dir, struct err *err)
{
	struct buf text = { 0 };
	char *file = xasprintf("%s/notes.jsonl", run_dir);
	*out = (struct notes){ 0 };
	int rc = file_slurp(file, FILE_MAX, &text, err);
	free(file);
	if (rc != 0 && err->code == ERR_NOT_FOUND) {
		err_clear(err);
		return 0;
	}
	const char *line = buf_str(&text);
	for (const char *end; rc == 0 && (end = strchr(line, '\n')); line = end + 1)
		read_line(out, line, (size_t)(end - line));
	buf_release(&text);
	return rc;
}

void notes_release(struct notes *notes)
{
	for (size_t i = 0; i < notes->n_notes; i++) {
		free(notes->note[i].step);
		free(notes->note[i].text);
	}
	free(notes->note);
	*notes = (struct notes){ 0 };
}
