#!/bin/sh
# The command line itself: usage, help, broken pipes and full disks, damaged journals, and `git belay`.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

says() {
	grep -q "$1" "$scratch/err" || {
		fail "stderr does not say '$1'"
		cat "$scratch/err" >&2
	}
}

mkdir "$scratch/repo"
cd "$scratch/repo"
printf 'one\n' >a.txt
printf 'belay: 1\nsteps:\n  - id: w\n    write: w.txt\n    content: w\n' >plan.yaml
git init -q && git add . && git commit -qm start

expect 0 "$BELAY" --version
grep -q '^belay [0-9]' "$scratch/out" || fail "--version prints no version"
expect 0 "$BELAY" --help
expect 0 "$BELAY" help
expect 2 "$BELAY"
for verb in $(awk '/^Verbs:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }' "$scratch/out"); do
	expect 0 "$BELAY" help "$verb"
	expect 0 "$BELAY" "$verb" --help
	grep -q "^usage: belay $verb" "$scratch/out" || fail "'$verb --help' shows no usage"
done
expect 2 "$BELAY" chekc plan.yaml
says "did you mean 'belay check'"
expect 2 "$BELAY" run --jsno plan.yaml
says "did you mean '--json'"
expect 2 "$BELAY" run
expect 2 "$BELAY" run plan.yaml plan.yaml
expect 2 "$BELAY" run --yes=sure plan.yaml
expect 2 "$BELAY" run -j 0 plan.yaml
expect 2 "$BELAY" run --approve-from 0 plan.yaml
expect 2 "$BELAY" run --json --approve-from 77 plan.yaml
expect 2 "$BELAY" run --json --plain plan.yaml
expect 2 "$BELAY" --color=blue runs
expect 2 "$BELAY" -c nonsense run plan.yaml
[ ! -e w.txt ] || fail "a refused command line has run the plan"
expect 2 "$BELAY" run --json --jsno plan.yaml
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":2' || fail "a usage error under --json ends without a result"

# Every verb that prints, under --json: objects, and the result last.
expect 0 "$BELAY" run plan.yaml
for verb in runs log show\ @ doctor config schema check\ plan.yaml show\ plan.yaml replay 'undo --preview' undo redo; do
	# shellcheck disable=SC2086
	expect 0 "$BELAY" $verb --json
	tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":0' || fail "'$verb --json' ends without a result"
	grep -qv '^{.*}$' "$scratch/out" && fail "'$verb --json' prints a line that is no object"
done

# Nobody reads, nothing can be written.
for verb in runs log 'show @' schema; do
	# shellcheck disable=SC2086
	expect 0 sh -c '{ "$@"; echo $? >status; } | true; cat status >/dev/null; exit "$(cat status)"' sh "$BELAY" $verb
	[ ! -s "$scratch/err" ] || fail "'$verb' is not quiet about a closed pipe"
done
rm -f status
expect 1 sh -c '"$1" log >/dev/full' sh "$BELAY"
says 'cannot write to stdout'
expect 0 sh -c '"$1" runs >&- 2>&- <&-' sh "$BELAY"
expect 0 sh -c '"$1" run --json plan.yaml | head -n 1 >/dev/null' sh "$BELAY"

# `git belay`.
mkdir "$scratch/bin"
ln -s "$BELAY" "$scratch/bin/git-belay"
expect 0 env PATH="$scratch/bin:$PATH" git belay runs
mkdir deep
expect 0 "$BELAY" -C deep runs
[ -s "$scratch/out" ] || fail "the runs are not found from a folder below the root"

# The key map: what it cannot be is told with its place, by every verb that reads the configuration.
mkdir -p "$scratch/config/belay"
printf 'keys:\n  retry: A-r\n  undo: [A-u, U]\n  zoom: y\n  zoo: x\n' >"$scratch/config/belay/config.yaml"
for verb in config replay "run plan.yaml"; do
	# shellcheck disable=SC2086
	expect 2 env XDG_CONFIG_HOME="$scratch/config" "$BELAY" $verb
	says "config.yaml:3:3: error: keys: 'U' is both 'undo' and 'redo' in a run"
	says "config.yaml:4:3: error: keys: 'y' means the same everywhere"
	says "config.yaml:5:3: error: keys: there is no action 'zoo'; did you mean 'zoom'"
done
printf 'keys:\n  undo: U\n  redo: []\n' >"$scratch/config/belay/config.yaml"
expect 0 env XDG_CONFIG_HOME="$scratch/config" "$BELAY" config
grep -q "^  undo: 'U'" "$scratch/out" || fail "the key that is set is not shown"

# A damaged journal: shown up to there, exit 8, and nothing is written to it.
journal=$(ls "$XDG_STATE_HOME"/belay/repos/*/runs/*/journal.jsonl | head -n 1)
run=$(basename "$(dirname "$journal")")
sed -i '3s/"type"/"tipe"/' "$journal"
sha256sum "$journal" >"$scratch/before"
expect 8 "$BELAY" log "$run"
expect 8 "$BELAY" replay --plain "$run"
expect 8 "$BELAY" replay --json "$run"
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":8' || fail "replay --json of a damaged journal does not end with exit 8"
expect 8 "$BELAY" show "$run"
expect 8 "$BELAY" undo "$run"
sha256sum "$journal" >"$scratch/after"
same "$scratch/before" "$scratch/after" "a damaged journal was written to"
expect 2 "$BELAY" replay ./a.txt
finish
