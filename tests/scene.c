#include "tests/scene.h"

#include "tests/unit.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "event/event_json.h"
#include "io/journal_read.h"
#include "plan/plan_yaml.h"

#include <poll.h>
#include <stdio.h>

#define PATIENCE_MS 60000 /* a run that says nothing for so long hangs */

static void load_plan(struct scene *scene, const char *text)
{
	struct diags diags = { 0 };
	struct plan_load_options options = { 0 };
	struct buf said = { 0 };
	struct err err = { 0 };
	if (plan_load(&scene->plan, "plan.yaml", text, strlen(text), &options, &diags) != 0) {
		for (size_t i = 0; i < diags.n_diags; i++)
			diag_format(&said, &diags.diag[i]);
		fail_msg("%s", buf_str(&said));
	}
	diags_release(&diags);
	assert_ok(dag_build(&scene->dag, scene->plan, false, NULL, NULL, NULL, &err), &err);
}

void scene_init(struct scene *scene, const char *plan)
{
	*scene = (struct scene){ .dir = scratch_make() };
	scene->tree = xasprintf("%s/tree", scene->dir);
	scene->run_dir = xasprintf("%s/run", scene->dir);
	scratch_mkdir(scene->dir, "tree");
	scratch_mkdir(scene->dir, "run");
	setenv("XDG_CACHE_HOME", scene->dir, 1); /* answers of this scene alone */
	load_plan(scene, plan);
	scene->config = config_new();
	struct provider *sample = config_add_provider(scene->config, "sample");
	sample->kind = PROVIDER_RECORDED;
	sample->has_kind = true;
	free(sample->file);
	sample->file = xasprintf("%s/answers.jsonl", scene->dir);
	strings_add(&scene->config->use, "sample");
	scene->options = (struct run_options){
		.plan = scene->plan,
		.dag = scene->dag,
		.config = scene->config,
		.root = scene->tree,
		.head = "",
		.run_id = "0123abcd",
		.run_dir = scene->run_dir,
		.n_workers = 2,
		.yes = RISK_HIGH,
	};
	run_model_init(&scene->model);
}

static void forget_events(struct scene *scene)
{
	for (size_t i = 0; i < scene->n_events; i++)
		free(scene->event[i]);
	scene->n_events = 0;
	run_model_release(&scene->model);
	run_model_init(&scene->model);
}

void scene_release(struct scene *scene)
{
	forget_events(scene);
	run_model_release(&scene->model);
	free(scene->event);
	plan_free(scene->plan);
	dag_free(scene->dag);
	config_free(scene->config);
	buf_release(&scene->answers);
	scratch_remove(scene->dir);
	free(scene->tree);
	free(scene->run_dir);
}

void scene_git(struct scene *scene)
{
	char *command = xasprintf("cd '%s' && git init -q -b main . && git add -A && "
	                          "git -c user.name=t -c user.email=t@example.org commit -q --allow-empty -m start",
	                          scene->tree);
	assert_int_equal(system(command), 0);
	free(command);
}

void scene_slow_answer(struct scene *scene, const char *step, int attempt, const char *text, int tokens_per_second)
{
	struct json_writer w = { .out = &scene->answers };
	json_begin_object(&w);
	json_key(&w, "step");
	json_put_cstr(&w, step);
	json_key(&w, "attempt");
	json_put_int(&w, attempt);
	json_key(&w, "text");
	json_put_cstr(&w, text);
	json_key(&w, "tokens_per_second");
	json_put_int(&w, tokens_per_second);
	json_key(&w, "origin");
	json_put_cstr(&w, "written by hand");
	json_end_object(&w);
	buf_add_char(&scene->answers, '\n');
	scratch_write(scene->dir, "answers.jsonl", buf_str(&scene->answers));
}

void scene_answer(struct scene *scene, const char *step, int attempt, const char *text)
{
	scene_slow_answer(scene, step, attempt, text, 0);
}

/* What happens, for whoever looks for the reason of a failure. */
static void trace(const struct event *event)
{
	struct buf line = { 0 };
	event_write(&line, event, NULL);
	fprintf(stderr, "%s\n", buf_str(&line));
	buf_release(&line);
}

static void take_event(struct scene *scene, const struct event *event)
{
	struct err err = { 0 };
	assert_ok(run_model_apply(&scene->model, event, &err), &err);
	scene->event = vec_room(scene->event, scene->n_events, &scene->cap_events, sizeof *scene->event);
	scene->event[scene->n_events++] = event_clone(event);
	if (getenv("SCENE_TRACE"))
		trace(event);
	if (scene->seen)
		scene->seen(scene, event);
}

int scene_run(struct scene *scene)
{
	struct err err = { 0 };
	const struct event *event;
	enum feed_got got;
	assert_ok(executor_start(&scene->executor, &scene->options, &err), &err);
	struct feed *feed = executor_feed(scene->executor);
	while ((got = feed->ops->next(feed, &event)) != FEED_END) {
		struct pollfd wake = { .fd = feed->ops->wake_fd(feed), .events = POLLIN };
		if (got == FEED_EVENT)
			take_event(scene, event);
		else if (poll(&wake, 1, PATIENCE_MS) == 0)
			fail_msg("nothing happens any more after event %zu", scene->n_events);
	}
	int code = executor_join(scene->executor);
	executor_free(scene->executor);
	scene->executor = NULL;
	assert_true(scene->model.finished);
	assert_int_equal(scene->model.exit_code, code);
	return code;
}

int scene_resume(struct scene *scene)
{
	forget_events(scene);
	scene->options.resume = true;
	return scene_run(scene);
}

void scene_send(struct scene *scene, enum command_kind kind, const char *step)
{
	struct feed *feed = executor_feed(scene->executor);
	struct command command = { .kind = kind, .step = (char *)(uintptr_t)step, .by = "person" };
	feed->ops->send(feed, &command);
}

void scene_answer_request(struct scene *scene, const struct event *asked, bool yes)
{
	struct feed *feed = executor_feed(scene->executor);
	struct command command = {
		.kind = yes ? COMMAND_APPROVE : COMMAND_REFUSE,
		.request = (char *)(uintptr_t)asked->request,
		.by = "person",
		.shown_ms = 1000,
	};
	feed->ops->send(feed, &command);
}

const char *scene_state(const struct scene *scene, const char *step)
{
	const struct model_step *found = run_model_step(&scene->model, step);
	return found ? step_state_name(found->state) : "(unknown)";
}

const char *scene_result(const struct scene *scene, const char *step)
{
	const struct event *end = scene_last(scene, EVENT_RUN_FINISHED, NULL);
	for (size_t i = 0; end && i < end->states.n_states; i++)
		if (strcmp(end->states.state[i].step, step) == 0)
			return end->states.state[i].state;
	return "(unknown)";
}

static bool is_it(const struct event *event, enum event_kind kind, const char *step)
{
	return event->kind == kind && (!step || (event->step && strcmp(event->step, step) == 0));
}

const struct event *scene_find(const struct scene *scene, enum event_kind kind, const char *step)
{
	for (size_t i = 0; i < scene->n_events; i++)
		if (is_it(scene->event[i], kind, step))
			return scene->event[i];
	return NULL;
}

const struct event *scene_last(const struct scene *scene, enum event_kind kind, const char *step)
{
	for (size_t i = scene->n_events; i > 0; i--)
		if (is_it(scene->event[i - 1], kind, step))
			return scene->event[i - 1];
	return NULL;
}

size_t scene_count(const struct scene *scene, enum event_kind kind, const char *step)
{
	size_t n = 0;
	for (size_t i = 0; i < scene->n_events; i++)
		n += is_it(scene->event[i], kind, step);
	return n;
}

bool scene_noticed(const struct scene *scene, const char *part)
{
	for (size_t i = 0; i < scene->n_events; i++) {
		const struct event *event = scene->event[i];
		if ((event->kind == EVENT_NOTICE || event->kind == EVENT_STEP_FAILED) && event->message &&
		    strstr(event->message, part))
			return true;
	}
	return false;
}

void scene_assert_file(const struct scene *scene, const char *path, const char *text)
{
	char *found = scratch_read(scene->tree, path);
	if (text && !found)
		fail_msg("'%s' is not there", path);
	if (!text && found)
		fail_msg("'%s' is there", path);
	if (text)
		assert_string_equal(found, text);
	free(found);
}
