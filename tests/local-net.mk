# Tests of configuration, models and the network.
check_PROGRAMS += tests/test_config
tests_test_config_SOURCES = tests/test_config.c tests/unit.h
tests_test_config_CFLAGS = $(TEST_CFLAGS)
tests_test_config_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_recorded
tests_test_recorded_SOURCES = tests/test_recorded.c tests/unit.h
tests_test_recorded_CFLAGS = $(TEST_CFLAGS)
tests_test_recorded_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
