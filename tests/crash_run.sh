#!/bin/sh
# kill -9 of the whole program at its file system calls, in the middle of a run; after it `belay resume` must give the
# finished tree, or `belay undo --all` the first one. CRASH_POINTS bounds the number of points (all: every one).
. "$(dirname "$0")/e2e.sh"
command -v strace >/dev/null 2>&1 || exit 77
strace -o /dev/null true 2>/dev/null || exit 77
# Leaks cannot be looked for under strace, and a sanitized program is too slow to be killed often.
grep -q -e '-fsanitize=' "${BUILD_DIR:-$SRC_DIR}/config.status" 2>/dev/null && exit 77
points=${CRASH_POINTS:-30}
calls="openat2 openat write pwrite64 fsync fdatasync rename renameat renameat2 unlinkat mkdirat ftruncate fchmod linkat"

make_tree() {
	rm -rf "$scratch/tree" "$XDG_STATE_HOME"
	mkdir -p "$scratch/tree/src"
	for i in 1 2 3; do
		printf 'int f%d(void)\n{\n\treturn old_name(%d);\n}\n' $i $i >"$scratch/tree/src/f$i.c"
	done
	printf 'to be deleted\n' >"$scratch/tree/gone.txt"
	printf 'line\r\nline\r\n' >"$scratch/tree/crlf.txt"
	cat >"$scratch/tree/plan.yaml" <<'END'
belay: 1
name: crash
steps:
  - { id: new, write: a/deep/new.txt, content: "new text\n" }
  - { id: all, refactor: "src/*.c", rewrite: { match: "old_name(:[x])", replace: "new_name(:[x])" } }
  - { id: cmd, needs: [new, all], run: "printf made > made.txt; printf more >> a/deep/new.txt", writes: [made.txt, a/**] }
  - { id: del, needs: [cmd], delete: gone.txt }
  - { id: mode, needs: [del], write: tool.sh, content: "#!/bin/sh\n", mode: "0755" }
END
	git -C "$scratch/tree" init -q
	git -C "$scratch/tree" add -A
	git -C "$scratch/tree" commit -qm start
}

run_plan() {
	"$@" "$BELAY" -C "$scratch/tree" run --plain --yes=high plan.yaml >"$scratch/out" 2>"$scratch/err" </dev/null
}

make_tree
tree_of "$scratch/tree" >"$scratch/before"
run_plan env || { cat "$scratch/err" >&2; exit 1; }
tree_of "$scratch/tree" >"$scratch/after"

# Every point as "call N", from a run that is only counted; N counts in each thread, as strace does.
make_tree
run_plan strace -f -qq -o "$scratch/trace" -e trace="$(echo $calls | tr ' ' ',')" || fail "the counted run failed"
awk '{ split($2, name, "("); n[$1 " " name[1]]++ }
	END { for (k in n) { split(k, part, " "); if (n[k] > most[part[2]]) most[part[2]] = n[k] }
		for (call in most) for (i = 1; i <= most[call]; i++) print call, i }' "$scratch/trace" |
	grep -E '^[a-z0-9]+ ' | sort -k1,1 -k2,2n >"$scratch/points"
total=$(wc -l <"$scratch/points")
[ "$points" = all ] && points=$total
step=$(((total + points - 1) / points))
[ "$step" -ge 1 ] || step=1

n=0
killed=0
while read -r call number; do
	n=$((n + 1))
	[ $((n % step)) -eq 0 ] || continue
	make_tree
	run_plan strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=SIGKILL:when=$number" && continue
	killed=$((killed + 1))
	if [ ! -d "$XDG_STATE_HOME/belay" ] || ! "$BELAY" -C "$scratch/tree" show @ >/dev/null 2>&1; then
		# No run is on record: nothing may have been written.
		tree_of "$scratch/tree" >"$scratch/now"
		same "$scratch/before" "$scratch/now" "$call $number: no run, but the tree has changed"
		continue
	fi
	if [ $((killed % 2)) -eq 0 ]; then
		expect 0 "$BELAY" -C "$scratch/tree" resume --plain --yes=high @
		tree_of "$scratch/tree" >"$scratch/now"
		same "$scratch/after" "$scratch/now" "$call $number: resume does not give the finished tree"
	else
		expect 0 "$BELAY" -C "$scratch/tree" undo --all --yes=high @
		tree_of "$scratch/tree" >"$scratch/now"
		same "$scratch/before" "$scratch/now" "$call $number: undo --all does not give the first tree"
	fi
done <"$scratch/points"
printf 'crash_run: killed at %d of %d points\n' "$killed" "$total"
[ "$killed" -gt 0 ] || fail "nothing was killed"
finish
