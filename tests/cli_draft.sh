#!/bin/sh
# `draft`: a plan by a model (tests/fake_chat, whose answers are written by hand): checked, put right by the findings, saved
# once, never run.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
fake="${BUILD_DIR:-$PWD}/tests/fake_chat"
[ -x "$fake" ] || fake="$SRC_DIR/tests/fake_chat"
mkfifo "$scratch/hold"
mkdir -p "$scratch/repo"
cd "$scratch/repo"
printf 'int shape_area(int side)\n{\n\treturn side * side;\n}\n' >shape.c
echo 'Use tabs.' >AGENTS.md
git init -q && git add . && git commit -qm start
tree_of . >"$scratch/start"

cat >"$scratch/script" <<'END'
{"expect": "areas of circles", "chat": "Here it is:\n```yaml\nbelay: 1\nsteps:\n  - id: a\n    refactr: shape.c\n    prompt: Add circles.\n```\n"}
{"expect": "did you mean 'refactor'", "chat": "```yaml\nbelay: 1\nsteps:\n  - id: a\n    refactor: shape.c\n    prompt: Add circles.\n  - { id: b, needs: [a], run: make }\n```\n"}
{"expect": "nothing good", "repeat": true, "chat": "I cannot do that."}
END
"$fake" "$scratch/script" --log "$scratch/requests" <"$scratch/hold" >"$scratch/url" 8>&- &
server=$!
exec 8>"$scratch/hold"
trap 'exec 8>&-; rm -rf "$scratch"' EXIT
while [ ! -s "$scratch/url" ]; do
	kill -0 "$server"
done
url=$(cat "$scratch/url")

belay() {
	wanted=$1
	shift
	expect "$wanted" "$BELAY" -c providers.s.kind=openai-chat -c "providers.s.url=$url" -c providers.s.model=m1 "$@"
}

belay 0 draft "Compute the areas of circles, too"
grep -q '^    refactor: shape.c' "$scratch/out" || fail "the plan is not on stdout: $(cat "$scratch/out")"
grep -qF 'attempt 1: 1 error in the plan; asking again' "$scratch/err" || fail "the first attempt's end was not said"
grep -qF 'a  refactor shape.c  risk low' "$scratch/err" || fail "the steps' risks are not shown"
grep -qF 'b  run make  risk medium  after a' "$scratch/err" || fail "the tree is not shown"
tree_of . >"$scratch/now"
same "$scratch/start" "$scratch/now" "a draft changed the tree"

# The answer that was good is kept for the same goal, and saved once.
belay 0 draft --cache only "Compute the areas of circles, too" -o new.yaml
expect 0 "$BELAY" check new.yaml
belay 1 draft --cache only "Compute the areas of circles, too" -o new.yaml
rm new.yaml

# What cannot be saved is known before a model is asked.
ln -s nowhere link.yaml
belay 1 draft "nothing good" -o link.yaml
grep -q 'attempt 1' "$scratch/err" && fail "a model was asked for what cannot be saved as a link's name"
rm link.yaml
belay 2 draft "nothing good" -o no/folder.yaml
grep -q 'attempt 1' "$scratch/err" && fail "a model was asked for what cannot be saved in no folder"

# A model that goes in circles is given up, and nothing is saved.
belay 1 draft "nothing good" -o bad.yaml
grep -qF 'the same was wrong again' "$scratch/err" || fail "no reason: $(cat "$scratch/err")"
[ ! -e bad.yaml ] || fail "a plan that cannot be used was saved"
belay 2 draft " "

exec 8>&-
wait "$server" || true
grep -qF 'shape_area()' "$scratch/requests" || fail "the model has not seen the map"
grep -qF 'Use tabs.' "$scratch/requests" || fail "the model has not seen the project's rules"
finish
