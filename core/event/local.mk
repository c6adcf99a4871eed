libpure_a_SOURCES += \
	core/event/command.h \
	core/event/event.h \
	core/event/event_json.h \
	core/event/feed.h \
	core/event/run_model.h
