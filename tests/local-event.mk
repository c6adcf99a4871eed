# Tests of this part.
check_PROGRAMS += tests/test_journal
tests_test_journal_SOURCES = tests/test_journal.c tests/unit.h
tests_test_journal_CFLAGS = $(TEST_CFLAGS)
tests_test_journal_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_front tests/test_notify
tests_test_notify_SOURCES = tests/test_notify.c tests/unit.h
tests_test_notify_CFLAGS = $(TEST_CFLAGS)
tests_test_notify_LDADD = libtui.a $(PURE_LDADD) $(CMOCKA_LIBS)
if TUI
dist_check_SCRIPTS += tests/notify.sh
endif
tests_test_front_SOURCES = tests/test_front.c tests/feed_script.c tests/feed_script.h tests/unit.h \
	tui/notify.c tui/plain.c tui/plain_lines.c tui/json_out.c tui/front.c
tests_test_front_CFLAGS = $(TEST_CFLAGS)
tests_test_front_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_event
tests_test_event_SOURCES = tests/test_event.c tests/unit.h
tests_test_event_CFLAGS = $(TEST_CFLAGS)
tests_test_event_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_run_model
tests_test_run_model_SOURCES = tests/test_run_model.c tests/unit.h
tests_test_run_model_CFLAGS = $(TEST_CFLAGS)
tests_test_run_model_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_journal_feed
tests_test_journal_feed_SOURCES = tests/test_journal_feed.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_journal_feed_CFLAGS = $(TEST_CFLAGS)
tests_test_journal_feed_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_cli
tests_test_cli_SOURCES = tests/test_cli.c tests/unit.h
tests_test_cli_CFLAGS = $(TEST_CFLAGS)
tests_test_cli_LDADD = $(UI_LDLIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/fuzz_journal
tests_fuzz_journal_SOURCES = tests/fuzz_journal.c tests/fuzz_main.c
tests_fuzz_journal_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/journal"'
tests_fuzz_journal_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_journal_LDADD = $(IO_LDADD)
EXTRA_DIST += tests/corpus/journal
dist_check_SCRIPTS += tests/canary.sh tests/cli_run.sh tests/cli_dry_run.sh tests/cli_full.sh tests/cli_gc.sh tests/cli_models.sh tests/cli_stats.sh tests/cli_take.sh tests/cli_trust.sh tests/cli_undo.sh tests/cli_usage.sh tests/cli_verify.sh
dist_check_SCRIPTS += tests/cli_checks.sh tests/cli_forms.sh tests/cli_lsp.sh
dist_check_SCRIPTS += tests/cli_context.sh tests/cli_draft.sh
check_PROGRAMS += tests/test_lineage
tests_test_lineage_SOURCES = tests/test_lineage.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_lineage_CFLAGS = $(TEST_CFLAGS)
tests_test_lineage_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_journal_follow
tests_test_journal_follow_SOURCES = tests/test_journal_follow.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_journal_follow_CFLAGS = $(TEST_CFLAGS)
tests_test_journal_follow_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
