#!/bin/sh
# A check that has accepted the same content before is not run again; anything that it may hang on makes it run.
. "$(dirname "$0")/e2e.sh"
mkdir "$scratch/tree" "$scratch/bin"
cd "$scratch/tree"
git init -q
printf 'one\n' >a.txt
printf '*.out\n' >.gitignore
git add .
git commit -qm start
PATH=$scratch/bin:$PATH
cat >"$scratch/plan.yaml" <<'EOF'
belay: 1
checks:
  look: { run: 'grep -q one a.txt && echo a.txt:1: warning: odd', errors: gnu }
steps:
  - { id: put, write: b.txt, content: "b\n", checks: [look] }
  - { id: see, needs: [put], validate: [look] }
EOF
# What was cached of the two checks, "true false" say.
cached() {
	expect 0 "$BELAY" run --json --yes=high "$@" "$scratch/plan.yaml"
	sed -n 's/.*"type":"check_finished".*"cached":\([a-z]*\).*/\1/p' "$scratch/out" | tr '\n' ' '
	grep -q '"message":"odd"' "$scratch/out" || fail "what the check says of a good tree is lost: $*"
	expect 0 "$BELAY" undo --all --yes=high
}
is() {
	[ "$2" = "$3" ] || fail "$1: '$2' and not '$3'"
}
is "the first time" "$(cached)" "false false "
is "the same again" "$(cached)" "true true "
is "--cache=off" "$(cached --cache=off)" "false false "
is "--cache=refresh" "$(cached --cache=refresh)" "false false "
printf 'one more\n' >a.txt
is "another content" "$(cached)" "false false "
printf 'x\n' >new.out
is "an ignored file" "$(cached)" "false false "
chmod +x new.out
is "another mode" "$(cached)" "false false "
is "and the same again" "$(cached)" "true true "
LANG=C export LANG
is "another environment" "$(LANG=en_US.UTF-8 cached)" "false false "
: >"$scratch/bin/another"
is "another program in reach" "$(cached)" "false false "
printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v grep)" >"$scratch/bin/grep"
chmod +x "$scratch/bin/grep"
is "a program in front of another" "$(cached)" "false false "
is "and the same in front" "$(cached)" "true true "
echo '# written over' >>"$scratch/bin/grep"
is "a program that was written over" "$(cached)" "false false "
expect 0 "$BELAY" run --plain --yes=high "$scratch/plan.yaml"
grep -q "check 'look' is cached" "$scratch/err" || fail "that it is cached is not said"
expect 0 "$BELAY" undo --all --yes=high

# What a check makes in the tree is there again, although its result is known.
printf 'belay: 1\nchecks: { make: { run: "echo built >made.out" } }\nsteps:\n  - { id: see, validate: [make] }\n' >"$scratch/plan.yaml"
for turn in 1 2; do
	rm -f made.out
	expect 0 "$BELAY" run --plain --yes=high "$scratch/plan.yaml"
	[ -e made.out ] || fail "turn $turn: what the check makes is not there"
done

# One that refuses is asked again.
printf 'belay: 1\nchecks: { no: { run: "false" } }\nsteps:\n  - { id: see, validate: [no] }\n' >"$scratch/plan.yaml"
for turn in 1 2; do
	expect 1 "$BELAY" run --json --yes=high "$scratch/plan.yaml"
	grep -q '"cached":true' "$scratch/out" && fail "a refusal was cached"
done
finish
