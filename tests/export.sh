#!/bin/sh
# Exports of a run, each read by its own tool where that is installed: git am, an XML parser, a JSON parser, asciinema.
# They come from the journal and the store alone: also when the run was taken back, and the tree says something else.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"

unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
mkdir "$scratch/repo"
cd "$scratch/repo"
printf 'one\r\ntwo\r\n' >crlf.txt
printf 'a\0b' >binary
printf 'x\ny\n' >gone
printf 'no end' >open.txt
cat >'a <b>ünd @all #1 | `x`.yaml' <<'END_OF_PLAN'
belay: 1
checks: { fine: { run: "true" } }
steps:
  - id: page
    title: "<script>alert(1)</script> ``` | --- & \"diff\""
    write: "new/a b.txt"
    content: "````\n</pre><script>alert(2)</script>\n\e[31m\n"
  - id: work
    needs: [page]
    checks: [fine]
    run: |
      printf 'q\0w' >binary; ln -s crlf.txt link; printf 'one\r\nTWO\r\n' >crlf.txt; rm gone
      chmod +x new/*; printf end >>open.txt; : >empty
      awk 'BEGIN { for (i = 0; i < 40000; i++) printf "%c%c", i % 256, (i / 7) % 256 }' >large
END_OF_PLAN
git init -q . && git add . && git commit -qm start
git clone -q . "$scratch/clone"
git clone -q . "$scratch/clone-undone"
plan=$(ls ./*.yaml)
expect 0 "$BELAY" run --yes=high "$plan"
tree_of . >"$scratch/tree"

expect 0 "$BELAY" export -o patch
cp "$scratch/out" "$scratch/run.patch"
expect 0 git -C "$scratch/clone" am -q "$scratch/run.patch"
tree_of "$scratch/clone" >"$scratch/tree-am"
same "$scratch/tree" "$scratch/tree-am" "git am gives another tree than the run"
[ "$(git -C "$scratch/clone" log -1 --format='%an %ae')" = 'test test@localhost' ] || fail "the author is not the user"
git -C "$scratch/clone" log -1 --format=%s | grep -q 'ünd @all' || fail "the subject is not the plan's name"
expect 0 git -C "$scratch/clone" diff --exit-code
git mailinfo "$scratch/message" "$scratch/diff" <"$scratch/run.patch" >/dev/null 2>&1
expect 0 git -C "$scratch/clone" apply -R --check "$scratch/diff"

# Each form as its own kind of reader takes it. $1: what export printed.
expect 0 "$BELAY" note @ 'well & <good> @all' --up --step page
expect 0 "$BELAY" note @ about the run
for form in md html json junit cast screen svg; do
	expect 0 "$BELAY" export @ --format="$form"
	cp "$scratch/out" "$scratch/run.$form"
	[ -s "$scratch/out" ] || fail "$form is empty"
	grep -q "$(printf '\033')\[31m" "$scratch/out" && fail "$form lets a control sequence through"
done
for form in html md; do
	grep -v '^`\{4,\}' "$scratch/run.$form" | grep -q '<script' && [ "$form" = html ] && fail "$form holds a script"
	grep -q 'about the run' "$scratch/run.$form" || fail "$form does not have the notes"
done
grep -q '^`````diff$' "$scratch/run.md" || fail "the fence is not longer than what it holds"
sed '/^`````diff$/,/^`````$/d' "$scratch/run.md" | grep -q '<script\|@all\|#1 ' && fail "md lets a title act"
grep -q 'about the run' "$scratch/run.json" || fail "json does not have the notes"
if command -v python3 >/dev/null; then
	cat >"$scratch/read.py" <<'END_OF_PYTHON'
import json, sys, xml.dom.minidom
folder = sys.argv[1]
for form in ("html", "junit", "svg"):
    text = open(f"{folder}/run.{form}", encoding="utf-8").read().replace("<!DOCTYPE html>\n", "")
    page = xml.dom.minidom.parseString(text)
    assert not page.getElementsByTagName("script"), form
    for tag in page.getElementsByTagName("*"):
        assert not [n for n in tag.attributes.keys() if n.startswith("on") or n in ("src", "href")], tag.toxml()
suite = xml.dom.minidom.parse(f"{folder}/run.junit").getElementsByTagName("testsuite")[0]
assert suite.getAttribute("tests") == "3" == str(len(suite.getElementsByTagName("testcase"))), suite.toxml()
run = json.load(open(f"{folder}/run.json", encoding="utf-8"))
assert run["exit"] == 0 and run["files"]["gone"] == "deleted" and len(run["notes"]) == 2, run.keys()
assert [event["seq"] for event in run["events"]] == list(range(1, len(run["events"]) + 1))
head, *frames = open(f"{folder}/run.cast", encoding="utf-8").read().splitlines()
head = json.loads(head)
assert head["version"] == 2 and head["width"] > 0 and head["height"] > 0
times = [json.loads(frame)[0] for frame in frames]
assert len(times) > 2 and times == sorted(times) and all(json.loads(frame)[1] == "o" for frame in frames)
END_OF_PYTHON
	expect 0 python3 "$scratch/read.py" "$scratch"
fi
if command -v asciinema >/dev/null && command -v script >/dev/null; then
	script -qec "asciinema cat '$scratch/run.cast'" /dev/null >"$scratch/played" 2>&1 </dev/null || fail "asciinema does not play the cast"
	grep -q 'REPLAY' "$scratch/played" || fail "what asciinema plays is not the replay"
fi

# Taken back, by a run of its own: nothing of an export changes.
expect 0 "$BELAY" undo --all --yes=high
run=$(sed -n 's/.*"run":"\([0-9a-f]*\)".*/\1/p' "$scratch/run.json" | head -n 1)
rm -rf ./*.txt large
expect 0 "$BELAY" export "$run"
same "$scratch/run.patch" "$scratch/out" "the patch of a run that was taken back is another"
expect 0 git -C "$scratch/clone-undone" am -q "$scratch/run.patch"
expect 2 "$BELAY" export @ -o patch
expect 2 "$BELAY" export "$run" -o md --step work
expect 0 "$BELAY" export "$run" -o screen --step page
cmp -s "$scratch/run.screen" "$scratch/out" && fail "--step gives the last screen all the same"
expect 2 "$BELAY" export @ -o pdf
expect 2 "$BELAY" export nobody
git reset -q --hard

# A failure, and a step whose first landing was taken back by its own check.
printf 'belay: 1\nsteps:\n  - id: w\n    write: w.txt\n    content: w\n  - id: bad\n    needs: [w]\n    run: ["false"]\n  - id: late\n    needs: [bad]\n    ask: well?\n' >fails.yaml
expect 1 "$BELAY" run --yes=high fails.yaml
expect 0 "$BELAY" export -o junit
grep -q 'failures="1".*skipped="1"' "$scratch/out" || fail "junit does not count the failure"
expect 0 "$BELAY" export -o patch
grep -q '^+w' "$scratch/out" || fail "the patch does not have what landed before the failure"
printf 'belay: 1\nchecks: { no: { run: "false" } }\nsteps:\n  - id: w\n    write: refused.txt\n    content: w\n    checks: [no]\n' >refused.yaml
expect 1 "$BELAY" run --yes=high refused.yaml
expect 2 "$BELAY" export -o patch

# Notes.
expect 2 "$BELAY" note @
expect 2 "$BELAY" note @ --up --down
expect 2 "$BELAY" note @ --step nobody text
expect 0 "$BELAY" note @ --down
expect 0 "$BELAY" log --notes
[ "$(wc -l <"$scratch/out")" -eq 1 ] && grep -q 'down' "$scratch/out" || fail "log --notes does not show the thumb"
printf '{"torn' >>"$(ls -d "$XDG_STATE_HOME"/belay/repos/*/runs/*/notes.jsonl | tail -n 1)"
file=$(grep -l torn "$XDG_STATE_HOME"/belay/repos/*/runs/*/notes.jsonl)
torn=$(basename "$(dirname "$file")")
n=$("$BELAY" log --notes "$torn" | wc -l)
expect 0 "$BELAY" note "$torn" after
[ "$("$BELAY" log --notes "$torn" | wc -l)" -eq $((n + 1)) ] || fail "a torn note spoils the next one"
[ "$(stat -c %a "$file")" = 600 ] || fail "notes can be read by others"
expect 0 "$BELAY" log --notes --json "$torn"
grep -q '"type":"note"' "$scratch/out" || fail "log --notes --json shows no note"
finish
