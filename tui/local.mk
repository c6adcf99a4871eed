bin_PROGRAMS += belay
belay_SOURCES = tui/main.c
belay_CFLAGS = $(AM_CFLAGS) $(TUI_CFLAGS)
belay_LDADD = libtui.a $(RUN_LDADD) $(TUI_LIBS)
