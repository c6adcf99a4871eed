#!/bin/sh
# Lines of core/ that the tests ran, by file and in all, from a build with --enable-coverage whose tests have run:
#     BELAY_BUILD=build/coverage ./bootstrap check --enable-coverage && make -C build/coverage coverage
set -eu
: "${SRC_DIR:=.}"
: "${BUILD_DIR:=.}"
find "$BUILD_DIR/core" -name '*.gcno' -print | sort | while read -r notes; do
	gcov -n -r -s "$(cd "$SRC_DIR" && pwd)" -o "$notes" "$notes" 2>/dev/null
done | awk '
	/^File / { file = $2; gsub(/\047/, "", file); sub(/^.*core\//, "core/", file); next }
	/^Lines executed:/ && file ~ /^core\/.*\.c$/ {
		split($0, part, /[:% ]+/)
		lines[file] = part[5]; ran[file] = part[3] / 100 * part[5]; file = ""
	}
	END {
		for (file in lines) {
			printf "%6.2f %5d %s\n", 100 * ran[file] / lines[file], lines[file], file | "sort -n"
			all += lines[file]; all_ran += ran[file]
		}
		close("sort -n")
		if (!all) { print "no coverage data: configure with --enable-coverage and run make check" > "/dev/stderr"; exit 1 }
		printf "coverage_core %.2f percent of %d lines\n", 100 * all_ran / all, all
	}'
