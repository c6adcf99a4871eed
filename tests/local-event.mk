# Tests of this part.
check_PROGRAMS += tests/test_journal
tests_test_journal_SOURCES = tests/test_journal.c tests/unit.h
tests_test_journal_CFLAGS = $(TEST_CFLAGS)
tests_test_journal_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
