#!/bin/sh
# The include layers: which folder may include which, and which file may include an outside library's header.
set -eu
cd "${srcdir:-.}"

fail=0
complain() {
	printf '%s\n' "$*" >&2
	fail=1
}

# The folders that a file may include from.
allowed_for() {
	case $1 in
	core/base/*) echo "base" ;;
	core/plan/*) echo "base plan" ;;
	core/event/*) echo "base event" ;;
	core/edit/*) echo "base edit" ;;
	core/io/*) echo "base event edit io" ;;
	core/run/*) echo "base plan event edit io run" ;;
	tui/main.c | tui/verb_*.c | tui/verb.h) echo "base plan event edit io run tui" ;;
	tui/*) echo "base event edit tui" ;;
	esac
}

# The files that may include a library's header.
owners_of() {
	case $1 in
	jansson.h) echo "core/base/json.c" ;;
	yaml.h) echo "core/base/yaml.c" ;;
	utf8proc.h) echo "core/base/text.c" ;;
	openssl/*) echo "core/base/hash.c core/base/base64.c" ;;
	pthread.h) echo "core/base/thread.h core/base/thread.c core/base/queue.c core/base/pool.c" ;;
	git2.h | git2/*) echo "core/io/git_lib.h core/io/git_lib.c" ;;
	curl/*) echo "core/io/curl_lib.h core/io/curl_lib.c core/io/http.c" ;;
	curses.h | ncurses.h | ncursesw/* | term.h | panel.h) echo "tui/screen.c tui/input.c" ;;
	md4c*.h) echo "tui/markdown.c" ;;
	esac
}

is_among() {
	for word in $2; do
		[ "$word" = "$1" ] && return 0
	done
	return 1
}

for file in core/*/*.[ch] tui/*.[ch]; do
	allowed=$(allowed_for "$file")
	for header in $(sed -n 's/^#[ \t]*include "\([^"]*\)".*/\1/p' "$file"); do
		case $header in
		*/*) is_among "${header%%/*}" "$allowed" || complain "$file: may not include \"$header\"" ;;
		*) complain "$file: \"$header\" does not show its layer" ;;
		esac
	done
	for header in $(sed -n 's/^#[ \t]*include <\([^>]*\)>.*/\1/p' "$file"); do
		owners=$(owners_of "$header")
		[ -z "$owners" ] || is_among "$file" "$owners" || complain "$file: <$header> belongs to $owners"
	done
done
exit $fail
