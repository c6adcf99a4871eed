#!/bin/sh
# bench/compare.sh OLD NEW: two outputs of `make bench`, each figure with the ratio of the new one to the old one.
[ $# -eq 2 ] || {
	echo 'usage: bench/compare.sh OLD NEW' >&2
	exit 2
}
awk '
	FNR == 1 { file++ }
	NF != 3 || $2 !~ /^-?[0-9.]+$/ { next }
	file == 1 { old[$1] = $2; next }
	!($1 in old) { printf "%-44s %12s %12.3f %-7s      new\n", $1, "-", $2, $3; next }
	{
		ratio = old[$1] > 0 ? sprintf("%8.2f", $2 / old[$1]) : "       -"
		printf "%-44s %12.3f %12.3f %-7s %s\n", $1, old[$1], $2, $3, ratio
		delete old[$1]
	}
	END { for (name in old) printf "%-44s %12.3f %12s\n", name, old[name], "gone" }
' "$1" "$2"
