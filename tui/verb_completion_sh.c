#include "tui/verb_completion.h"

#include <stddef.h>
#include <string.h>

/* bash cuts words at '=': they are put together again for belay, and what it answers is cut in the same way. */
static const char bash[] =
	"# What belay takes, for bash: eval \"$(belay completion bash)\"\n"
	"__belay_reply() {\n"
	"\tlocal program=$1 line current\n"
	"\tshift\n"
	"\tcurrent=${*: -1}\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS= read -r line; do\n"
	"\t\tline=${line%%$'\\t'*}\n"
	"\t\t[[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && line=${line#\"${current%\"${current##*=}\"}\"}\n"
	"\t\t[[ $line == */ || $line == *= ]] && compopt -o nospace 2>/dev/null\n"
	"\t\tCOMPREPLY+=(\"$(printf %q \"$line\")\")\n"
	"\tdone < <(\"$program\" completion words -- \"$@\" 2>/dev/null)\n"
	"}\n"
	"_belay() {\n"
	"\tlocal i words=()\n"
	"\tfor ((i = 1; i <= COMP_CWORD; i++)); do\n"
	"\t\tif ((${#words[@]})) && [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]]; then\n"
	"\t\t\twords[-1]+=${COMP_WORDS[i]}\n"
	"\t\telse\n"
	"\t\t\twords+=(\"${COMP_WORDS[i]}\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t__belay_reply \"${COMP_WORDS[0]}\" \"${words[@]}\"\n"
	"}\n"
	"# git's own completion calls this for `git belay`.\n"
	"_git_belay() {\n"
	"\t__belay_reply belay \"${words[@]:$((${__git_cmd_idx:-1} + 1)):$((cword - ${__git_cmd_idx:-1}))}\"\n"
	"}\n"
	"complete -F _belay belay git-belay\n";

static const char zsh[] =
	"#compdef belay git-belay\n"
	"# What belay takes, for zsh: source <(belay completion zsh), or this text as _belay in a folder of $fpath.\n"
	"_belay() {\n"
	"\tlocal line word\n"
	"\tlocal -a whole open whole_help open_help\n"
	"\tfor line in \"${(@f)$(\"${words[1]}\" completion words -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
	"\t\tword=${line%%$'\\t'*}\n"
	"\t\t[[ -n $word ]] || continue\n"
	"\t\t[[ $line == *$'\\t'* ]] && line=\"$word  -- ${line#*$'\\t'}\"\n"
	"\t\tif [[ $word == */ || $word == *= ]]; then\n"
	"\t\t\topen+=(\"$word\")\n"
	"\t\t\topen_help+=(\"$line\")\n"
	"\t\telse\n"
	"\t\t\twhole+=(\"$word\")\n"
	"\t\t\twhole_help+=(\"$line\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t(($#open)) && compadd -S '' -l -d open_help -a open\n"
	"\t(($#whole)) && compadd -l -d whole_help -a whole\n"
	"}\n"
	"# git's own completion calls this for `git belay`.\n"
	"_git-belay() { _belay \"$@\"; }\n"
	"if [[ ${funcstack[1]} == _belay ]]; then\n"
	"\t_belay \"$@\"\n"
	"elif (($+functions[compdef])); then\n"
	"\tcompdef _belay belay git-belay\n"
	"fi\n";

static const char fish[] =
	"# What belay takes, for fish: belay completion fish | source\n"
	"function __belay_words\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l program $words[1]\n"
	"\tset -e words[1]\n"
	"\tcommand $program completion words -- $words (commandline -ct) 2>/dev/null\n"
	"end\n"
	"complete -c belay -f -a '(__belay_words)'\n"
	"complete -c git-belay -f -a '(__belay_words)'\n";

const char *completion_script(const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		return bash;
	if (strcmp(shell, "zsh") == 0)
		return zsh;
	return strcmp(shell, "fish") == 0 ? fish : NULL;
}
