/*
 * Random steps, edits by the user, deaths, errors, undo and redo, against a model in memory: after each of them the tree is
 * what the model says, and what the user wrote is never gone. Seeded: a failure names the seed. By default a few thousand
 * operations; BELAY_TORTURE=N in the environment does N sequences.
 */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "io/journal_read.h"
#include "tests/crash_world.h"
#include "tests/fault.h"
#include "tests/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_PATHS 8
#define N_OPERATIONS 40
#define DEFAULT_SEQUENCES 40
#define MAX_STEPS N_OPERATIONS

static const char *const path_name[N_PATHS] = { "a", "b", "dir/c", "dir/d", "dir/sub/e", "new/f", "new/g/h", "l" };

/* What is at a path: absent, a file with text number n, or a link to "target-n". */
struct cell {
	enum image_kind kind;
	int n;
	mode_t mode;
};

struct state {
	struct cell cell[N_PATHS];
};

struct step {
	char id[16];
	struct state before, after; /* of the touched paths */
	bool touched[N_PATHS];
	bool in_tree;
};

struct run {
	unsigned seed;
	uint64_t random;
	char *dir;
	struct world world;
	struct state now;
	struct step step[MAX_STEPS];
	size_t n_steps;
	int next_text;
	int operation;
};

static size_t n_operations, n_deaths, n_conflicts_seen, n_edits_meanwhile;

/* xorshift64* */
static uint64_t draw(struct run *run)
{
	run->random ^= run->random >> 12;
	run->random ^= run->random << 25;
	run->random ^= run->random >> 27;
	return run->random * 0x2545f4914f6cdd1dULL >> 33;
}

static size_t below(struct run *run, size_t n)
{
	return (size_t)(draw(run) % n);
}

/* ---- cells and the tree ---- */

static bool cell_equal(const struct cell *a, const struct cell *b)
{
	if (a->kind != b->kind || a->kind == IMAGE_ABSENT)
		return a->kind == b->kind;
	return a->n == b->n && (a->kind == IMAGE_LINK || a->mode == b->mode);
}

static char *text_of(int n, size_t *size)
{
	struct buf out = { 0 };
	buf_printf(&out, "text %d%s", n, n % 3 ? "\n" : "\r\n");
	for (int i = 0; i < n % 5; i++)
		buf_printf(&out, "line %d%s", i, n % 7 ? "\n" : "");
	if (n % 11 == 0)
		buf_add(&out, "\0\xff\n", 3);
	return buf_take(&out, size);
}

static void image_of_cell(struct image *out, const struct cell *cell)
{
	size_t n;
	if (cell->kind == IMAGE_FILE) {
		char *text = text_of(cell->n, &n);
		image_set_file(out, text, n, cell->mode);
		free(text);
	} else if (cell->kind == IMAGE_LINK) {
		char target[32];
		snprintf(target, sizeof target, "target-%d", cell->n);
		image_set_link(out, target);
	}
}

static struct cell cell_of_image(const struct image *image)
{
	struct cell cell = { .kind = image->kind };
	size_t n;
	if (image->kind == IMAGE_FILE) {
		cell.mode = image->mode;
		assert_int_equal(sscanf(image->data, "text %d", &cell.n), 1);
		char *text = text_of(cell.n, &n);
		assert_int_equal(n, image->size);
		assert_memory_equal(text, image->data, n);
		free(text);
	} else if (image->kind == IMAGE_LINK) {
		assert_int_equal(sscanf(image->data, "target-%d", &cell.n), 1);
	}
	return cell;
}

static struct state look(const struct run *run)
{
	struct state state;
	struct err err;
	for (size_t i = 0; i < N_PATHS; i++) {
		struct image image;
		assert_ok(file_image(&run->world.root, path_name[i], run->world.state, &image, &err), &err);
		state.cell[i] = cell_of_image(&image);
		image_release(&image);
	}
	return state;
}

static struct cell random_cell(struct run *run)
{
	static const mode_t mode[] = { 0644, 0755, 0600 };
	size_t kind = below(run, 8);
	if (kind == 0)
		return (struct cell){ IMAGE_ABSENT, 0, 0 };
	run->next_text++;
	if (kind == 1)
		return (struct cell){ IMAGE_LINK, run->next_text, 0 };
	return (struct cell){ IMAGE_FILE, run->next_text, mode[below(run, 3)] };
}

/* As an editor does it: in place, or beside and renamed. */
static void write_cell(const char *tree, size_t i, const struct cell *cell, bool in_place)
{
	struct image image = { 0 };
	struct stat st;
	char *path = xasprintf("%s/%s", tree, path_name[i]);
	bool is_file = lstat(path, &st) == 0 && S_ISREG(st.st_mode);
	image_of_cell(&image, cell);
	if (cell->kind != IMAGE_FILE || !in_place || !is_file)
		unlink(path);
	if (cell->kind == IMAGE_FILE)
		scratch_write_bytes(tree, path_name[i], image.data, (size_t)image.size, cell->mode);
	else if (cell->kind == IMAGE_LINK)
		scratch_link(tree, path_name[i], image.data);
	image_release(&image);
	free(path);
}

/* ---- checks ---- */

static void complain(const struct run *run, const char *what, size_t i)
{
	fail_msg("seed %u, operation %d, '%s': %s\n  in %s", run->seed, run->operation, i < N_PATHS ? path_name[i] : "-",
	         what, run->dir);
}

static bool state_equal(const struct state *a, const struct state *b)
{
	for (size_t i = 0; i < N_PATHS; i++)
		if (!cell_equal(&a->cell[i], &b->cell[i]))
			return false;
	return true;
}

static void check(const struct run *run)
{
	struct state now = look(run);
	for (size_t i = 0; i < N_PATHS; i++)
		if (!cell_equal(&now.cell[i], &run->now.cell[i]))
			complain(run, "the tree is not what the model says", i);
	char *list = scratch_list(run->world.tree);
	if (strstr(list, ".belay-"))
		complain(run, "a temporary file is left over", N_PATHS);
	free(list);
}

/* ---- running something, perhaps with a fault ---- */

enum trouble { NO_TROUBLE, DEATH, ERROR_RETURNED, EDIT };

struct deed {
	struct changeset *set;  /* to land as `step`; or NULL */
	const struct step *step;
	const size_t *which;    /* steps to take back or to put again */
	size_t n_which;
	bool redo;
	size_t n_conflicts;     /* of an undo */
};

static struct event *landed_event(const struct run *run, const char *id)
{
	struct journal_reader *reader;
	struct event_line line;
	struct err err;
	struct event *found = NULL;
	char *file = xasprintf("%s/journal.jsonl", run->world.state);
	assert_ok(journal_reader_open(&reader, file, &err), &err);
	while (journal_reader_next(reader, &line, &err) == 1) {
		const struct event *event = &line.event;
		if (event->kind == EVENT_LANDED && event->step && strcmp(event->step, id) == 0) {
			free(found);
			found = event_clone(event);
		}
		event_line_release(&line);
	}
	journal_reader_close(reader);
	free(file);
	return found;
}

static int do_take_back(struct run *run, struct deed *deed, struct err *err)
{
	struct land_plan plan = { 0 };
	struct strings ids = { 0 };
	struct event **landed = xcalloc(deed->n_which, sizeof *landed);
	for (size_t i = 0; i < deed->n_which; i++) {
		landed[i] = landed_event(run, run->step[deed->which[i]].id);
		assert_non_null(landed[i]);
		strings_add(&ids, run->step[deed->which[i]].id);
	}
	const struct land_query query = {
		.landed = (const struct event *const *)landed, .n_landed = deed->n_which, .redo = deed->redo,
	};
	int rc = land_preview(&run->world.lander, &query, &plan, err);
	deed->n_conflicts = plan.n_conflicts;
	if (world_is_ready)
		world_is_ready(); /* an edit before this is one that the preview takes into account */
	if (rc == 0)
		rc = land_take_back(&run->world.lander, run->world.store, &ids, &plan, deed->redo, err);
	land_plan_release(&plan);
	strings_release(&ids);
	for (size_t i = 0; i < deed->n_which; i++)
		free(landed[i]);
	free(landed);
	return rc;
}

static int do_deed(struct run *run, struct deed *deed, struct err *err)
{
	if (!deed->set)
		return do_take_back(run, deed, err);
	if (world_is_ready)
		world_is_ready();
	return land_apply(&run->world.lander, deed->step->id, 1, deed->set, err);
}

static void open_world(struct run *run)
{
	struct err err;
	assert_ok(world_open(&run->world, run->dir, run->seed % 4 == 3, &err), &err);
}

static void recover(struct run *run)
{
	struct err err;
	size_t n_conflicts;
	assert_ok(world_act(&run->world, "recover", 0, &n_conflicts, &err), &err);
}

static struct fault the_fault;

static void arm(void)
{
	fault_arm(&the_fault);
}

/* In a child that dies somewhere on the way, or comes to its end. */
static void do_and_die(struct run *run, struct deed *deed, long at)
{
	int status;
	n_deaths++;
	world_close(&run->world);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err;
		open_world(run);
		the_fault = (struct fault){ .kind = FAULT_DIE, .at = at };
		world_is_ready = arm;
		int rc = do_deed(run, deed, &err);
		fault_disarm();
		_exit(rc == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FAULT_DEAD));
	open_world(run);
	recover(run);
	recover(run);
}

struct meddling {
	struct run *run;
	size_t path;
	struct cell cell;
	bool in_place;
	bool done;
};

static void meddle(void *arg)
{
	struct meddling *m = arg;
	if (m->cell.kind == IMAGE_ABSENT && !scratch_has(m->run->world.tree, path_name[m->path]))
		return; /* to remove what is not there is no edit */
	write_cell(m->run->world.tree, m->path, &m->cell, m->in_place);
	m->done = true;
	n_edits_meanwhile++;
}

/*
 * Does it, with trouble perhaps, and brings the model up to date: `planned` is what the tree becomes when all goes well.
 * Returns whether it was done.
 */
static bool attempt(struct run *run, struct deed *deed, const struct state *planned)
{
	static const int errnum[] = { EIO, ENOSPC, EDQUOT, EINTR };
	struct err err = { 0 };
	struct meddling m = { .run = run, .path = below(run, N_PATHS), .in_place = below(run, 2) };
	enum trouble trouble = below(run, 2) ? NO_TROUBLE : (enum trouble)(1 + below(run, 3));
	long at = 1 + (long)below(run, 150);
	struct state old = run->now;
	bool done = true;
	if (trouble == DEATH) {
		do_and_die(run, deed, at);
		run->now = look(run);
		done = state_equal(&run->now, planned);
		if (!done && !state_equal(&run->now, &old))
			complain(run, "after a death and a recovery the tree is neither old nor new", N_PATHS);
		return done;
	}
	m.cell = random_cell(run);
	the_fault = (struct fault){ 0 };
	if (trouble == ERROR_RETURNED)
		the_fault = (struct fault){ .kind = FAULT_ERROR, .at = at, .errnum = errnum[below(run, 4)] };
	else if (trouble == EDIT)
		the_fault = (struct fault){ .kind = FAULT_EDIT, .at = at, .edit = meddle, .arg = &m };
	world_is_ready = arm;
	int rc = do_deed(run, deed, &err);
	fault_disarm();
	world_is_ready = NULL;
	if (trouble == NO_TROUBLE && rc != 0)
		complain(run, err.msg, N_PATHS);
	if (trouble != NO_TROUBLE)
		recover(run);
	done = rc == 0;
	run->now = done ? *planned : old;
	if (m.done) {
		struct state now = look(run);
		run->now.cell[m.path] = m.cell;
		/* An edit of what an undo was to restore may have come first: then that path was left out. */
		for (size_t i = 0; i < N_PATHS; i++)
			if (i != m.path && !cell_equal(&now.cell[i], &run->now.cell[i]))
				complain(run, rc == 0 ? "not done beside an edit" : err.msg, i);
	}
	return done;
}

/* ---- operations ---- */

static void make_set(struct run *run, struct step *step, struct changeset *set)
{
	size_t n = 1 + below(run, 4);
	*step = (struct step){ 0 };
	snprintf(step->id, sizeof step->id, "step-%zu", run->n_steps);
	for (size_t i = 0; i < n; i++) {
		size_t p = below(run, N_PATHS);
		struct cell after = random_cell(run);
		if (step->touched[p] || cell_equal(&after, &run->now.cell[p]))
			continue;
		step->touched[p] = true;
		step->before.cell[p] = run->now.cell[p];
		step->after.cell[p] = after;
		struct change *change = changeset_add(set, path_name[p]);
		image_of_cell(&change->before, &step->before.cell[p]);
		image_of_cell(&change->after, &after);
	}
}

static void land_a_step(struct run *run)
{
	struct changeset set = { 0 };
	struct step *step = &run->step[run->n_steps];
	struct state planned = run->now;
	make_set(run, step, &set);
	for (size_t i = 0; i < N_PATHS; i++)
		if (step->touched[i])
			planned.cell[i] = step->after.cell[i];
	struct deed deed = { .set = &set, .step = step };
	if (set.n_changes && attempt(run, &deed, &planned)) {
		step->in_tree = true;
		run->n_steps++;
	}
	changeset_release(&set);
}

static void land_a_stale_step(struct run *run)
{
	struct changeset set = { 0 };
	struct step step;
	struct err err;
	make_set(run, &step, &set);
	if (set.n_changes) {
		size_t p = below(run, N_PATHS);
		struct cell mine = random_cell(run);
		while (!step.touched[p])
			p = (p + 1) % N_PATHS;
		if (!cell_equal(&mine, &run->now.cell[p])) {
			write_cell(run->world.tree, p, &mine, below(run, 2));
			run->now.cell[p] = mine;
			assert_int_equal(land_apply(&run->world.lander, step.id, 1, &set, &err), -1);
			assert_int_equal(err.code, ERR_CONFLICT);
			n_conflicts_seen++;
		}
	}
	changeset_release(&set);
}

static void edit_something(struct run *run)
{
	size_t p = below(run, N_PATHS);
	struct cell cell = random_cell(run);
	write_cell(run->world.tree, p, &cell, below(run, 2));
	run->now.cell[p] = cell;
}

/* What the model thinks of one path of an undo or a redo of the steps, in order. */
static void plan_path(const struct run *run, const struct deed *deed, size_t p, struct state *planned, size_t *n_conflicts)
{
	const struct step *course[MAX_STEPS];
	size_t n = 0;
	for (size_t i = 0; i < deed->n_which; i++)
		if (run->step[deed->which[i]].touched[p])
			course[n++] = &run->step[deed->which[i]];
	if (!n)
		return;
	size_t at = deed->redo ? 0 : n - 1;
	struct cell expected = deed->redo ? course[at]->before.cell[p] : course[at]->after.cell[p];
	struct cell target = deed->redo ? course[at]->after.cell[p] : course[at]->before.cell[p];
	size_t n_done = 1;
	while (n_done < n) {
		const struct step *next = course[deed->redo ? at + n_done : at - n_done];
		if (!cell_equal(&target, deed->redo ? &next->before.cell[p] : &next->after.cell[p]))
			break;
		target = deed->redo ? next->after.cell[p] : next->before.cell[p];
		n_done++;
	}
	const struct cell *now = &run->now.cell[p];
	if (!cell_equal(now, &target) && !cell_equal(now, &expected)) {
		++*n_conflicts;
		return;
	}
	planned->cell[p] = target;
	*n_conflicts += n_done < n;
}

static void take_back_or_put_again(struct run *run, bool redo)
{
	size_t which[MAX_STEPS];
	struct deed deed = { .which = which, .redo = redo };
	struct state planned = run->now;
	size_t n_conflicts = 0;
	size_t share = 1 + below(run, 3);
	for (size_t i = 0; i < run->n_steps; i++)
		if (run->step[i].in_tree != redo && below(run, share + 1) == 0)
			which[deed.n_which++] = i;
	if (!deed.n_which)
		return;
	for (size_t p = 0; p < N_PATHS; p++)
		plan_path(run, &deed, p, &planned, &n_conflicts);
	bool done = attempt(run, &deed, &planned);
	n_conflicts_seen += n_conflicts;
	for (size_t i = 0; done && i < deed.n_which; i++)
		run->step[which[i]].in_tree = redo;
}

static void play(unsigned seed)
{
	struct run run = { .seed = seed, .random = 0x9e3779b97f4a7c15ULL ^ ((uint64_t)seed * 0xd1342543de82ef95ULL) };
	run.dir = scratch_make();
	scratch_mkdir(run.dir, "tree");
	scratch_mkdir(run.dir, "state");
	open_world(&run);
	for (run.operation = 0; run.operation < N_OPERATIONS; run.operation++) {
		size_t kind = below(&run, 100);
		n_operations++;
		if (kind < 35)
			land_a_step(&run);
		else if (kind < 55)
			edit_something(&run);
		else if (kind < 62)
			land_a_stale_step(&run);
		else
			take_back_or_put_again(&run, kind >= 82);
		check(&run);
	}
	world_close(&run.world);
	scratch_remove(run.dir);
}

static void test_the_tree_is_what_the_model_says(void **state)
{
	const char *torture = getenv("BELAY_TORTURE");
	const char *first = getenv("BELAY_SEED");
	unsigned seed = first ? (unsigned)atoi(first) : 1;
	unsigned n = first ? 1 : torture && atoi(torture) > 1 ? (unsigned)atoi(torture) : DEFAULT_SEQUENCES;
	(void)state;
	for (unsigned i = 0; i < n; i++)
		play(seed + i);
	assert_true(n_operations > 0);
	if (!first) {
		assert_true(n_deaths > 0);
		assert_true(n_conflicts_seen > 0);
		assert_true(n_edits_meanwhile > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_tree_is_what_the_model_says),
	};
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1); /* a sync is free there */
	int rc = cmocka_run_group_tests_name("land_random", tests, NULL, NULL);
	printf("%zu operations, %zu deaths, %zu conflicts, %zu edits meanwhile\n", n_operations, n_deaths, n_conflicts_seen,
	       n_edits_meanwhile);
	return rc;
}
