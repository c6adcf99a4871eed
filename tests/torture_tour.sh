#!/bin/bash
# kill -9 of the tour at random moments and at journal records; after it `belay resume` must give the finished tree, or
# `belay undo --all` the first one. Not part of `make check`: `make torture` runs it, KILLS=N times (60 when not given).
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
kills=${KILLS:-60}
RANDOM=${SEED:-1}
sed 's/"tokens_per_second": *[0-9]*/"tokens_per_second": 2000/' "$SRC_DIR/plans/tour-answers.jsonl" >"$scratch/answers.jsonl"
sample=(-c providers.sample.kind=recorded -c "providers.sample.file=$scratch/answers.jsonl")
mkdir "$scratch/source"
(cd "$SRC_DIR" && tar -cf - core/*/*.[ch] tui/*.[ch] tests/*.[ch] plans) | tar --no-same-owner -xf - -C "$scratch/source"
chmod -R u+w "$scratch/source"
git -C "$scratch/source" init -q
git -C "$scratch/source" add -A
git -C "$scratch/source" commit -qm start

fresh() {
	rm -rf "$scratch/tree" "$XDG_STATE_HOME"
	cp -a "$scratch/source" "$scratch/tree"
}

tour() {
	"$BELAY" -C "$scratch/tree" "${sample[@]}" run --json --yes=high plans/tour.yaml >"$scratch/out" 2>"$scratch/err" </dev/null
}

fresh
tree_of "$scratch/tree" >"$scratch/before"
began=$(date +%s%N)
tour || { fail "the tour itself failed"; tail -n 3 "$scratch/out" "$scratch/err" >&2; exit 1; }
took_ms=$((($(date +%s%N) - began) / 1000000))
tree_of "$scratch/tree" >"$scratch/after"
events=$(wc -l <"$scratch/out")

# Waits for the N-th record, or for a moment; then kills.
kill_at() {
	local pid n=0
	fresh
	: >"$scratch/out"
	{ tour; } 2>/dev/null &
	pid=$!
	if [ "$1" = event ]; then
		until [ "$(wc -l <"$scratch/out")" -ge "$2" ]; do
			kill -0 $pid 2>/dev/null || break
			n=$((n + 1))
		done
	else
		sleep "$(printf '%d.%03d' $(($2 / 1000)) $(($2 % 1000)))"
	fi
	# The program itself is the child of the shell that runs `tour`.
	pkill -KILL -P $pid 2>/dev/null
	wait $pid 2>/dev/null && return 1
	return 0
}

killed=0
resumed=0
for ((i = 0; i < kills; i++)); do
	if [ $((i % 2)) -eq 0 ]; then
		how=moment at=$((RANDOM % took_ms))
	else
		how=event at=$((RANDOM % events + 1))
	fi
	kill_at $how $at || continue
	killed=$((killed + 1))
	if ! "$BELAY" -C "$scratch/tree" show @ >/dev/null 2>&1; then
		tree_of "$scratch/tree" >"$scratch/now"
		same "$scratch/before" "$scratch/now" "killed at $how $at: no run is on record, but the tree has changed"
	elif [ $((RANDOM % 2)) -eq 0 ]; then
		expect 0 "$BELAY" -C "$scratch/tree" "${sample[@]}" resume --plain --yes=high @
		tree_of "$scratch/tree" >"$scratch/now"
		same "$scratch/after" "$scratch/now" "killed at $how $at: resume does not give the finished tree"
		resumed=$((resumed + 1))
	else
		expect 0 "$BELAY" -C "$scratch/tree" undo --all --yes=high @
		tree_of "$scratch/tree" >"$scratch/now"
		same "$scratch/before" "$scratch/now" "killed at $how $at: undo --all does not give the first tree"
	fi
	find "$scratch/tree" -name '*belay*' -newer "$scratch/answers.jsonl" ! -path '*/.git/*' | grep -q . && fail "killed at $how $at: temporary files are left"
done
printf 'torture_tour: killed %d times of %d, %d went on, the others were taken back; the tour takes %d ms, %d events\n' \
	"$killed" "$kills" "$resumed" "$took_ms" "$events"
[ "$killed" -gt 0 ] || fail "nothing was killed"
finish
