#!/bin/sh
# Every shape that a repository may have: a run does its work in it, the undo takes all of it back, and nothing else is
# touched: index, HEAD, references, stash and configuration, the files of the tree, byte for byte.
set -u
belay=${BELAY:-$PWD/belay}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export HOME="$dir/home" XDG_STATE_HOME="$dir/state" XDG_CONFIG_HOME="$dir/config" XDG_CACHE_HOME="$dir/cache"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
failed=0

cat > "$dir/plan.yaml" <<'PLAN'
belay: 1
steps:
  - id: one
    write: d/new.txt
    content: hello
  - id: two
    needs: [one]
    run: "echo more >> a; echo x > made; rm -f d/b; if test -d .git; then echo z >> .git/config; fi || true"
  - id: three
    needs: [two]
    delete: [made]
PLAN

# Only bubblewrap keeps a command out of .git that may make files beside it; elsewhere such a command is a high risk.
"$belay" -C "$dir" doctor 2>/dev/null | grep -q bubblewrap || sed -i 's/; if test -d .git; then.*true"/"/' "$dir/plan.yaml"

# Objects may be added, and refs/belay is belay's own.
picture() {
	(
		cd "$dir/w" || exit 1
		find . \( -path '*/objects' -o -path '*/refs/belay' \) -prune -o ! -type d -printf '%p %y %m %l\n' | sort
		find . \( -path '*/objects' -o -path '*/refs/belay' \) -prune -o -type f -print0 | sort -z | xargs -0r sha256sum
	)
}

# shape NAME SCRIPT: the script, run in an empty folder, leaves a repository `r` with the files a and d/b.
shape() {
	rm -rf "$dir/w" "$dir/state"
	mkdir "$dir/w"
	(cd "$dir/w" && eval "$2") > "$dir/log" 2>&1
	picture > "$dir/before"
	"$belay" -C "$dir/w/r" run --plain --yes=high --trust "$dir/plan.yaml" >> "$dir/log" 2>&1
	ran=$?
	done=no
	[ -f "$dir/w/r/d/new.txt" ] && [ ! -e "$dir/w/r/d/b" ] && [ ! -e "$dir/w/r/made" ] && done=yes
	"$belay" -C "$dir/w/r" undo --all --yes=high >> "$dir/log" 2>&1
	undone=$?
	picture > "$dir/after"
	if [ "$ran $done $undone" = '0 yes 0' ] && cmp -s "$dir/before" "$dir/after"; then
		echo "ok: $1"
		return
	fi
	failed=1
	echo "FAILED: $1 (run $ran, done: $done, undo $undone)"
	diff "$dir/before" "$dir/after"
	cat "$dir/log"
}

files='mkdir -p d; echo one > a; echo two > d/b'
start="git init -q -b main r; cd r; $files; git add .; git commit -qm 1"
other="git checkout -qb o; echo o > a; git commit -qam o; git checkout -q main; echo m > a; git commit -qam m"

shape 'clean' "$start"
shape 'dirty, staged and untracked' "$start; echo x > a; echo y > d/b; git add d/b; echo z >> d/b; echo u > u"
shape 'no git' "mkdir r; cd r; $files"
shape 'unborn' "git init -q r; cd r; $files; git add a"
shape 'detached' "$start; git checkout -q --detach"
shape 'bare neighbour' "git init -q --bare bare.git; $start; git remote add origin ../bare.git; git push -q origin main"
shape 'linked work tree' "git init -q o; cd o; $files; git add .; git commit -qm 1; git worktree add -q ../r"
shape 'with a submodule' "git init -q s; cd s; $files; git add .; git commit -qm 1; cd ..; $start
	git -c protocol.file.allow=always submodule --quiet add ../s m; git commit -qm 2"
shape 'is a submodule' "git init -q s; cd s; $files; git add .; git commit -qm 1; cd ..; git init -q o; cd o
	git -c protocol.file.allow=always submodule --quiet add ../s m; git commit -qm 1; cd ..; ln -s o/m r"
shape 'nested' "$start; git init -q n; echo x > n/a"
shape 'sparse checkout' "$start; mkdir e; echo e > e/e; git add .; git commit -qm 2; git sparse-checkout set --cone d"
shape 'sparse index' "$start; mkdir e; echo e > e/e; git add .; git commit -qm 2
	git sparse-checkout set --cone --sparse-index d"
shape 'split index' "$start; git update-index --split-index"
shape 'index version 4' "$start; git update-index --index-version 4"
shape 'SHA-256' "git init -q --object-format=sha256 r; cd r; $files; git add .; git commit -qm 1"
shape 'line ends' "$start; git config core.autocrlf true; printf 'x\\r\\n' > a; git add a; git commit -qm 2"
shape 'filter attributes' "$start; echo '* filter=lfs' > .gitattributes; git add .gitattributes
	git config filter.lfs.clean 'exit 1'; git config filter.lfs.required true"
shape 'conflict' "$start; $other; git merge -q o"
shape 'rebase in progress' "$start; $other; git rebase -q o"
shape 'stash' "$start; echo s > a; git stash -q"
shape 'shallow' "$start; cd ..; git clone -q --depth 1 \"file://\$PWD/r\" t; rm -rf r; mv t r"
shape 'partial clone' "$start; git config uploadpack.allowFilter true; cd ..
	git clone -q --filter=blob:none \"file://\$PWD/r\" t; mv r origin; mv t r"
shape 'hooks' "$start; for h in reference-transaction post-index-change pre-commit post-commit; do
	printf '#!/bin/sh\\ntouch ran\\n' > .git/hooks/\$h; chmod +x .git/hooks/\$h; done"
[ "$(id -u)" -ne 0 ] || shape 'another owner' "$start; chown -R 12345 ."

exit $failed
