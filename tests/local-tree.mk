# Tests of git, processes and the tree.
dist_check_SCRIPTS += tests/shapes.sh
check_PROGRAMS += tests/test_proc
tests_test_proc_SOURCES = tests/test_proc.c tests/unit.h
tests_test_proc_CFLAGS = $(TEST_CFLAGS)
tests_test_proc_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_vcs
tests_test_vcs_SOURCES = tests/test_vcs.c tests/shell.c tests/shell.h tests/unit.h
tests_test_vcs_CFLAGS = $(TEST_CFLAGS)
tests_test_vcs_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_workspace tests/test_code_index
tests_test_code_index_SOURCES = tests/test_code_index.c tests/shell.c tests/shell.h tests/unit.h
tests_test_code_index_CFLAGS = $(TEST_CFLAGS)
tests_test_code_index_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
tests_test_workspace_SOURCES = tests/test_workspace.c tests/shell.c tests/shell.h tests/unit.h
tests_test_workspace_CFLAGS = $(TEST_CFLAGS)
tests_test_workspace_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_manifest
tests_test_manifest_SOURCES = tests/test_manifest.c tests/shell.c tests/shell.h tests/unit.h
tests_test_manifest_CFLAGS = $(TEST_CFLAGS)
tests_test_manifest_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/fuzz_index
tests_fuzz_index_SOURCES = tests/fuzz_index.c tests/fuzz_main.c
tests_fuzz_index_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/git-index"'
tests_fuzz_index_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_index_LDADD = $(IO_LDADD)
check_PROGRAMS += tests/fuzz_ignore
tests_fuzz_ignore_SOURCES = tests/fuzz_ignore.c tests/fuzz_main.c
tests_fuzz_ignore_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/ignore"'
tests_fuzz_ignore_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_ignore_LDADD = $(IO_LDADD)
EXTRA_DIST += tests/corpus/git-index tests/corpus/ignore

check_PROGRAMS += tests/test_death_watch
tests_test_death_watch_SOURCES = tests/test_death_watch.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_death_watch_CFLAGS = $(TEST_CFLAGS)
tests_test_death_watch_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
