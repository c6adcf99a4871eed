#!/bin/sh
# `belay take` through the real program: answers from a chat (written by hand) in every form, from a file and from a
# pipe; what asks, what is refused, and the way back.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

new_repo() {
	rm -rf "$scratch/repo" "$XDG_STATE_HOME"
	mkdir -p "$scratch/repo"
	cd "$scratch/repo"
	printf 'int a;\nint b;\nint c;\n' >a.c
	printf 'x\r\ny\r\n' >crlf.txt
	printf 'last' >bare.txt
	printf 'caf\351\n' >latin.txt
	printf 'old\n' >gone.txt
	chmod 755 a.c
	git init -q && git add . && git commit -qm start
	tree_of . >"$scratch/start"
}

unchanged() {
	tree_of . >"$scratch/now"
	same "$scratch/start" "$scratch/now" "the tree changed: $1"
}

cat >"$scratch/mixed.txt" <<'END'
Here is what I would do.

a.c
<<<<<<< SEARCH
int b;
=======
long b;
>>>>>>> REPLACE

`docs/new.md`
```
hello
```

*** Begin Patch
*** Delete File: gone.txt
*** Update File: crlf.txt
*** Move to: moved.txt
@@
 x
-y
+z
*** Update File: bare.txt
@@
-last
+LAST
*** End Patch
END

# Deleting is asked about; a yes for less does not do.
new_repo
expect 7 "$BELAY" take "$scratch/mixed.txt"
expect 7 "$BELAY" take --yes "$scratch/mixed.txt"
unchanged "nobody said yes"
expect 0 "$BELAY" take --yes=high "$scratch/mixed.txt"
[ "$(cat a.c)" = "$(printf 'int a;\nlong b;\nint c;')" ] || fail "the edit did not land"
[ -x a.c ] || fail "the mode is lost"
[ "$(cat docs/new.md)" = hello ] || fail "the new file did not land"
[ ! -e gone.txt ] && [ ! -e crlf.txt ] || fail "the deletion or the move did not land"
[ "$(od -An -c moved.txt | tr -d ' \n')" = 'x\r\nz\r\n' ] || fail "line ends changed"
[ "$(od -An -c bare.txt | tr -d ' \n')" = LAST ] || fail "a last line end was made up"
"$BELAY" runs --json | grep -q '"mode":"take"' || fail "the run is no take"
expect 0 "$BELAY" undo
unchanged "undo takes all of it back"
expect 0 "$BELAY" redo
[ -e moved.txt ] || fail "redo did not land it again"

# From a pipe; bytes that are no UTF-8 stay what they are.
new_repo
printf 'latin.txt\n<<<<<<< SEARCH\ncaf\351\n=======\ncaf\351s\n>>>>>>> REPLACE\n' >"$scratch/latin.answer"
got=0
"$BELAY" take --yes <"$scratch/latin.answer" >"$scratch/out" 2>&1 || got=$?
[ "$got" -eq 0 ] || { fail "from a pipe: exit $got"; cat "$scratch/out" >&2; }
[ "$(od -An -c latin.txt | tr -d ' \n')" = 'caf351s\n' ] || fail "a byte that is no UTF-8 changed"

# A diff of git's own: the same tree as git would make.
new_repo
sed -i s/int/char/ a.c
git rm -q gone.txt
git mv crlf.txt other.txt
git diff -M HEAD >"$scratch/git.diff"
tree_of . >"$scratch/wanted"
git reset -q --hard
expect 0 "$BELAY" take --yes=high "$scratch/git.diff"
tree_of . >"$scratch/now"
same "$scratch/wanted" "$scratch/now" "a diff of git gave another tree than git's"

# What cannot be used lands nothing, and says why.
refuse() {
	new_repo
	printf "$1" >"$scratch/answer"
	expect 1 "$BELAY" take --yes=high "$scratch/answer"
	grep -q "$2" "$scratch/err" || { fail "'$2' was not said"; cat "$scratch/err" >&2; }
	unchanged "$2"
}
refuse 'Just words.\n' 'no edit in the answer'
refuse 'a.c\n<<<<<<< SEARCH\nint b;\n=======\nlong' 'ends inside an edit'
refuse 'a.c\n<<<<<<< SEARCH\nint z;\n=======\nlong z;\n>>>>>>> REPLACE\n' 'matches nothing'
refuse '../out.c\n```\nx\n```\n' 'does not write'
refuse '/etc/out.c\n```\nx\n```\n' 'does not write'
refuse '.git/hooks/post-commit\n```\nx\n```\n' 'does not write'
refuse 'a.c\n<<<<<<< SEARCH\nint b;\n=======\nlong b;\n>>>>>>> REPLACE\n\nb.c\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n' \
	'matches nothing'
refuse '*** Begin Patch\n*** Update File: a.c\n*** Move to: gone.txt\n*** End Patch\n' 'where there is one already'
refuse 'a\0b\n' 'no text'
new_repo
expect 2 "$BELAY" take "$scratch/not-there"
expect 2 "$BELAY" take one two
expect 2 "$BELAY" resume

finish
