bin_PROGRAMS += belay
belay_SOURCES = tui/main.c
belay_CFLAGS = $(AM_CFLAGS) $(TUI_CFLAGS)
belay_LDADD = libtui.a $(RUN_LDADD) $(TUI_LIBS)
libtui_a_SOURCES += \
	tui/front.c tui/front.h \
	tui/json_out.c tui/json_out.h \
	tui/plain.c tui/plain.h
