# Tests of git, processes and the tree.
check_PROGRAMS += tests/test_proc
tests_test_proc_SOURCES = tests/test_proc.c tests/unit.h
tests_test_proc_CFLAGS = $(TEST_CFLAGS)
tests_test_proc_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
