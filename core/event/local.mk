libpure_a_SOURCES += \
	core/event/acceptance.c core/event/acceptance.h \
	core/event/command.c core/event/command.h \
	core/event/event.c core/event/event.h \
	core/event/event_json.c core/event/event_json.h \
	core/event/event_quick.c core/event/event_quick.h \
	core/event/event_read.c \
	core/event/feed.h \
	core/event/fold.h core/event/fold_step.c core/event/fold_tree.c core/event/model_step.c \
	core/event/output.c core/event/output.h \
	core/event/redact.c core/event/redact.h \
	core/event/run_model.c core/event/run_model.h \
	core/event/span.c core/event/span.h \
	core/event/stats.c core/event/stats.h \
	core/event/trace.c core/event/trace.h
