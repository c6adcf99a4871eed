librun_a_SOURCES += \
	core/run/land.h
