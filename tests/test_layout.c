#include "tests/unit.h"

#include "tui/layout.h"

static struct layout make(int w, int h)
{
	struct layout_want want = { .w = w, .h = h, .lower = PANE_STREAM, .plan_rows = 12, .worker_rows = 4 };
	return layout_make(&want);
}

static void test_modes_go_by_cells(void **state)
{
	(void)state;
	assert_int_equal(make(80, 3).mode, LAYOUT_STATUS);
	assert_int_equal(make(19, 50).mode, LAYOUT_STATUS);
	assert_int_equal(make(20, 4).mode, LAYOUT_FOUR);
	assert_int_equal(make(39, 50).mode, LAYOUT_FOUR);
	assert_int_equal(make(80, 9).mode, LAYOUT_FOUR);
	assert_int_equal(make(40, 10).mode, LAYOUT_STACKED);
	assert_int_equal(make(139, 24).mode, LAYOUT_STACKED);
	assert_int_equal(make(140, 24).mode, LAYOUT_COLUMNS);
}

static void test_80x24_is_as_drawn(void **state)
{
	struct layout layout = make(80, 24);
	(void)state;
	assert_int_equal(layout.pane[PANE_PLAN].y, 1);
	assert_int_equal(layout.pane[PANE_PLAN].h, 9);
	assert_int_equal(layout.pane[PANE_STREAM].y, 10);
	assert_int_equal(layout.pane[PANE_STREAM].h, 11);
	assert_int_equal(layout.rule.y, 21);
	assert_int_equal(layout.message.y, 22);
	assert_int_equal(layout.keys.y, 23);
	assert_int_equal(layout.pane[PANE_DIFF].h, 0);
}

static void test_160x48_has_all_five_panes(void **state)
{
	struct layout layout = make(160, 48);
	(void)state;
	for (int i = PANE_PLAN; i <= PANE_RUN; i++)
		assert_true(layout.pane[i].h >= 6);
	assert_int_equal(layout.divider_x, 50);
	assert_int_equal(layout.pane[PANE_WORKERS].y, layout.pane[PANE_DIFF].y);
}

static bool overlaps(struct rect a, struct rect b)
{
	return a.h > 0 && b.h > 0 && a.w > 0 && b.w > 0 && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h &&
	       b.y < a.y + a.h;
}

static void check(const struct layout *layout, int w, int h)
{
	const struct rect other[] = { layout->title, layout->rule, layout->message, layout->keys };
	for (int i = 0; i < PANE_N; i++) {
		const struct rect *pane = &layout->pane[i];
		if (pane->h <= 0)
			continue;
		assert_true(pane->x >= 0 && pane->y >= 1 && pane->x + pane->w <= w && pane->y + pane->h <= h);
		for (int j = i + 1; j < PANE_N; j++)
			assert_false(overlaps(*pane, layout->pane[j]));
		for (size_t j = 0; j < sizeof other / sizeof *other; j++)
			assert_false(overlaps(*pane, other[j]));
	}
}

static void test_panes_stay_on_screen_and_apart_at_any_size(void **state)
{
	(void)state;
	for (int w = 1; w <= 500; w += w < 160 ? 1 : 17) {
		for (int h = 1; h <= 200; h += h < 60 ? 1 : 7) {
			for (int i = 0; i < 4 * PANE_N; i++) {
				struct layout_want want = { .w = w, .h = h, .replay = i & 1, .zoom = i & 2,
					                    .focus = (enum pane_id)(i / 4), .lower = (enum pane_id)(i / 4),
					                    .plan_rows = 30, .worker_rows = i };
				struct layout layout = layout_make(&want);
				check(&layout, w, h);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes_go_by_cells),
		cmocka_unit_test(test_80x24_is_as_drawn),
		cmocka_unit_test(test_160x48_has_all_five_panes),
		cmocka_unit_test(test_panes_stay_on_screen_and_apart_at_any_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
