# What shells complete, printed by the program itself; a distribution may have other folders for it.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = completion/bash/belay
nodist_zshcompletion_DATA = completion/zsh/_belay
nodist_fishcompletion_DATA = completion/fish/belay.fish
CLEANFILES += $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA)
$(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA): belay$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./belay$(EXEEXT) completion `basename $(@D)` >$@.new && mv $@.new $@
