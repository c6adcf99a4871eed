#!/bin/sh
# A plan that somebody else wrote, or may change, runs only once trusted, by its content and path; so does the repository's
# own configuration.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

mkdir "$scratch/repo" && cd "$scratch/repo"
git init -q && git commit -q --allow-empty -m start
printf 'belay: 1\nsteps:\n  - { id: a, write: a.txt, content: one }\n' >own.yaml
cp own.yaml foreign.yaml
chmod o+w foreign.yaml
expect 0 "$BELAY" run --plain --yes=high own.yaml
expect 0 "$BELAY" undo
expect 7 "$BELAY" run --plain --yes=high foreign.yaml
grep -q "everybody may write" "$scratch/err" || fail "why a plan is not trusted is not said"
[ ! -e a.txt ] || fail "a plan that is not trusted ran"
expect 7 "$BELAY" run --json --yes=high foreign.yaml
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":7' || fail "--json does not end with the result"
expect 0 "$BELAY" run --plain --yes=high --trust foreign.yaml
expect 0 "$BELAY" undo
expect 7 "$BELAY" run --plain --yes=high foreign.yaml
expect 0 "$BELAY" trust foreign.yaml
expect 0 "$BELAY" run --plain --yes=high ./foreign.yaml
expect 0 "$BELAY" undo
cp -p foreign.yaml elsewhere.yaml
expect 7 "$BELAY" run --plain --yes=high elsewhere.yaml
echo '# more' >>foreign.yaml
expect 7 "$BELAY" run --plain --yes=high foreign.yaml
mkdir part
mv own.yaml part/own.yaml
printf 'belay: 1\nsteps:\n  - { id: g, include: part/own.yaml }\n' >outer.yaml
if "$BELAY" check outer.yaml >"$scratch/out" 2>&1; then
	expect 0 "$BELAY" run --plain --yes=high outer.yaml
	expect 0 "$BELAY" undo
	chmod o+w part/own.yaml
	expect 7 "$BELAY" run --plain --yes=high outer.yaml
else
	fail "the plan with a part is not valid: $(cat "$scratch/out")"
fi
if [ "$(id -u)" -eq 0 ]; then
	chmod o-w foreign.yaml && chown 12345 foreign.yaml
	expect 7 "$BELAY" run --plain --yes=high foreign.yaml
	grep -q "another user" "$scratch/err" || fail "another's plan is not told as such"
fi

mkdir .belay
printf 'providers:\n  theirs: { kind: openai-chat, url: "http://127.0.0.1:1/v1" }\n' >.belay/config.yaml
expect 0 "$BELAY" config
grep -q theirs "$scratch/out" && fail "the repository's configuration counts before it is trusted"
expect 0 "$BELAY" trust .belay/config.yaml
expect 0 "$BELAY" config
grep -q theirs "$scratch/out" || fail "the repository's configuration does not count although it is trusted"
echo 'color: never' >>.belay/config.yaml
expect 0 "$BELAY" config
grep -q theirs "$scratch/out" && fail "a changed configuration of the repository is still trusted"
expect 2 "$BELAY" trust nothing.yaml
finish
