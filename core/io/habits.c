#include "io/habits.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "io/file.h"
#include "io/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_HABITS 300
#define MAX_BYTES ((size_t)256 * 1024)
#define MAX_NAME 200 /* bytes */
#define MAX_COUNT 40 /* answers; from there on both counts are halved, so that what a model does now weighs more */

int habits_path(struct buf *out, struct err *err)
{
	if (runs_state_dir(out, err) != 0)
		return -1;
	buf_add_str(out, "/habits");
	return 0;
}

static void free_habit(struct habit *habit)
{
	free(habit->model);
	free(habit->size);
	free(habit->form);
}

void habits_release(struct habits *habits)
{
	for (size_t i = 0; i < habits->n_habits; i++)
		free_habit(&habits->habit[i]);
	free(habits->habit);
	*habits = (struct habits){ 0 };
}

/* A name as the file has it: nothing in it ends a field or a line. */
static char *plain_name(const char *name)
{
	char *plain = xstrndup(name, strnlen(name, MAX_NAME));
	for (char *p = plain; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return plain;
}

/* Takes one field off the line; NULL: there is none. */
static char *next_field(char **line)
{
	char *field = *line;
	char *end = field ? strchr(field, '\t') : NULL;
	if (end)
		*end++ = '\0';
	*line = end;
	return field && *field ? field : NULL;
}

static bool read_count(const char *text, long *out)
{
	char *end = NULL;
	*out = text ? strtol(text, &end, 10) : -1;
	return end && *end == '\0' && *out >= 0 && *out <= MAX_COUNT;
}

static void read_line(struct habits *out, char *line)
{
	char *model = next_field(&line);
	char *size = next_field(&line);
	char *form = next_field(&line);
	long good;
	long bad;
	if (!read_count(next_field(&line), &good) || !read_count(next_field(&line), &bad) || !model || !size || !form ||
	    habits_find(out, model, size, form))
		return;
	out->habit = vec_room(out->habit, out->n_habits, &out->cap_habits, sizeof *out->habit);
	out->habit[out->n_habits++] = (struct habit){ xstrdup(model), xstrdup(size), xstrdup(form), good, bad };
}

int habits_load(struct habits *out, const char *path, struct err *err)
{
	struct buf text = { 0 };
	*out = (struct habits){ 0 };
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return 0;
	int rc = file_slurp(path, MAX_BYTES, &text, err);
	char *line = text.data;
	while (rc == 0 && line && out->n_habits < MAX_HABITS) {
		char *end = strchr(line, '\n');
		if (!end)
			break; /* a line without its end is not whole */
		*end = '\0';
		read_line(out, line);
		line = end + 1;
	}
	buf_release(&text);
	return rc;
}

const struct habit *habits_find(const struct habits *habits, const char *model, const char *size, const char *form)
{
	char *name = plain_name(model);
	const struct habit *found = NULL;
	for (size_t i = 0; i < habits->n_habits && !found; i++) {
		const struct habit *habit = &habits->habit[i];
		if (strcmp(habit->model, name) == 0 && strcmp(habit->size, size) == 0 && strcmp(habit->form, form) == 0)
			found = habit;
	}
	free(name);
	return found;
}

/* What is known of it goes to the end, where what is forgotten last stands. */
static struct habit *renew(struct habits *habits, const struct habit *which)
{
	const struct habit *known = habits_find(habits, which->model, which->size, which->form);
	struct habit habit = { 0 };
	size_t at = known ? (size_t)(known - habits->habit) : 0;
	if (known) {
		habit = *known;
	} else {
		habit = (struct habit){ plain_name(which->model), xstrdup(which->size), xstrdup(which->form), 0, 0 };
		if (habits->n_habits == MAX_HABITS)
			free_habit(&habits->habit[0]);
	}
	if (known || habits->n_habits == MAX_HABITS) {
		memmove(&habits->habit[at], &habits->habit[at + 1], (habits->n_habits - at - 1) * sizeof habit);
		habits->n_habits--;
	}
	habits->habit = vec_room(habits->habit, habits->n_habits, &habits->cap_habits, sizeof habit);
	habits->habit[habits->n_habits] = habit;
	return &habits->habit[habits->n_habits++];
}

static int write_all(const char *path, const struct habits *habits, struct err *err)
{
	struct buf text = { 0 };
	for (size_t i = 0; i < habits->n_habits; i++) {
		const struct habit *habit = &habits->habit[i];
		buf_printf(&text, "%s\t%s\t%s\t%ld\t%ld\n", habit->model, habit->size, habit->form, habit->good, habit->bad);
	}
	int rc = file_write_atomic(path, buf_str(&text), text.len, err);
	buf_release(&text);
	return rc;
}

static void count(struct habit *habit, bool is_good)
{
	habit->good += is_good;
	habit->bad += !is_good;
	if (habit->good + habit->bad > MAX_COUNT) {
		habit->good /= 2;
		habit->bad /= 2;
	}
}

/* The lock is a file beside it, for the file itself is replaced. */
static int lock(const char *path, int *fd, struct err *err)
{
	char *name = xasprintf("%s.lock", path);
	*fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = *fd < 0 ? err_errno(err, errno, "cannot open '%s'", name) : 0;
	while (rc == 0 && flock(*fd, LOCK_EX) != 0)
		if (errno != EINTR)
			rc = err_errno(err, errno, "cannot lock '%s'", name);
	free(name);
	return rc;
}

int habits_note(const char *path, const struct habit *which, bool is_good, struct err *err)
{
	struct habits habits;
	int fd = -1;
	int rc = lock(path, &fd, err);
	if (rc == 0) {
		if (habits_load(&habits, path, NULL) != 0)
			habits_release(&habits); /* it begins anew */
		count(renew(&habits, which), is_good);
		rc = write_all(path, &habits, err);
		habits_release(&habits);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}
