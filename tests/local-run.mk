# The engine: pure rules first, then runs on scratch trees.
check_PROGRAMS += tests/test_schedule
tests_test_schedule_SOURCES = tests/test_schedule.c tests/unit.h
tests_test_schedule_CFLAGS = $(TEST_CFLAGS)
tests_test_schedule_LDADD = librun.a $(PURE_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_matcher
tests_test_matcher_SOURCES = tests/test_matcher.c tests/unit.h
tests_test_matcher_CFLAGS = $(TEST_CFLAGS)
tests_test_matcher_LDADD = librun.a $(PURE_LDADD) $(CMOCKA_LIBS)

scene_sources = tests/scene.c tests/scene.h tests/scratch.c tests/scratch.h tests/unit.h

check_PROGRAMS += tests/test_executor tests/test_executor_model tests/test_executor_control tests/test_executor_command
tests_test_executor_SOURCES = tests/test_executor.c $(scene_sources)
tests_test_executor_CFLAGS = $(TEST_CFLAGS)
tests_test_executor_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)
tests_test_executor_model_SOURCES = tests/test_executor_model.c $(scene_sources)
tests_test_executor_model_CFLAGS = $(TEST_CFLAGS)
tests_test_executor_model_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)
tests_test_executor_control_SOURCES = tests/test_executor_control.c $(scene_sources)
tests_test_executor_control_CFLAGS = $(TEST_CFLAGS)
tests_test_executor_control_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)
tests_test_executor_command_SOURCES = tests/test_executor_command.c $(scene_sources)
tests_test_executor_command_CFLAGS = $(TEST_CFLAGS)
tests_test_executor_command_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_scaffold
tests_test_scaffold_SOURCES = tests/test_scaffold.c $(scene_sources)
tests_test_scaffold_CFLAGS = $(TEST_CFLAGS)
tests_test_scaffold_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)
dist_check_SCRIPTS += tests/templates.sh tests/told.sh

check_PROGRAMS += tests/test_cases
tests_test_cases_SOURCES = tests/test_cases.c $(scene_sources)
tests_test_cases_CFLAGS = $(TEST_CFLAGS)
tests_test_cases_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_shadow
tests_test_shadow_SOURCES = tests/test_shadow.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_shadow_CFLAGS = $(TEST_CFLAGS)
tests_test_shadow_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_accept
tests_test_accept_SOURCES = tests/test_accept.c $(scene_sources)
tests_test_accept_CFLAGS = $(TEST_CFLAGS)
tests_test_accept_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_rename
tests_test_rename_SOURCES = tests/test_rename.c $(scene_sources)
tests_test_rename_CFLAGS = $(TEST_CFLAGS)
tests_test_rename_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_executor_server
tests_test_executor_server_SOURCES = tests/test_executor_server.c tests/fake_server.c tests/fake_server.h $(scene_sources)
tests_test_executor_server_CFLAGS = $(TEST_CFLAGS)
tests_test_executor_server_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_executor_cache
tests_test_executor_cache_SOURCES = tests/test_executor_cache.c tests/fake_server.c tests/fake_server.h $(scene_sources)
tests_test_executor_cache_CFLAGS = $(TEST_CFLAGS)
tests_test_executor_cache_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_tree_lock
tests_test_tree_lock_SOURCES = tests/test_tree_lock.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_tree_lock_CFLAGS = $(TEST_CFLAGS)
tests_test_tree_lock_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz_lsp
tests_fuzz_lsp_SOURCES = tests/fuzz_lsp.c tests/fuzz_main.c tests/fuzz_parts.h
tests_fuzz_lsp_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/lsp"'
tests_fuzz_lsp_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_lsp_LDADD = $(IO_LDADD)
EXTRA_DIST += tests/corpus/lsp/answers tests/corpus/lsp/garbage
check_PROGRAMS += tests/test_executor_decide
tests_test_executor_decide_SOURCES = tests/test_executor_decide.c $(scene_sources)
tests_test_executor_decide_CFLAGS = $(TEST_CFLAGS)
tests_test_executor_decide_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_habits
tests_test_habits_SOURCES = tests/test_habits.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_habits_CFLAGS = $(TEST_CFLAGS)
tests_test_habits_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)
