# Tests of edits: answers, rewrites, patches, differences.
check_PROGRAMS += tests/test_edit tests/test_patch tests/test_progress tests/test_rewrite
tests_test_edit_SOURCES = tests/test_edit.c tests/unit.h
tests_test_edit_CFLAGS = $(TEST_CFLAGS)
tests_test_edit_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_test_rewrite_SOURCES = tests/test_rewrite.c tests/unit.h
tests_test_rewrite_CFLAGS = $(TEST_CFLAGS)
tests_test_rewrite_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS) -lm
tests_test_patch_SOURCES = tests/test_patch.c tests/unit.h
tests_test_patch_CFLAGS = $(TEST_CFLAGS)
tests_test_patch_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_test_progress_SOURCES = tests/test_progress.c tests/unit.h
tests_test_progress_CFLAGS = $(TEST_CFLAGS)
tests_test_progress_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
