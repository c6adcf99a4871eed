#!/bin/sh
# The tour, on a copy of the source: it runs to its end in plain and in JSON mode, both give the same tree, replay
# and log read it back, and undo and redo give the first and the last tree again.
. "$(dirname "$0")/e2e.sh"
# At once instead of at reading pace.
sed 's/"tokens_per_second": *[0-9]*, *//' "$SRC_DIR/plans/tour-answers.jsonl" >"$scratch/answers.jsonl"
set -- -c providers.sample.kind=recorded -c "providers.sample.file=$scratch/answers.jsonl"

copy_source() {
	mkdir "$scratch/$1"
	(cd "$SRC_DIR" && tar -cf - core/*/*.[ch] tui/*.[ch] tests/*.[ch] plans) | tar -xf - -C "$scratch/$1"
	chmod -R u+w "$scratch/$1"
	git -C "$scratch/$1" init -q
	git -C "$scratch/$1" add -A
	git -C "$scratch/$1" commit -qm start
}

copy_source plain
tree_of "$scratch/plain" >"$scratch/before"
git_state_of "$scratch/plain" >"$scratch/git-before"
expect 0 "$BELAY" -C "$scratch/plain" "$@" run --plain --yes=high plans/tour.yaml
grep -q 'written by hand' "$scratch/err" || fail "the samples are not told to be written by hand"
grep -q '^+.*parse_zone' "$scratch/out" || fail "the diff is not on stdout"
grep -q 'belay undo' "$scratch/err" || fail "the undo command is not told"
tree_of "$scratch/plain" >"$scratch/after"
cmp -s "$scratch/before" "$scratch/after" && fail "the tour changed nothing"
git_state_of "$scratch/plain" >"$scratch/git-after"
same "$scratch/git-before" "$scratch/git-after" "the run changed index, HEAD, refs, stash or configuration"
if grep -rqw hash_parse "$scratch/plain/core" --include='*.c'; then
	grep -rnw 'hash_parse(' "$scratch/plain/core" --include='*.c' >&2 && fail "a call was not renamed"
fi

copy_source json
expect 0 "$BELAY" -C "$scratch/json" "$@" run --json --yes=high plans/tour.yaml
tail -n 1 "$scratch/out" | grep -q '"type":"result"' || fail "the last line of --json is not the result"
tree_of "$scratch/json" >"$scratch/after-json"
same "$scratch/after" "$scratch/after-json" "plain and JSON mode give different trees"

expect 0 "$BELAY" -C "$scratch/plain" log @
expect 0 "$BELAY" -C "$scratch/plain" runs
expect 0 "$BELAY" -C "$scratch/plain" replay --plain @
expect 0 "$BELAY" -C "$scratch/plain" undo --all --yes=high
tree_of "$scratch/plain" >"$scratch/undone"
same "$scratch/before" "$scratch/undone" "undo --all does not give the first tree"
expect 0 "$BELAY" -C "$scratch/plain" redo --yes=high
tree_of "$scratch/plain" >"$scratch/redone"
same "$scratch/after" "$scratch/redone" "redo does not give the last tree"
finish
