# Tests of the tree as a whole.
dist_check_SCRIPTS += tests/cli_bad.sh tests/tour.sh tests/landlock.sh tests/foreign.sh tests/crash_run.sh tests/check_layers.sh tests/check_replay.sh tests/check_headers.sh tests/check_style.sh tests/check_man.sh
AM_TESTS_ENVIRONMENT = CC='$(CC)'; HEADER_CFLAGS='$(PURE_CFLAGS) $(IO_CFLAGS) $(UI_CFLAGS) $(TUI_CFLAGS) $(CMOCKA_CFLAGS)'; \
	BELAY='$(abs_builddir)/belay'; BUILD_DIR='$(abs_builddir)'; SRC_DIR='$(abs_srcdir)'; \
	LSAN_OPTIONS='suppressions=$(abs_srcdir)/tests/lsan.supp:print_suppressions=0'; \
	export CC HEADER_CFLAGS BELAY BUILD_DIR SRC_DIR LSAN_OPTIONS;
check_PROGRAMS += tests/test_cache
tests_test_cache_SOURCES = tests/test_cache.c tests/unit.h
tests_test_cache_CFLAGS = $(TEST_CFLAGS)
tests_test_cache_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
EXTRA_DIST += tests/torture_tour.sh tests/foreign/lua.yaml tests/foreign/trial.yaml tests/foreign/lua-answers.jsonl tests/coverage.sh tests/e2e.sh tests/lsan.supp
.PHONY: coverage torture-tour
coverage:
	@SRC_DIR='$(abs_srcdir)' BUILD_DIR='$(abs_builddir)' sh '$(srcdir)/tests/coverage.sh'
torture-tour: belay
	@SRC_DIR='$(abs_srcdir)' BELAY='$(abs_builddir)/belay' bash '$(srcdir)/tests/torture_tour.sh'
dist_check_SCRIPTS += tests/hardening.sh tests/pager.sh tests/exit_codes.sh tests/fan_out.sh tests/editor_schema.sh
EXTRA_DIST += tests/editor_schema.js
# A test that hangs is a test that fails.
LOG_COMPILER = timeout -k 10 600
dist_check_SCRIPTS += tests/completion.sh
check_PROGRAMS += tests/test_complete
tests_test_complete_SOURCES = tests/test_complete.c tests/unit.h
tests_test_complete_CFLAGS = $(TEST_CFLAGS)
tests_test_complete_LDADD = $(UI_LDLIBS) $(CMOCKA_LIBS)
dist_check_SCRIPTS += tests/schema.sh
EXTRA_DIST += tests/plan_schema.py
dist_check_SCRIPTS += tests/export.sh
dist_check_SCRIPTS += tests/report.sh
dist_check_SCRIPTS += tests/plans.sh
EXTRA_DIST += tests/plans-answers.jsonl
dist_check_SCRIPTS += tests/check_docs.sh tests/readme.sh
dist_check_SCRIPTS += tests/foreign_code.sh
