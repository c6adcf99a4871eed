#!/bin/sh
# Full disks and damaged stores: undo works where the state's disk is full, and never says that it worked when it did not.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

cat >"$scratch/plan.yaml" <<'END'
belay: 1
steps:
  - { id: page, write: docs/page.md, content: A page. }
  - { id: gone, needs: [page], delete: [a.txt] }
END

new_repo() {
	rm -rf "$scratch/repo" "$scratch/state/belay"
	mkdir -p "$scratch/repo" "$scratch/state"
	cd "$scratch/repo"
	printf 'one\ntwo\n' >a.txt
	git init -q && git add . && git commit -qm start
	tree_of . >"$scratch/start"
}

tree_is_start() {
	tree_of . >"$scratch/now"
	same "$scratch/start" "$scratch/now" "$1"
}

# What the store has lost is exit 8, and nothing is touched.
damage() {
	new_repo
	expect 0 "$BELAY" run --plain --yes=high "$scratch/plan.yaml"
	tree_of . >"$scratch/start"
	find "$XDG_STATE_HOME" -name 'pack-*.pack' | while read -r pack; do
		chmod u+w "$pack"
		"$1" "$pack"
	done
	expect 8 "$BELAY" undo --all
	tree_is_start "an undo from a damaged store changed the tree"
}
cut() { truncate -s 20 "$1"; }
overwrite() { printf 'xxxxxxxx' | dd of="$1" bs=1 seek=22 conv=notrunc status=none; }
damage rm
damage cut
damage overwrite

# A full disk of its own for the state.
if ! unshare -m true 2>/dev/null; then
	finish || exit 1
	exit 77
fi
if [ "${1:-}" != inside ]; then
	finish || exit 1
	cd "$SRC_DIR"
	rm -rf "$scratch"
	exec unshare -m sh "$SRC_DIR/tests/cli_full.sh" inside
fi
mkdir -p "$scratch/state"
mount -t tmpfs -o size=6m none "$scratch/state" || exit 77
trap 'cd /; umount "$scratch/state"; rm -rf "$scratch"' EXIT
fill() { cat /dev/zero >"$scratch/state/filler" 2>/dev/null || true; }

new_repo
expect 0 "$BELAY" run --plain --yes=high "$scratch/plan.yaml"
fill
expect 1 "$BELAY" run --plain --yes=high "$scratch/plan.yaml"
grep -q 'No space left' "$scratch/err" || fail "a full disk is not named"
expect 0 "$BELAY" undo --all
tree_is_start "undo on a full disk"
rm "$scratch/state/filler"
expect 0 "$BELAY" redo
fill
expect 0 "$BELAY" undo --all
tree_is_start "the space was not reserved again"
rm "$scratch/state/filler"

# A full disk of the tree's: a deletion needs no room; what does is refused before anything is touched.
mkdir "$scratch/small"
mount -t tmpfs -o size=1m none "$scratch/small" || exit 77
trap 'cd /; umount "$scratch/small" "$scratch/state"; rm -rf "$scratch"' EXIT
cd "$scratch/small"
git init -q . && seq 1000 >a.txt && git add a.txt && git commit -q -m start
cat /dev/zero >filler 2>/dev/null || true
printf 'belay: 1\nsteps:\n  - { id: gone, delete: [a.txt] }\n' >"$scratch/gone.yaml"
printf 'belay: 1\nsteps:\n  - { id: made, write: b.txt, content: "%s" }\n' "$(seq 3000 | tr '\n' ' ')" >"$scratch/made.yaml"
expect 1 "$BELAY" run --plain --yes=high "$scratch/made.yaml"
grep -q 'nothing was changed' "$scratch/err" || fail "a full disk of the tree is not told before it is written to"
[ ! -e b.txt ] || fail "a refused step left something"
expect 0 "$BELAY" run --plain --yes=high "$scratch/gone.yaml"
[ ! -e a.txt ] || fail "nothing can be deleted on a full disk"
cat /dev/zero >>filler 2>/dev/null || true
expect 5 "$BELAY" undo
grep -q 'free [0-9]* bytes there' "$scratch/err" || fail "an undo on a full disk does not say what to free"
[ ! -e a.txt ] || fail "a refused undo left something"
rm filler
expect 0 "$BELAY" undo
[ "$(wc -l <a.txt)" -eq 1000 ] || fail "a deletion on a full disk cannot be undone"

# A crash that cannot be put right, since the disk is read-only by then: the undo does not say that all is well.
if command -v strace >/dev/null 2>&1 && strace -o /dev/null true 2>/dev/null &&
	! grep -q -e '-fsanitize=' "${BUILD_DIR:-$SRC_DIR}/config.status" 2>/dev/null; then
	seq 1000 >a.txt
	printf 'belay: 1\nsteps:\n  - { id: other, write: a.txt, content: other }\n' >"$scratch/other.yaml"
	strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:signal=SIGKILL:when=1 "$BELAY" run --plain --yes=high \
		"$scratch/other.yaml" >/dev/null 2>&1 && fail "the run was not killed"
	mount -o remount,ro "$scratch/small"
	expect 5 "$BELAY" undo --all
	mount -o remount,rw "$scratch/small"
	expect 0 "$BELAY" undo --all
	seq 1000 | cmp -s - a.txt || fail "the crash was not put right afterwards"
	find . -name '.belay-*' | grep -q . && fail "a crash left something"
fi
finish
