#!/bin/sh
# Plans that ask a server, through the real program: the scripted server of tests/fake_chat answers (all of it written by
# hand) well, badly, late or not at all. What is refused leaves the tree as it was and says why.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
fake="${BUILD_DIR:-$PWD}/tests/fake_chat"
[ -x "$fake" ] || fake="$SRC_DIR/tests/fake_chat"
mkfifo "$scratch/hold"
server=

stop_server() {
	[ -z "$server" ] && return
	exec 8>&-
	wait "$server" || true
	server=
}
trap 'stop_server; rm -rf "$scratch"' EXIT

# Starts a server with the script in $scratch/script; $url is where it is. It ends with the descriptor that holds the fifo open.
serve() {
	stop_server
	rm -f "$scratch/url"
	"$fake" "$scratch/script" --log "$scratch/requests" <"$scratch/hold" >"$scratch/url" 8>&- &
	server=$!
	exec 8>"$scratch/hold"
	while [ ! -s "$scratch/url" ]; do
		kill -0 "$server"
	done
	url=$(cat "$scratch/url")
}

new_repo() {
	rm -rf "$scratch/repo" "$XDG_STATE_HOME"
	mkdir -p "$scratch/repo"
	cd "$scratch/repo"
	printf 'int a;\nint b;\n' >a.c
	printf 'keep\n' >other.c
	cp "$scratch/plan.yaml" .
	git init -q && git add . && git commit -qm start
	tree_of . >"$scratch/start"
}

cat >"$scratch/plan.yaml" <<'END'
belay: 1
retry: { tries: 2, first: 1ms, max: 2ms }
steps:
  - { id: a, refactor: a.c, prompt: Make it longer., attempts: 1 }
END

# Runs the plan with the provider at $url; $1 is the exit status, the rest are further arguments.
run() {
	wanted=$1
	shift
	expect "$wanted" "$BELAY" -c providers.s.kind=openai-chat -c "providers.s.url=$url" -c providers.s.model=m1 \
		"$@" run --plain --yes plan.yaml
}

says() {
	grep -qF -- "$1" "$scratch/out" "$scratch/err" || {
		fail "'$1' was not said"
		sed 's/^/  | /' "$scratch/out" "$scratch/err" | tail -n 15 >&2
	}
}

unchanged() {
	tree_of . >"$scratch/now"
	same "$scratch/start" "$scratch/now" "the tree changed: $1"
	if grep -q "$(printf '\033')" "$scratch/out" "$scratch/err"; then
		fail "a control character came through: $1"
	fi
}

# $1: what the server's one line is; $2: what is said; $3: the exit status, 1 when absent.
bad() {
	new_repo
	printf '%s\n' "$1" >"$scratch/script"
	serve
	run "${3:-1}" -c providers.s.context=0
	says "$2"
	unchanged "$2"
}

good='{"chat": "a.c\n<<<<<<< SEARCH\nint a;\n=======\nlong a;\n>>>>>>> REPLACE\n", "repeat": true}'

# Base URLs in all their forms reach the same place.
for form in '%s' '%s/' '%.0s'; do
	new_repo
	printf "%s\n" "$good" >"$scratch/script"
	serve
	[ "$form" = '%.0s' ] && url=${url%/v1} || url=$(printf "$form" "$url")
	run 0 -c providers.s.context=0
	[ "$(head -n 1 a.c)" = 'long a;' ] || fail "nothing landed with the url '$url'"
	stop_server
	grep -q '^POST /v1/chat/completions ' "$scratch/requests" || fail "'$url' led elsewhere"
	rm -rf "$XDG_CACHE_HOME"
done
new_repo
url=http://user:secret@127.0.0.1:1/v1
run 2 -c providers.s.context=0
says 'credentials'
grep -q secret "$scratch/err" && fail "the password of a URL was shown"

# Keys: missing, with a line end, refused; none is shown.
new_repo
printf "%s\n" "$good" >"$scratch/script"
serve
run 1 -c providers.s.key_env=NO_SUCH_KEY
says 'NO_SUCH_KEY is not set'
CANARY=$(printf 'sk-canary\nInjected: header')
export CANARY
run 1 -c providers.s.key_env=CANARY
says 'line end inside'
printf 'sk-canary-000' >"$scratch/key"
chmod 644 "$scratch/key"
run 1 -c "providers.s.key_file=$scratch/key"
says 'can be read by others'
chmod 600 "$scratch/key"
printf '{"status": 401, "body": {"error": {"message": "bad key sk-canary-000"}}}' >"$scratch/script"
serve
run 1 -c "providers.s.key_file=$scratch/key"
says 'check the provider'
unchanged 'keys'
grep -rq 'sk-canary' "$scratch/out" "$scratch/err" "$XDG_STATE_HOME" && fail "a key was shown or kept"

# Servers that answer badly.
bad '{"headers": {"Content-Type": "text/html"}, "body": "<html>hello</html>"}' 'an HTML page'
bad '{"status": 502, "body": "<html>bad gateway</html>", "repeat": true}' '502' 75
bad '{"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}}' '307'
bad '{"status": 204, "framing": "close"}' 'without any text'
bad '{"status": 400, "body": {"error": {"message": "\u001b[31mno\u001b[0m such thing"}}}' 'such thing'
bad '{"chat": "abc", "cut": 150, "then": "reset", "repeat": true}' 'connection' 75
bad '{"events": [{"error": {"message": "boom", "code": 500}}], "repeat": true}' 'boom' 75
bad '{"chat": ""}' 'without any text'
bad '{"chat": "abc", "finish": "length"}' 'cut before its end'

# Models that answer badly.
bad '{"chat": "I would rather talk about it."}' 'no edit'
bad '{"chat": "a.c\n<<<<<<< SEARCH\nint a;\n=======\nlong"}' 'cut before its end'
bad '{"chat": "other.c\n<<<<<<< SEARCH\nkeep\n=======\nlost\n>>>>>>> REPLACE\n"}' 'does not name'
bad '{"chat": "../out.c\n```\nx\n```\n"}' 'does not write'
bad '{"chat": "/tmp/out.c\n```\nx\n```\n"}' 'does not write'
bad '{"chat": ".git/hooks/post-commit\n```\nx\n```\n"}' 'does not write'
bad '{"chat": "a.c\n<<<<<<< SEARCH\nint z;\n=======\nlong z;\n>>>>>>> REPLACE\n\u001b]0;x\u0007"}' 'matches nothing'
bad '{"chat": "a.c\n<<<<<<< SEARCH\nint\n=======\nlong\n>>>>>>> REPLACE\n"}' 'matches nothing'
bad '{"chat": "a.c\n<<<<<<< SEARCH\nint a;\n=======\n// ... rest of the code\n>>>>>>> REPLACE\n"}' 'leaves code out'

# Nobody there: the status says that trying again may help.
new_repo
stop_server
run 75 -c providers.s.context=0
says 'cannot reach'
unchanged 'nobody there'

# An answer lands; the second time nobody is asked, and a plan and its answers are enough.
new_repo
printf "%s\n" "$good" >"$scratch/script"
serve
run 0 -c providers.s.context=0
tree_of . >"$scratch/done"
stop_server
new_repo
expect 0 "$BELAY" -c providers.s.kind=openai-chat -c "providers.s.url=$url" -c providers.s.model=m1 \
	run --plain --yes --cache only plan.yaml
says 'cached'
tree_of . >"$scratch/now"
same "$scratch/done" "$scratch/now" "the cached answer gave another tree"
expect 2 "$BELAY" run --cache sometimes plan.yaml

# A recording of what the server said, played without it: the same tree. What it does not have is said.
rm -rf "$XDG_CACHE_HOME"
new_repo
{
	printf "%s\n" '{"status": 503, "headers": {"Retry-After": "0"}, "body": "busy"}'
	printf "%s\n" "$good"
} >"$scratch/script"
serve
printf 'sk-canary-000' >"$scratch/key"
config="-c providers.s.kind=openai-chat -c providers.s.url=$url -c providers.s.model=m1 -c providers.s.key_file=$scratch/key"
# shellcheck disable=SC2086
expect 0 "$BELAY" $config run --plain --yes --record "$scratch/tape" plan.yaml
[ "$(wc -l <"$scratch/tape")" -eq 2 ] || fail "the recording does not hold both answers"
[ "$(stat -c %a "$scratch/tape")" = 600 ] || fail "others can read the recording"
grep -q sk-canary "$scratch/tape" && fail "the key is in the recording"
stop_server
rm "$scratch/key"
new_repo
# shellcheck disable=SC2086
expect 0 "$BELAY" $config run --plain --yes --replay "$scratch/tape" plan.yaml
says '503'
tree_of . >"$scratch/now"
same "$scratch/done" "$scratch/now" "the recording gave another tree"
new_repo
sed -i 's/Make it longer/Make it shorter/' plan.yaml
tree_of . >"$scratch/start"
# shellcheck disable=SC2086
expect 1 "$BELAY" $config run --plain --yes --replay "$scratch/tape" plan.yaml
says 'no answer to the question of step'
says 'the nearest is answer'
unchanged 'an unmatched request'
printf '{"v": 1}\n' >"$scratch/tape"
expect 8 "$BELAY" run --replay "$scratch/tape" plan.yaml
expect 2 "$BELAY" run --replay "$scratch/no-tape" plan.yaml
expect 2 "$BELAY" run --replay "$scratch/tape" --record "$scratch/tape2" plan.yaml

# doctor looks at servers and says what works; config says what set each value.
new_repo
cat >"$scratch/script" <<'END'
{"expect": "GET /v1/models", "body": {"data": [{"id": "m1", "max_model_len": 8192}]}, "repeat": true}
{"chat": "limits.c\n<<<<<<< SEARCH\nint limit = 10;\n=======\nint limit = 20;\n>>>>>>> REPLACE\n"}
{"chat": "I set the limit to 20.", "repeat": true}
END
serve
server_config="-c providers.s.kind=openai-chat -c providers.s.url=$url"
# shellcheck disable=SC2086
expect 0 "$BELAY" $server_config doctor
says '1 model: m1'
says 'context 8192, edits best as search-replace'
# shellcheck disable=SC2086
expect 0 "$BELAY" $server_config -c providers.s.model=m2 -c providers.s.context=9000 doctor --json
says 'does not have the model that is configured'
says 'edits best as whole files'
tail -n 1 "$scratch/out" | grep -q '"type":"result"' || fail "doctor --json has no result"
stop_server
# shellcheck disable=SC2086
expect 0 "$BELAY" $server_config doctor
says 'cannot reach'
mkdir -p "$XDG_CONFIG_HOME/belay"
printf 'providers:\n  s:\n    kind: anthropic\n    url: http://127.0.0.1:1\nprices: { m1: { in: 3, out: 15 } }\n' \
	>"$XDG_CONFIG_HOME/belay/config.yaml"
BELAY_USE=s
export BELAY_USE
expect 0 "$BELAY" -c providers.s.url=http://127.0.0.1:2 config --show-origin
says "$XDG_CONFIG_HOME/belay/config.yaml:3	providers.s.kind=anthropic"
says '-c providers.s.url	providers.s.url=http://127.0.0.1:2'
says 'BELAY_USE	use=s'
says 'prices.m1.cached=3'
says 'default	color=auto'

finish
