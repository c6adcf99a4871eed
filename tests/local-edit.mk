check_PROGRAMS += tests/test_edit
tests_test_edit_SOURCES = tests/test_edit.c tests/unit.h
tests_test_edit_CFLAGS = $(TEST_CFLAGS)
tests_test_edit_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
