#!/bin/sh
# A replay only reads: what its feed links, directly and through others, holds no network, no step, no landing and no
# writer of journals, and of the store it names only the functions that read.
set -eu
dir=${BUILD_DIR:-.}
[ -f "$dir/libio.a" ] || dir=$(dirname "$BELAY")
command -v nm >/dev/null || exit 77
nm -A "$dir/libio.a" "$dir/libpure.a" | awk '
NF >= 2 {
	n = split($1, part, ":")
	object = part[n - 1] ? part[n - 1] : part[n]
	sub(/.*_a-/, "", object)
	name = $NF
	kind = $(NF - 1)
	if (kind ~ /^[TDBRVW]$/)
		defined[name] = object
	else if (kind == "U")
		need[object] = need[object] " " name
}
END {
	queue[n_queue++] = "journal_feed.o"
	seen["journal_feed.o"] = 1
	for (i = 0; i < n_queue; i++) {
		m = split(need[queue[i]], names, " ")
		for (j = 1; j <= m; j++) {
			object = defined[names[j]]
			if (object != "" && !(object in seen)) {
				seen[object] = 1
				queue[n_queue++] = object
			}
		}
	}
	if (n_queue < 8)
		complain("only " n_queue " objects: the closure was not computed")
	for (object in seen)
		if (object ~ /^(http|curl_lib|llm|sse|url|journal|proc|sandbox|cache|bookmarks|git_lib|vcs|config|death)/ &&
		    object !~ /^journal_/)
			complain("the replay links " object)
	for (object in seen)
		if (object ~ /^journal_/) {
			m = split(need[object], names, " ")
			for (j = 1; j <= m; j++)
				if (names[j] ~ /^(store_(put|sync|open$)|journal_(open|append|sync)|file_(write|make|image)|p?write(64)?$)/ ||
				    names[j] ~ /^(rename|unlink|mkdir|ftruncate|f?chmod|socket|connect|fork|exec|posix_spawn|system)/)
					complain(object " calls " names[j])
		}
	exit bad
}
function complain(what) {
	print what
	bad = 1
}
' >&2
