check_PROGRAMS += tests/test_base
tests_test_base_SOURCES = tests/test_base.c tests/unit.h
tests_test_base_CFLAGS = $(TEST_CFLAGS)
tests_test_base_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_hash
tests_test_hash_SOURCES = tests/test_hash.c tests/unit.h
tests_test_hash_CFLAGS = $(TEST_CFLAGS)
tests_test_hash_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
