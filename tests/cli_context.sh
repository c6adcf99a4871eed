#!/bin/sh
# `show --context`: what a step would send, against what a server gets when the step runs (tests/fake_chat, whose answers
# are written by hand); and what the prompt says of the rest of the repository.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
fake="${BUILD_DIR:-$PWD}/tests/fake_chat"
[ -x "$fake" ] || fake="$SRC_DIR/tests/fake_chat"
mkfifo "$scratch/hold"
mkdir -p "$scratch/repo/lib"
cd "$scratch/repo"

cat >main.c <<'END'
#include "lib/shape.h"

int main(void)
{
	return shape_area(3);
}
END
cat >lib/shape.h <<'END'
#ifndef SHAPE_H
#define SHAPE_H
#include "base.h"
struct shape { int side; };
int shape_area(int side);
#endif
END
echo 'int base_of_all(void);' >lib/base.h
printf '#include "shape.h"\nint shape_area(int side) { return side * side; }\nint unrelated_name(void) { return 0; }\n' >lib/shape.c
printf 'first words\n' >notes.txt
echo 'Use tabs.' >AGENTS.md
cat >plan.yaml <<'END'
belay: 1
vars: { what: { type: string, required: true } }
steps:
  - { id: note, write: notes.txt, content: "second words\n" }
  - { id: look, needs: [note], read: notes.txt }
  - { id: area, needs: [look], refactor: main.c, prompt: "Return {{what}}.", attempts: 1 }
  - { id: make, run: "true" }
END
git init -q && git add . && git commit -qm start

printf '%s\n' '{"chat": "main.c\n<<<<<<< SEARCH\n\treturn shape_area(3);\n=======\n\treturn 4;\n>>>>>>> REPLACE\n"}' >"$scratch/script"
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

says() {
	grep -qF -- "$1" "$scratch/out" || fail "'$1' is not in the prompt: $(cat "$scratch/out")"
}

# What is refused, and asks nothing.
belay 2 show --context area plan.yaml
belay 2 show --context make plan.yaml --var what=4
belay 2 show --context none plan.yaml --var what=4

belay 0 show --context area plan.yaml --var what=4
says 'Instruction: Return 4.'
says 'Use tabs.'
says 'first words'
says 'int shape_area(int side);'
says 'struct shape { int side; }'
says 'lib/shape.c: unrelated_name()'
says 'int base_of_all(void);'
git diff --quiet || fail "something was changed"

# What a needed step would have written by then is on disk now: the server gets the very bytes that were shown.
printf 'second words\n' >notes.txt
git commit -qam second
belay 0 show --json --context area plan.yaml --var what=4
cp "$scratch/out" "$scratch/shown"
belay 0 run --plain --yes --cache off --var what=4 plan.yaml
exec 8>&-
wait "$server" || true
[ "$(grep -c '^POST ' "$scratch/requests")" -eq 1 ] || fail "showing a question has sent one"
python3 - "$scratch/shown" "$scratch/requests" <<'END' || fail "the server got something else than what was shown"
import json, sys
shown = json.loads(open(sys.argv[1]).readline())
assert shown["type"] == "question" and "second words" in shown["user"]
assert shown["body"].encode() in open(sys.argv[2], "rb").read(), shown["body"]
END
grep -q 'return 4' main.c || fail "the answer did not land"

# A small window drops the map first and says so; the target stays.
git checkout -q main.c
belay 0 -c providers.s.context=4560 show --context area plan.yaml --var what=4
says 'return shape_area(3);'
grep -qF 'no room in the prompt for the map' "$scratch/err" || fail "what was dropped was not said: $(cat "$scratch/err")"

# What a step beside this one may write meanwhile is not told of; what a needed one wrote is.
cat >beside.yaml <<'END'
belay: 1
steps:
  - { id: shape, write: lib/shape.c, content: "int shape_area(int side);\n" }
  - { id: area, refactor: main.c, prompt: Return 4. }
  - { id: later, needs: [shape], refactor: main.c, prompt: Return 5. }
END
belay 0 show --context area beside.yaml
says 'int shape_area(int side);'
! grep -qF 'lib/shape.c' "$scratch/out" || fail "a file that another step may write meanwhile is on the map"
belay 0 show --context later beside.yaml
says 'lib/shape.c: unrelated_name()'
rm beside.yaml

# The kept index may go at any time.
find "$XDG_CACHE_HOME/belay/index" -type f -exec sh -c 'printf x >"$1"' sh {} \;
belay 0 show --context area plan.yaml --var what=4
says 'int shape_area(int side);'
rm -rf "$XDG_CACHE_HOME/belay/index"
belay 0 show --context area plan.yaml --var what=4
says 'int shape_area(int side);'
finish
