# Tests of configuration, models and the network.
check_PROGRAMS += tests/test_config
tests_test_config_SOURCES = tests/test_config.c tests/unit.h
tests_test_config_CFLAGS = $(TEST_CFLAGS)
tests_test_config_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_recorded
tests_test_recorded_SOURCES = tests/test_recorded.c tests/unit.h
tests_test_recorded_CFLAGS = $(TEST_CFLAGS)
tests_test_recorded_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

# The scripted server as a program, for tests from a shell: built for `make check`, but no test itself.
EXTRA_PROGRAMS += tests/fake_chat
check_DATA = tests/fake_chat
CLEANFILES += tests/fake_chat
tests_fake_chat_SOURCES = tests/fake_chat.c tests/fake_server.c tests/fake_server.h
tests_fake_chat_LDADD = $(PURE_LDADD)

check_PROGRAMS += tests/test_llm
tests_test_llm_SOURCES = tests/test_llm.c tests/fake_server.c tests/fake_server.h tests/llm_probe.c tests/llm_probe.h \
	tests/unit.h
tests_test_llm_CFLAGS = $(TEST_CFLAGS)
tests_test_llm_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_sse
tests_test_sse_SOURCES = tests/test_sse.c tests/unit.h
tests_test_sse_CFLAGS = $(TEST_CFLAGS)
tests_test_sse_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_llm_faults
tests_test_llm_faults_SOURCES = tests/test_llm_faults.c tests/fake_server.c tests/fake_server.h tests/llm_probe.c \
	tests/llm_probe.h tests/unit.h
tests_test_llm_faults_CFLAGS = $(TEST_CFLAGS)
tests_test_llm_faults_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz_sse
tests_fuzz_sse_SOURCES = tests/fuzz_sse.c tests/fuzz_main.c
tests_fuzz_sse_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/sse"'
tests_fuzz_sse_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_sse_LDADD = $(IO_LDADD)
EXTRA_DIST += tests/corpus/sse

check_PROGRAMS += tests/test_llm_protocols
tests_test_llm_protocols_SOURCES = tests/test_llm_protocols.c tests/fake_server.c tests/fake_server.h tests/llm_probe.c \
	tests/llm_probe.h tests/unit.h
tests_test_llm_protocols_CPPFLAGS = $(AM_CPPFLAGS) -DSTREAMS='"$(abs_srcdir)/tests/streams"'
tests_test_llm_protocols_CFLAGS = $(TEST_CFLAGS)
tests_test_llm_protocols_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)
EXTRA_DIST += tests/streams

check_PROGRAMS += tests/test_http
tests_test_http_SOURCES = tests/test_http.c tests/fake_server.c tests/fake_server.h tests/unit.h
tests_test_http_CFLAGS = $(TEST_CFLAGS)
tests_test_http_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_stream_matrix
tests_test_stream_matrix_SOURCES = tests/test_stream_matrix.c tests/fake_server.c tests/fake_server.h tests/llm_probe.c \
	tests/llm_probe.h tests/scratch.c tests/scratch.h tests/unit.h
tests_test_stream_matrix_CPPFLAGS = $(AM_CPPFLAGS) -DSTREAMS='"$(abs_srcdir)/tests/streams"'
tests_test_stream_matrix_CFLAGS = $(TEST_CFLAGS)
tests_test_stream_matrix_LDADD = $(IO_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz_tape
tests_fuzz_tape_SOURCES = tests/fuzz_tape.c tests/fuzz_main.c
tests_fuzz_tape_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/tape"'
tests_fuzz_tape_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_tape_LDADD = $(IO_LDADD)
EXTRA_DIST += tests/corpus/tape
