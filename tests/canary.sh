#!/bin/sh
# A key is in the environment, in a file, or comes from a command; the server says it back in an error and in its answer,
# and a command of the plan prints all that it can see. It must be in no byte that belay writes: state, cache, trace,
# recording, exports, output, screen, process tables. All answers are written by hand.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
fake="${BUILD_DIR:-$PWD}/tests/fake_chat"
[ -x "$fake" ] || fake="$SRC_DIR/tests/fake_chat"
key=sk-canary-7d1f0c5e9b42a8836e15
mkdir "$scratch/all" "$scratch/repo" "$XDG_CACHE_HOME"
mkfifo "$scratch/hold"
printf '%s' "$key" >"$scratch/key"
chmod 600 "$scratch/key"
server=

stop_server() {
	[ -z "$server" ] && return
	exec 8>&-
	wait "$server" || true
	server=
}
trap 'stop_server; rm -rf "$scratch"' EXIT

serve() {
	stop_server
	rm -f "$scratch/url"
	"$fake" "$scratch/script" <"$scratch/hold" >"$scratch/url" 8>&- &
	server=$!
	exec 8>"$scratch/hold"
	while [ ! -s "$scratch/url" ]; do
		kill -0 "$server"
	done
	url=$(cat "$scratch/url")
}

cd "$scratch/repo"
cat >plan.yaml <<'END'
belay: 1
name: canary
retry: { tries: 2, first: 1ms, max: 2ms }
steps:
  - { id: a, refactor: a.c, prompt: Make it longer., attempts: 2 }
  - { id: look, needs: [a], run: "env; tr '\\0' '\\n' < /proc/$PPID/environ; cat /proc/[0-9]*/environ; true", writes: [] }
END
printf 'int a;\nint b;\n' >a.c
git init -q
git add .
git commit -qm start
tree_of . >"$scratch/start"

# The key in an error, then in the words around the edit.
{
	printf '{"status": 429, "headers": {"Retry-After": "0"}, "body": {"error": {"message": "key %s is slow"}}}\n' "$key"
	printf '{"chat": "Your key is %s.\\n\\na.c\\n<<<<<<< SEARCH\\nint a;\\n=======\\nlong a;\\n>>>>>>> REPLACE\\n\\nBye, %s\\n"}\n' \
		"$key" "$key"
} >"$scratch/good"
printf '{"status": 401, "body": {"error": {"message": "no such key: %s"}}}\n' "$key" >"$scratch/refused"

# $1: how the key is given; $2: the script; the rest: options of it.
try() {
	name=$1
	script=$2
	shift 2
	git checkout -q a.c
	cp "$scratch/$script" "$scratch/script"
	serve
	code=0
	kept=--cache=refresh
	[ "$name" = env ] && kept="--record=$scratch/all/$name-$script.tape"
	"$BELAY" -c providers.s.kind=openai-chat -c "providers.s.url=$url" -c providers.s.model=m1 "$@" run --json --yes=high \
		--trust "$kept" --trace "$scratch/all/$name-$script.trace" plan.yaml \
		>"$scratch/all/$name-$script.out" 2>"$scratch/all/$name-$script.err" </dev/null || code=$?
	case $script$code in
	good0 | refused1) ;;
	*)
		fail "$name, $script: exit $code"
		tail -n 3 "$scratch/all/$name-$script.out" "$scratch/all/$name-$script.err" | cut -c1-300 >&2
		;;
	esac
	stop_server
	for format in patch md html cast json junit; do
		"$BELAY" export @ --format "$format" >"$scratch/all/$name-$script.$format" 2>>"$scratch/all/$name-$script.said" || true
	done
	"$BELAY" log @ >"$scratch/all/$name-$script.log" 2>&1 || true
	"$BELAY" log @ --errors >"$scratch/all/$name-$script.errors" 2>&1 || true
	"$BELAY" replay @ --plain >"$scratch/all/$name-$script.replay" 2>&1 || true
	"$BELAY" -c providers.s.kind=openai-chat -c "providers.s.url=$url" -c providers.s.model=m1 "$@" config --show-origin \
		>"$scratch/all/$name-$script.config" 2>&1 || true
	[ "$script" = good ] && expect 0 "$BELAY" undo --all
	return 0
}

export OPENAI_TEST_KEY="$key"
for script in good refused; do
	try env $script -c providers.s.key_env=OPENAI_TEST_KEY
done
unset OPENAI_TEST_KEY
for script in good refused; do
	try file $script -c "providers.s.key_file=$scratch/key"
	try command $script -c "providers.s.key_command=cat $scratch/key"
done

# In none of it, neither as it is nor in base64 at any of the three offsets; and there was something to look at.
[ -s "$scratch/all/env-good.trace" ] && [ -s "$scratch/all/env-good.html" ] && [ -s "$scratch/all/file-good.log" ] ||
	fail "nothing was written that could hold the key"
hits=0
for where in "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$scratch/all" "$scratch/repo" "$scratch/config"; do
	[ -e "$where" ] || continue
	for word in "$key" "$(printf '%s' "$key" | base64 | cut -c1-28)" "$(printf ' %s' "$key" | base64 | cut -c3-28)" \
		"$(printf '  %s' "$key" | base64 | cut -c4-28)"; do
		if grep -rlaF -e "$word" "$where" >&2; then
			hits=$((hits + 1))
			fail "the key is in '$where'"
		fi
	done
done
files=$(find "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$scratch/all" -type f | wc -l)
printf 'canary key: %d files looked at, %d hits\n' "$files" "$hits"
tree_of . >"$scratch/now"
finish
