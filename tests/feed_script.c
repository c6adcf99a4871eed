#include "tests/feed_script.h"

static enum feed_got script_next(struct feed *feed, const struct event **event)
{
	struct feed_script *script = (struct feed_script *)feed;
	if (script->restart) {
		script->restart = false;
		script->at = 0;
		return FEED_RESET;
	}
	if (script->at == script->n_events)
		return script->goes_on ? FEED_NONE : FEED_END;
	if (script->at == script->wait_at && !script->n_sent)
		return FEED_NONE;
	*event = &script->event[script->at++];
	return FEED_EVENT;
}

static int64_t script_due_ms(struct feed *feed)
{
	(void)feed;
	return -1;
}

static int script_wake_fd(struct feed *feed)
{
	(void)feed;
	return -1;
}

static void script_send(struct feed *feed, const struct command *command)
{
	struct feed_script *script = (struct feed_script *)feed;
	if (script->n_sent < FEED_SCRIPT_MAX)
		script->sent[script->n_sent++] = command_clone(command);
	if (command->kind == COMMAND_SPEED)
		script->status.speed = command->number;
}

static int script_blob(struct feed *feed, const char *sha256, struct buf *out, struct err *err)
{
	struct feed_script *script = (struct feed_script *)feed;
	const char *text = script->blob_of ? script->blob_of(sha256) : script->blob;
	if (!text || (script->blob_of && !*text))
		return err_set(err, ERR_NOT_FOUND, "there is no blob '%s'", sha256);
	return buf_add_str(out, text);
}

static void script_status(struct feed *feed, struct feed_status *out)
{
	*out = ((struct feed_script *)feed)->status;
}

static void script_free(struct feed *feed)
{
	(void)feed;
}

static int script_now(struct feed *feed, const char *path, struct feed_file *out, struct err *err)
{
	const char *now = ((struct feed_script *)(void *)feed)->now;
	(void)path;
	*out = (struct feed_file){ .present = now, .mode = 0644 };
	if (!now)
		return err_set(err, ERR_NOT_FOUND, "the work tree is not known");
	return buf_add_str(&out->text, now);
}

void feed_script_init(struct feed_script *script, const struct event *event, size_t n_events, size_t wait_at)
{
	static const struct feed_ops ops = { script_next, script_due_ms, script_wake_fd, script_send,
		                             script_blob, script_status, script_free, NULL, script_now };
	*script = (struct feed_script){ .feed = { &ops }, .event = event, .n_events = n_events, .wait_at = wait_at,
		                        .status = { .playing = true, .speed = 1000 } };
}

void feed_script_release(struct feed_script *script)
{
	for (size_t i = 0; i < script->n_sent; i++)
		command_free(script->sent[i]);
}
