#!/bin/sh
# belay init, and belay schema: draft-07 by a validator's word, no plan that belay accepts is refused by it, and what
# any editor can see to be wrong is. Needs python3 with jsonschema and yaml for the schema's part.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

mkdir "$scratch/repo"
cd "$scratch/repo"
git init -q . && git commit -q --allow-empty -m start
expect 0 "$BELAY" init
[ -s plan.yaml ] && [ -s belay-plan.schema.json ] || fail "init made no plan, or no schema"
head -n 1 plan.yaml | grep -q '^# yaml-language-server: \$schema=belay-plan.schema.json$' || fail "the plan does not name its schema"
expect 0 "$BELAY" check plan.yaml
[ "$(stat -c %a plan.yaml)" = "$(printf %o $((0666 & ~$(umask))))" ] || fail "the plan's mode is not the umask's"
echo mine >plan.yaml
cp belay-plan.schema.json "$scratch/schema.json"
expect 1 "$BELAY" init
[ "$(cat plan.yaml)" = mine ] || fail "init has replaced a plan"
ln -s nowhere.yaml link.yaml
expect 1 "$BELAY" init link.yaml
[ ! -e nowhere.yaml ] || fail "init has followed a link"
expect 2 "$BELAY" init no-folder/plan.yaml
echo mine >belay-plan.schema.json
expect 0 "$BELAY" init second.yaml
[ "$(cat belay-plan.schema.json)" = mine ] || fail "init has replaced a schema"
expect 0 "$BELAY" init --json third.yaml
tail -n 1 "$scratch/out" | grep -q '"type":"result","exit":0' || fail "init --json ends without a result"
expect 0 "$BELAY" run --yes=high second.yaml
[ -s docs/belay.md ] || fail "the plan to start from writes nothing"
expect 0 "$BELAY" undo --all --yes=high
[ ! -e docs ] || fail "its run is not taken back"
sed 's/^  # \(- id\|  [a-z]*:\)/  \1/' second.yaml >open.yaml
grep -q '^  - id: better' open.yaml || fail "what is commented out was not found"
expect 0 "$BELAY" check open.yaml

python3 -W ignore -c 'import jsonschema, yaml' 2>/dev/null || {
	finish
	echo 'python3-jsonschema or python3-yaml is not installed' >&2
	exit 77
}
expect 0 "$BELAY" schema
same "$scratch/out" "$scratch/schema.json" "init and schema give different schemas"
holds() {
	expect 0 python3 -W ignore "$SRC_DIR/tests/plan_schema.py" "$scratch/schema.json" "$@"
}
cp "$SRC_DIR/tests/corpus/plan/"*.yaml "$scratch"
rm "$scratch/bad.yaml"
# shellcheck disable=SC2046
holds good second.yaml open.yaml $(ls "$SRC_DIR"/plans/*.yaml "$SRC_DIR"/tests/plans/*.yaml "$scratch"/*.yaml)

# Wrong on its face: refused by both.
n=0
while IFS= read -r line; do
	n=$((n + 1))
	printf 'belay: 1\nsteps:\n  - %b\n' "$line" >"bad-$n.yaml"
	expect 2 "$BELAY" check "bad-$n.yaml"
done <<'END_OF_LIST'
id: a
id: a\n    wriet: x
id: a\n    write: x
id: a\n    write: x\n    content: a\n    prompt: b
id: a\n    write: x\n    content: a\n    read: b
id: a\n    write: [x]\n    content: a
id: a b\n    read: x
read: x
id: a\n    read: x\n    attempts: 0
id: a\n    read: x\n    attempts: [1]
id: a\n    read: x\n    risk: huge
id: a\n    read: {}
id: a\n    refactor: x\n    rewrite: { match: a }
id: a\n    refactor: x\n    rename: { from: a, to: b, using: luck }
id: a\n    run: [true]\n    env: [a]
id: a\n    read: x\n    each: { a: 1, b: 2 }
id: a\n    steps: x
id: a\n    steps: []\n    attempts: 3
id: a\n    read: x\n    model: { use: b, colour: red }
id: a\n    read: x\nlimits: { workers: 0 }
id: a\n    read: x\nchecks: { b: { errors: gcc } }
id: a\n    read: x\nchecks: { b: make }
id: a\n    read: x\npolicy: { rules: [{ run: x }] }
id: a\n    read: x\nvars: { a: { type: colour } }
id: a\n    read: x\nplan: more
END_OF_LIST
[ "$n" -ge 25 ] || fail "the list of bad plans was not read"
holds bad bad-*.yaml
printf 'steps: []\n' >bad-0.yaml
printf 'belay: 2\nsteps:\n  - id: a\n    read: x\n' >bad-1.yaml
printf -- '- belay: 1\n' >bad-2.yaml
holds bad bad-0.yaml bad-1.yaml bad-2.yaml

# The schema is never stricter than belay: each value of a whole plan replaced by a few others.
mkdir many
python3 - "$SRC_DIR/tests/plans/whole.yaml" many <<'END_OF_PYTHON'
import re, sys
text = open(sys.argv[1]).read().split("\n")
n = 0
for i, line in enumerate(text):
    found = re.match(r"^( *(?:- )?[a-z_]+: )(\S.*)$", line)
    if not found or found.group(2).startswith("|"):
        continue
    values = ("7", "true", "word", '"{{level}}"', "[a, 1]", "{ a: b }", "", "-1", "1.5", "[]")
    for value in (values[i % 10], values[(i + 3) % 10], values[(i + 6) % 10]):
        n += 1
        with open(f"{sys.argv[2]}/{n}.yaml", "w") as out:
            out.write("\n".join(text[:i] + [found.group(1) + value] + text[i + 1:]))
END_OF_PYTHON
# In one go: a plan that belay checks without a word is good.
"$BELAY" check many/*.yaml >"$scratch/findings" 2>/dev/null || :
ls many/*.yaml | sort >"$scratch/all"
cut -d: -f1 "$scratch/findings" | sort -u >"$scratch/refused"
comm -23 "$scratch/all" "$scratch/refused" >"$scratch/accepted"
[ "$(wc -l <"$scratch/accepted")" -gt 50 ] && [ "$(wc -l <"$scratch/refused")" -gt 50 ] || fail "the many plans prove nothing"
# shellcheck disable=SC2046
holds good $(cat "$scratch/accepted")
finish
