libpure_a_SOURCES += \
	core/event/command.c core/event/command.h \
	core/event/event.c core/event/event.h \
	core/event/event_json.c core/event/event_json.h \
	core/event/event_read.c \
	core/event/feed.h \
	core/event/output.c core/event/output.h \
	core/event/redact.c core/event/redact.h \
	core/event/run_model.c core/event/run_model.h
