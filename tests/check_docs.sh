#!/bin/sh
# The files that the pages for contributors name are there, and what they say of the tree's shape is so.
set -eu
cd "${SRC_DIR:-${srcdir:-.}}"
fail=0
for page in ARCHITECTURE.md CONTRIBUTING.md README.md; do
	n=0
	for name in $(grep -o '`[^`]*`' "$page" | tr -d '`' |
		grep -E '^(core|tui|tests|man|plans|docs|bench|debian|\.ci|completion)/[A-Za-z0-9_./*-]+$' | grep -v 'NAME' | sort -u); do
		n=$((n + 1))
		# shellcheck disable=SC2086
		ls -d $name >/dev/null 2>&1 || [ -f "$name.c" ] || {
			echo "$page names '$name', which is not there" >&2
			fail=1
		}
	done
	[ "$n" -ge 1 ] || {
		echo "$page names no files" >&2
		fail=1
	}
done
for folder in core/*/; do
	grep -q "\`${folder%/}\`" ARCHITECTURE.md || {
		echo "ARCHITECTURE.md does not tell of $folder" >&2
		fail=1
	}
done
exit $fail
