#!/bin/sh
# README.md: every command in it runs, every plan in it is one, its screen is the one that docs/screens.sh makes, and the
# files that it names are there. What stands indented (./bootstrap) is run by .ci/run.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
readme=$SRC_DIR/README.md
fake="${BUILD_DIR:-$SRC_DIR}/tests/fake_chat"
mkdir "$scratch/bin" "$scratch/blocks" "$scratch/screens"
ln -s "$BELAY" "$scratch/bin/belay"
PATH=$scratch/bin:$PATH
export HOME="$scratch"

# The blocks, one file each: 01.text, 02.sh, 03.yaml ...
awk -v dir="$scratch/blocks" '/^```$/ { file = ""; next }
	/^```/ { file = sprintf("%s/%02d.%s", dir, ++n, substr($0, 4)); next }
	file { print >file }' "$readme"
same "$scratch/blocks/01.text" "$SRC_DIR/docs/screen.txt" "the screen in README.md is not docs/screen.txt"
expect 0 env FAST=1 "$SRC_DIR/docs/screens.sh" "$scratch/screens"
for word in REPLAY 'read numeric time zones' 'State of the tree' 'hash_from_hex'; do
	grep -q "$word" "$scratch/screens/screen.txt" && grep -q "$word" "$SRC_DIR/docs/screen.txt" || fail "no screen shows '$word'"
done
head -n 1 "$scratch/screens/screen.svg" | grep -q '^<svg ' || fail "there is no picture"
grep -o '](\([A-Za-z/.]*\))' "$readme" | tr -d '()]' | while read -r file; do
	[ -e "$SRC_DIR/$file" ] || echo "$file"
done >"$scratch/missing"
[ ! -s "$scratch/missing" ] || fail "README.md links to what is not there: $(cat "$scratch/missing")"

make_repo() {
	mkdir -p "$1/src"
	printf 'int old_name(int a);\n' >"$1/src/use.h"
	printf '#include "use.h"\n\nint old_name(int a)\n{\n\treturn a;\n}\n' >"$1/src/use.c"
	printf 'all:\n\tcc -fsyntax-only src/*.c\n' >"$1/Makefile"
	git init -q "$1" && git -C "$1" add . && git -C "$1" commit -qm start
}
make_repo "$scratch/repo"
make_repo "$scratch/repos/one"
make_repo "$scratch/repos/two"
cd "$scratch/repo"
tree_of . >"$scratch/before"

# A server of our own in place of the one that README.md has on port 8080.
printf '%s\n' '{"chat": "src/use.c\n<<<<<<< SEARCH\nint new_name(int a)\n{\n=======\n/* Gives back what it is given. */\nint new_name(int a)\n{\n>>>>>>> REPLACE\n", "repeat": true}' >"$scratch/script"
mkfifo "$scratch/hold"
"$fake" "$scratch/script" <"$scratch/hold" >"$scratch/url" &
server=$!
exec 8>"$scratch/hold"
trap 'exec 8>&-; wait "$server" || true; rm -rf "$scratch"' EXIT
until [ -s "$scratch/url" ]; do kill -0 "$server"; done
port=$(sed 's#.*:\([0-9]*\)/v1#\1#' "$scratch/url")

n=0
for block in "$scratch"/blocks/*; do
	name=$(sed -n '1s/^# \([a-z]*\.yaml\)$/\1/p' "$block")
	case $block in
	*.yaml)
		[ -n "$name" ] || fail "a plan in README.md has no name"
		[ "$name" = config.yaml ] || { cp "$block" "$name" && expect 0 belay check "$name"; }
		[ "$name" != config.yaml ] || { mkdir -p "$XDG_CONFIG_HOME/belay" && cp "$block" "$XDG_CONFIG_HOME/belay/"; }
		;;
	*.sh)
		grep -q '^parallel' "$block" && ! command -v parallel >/dev/null && continue
		while IFS= read -r command; do
			n=$((n + 1))
			case $command in
			export\ *) eval "$(echo "$command" | sed "s/:8080/:$port/")" ;;
			*) expect 0 sh -c "$command" ;;
			esac
		done <"$block"
		;;
	esac
done
[ "$n" -ge 15 ] || fail "only $n commands were found in README.md"
grep -q '^total  *2 of 2 runs are done' "$scratch/out" || ! command -v parallel >/dev/null || fail "the last report is not of both repositories"
rm -rf reports rename.yaml model.yaml plan.yaml belay-plan.schema.json
git checkout -q src
tree_of . >"$scratch/after"
same "$scratch/before" "$scratch/after" "the commands of README.md leave something behind"
finish
