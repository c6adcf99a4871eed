/*
 * A run on a scratch tree, as a test sees it: a plan's text, answers written by hand, what a front end would send, and
 * the fold of the events that it would get. Everything below a scratch folder, no network.
 *
 *     struct scene scene;
 *     scene_init(&scene, "belay: 1\nsteps: ...");
 *     scratch_write(scene.tree, "a.c", "int a;\n");
 *     assert_int_equal(scene_run(&scene), 0);
 *     scene_release(&scene);
 */
#ifndef BELAY_TESTS_SCENE_H
#define BELAY_TESTS_SCENE_H

#include "base/buf.h"
#include "event/run_model.h"
#include "run/executor.h"
#include "tests/scratch.h"

struct scene {
	char *dir;      /* scratch; owned */
	char *tree;     /* dir/tree */
	char *run_dir;  /* dir/run */
	struct plan *plan;
	struct dag *dag;
	struct config *config;
	struct buf answers;
	struct run_options options; /* to be changed before scene_run */

	/* Called for every event, after the fold; may send commands. */
	void (*seen)(struct scene *scene, const struct event *event);
	void *arg;

	struct executor *executor; /* while it runs */
	struct run_model model;
	struct event **event;      /* all that came; owned */
	size_t n_events, cap_events;
};

void scene_init(struct scene *scene, const char *plan); /* stops the test when the plan has an error */
void scene_release(struct scene *scene);

/* The tree becomes a git repository with all that is in it committed. */
void scene_git(struct scene *scene);

/* An answer of the provider "sample" for a step and attempt, written by hand. */
void scene_answer(struct scene *scene, const char *step, int attempt, const char *text);
/* The same, streamed at so many tokens a second. */
void scene_slow_answer(struct scene *scene, const char *step, int attempt, const char *text, int tokens_per_second);

/* Runs to the end, as a front end that lets the executor close once the run has ended; the exit status. */
int scene_run(struct scene *scene);
/* Runs the same plan again in the same run folder, as `belay resume` does. */
int scene_resume(struct scene *scene);
void scene_send(struct scene *scene, enum command_kind kind, const char *step);
void scene_answer_request(struct scene *scene, const struct event *asked, bool yes);

const char *scene_state(const struct scene *scene, const char *step); /* in the model */
const char *scene_result(const struct scene *scene, const char *step); /* in the last run_finished */
const struct event *scene_find(const struct scene *scene, enum event_kind kind, const char *step); /* the first; or NULL */
const struct event *scene_last(const struct scene *scene, enum event_kind kind, const char *step);
size_t scene_count(const struct scene *scene, enum event_kind kind, const char *step); /* NULL: of any step */
bool scene_noticed(const struct scene *scene, const char *part); /* a notice or a failure says so */

/* Stops the test unless the file holds exactly this; NULL: unless it is not there. */
void scene_assert_file(const struct scene *scene, const char *path, const char *text);

#endif
