#!/bin/sh
# Completion: the words that belay gives, and the same through bash, zsh and fish, each where it is installed.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

mkdir -p "$scratch/repo/deep" "$scratch/bin"
ln -s "$BELAY" "$scratch/bin/belay"
PATH=$scratch/bin:$PATH
cd "$scratch/repo"
cat >plan.yaml <<'END_OF_PLAN'
belay: 1
vars:
  target: a.txt
  tone: kind
steps:
  - id: first
    title: makes a file
    write: "{{target}}"
    content: w
  - id: second
    needs: [first]
    write: b.txt
    content: "{{tone}}"
END_OF_PLAN
: >'a plan.yml'
: >other.txt
git init -q . && git add . && git commit -qm start
expect 0 belay run plan.yaml
run=$(basename "$(dirname "$(ls "$XDG_STATE_HOME"/belay/repos/*/runs/*/journal.jsonl)")")

# $1: what is expected, blanks between; the rest: the words of a line, the last one to be completed.
words() {
	wanted=$1
	shift
	got=$(belay completion words -- "$@" | cut -f 1 | tr '\n' ' ')
	[ "$got" = "${wanted:+$wanted }" ] || fail "belay $*: '$got', not '$wanted'"
}
words 'run runs' ru
words 'a plan.yml deep/ plan.yaml' run ''
words '--yes=low --yes=medium --yes=high' run --yes=
words 'target= tone=' run plan.yaml --var t
words '--var=tone=' run plan.yaml --var=to
words 'first second' run plan.yaml --until ''
words '--step=second' undo "$run" --step=se
words 'first second' undo --step ''
words "@ $run" log ''
words "$run" log "$(printf %.3s "$run")"
words "@ $run" -C deep log ''
words 'plan.yaml' -C .. -C repo run pl
words '' run nowhere.yaml --var ''
words 'deep/' -C ''
expect 2 belay completion tcsh
expect 2 belay completion bash more

n_shells=0
check() { # $1: shell, $2: got, $3: wanted, $4: the line
	[ "$2" = "$3" ] || fail "$1, $4: '$2', not '$3'"
}

if command -v bash >/dev/null; then
	n_shells=$((n_shells + 1))
	cat >"$scratch/try.bash" <<'END_OF_BASH'
eval "$(belay completion bash)"
COMP_WORDS=(belay "$@")
COMP_CWORD=$(($# ))
"$(complete -p belay | sed 's/.*-F \([^ ]*\) .*/\1/')"
printf '%s ' "${COMPREPLY[@]}"
END_OF_BASH
	try() { bash --norc "$scratch/try.bash" "$@"; }
	check bash "$(try ru)" 'run runs ' ru
	check bash "$(try run pl)" 'plan.yaml ' 'run pl'
	check bash "$(try run a)" 'a\ plan.yml ' 'run a'
	check bash "$(try run --yes = h)" 'high ' 'run --yes=h'
	check bash "$(try run --yes =)" 'low medium high ' 'run --yes='
	check bash "$(try run plan.yaml --var = to)" 'tone= ' 'run plan.yaml --var=to'
	check bash "$(try undo --step = s)" 'second ' 'undo --step=s'
	check bash "$(bash --norc -c 'eval "$(belay completion bash)"; words=(git belay run --js); cword=3; _git_belay
		echo "${COMPREPLY[@]}"')" '--json' 'git belay run --js'
fi

# zsh: the script as it is, with compadd replaced by one that prints what it is given.
if command -v zsh >/dev/null; then
	n_shells=$((n_shells + 1))
	cat >"$scratch/try.zsh" <<'END_OF_ZSH'
compadd() { print -rn -- ${(P)@[-1]} "" }
compdef() { given=$1 }
source <(belay completion zsh)
words=(belay "$@")
CURRENT=$#words
$given
END_OF_ZSH
	try() { zsh -f "$scratch/try.zsh" "$@"; }
	check zsh "$(try ru)" 'run runs ' ru
	check zsh "$(try run '')" 'deep/ a plan.yml plan.yaml ' 'run '
	check zsh "$(try run --yes=h)" '--yes=high ' 'run --yes=h'
	check zsh "$(try undo --step '')" 'first second ' 'undo --step '
fi

if command -v fish >/dev/null; then
	n_shells=$((n_shells + 1))
	export HOME="$scratch"
	belay completion fish >"$scratch/belay.fish"
	try() { fish --no-config -c "source $scratch/belay.fish; complete -C '$1'" | cut -f 1 | tr '\n' ' '; }
	check fish "$(try 'belay ru')" 'run runs ' ru
	check fish "$(try 'belay run --yes=h')" '--yes=high ' 'run --yes=h'
	check fish "$(try 'belay run plan.yaml --var t')" 'target= tone= ' 'run plan.yaml --var t'
	check fish "$(try 'belay undo --step ')" 'first second ' 'undo --step '
fi
[ "$n_shells" -gt 0 ] || fail "there is no shell to try"
finish
