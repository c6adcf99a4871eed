# Tests of edits: answers, rewrites, patches, differences.
check_PROGRAMS += tests/test_outline tests/fuzz_outline tests/test_edit tests/test_edit_answer tests/test_merge tests/test_patch tests/test_progress tests/test_rewrite \
	tests/test_breaking tests/test_template tests/fuzz_answer tests/fuzz_patch tests/fuzz_rewrite tests/fuzz_template
tests_test_breaking_SOURCES = tests/test_breaking.c tests/unit.h
tests_test_breaking_CFLAGS = $(TEST_CFLAGS)
tests_test_breaking_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_test_outline_SOURCES = tests/test_outline.c tests/unit.h
tests_test_outline_CFLAGS = $(TEST_CFLAGS)
tests_test_outline_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_fuzz_outline_SOURCES = tests/fuzz_outline.c tests/fuzz_main.c tests/fuzz_parts.c tests/fuzz_parts.h
tests_fuzz_outline_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/outline"'
tests_fuzz_outline_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_outline_LDADD = $(PURE_LDADD)
tests_test_template_SOURCES = tests/test_template.c tests/unit.h
tests_test_template_CFLAGS = $(TEST_CFLAGS)
tests_test_template_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_fuzz_template_SOURCES = tests/fuzz_template.c tests/fuzz_main.c tests/fuzz_parts.c tests/fuzz_parts.h
tests_fuzz_template_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/template"'
tests_fuzz_template_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_template_LDADD = $(PURE_LDADD)
tests_test_edit_SOURCES = tests/test_edit.c tests/unit.h
tests_test_edit_CFLAGS = $(TEST_CFLAGS)
tests_test_edit_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_test_rewrite_SOURCES = tests/test_rewrite.c tests/unit.h
tests_test_rewrite_CFLAGS = $(TEST_CFLAGS)
tests_test_rewrite_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS) -lm
tests_test_merge_SOURCES = tests/test_merge.c tests/unit.h
tests_test_merge_CFLAGS = $(TEST_CFLAGS)
tests_test_merge_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_test_patch_SOURCES = tests/test_patch.c tests/unit.h
tests_test_patch_CFLAGS = $(TEST_CFLAGS)
tests_test_patch_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_test_progress_SOURCES = tests/test_progress.c tests/unit.h
tests_test_progress_CFLAGS = $(TEST_CFLAGS)
tests_test_progress_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
tests_fuzz_answer_SOURCES = tests/fuzz_answer.c tests/fuzz_main.c tests/fuzz_parts.c tests/fuzz_parts.h
tests_fuzz_answer_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/answer"'
tests_fuzz_answer_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_answer_LDADD = $(PURE_LDADD)
tests_fuzz_patch_SOURCES = tests/fuzz_patch.c tests/fuzz_main.c tests/fuzz_parts.c tests/fuzz_parts.h
tests_fuzz_patch_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/patch"'
tests_fuzz_patch_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_patch_LDADD = $(PURE_LDADD)
tests_fuzz_rewrite_SOURCES = tests/fuzz_rewrite.c tests/fuzz_main.c tests/fuzz_parts.c tests/fuzz_parts.h
tests_fuzz_rewrite_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/rewrite"'
tests_fuzz_rewrite_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_rewrite_LDADD = $(PURE_LDADD)
EXTRA_DIST += \
	tests/corpus/answer/elided \
	tests/corpus/answer/guess \
	tests/corpus/answer/indented \
	tests/corpus/answer/patch \
	tests/corpus/answer/refused \
	tests/corpus/answer/search_replace \
	tests/corpus/answer/whole \
	tests/corpus/outline/broken \
	tests/corpus/outline/c \
	tests/corpus/outline/cpp \
	tests/corpus/outline/go \
	tests/corpus/outline/java \
	tests/corpus/outline/javascript \
	tests/corpus/outline/python \
	tests/corpus/outline/rust \
	tests/corpus/outline/shell \
	tests/corpus/patch/deleted \
	tests/corpus/patch/git \
	tests/corpus/patch/hostile \
	tests/corpus/patch/moved \
	tests/corpus/patch/plain \
	tests/corpus/rewrite/broken \
	tests/corpus/rewrite/c \
	tests/corpus/rewrite/comment \
	tests/corpus/rewrite/lines \
	tests/corpus/rewrite/rust \
	tests/corpus/rewrite/same \
	tests/corpus/rewrite/shell \
	tests/corpus/rewrite/string \
	tests/corpus/template/broken \
	tests/corpus/template/code \
	tests/corpus/template/loops
tests_test_edit_answer_SOURCES = tests/test_edit_answer.c tests/unit.h
tests_test_edit_answer_CFLAGS = $(TEST_CFLAGS)
tests_test_edit_answer_LDADD = $(PURE_LDADD) $(CMOCKA_LIBS)
dist_check_SCRIPTS += tests/diffs.sh
check_PROGRAMS += tests/fuzz_merge
tests_fuzz_merge_SOURCES = tests/fuzz_merge.c tests/fuzz_main.c tests/fuzz_parts.c tests/fuzz_parts.h
tests_fuzz_merge_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"$(abs_srcdir)/tests/corpus/merge"'
tests_fuzz_merge_CFLAGS = $(TEST_CFLAGS)
tests_fuzz_merge_LDADD = $(PURE_LDADD)
EXTRA_DIST += tests/corpus/merge/apart tests/corpus/merge/crlf tests/corpus/merge/empty-base tests/corpus/merge/same-line
