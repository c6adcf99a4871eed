#!/bin/sh
# One plan over many repositories by GNU parallel, and one report of all the runs.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
mkdir "$scratch/bin"
ln -s "$BELAY" "$scratch/bin/belay"
PATH=$scratch/bin:$PATH

mkdir "$scratch/repos"
cd "$scratch"
printf 'belay: 1\nsteps:\n  - id: w\n    write: w.txt\n    content: w\n  - id: there\n    needs: [w]\n    run: [test, -e, wanted]\n' >plan.yaml
for name in a b c; do
	git init -q "repos/$name"
	: >"repos/$name/wanted"
	git -C "repos/$name" add . && git -C "repos/$name" commit -qm start
done
rm repos/c/wanted

# By hand, without parallel.
mkdir by-hand
for name in a b c; do
	belay -C "repos/$name" run --json --yes=high "$PWD/plan.yaml" >"by-hand/$name.jsonl" 2>/dev/null || :
	belay -C "repos/$name" undo --all --yes=high >/dev/null 2>&1
done
expect 1 belay report by-hand/*.jsonl
grep -q '^total  *2 of 3 runs are done, 5/6 steps' "$scratch/out" || fail "the total is wrong"
grep -q 'failed there: ' "$scratch/out" || fail "what failed is not told"
expect 0 belay report by-hand/a.jsonl by-hand/b.jsonl
expect 1 belay report --json by-hand/*.jsonl
[ "$(grep -c '"type":"run"' "$scratch/out")" -eq 3 ] || fail "--json has not one object for each run"
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":1' || fail "--json ends without a result"
expect 0 belay -C repos/a report @~1
expect 0 belay report "$(ls -d "$XDG_STATE_HOME"/belay/repos/*/runs/* | while read -r run; do grep -q '"type":"run_finished","exit":0' "$run/journal.jsonl" && echo "$run"; done | head -n 1)"
sed 3d by-hand/a.jsonl >gap.jsonl
head -c 300 /dev/zero >zero.jsonl
sed '$d' by-hand/a.jsonl >cut.jsonl
for file in gap.jsonl zero.jsonl cut.jsonl nowhere.jsonl /dev/null; do
	expect 1 belay report by-hand/a.jsonl "$file"
	grep -q '^total  *1 of 2 runs are done' "$scratch/out" || fail "$file spoils the report"
done

command -v parallel >/dev/null || {
	finish
	echo 'parallel is not installed' >&2
	exit 77
}
# What the manual shows, with repositories of our own.
export HOME="$scratch"
got=0
parallel --will-cite --results reports/{/}.jsonl belay -C {} run --json --yes=high "$PWD/plan.yaml" ::: repos/* >/dev/null 2>"$scratch/err" || got=$?
[ "$got" -eq 1 ] || fail "parallel says $got, not 1 for the one that failed"
expect 1 belay report reports/*.jsonl
grep -q '^total  *2 of 3 runs are done' "$scratch/out" || fail "the report of parallel's runs is wrong"
finish
