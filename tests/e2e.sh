# Sourced by the end-to-end tests: a scratch folder with state, configuration and cache of its own, and a few words.
# shellcheck shell=sh disable=SC2034
set -eu
: "${SRC_DIR:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${BELAY:=$SRC_DIR/belay}"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/belay-e2e.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export XDG_STATE_HOME="$scratch/state" XDG_CACHE_HOME="$scratch/cache" XDG_CONFIG_HOME="$scratch/config"
export GIT_CONFIG_GLOBAL="$scratch/gitconfig" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C.UTF-8
unset OPENAI_BASE_URL OPENAI_API_KEY ANTHROPIC_API_KEY OLLAMA_HOST NO_COLOR CLICOLOR_FORCE BELAY_USE 2>/dev/null || true
printf '[user]\n\tname = test\n\temail = test@localhost\n[init]\n\tdefaultBranch = main\n' >"$GIT_CONFIG_GLOBAL"
n_failed=0

fail() {
	printf 'FAIL: %s\n' "$*" >&2
	n_failed=$((n_failed + 1))
}

# $1: the exit status that is expected; the rest: a command. Its output goes to $scratch/out and $scratch/err.
expect() {
	wanted=$1
	shift
	got=0
	"$@" >"$scratch/out" 2>"$scratch/err" </dev/null || got=$?
	[ "$got" -eq "$wanted" ] || {
		fail "exit $got, not $wanted: $*"
		sed 's/^/  | /' "$scratch/out" "$scratch/err" | tail -n 30 >&2
	}
}

# The whole of a tree as text: names, modes, links and hashes, without git's own folder.
tree_of() {
	(cd "$1" && find . -name .git -prune -o \( -type f -o -type l -o -type d \) -printf '%y %m %p %l\n' | sort &&
		find . -name .git -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum)
}

# What belay must never touch of a repository: index, HEAD, branches, stash, configuration, hooks.
git_state_of() {
	(cd "$1/.git" && sha256sum index HEAD config 2>/dev/null
		cd .. && git for-each-ref --format='%(refname) %(objectname)' | grep -v ' *refs/belay/' || true
		git stash list)
}

same() {
	cmp -s "$1" "$2" || {
		fail "$3"
		diff "$1" "$2" | head -n 20 >&2 || true
	}
}

finish() {
	[ "$n_failed" -eq 0 ]
}
