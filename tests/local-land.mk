# Tests of files, the store and landing.
check_PROGRAMS += tests/test_file
tests_test_file_SOURCES = tests/test_file.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_file_CFLAGS = $(TEST_CFLAGS)
tests_test_file_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_store
tests_test_store_SOURCES = tests/test_store.c tests/scratch.c tests/scratch.h tests/unit.h
tests_test_store_CFLAGS = $(TEST_CFLAGS)
tests_test_store_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/test_land
tests_test_land_SOURCES = tests/test_land.c tests/crash_world.c tests/crash_world.h tests/scratch.c tests/scratch.h \
	tests/unit.h
tests_test_land_CFLAGS = $(TEST_CFLAGS)
tests_test_land_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += tests/crash_land
tests_crash_land_SOURCES = tests/crash_land.c tests/crash_world.c tests/crash_world.h tests/scratch.c tests/scratch.h
tests_crash_land_CFLAGS = $(TEST_CFLAGS)
tests_crash_land_LDADD = $(RUN_LDADD)

# Every crash point of every shape, double crashes and injected errors: hours on a slow disk.
torture: tests/crash_land
	tests/crash_land --all
.PHONY: torture
