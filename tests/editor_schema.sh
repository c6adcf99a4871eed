#!/bin/sh
# The schema in an editor: yaml-language-server finds the modeline, tells of a wrong key, completes the verbs and explains them;
# and ajv, another validator, takes the schema as strict draft-07. Both come from npm:
#
#     npm install --prefix DIR yaml-language-server ajv-cli
#     NPM_FOLDER=DIR make check TESTS=tests/editor_schema.sh
#
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
[ -z "${NPM_FOLDER:-}" ] || PATH=$NPM_FOLDER/node_modules/.bin:$PATH
command -v node >/dev/null && command -v yaml-language-server >/dev/null || {
	echo 'yaml-language-server is not installed' >&2
	exit 77
}
mkdir "$scratch/repo"
cd "$scratch/repo"
git init -q . && git commit -q --allow-empty -m start
expect 0 "$BELAY" init
expect 0 timeout 120 node "$SRC_DIR/tests/editor_schema.js" "$(command -v yaml-language-server)" "$PWD"
grep -q '^good: $' "$scratch/out" || fail "a good plan is found fault with: $(grep '^good:' "$scratch/out")"
grep -q '^bad:6: Property limitz is not allowed' "$scratch/out" || fail "a wrong key is not told of"
for verb in read write refactor scaffold test run delete validate ask; do
	grep -q "^complete:.* $verb\( \|$\)" "$scratch/out" || fail "'$verb' is not completed"
done
grep -q '^hover:.*Creates or replaces a file' "$scratch/out" || fail "a verb is not explained"
if command -v ajv >/dev/null; then
	expect 0 ajv validate --spec=draft7 --strict=false -s belay-plan.schema.json -d plan.yaml
	expect 1 ajv validate --spec=draft7 --strict=false -s belay-plan.schema.json -d bad.yaml
	expect 0 ajv compile --spec=draft7 --strict-schema=true -s belay-plan.schema.json
fi
finish
