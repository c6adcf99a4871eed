/*
 * Nothing is ever written outside the root, under a name that becomes code, or where another system would see another
 * name: by names, by links, and by folders that become links in the middle of a landing. BELAY_TORTURE=1: all of it.
 */
#include "tests/unit.h"

#include "base/xalloc.h"
#include "io/file.h"
#include "tests/crash_world.h"
#include "tests/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_RACES (getenv("BELAY_TORTURE") ? 1000000L : 20000L)
#define N_LANDINGS (getenv("BELAY_TORTURE") ? 3000L : 60L)

struct place {
	char *dir; /* holds tree/, state/ and outside/ */
	char *tree;
	struct world world;
};

static int set_up(void **state)
{
	struct err err;
	struct place *place = xcalloc(1, sizeof *place);
	place->dir = scratch_make();
	place->tree = xasprintf("%s/tree", place->dir);
	world_make(place->dir, 0);
	scratch_write(place->dir, "outside/secret", "not yours\n");
	scratch_write(place->tree, ".git/config", "[core]\n");
	scratch_write(place->tree, "swapped/inner/kept", "kept\n");
	scratch_link(place->tree, "up", "..");
	scratch_link(place->tree, "out", "../outside");
	scratch_link(place->tree, "src/out", "../../outside");
	scratch_link(place->tree, "self", ".");
	scratch_link(place->tree, "loop", "loop");
	scratch_link(place->tree, "git", ".git");
	scratch_link(place->tree, "root", "/");
	assert_ok(world_open(&place->world, place->dir, false, &err), &err);
	*state = place;
	return 0;
}

static int set_up_stepwise(void **state)
{
	set_up(state);
	struct place *place = *state;
	place->world.root.stepwise = true;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	world_close(&place->world);
	scratch_remove(place->dir);
	free(place->tree);
	free(place);
	return 0;
}

/* ---- names ---- */

static const char *const folder[] = { "", "src/", "src/new/", "a/b/c/d/" };

/* Each below each of the folders above. */
static const char *const bad[] = {
	".git/config", ".git/hooks/post-checkout", ".GIT/config", ".Git/x", ".giT", ".git", ".git./x", ".git /x", ".git.../x",
	".git::$INDEX_ALLOCATION/x", ".git:stream", "git~1/config", "GIT~1/x", "Git~2/x", ".g\xe2\x80\x8c" "it/x",
	".gi\xe2\x80\x8dt/x", "\xef\xbb\xbf.git/x", ".git\xe2\x80\x8b/x", ".\xe2\x81\xa0git/x", ".g\xc4\xb1t/../../x",
	".gitmodules", ".GITMODULES", ".gitmodules.", ".gitmodules ", "gitmod~1", ".git\xe2\x80\x8cmodules",
	"../x", "../../x", "../outside/x", "x/../../../x", "./x", "x/./y", "x//y", "x/..", "..", ".", "x/",
	"CON", "con.txt", "PRN", "AUX.c", "NUL", "nul.tar.gz", "COM1", "com9.log", "LPT1", "lpt9", "CONIN$", "CONOUT$",
	"a\\b", "..\\x", "\\x", "c:x", "C:\\x", "x:y", "x:$DATA", "x.", "x ", "x. .", "a./b", "a /b", "x:", "com1.", "aux .h",
	"x<y", "x>y", "x|y", "x?y", "x*y", "x\"y", "com2", "COM3.c", "lpt2", "LPT3.h", "folder./x", "folder /x", "nul/x",
};

/* Through what is there. */
static const char *const through[] = {
	"up/x", "up/outside/x", "up/outside/secret", "out/x", "out/secret", "out/deep/x", "src/out/x", "src/out/secret", "self/x",
	"self/self/x", "loop/x", "git/config", "git/x", "root/tmp/x", "root/x", "self/up/x", "self/out/x", "bystander/x",
	"/x", "/tmp/x", "//x", "/../x", "",
};

static size_t n_cases;

static void expect_refused(struct place *place, const char *path)
{
	struct err err = { 0 };
	struct changeset set = { 0 };
	struct change *change = changeset_add(&set, path);
	image_take_file(&change->after, xstrdup("escaped\n"), 8, 0644);
	n_cases++;
	if (land_apply(&place->world.lander, "step", 1, &set, &err) == 0)
		fail_msg("'%s' was written", path);
	assert_true(err.msg[0]);
	changeset_release(&set);
}

static void test_no_name_leads_out_or_becomes_code(void **state)
{
	struct place *place = *state;
	char *tree = scratch_list(place->tree);
	char *outside = xasprintf("%s/outside", place->dir);
	char *there = scratch_list(outside);
	n_cases = 0;
	for (size_t i = 0; i < sizeof folder / sizeof *folder; i++)
		for (size_t j = 0; j < sizeof bad / sizeof *bad; j++) {
			char *path = xasprintf("%s%s", folder[i], bad[j]);
			expect_refused(place, path);
			free(path);
		}
	for (size_t i = 0; i < sizeof through / sizeof *through; i++)
		expect_refused(place, through[i]);
	assert_true(n_cases >= 300);
	char *now = scratch_list(place->tree);
	char *there_now = scratch_list(outside);
	assert_string_equal(tree, now);
	assert_string_equal(there, there_now);
	printf("escapes: %zu names, none written\n", n_cases);
	free(there_now);
	free(now);
	free(there);
	free(outside);
	free(tree);
}

/* ---- races ---- */

/* Swaps a folder for a link that leads out, and back, as fast as it can. */
struct swapper {
	pthread_t thread;
	char *folder, *link;
	atomic_bool stop, pause, paused; /* it pauses with the folder in its place */
	atomic_long n_swaps;
};

static void *swap(void *arg)
{
	struct swapper *swapper = arg;
	while (!atomic_load(&swapper->stop) || atomic_load(&swapper->n_swaps) % 2) {
		if (renameat2(AT_FDCWD, swapper->folder, AT_FDCWD, swapper->link, RENAME_EXCHANGE) != 0)
			break;
		bool in_place = atomic_fetch_add(&swapper->n_swaps, 1) % 2;
		while (in_place && atomic_load(&swapper->pause)) {
			atomic_store(&swapper->paused, true);
			sched_yield();
		}
	}
	return NULL;
}

static bool swapper_start(struct swapper *swapper, const struct place *place)
{
	*swapper = (struct swapper){ .folder = xasprintf("%s/swapped", place->tree),
		                     .link = xasprintf("%s/a-link", place->dir) };
	char *outside = xasprintf("%s/outside", place->dir);
	assert_int_equal(symlink(outside, swapper->link), 0);
	free(outside);
	/* Twice: it is back where it was. Where the file system cannot exchange, nothing can race like this. */
	bool can = true;
	for (int i = 0; i < 2; i++)
		can = can && renameat2(AT_FDCWD, swapper->folder, AT_FDCWD, swapper->link, RENAME_EXCHANGE) == 0;
	if (can)
		assert_int_equal(pthread_create(&swapper->thread, NULL, swap, swapper), 0);
	return can;
}

static void swapper_pause(struct swapper *swapper, bool pause)
{
	atomic_store(&swapper->paused, false);
	atomic_store(&swapper->pause, pause);
	while (pause && !atomic_load(&swapper->paused))
		sched_yield();
	long n_swaps = atomic_load(&swapper->n_swaps);
	while (!pause && atomic_load(&swapper->n_swaps) == n_swaps)
		sched_yield();
}

static long swapper_end(struct swapper *swapper)
{
	atomic_store(&swapper->stop, true);
	pthread_join(swapper->thread, NULL);
	long n = atomic_load(&swapper->n_swaps);
	free(swapper->folder);
	free(swapper->link);
	return n;
}

static void expect_nothing_outside(const struct place *place)
{
	char *outside = xasprintf("%s/outside", place->dir);
	char *list = scratch_list(outside);
	if (!strstr(list, " secret\n") || strchr(list, '\n') != strrchr(list, '\n'))
		fail_msg("written outside:\n%s", list);
	char *secret = xasprintf("%s/secret", outside);
	char text[32] = "";
	FILE *file = fopen(secret, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof text, file));
	fclose(file);
	assert_string_equal(text, "not yours\n");
	free(secret);
	free(list);
	free(outside);
}

static void test_no_swap_of_a_folder_leads_an_open_out(void **state)
{
	struct place *place = *state;
	struct swapper swapper;
	long n_open = 0;
	long n_races = N_RACES;
	if (!swapper_start(&swapper, place))
		skip();
	for (long i = 0; i < n_races; i++) {
		static const char *const path[] = { "swapped/secret", "swapped/inner/made", "swapped/made" };
		struct err err;
		int fd = file_open(&place->world.root, path[i % 3], O_WRONLY | O_CREAT | O_TRUNC, 0644, &err);
		if (fd < 0)
			continue;
		n_open++;
		assert_int_equal(write(fd, "escaped\n", 8), 8);
		close(fd);
	}
	long n_swaps = swapper_end(&swapper);
	expect_nothing_outside(place);
	assert_true(n_swaps > 2 && n_open > 0 && n_open < n_races);
	printf("races: %ld opens against %ld swaps, %ld within, none outside\n", n_races, n_swaps, n_open);
}

/* What a landing had beside its files when the folder went from under it may stay there: only outside is judged. */
static void test_no_swap_of_a_folder_leads_a_landing_out(void **state)
{
	struct place *place = *state;
	struct swapper swapper;
	long n_begun = 0;
	long n_landed = 0;
	long n_landings = N_LANDINGS;
	size_t n_conflicts = 0;
	struct err err;
	if (!swapper_start(&swapper, place))
		skip();
	for (long i = 0; i < n_landings; i++) {
		struct changeset set = { 0 };
		struct image before = { 0 };
		const char *path[] = { "swapped/secret", "swapped/inner/kept", "swapped/inner/deep/new" };
		swapper_pause(&swapper, true);
		for (size_t j = 0; j < 3; j++) {
			assert_ok(file_image(&place->world.root, path[j], place->world.state, &before, &err), &err);
			struct change *change = changeset_add(&set, path[j]);
			change->before = before;
			if (before.kind == IMAGE_ABSENT || i % 3)
				image_take_file(&change->after, xasprintf("%ld\n", i), (size_t)snprintf(NULL, 0, "%ld\n", i), 0644);
		}
		swapper_pause(&swapper, false);
		n_begun += set.n_changes > 0;
		n_landed += land_apply(&place->world.lander, "step", 1, &set, &err) == 0 && set.n_changes;
		changeset_release(&set);
	}
	long n_swaps = swapper_end(&swapper);
	expect_nothing_outside(place);
	assert_ok(world_act(&place->world, "recover", 0, &n_conflicts, &err), &err);
	expect_nothing_outside(place);
	printf("races: %ld landings against %ld swaps, %ld landed, none outside\n", n_begun, n_swaps, n_landed);
}

#define EACH_WAY(test)                                                                                \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down), { #test " stepwise", test, set_up_stepwise, tear_down, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH_WAY(test_no_name_leads_out_or_becomes_code),
		EACH_WAY(test_no_swap_of_a_folder_leads_an_open_out),
		EACH_WAY(test_no_swap_of_a_folder_leads_a_landing_out),
	};
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
