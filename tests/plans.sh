#!/bin/sh
# The sample plans, each on a small repository of C: they do what they say, and undo takes all of it back. The answers of
# the model are written by hand (plans-answers.jsonl), some of them wrong at first, so that a check has to refuse them.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
plans=$SRC_DIR/plans

new_repo() {
	rm -rf "$scratch/repo"
	mkdir -p "$scratch/repo/src"
	cd "$scratch/repo"
	printf '#include <stdio.h>\n#include <string.h>\n#include <stdio.h>\n\nint date_days(int year, int month)\n{\n\treturn year * 12 + month;\n}\n\nint old_name(int a, int b)\n{\n\tprintf("old_name %%d\\n", a);\n\treturn date_days(a, b) + (int)strlen("x");\n}\n' >src/big.c
	printf 'int add(int a, int b)\n{\n\treturn a + b;\n}\n' >src/add.c
	printf 'int warn(void)\n{\n\tint sum = 0;\n\tfor (int i = 0; i < 2; i++) {\n\t\tint i = 2;\n\t\tsum += i;\n\t}\n\treturn sum;\n}\n' >src/warn.c
	printf 'int old_name(int a, int b);\n\nint use(int a)\n{\n\treturn old_name(a, old_name(1, 2));\n}\n' >src/use.c
	printf '/* SPDX-License-Identifier: MIT */\nint licensed;\n' >src/licensed.c
	printf 'all:\n\tcc -std=c11 -fsyntax-only src/*.c\n' >Makefile
	git init -q && git add . && git commit -qm 'start' && git tag v1.0 && git commit -q --allow-empty -m 'add sums two numbers'
	tree_of . >"$scratch/before"
	git_state_of . >"$scratch/git-before"
}

# $1: the plan; the rest: its variables.
run() {
	plan=$1
	shift
	new_repo
	for var; do
		set -- "$@" --var "$var"
		shift
	done
	expect 0 "$BELAY" check "$plans/$plan.yaml"
	expect 0 "$BELAY" -c providers.sample.kind=recorded -c "providers.sample.file=$SRC_DIR/tests/plans-answers.jsonl" \
		-c 'use=[sample]' run --yes=high "$@" "$plans/$plan.yaml"
}

taken_back() {
	expect 0 "$BELAY" undo --all --yes=high
	tree_of . >"$scratch/after"
	same "$scratch/before" "$scratch/after" "$plan: undo does not give the first tree"
	git_state_of . >"$scratch/git-after"
	same "$scratch/git-before" "$scratch/git-after" "$plan: index, HEAD, refs, stash or configuration are not what they were"
}

holds() {
	sh -ec "$1" >/dev/null 2>&1 || fail "$plan: $1"
}

run rename-symbol from=old_name to=new_name
holds '! grep -w "old_name(" src/*.c && grep -qw "int new_name(int a" src/big.c && grep -q "new_name(a, new_name(1, 2))" src/use.c'
taken_back
run licence-header 'owner=2026 The "Authors"'
holds 'test "$(grep -l SPDX src/*.c | wc -l)" = 5 && grep -q "Copyright 2026 The \"Authors\"" src/add.c && ! grep -q Copyright src/licensed.c'
taken_back
run split-module file=src/big.c 'part=the counting of days' into=src/dates
holds 'cc -std=c11 -fsyntax-only src/*.c && test -s src/dates.h && ! grep -q "return year" src/big.c && grep -q "return year" src/dates.c'
taken_back
run raise-warnings flag=-Wshadow
holds 'cc -Wshadow -Werror -fsyntax-only src/warn.c'
[ "$("$BELAY" log --json @ | grep -c '"type":"prompt_sent"')" -eq 2 ] || fail "the wrong answer was not refused"
taken_back
run generate-tests file=src/add.c test=tests/test_add.c 'run=cc -o /tmp/x.$$ tests/test_add.c && /tmp/x.$$; s=$?; rm -f /tmp/x.$$; exit $s'
holds 'cc -o t tests/test_add.c && ./t && rm t'
taken_back
run release-notes since=v1.0 version=1.1
holds 'grep -q "^# 1.1" docs/releases/1.1.md && test ! -e docs/releases/log.txt'
"$BELAY" export @ -o json | grep -q 'add sums two numbers' || fail "the prompt does not have the log"
taken_back
run migrate-api 'old=old_name(:[a], :[b])' 'new=new_name(:[b], :[a])' build=true
holds 'grep -q "new_name(old_name(1, 2), a)" src/use.c && grep -q "\"old_name" src/big.c'
expect 0 "$BELAY" run --yes=high --var 'old=old_name(:[a], :[b])' --var 'new=new_name(:[b], :[a])' --var build=true "$plans/migrate-api.yaml"
holds 'grep -q "new_name(new_name(2, 1), a)" src/use.c'
expect 0 "$BELAY" undo --all --yes=high @
taken_back
run new-module module=line_queue 'about=A queue of lines.'
holds 'grep -q "^#ifndef LINE_QUEUE_H" src/line_queue.h && cc -o t src/line_queue.c src/test_line_queue.c && ./t && rm t'
taken_back
run tidy-includes
holds 'test "$(grep -c "#include <stdio.h>" src/big.c)" = 1 && grep -q "#include <string.h>" src/big.c'
taken_back
run audit 'pattern=\<(strcpy|gets)\('
taken_back
expect 1 "$BELAY" run --yes=high --var 'pattern=\<printf\(' "$plans/audit.yaml"
"$BELAY" log @ -o gnu | grep -q '^src/big.c:12:.*error: this pattern is not wanted here' || fail "audit does not say where the pattern is"
n=$(ls "$plans"/*.yaml | wc -l)
[ "$n" -ge 11 ] && [ "$(grep -c '^run ' "$SRC_DIR/tests/plans.sh")" -ge 10 ] || fail "there are $n plans, and not all of them are tried here"
finish
