#!/bin/sh
# The manual pages: mandoc's lint finds nothing in them, each page that is referred to is there, each verb and option of
# the program is told of, and the examples of belay(1) run.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
: "${BUILD_DIR:=$SRC_DIR}"
command -v mandoc >/dev/null 2>&1 || {
	echo 'mandoc is not installed' >&2
	exit 77
}

# Only the pages that are installed are known to mandoc: what ours refer to is looked at here.
for page in "$BUILD_DIR"/man/*.[157]; do
	mandoc -T lint "$page" 2>&1 | sed '/referenced manual not found/d; /^mandoc: outdated mandoc.db/d' >"$scratch/found"
	[ ! -s "$scratch/found" ] || {
		fail "$(basename "$page") is not clean"
		cat "$scratch/found" >&2
	}
	sed -n 's/^\.Xr \([a-z-]*\) \([0-9]\).*/\1.\2/p' "$page" | while read -r other; do
		case $other in git.1 | git-am.1 | asciinema.1 | less.1 | vi.1) continue ;; esac
		[ -e "$BUILD_DIR/man/$other" ] || echo "$other"
	done >"$scratch/missing"
	[ ! -s "$scratch/missing" ] || fail "$(basename "$page") refers to pages that are not there: $(cat "$scratch/missing")"
	mandoc -T ascii "$page" | col -bx >"$scratch/$(basename "$page").txt"
done

words_of() {
	awk -v title="$1" '$0 == title { on = 1; next } /^$/ { on = 0 } on { print }' "$scratch/out"
}
expect 0 "$BELAY" help
words_of Verbs: >"$scratch/verbs"
[ -s "$scratch/verbs" ] || fail "'belay help' lists no verbs"
while read -r verb rest; do
	grep -Eq "^ +$verb( |$)" "$scratch/belay.1.txt" || fail "belay(1) does not tell of the verb '$verb' ($rest)"
	expect 0 "$BELAY" help "$verb"
	for option in $(words_of Options: | grep -o -- '--[a-z-]*'); do
		grep -q -- "$option" "$scratch/belay.1.txt" || fail "belay(1) does not tell of $option"
	done
done <"$scratch/verbs"

# What stands in literal text of EXAMPLES, a command a line.
mkdir "$scratch/repo"
cd "$scratch/repo"
printf 'belay: 1\nsteps:\n  - id: w\n    write: w.txt\n    content: w\n' >plan.yaml
git init -q . && git add . && git commit -qm start
for page in belay.1 belay-config.5; do
	awk '/^\.Sh/ { on = /EXAMPLES/; literal = 0 }
		on && /^\.Bd/ { literal = 1; next }
		on && /^\.Ed/ { literal = 0 }
		on && literal { print }
		on && sub(/^\.Dl /, "") { print }' "$BUILD_DIR/man/$page" >"$scratch/$page.examples"
done
[ "$(wc -l <"$scratch/belay.1.examples")" -ge 5 ] || fail "belay(1) has no examples"
[ "$(wc -l <"$scratch/belay-config.5.examples")" -ge 3 ] || fail "belay-config(5) has no examples"
cat "$scratch/belay.1.examples" "$scratch/belay-config.5.examples" >"$scratch/examples"
mkdir "$scratch/bin"
ln -s "$BELAY" "$scratch/bin/belay"
while read -r example; do
	expect 0 env PATH="$scratch/bin:$PATH" sh -c "$example"
done <"$scratch/examples"

# The plan of belay-plan(5) is one.
awk '/^\.Bd/ { on = 1; next } /^\.Ed/ { exit } on' "$BUILD_DIR/man/belay-plan.5" | sed 's/\\e/\\/g' >example.yaml
grep -q '^belay: 1$' example.yaml || fail "belay-plan(5) shows no plan"
expect 0 "$BELAY" check example.yaml

# The configuration of belay-config(5) is one, and each key of it is told of with a table of its own.
mkdir -p "$XDG_CONFIG_HOME/belay"
awk '/^\.Bd/ { on = 1; next } /^\.Ed/ { exit } on' "$BUILD_DIR/man/belay-config.5" >"$XDG_CONFIG_HOME/belay/config.yaml"
grep -q '^providers:$' "$XDG_CONFIG_HOME/belay/config.yaml" || fail "belay-config(5) shows no configuration"
expect 0 "$BELAY" config --show-origin
# What is shown without a default comes from the line of the example that says it.
grep -v '^default' "$scratch/out" | while read -r origin key; do
	line=$(sed -n "$(echo "$origin" | sed 's/.*://')p" "$XDG_CONFIG_HOME/belay/config.yaml")
	case $line in *"$(echo "$key" | sed 's/=.*//; s/.*\.//'):"*) ;; *) echo "$key" ;; esac
done >"$scratch/missing"
[ ! -s "$scratch/missing" ] || fail "the origin is wrong of $(cat "$scratch/missing")"
[ "$(grep -vc '^default' "$scratch/out")" -ge 13 ] || fail "--show-origin does not show what the example sets"
for key in $(sed 's/.*\t//; s/=.*//; s/.*\.//' "$scratch/out" | sort -u); do
	case $key in retry) continue ;; esac
	grep -q "^\.It Ic $key$" "$BUILD_DIR/man/belay-config.5" || fail "belay-config(5) does not tell of $key"
done
# As it is printed, it can be read again.
expect 0 "$BELAY" config
cp "$scratch/out" "$scratch/first"
cp "$scratch/out" "$XDG_CONFIG_HOME/belay/config.yaml"
expect 0 "$BELAY" config
same "$scratch/first" "$scratch/out" "what 'belay config' prints is read as something else"
finish
