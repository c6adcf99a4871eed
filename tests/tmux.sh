# Sourced after e2e.sh by the tests that drive the screen: one tmux server on a socket of its own, and the words to
# press keys and to look. Nothing waits for a time: `sees` looks until the text is there, and gives up after PATIENCE
# seconds.
# shellcheck shell=sh disable=SC2154
: "${PATIENCE:=30}"
socket=belay-e2e-$$

tm() {
	tmux -L "$socket" -f /dev/null "$@"
}

# Without a session the server would end, and what is started at that moment would fail with it.
tm start-server \; set-option -g exit-empty off

# What a failed test leaves must not outlive it.
trap 'tm kill-server 2>/dev/null || true; rm -rf "$scratch"' EXIT

screen() {
	tm capture-pane -p -t e2e
}

give_up() {
	fail "$*"
	screen 2>/dev/null | sed 's/^/  | /' >&2 || true
	exit 1
}

seconds() {
	read -r up rest </proc/uptime
	: "$rest"
	echo "${up%.*}"
}

# Runs a command until it is true.
becomes() {
	deadline=$(($(seconds) + PATIENCE))
	until "$@"; do
		[ "$(seconds)" -lt "$deadline" ] || give_up "never so: $*"
	done
}

shows() {
	case $(screen) in
	*"$1"*) true ;;
	*) false ;;
	esac
}

hides() {
	! shows "$1"
}

# Looks until the screen has each of the texts, one after the other.
sees() {
	for text; do
		becomes shows "$text"
	done
}

gone() {
	becomes hides "$1"
}

press() {
	tm send-keys -t e2e "$@"
}

# A command line for the shell in the window.
types() {
	press -l "$1"
	press Enter
}

resize() {
	tm resize-window -t e2e -x "$1" -y "$2"
}

# A window of that size with a plain interactive shell. The screen is empty but for the prompt.
window() {
	tm kill-session -t e2e 2>/dev/null || true
	tm new-session -d -s e2e -x "$1" -y "$2" "exec env PS1='ready> ' ENV= sh -i 2>&1"
	resize "$1" "$2"
	sees 'ready>'
}

# The screen with what differs from run to run made the same; the widths stay.
masked() {
	screen | sed -E 's/#[0-9a-f]{8}/#RRRRRRRR/g; s/run( +)[0-9a-f]{8}/run\1RRRRRRRR/g; s/ at [0-9a-f]{7} / at CCCCCCC /g
		s/[0-9]{4}-[0-9]{2}-[0-9]{2}/YYYY-MM-DD/g; s/~?[0-9]+ tok\/s/N tok\/s/g; s/^( root +)[^│]*│/\1R │/
		s/[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?/H:MM:SS/g; s/[0-9]{1,2}:[0-9]{2}/M:SS/g;
		s/^ (ok  step 2: landed|1 approval waiting).*/ NEWS/; s/ +$//'
}

# The screen is the golden picture $1. It is looked at again while it differs: a frame may be under way.
# SAVE_SCREENS=1 writes the picture instead, to be looked at before it is committed.
picture() {
	looks=0
	masked >"$scratch/screen"
	if [ "${SAVE_SCREENS:-}" ]; then
		cp "$scratch/screen" "$SRC_DIR/tests/screens/$1.txt"
		return
	fi
	until cmp -s "$SRC_DIR/tests/screens/$1.txt" "$scratch/screen"; do
		looks=$((looks + 1))
		[ "$looks" -lt 50 ] || break
		masked >"$scratch/screen"
	done
	same "$SRC_DIR/tests/screens/$1.txt" "$scratch/screen" "the screen is not tests/screens/$1.txt"
}

# What `stty -g` says of the window's terminal, and whether it shows the alternate screen.
terminal_state() {
	rm -f "$scratch/stty"
	types "stty -g >$scratch/stty.new; stty -a >$scratch/stty.all; mv $scratch/stty.new $scratch/stty"
	becomes test -f "$scratch/stty"
	cat "$scratch/stty"
	tm display-message -p -t e2e '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_cursor_flag}'
}

# $1 says when. Line editing and echo are on, every setting is as before, the alternate screen is left.
is_sane() {
	terminal_state >"$scratch/terminal.now"
	same "$scratch/terminal.before" "$scratch/terminal.now" "$1: the terminal is not as before"
	for mode in icanon echo isig icrnl; do
		tr ' ;' '\n\n' <"$scratch/stty.all" | grep -qx -- "$mode" || fail "$1: the terminal has no $mode"
	done
}
