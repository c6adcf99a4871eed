#!/bin/sh
# undo, redo and resume through the real program: a step, all of it, conflicts, crashes, and a run that still lives.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

new_repo() {
	rm -rf "$scratch/repo" "$XDG_STATE_HOME"
	mkdir -p "$scratch/repo"
	cd "$scratch/repo"
	printf 'one\ntwo\n' >a.txt
	printf 'keep\n' >b.txt
	chmod 755 b.txt
	cp "$scratch/plan.yaml" "$scratch/wait.yaml" .
	git init -q && git add . && git commit -qm start
	tree_of . >"$scratch/start"
}

run_plan() {
	new_repo
	expect 0 "$BELAY" run --plain --yes=high plan.yaml
	tree_of . >"$scratch/done"
}

tree_is() {
	tree_of . >"$scratch/now"
	same "$scratch/$1" "$scratch/now" "the tree is not as $1: $2"
}

cat >"$scratch/plan.yaml" <<'END'
belay: 1
steps:
  - id: page
    write: docs/deep/page.md
    content: |
      A page.
  - id: edit
    needs: [page]
    refactor: [a.txt]
    patch: |
      --- a/a.txt
      +++ b/a.txt
      @@ -1,2 +1,2 @@
       one
      -two
      +TWO
  - id: gone
    needs: [edit]
    delete: [b.txt]
END
cat >"$scratch/wait.yaml" <<'END'
belay: 1
steps:
  - id: first
    write: first.txt
    content: one
  - id: slow
    needs: [first]
    run: ["sh", "-c", "echo made > made.txt; echo begun; while ! [ -e go.txt ]; do sleep 0.05; done"]
  - id: last
    needs: [slow]
    write: last.txt
    content: two
END

# One step after the other, and back.
run_plan
expect 0 "$BELAY" undo
[ -x b.txt ] || fail "undo does not bring back the deleted file with its mode"
grep -q TWO a.txt || fail "undo takes back more than the last step"
expect 0 "$BELAY" undo
grep -q two a.txt || fail "a second undo does not take the step before"
expect 0 "$BELAY" undo
tree_is start "after three undos (folders that the run made go, too)"
expect 0 "$BELAY" undo
grep -q 'nothing to take back' "$scratch/err" || fail "an undo too many does not say so"
for n in 1 2 3; do expect 0 "$BELAY" redo; done
tree_is done "after three redos"
expect 0 "$BELAY" redo
grep -q 'nothing to put again' "$scratch/err" || fail "a redo too many does not say so"

# All of it; @ after an undo is the undo; ids and beginnings of ids name runs.
run=$("$BELAY" runs | awk '$3 == "run" { print $1 }')
expect 0 "$BELAY" undo --all --preview "$run"
tree_is done "after a preview"
[ "$(wc -l <"$scratch/out")" -eq 3 ] || fail "a preview does not list the three files"
expect 0 "$BELAY" undo --all "$run"
tree_is start "after undo --all"
expect 0 "$BELAY" redo @
tree_is done "after redo @"
expect 0 "$BELAY" undo --all --json "$(printf %.7s "$run")"
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":0.*"page":"done"' || fail "undo --json ends without its result"
tree_is start "after undo by a beginning of the id"
expect 2 "$BELAY" undo nowhere
expect 2 "$BELAY" undo --step nobody "$run"
expect 2 "$BELAY" undo --step page --all "$run"

# What a failed command had changed may hold a person's edit: it is named, and comes back on request.
new_repo
printf 'belay: 1\nsteps:\n  - { id: bad, run: "echo mine > a.txt; echo x > new.txt; exit 3" }\n' >"$scratch/bad.yaml"
expect 1 "$BELAY" run --plain --yes=high "$scratch/bad.yaml"
tree_is start "after a failed command"
grep -q "^back: .*'a.txt'" "$scratch/err" || fail "a file that was taken back with a failed command is not named at the end"
grep -q "redo .* --step bad" "$scratch/err" || fail "how to have it again is not said"
expect 0 "$BELAY" redo --step bad
[ "$(cat a.txt new.txt)" = "$(printf 'mine\nx')" ] || fail "redo --step does not put again what a failed step had changed"
expect 0 "$BELAY" redo --step bad
grep -q 'nothing to put again' "$scratch/err" || fail "redo --step twice puts it again twice"
expect 0 "$BELAY" undo
tree_is start "after undo of a failed step's change"
expect 2 "$BELAY" redo --step nobody

# A step in the middle.
run_plan
expect 0 "$BELAY" undo --step page
[ ! -e docs ] || fail "undo --step leaves what the step made"
grep -q TWO a.txt || fail "undo --step takes back another step"

# Later steps that build on it are listed, and go along on request.
grep -q "'edit' came later and builds on it" "$scratch/err" || fail "undo --step does not list the step that needs it"
grep -q "'gone' came later" "$scratch/err" || fail "undo --step does not list what needs it through another"
run_plan
expect 0 "$BELAY" undo --step page --cascade
tree_is start "after undo --step --cascade"
expect 0 "$BELAY" redo
tree_is done "after redo of a cascade"
expect 2 "$BELAY" undo --cascade

# A file alone, and back; the steps stay.
run_plan
cd docs
expect 0 "$BELAY" undo --file ../a.txt
cd ..
grep -q two a.txt || fail "undo --file does not take the file back"
[ -e docs/deep/page.md ] && [ ! -e b.txt ] || fail "undo --file takes more than the file back"
expect 0 "$BELAY" redo
tree_is done "after redo of undo --file"
expect 0 "$BELAY" undo --file docs/deep/page.md
[ ! -e docs ] || fail "undo --file leaves the folders of a file that was made"
expect 0 "$BELAY" undo --all
tree_is start "after undo --file and undo --all"
for n in 1 2; do expect 0 "$BELAY" redo; done
tree_is done "after two redos of an undo of a file and one of all"
expect 0 "$BELAY" undo --file nothing.txt
grep -q 'nothing to take back' "$scratch/err" || fail "undo --file of a file that no step changed does not say so"
expect 2 "$BELAY" undo --file ../outside.txt

# What the user changed elsewhere in the text stays, merged, and is shown; redo has it all again.
cat >"$scratch/lines.yaml" <<'END'
belay: 1
steps:
  - id: change
    refactor: [lines.txt]
    patch: |
      --- a/lines.txt
      +++ b/lines.txt
      @@ -1,2 +1,2 @@
      -1
      +one
       2
END
new_repo
seq 9 >lines.txt
expect 0 "$BELAY" run --plain --yes=high "$scratch/lines.yaml"
sed -i 's/9/nine/' lines.txt
cp lines.txt "$scratch/edited"
expect 0 "$BELAY" undo --preview
grep -q '^merge  *lines.txt' "$scratch/out" && grep -q '^-one' "$scratch/out" || fail "undo --preview does not show the merge"
same "$scratch/edited" lines.txt "a preview changed the tree"
expect 0 "$BELAY" undo
seq 9 | sed 's/9/nine/' >"$scratch/wanted"
same "$scratch/wanted" lines.txt "an edit elsewhere in the text is not merged"
grep -q '^-one' "$scratch/out" || fail "a merge is not shown when it lands"
expect 0 "$BELAY" redo
same "$scratch/edited" lines.txt "redo of a merge does not give what was there"
sed -i 's/one/ONE/' lines.txt
expect 5 "$BELAY" undo
grep -q ONE lines.txt || fail "undo overwrote an edit of the same line"
cp lines.txt "$scratch/edited"
expect 5 "$BELAY" undo --conflicts=beside
same "$scratch/edited" lines.txt "--conflicts=beside changed the file"
[ "$(head -n 1 lines.txt.before)" = 1 ] || fail "--conflicts=beside does not write what was before beside the file"
rm lines.txt.before
expect 0 "$BELAY" undo --step change --conflicts=restore "$("$BELAY" runs | awk '$3 == "run" { print $1 }')"
[ "$(cat lines.txt)" = "$(seq 9)" ] || fail "--conflicts=restore does not put the file back"
expect 0 "$BELAY" redo
same "$scratch/edited" lines.txt "redo after --conflicts=restore loses the edit"
expect 2 "$BELAY" undo --conflicts=perhaps

# What the user changed since stays, is named, and the exit is 5; what can be taken back is.
run_plan
echo mine >a.txt
expect 5 "$BELAY" undo --all
grep -q "a.txt" "$scratch/err" || fail "a file that was left alone is not named"
grep -q 'rolled back: .*[a-z]$' "$scratch/err" && ! grep -q 'but for' "$scratch/err" && fail "an incomplete rollback is told as a whole one"
[ "$(cat a.txt)" = mine ] || fail "undo overwrote an edit"
[ -e b.txt ] || fail "one conflict kept the rest from being taken back"
run_plan
echo mine >docs/deep/note.md
expect 0 "$BELAY" undo --all
[ "$(cat docs/deep/note.md)" = mine ] || fail "undo removed a file that belay never wrote"
[ ! -e docs/deep/page.md ] || fail "undo left the file beside it"

# A folder goes with the last file in it, whichever step made it and whichever goes first.
for first in "" one three; do
	new_repo
	printf 'belay: 1\nsteps:\n%s\n%s\n%s\n' \
		'  - { id: one, write: new/a.txt, content: a }' \
		'  - { id: two, needs: [one], write: new/b.txt, content: b }' \
		'  - { id: three, needs: [two], write: new/deep/c.txt, content: c }' >"$scratch/folders.yaml"
	expect 0 "$BELAY" run --plain "$scratch/folders.yaml"
	[ -z "$first" ] || expect 0 "$BELAY" undo --step "$first"
	expect 0 "$BELAY" undo --all
	tree_is start "after steps in one new folder, '$first' taken back first"
done

# A journal that is damaged from its first line on is a run all the same: "@" does not name the one before it.
run_plan
printf 'belay: 1\nsteps:\n  - { id: more, write: more.txt, content: more }\n' >"$scratch/more.yaml"
expect 0 "$BELAY" run --plain --yes=high "$scratch/more.yaml"
first=$("$BELAY" runs | awk 'END { print $1 }')
last=$("$BELAY" runs | awk 'NR == 1 { print $1 }')
journal=$(find "$XDG_STATE_HOME" -path "*/$last/journal.jsonl")
sed '1s/type/typo/' "$journal" >"$scratch/damaged" && cat "$scratch/damaged" >"$journal"
tree_of . >"$scratch/done"
for verb in undo "undo --all @" redo resume "log @"; do
	# shellcheck disable=SC2086
	expect 8 "$BELAY" $verb
done
tree_is done "a damaged journal was acted upon"
"$BELAY" runs | grep -q "^$last .* damaged" || fail "runs does not say that a run is damaged"
expect 0 "$BELAY" undo --all "$first"

# A run that lives is not disturbed; one that was killed is taken back, or goes on.
new_repo
rm -f "$scratch/live"
"$BELAY" run --yes=high --json wait.yaml >"$scratch/live" 2>/dev/null &
pid=$!
until grep -q '"text":"begun' "$scratch/live" 2>/dev/null; do :; done
expect 1 "$BELAY" undo
grep -q "process $pid" "$scratch/err" || fail "a living run is not named"
expect 1 "$BELAY" run --yes=high plan.yaml
expect 1 "$BELAY" resume
kill -KILL $pid
wait $pid 2>/dev/null || true
touch go.txt
expect 0 "$BELAY" resume --yes=high
[ -e last.txt ] || fail "resume does not go on"
grep -q '\] write first.txt' "$scratch/err" && [ "$("$BELAY" log @ | grep -c 'step_started .*first')" -ne 1 ] &&
	fail "resume ran a finished step again"
rm go.txt
expect 0 "$BELAY" undo --all
tree_is start "after kill, resume and undo --all"

# What a killed command had changed comes back, too.
new_repo
rm -f "$scratch/live"
"$BELAY" run --yes=high --json wait.yaml >"$scratch/live" 2>/dev/null &
pid=$!
until grep -q '"text":"begun' "$scratch/live" 2>/dev/null; do :; done
kill -KILL $pid
wait $pid 2>/dev/null || true
expect 0 "$BELAY" undo --all
tree_is start "after kill and undo --all"
"$BELAY" log @~1 | grep -q "taken back: .*'made.txt'" || fail "what a killed command had changed is taken back and not named"

# Resume after an undo does what was taken back again.
run_plan
expect 0 "$BELAY" undo
expect 0 "$BELAY" resume --yes=high
tree_is done "after undo and resume"
expect 0 "$BELAY" undo --all
tree_is start "after undo, resume and undo --all"
sed -i 's/A page/Another page/' plan.yaml
expect 2 "$BELAY" resume --yes=high
grep -q 'changed since' "$scratch/err" || fail "a plan that changed is not named"
git checkout -q plan.yaml

# An interrupted run says so, and its tree is at a step's boundary.
new_repo
rm -f "$scratch/out"
"$BELAY" run --yes=high --json wait.yaml >"$scratch/out" 2>/dev/null &
pid=$!
until grep -q '"text":"begun' "$scratch/out" 2>/dev/null; do :; done
kill -TERM $pid
got=0
wait $pid || got=$?
[ "$got" -eq 143 ] || fail "a terminated run exits $got, not 143"
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":143' || fail "the result of a terminated run is not the last line"
expect 0 "$BELAY" undo --all
tree_is start "after a terminated run and undo --all"
finish
