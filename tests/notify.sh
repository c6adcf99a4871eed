#!/bin/sh
# On a terminal that is known to show them: the notifications of a run, the title and the mark on the task bar, which are
# taken away on every way out. What belay sends is read from script(1)'s record of the terminal.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
command -v script >/dev/null && command -v infocmp >/dev/null && infocmp xterm-256color >/dev/null 2>&1 || exit 77
export BELAY TERM=xterm-256color TERM_PROGRAM=WezTerm
mkdir "$scratch/repo"
cd "$scratch/repo"
cat >plan.yaml <<'END_OF_PLAN'
belay: 1
steps:
  - id: w
    write: w.txt
    content: w
  - id: well
    needs: [w]
    ask: Is it well?
END_OF_PLAN
sed '/id: well/,$d' plan.yaml >short.yaml
git init -q . && git add . && git commit -qm start
mkdir -p "$XDG_CONFIG_HOME/belay"
cat >"$XDG_CONFIG_HOME/belay/config.yaml" <<END_OF_CONFIG
notify:
  after: 0
  command: 'echo "\$BELAY_EVENT \$BELAY_EXIT" >>$scratch/notes'
END_OF_CONFIG
: >"$scratch/notes"

# $1: the plan. Sets $watcher, the process that records the terminal.
start() {
	rm -f "$scratch/terminal" "$scratch/pid" "$scratch/status"
	# shellcheck disable=SC2016
	PLAN=$PWD/$1 SCRATCH=$scratch script -qfec 'stty cols 100 rows 30
		sh -c "echo \$\$ >$SCRATCH/pid; exec \"$BELAY\" run --yes \"$PLAN\""
		echo $? >"$SCRATCH/status"' "$scratch/terminal" >/dev/null 2>&1 <"$scratch/typed" &
	watcher=$!
}
mkfifo "$scratch/typed"
exec 7<>"$scratch/typed" # so that the terminal's end never comes
esc=$(printf '\033') bel=$(printf '\007')
has() { LC_ALL=C grep -aqF "$1" "$scratch/terminal" 2>/dev/null; }
wait_for() { until has "$1"; do kill -0 "$watcher" 2>/dev/null || { has "$1" || fail "'$1' never came"; return; }; done; }

# The last title, and the last mark on the task bar, are none; the alternate screen was left.
is_clear() {
	LC_ALL=C grep -ao "$esc]2;[^$bel]*$bel" "$scratch/terminal" | tail -n 1 | cmp -s - "$scratch/no-title" || fail "$1: the title stays"
	LC_ALL=C grep -ao "$esc]9;4;[^$bel]*$bel" "$scratch/terminal" | tail -n 1 | cmp -s - "$scratch/no-mark" || fail "$1: the mark stays"
	LC_ALL=C grep -ao "$esc\[?1049[hl]" "$scratch/terminal" | tail -n 1 | grep -q 'l$' || fail "$1: the screen stays"
}
printf '\033]2;\007\n' >"$scratch/no-title"
printf '\033]9;4;0;0\007\n' >"$scratch/no-mark"
ended() {
	wait "$watcher" || :
	[ "$(cat "$scratch/status" 2>/dev/null)" = "$2" ] || fail "$1: status '$(cat "$scratch/status" 2>/dev/null)', not $2"
	is_clear "$1"
	rm -f w.txt
}

# The end of a run, and the way out by a key.
start short.yaml
wait_for "$esc]9;short.yaml is done, 1 steps$bel"
printf q >&7
ended 'q' 0
[ "$(cat "$scratch/notes")" = 'finished 0' ] || fail "the command was told '$(cat "$scratch/notes")'"

# Signals: those that end a run in order, and those that are a crash.
# A sanitizer would make a report of a crash, and a status of its own.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0:handle_abort=0"
export TSAN_OPTIONS="${TSAN_OPTIONS:+$TSAN_OPTIONS:}handle_segv=0:handle_abort=0"
for signal in TERM HUP SEGV ABRT; do
	: >"$scratch/notes"
	start plan.yaml
	wait_for "$esc]9;plan.yaml waits for you: well asks$bel"
	wait_for "$esc]2;!1 belay 1/2 plan.yaml$bel"
	wait_for "$esc]9;4;1;50$bel"
	until [ -s "$scratch/notes" ]; do kill -0 "$watcher"; done
	[ "$(cat "$scratch/notes")" = 'waiting ' ] || fail "the command was told '$(cat "$scratch/notes")'"
	kill -s "$signal" "$(cat "$scratch/pid")"
	case $signal in TERM) status=143 ;; HUP) status=129 ;; SEGV) status=139 ;; ABRT) status=134 ;; esac
	ended "$signal" "$status"
done
finish
