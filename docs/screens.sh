#!/bin/sh
# Makes the screens of README.md from a real run of the tour, recorded in a scratch clone of this source.
# usage: docs/screens.sh [FOLDER]      (docs/ by default); BELAY=PROGRAM, FAST=1 for answers at once
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
: "${BELAY:=$top/belay}"
out=$(cd "${1:-$top/docs}" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/belay-screens.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export XDG_STATE_HOME="$scratch/state" XDG_CONFIG_HOME="$scratch/config" XDG_CACHE_HOME="$scratch/cache" LC_ALL=C.UTF-8

mkdir "$scratch/source"
cd "$top"
tar -cf - core/*/*.[ch] tui/*.[ch] tests/*.[ch] plans | tar -xf - -C "$scratch/source"
cd "$scratch/source"
chmod -R u+w .
git init -q . && git add . && git -c user.name=belay -c user.email=belay@localhost commit -qm start
answers=$scratch/answers.jsonl
if [ "${FAST:-}" ]; then
	sed 's/"tokens_per_second": *[0-9]*, *//' plans/tour-answers.jsonl >"$answers"
else
	cp plans/tour-answers.jsonl "$answers"
fi
"$BELAY" -q -c providers.sample.kind=recorded -c "providers.sample.file=$answers" run --plain --yes=high plans/tour.yaml \
	>"$scratch/log" 2>&1 || {
	cat "$scratch/log" >&2
	exit 1
}
"$BELAY" export @ -o screen --step zones >"$out/screen.txt"
"$BELAY" export @ -o svg --step zones >"$out/screen.svg"
