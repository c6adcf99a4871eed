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
tests_crash_land_SOURCES = tests/crash_land.c tests/crash_check.c tests/crash_check.h tests/crash_world.c \
	tests/crash_world.h tests/scratch.c tests/scratch.h
tests_crash_land_CFLAGS = $(TEST_CFLAGS)
tests_crash_land_LDADD = $(RUN_LDADD)

WRAPPED = fsync fdatasync rename renameat2 linkat link unlink unlinkat mkdir mkdirat symlinkat readlinkat fchmod fstat \
	fstatat ftruncate lseek read pread write pwrite open openat syscall
check_PROGRAMS += tests/test_land_fault
tests_test_land_fault_SOURCES = tests/test_land_fault.c tests/crash_check.c tests/crash_check.h tests/crash_world.c \
	tests/crash_world.h tests/fault.c tests/fault.h tests/scratch.c tests/scratch.h tests/unit.h
tests_test_land_fault_CFLAGS = $(TEST_CFLAGS)
tests_test_land_fault_LDFLAGS = $(AM_LDFLAGS) $(WRAPPED:%=-Wl,--wrap=%)
tests_test_land_fault_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_land_random
tests_test_land_random_SOURCES = tests/test_land_random.c tests/crash_world.c tests/crash_world.h tests/fault.c \
	tests/fault.h tests/scratch.c tests/scratch.h tests/unit.h
tests_test_land_random_CFLAGS = $(TEST_CFLAGS)
tests_test_land_random_LDFLAGS = $(tests_test_land_fault_LDFLAGS)
tests_test_land_random_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_escape
tests_test_escape_SOURCES = tests/test_escape.c tests/crash_world.c tests/crash_world.h tests/scratch.c tests/scratch.h \
	tests/unit.h
tests_test_escape_CFLAGS = $(TEST_CFLAGS)
tests_test_escape_LDADD = $(RUN_LDADD) $(CMOCKA_LIBS)

dist_check_SCRIPTS += tests/power_loss.sh
EXTRA_DIST += tests/power_loss.py

# Every point of every shape, double deaths, all errors, cuts of the power: the floors in full, and a table of them.
torture: belay $(check_PROGRAMS)
	@SRC_DIR='$(abs_srcdir)' BUILD_DIR='$(abs_builddir)' BELAY='$(abs_builddir)/belay' bash '$(srcdir)/tests/torture.sh'
EXTRA_DIST += tests/torture.sh
.PHONY: torture
