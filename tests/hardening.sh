#!/bin/sh
# The program as a package builds it: position independent, with its relocations read-only from the start, guarded stacks and
# checked calls. Skipped where it was built without (dpkg's flags bring it: debian/rules).
set -eu
: "${BUILD_DIR:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${BELAY:=$BUILD_DIR/belay}"
grep -q '^CPPFLAGS = .*_FORTIFY_SOURCE' "$BUILD_DIR/Makefile" && command -v readelf >/dev/null || {
	echo 'this build is not hardened' >&2
	exit 77
}
fail=0
check() { # $1: what it is called; $2: what readelf prints then; the rest: readelf's arguments
	name=$1 wanted=$2
	shift 2
	readelf -W "$@" "$BELAY" | grep -Eq "$wanted" || {
		echo "belay was built without $name" >&2
		fail=1
	}
}
check 'position independence' 'Type: +DYN' -h
check 'read-only relocations' 'GNU_RELRO' -l
check 'binding at the start' 'BIND_NOW|Flags:.* NOW' -d
check 'guarded stacks' '__stack_chk_fail' --dyn-syms
check 'checked calls' '__[a-z]*(cpy|printf)_chk' --dyn-syms
! readelf -W -l "$BELAY" | grep -q 'GNU_STACK.* RWE' || {
	echo "belay's stack can be executed" >&2
	fail=1
}
exit $fail
