#!/bin/sh
# Old runs go, with what came of them; what is left can be undone. The errors of a run are counted by category.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

mkdir "$scratch/repo" && cd "$scratch/repo"
git init -q && git commit -q --allow-empty -m start
run_plan() {
	printf 'belay: 1\nsteps:\n  - { id: a, write: %s.txt, content: "%s" }\n' "$1" "$1" >"$scratch/plan.yaml"
	expect 0 "$BELAY" run --plain --yes=high "$scratch/plan.yaml"
}
# $1: days that the journal of every run is to be older
age() {
	find "$XDG_STATE_HOME" -name journal.jsonl | while read -r journal; do
		then=$(date -u -d "$1 days ago" +%Y-%m-%d)
		sed "1s/\"ts\":\"....-..-../\"ts\":\"$then/" "$journal" >"$scratch/aged" && cat "$scratch/aged" >"$journal"
	done
}
n_runs() { "$BELAY" runs | wc -l; }

run_plan one
expect 0 "$BELAY" undo
expect 0 "$BELAY" redo
age 15
run_plan two
[ "$(n_runs)" -eq 4 ] && fail "a run's start does not remove what is too old"
[ "$(n_runs)" -eq 1 ] || fail "not all of an old run's family went"
expect 0 "$BELAY" undo
[ ! -e two.txt ] && [ -e one.txt ] || fail "what is left cannot be undone"

run_plan three
run_plan four
expect 0 "$BELAY" gc
[ ! -s "$scratch/out" ] || fail "gc removes runs that are neither old nor large"
expect 0 "$BELAY" gc --keep-mib 0
[ "$(n_runs)" -eq 1 ] || fail "gc does not keep the newest run alone when there is no room"
expect 0 "$BELAY" gc --keep-days 0 --json
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":0' || fail "gc --json ends without its result"
expect 0 "$BELAY" undo
[ ! -e four.txt ] || fail "the newest run cannot be undone after gc"
expect 2 "$BELAY" gc --keep-days some

printf 'belay: 1\nsteps:\n  - { id: a, run: "exit 3" }\n  - { id: b, read: [nothing.txt] }\n' >"$scratch/plan.yaml"
expect 1 "$BELAY" run --plain --yes=high "$scratch/plan.yaml"
expect 0 "$BELAY" log --errors
tail -n 1 "$scratch/out" | grep -q '1 check' || fail "log --errors does not count by category"
expect 0 "$BELAY" log --errors --json
grep -q '"type":"errors","categories":{.*"check":1' "$scratch/out" || fail "log --errors --json does not count by category"
finish
