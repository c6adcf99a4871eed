#!/bin/sh
# What a program can check of the conventions: files of 600 lines, functions of a page (60), lines of 140
# columns, no marks of unfinished work, no blanks at the end of a line, no file that nothing builds.
set -eu
cd "${srcdir:-.}"
sources=$(ls core/*/*.[ch] tui/*.[ch])
fail=0
complain() {
	printf '%s\n' "$*" >&2
	fail=1
}

# shellcheck disable=SC2086
found=$(wc -l $sources | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines" }')
[ -z "$found" ] || complain "files over 600 lines: $found"

found=$(grep -nE '[[:blank:]]$' $sources | cut -d: -f1,2 || true)
[ -z "$found" ] || complain "blanks at the end of lines: $found"

found=$(grep -nwE 'TODO|FIXME|XXX|HACK' $sources || true)
[ -z "$found" ] || complain "marks of unfinished work: $found"

found=$(for file in $sources; do
	expand "$file" | awk -v file="$file" 'length > 140 { print file ":" NR }'
done)
[ -z "$found" ] || complain "lines over 140 columns: $found"

found=$(for file in $sources; do
	grep -qF "$file" core/*/local.mk tui/local.mk || echo "$file"
done)
[ -z "$found" ] || complain "not in any local.mk: $found"

# Universal Ctags is needed for the lengths of functions only.
if ctags --version 2>/dev/null | grep -q 'Universal Ctags'; then
	# shellcheck disable=SC2086
	found=$(ctags -x --kinds-C=f --_xformat='%F:%n %N %e' $sources |
		awk '{ split($1, at, ":"); if ($3 - at[2] + 1 > 60) print $1 " " $2 ": " $3 - at[2] + 1 " lines" }')
	[ -z "$found" ] || complain "functions over 60 lines: $found"
fi
exit $fail
