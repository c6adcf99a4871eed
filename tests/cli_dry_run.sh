#!/bin/sh
# A dry run writes nothing and says what it cannot see; apply lands what was reviewed, byte for byte and without a model.
. "$(dirname "$0")/e2e.sh"

cat >"$scratch/plan.yaml" <<'EOF'
belay: 1
name: dry
checks:
  look: { run: 'test -e new.txt && echo seen >left-by-a-check' }
steps:
  - id: greet
    write: new.txt
    prompt: A greeting.
    checks: [look]
  - id: shout
    refactor: "*.c"
    rewrite: { match: "say(:[a])", replace: "shout(:[a])" }
  - id: link
    needs: [greet]
    write: copy.txt
    from: new.txt
  - id: go
    run: ['touch', made.txt]
    needs: [link]
  - id: after
    needs: [go]
    write: after.txt
    content: after
  - id: gone
    delete: old.txt
EOF
# Written by hand.
printf '%s\n' '{"step":"greet","attempt":1,"text":"new.txt\n```\nhello\n```\n"}' \
	'{"step":"greet","attempt":2,"text":"new.txt\n```\nhello again\n```\n"}' >"$scratch/answers"

make_tree() {
	rm -rf "$scratch/tree"
	mkdir "$scratch/tree"
	cd "$scratch/tree"
	git init -q
	printf 'void f(void)\n{\n\tsay("x");\n}\n' >f.c
	printf 'old\n' >old.txt
	printf '*.o\n' >.gitignore
	git add .
	git commit -qm start
	printf 'staged\n' >>old.txt
	git add old.txt
	tree_of . >"$scratch/before"
	git_state_of . >"$scratch/git-before"
	cp "$scratch/answers" "$scratch/answers.jsonl"
}
set -- -c providers.sample.kind=recorded -c "providers.sample.file=$scratch/answers.jsonl"

nothing_changed() {
	tree_of . >"$scratch/now"
	same "$scratch/before" "$scratch/now" "$1: the tree has changed"
	git_state_of . >"$scratch/git-now"
	same "$scratch/git-before" "$scratch/git-now" "$1: something of git has changed"
	[ -z "$(git for-each-ref refs/belay)" ] || fail "$1: a ref was made"
	[ -z "$(find "$XDG_STATE_HOME" -name 'shadow-*')" ] || fail "$1: the copy of the tree is still there"
}
said() {
	grep -q -- "$1" "$scratch/err" "$scratch/out" || fail "'$1' is not said: $(cat "$scratch/err")"
}

# Without a yes: commands are left out and told, all else is shown.
make_tree
expect 0 "$BELAY" "$@" run --dry-run --plain "$scratch/plan.yaml"
nothing_changed "a dry run"
said '^+hello'
said "go: skipped: not previewable: what a command changes"
said "after: skipped: not previewable: it needs 'go'"
said 'greet: .*not previewable: its checks need a yes'
said 'apply:  belay apply'

# With one: checks run in a copy, and what they leave stays there.
expect 0 "$BELAY" "$@" run --dry-run --json --yes "$scratch/plan.yaml"
nothing_changed "a dry run with --yes"
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":0.*"files":{}' || fail "a dry run says that files changed"
grep -q '"type":"check_finished".*"exit":0' "$scratch/out" || fail "the check was not run"
grep '"type":"landed"' "$scratch/out" && fail "a dry run says that it landed something"

# What was reviewed lands although the model is gone.
rm "$scratch/answers.jsonl"
expect 0 "$BELAY" "$@" apply --plain --yes=high
grep -qx hello new.txt && grep -qx hello copy.txt || fail "not what was reviewed"
grep -q 'shout("x")' f.c || fail "the rewrite did not land"
[ ! -e old.txt ] && [ -e made.txt ] && [ -e after.txt ] || fail "a step did not land"
[ ! -e left-by-a-check ] || fail "what a check left is in the tree"
grep -q '"asks ' "$scratch/err" && fail "a model was asked"

# Again: what is there already is not proposed once more, by a model or by hand.
tree_of . >"$scratch/applied"
expect 0 "$BELAY" "$@" apply --plain --yes=high
said 'greet: .*is in the tree already'
grep -q 'proposed again' "$scratch/err" && fail "what is there was proposed again"
tree_of . >"$scratch/now"
same "$scratch/applied" "$scratch/now" "the second apply changed the tree"
expect 0 "$BELAY" "$@" undo --all --yes=high @~1
tree_of . >"$scratch/now"
same "$scratch/before" "$scratch/now" "undo of an apply"

# The person's own edit in between: that step is proposed again, which is said, and the others land as they were.
make_tree
expect 0 "$BELAY" "$@" run --dry-run --plain --yes "$scratch/plan.yaml"
printf 'void g(void)\n{\n\tsay("y");\n}\n' >g.c
rm "$scratch/answers.jsonl"
expect 0 "$BELAY" "$@" apply --plain --yes=high
said 'shout: conflict: what the step was made from changed since the dry run: it is proposed again'
grep -q 'greet: conflict' "$scratch/err" && fail "a step whose inputs are the same was proposed again"
grep -q 'shout("y")' g.c && grep -q 'shout("x")' f.c || fail "the new file was not seen"

# A step that changes nothing: its checks are commands, which need a yes and see a copy.
make_tree
printf '%s\n' 'belay: 1' 'checks: { leave: { run: "echo x >left-by-a-check" } }' 'steps:' \
	'  - { id: same, write: g.txt, content: "g\n", checks: [leave] }' >"$scratch/same.yaml"
echo g >g.txt
"$BELAY" run --plain "$scratch/same.yaml" </dev/null >"$scratch/out" 2>"$scratch/err" && fail "a check ran without a yes"
[ ! -e left-by-a-check ] || fail "a check that nobody approved ran"
expect 0 "$BELAY" run --plain --yes "$scratch/same.yaml"
[ ! -e left-by-a-check ] || fail "the check of a step that changes nothing ran in the tree"
rm g.txt

# What nobody reviewed is not what lands: a plan that changed, a run that was none.
expect 0 "$BELAY" "$@" run --dry-run --plain --only after "$scratch/plan.yaml"
printf '# another\n' >>"$scratch/plan.yaml"
expect 2 "$BELAY" "$@" apply --plain --yes=high
said 'changed since the run began'
expect 2 "$BELAY" "$@" apply --plain @~1
said 'was no dry run'
expect 2 "$BELAY" "$@" resume --plain @
finish
