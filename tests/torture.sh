#!/bin/bash
# The floors of the proof, in full, and what came out as a table. `make torture` builds all and calls this; FUZZ_SECONDS
# is the time of each fuzz target (60), KILLS the number of kills of the tour (60). Takes hours on a slow machine.
: "${SRC_DIR:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${BUILD_DIR:=$SRC_DIR}"
export SRC_DIR BUILD_DIR BELAY="${BELAY:-$BUILD_DIR/belay}"
log=$(mktemp -d "${TMPDIR:-/tmp}/belay-torture.XXXXXX")
failed=0
rows=()

# row GOAL FLOOR FIGURE STATUS
row() {
	local verdict=ok
	if [ "$4" -eq 77 ]; then
		verdict=skipped
	elif [ "$4" -ne 0 ] || { [ -n "$2" ] && [ "${3:-0}" -lt "$2" ]; }; then
		verdict=FAILED
		failed=1
	fi
	rows+=("$(printf '%-52s %12s %12s  %s' "$1" "${2:--}" "${3:--}" "$verdict")")
	printf '%s\n' "${rows[-1]}"
}

# run NAME COMMAND...: its output goes to a file of the log; the status is in $status.
run() {
	name=$1
	shift
	status=0
	"$@" >"$log/$name" 2>&1 || status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || tail -n 20 "$log/$name"
}

# sum NAME PATTERN: all numbers that a sed pattern brings out.
sum() {
	sed -nE "s/$2/\\1/p" "$log/$1" | awk '{ n += $1 } END { printf "%d", n }'
}

run kill "$BUILD_DIR/tests/crash_land" --all
row 'kill -9 at each file system call' 5000 "$(tail -n 1 "$log/kill" | sed -nE 's/^([0-9]+) points.*/\1/p')" "$status"
export BELAY_TORTURE=1
run double "$BUILD_DIR/tests/test_land_fault" test_a_second_death_in_recovery_does_too
row 'double crashes' 2000 "$(sum double '^([0-9]+) points')" "$status"
run errors "$BUILD_DIR/tests/test_land_fault" test_no_error_is_a_false_success
row 'injected errors' 5000 "$(sum errors '^([0-9]+) points')" "$status"
run edits "$BUILD_DIR/tests/test_land_fault" test_no_edit_meanwhile_is_lost
row 'edits by others at each call' '' "$(sum edits '^([0-9]+) points')" "$status"
run escapes "$BUILD_DIR/tests/test_escape"
row 'names that lead out or become code' 300 "$(sed -nE 's/^escapes: ([0-9]+).*/\1/p' "$log/escapes" | head -n 1)" "$status"
row 'swap races: opens' 1000000 "$(sum escapes '^races: ([0-9]+) opens.*')" "$status"
row 'swap races: landings' '' "$(sum escapes '^races: ([0-9]+) landings.*')" "$status"
BELAY_TORTURE=2500 run random "$BUILD_DIR/tests/test_land_random"
row 'random operations against the model' 100000 "$(sum random '^([0-9]+) operations.*')" "$status"
unset BELAY_TORTURE
run shapes sh "$SRC_DIR/tests/shapes.sh"
row 'shapes of repository' 20 "$(grep -c '^ok: ' "$log/shapes")" "$status"
run power sh "$SRC_DIR/tests/power_loss.sh" --all
row 'power loss: disks rebuilt' '' "$(sum power '.*, ([0-9]+) disks.*')" "$status"
row 'power loss: syncs proven, each taken out' '' "$(sum power '.*, ([0-9]+) of them proven.*')" "$status"
run canary sh "$SRC_DIR/tests/canary.sh"
row 'canary key: files looked at, no hit' '' "$(sum canary '^canary key: ([0-9]+) files.*')" "$status"
CRASH_POINTS=all run program sh "$SRC_DIR/tests/crash_run.sh"
row 'kill -9 of the program in a run' '' "$(sum program '^crash_run: killed at ([0-9]+) of.*')" "$status"
run tour bash "$SRC_DIR/tests/torture_tour.sh"
row 'kill -9 of the tour' '' "$(sum tour '^torture_tour: killed ([0-9]+) times.*')" "$status"
fuzzed=0
for target in "$BUILD_DIR"/tests/fuzz_*; do
	case $target in *.c | *.h | *.o | *.log | *.trs) continue ;; esac
	[ -x "$target" ] && [ -f "$target" ] || continue
	FUZZ_SECONDS=${FUZZ_SECONDS:-60} run "$(basename "$target")" "$target"
	row "$(basename "$target"), ${FUZZ_SECONDS:-60} s: inputs" '' "$(sum "$(basename "$target")" '^([0-9]+) runs')" "$status"
	fuzzed=$((fuzzed + ${FUZZ_SECONDS:-60}))
done
row 'fuzz time, seconds' '' "$fuzzed" 0

printf '\n%-52s %12s %12s\n' goal floor figure
printf '%s\n' "${rows[@]}"
printf 'logs: %s\n' "$log"
exit "$failed"
