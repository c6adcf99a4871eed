#!/bin/sh
# belay run and check through the real program: exit statuses, the same tree in every mode, and bad input.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

new_repo() {
	rm -rf "$scratch/repo" "$XDG_STATE_HOME"
	mkdir -p "$scratch/repo"
	cd "$scratch/repo"
	printf 'one\ntwo\nthree\n' >a.txt
	printf 'keep\n' >b.txt
	cp "$scratch"/*.yaml .
	git init -q && git add . && git commit -qm start
}

last_line_says() {
	tail -n 1 "$scratch/out" | grep -q "$1" || {
		fail "the last line does not say $1"
		tail -n 1 "$scratch/out" >&2
	}
}

cat >"$scratch/good.yaml" <<'END'
belay: 1
name: three local edits
steps:
  - id: look
    read: ["*.txt"]
  - id: page
    needs: [look]
    write: docs/page.md
    content: |
      A page.
  - id: edit
    refactor: [a.txt]
    patch: |
      --- a/a.txt
      +++ b/a.txt
      @@ -1,3 +1,3 @@
       one
      -two
      +TWO
       three
  - id: gone
    needs: [edit]
    delete: [b.txt]
END
printf 'belay: 1\nsteps:\n  - id: q\n    ask: Shall we?\n  - id: w\n    needs: [q]\n    write: w.txt\n    content: w\n' \
	>"$scratch/ask.yaml"
printf 'belay: 1\nsteps:\n  - id: w\n    write: w.txt\n    content: w\n  - id: bad\n    needs: [w]\n    run: ["false"]\n' \
	>"$scratch/fails.yaml"
printf 'belay: 1\nsteps:\n  - id: w\n    write: w.txt\n    content: w\n  - id: bad\n    needs: [w]\n    run: ["false"]\n    on_fail: rollback\n' \
	>"$scratch/rollback.yaml"
printf 'belay: 1\nsteps:\n  - id: a\n    needs: [b]\n    write: a1\n    content: a\n  - id: b\n    needs: [a]\n    write: b1\n    content: b\n' \
	>"$scratch/cycle.yaml"
printf 'belay: 1\nvars:\n  name: { type: string, required: true }\nsteps:\n  - id: w\n    write: "{{name}}.txt"\n    content: "{{name}}"\n' \
	>"$scratch/vars.yaml"

# The same plan gives the same tree, whichever the front end is.
new_repo
git_state_of . >"$scratch/git-before"
expect 0 "$BELAY" run --plain --yes=high good.yaml
grep -q '^+TWO' "$scratch/out" || fail "plain lines hold no diff"
grep -q 'undo: ' "$scratch/err" || fail "plain lines do not say how to undo"
tree_of . >"$scratch/plain-tree"
git_state_of . >"$scratch/git-after"
same "$scratch/git-before" "$scratch/git-after" "a run touched what is git's"
new_repo
expect 0 "$BELAY" run --json --yes=high good.yaml
tree_of . >"$scratch/json-tree"
same "$scratch/plain-tree" "$scratch/json-tree" "plain and JSON gave different trees"
last_line_says '"type":"result","exit":0'
last_line_says '"gone":"done"'
last_line_says '"b.txt":"deleted"'
grep -c '"type":"result"' "$scratch/out" | grep -qx 1 || fail "there is more than one result"
[ ! -s "$scratch/err" ] || fail "--json says something on stderr"

# Exit statuses.
new_repo
expect 7 "$BELAY" run good.yaml
grep -q 'needs a yes, risk high' "$scratch/err" || fail "nothing says what was not approved"
[ -e b.txt ] || fail "a step that nobody approved has landed"
expect 7 "$BELAY" run --json ask.yaml
last_line_says '"exit":7,"steps":{"q":"waiting","w":"pending"}'
expect 7 "$BELAY" run --yes ask.yaml
expect 0 "$BELAY" run --yes=high ask.yaml
new_repo
expect 1 "$BELAY" run --yes=high fails.yaml
[ -e w.txt ] || fail "what landed before a failure does not stand"
new_repo
tree_of . >"$scratch/before"
expect 4 "$BELAY" run --yes=high rollback.yaml
tree_of . >"$scratch/after"
same "$scratch/before" "$scratch/after" "a rollback left something"

# Answers through a descriptor, by request.
new_repo
mkfifo "$scratch/answers"
rm -f "$scratch/out"
"$BELAY" run --json --approve-from 3 ask.yaml 3<>"$scratch/answers" >"$scratch/out" &
until grep -q '"request":"' "$scratch/out" 2>/dev/null; do :; done
sed -n 's/.*"request":"\([^"]*\)".*/{"request":"\1","answer":"no","reason":"not now"}/p' "$scratch/out" >"$scratch/answers"
got=0
wait $! || got=$?
[ "$got" -eq 3 ] || fail "a no gives exit $got, not 3"
last_line_says '"q":"declined"'
grep -q '"reason":"not now"' "$scratch/out" || fail "the reason of a no is lost"

# The plan and what is wrong with it.
new_repo
expect 2 "$BELAY" run cycle.yaml
grep -q 'break-cycles' "$scratch/err" || fail "a cycle does not name its way out"
expect 0 "$BELAY" run --break-cycles cycle.yaml
expect 2 "$BELAY" run vars.yaml
expect 2 "$BELAY" run --var nonsense vars.yaml
expect 0 "$BELAY" run --var name=x=y vars.yaml
[ "$(cat 'x=y.txt')" = 'x=y' ] || fail "a variable's value was cut at its second '='"
expect 0 "$BELAY" run --only look good.yaml
expect 2 "$BELAY" run --only nobody good.yaml
expect 2 "$BELAY" run --json nowhere.yaml
last_line_says '"type":"result","exit":2'
expect 0 sh -c '"$1" run - <good.yaml --only look' sh "$BELAY"

: >empty.yaml
printf 'belay: 1\nname: \377\n' >bytes.yaml
head -c 2097152 /dev/zero | tr '\0' '#' >huge.yaml
printf 'belay: 1\nsteps:\n  - id: a\n    wriet: x\n  - id: a\n    write: ../up\n    content: x\n' >three.yaml
for plan in nowhere.yaml . empty.yaml bytes.yaml huge.yaml three.yaml; do
	expect 2 "$BELAY" check "$plan"
	grep -q "error: " "$scratch/out" || fail "check says nothing of $plan"
	expect 2 "$BELAY" run "$plan"
	expect 2 "$BELAY" check --json "$plan"
	last_line_says '"exit":2'
done
expect 2 "$BELAY" check three.yaml
[ "$(grep -c '^three.yaml:[0-9]*:[0-9]*: error: ' "$scratch/out")" -ge 3 ] || fail "check does not list all that is wrong"
expect 0 "$BELAY" check good.yaml vars.yaml
[ ! -s "$scratch/out" ] || fail "check prints something about good plans"

# Repositories that are none, bare, or without a commit.
mkdir "$scratch/plain-folder" "$scratch/unborn"
cp good.yaml a.txt b.txt "$scratch/plain-folder"
cp good.yaml a.txt b.txt "$scratch/unborn"
expect 0 "$BELAY" -C "$scratch/plain-folder" run --yes=high good.yaml
expect 0 "$BELAY" -C "$scratch/plain-folder" undo --all
[ -e "$scratch/plain-folder/b.txt" ] || fail "undo does not work outside a repository"
git init -q "$scratch/unborn"
expect 0 "$BELAY" -C "$scratch/unborn" run --yes=high good.yaml
git init -q --bare "$scratch/bare.git"
cp good.yaml "$scratch/bare.git"
expect 2 "$BELAY" -C "$scratch/bare.git" run good.yaml
expect 2 "$BELAY" -C "$scratch/nowhere" run good.yaml

# Targets that cannot be.
new_repo
ln -s /etc/passwd out.txt
ln -s a.txt in.txt
printf 'a\0b' >bin.txt
for target in missing.txt out.txt bin.txt; do
	printf 'belay: 1\nsteps:\n  - id: e\n    refactor: [%s]\n    rewrite: { match: "root", replace: "toor" }\n' $target >t.yaml
	tree_of . >"$scratch/before"
	expect 1 "$BELAY" run --yes=high t.yaml
	tree_of . >"$scratch/after"
	same "$scratch/before" "$scratch/after" "a target that cannot be edited ($target) was"
done
finish
