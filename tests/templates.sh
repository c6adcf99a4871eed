#!/bin/sh
# The templates that come with the program make components that build and pass their own tests, where the tool chain is
# there; their steps can be undone; what cannot be run is told before anything runs.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
export BELAY_DATA_DIR="$SRC_DIR" XDG_DATA_HOME="$scratch/data"

mkdir "$scratch/repo"
cd "$scratch/repo"
git init -q
cat >plan.yaml <<'PLAN'
belay: 1
steps:
  - { id: c, scaffold: c-module, into: src, with: { name: ring-buffer, functions: [push item, pop], summary: A ring. } }
  - { id: c2, needs: c, scaffold: c-module, into: src, with: { name: queue } }
  - { id: py, scaffold: python-package, into: py/csv-tool, with: { command: true, dependencies: [attrs, click] } }
  - id: ts
    scaffold: typescript-component
    into: ui
    with: { name: user card, props: [full name, title], events: close, standalone: true }
  - { id: go, scaffold: go-http-service, into: svc, with: { name: export, module: example.org/export, routes: [items, open orders] } }
PLAN
git add . && git commit -qm start
tree_of . >"$scratch/before"
expect 0 "$BELAY" run --plain --trust --yes=high plan.yaml
tree_of . >"$scratch/after"

make -s -C src check CC="${CC:-cc}" CFLAGS='-std=c11 -Wall -Wextra -Werror' >"$scratch/made" 2>&1 || {
	fail "the C module does not build and pass"
	cat "$scratch/made" >&2
}
grep -q '^ok - push_item counts an item' "$scratch/made" || fail "a function that was asked for has no test"
grep -q '^ok - begins empty' "$scratch/made" || fail "the module has no test"
rm -f src/test_queue src/test_ring_buffer
if command -v python3 >/dev/null; then
	(cd py/csv-tool && python3 -B -m unittest -q && python3 -B -m csv_tool.core Ada) >"$scratch/made" 2>&1 ||
		fail "the Python package does not pass: $(cat "$scratch/made")"
	grep -qx 'hello, Ada' "$scratch/made" || fail "the package's command does not run"
fi
if command -v tsc >/dev/null && command -v node >/dev/null; then
	(cd ui && tsc --noEmit) >"$scratch/made" 2>&1 || fail "the TypeScript component does not compile: $(cat "$scratch/made")"
fi
if command -v go >/dev/null; then
	(cd svc && GOFLAGS=-mod=mod GOPROXY=off go test ./...) >"$scratch/made" 2>&1 ||
		fail "the Go service does not pass: $(cat "$scratch/made")"
fi
grep -rn '{{' src py ui svc && fail "a tag was left in what was made"

expect 0 "$BELAY" undo --all --yes=high
tree_of . >"$scratch/undone"
same "$scratch/before" "$scratch/undone" "undo leaves something of the components"
expect 0 "$BELAY" redo --yes=high
tree_of . >"$scratch/redone"
same "$scratch/after" "$scratch/redone" "redo does not bring the components back"

# One's own templates come before those of the program, and those of the repository before both.
mkdir -p "$XDG_DATA_HOME/belay/templates/note" templates/note
echo 'mine' >"$XDG_DATA_HOME/belay/templates/note/{{name}}.txt"
printf 'belay: 1\nsteps:\n  - { id: n, scaffold: note, into: notes/one }\n' >own.yaml
expect 0 "$BELAY" run --plain --trust --yes=high own.yaml
[ "$(cat notes/one/one.txt)" = mine ] || fail "the user's own template is not found"
printf 'belay: 1\nsteps:\n  - { id: n, scaffold: nothing, into: notes/one }\n' >own.yaml
expect 1 "$BELAY" run --plain --trust --yes=high own.yaml
grep -q 'c-module, go-http-service' "$scratch/err" || fail "the templates that there are are not named"

# A fault in an inline template is told before the run.
printf 'belay: 1\nsteps:\n  - id: n\n    scaffold:\n    files: { a: "x{{#if y}}" }\n    into: n\n' >own.yaml
expect 2 "$BELAY" run --plain --trust --yes=high own.yaml
grep -q "own.yaml:3:5: error: template of step 'n': a:1:2: the tag has no '{{#end}}'" "$scratch/err" || fail "the fault in the template is not told"

# So is one in a pattern.
printf 'belay: 1\nsteps:\n  - id: r\n    refactor: "*.c"\n    rewrite: { match: "f(:[a)", replace: x }\n' >own.yaml
expect 2 "$BELAY" check own.yaml
grep -q "own.yaml:3:5: error: 'rewrite' of step 'r': " "$scratch/err" "$scratch/out" || fail "the fault in the pattern is not told"
printf 'belay: 1\nsteps:\n  - id: r\n    refactor: "*.c"\n    rewrite: { match: "f(:[a])", replace: x, where: { a: "(" } }\n' >own.yaml
expect 2 "$BELAY" check own.yaml
grep -q "own.yaml:3:5: error: 'rewrite' of step 'r': " "$scratch/err" "$scratch/out" || fail "the fault in 'where' is not told"
finish
