# One program for each figure; `make bench` builds and runs them all.
BENCH_COMMON = bench/bench.c bench/bench.h
BENCHES += bench/bench_limits bench/bench_cached bench/bench_cancel bench/bench_check bench/bench_diff bench/bench_frame \
	bench/bench_guard bench/bench_journal bench/bench_keys bench/bench_model \
	bench/bench_local_run bench/bench_read bench/bench_safety bench/bench_seek bench/bench_steps bench/bench_stream
EXTRA_PROGRAMS += $(BENCHES)
EXTRA_DIST += bench/README.md bench/compare.sh
bench_bench_check_SOURCES = bench/bench_check.c $(BENCH_COMMON)
bench_bench_check_LDADD = -lm
bench_bench_diff_SOURCES = bench/bench_diff.c $(BENCH_COMMON)
bench_bench_diff_LDADD = $(PURE_LDADD) -lm
bench_bench_frame_SOURCES = bench/bench_frame.c $(BENCH_COMMON)
bench_bench_frame_LDADD = -lutil
bench_bench_guard_SOURCES = bench/bench_guard.c $(BENCH_COMMON)
bench_bench_guard_LDADD = $(IO_LDADD)
BENCHES += bench/bench_index
bench_bench_index_SOURCES = bench/bench_index.c $(BENCH_COMMON)
bench_bench_index_LDADD = $(IO_LDADD)
bench_bench_journal_SOURCES = bench/bench_journal.c $(BENCH_COMMON)
bench_bench_journal_LDADD = $(IO_LDADD) -lm
bench_bench_keys_SOURCES = bench/bench_keys.c $(BENCH_COMMON)
bench_bench_keys_LDADD = -lutil
bench_bench_limits_SOURCES = bench/bench_limits.c $(BENCH_COMMON)
bench_bench_limits_LDADD = $(PURE_LDADD)
bench_bench_local_run_SOURCES = bench/bench_local_run.c $(BENCH_COMMON)
bench_bench_read_SOURCES = bench/bench_read.c $(BENCH_COMMON)
bench_bench_read_LDADD = $(IO_LDADD)
bench_bench_safety_SOURCES = bench/bench_safety.c $(BENCH_COMMON)
bench_bench_safety_LDADD = $(RUN_LDADD)
bench_bench_seek_SOURCES = bench/bench_seek.c $(BENCH_COMMON)
bench_bench_seek_LDADD = libtui.a $(IO_LDADD) $(UI_LIBS)
bench_bench_steps_SOURCES = bench/bench_steps.c $(BENCH_COMMON)
bench_bench_steps_LDADD = -lm
bench_bench_stream_SOURCES = bench/bench_stream.c $(BENCH_COMMON)
bench_bench_cached_SOURCES = bench/bench_cached.c bench/chat.c bench/chat.h $(BENCH_COMMON)
bench_bench_cancel_SOURCES = bench/bench_cancel.c bench/chat.c bench/chat.h $(BENCH_COMMON)
bench_bench_model_SOURCES = bench/bench_model.c bench/chat.c bench/chat.h $(BENCH_COMMON)

.PHONY: bench
bench: belay $(BENCHES)
	@for bench in $(BENCHES); do BELAY='$(abs_builddir)/belay' ./$$bench || exit 1; done
