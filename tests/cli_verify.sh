#!/bin/sh
# verify: a whole journal, and the same files when the run is executed again from what is on record; and neither when not.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

mkdir "$scratch/repo" "$scratch/temp" && cd "$scratch/repo"
export TMPDIR="$scratch/temp"
seq 5 >lines.txt
echo other >input.txt
git init -q && git add . && git commit -q -m start
# written by hand
cat >"$scratch/answers.jsonl" <<'END'
{"step": "page", "attempt": 1, "text": "Here it is.\n\npage.md\n````markdown\n# A page\n````\n"}
END
set -- -c providers.sample.kind=recorded -c "providers.sample.file=$scratch/answers.jsonl" -c use=sample
cat >"$scratch/plan.yaml" <<'END'
belay: 1
steps:
  - { id: look, read: [input.txt] }
  - { id: page, write: page.md, prompt: A page. }
  - id: change
    refactor: [lines.txt]
    patch: "--- a/lines.txt\n+++ b/lines.txt\n@@ -1,2 +1,2 @@\n-1\n+one\n 2\n"
  - { id: made, needs: [change], run: "cp lines.txt copy.txt; rm input.txt" }
  - { id: bad, needs: [made], run: "echo x > lines.txt; exit 3" }
END
expect 1 "$BELAY" "$@" run --plain --yes=high "$scratch/plan.yaml"
[ -e copy.txt ] && [ -e page.md ] || fail "the run did not do what it was to do"
tree_of . >"$scratch/before"
git_state_of . >"$scratch/git-before"
expect 0 "$BELAY" verify
tree_of . >"$scratch/after"
git_state_of . >"$scratch/git-after"
same "$scratch/before" "$scratch/after" "verify changed the tree"
same "$scratch/git-before" "$scratch/git-after" "verify changed the repository"
[ -z "$(ls "$TMPDIR")" ] || fail "verify left something behind"
echo mine >lines.txt
rm page.md
expect 0 "$BELAY" verify
expect 0 "$BELAY" verify --json
grep -q '"type":"verified","paths":4,"differs":\[\]' "$scratch/out" || fail "verify --json does not say what was verified"
expect 0 "$BELAY" undo --step made
expect 0 "$BELAY" verify @
run=$("$BELAY" runs | awk '$3 == "run" { print $1 }')

# A command that does another thing each time is found.
printf 'belay: 1\nsteps:\n  - { id: a, run: "od -An -N8 -tx1 /dev/urandom > random.txt" }\n' >"$scratch/other.yaml"
expect 0 "$BELAY" run --plain --yes=high "$scratch/other.yaml"
expect 1 "$BELAY" verify
grep -q '^differs  random.txt' "$scratch/out" || fail "verify does not name what differs"

# One byte of the journal, or of the store.
journal=$(find "$XDG_STATE_HOME" -path "*/$run/journal.jsonl")
cp "$journal" "$scratch/journal"
sed '3s/"type"/"tyqe"/' "$scratch/journal" >"$journal"
expect 8 "$BELAY" verify "$run"
sed '4d' "$scratch/journal" >"$journal"
expect 8 "$BELAY" verify "$run"
cat "$scratch/journal" >"$journal"
expect 0 "$BELAY" verify "$run"
find "$(dirname "$journal")/store.git" -name 'pack-*.pack' -exec chmod u+w {} + -exec truncate -s 20 {} +
expect 8 "$BELAY" verify "$run"
finish
