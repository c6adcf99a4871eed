#!/bin/sh
# The real program on a terminal: `belay run` and `belay replay` in tmux, seen and steered as a user would.
. "$(dirname "$0")/e2e.sh"
command -v tmux >/dev/null 2>&1 || exit 77
"$BELAY" doctor | grep -q bubblewrap || exit 77 # the pictures of the dialog name it
. "$SRC_DIR/tests/tmux.sh"
tree="$scratch/tree"

make_tree() {
	rm -rf "$tree"
	mkdir -p "$tree/src"
	for i in 1 2 3; do
		printf 'int f%d(void)\n{\n\treturn old_name(%d);\n}\n' $i $i >"$tree/src/f$i.c"
	done
	cat >"$tree/plan.yaml" <<'END'
belay: 1
name: screens
model: { use: sample }
policy: { confirm: high }
limits: { workers: 2 }
steps:
  - id: rename
    title: rename old_name everywhere
    refactor: "src/*.c"
    rewrite: { match: "old_name(:[x])", replace: "new_name(:[x])" }
  - id: page
    title: write a page
    needs: [rename]
    write: docs/page.md
    prompt: A page on the functions.
  - id: count
    title: count lines
    needs: [page]
    run: ["sh", "-c", "cat src/*.c | wc -l > lines.txt"]
    writes: [lines.txt]
    risk: high
  - id: finish
    title: the end
    needs: [count]
    ask: Is this what you wanted?
END
	# Its second step writes, and does not end by itself.
	cat >"$tree/hold.yaml" <<'END'
belay: 1
name: hold
policy: { confirm: never }
steps:
  - id: first
    write: first.txt
    content: "first\n"
  - id: hold
    needs: [first]
    run: ["sh", "-c", "trap '' TERM INT; echo half > half.txt; echo it holds; while :; do read -r line < $PWD/pipe; done"]
    writes: [half.txt]
END
	mkfifo "$tree/pipe"
	printf '/pipe\n' >"$tree/.gitignore"
	git -C "$tree" init -q
	git -C "$tree" add -A
	git -C "$tree" commit -qm start
	tree_of "$tree" >"$scratch/tree.before"
}

# Written by hand, as its origin says. At a pace: the stream is seen growing.
cat >"$scratch/answers.jsonl" <<'END'
{"step": "page", "attempt": 1, "origin": "written by hand", "tokens_per_second": 50, "text": "The page has one line for each function.\n\ndocs/page.md\n```markdown\n# Functions\n\n- `f1` gives the new name of 1\n- `f2` gives the new name of 2\n- `f3` gives the new name of 3\n```\n"}
END
# The kernel ends the program when its UI makes a call that may wait for disk, network or a process.
cat >"$scratch/go" <<END
cd '$tree'
echo \$\$ >'$scratch/pid'
exec env -i BELAY_TEST_UI_GUARD=1 NO_COLOR="\$NO_COLOR" PATH="\$PATH" LSAN_OPTIONS="\$LSAN_OPTIONS" HOME='$scratch' TERM="\$TERM" LC_ALL=C.UTF-8 XDG_STATE_HOME='$XDG_STATE_HOME' \\
	XDG_CACHE_HOME='$XDG_CACHE_HOME' XDG_CONFIG_HOME='$XDG_CONFIG_HOME' \\
	'$BELAY' -c providers.sample.kind=recorded -c 'providers.sample.file=$scratch/answers.jsonl' "\$@"
END

# Starts belay from the window's shell, which says the exit status when it is back.
starts() {
	types "clear; ${2:-} sh $scratch/go $1; echo left=\$?."
}

belay_pid() {
	cat "$scratch/pid"
}

# $1: the exit status that the shell in the window tells of.
left_with() {
	sees "left=$1."
}

tree_has_become() {
	tree_of "$tree" >"$scratch/now" 2>/dev/null
	cmp -s "$scratch/tree.$1" "$scratch/now"
}

# ends_so STATUS: belay is gone with that, and nothing that it started is left.
nothing_runs() {
	! kill -0 "$(belay_pid)" 2>/dev/null && ! grep -qs "$scratch/tree/pipe" /proc/[0-9]*/cmdline
}

run_to_the_question() {
	starts 'run plan.yaml'
	sees 'written by hand' '!1 approval' 'ok  step 2: landed 1 file'
}

# What is in the tree once the first step of hold.yaml has landed and nothing of the second is left.
expect_the_first_step() {
	make_tree
	printf 'first\n' >"$tree/first.txt"
	tree_of "$tree" >"$scratch/tree.first"
	rm "$tree/first.txt"
}

run_to_the_hold() {
	starts 'run hold.yaml'
	sees 'it holds'
}

opens_the_question() {
	press a
	sees 'Approve command?' 'To approve press y'
	gone 'keys accepted'
}

# Whatever was pressed before has been heard: help opens and closes after it.
is_heard() {
	press '?'
	sees 'the next approval that waits'
	press Escape
	gone 'the next approval that waits'
}

still_asks() {
	[ ! -e "$tree/lines.txt" ] || fail "$1: the command was approved"
	sees '!1 approval'
}

# ---- the scenes ----

# The question is answered by the word alone; after each wrong answer it is open or pending as before.
the_question() {
	opens_the_question
	picture "e2e-confirm-$1"
	press Enter
	press Space
	press Escape
	gone 'Approve command?'
	still_asks "Enter and Space"
	opens_the_question
	press y
	sees 'Type the word'
	press Enter
	press y
	press Enter
	press Escape
	sees 'To approve press y'
	still_asks "y and Enter"
	press Escape
	gone 'Approve command?'
	still_asks "Esc"
}

# A paste while the dialog opens, and one while it listens; then the same bytes without the brackets of a paste.
pastes() {
	i=0
	while [ $i -lt 1000 ]; do
		echo y
		i=$((i + 1))
	done >"$scratch/yes"
	tm load-buffer -b yes "$scratch/yes"
	press a
	tm paste-buffer -p -b yes -t e2e
	sees 'Approve command?'
	tm paste-buffer -p -b yes -t e2e
	sees 'what is pasted answers nothing'
	tm paste-buffer -r -b yes -t e2e
	press Escape
	gone 'Approve command?'
	is_heard
	still_asks "paste"
}

# From 1x1 to 300x100 and back: the picture is the same as before.
storm() {
	for size in 1x1 20x3 300x100 3x2 30x8 160x48 1x1 40x10 300x100 80x24 20x3; do
		resize "${size%x*}" "${size#*x}"
	done
	resize 80 24
	picture e2e-run-80x24
	sees '!1 approval'
	for size in 20x3 300x100; do
		resize "${size%x*}" "${size#*x}"
		becomes has_drawn "$size"
	done
	resize 80 24
	picture e2e-run-80x24
}

# What the smallest sizes show of the state, and the largest of the workers.
has_drawn() {
	case $1 in
	20x3) shows '2/4' ;;
	*) shows ' 4 Workers ' && shows 'a opens the question' ;;
	esac
}

suspends() {
	press C-z
	sees 'ready>'
	hides '[1 Plan]' || fail "the alternate screen is not left on Ctrl-Z"
	is_sane 'Ctrl-Z'
	types 'clear; fg; echo left=$?.'
	sees '[1 Plan]'
	picture e2e-run-80x24
}

approves() {
	opens_the_question
	press y
	sees 'Type the word'
	press c
	press a
	press x
	press BSpace
	press t
	sees '3/4'
	gone 'Approve command?'
	press a
	sees 'A question' 'To say yes press y'
	gone 'keys accepted'
	press y
	sees 'DONE 4/4'
	picture e2e-over-80x24
	tree_of "$tree" >"$scratch/tree.after"
}

# Each u takes a step back until the tree is what it was; each U puts one again.
takes_back_and_redoes() {
	for step in 3 2 1; do
		press u
		sees "step $step: taken back"
	done
	becomes tree_has_become before
	for step in 1 2 3; do
		press U
		sees "step $step: put again"
	done
	becomes tree_has_become after
}

leaves() {
	press Q
	left_with 0
	is_sane 'Q'
	n=$(screen | grep -cE '^(result|steps|failed|cost|run|resume|replay|undo|redo): +[^ ]')
	{ [ "$n" -ge 5 ] && [ "$n" -le 10 ]; } || fail "the summary has $n lines"
	shows 'result:  done (exit 0)' || fail "the summary does not say the result"
	shows 'undo:    belay undo' || fail "the summary does not say how to undo"
}

is_terminated() {
	kill -TERM "$(belay_pid)"
	left_with 143
	is_sane 'SIGTERM'
}

# The window goes away in the middle of a command that ends by no signal that may be caught.
window_closes() {
	expect_the_first_step
	window 80 24
	run_to_the_hold
	tm kill-session -t e2e
	becomes nothing_runs
	becomes tree_has_become first
}

interrupts() {
	expect_the_first_step
	window 80 24
	terminal_state >"$scratch/terminal.before"
	run_to_the_hold
	press C-c
	sees 'Paused: nothing new starts. What now?'
	press C-c
	sees 'stopping: running steps are cancelled'
	press C-c
	left_with 130
	is_sane 'Ctrl-C'
	becomes nothing_runs
	becomes tree_has_become first
}

# $1 is TERM. The newest run, that of window_closes, is shown all the same, or as plain lines, and the terminal is put back.
terminal_type() {
	starts 'replay @' "TERM=$1"
	if [ "$1" = dumb ]; then
		left_with 0
		hides '[Plan]' || fail "TERM=$1: drawn as a screen"
	else
		sees '[Plan]' 'REPLAY' 'write first.txt'
		press q
		left_with 0
	fi
	is_sane "TERM=$1"
}

screen_80x24() {
	make_tree
	window 80 24
	terminal_state >"$scratch/terminal.before"
	run_to_the_question
	picture e2e-run-80x24
	is_heard
	the_question 80x24
	pastes
	storm
	suspends
	approves
	takes_back_and_redoes
	leaves
}

screen_160x48() {
	make_tree
	window 160 48
	terminal_state >"$scratch/terminal.before"
	run_to_the_question
	picture e2e-run-160x48
	the_question 160x48
	is_terminated
}

# The recorded run of screen_160x48, which was terminated while it asked: nothing of it can be changed from here.
replays() {
	window 80 24
	terminal_state >"$scratch/terminal.before"
	starts 'replay @'
	sees 'REPLAY read-only' '[Plan]' '[||]' # it has played to its end
	press t
	sees 'go to'
	press -l '#3'
	press Enter
	sees ' event 3/'
	press .
	sees ' event 4/'
	press ,
	sees ' event 3/'
	press ]
	gone ' event 3/'
	press 0
	sees '0% #'
	press 9
	gone '0% #'
	press +
	sees ' 2x '
	press -l -- '--'
	sees ' 1/2x '
	press u
	sees 'read-only replay'
	press G
	resize 160 48
	sees 'Events' 'rename old_name everywhere'
	press Q
	left_with 0
	is_sane 'Q in a replay'
}

has_colours() {
	tm capture-pane -e -p -t e2e | grep -q "$(printf '\033')\\[[0-9;]*[34][0-7][;m]"
}

# A key from the configuration is that key and no other; NO_COLOR leaves bold and underline, and no colour.
looks_as_told() {
	mkdir -p "$XDG_CONFIG_HOME/belay"
	printf 'keys:\n  next-event: X\n' >"$XDG_CONFIG_HOME/belay/config.yaml"
	window 80 24
	terminal_state >"$scratch/terminal.before"
	for no_color in '' 1; do
		starts 'replay @' "NO_COLOR=$no_color"
		sees 'REPLAY read-only' '[Plan]'
		if [ "$no_color" ]; then
			! has_colours || fail "NO_COLOR=1: there are colours"
		else
			becomes has_colours
		fi
		press t
		sees 'go to'
		press -l '#3'
		press Enter
		sees ' event 3/'
		press X
		sees ' event 4/'
		press .
		sees 'read-only replay'
		shows ' event 4/' || fail "the key that was given away still moves"
		press Q
		left_with 0
	done
	rm "$XDG_CONFIG_HOME/belay/config.yaml"
}

if [ $# -gt 0 ]; then
	for scene; do "$scene"; done
else
	screen_80x24
	screen_160x48
	replays
	interrupts
	window_closes
	looks_as_told
	for term in vt100 linux screen xterm-mono no-such-terminal dumb; do
		window 80 24
		terminal_state >"$scratch/terminal.before"
		terminal_type $term
	done
fi
finish
