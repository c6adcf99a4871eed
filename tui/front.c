#include "tui/front.h"

#include "base/clock.h"
#include "base/xalloc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define AGAIN_MS 2000
#define LINES_MAX (1024 * 1024)

static void read_signal(struct front *front)
{
	struct signalfd_siginfo info;
	if (read(front->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	int number = (int)info.ssi_signo;
	if (number != SIGINT && number != SIGTERM && number != SIGHUP)
		return;
	int64_t now = clock_mono_ms();
	if (front->signal && now - front->signal_ms <= AGAIN_MS)
		front->gave_up = true;
	if (!front->signal)
		front->signal = number;
	front->signal_ms = now;
	struct command stop = { .kind = COMMAND_STOP, .by = "person" };
	front->feed->ops->send(front->feed, &stop);
}

static void read_lines(struct front *front)
{
	char data[4096];
	ssize_t n = read(front->line_fd, data, sizeof data);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0 || front->lines.len > LINES_MAX) {
		struct command detach = { .kind = COMMAND_DETACH, .by = "person" };
		front->line_end = true;
		front->feed->ops->send(front->feed, &detach);
		return;
	}
	buf_add(&front->lines, data, (size_t)n);
}

void front_wait(struct front *front)
{
	const struct feed_ops *ops = front->feed->ops;
	struct pollfd fds[3] = {
		{ .fd = ops->wake_fd(front->feed), .events = POLLIN },
		{ .fd = front->signal_fd, .events = POLLIN },
		{ .fd = front->line_end ? -1 : front->line_fd, .events = POLLIN },
	};
	int64_t due = ops->due_ms(front->feed);
	int timeout = due < 0 ? -1 : due > 60000 ? 60000 : (int)due;
	if (poll(fds, 3, timeout) <= 0)
		return;
	if (fds[1].revents & POLLIN)
		read_signal(front);
	if (fds[2].revents)
		read_lines(front);
}

char *front_line(struct front *front)
{
	const char *start = buf_str(&front->lines);
	const char *end = memchr(start, '\n', front->lines.len);
	if (!end && !(front->line_end && front->lines.len))
		return NULL;
	size_t n = end ? (size_t)(end - start) : front->lines.len;
	char *line = xstrndup(start, n);
	buf_consume(&front->lines, end ? n + 1 : n);
	return line;
}

void front_release(struct front *front)
{
	buf_release(&front->lines);
}

int front_exit(const struct front *front, int64_t exit_code)
{
	if (front->signal)
		return 128 + front->signal;
	return exit_code < 0 ? 1 : (int)exit_code;
}
