#!/bin/sh
# Findings of `check` and `log` for other programs: SARIF as its schema has it, JUnit's XML, GitHub's commands.
. "$(dirname "$0")/e2e.sh"
command -v python3 >/dev/null 2>&1 || exit 77

# The shape of SARIF 2.1.0, as far as it is used: required members, no others, types and ranges.
cat >"$scratch/sarif.py" <<'EOF'
import json, re, sys

SHAPE = {
    "log": {"$schema": str, "version": str, "runs": ["run"]},
    "run": {"tool": "tool", "columnKind": str, "results": ["result"]},
    "tool": {"driver": "driver"},
    "driver": {"name": str, "version": str},
    "result": {"ruleId": str, "level": str, "message": "message", "locations": ["location"]},
    "message": {"text": str},
    "location": {"physicalLocation": "physical"},
    "physical": {"artifactLocation": "artifact", "region": "region"},
    "artifact": {"uri": str},
    "region": {"startLine": int, "startColumn": int},
}
OPTIONAL = {"region", "startColumn"}

def check(value, shape, at):
    if isinstance(shape, list):
        assert isinstance(value, list), at
        for i, item in enumerate(value):
            check(item, shape[0], f"{at}[{i}]")
    elif isinstance(shape, str):
        assert isinstance(value, dict), at
        for key in value:
            assert key in SHAPE[shape], f"{at}.{key} is no member of {shape}"
        for key, inner in SHAPE[shape].items():
            assert key in value or key in OPTIONAL, f"{at}.{key} is missing"
            if key in value:
                check(value[key], inner, f"{at}.{key}")
    else:
        assert type(value) is shape, at
        if shape is int:
            assert value >= 1, at

log = json.load(open(sys.argv[1]))
check(log, "log", "")
assert log["version"] == "2.1.0"
for result in log["runs"][0]["results"]:
    assert result["level"] in ("none", "note", "warning", "error")
    for place in result["locations"]:
        assert re.fullmatch(r"[A-Za-z0-9/._~%-]+", place["physicalLocation"]["artifactLocation"]["uri"])
print(len(log["runs"][0]["results"]))
EOF
results() {
	python3 "$scratch/sarif.py" "$scratch/out" || fail "no SARIF: $(cat "$scratch/out")"
}
is_xml() {
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$scratch/out" || fail "no XML: $(cat "$scratch/out")"
}

mkdir "$scratch/tree"
cd "$scratch/tree"
git init -q
printf 'x\n' >x.txt
git add .
git commit -qm start
printf 'belay: 1\nsteps:\n  - { id: a, wriet: x, content: "<&>" }\n  - { id: a, run: "true" }\n' >'bad: one,2.yaml'
printf 'belay: 1\nsteps:\n  - { id: a, run: "true" }\n' >good.yaml

expect 2 "$BELAY" check -o sarif 'bad: one,2.yaml' good.yaml
[ "$(results)" -ge 2 ] || fail "not all findings are in the SARIF"
grep -q '"uri":"bad%3A%20one%2C2.yaml"' "$scratch/out" || fail "the path is no reference"
expect 2 "$BELAY" check -o junit 'bad: one,2.yaml' good.yaml
is_xml
grep -q 'tests="2" failures="1"' "$scratch/out" || fail "the cases are not counted: $(cat "$scratch/out")"
expect 2 "$BELAY" check -o github 'bad: one,2.yaml'
grep -q '^::error file=bad%3A one%2C2.yaml,line=3,col=' "$scratch/out" || fail "no command: $(cat "$scratch/out")"
expect 2 "$BELAY" check -o gnu 'bad: one,2.yaml'
grep -q '^bad: one,2.yaml:3:[0-9]*: error: ' "$scratch/out" || fail "no GNU line"
expect 0 "$BELAY" check -o sarif good.yaml
[ "$(results)" = 0 ] || fail "a good plan has findings"
expect 2 "$BELAY" check -o yaml good.yaml

cat >run.yaml <<'EOF'
belay: 1
checks:
  lint: { run: "printf 'x.txt:1:2: error: 100%% <wrong>\nx.txt:1: warning: odd\n'; exit 1", errors: gnu }
steps:
  - { id: look, validate: [lint] }
EOF
expect 1 "$BELAY" run --yes=high run.yaml
expect 0 "$BELAY" log -o sarif
[ "$(results)" = 3 ] || fail "not what the run found: $(cat "$scratch/out")"
expect 0 "$BELAY" log -o github
grep -qx '::error file=x.txt,line=1,col=2,title=lint::100%25 <wrong>' "$scratch/out" || fail "no command: $(cat "$scratch/out")"
expect 0 "$BELAY" log -o junit
is_xml
expect 0 "$BELAY" log -o gnu
grep -q '^x.txt:1:2: error: 100% <wrong>' "$scratch/out" || fail "no GNU line"
finish
