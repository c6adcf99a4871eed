# Manual pages: a template each, and the tables of the code put into it.
MAN_PAGES = man/belay.1 man/git-belay.1 man/belay-journal.5 man/belay-plan.5 man/belay-config.5 man/belay-keys.7
EXTRA_DIST += man/belay.1.in man/git-belay.1.in man/belay-journal.5.in man/belay-plan.5.in man/belay-config.5.in man/belay-keys.7.in
man_MANS = $(MAN_PAGES)
CLEANFILES += $(MAN_PAGES)

noinst_PROGRAMS += man/expand
man_expand_SOURCES = man/expand.c
man_expand_LDADD = libio.a $(TUI_LDLIBS)

$(MAN_PAGES): man/expand$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./man/expand$(EXEEXT) $(srcdir)/$@.in >$@.new && mv $@.new $@
man/belay.1: man/belay.1.in
man/belay-journal.5: man/belay-journal.5.in
man/belay-plan.5: man/belay-plan.5.in
man/belay-config.5: man/belay-config.5.in
man/belay-keys.7: man/belay-keys.7.in
man/git-belay.1: man/git-belay.1.in
