libpure_a_SOURCES += \
	core/edit/answer.h \
	core/edit/apply.h \
	core/edit/changeset.h \
	core/edit/patch.h \
	core/edit/progress.h \
	core/edit/rewrite.h \
	core/edit/textdiff.h
