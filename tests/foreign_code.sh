#!/bin/sh
# The shipped plans on other people's code: a C library and a Python package from Debian's source archive, a TypeScript
# library from npm. What a plan leaves is built and tested by that code's own build and tests, and undo gives the first tree.
# It fetches them, so it runs only when asked: BELAY_FETCH=1 make check TESTS=tests/foreign_code.sh. What cannot be had is
# left out, which is said; BELAY_FETCH_DIR keeps what was fetched.
. "$(dirname "$0")/e2e.sh"
[ -n "${BELAY_FETCH:-}" ] || { echo "set BELAY_FETCH=1 to fetch other people's code" >&2; exit 77; }
plans=$SRC_DIR/plans
store=${BELAY_FETCH_DIR:-$scratch/fetched}
mkdir -p "$store"
n_done=0

# Debian's source, with apt's own lists in a folder of ours: nothing of the system changes, nobody need be root.
apt() {
	mkdir -p "$store/apt/parts" "$store/apt/lists/partial" "$store/apt/cache/archives/partial"
	for list in /etc/apt/sources.list.d/*.sources; do
		[ -e "$list" ] && sed 's/^Types: *deb$/Types: deb-src/' "$list" >"$store/apt/parts/$(basename "$list")"
	done
	[ -e /etc/apt/sources.list ] && sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$store/apt/parts/main.list"
	apt-get -q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$store/apt/parts" \
		-o "Dir::State::lists=$store/apt/lists" -o "Dir::Cache=$store/apt/cache" "$@" >"$scratch/apt.log" 2>&1
}
debian() {
	ls "$store/$1"_*.orig.tar.* >/dev/null 2>&1 && return
	command -v apt-get >/dev/null 2>&1 || return 1
	[ -n "$(ls "$store/apt/lists"/*Sources* 2>/dev/null)" ] || apt update || return 1
	(cd "$store" && apt source --download-only "$1")
}
repository() {
	git -C "$1" init -q
	git -C "$1" add -A
	git -C "$1" commit -qm start
	cd "$1"
	tree_of . >"$scratch/before"
	git_state_of . >"$scratch/git-before"
}
run() {
	plan=$1
	shift
	for var; do
		set -- "$@" --var "$var"
		shift
	done
	expect 0 "$BELAY" -c providers.sample.kind=recorded -c "providers.sample.file=$scratch/answers.jsonl" -c 'use=[sample]' \
		run --plain --yes=high "$@" "$plan"
}
holds() {
	sh -ec "$1" >"$scratch/log" 2>&1 || fail "$1: $(tail -n 5 "$scratch/log")"
}
# All runs since the repository was made, the newest first.
taken_back() {
	"$BELAY" runs | awk '$3 == "run" { print $1 }' >"$scratch/runs"
	while read -r id; do
		expect 0 "$BELAY" undo --all --yes=high "$id"
	done <"$scratch/runs"
	tree_of . >"$scratch/now"
	same "$scratch/before" "$scratch/now" "undo does not give the first tree"
	git_state_of . >"$scratch/git-now"
	same "$scratch/git-before" "$scratch/git-now" "something of git has changed"
	n_done=$((n_done + 1))
}

# Written by hand.
cat >"$scratch/answers.jsonl" <<'EOF'
{"step": "cases", "attempt": 1, "text": "test_more_recipes.py\n````python\nimport unittest\n\nfrom toolz.recipes import countby, partitionby\n\n\nclass Recipes(unittest.TestCase):\n    def test_counts(self):\n        self.assertEqual(countby(len, ['a', 'bb', 'c']), {1: 2, 2: 1})\n        self.assertEqual(countby(len, []), {})\n\n    def test_partitions(self):\n        self.assertEqual(list(partitionby(bool, [1, 1, 0])), [(1, 1), (0,)])\n\n\nif __name__ == '__main__':\n    unittest.main()\n````\n", "origin": "written by hand"}
EOF

c_library() {
	debian cjson || { echo "left out: cJSON cannot be fetched" >&2; return; }
	mkdir "$scratch/c"
	tar -xf "$(ls "$store"/cjson_*.orig.tar.gz)" --strip-components=1 -C "$scratch/c"
	[ -e "$scratch/c/cJSON.c" ] || mv "$scratch/c"/*/* "$scratch/c"
	repository "$scratch/c"
	# shellcheck disable=SC2016
	own='make test && cd tests && for t in print_value print_object misc_tests compare_tests; do cc -I.. -Iunity/src $t.c unity/src/unity.c -lm -o /tmp/$t && /tmp/$t || exit 1; done'
	run "$plans/rename-symbol.yaml" from=cJSON_GetArraySize to=cJSON_CountItems "build=$own"
	holds '! grep -rqw cJSON_GetArraySize --include=*.[ch] . && grep -qw cJSON_CountItems cJSON.h'
	run "$plans/migrate-api.yaml" 'old=print_value(:[item], :[buffer])' 'new=print_value(:[buffer], :[item])' "build=$own"
	holds 'grep -q "print_value(&p, item)" cJSON.c && grep -q "print_value(&buffer, item)" tests/print_value.c'
	run "$plans/new-module.yaml" module=json_stats 'about=Counts what a document holds.' into=extra
	holds 'cc extra/json_stats.c extra/test_json_stats.c -o t && ./t && rm t'
	holds "$own"
	holds 'git clean -qfdX; rm -f cJSON_test'
	taken_back
}

python_package() {
	command -v python3 >/dev/null 2>&1 && debian toolz || { echo "left out: toolz cannot be fetched" >&2; return; }
	mkdir "$scratch/python"
	tar -xf "$(ls "$store"/toolz_*.orig.tar.gz)" --strip-components=1 -C "$scratch/python"
	repository "$scratch/python"
	own='python3 -B -c "
import importlib
for module in (\"itertoolz\", \"recipes\", \"dicttoolz\"):
    for name, case in list(vars(importlib.import_module(\"toolz.tests.test_\" + module)).items()):
        if name.startswith(\"test_\") and callable(case):
            case()
"'
	run "$plans/rename-symbol.yaml" 'files=**/*.py' from=raises to=does_raise "build=$own"
	holds '! grep -rqw "import raises" --include=*.py toolz && grep -q "def does_raise" toolz/utils.py'
	run "$plans/migrate-api.yaml" 'files=**/*.py' 'old=sliding_window(:[n], :[seq])' 'new=sliding_window(:[seq], :[n])' \
		"build=$own"
	holds 'grep -q "def sliding_window(seq, n)" toolz/itertoolz.py'
	run "$plans/generate-tests.yaml" file=toolz/recipes.py test=test_more_recipes.py \
		'run=python3 -B -m unittest test_more_recipes'
	grep -q 'fail when the code under test is broken' "$scratch/err" || fail "the new tests were not proven"
	holds "$own"
	taken_back
}

typescript_library() {
	command -v npm >/dev/null 2>&1 || { echo "left out: there is no npm" >&2; return; }
	if [ ! -d "$store/typescript/node_modules/typescript" ]; then
		mkdir -p "$store/typescript"
		(cd "$store/typescript" && npm install --no-audit --no-fund --silent immer@10.1.1 typescript@5.4 \
			typescript-language-server@4) >/dev/null 2>&1 || { echo "left out: npm cannot fetch immer" >&2; return; }
	fi
	mkdir "$scratch/ts"
	cp -r "$store/typescript/node_modules" "$store/typescript/node_modules/immer/src" "$scratch/ts"
	printf 'node_modules\n' >"$scratch/ts/.gitignore"
	printf 'declare const process: any\n' >"$scratch/ts/src/env.d.ts"
	printf '%s\n' '{"compilerOptions": {"target": "ES2020", "module": "ESNext", "moduleResolution": "Bundler", "strict": true,' \
		'"noEmit": true, "types": [], "skipLibCheck": true}, "include": ["src"]}' >"$scratch/ts/tsconfig.json"
	repository "$scratch/ts"
	own='node_modules/.bin/tsc -p .'
	run "$plans/rename-symbol.yaml" 'files=src/**/*.ts' from=isDraftable to=canBeDrafted "build=$own"
	holds '! grep -rqw isDraftable src'
	run "$plans/migrate-api.yaml" 'files=src/**/*.ts' 'old=shallowCopy(:[base], :[strict])' 'new=shallowCopy(:[strict], :[base])' "build=$own"
	holds 'grep -q "function shallowCopy(strict: StrictMode, base: any)" src/utils/common.ts'
	printf '%s\n' 'belay: 1' 'steps:' \
		'  - { id: name, refactor: "src/**/*.ts", rename: { from: shallowCopy, to: copyShallow, using: lsp }, timeout: 300s }' \
		'  - { id: look, needs: [name], validate: [], lsp: true, timeout: 300s }' >"$scratch/server.yaml"
	PATH=$PWD/node_modules/.bin:$PATH run "$scratch/server.yaml"
	grep -q 'renamed by typescript-language-server' "$scratch/err" || fail "the server did not rename"
	holds '! grep -rqw shallowCopy src'
	holds "$own"
	taken_back
}

c_library
python_package
typescript_library
[ "$n_done" -gt 0 ] || { [ "$n_failed" -eq 0 ] && { echo "nothing could be fetched" >&2; exit 77; }; }
finish
