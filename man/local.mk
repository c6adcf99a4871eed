# Manual pages: a template each, and the tables of the code put into it.
MAN_TEMPLATES = man/belay-journal.5.in man/belay-keys.7.in man/belay-plan.5.in
MAN_PAGES = man/belay-journal.5 man/belay-keys.7 man/belay-plan.5
EXTRA_DIST += $(MAN_TEMPLATES) man/belay.1.in
man_MANS = $(MAN_PAGES)
CLEANFILES += $(MAN_PAGES)

noinst_PROGRAMS += man/expand
man_expand_SOURCES = man/expand.c
man_expand_LDADD = $(TUI_LDLIBS)

man/belay-journal.5: man/belay-journal.5.in man/expand$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./man/expand$(EXEEXT) $(srcdir)/man/belay-journal.5.in >$@.new && mv $@.new $@
man/belay-keys.7: man/belay-keys.7.in man/expand$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./man/expand$(EXEEXT) $(srcdir)/man/belay-keys.7.in >$@.new && mv $@.new $@
man/belay-plan.5: man/belay-plan.5.in man/expand$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./man/expand$(EXEEXT) $(srcdir)/man/belay-plan.5.in >$@.new && mv $@.new $@
