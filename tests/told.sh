#!/bin/sh
# What undo covers and what it does not is told before, during and after a run, as the run itself has it: in the plain
# lines, in JSON, under --yes and by undo.
. "$(dirname "$0")/e2e.sh"

tree="$scratch/tree"
mkdir -p "$tree/build"
printf 'build/\n*.o\n' >"$tree/.gitignore"
echo old >"$tree/build/x"
echo object >"$tree/a.o"
echo text >"$tree/s"
cat >"$tree/plan.yaml" <<'END'
belay: 1
name: told
steps:
  - { id: new, write: new.txt, content: "hi\n" }
  - { id: cmd, needs: [new], run: "echo 1 > build/y; echo 2 > s; rm a.o", writes: [s] }
END
git -C "$tree" init -q
git -C "$tree" add -A
git -C "$tree" commit -qm start

has() {
	grep -q -F -e "$2" "$1" || { cat "$1" >&2; fail "'$2' is missing: $3"; }
}
hasnt() {
	if grep -q -F -e "$2" "$1"; then cat "$1" >&2; fail "'$2' is there: $3"; fi
}

# Nobody answers: the request says it, in plain lines and in JSON.
expect 7 "$BELAY" -C "$tree" run --plain --trust plan.yaml
has "$scratch/err" "cannot be undone: ignored files that the command changes: a.o, build/" "plain request"
has "$scratch/err" "can be undone: tracked and untracked files" "plain request"
expect 0 "$BELAY" -C "$tree" undo --all
expect 7 "$BELAY" -C "$tree" run --json --trust plan.yaml
grep approval_asked "$scratch/out" >"$scratch/asked"
has "$scratch/asked" '"not_covered":["ignored files that the command changes: a.o, build/"' "JSON request"
expect 0 "$BELAY" -C "$tree" undo --all

# --yes: the same, and at the end what has really happened.
expect 0 "$BELAY" -C "$tree" run --plain --yes=high --trust plan.yaml
has "$scratch/err" "cmd: approved: --yes=high" "plain, --yes"
has "$scratch/err" "cannot be undone: ignored files that the command changes: a.o, build/" "plain, --yes"
has "$scratch/err" "brings back: 2 files, with bytes and modes" "end, plain"
has "$scratch/err" "does not bring back: cmd: a.o: removed (ignored)" "end, plain"
has "$scratch/err" "does not bring back: cmd: build/: 1 file (ignored)" "end, plain"
expect 0 "$BELAY" -C "$tree" undo --all --preview
has "$scratch/err" "not brought back: cmd: build/: 1 file (ignored)" "preview"
expect 0 "$BELAY" -C "$tree" undo --all
has "$scratch/err" "not brought back: cmd: a.o: removed (ignored)" "undo"
echo object >"$tree/a.o"
expect 0 "$BELAY" -C "$tree" run --json --yes=high --trust plan.yaml
tail -n 1 "$scratch/out" >"$scratch/result"
has "$scratch/result" '"covered":["2 files, with bytes and modes"]' "end, JSON"
has "$scratch/result" '"not_covered":["cmd: a.o: removed (ignored)","cmd: build/: 1 file (ignored)"' "end, JSON"
grep approval_given "$scratch/out" >"$scratch/given"
has "$scratch/given" '"not_covered":["ignored files that the command changes: a.o, build/"' "JSON, --yes"
expect 0 "$BELAY" -C "$tree" undo --all --json
tail -n 1 "$scratch/out" >"$scratch/result"
has "$scratch/result" '"not_covered":["cmd: a.o: removed (ignored)"' "undo, JSON"

# It is computed: a command that touches nothing ignored leaves nothing out.
printf 'belay: 1\nname: quiet\nsteps:\n  - { id: cmd, run: "echo 3 > s", writes: [s] }\n' >"$tree/quiet.yaml"
expect 0 "$BELAY" -C "$tree" run --plain --yes=high --trust quiet.yaml
has "$scratch/err" "brings back: 1 file, with bytes and modes" "end, plain"
hasnt "$scratch/err" "(ignored)" "end, plain"
expect 0 "$BELAY" -C "$tree" undo --all
hasnt "$scratch/err" "not brought back: cmd: build" "undo"
finish
