#!/bin/sh
# Every header compiles alone, and each .c includes its own header first.
set -eu
: "${CC:=cc}"
src=${srcdir:-.}
fail=0

one_of_each() {
	for header in "$src"/core/*/*.h "$src"/tui/*.h "$src"/tests/*.h; do
		printf '#include "%s"\n' "$header" >"$1/one.c"
		# shellcheck disable=SC2086
		$CC -std=gnu11 -fsyntax-only -D_GNU_SOURCE -Wall -Wextra -I"$src/core" -I"$src" ${HEADER_CFLAGS:-} \
			"$1/one.c" || {
			printf '%s does not compile alone\n' "$header" >&2
			fail=1
		}
	done
}

own_header_first() {
	for file in "$src"/core/*/*.c "$src"/tui/*.c; do
		header=${file%.c}.h
		[ -f "$header" ] || continue
		short=${header#"$src"/}
		short=${short#core/}
		first=$(sed -n 's/^#[ \t]*include ["<]\([^">]*\)[">].*/\1/p' "$file" | head -n 1)
		[ "$first" = "$short" ] || {
			printf '%s: the first include is %s, not %s\n' "$file" "$first" "$short" >&2
			fail=1
		}
	done
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
one_of_each "$dir"
own_header_first
exit $fail
