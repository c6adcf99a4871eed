#!/bin/sh
# The include layers: which folder may include which, and which file may include an outside library's header.
set -eu
cd "${srcdir:-.}"

awk '
BEGIN {
	# The folders that the files of a folder may include from.
	may["core/base"] = " base "
	may["core/plan"] = " base plan "
	may["core/event"] = " base event "
	may["core/edit"] = " base edit "
	may["core/io"] = " base event edit io "
	may["core/run"] = " base plan event edit io run "
	may["tui"] = " base event edit tui "
	everything = " base plan event edit io run tui "

	# The files that may include a library. Keys are the beginnings of header names.
	owner["jansson.h"] = " core/base/json.c "
	owner["yaml.h"] = " core/base/yaml.c "
	owner["utf8proc.h"] = " core/base/text.c "
	owner["nettle/"] = " core/base/hash.c core/base/base64.c "
	owner["pthread.h"] = " core/base/thread.h core/base/thread.c core/base/queue.c core/base/pool.c "
	owner["git2"] = " core/io/git_lib.h core/io/git_lib.c "
	owner["curl/"] = " core/io/curl_lib.h core/io/curl_lib.c core/io/http.c "
	owner["md4c"] = " tui/markdown.c "
	owner["curses.h"] = owner["ncurses"] = owner["term.h"] = owner["panel.h"] = " tui/screen.c tui/input.c "
}
FNR == 1 {
	folder = FILENAME
	sub(/\/[^\/]*$/, "", folder)
	allowed = may[folder]
	if (FILENAME ~ /^tui\/(main\.c|verb(_[a-z_]*)?\.[ch])$/)
		allowed = everything
}
/^#[ \t]*include[ \t]*"/ {
	split($0, part, "\"")
	layer = part[2]
	if (sub(/\/.*/, "", layer) == 0)
		complain("\"" part[2] "\" does not show its layer")
	else if (!index(allowed, " " layer " "))
		complain("may not include \"" part[2] "\"")
}
/^#[ \t]*include[ \t]*</ {
	split($0, part, /[<>]/)
	for (library in owner)
		if (index(part[2], library) == 1 && !index(owner[library], " " FILENAME " "))
			complain("<" part[2] "> belongs to" owner[library])
}
function complain(what) {
	print FILENAME ":" FNR ": " what
	bad = 1
}
END { exit bad }
' core/*/*.[ch] tui/*.[ch] >&2
