bin_PROGRAMS += belay
belay_SOURCES = tui/main.c tui/verb.h \
	tui/verb_check.c tui/verb_common.c tui/verb_config.c tui/verb_doctor.c tui/verb_log.c tui/verb_plan.c \
	tui/verb_replay.c tui/verb_runs.c tui/verb_schema.c tui/verb_show.c
belay_CFLAGS = $(AM_CFLAGS) $(TUI_CFLAGS)
belay_LDADD = libtui.a $(RUN_LDADD) $(TUI_LIBS)
libtui_a_SOURCES += \
	tui/cli.c tui/cli.h \
	tui/front.c tui/front.h \
	tui/json_lines.c tui/json_lines.h \
	tui/json_out.c tui/json_out.h \
	tui/plain.c tui/plain.h
