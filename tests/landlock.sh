#!/bin/sh
# Commands where there is no bubblewrap (a container, a chroot): Landlock keeps them in the tree. A command that says that
# it writes below a folder is kept out of .git, too; another one is not, and that is told, and a high risk.
. "$(dirname "$0")/e2e.sh"
mkdir "$scratch/bin"
IFS=:
for folder in $PATH; do
	ln -s "$folder"/* "$scratch/bin/" 2>/dev/null || true
done
unset IFS
rm -f "$scratch/bin/bwrap"
PATH=$scratch/bin
mkdir -p "$scratch/repo/out"
cd "$scratch/repo"
cat >plan.yaml <<'END_PLAN'
belay: 1
steps:
  - { id: beside, run: "echo made > made.txt && mkdir -p new && echo deep > new/deep.txt" }
END_PLAN
cat >below.yaml <<'END_PLAN'
belay: 1
steps:
  - { id: below, run: "echo x > out/x.txt; ! echo bad > .git/hooks/pre-commit && ! echo bad > beside.txt", writes: ["out/**"] }
END_PLAN
cat >outside.yaml <<'END_PLAN'
belay: 1
steps:
  - { id: outside, run: "! echo bad > ../outside.txt && ! echo bad > /var/tmp/belay-outside.txt" }
END_PLAN
git init -q
git add .
git commit -qm start
"$BELAY" doctor >"$scratch/doctor" || true
grep -q 'sandbox *landlock' "$scratch/doctor" || exit 77
tree_of . >"$scratch/before"

expect 7 "$BELAY" run --plain --yes plan.yaml
grep -q 'cannot keep it out of .git' "$scratch/err" || fail "nothing says that the command can reach into .git"
expect 0 "$BELAY" run --plain --yes=high plan.yaml
[ "$(cat made.txt)" = made ] || fail "a command cannot make a file in the root"
expect 0 "$BELAY" undo --all
tree_of . >"$scratch/now"
same "$scratch/before" "$scratch/now" "undo of a command under Landlock"
expect 0 "$BELAY" run --plain --yes below.yaml
[ -e out/x.txt ] || fail "a command cannot write below the folder that it declares"
[ ! -e .git/hooks/pre-commit ] || fail "a command that declares its writes reached into .git"
expect 0 "$BELAY" run --plain --yes=high outside.yaml
[ ! -e ../outside.txt ] && [ ! -e /var/tmp/belay-outside.txt ] || fail "a command wrote outside the tree"
finish
