#!/bin/bash
# Each exit status that belay(1) lists, once, as one table; and that the manual lists no other. Under --json the last line
# says the same number.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
mkdir "$scratch/repo"
cd "$scratch/repo"

plan() { # $1: the file; stdin: what comes after the first line
	{ echo 'belay: 1'; cat; } >"$1"
}
plan good.yaml <<'END'
steps: [{ id: w, write: w.txt, content: w }]
END
plan fails.yaml <<'END'
steps: [{ id: w, write: w.txt, content: w }, { id: bad, needs: [w], run: ["false"] }]
END
plan bad.yaml <<'END'
steps: [{ id: w, wriet: w.txt }]
END
plan ask.yaml <<'END'
steps: [{ id: q, ask: Well? }]
END
plan rollback.yaml <<'END'
steps: [{ id: w, write: w.txt, content: w }, { id: bad, needs: [w], on_fail: rollback, run: ["false"] }]
END
plan slow.yaml <<'END'
limits: { seconds: 1 }
steps: [{ id: hold, run: [cat, never] }]
END
plan hold.yaml <<'END'
steps: [{ id: hold, run: [cat, never] }]
END
plan model.yaml <<'END'
model: { use: gone }
retry: { tries: 1 }
steps: [{ id: page, write: page.md, prompt: A page. }]
END
git init -q . && git add . && git commit -qm start
echo /never >.gitignore && git add .gitignore && git commit -qm ignore
mkfifo never
exec 6<>never # nobody writes to it, and it never ends

run() { "$BELAY" run --json "$@" 2>"$scratch/err" </dev/null; }
done_() { run --yes=high good.yaml; }
failed() { run --yes=high fails.yaml; }
usage() { run bad.yaml; }
declined() { # the answer goes where the question came from
	mkfifo "$scratch/answers"
	"$BELAY" run --json --approve-from 3 ask.yaml 3<>"$scratch/answers" 2>"$scratch/err" >"$scratch/asked" &
	until grep -q '"request":"' "$scratch/asked" 2>/dev/null; do :; done
	sed -n 's/.*"request":"\([^"]*\)".*/{"request":"\1","answer":"no"}/p' "$scratch/asked" >"$scratch/answers"
	local got=0
	wait $! || got=$?
	cat "$scratch/asked"
	return $got
}
rolled_back() { run --yes=high rollback.yaml; }
incomplete() {
	run --yes=high good.yaml >/dev/null && echo mine >w.txt && "$BELAY" undo --all --yes=high --json 2>"$scratch/err"
}
limit() { run --yes=high slow.yaml; }
unanswered() { run ask.yaml; }
damaged() {
	local journal
	run --yes=high good.yaml >/dev/null || return
	journal=$(ls -t "$XDG_STATE_HOME"/belay/repos/*/runs/*/journal.jsonl | head -n 1)
	sed -i '3s/"type"/"tipe"/' "$journal"
	"$BELAY" log --json "$(basename "$(dirname "$journal")")" 2>"$scratch/err"
}
unreachable() { # nobody listens on port 1
	run --yes=high -c providers.gone.kind=openai-chat -c providers.gone.url=http://127.0.0.1:1/v1 \
		-c providers.gone.model=m model.yaml
}
ended_by() {
	"$BELAY" run --json --yes=high hold.yaml 2>"$scratch/err" >"$scratch/held" </dev/null &
	local pid=$! got=0
	until grep -q '"type":"command_started"\|"type":"step_started"' "$scratch/held" 2>/dev/null; do kill -0 $pid || return; done
	kill -s "$1" $pid
	wait $pid || got=$?
	cat "$scratch/held"
	return $got
}
interrupted() { ended_by INT; }
terminated() { ended_by TERM; }

table='done_ 0
failed 1
usage 2
declined 3
rolled_back 4
incomplete 5
limit 6
unanswered 7
damaged 8
unreachable 75
interrupted 130
terminated 143'
set -m # a job of ours can be interrupted
while read -r case wanted; do
	git clean -qfd
	got=0
	$case >"$scratch/out" || got=$?
	[ "$got" -eq "$wanted" ] || {
		fail "$case: exit $got, not $wanted"
		tail -n 5 "$scratch/out" "$scratch/err" >&2
	}
	tail -n 1 "$scratch/out" | grep -q "\"type\":\"result\",\"exit\":$wanted[,}]" ||
		tail -n 1 "$scratch/out" | grep -q "\"type\":\"result\".*\"exit\":$wanted[,}]" || fail "$case: the result does not say $wanted"
done <<<"$table"

awk '/^\.Sh/ { on = /EXIT STATUS/ } on && sub(/^\.It /, "") { gsub(" , ", "\n"); print }' "$SRC_DIR/man/belay.1.in" >"$scratch/listed"
cut -d ' ' -f 2 <<<"$table" >"$scratch/tested"
same "$scratch/listed" "$scratch/tested" "belay(1) lists other statuses than are tested"
finish
