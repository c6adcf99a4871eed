libpure_a_SOURCES += \
	core/edit/answer.c core/edit/answer.h \
	core/edit/apply.c core/edit/apply.h \
	core/edit/changeset.c core/edit/changeset.h \
	core/edit/match.c core/edit/match.h \
	core/edit/patch.h \
	core/edit/patch_format.c \
	core/edit/progress.h \
	core/edit/rewrite.h \
	core/edit/textdiff.c core/edit/textdiff.h
