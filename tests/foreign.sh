#!/bin/sh
# A plan on somebody else's C repository, Lua 5.4: the same tree in plain lines, in JSON and in the terminal UI, built and
# tried by the plan itself; undo --all gives the first tree bit for bit, and redo the last.
#
# The source is not part of belay and is not fetched here. Have it once with `apt-get source lua5.4` (as root or not, in
# any folder), then: BELAY_FOREIGN=DIR/lua-5.4.4 make check TESTS=tests/foreign.sh. Without it the test is skipped.
. "$(dirname "$0")/e2e.sh"
[ -n "${BELAY_FOREIGN:-}" ] || exit 77
[ -f "$BELAY_FOREIGN/src/ltablib.c" ] || { fail "BELAY_FOREIGN='$BELAY_FOREIGN' is not the source of Lua 5.4"; exit 1; }

set -- -c providers.sample.kind=recorded -c "providers.sample.file=$scratch/lua-answers.jsonl"
plan=../lua.yaml
cp "$SRC_DIR/tests/foreign/"* "$scratch"

# A copy with one commit, then a few things that git has and has not heard of.
copy_source() {
	mkdir "$scratch/$1"
	(cd "$BELAY_FOREIGN" && tar -cf - --exclude=.git --exclude=./debian --exclude=.pc .) | tar --no-same-owner -xf - -C "$scratch/$1"
	git -C "$scratch/$1" init -q
	git -C "$scratch/$1" add -A
	git -C "$scratch/$1" commit -qm start
	echo "staged" >>"$scratch/$1/README"
	git -C "$scratch/$1" add README
	echo "not staged" >>"$scratch/$1/README"
	echo "untracked" >"$scratch/$1/mine.txt"
	git -C "$scratch/$1" status --porcelain=v2 >"$scratch/status-$1"
}

tree_is() {
	tree_of "$scratch/$1" >"$scratch/now"
	same "$scratch/$2" "$scratch/now" "$1: $3"
}

nothing_of_git_changed() {
	git_state_of "$scratch/$1" >"$scratch/git-now"
	same "$scratch/git-$1" "$scratch/git-now" "$1: index, HEAD, refs, stash or configuration have changed"
}

back_and_forth() {
	nothing_of_git_changed "$1"
	expect 0 "$BELAY" -C "$scratch/$1" undo --all --yes=high
	tree_is "$1" before "undo --all does not give the first tree"
	nothing_of_git_changed "$1"
	git -C "$scratch/$1" status --porcelain=v2 >"$scratch/status-now"
	same "$scratch/status-$1" "$scratch/status-now" "$1: git status is not what it was"
	expect 0 "$BELAY" -C "$scratch/$1" redo --yes=high
	tree_is "$1" after "redo does not give the last tree"
}

copy_source plain
tree_of "$scratch/plain" >"$scratch/before"
git_state_of "$scratch/plain" >"$scratch/git-plain"
expect 0 "$BELAY" -C "$scratch/plain" "$@" run --plain --yes=high "$scratch/lua.yaml"
tree_of "$scratch/plain" >"$scratch/after"
[ "$(cat "$scratch/plain/tests/count.out")" = "count is right" ] || fail "the new function was not tried"
grep -rq 'luaH_getn' "$scratch/plain/src" && fail "a name was not rewritten"
[ ! -e "$scratch/plain/doc/contents.html" ] && [ ! -e "$scratch/plain/doc/lua.css" ] || fail "a page was not deleted"
grep -q proven "$scratch/plain/doc/notes/border.md" || fail "a file that 'each' found was not edited"
cmp -s "$scratch/plain/doc/lua.1" "$scratch/plain/doc/notes/manual-page.1" || fail "'from' did not copy"
ls "$scratch/plain/src/"*.o >/dev/null 2>&1 && fail "what the build left is still there"
back_and_forth plain

copy_source json
git_state_of "$scratch/json" >"$scratch/git-json"
expect 0 "$BELAY" -C "$scratch/json" "$@" run --json --yes=high "$scratch/lua.yaml"
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":0' || fail "the result is not the last line of --json"
tree_is json after "plain and JSON mode give different trees"
back_and_forth json
"$BELAY" -C "$scratch/json" log @~2 >"$scratch/log" || fail "the log of the run cannot be read"

if command -v tmux >/dev/null 2>&1 && "$BELAY" run --help | grep -q 'terminal UI'; then
	copy_source screen
	git_state_of "$scratch/screen" >"$scratch/git-screen"
	export TERM=xterm-256color
	tmux -f /dev/null -S "$scratch/tmux" new-session -d -x 80 -y 24 "'$BELAY' -C '$scratch/screen' $* run --yes=high \
		'$scratch/lua.yaml' 2>'$scratch/ui-err'; echo \$? >'$scratch/ui-exit'"
	waited=0
	while [ ! -e "$scratch/ui-exit" ] && [ $waited -lt 1200 ]; do
		tmux -S "$scratch/tmux" capture-pane -p >"$scratch/screen-text" 2>/dev/null || true
		grep -q 'DONE' "$scratch/screen-text" && tmux -S "$scratch/tmux" send-keys Q
		waited=$((waited + 1))
		sleep 0.1
	done
	[ "$(cat "$scratch/ui-exit" 2>/dev/null)" = 0 ] || fail "the run in the terminal UI: $(cat "$scratch/ui-exit" "$scratch/screen-text")"
	tmux -S "$scratch/tmux" kill-server 2>/dev/null || true
	tree_is screen after "plain mode and the terminal UI give different trees"
	back_and_forth screen
fi
finish
