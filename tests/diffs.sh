#!/bin/sh
# Unified diffs as answers, beside git apply and patch: what all of them take gives the same bytes, and what belay takes
# where they do not is only what a model's diff is allowed to get wrong (counts of lines). Diffs are made by `diff` from
# edits by a fixed rule; the odd ones are written by hand.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
command -v patch >/dev/null || exit 77
mkdir -p "$scratch/repo" "$scratch/start"
cd "$scratch/repo"
git init -q

# A file of 60 different lines; $1 shapes it.
start() {
	rm -f "$scratch/repo"/*
	awk 'BEGIN { for (i = 1; i <= 60; i++) printf "%s%d%s;\n", i % 3 ? "\tint value_" : "long name_", i, i % 7 ? "" : " = " i }' |
		case $1 in
		lf) cat ;;
		crlf) sed 's/$/\r/' ;;
		bare) head -c -1 ;;
		mixed) sed '1~2s/$/\r/' ;;
		esac >"$scratch/start/a.c"
	cp "$scratch/start/a.c" a.c
	git add -A && git -c core.autocrlf=false commit -qm "$1 $2" --allow-empty
}

# Edit number $1: lines that go, come and change, by a rule.
edit() {
	awk -v n="$1" -v cr="$(case $2 in crlf) printf '\r' ;; esac)" -v only="$(case $2 in mixed) echo 2 ;; *) echo 9 ;; esac)" '{ k = (NR * 7 + n * 13) % 29 }
		k == 0 { next }
		k >= only { print; next }
		k == 1 { sub(/value/, "changed"); print; next }
		k == 2 { print; print "added_" NR cr; next }
		k == 3 { print "before_" NR cr; print; next }
		{ print }' a.c
}

# $1: what is tried. The three results, side by side; $2: the exit status of belay.
compare() {
	cp "$scratch/start/a.c" "$scratch/by_patch"
	patch -s --binary -F 0 -r - "$scratch/by_patch" "$scratch/diff" >/dev/null 2>&1 || echo refused >"$scratch/by_patch"
	git apply --whitespace=nowarn "$scratch/diff" >/dev/null 2>&1 || true
	cp a.c "$scratch/by_git"
	cp "$scratch/start/a.c" a.c
	expect "${2:-0}" "$BELAY" take --yes "$scratch/answer"
	cp a.c "$scratch/by_belay"
}

n=0
for shape in lf crlf bare mixed; do
	for context in 1 3 8; do
		for number in 1 2 3 4; do
			start "$shape" "$context$number"
			edit "$number" "$shape" >"$scratch/new"
			if [ "$shape" = bare ]; then head -c -1 "$scratch/new" >"$scratch/a.c" && mv "$scratch/a.c" "$scratch/new"; fi
			diff -U "$context" --label a/a.c --label b/a.c a.c "$scratch/new" >"$scratch/diff" || true
			{ printf 'Here is the change:\n\n```diff\n'; cat "$scratch/diff"; printf '```\n\nThat is all.\n'; } >"$scratch/answer"
			compare "$shape $context $number"
			same "$scratch/new" "$scratch/by_patch" "patch: $shape, $context lines, edit $number"
			same "$scratch/new" "$scratch/by_git" "git apply: $shape, $context lines, edit $number"
			same "$scratch/new" "$scratch/by_belay" "belay: $shape, $context lines, edit $number"
			n=$((n + 1))
		done
	done
done
[ "$n" -eq 48 ] || fail "only $n diffs were compared"

# What nobody takes: a context that is not there, one that is there twice, a path that leaves.
start lf x
refused() {
	printf '%s\n' "$2" >"$scratch/diff"
	cp "$scratch/diff" "$scratch/answer"
	compare "$1" 1
	same "$scratch/start/a.c" "$scratch/by_belay" "belay changed the file: $1"
}
refused "no such context" '--- a/a.c
+++ b/a.c
@@ -1,3 +1,3 @@
 nothing like it
-at all
+here
 in the file'
refused "a path that leaves" '--- a/../out.c
+++ b/../out.c
@@ -1 +1 @@
-	int value_1;
+x'
printf 'same;\nsame;\n' >"$scratch/start/a.c"
cp "$scratch/start/a.c" a.c
refused "a place that is there twice" '--- a/a.c
+++ b/a.c
@@ -7 +7 @@
-same;
+other;'

# Counts that are wrong, which models do not get right: git refuses, belay reads the lines.
start lf y
cat >"$scratch/diff" <<'END'
--- a/a.c
+++ b/a.c
@@ -1,2 +1,2 @@
 	int value_1;
-	int value_2;
+	int other_2;
 long name_3;
END
cp "$scratch/diff" "$scratch/answer"
compare "wrong counts"
same "$scratch/start/a.c" "$scratch/by_git" "git apply took wrong counts"
sed 's/value_2;/other_2;/' "$scratch/start/a.c" >"$scratch/new"
same "$scratch/new" "$scratch/by_belay" "belay: wrong counts"
finish
