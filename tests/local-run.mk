# The engine: pure rules first, then runs on scratch trees.
check_PROGRAMS += tests/test_schedule
tests_test_schedule_SOURCES = tests/test_schedule.c tests/unit.h
tests_test_schedule_CFLAGS = $(TEST_CFLAGS)
tests_test_schedule_LDADD = librun.a $(PURE_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_matcher
tests_test_matcher_SOURCES = tests/test_matcher.c tests/unit.h
tests_test_matcher_CFLAGS = $(TEST_CFLAGS)
tests_test_matcher_LDADD = librun.a $(PURE_LDADD) $(CMOCKA_LIBS)
