#!/bin/sh
# `lsp` of `validate`: what a language server finds that was not there before the run; one that dies or hangs is told.
. "$(dirname "$0")/e2e.sh"
mkdir -p "$scratch/tree/bin"
cd "$scratch/tree"
git init -q
printf 'int f(int a)\n{\n\treturn unknown_before;\n}\n' >f.c
printf 'bin\n' >.gitignore
git add .
git commit -qm start
plan() {
	printf 'belay: 1\nsteps:\n  - { id: put, write: g.c, content: "int g(void) { return %s; }\\n" }\n' "$1"
	printf '  - { id: edit, refactor: f.c, rewrite: { match: "int f", replace: "long f" } }\n'
	printf '  - { id: look, needs: [put, edit], validate: [], lsp: true, timeout: %s }\n' "${2:-60s}"
}
said() {
	grep -q "$1" "$scratch/err" || fail "'$1' is not said: $(cat "$scratch/err")"
}

# A server that is there for the occasion. It is in the tree, where a sandbox lets it be seen.
printf '#!/bin/sh\necho it has no licence >&2\nexit 3\n' >bin/clangd
chmod +x bin/clangd
plan 1 >"$scratch/dies.yaml"
expect 1 env PATH="$PWD/bin:$PATH" "$BELAY" run --plain --yes=high "$scratch/dies.yaml"
said "the language server 'clangd': it ended with exit status 3"
said 'it said: it has no licence'
expect 0 "$BELAY" undo --all --yes=high
printf '#!/bin/sh\nexec sleep 60\n' >bin/clangd
plan 1 1s >"$scratch/hangs.yaml"
expect 1 env PATH="$PWD/bin:$PATH" "$BELAY" run --plain --yes=high "$scratch/hangs.yaml"
said "the language server 'clangd': it did not answer within 1 s"
expect 0 "$BELAY" undo --all --yes=high
rm -r bin

# The real ones, where they are.
if command -v clangd >/dev/null 2>&1; then
	plan unknown_now >"$scratch/bad.yaml"
	expect 1 "$BELAY" run --plain --yes=high "$scratch/bad.yaml"
	said "^g.c:1:22: error: .*'unknown_now'"
	grep -q '^f.c:.*error' "$scratch/err" && fail "what was there before counts"
	expect 0 "$BELAY" log -o github
	grep -q '^::error file=g.c,line=1,col=22' "$scratch/out" || fail "the finding is not in the log: $(cat "$scratch/out")"
	expect 0 "$BELAY" undo --all --yes=high
	plan 1 >"$scratch/good.yaml"
	expect 0 "$BELAY" run --plain --yes=high "$scratch/good.yaml"
	said 'findings were there before'
	expect 0 "$BELAY" undo --all --yes=high
fi
if command -v pyright-langserver >/dev/null 2>&1; then
	printf 'belay: 1\nsteps:\n  - { id: put, write: t.py, content: "x: int = '"'a'"'\\n" }\n' >"$scratch/py.yaml"
	printf '  - { id: look, needs: [put], validate: [], lsp: true }\n' >>"$scratch/py.yaml"
	expect 1 "$BELAY" run --plain --yes=high "$scratch/py.yaml"
	said '^t.py:1:10: error: '
fi
finish
