#!/bin/sh
# belay log --stats and --trace through the real program: what a run took, also when it failed or was killed.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

mkdir -p "$scratch/repo"
cd "$scratch/repo"
git init -q
cat >plan.yaml <<'END'
belay: 1
steps:
  - id: page
    write: page.txt
    content: A page.
  - id: busy
    needs: [page]
    run: [sh, -c, "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done"]
END
printf 'belay: 1\nsteps:\n  - id: bad\n    run: ["false"]\n' >fails.yaml

# Prints a field of the step's object in the first line of what was printed.
field() {
	head -n 1 "$scratch/out" | sed -n "s/.*\"step\":\"$1\"[^}]*\"$2\":\([0-9]*\).*/\1/p"
}

expect 0 "$BELAY" run --yes=high --trace "$scratch/trace.json" plan.yaml
expect 0 "$BELAY" log --stats --json
[ "$(field page syncs)" -ge 4 ] || fail "landing a file took $(field page syncs) syncs"
[ "$(field page bytes_written)" -eq 7 ] || fail "the bytes of the page are missing"
[ "$(field busy cpu_us)" -ge 5000 ] || fail "the processor time of a command is not counted: $(field busy cpu_us) us"
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":0' || fail "the statistics end without a result"
expect 0 "$BELAY" log --stats
grep -q '^page  *done ' "$scratch/out" || fail "the table has no row for a step"
grep -q '^together ' "$scratch/out" || fail "the table has no sum"

# The trace of the run, and the same one from its journal.
grep -q '"name":"busy"' "$scratch/trace.json" || fail "the trace has no slice for a step"
tail -n 1 "$scratch/trace.json" | grep -qx ']' || fail "the trace is not whole"
expect 0 "$BELAY" log @ --trace "$scratch/again.json"
same "$scratch/trace.json" "$scratch/again.json" "the trace of the journal is another one"
[ ! -s "$scratch/out" ] || fail "--trace prints something"

# A file that cannot be written is known before anything is done.
expect 2 "$BELAY" run --trace /nowhere/at/all --yes=high plan.yaml
expect 2 "$BELAY" run --trace /dev/null --yes=high plan.yaml
"$BELAY" runs | wc -l | grep -qx 1 || fail "a refused trace has made a run"

# Failures have their category; earlier runs of the plan are compared with.
expect 1 "$BELAY" run --yes=high --trace "$scratch/trace.json" fails.yaml
grep -q '"state":"failed"' "$scratch/trace.json" || fail "the trace does not say that the step failed"
expect 0 "$BELAY" log --stats
grep -q '^errors: check 1$' "$scratch/out" || fail "the failure is not counted"
expect 0 "$BELAY" run --yes=high plan.yaml
expect 0 "$BELAY" log --stats
grep -q '^the last 2 runs of plan.yaml$' "$scratch/out" || fail "the earlier run is not compared with"

# Killed in the middle: the file holds an empty trace, and the journal gives the one of what was done.
printf 'belay: 1\nsteps:\n  - id: page\n    write: other.txt\n    content: x\n  - id: stuck\n    needs: [page]\n    run: [sh, -c, "echo on >started; exec sleep 600"]\n' >stuck.yaml
mkfifo "$scratch/lines"
"$BELAY" run --json --yes=high --trace "$scratch/trace.json" stuck.yaml >"$scratch/lines" 2>/dev/null &
owner=$!
while read -r line; do
	case $line in *'"type":"step_started","step":"stuck"'*) break ;; esac
done <"$scratch/lines"
kill -9 "$owner"
wait "$owner" 2>/dev/null || true
grep -qx '\[\]' "$scratch/trace.json" || fail "a killed run leaves a trace that is not whole"
expect 0 "$BELAY" log --stats --trace "$scratch/trace.json"
grep -q '"name":"stuck".*"state":"open"' "$scratch/trace.json" || fail "the trace lacks the step that was cut off"
grep -q '  open  ' "$scratch/out" || fail "the statistics do not say that the run is open"

# What models wrote: how much of it was taken, and the thumbs.
printf 'belay: 1\nmodel: { use: sample }\nsteps:\n  - id: page\n    write: page.md\n    prompt: A page.\n  - id: bad\n    write: bad.md\n    prompt: Another.\n    checks: [no]\n    attempts: 1\n    on_fail: continue\nchecks: { no: { run: "false" } }\n' >models.yaml
cat >"$scratch/answers.jsonl" <<'END_OF_ANSWERS'
{"step": "page", "attempt": 1, "text": "page.md\n````\n# Page\n````\n", "origin": "written by hand"}
{"step": "bad", "attempt": 1, "text": "bad.md\n````\n# Bad\n````\n", "origin": "written by hand"}
END_OF_ANSWERS
asked() {
	"$BELAY" -c providers.sample.kind=recorded -c "providers.sample.file=$scratch/answers.jsonl" "$@"
}
expect 1 asked run --yes=high --cache off models.yaml
expect 0 "$BELAY" note @ --step page --up
expect 0 "$BELAY" note @ --step bad --down "not this"
expect 0 "$BELAY" log --stats
grep -Eq '^[^ ]+ +write +2 +50% +50% +0 +1 +1$' "$scratch/out" || {
	fail "the acceptance of the model's answers is wrong"
	cat "$scratch/out" >&2
}
expect 0 "$BELAY" log --stats --json
grep -q '"acceptance":\[{"model":"[^"]*","verb":"write","asked":2,"accepted":1,"at_once":1,"declined":0,"up":1,"down":1}\]' "$scratch/out" || fail "--json does not tell of acceptance"
finish
