check_PROGRAMS += tests/test_plan
tests_test_plan_SOURCES = tests/test_plan.c tests/unit.h
tests_test_plan_CFLAGS = $(TEST_CFLAGS)
tests_test_plan_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
