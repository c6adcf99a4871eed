#!/bin/sh
# What is long goes through the pager on a terminal, and only there: which one, and that its text is as safe as without.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
command -v script >/dev/null || exit 77
unset BELAY_PAGER GIT_PAGER PAGER LESS
export BELAY TERM=xterm
mkdir "$scratch/repo"
cd "$scratch/repo"
printf 'belay: 1\nsteps:\n  - id: w\n    title: "a title\\e]2;owned\\a"\n    write: w.txt\n    content: w\n' >plan.yaml
git init -q . && git add . && git commit -qm start
expect 0 "$BELAY" run --yes=high plan.yaml

# $1: the verb and what follows; the rest: variables. The terminal's text is in $scratch/out.
on_terminal() {
	line=$1
	shift
	# shellcheck disable=SC2016
	LINE=$line env "$@" script -qec 'stty rows 500; "$BELAY" $LINE' /dev/null >"$scratch/out" 2>"$scratch/err" </dev/null || fail "$line: exit $?"
}
shows() { grep -q "$1" "$scratch/out" || { fail "$2"; cat -v "$scratch/out" >&2; }; }
mark="sed s/^/one:/"
on_terminal log BELAY_PAGER="$mark" GIT_PAGER=false PAGER=false
shows '^one:.*run_started' "BELAY_PAGER is not the first"
on_terminal log GIT_PAGER="$mark" PAGER=false
shows '^one:.*run_started' "GIT_PAGER is not the second"
on_terminal 'show @' PAGER="$mark"
shows '^one:' "PAGER does not show the run"
on_terminal runs PAGER="$mark"
shows '^one:' "PAGER does not show the runs"
for none in BELAY_PAGER= BELAY_PAGER=cat; do
	on_terminal log "$none" PAGER="$mark"
	shows '^ *[^o].*run_started' "$none is no pager, and nothing is shown"
	grep -q '^one:' "$scratch/out" && fail "$none does not mean that there is no pager"
done
on_terminal 'log --json' BELAY_PAGER="$mark"
grep -q '^one:' "$scratch/out" && fail "--json goes through a pager"
on_terminal log BELAY_PAGER="$mark" TERM=dumb
grep -q '^one:' "$scratch/out" && fail "a dumb terminal gets a pager"
on_terminal log BELAY_PAGER=true
on_terminal log BELAY_PAGER=/nowhere/pager
shows "pager '/nowhere/pager' cannot be started" "a pager that is not there is not told of"
expect 0 env BELAY_PAGER="$mark" "$BELAY" log
grep -q '^one:' "$scratch/out" && fail "a file gets a pager"
on_terminal log BELAY_PAGER='sed s/x/x/'
grep -q "$(printf '\033]2')" "$scratch/out" && fail "the terminal is driven through a pager"
shows 'a title' "the title is not shown"
finish
