# Tests of the terminal UI.
UI_STAGE = tests/feed_script.c tests/feed_script.h tests/tui_story.c tests/tui_story.h tests/ui_stage.c tests/ui_stage.h \
	tests/unit.h
UI_LDADD = $(UI_LDLIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_canvas tests/test_keymap tests/test_layout tests/test_panes tests/test_screens tests/test_ui
tests_test_panes_SOURCES = tests/test_panes.c tests/tui_story.c tests/tui_story.h tests/unit.h
tests_test_panes_CFLAGS = $(TEST_CFLAGS)
tests_test_panes_LDADD = $(UI_LDADD)
tests_test_canvas_SOURCES = tests/test_canvas.c tests/unit.h
tests_test_canvas_CFLAGS = $(TEST_CFLAGS)
tests_test_canvas_LDADD = $(UI_LDADD)
tests_test_keymap_SOURCES = tests/test_keymap.c tests/unit.h
tests_test_keymap_CFLAGS = $(TEST_CFLAGS)
tests_test_keymap_LDADD = $(UI_LDADD)
tests_test_layout_SOURCES = tests/test_layout.c tests/unit.h
tests_test_layout_CFLAGS = $(TEST_CFLAGS)
tests_test_layout_LDADD = $(UI_LDADD)
tests_test_ui_SOURCES = tests/test_ui.c $(UI_STAGE)
tests_test_ui_CFLAGS = $(TEST_CFLAGS)
tests_test_ui_LDADD = $(UI_LDADD)
EXTRA_DIST += tests/screens
tests_test_screens_SOURCES = tests/test_screens.c $(UI_STAGE)
tests_test_screens_CFLAGS = $(TEST_CFLAGS)
tests_test_screens_LDADD = $(UI_LDADD)
EXTRA_DIST += tests/tmux.sh
if TUI
dist_check_SCRIPTS += tests/tui_e2e.sh
check_PROGRAMS += tests/test_app
tests_test_app_SOURCES = tests/test_app.c tests/feed_script.c tests/feed_script.h tests/tui_story.c tests/tui_story.h \
	tests/unit.h
tests_test_app_CFLAGS = $(TEST_CFLAGS)
tests_test_app_LDADD = $(TUI_LDLIBS) $(CMOCKA_LIBS)
noinst_PROGRAMS += tests/tui_demo
tests_tui_demo_SOURCES = tests/tui_demo.c tests/tui_story.c tests/tui_story.h
tests_tui_demo_CFLAGS = $(AM_CFLAGS)
tests_tui_demo_LDADD = $(TUI_LDLIBS)
endif
check_PROGRAMS += tests/test_worddiff
tests_test_worddiff_SOURCES = tests/test_worddiff.c tests/unit.h
tests_test_worddiff_CFLAGS = $(TEST_CFLAGS)
tests_test_worddiff_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_stats
tests_test_stats_SOURCES = tests/test_stats.c tests/unit.h
tests_test_stats_CFLAGS = $(TEST_CFLAGS)
tests_test_stats_LDADD = $(UI_LDADD)
check_PROGRAMS += tests/test_review
tests_test_review_SOURCES = tests/test_review.c tests/unit.h
tests_test_review_CFLAGS = $(TEST_CFLAGS)
tests_test_review_LDADD = $(UI_LDADD)
check_PROGRAMS += tests/test_ui_review
tests_test_ui_review_SOURCES = tests/test_ui_review.c $(UI_STAGE)
tests_test_ui_review_CFLAGS = $(TEST_CFLAGS)
tests_test_ui_review_LDADD = $(UI_LDADD)
check_PROGRAMS += tests/test_journal_rows
tests_test_journal_rows_SOURCES = tests/test_journal_rows.c tests/unit.h
tests_test_journal_rows_CFLAGS = $(TEST_CFLAGS)
tests_test_journal_rows_LDADD = $(UI_LDADD)
check_PROGRAMS += tests/test_tree_state
tests_test_tree_state_SOURCES = tests/test_tree_state.c tests/unit.h
tests_test_tree_state_CFLAGS = $(TEST_CFLAGS)
tests_test_tree_state_LDADD = $(UI_LDADD)
check_PROGRAMS += tests/test_markdown
tests_test_markdown_SOURCES = tests/test_markdown.c tests/unit.h
tests_test_markdown_CFLAGS = $(TEST_CFLAGS)
tests_test_markdown_LDADD = $(UI_LDADD)
check_PROGRAMS += tests/fuzz_markdown
tests_fuzz_markdown_SOURCES = tests/fuzz_markdown.c tests/fuzz_main.c tests/fuzz_parts.h
tests_fuzz_markdown_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/markdown"'
tests_fuzz_markdown_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_markdown_LDADD = $(UI_LDLIBS)
EXTRA_DIST += tests/corpus/markdown
check_PROGRAMS += tests/test_golden
EXTRA_DIST += tests/journals
tests_test_golden_SOURCES = tests/test_golden.c tests/unit.h
tests_test_golden_CFLAGS = $(TEST_CFLAGS)
tests_test_golden_LDADD = libtui.a $(IO_LDADD) $(UI_LIBS) $(CMOCKA_LIBS)
