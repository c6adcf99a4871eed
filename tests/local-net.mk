# Tests of configuration, models and the network.
check_PROGRAMS += tests/test_config
tests_test_config_SOURCES = tests/test_config.c tests/unit.h
tests_test_config_CFLAGS = $(TEST_CFLAGS)
tests_test_config_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
