# Tests of the terminal UI.
if TUI
noinst_PROGRAMS += tests/tui_demo
tests_tui_demo_SOURCES = tests/tui_demo.c tests/tui_story.c tests/tui_story.h
tests_tui_demo_CFLAGS = $(AM_CFLAGS)
tests_tui_demo_LDADD = $(TUI_LDLIBS)
endif
