#!/bin/bash
# Bad plans and bad targets through the real program. Each error of a plan is told with its place by check, run and show,
# exit 2; what a run meets is told and is exit 1; and the tree is as it was.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
mkdir "$scratch/repo"
cd "$scratch/repo"
printf 'one\ntwo\n' >a.txt
git init -q
git add .
git commit -qm start
tree_of . >"$scratch/before"
plan=$scratch/p.yaml

unchanged() {
	tree_of . >"$scratch/now"
	same "$scratch/before" "$scratch/now" "the tree has changed: $1"
}

# $1: the place and a piece of the message; $2: the plan, as printf's format.
bad() {
	# shellcheck disable=SC2059
	printf "$2" >"$plan"
	for verb in check run show; do
		expect 2 "$BELAY" $verb "$plan"
		grep -qF "p.yaml:${1%%|*}: error: " "$scratch/out" "$scratch/err" && grep -qF -- "${1#*|}" "$scratch/out" "$scratch/err" || {
			fail "$verb does not say '$1' of: $2"
			cat "$scratch/out" "$scratch/err" >&2
		}
	done
	unchanged "$2"
}
S='belay: 1\nsteps:\n'

bad "3:13|unknown key 'wriet' in a step; did you mean 'write'?" "$S  - {id: a, wriet: x}\n"
bad "3:35|did you mean 'content'?" "$S  - {id: a, write: x, content: y, contnet: z}\n"
bad "3:23|duplicate key 'write'" "$S  - {id: a, write: x, write: y, content: y}\n"
bad "4:5|anchors and aliases are not allowed" "$S  - &k {id: a, write: x, content: y}\n  - *k\n"
bad "3:20|control character" "$S  - {id: a, write: \"a\\\\x01b\", content: y}\n"
bad "3:18|NUL character" "$S  - {id: a, run: \"a\\\\0b\"}\n"
bad "3:20|leaves the repository" "$S  - {id: a, write: ../x, content: y}\n"
bad "3:20|leaves the repository" "$S  - {id: a, write: 'b\\\\..\\\\..\\\\x', content: y}\n"
bad "3:20|is absolute" "$S  - {id: a, write: /etc/x, content: y}\n"
for git in .git/x .GIT/x 'b/.git/x' 'b\\\\.git\\\\x' 'git~1/x' '.git./x' '.git /x' '.gitmodules'; do
	bad "3:20|belongs to git" "$S  - {id: a, write: '$git', content: y}\n"
done
bad "3:13|the step has two verbs" "$S  - {id: a, write: x, read: y}\n"
bad "3:5|the step has no verb" "$S  - {id: a}\n"
bad "3:5|has no 'id'" "$S  - {write: x, content: y}\n"
bad "4:10|the id 'a' stands at line 3 already" "$S  - {id: a, write: x, content: y}\n  - {id: a, write: z, content: y}\n"
bad "3:43|there is no step 'b'" "$S  - {id: a, write: x, content: y, needs: [b]}\n"
bad "3:43|the needs form a cycle: a -> a" "$S  - {id: a, write: x, content: y, needs: [a]}\n"
bad "3:43|a -> b -> a; expected none: take 'b' out of what 'a' needs" "$S  - {id: a, write: x, content: y, needs: [b]}\n  - {id: b, write: z, content: y, needs: [a]}\n"
bad "3:22|the plan includes itself" "$S  - {id: a, include: p.yaml}\n"
bad "3:22|nowhere.yaml': No such file" "$S  - {id: a, include: nowhere.yaml}\n"
bad "3:13|expected 'content', 'from' or 'prompt'" "$S  - {id: a, write: x}\n"
bad "3:35|'content' and 'from' exclude each other" "$S  - {id: a, write: x, content: y, from: z}\n"
bad "3:45|'attempts' is '0'" "$S  - {id: a, write: x, content: y, attempts: 0}\n"
bad "3:30|'timeout' is '5x'" "$S  - {id: a, run: x, timeout: 5x}\n"
bad "3:30|'on_fail' is 'maybe'" "$S  - {id: a, run: x, on_fail: maybe}\n"
bad "3:27|'when' is 'never'" "$S  - {id: a, run: x, when: never}\n"
bad "3:27|'risk' is 'huge'" "$S  - {id: a, run: x, risk: huge}\n"
bad "3:30|'network' is 'yes'; expected true or false" "$S  - {id: a, run: x, network: yes}\n"
bad "3:18|'run' is an empty list" "$S  - {id: a, run: []}\n"
bad "1:8|version 2 of the format" "belay: 2\nsteps: []\n"
bad "1:1|no 'belay'" "steps:\n  - {id: a, read: x}\n"
bad "1:1|no 'steps'" "belay: 1\n"
bad "2:8|'steps' is empty" "belay: 1\nsteps: []\n"
bad "1:1|a plan is a mapping" "[1,2]\n"
bad "2:1|not YAML" "a: [1,\n"
bad "2:27|'each' lists 0 values" "belay: 1\nsteps: [{id: a, each: {n: []}, run: x}]\n"
bad "2:27|'each' lists 501 values; expected 1 to 500" "belay: 1\nsteps: [{id: a, each: {n: [$(seq -s, 501)]}, run: x}]\n"
bad "2:11|the variable 'a' is 'x'; expected a whole number" "belay: 1\nvars: {a: {type: int, default: x}}\nsteps: [{id: a, run: x}]\n"
bad "2:24|there is no variable 'nope'" "belay: 1\nsteps: [{id: a, write: '{{nope}}', content: x}]\n"
bad "2:9|a hole is ':[name]'" "belay: 1\nsteps: [{id: a, refactor: a.txt, rewrite: {match: 'f(:[x', replace: ':[y]'}}]\n"

# The limits of a file. Deep nesting and great size must not cost time either: belay says no and is done.
bad "1:1|" "$(printf 'a%.0s' $(seq 300))\n"
printf 'belay: 1\nx: %s\n' "$(printf '[%.0s' $(seq 200000))" >"$plan"
expect 2 timeout 5 "$BELAY" check "$plan"
grep -q 'error: ' "$scratch/out" || fail "nothing is said of 200,000 open brackets"
{ printf 'belay: 1\nsteps:\n' && for i in $(seq 4000); do echo "  - {id: s$i, run: x}"; done; } >"$plan"
expect 2 "$BELAY" check "$plan"
grep -q '10,\?000' "$scratch/out" || fail "the limit of events is not told"

# All at once, each with its place.
printf 'belay: 1\nmodel: {temperature: hot}\nlimits: {workers: -1, seconds: 1h}\npolicy: {confirm: sometimes}\nsteps: [{id: a, x: 1, read: x}]\n' >"$plan"
expect 2 "$BELAY" check "$plan"
[ "$(grep -c '^.*p.yaml:[0-9]*:[0-9]*: error: ' "$scratch/out")" -eq 5 ] || fail "five errors are not told as five"

# What only a run can meet. $1: what is said; $2: the step.
meets() {
	# shellcheck disable=SC2059
	printf "$S$2" >"$plan"
	expect 0 "$BELAY" check "$plan"
	expect 1 "$BELAY" run --plain --yes=high "$plan"
	grep -qF -- "$1" "$scratch/err" || {
		fail "nothing says '$1' of: $2"
		tail -n 5 "$scratch/err" >&2
	}
	unchanged "$2"
}
ln -s a.txt in.txt
ln -s /etc/passwd out.txt
ln -s nowhere dangling.txt
ln -s .. up
mkdir folder
printf 'a\0b' >bin.dat
mkfifo pipe
tree_of . >"$scratch/before"
R="rewrite: {match: one, replace: two}"
for name in CON d/aux.c 'x.' 'com1.txt' 'a:b' 'nul'; do
	meets "access: path '$name' has a" "  - {id: a, write: '$name', content: y}\n"
done
meets "'missing.txt' is not there" "  - {id: a, refactor: missing.txt, $R}\n"
meets "'out.txt' is a symbolic link, and is not edited" "  - {id: a, refactor: out.txt, $R}\n"
meets "'in.txt' is a symbolic link, and is not edited" "  - {id: a, refactor: in.txt, $R}\n"
meets "'dangling.txt' is a symbolic link" "  - {id: a, refactor: dangling.txt, $R}\n"
meets "'bin.dat' is no text, and is not edited" "  - {id: a, refactor: bin.dat, $R}\n"
meets "2 of them cannot be edited: 'bin.dat' is no text" "  - {id: a, refactor: ['*.dat', 'out.*', 'a.*'], rewrite: {match: absent, replace: two}}\n"
meets "'pipe' is not a regular file" "  - {id: a, refactor: pipe, $R}\n"
meets "'folder' is a folder" "  - {id: a, write: folder, content: y}\n"
meets "leads through a symbolic link" "  - {id: a, write: up/new.txt, content: y}\n"
meets "Not a directory" "  - {id: a, write: a.txt/new.txt, content: y}\n"
meets "'a.txt' exists already" "  - {id: a, write: a.txt, content: y, exists: fail}\n"
meets "'nowhere.txt' is no file that can be copied" "  - {id: a, write: b.txt, from: nowhere.txt}\n"
meets "nothing matches 'nothing-*.txt" "  - {id: a, delete: 'nothing-*.txt'}\n"
meets "cannot find the program 'absent-program'" "  - {id: a, run: [absent-program]}\n"
if [ "$(id -u)" -ne 0 ]; then
	chmod a-w a.txt folder
	tree_of . >"$scratch/before"
	meets "a.txt" "  - {id: a, refactor: a.txt, $R}\n"
	meets "folder/new.txt" "  - {id: a, write: folder/new.txt, content: y}\n"
	chmod u+w a.txt folder
fi
finish
