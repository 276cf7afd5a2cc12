# Bisections of a git history on the fake back end: kernels are really built, of a stand-in for a tree.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/tree.sh

change base good
base=$made_commit
change one good
echo text >"$repo/README"
prose=$(commit 'README: words')
git -C "$repo" checkout -q -b side
echo side >"$repo/side"
commit 'side: a file that nothing compiles' >/dev/null
git -C "$repo" checkout -q main
change two good
git -C "$repo" merge -q --no-edit side >/dev/null 2>&1
echo '/* the same image */' >>"$repo/main.c"
same=$(commit 'main: a comment')
plays "$same" good
echo 'int broken = nowhere;' >>"$repo/main.c"
broken=$(commit 'main: does not build')
change three good
change planted bad
planted=$made_commit
change four bad
change five bad
head=$made_commit

bisect() { q bisect --connect "fake:$T/play" --scenario AD033 --git "$repo" --arch ppc64le "$@"; }
expect 'a commit is found' 0 bisect --good "$base" --bad main --name git --json
equal 'the planted one' "$(jq -r '.culprit[0]' <<<"$out")" "$planted"
equal 'with its subject' "$(jq -r '.culprit[3]' <<<"$out")" 'main: planted'
equal 'commits that change no image are not candidates' "$(jq --arg p "$prose" '.candidates | index($p)' <<<"$out")" null
equal 'and are kept as folded' "$(grep -c "^$prose$" "$T/home/results/git/folded.txt")" 1
expect 'the report' 0 q report git
matches 'shows it as git does' "$out" "^commit $planted$"
matches 'and is ready to send' "$out" "Fixes: ${planted:0:12} \(\"main: planted\"\)"
matches 'for regzbot, too' "$out" "#regzbot introduced: $planted"
equal 'the checkout is where it was' "$(git -C "$repo" rev-parse --abbrev-ref HEAD)" main
expect 'replay needs no repository' 0 sh -c "mv '$repo' '$repo.away' && '$QBISECT' replay --home '$T/home' git; s=\$?; mv '$repo.away' '$repo'; exit \$s"

expect 'commits that touch a path may be likelier' 0 bisect --good "$base" --bad main --likely main.c,README --name likely --json
equal 'which changes no answer here' "$(jq -r '.culprit[0]' <<<"$out")" "$planted"
expect 'and replay knows it' 0 q replay likely
expect 'a likely path that nothing touches' 129 bisect --good "$base" --bad main --likely nothing
expect 'the opposite of the ends' 1 bisect --find fix --good main --bad "$base"
matches 'is told' "$out" 'leave --find fix out'
expect 'paths that nothing touches' 129 bisect --good "$base" --bad main --paths nothing
expect 'ends the wrong way round' 129 bisect --good main --bad "$base"
expect 'a commit twice' 129 bisect --good main --bad main
expect 'only prose between' 129 bisect --good "$prose^" --bad "$prose"
matches 'is said to be so' "$errors" 'none of the 1 commits .* changes the image'
expect 'no good end' 129 bisect --bad main
expect 'a folder that is no repository' 129 q bisect --git "$T/play" --good a --bad b --scenario AD033
expect 'an architecture that is none' 129 bisect --arch sparc --good "$base" --bad main

# Beside what cannot be built, and what has its parent's image.
git -C "$repo" checkout -q -b around "$same"
git -C "$repo" cherry-pick "$broken" >/dev/null 2>&1
change around bad
expect 'a commit that does not build leaves a range' 3 bisect --good "$base" --bad around --name around --json
equal 'with its reason' "$(jq -r '[.explanation[] | select(test("cannot be tested: build: .*does not build"))] | length' <<<"$out")" 1
git -C "$repo" checkout -q -b equal "$base"
change last good
change here bad
here=$made_commit
echo '/* no change */' >>"$repo/main.c"
equal=$(commit 'main: another comment')
echo '/* none, again */' >>"$repo/main.c"
commit 'main: and another' >/dev/null
expect 'commits with the image of their parent' 0 bisect --good "$base" --bad equal --name equal --json
equal 'are not the culprit' "$(jq -r '.culprit[0]' <<<"$out")" "$here"
git -C "$repo" checkout -q main

# All of one image: the ends cannot differ.
expect 'ends of one image' 1 bisect --good "$here" --bad equal --name alike --json
equal 'are called the same' "$(jq -r .answer <<<"$out")" same
expect 'and the campaign can be read' 0 q replay alike

# The other way round, in parts, elsewhere, with what is known.
git -C "$repo" checkout -q -b mended main
change mended good
mended=$made_commit
change after good
expect 'a fix' 0 bisect --find fix --bad main --good mended --compare ppc64le:4k --name fix --json
equal 'is found' "$(jq -r '.culprit[0]' <<<"$out")" "$mended"
fourk=$(build --rev "$head" --pagesize 4k 2>/dev/null)
equal 'what was compared is the kernel that fails' "$(jq -r '.records[-1].candidate' <<<"$out")" "$fourk"
git -C "$repo" checkout -q main
good 6.1.0-fake 4096 >"$T/play/$(build --rev "$planted" --pagesize 4k 2>/dev/null).events"
echo "$console_good" >"$T/play/$(build --rev "$planted" --pagesize 4k 2>/dev/null).console"
expect 'the culprit with other pages' 0 bisect --good "$base" --bad main --first-parent --compare ppc64le:4k,ppc64le:4k --name pages --json
matches 'tells that it is the page size' "$(jq -r .comparison <<<"$out")" 'it is the page size: 64k pages fail \(ppc64le\), 4k pages do not'
matches 'also in the report' "$(q report pages)" 'Compared: it is the page size'
expect 'a comparison that does not build' 0 bisect --good "$base" --bad main --compare x86_64 --name nox86 --json
equal 'is a record that says so' "$(jq -r '.records[-1] | .candidate + " " + .class' <<<"$out")" 'x86_64 build'
expect 'a word that is no place' 129 bisect --good "$base" --bad main --compare ppc64le:5k
q log --git git >"$T/known"
expect 'evidence of another search of the same commits' 0 bisect --good "$base" --bad main --evidence "$T/known" --name known --json
equal 'leaves nothing to boot' "$(jq '.records | length' <<<"$out")" 0
expect 'boots that are allowed do not count what is known' 0 bisect --good "$base" --bad main --evidence "$T/known" --trials 1
expect 'and replay knows it' 0 q replay known
expect 'evidence that is not there' 129 bisect --good "$base" --bad main --evidence "$T/none"

# A branch that is rewritten under a campaign that was broken off.
echo hang >"$T/play/$(build --rev "$planted" 2>/dev/null).end"
setsid "$QBISECT" bisect --home "$T/home" --connect "fake:$T/play" --scenario AD033 --git "$repo" --arch ppc64le --good "$base" \
	--bad main --name killed >"$T/bg" 2>&1 &
for _ in $(seq 300); do
	hung=$(find "$T/home/results/killed" -maxdepth 1 -name '0*' 2>/dev/null | while read -r d; do [ -e "$d/verdict.json" ] || echo "$d"; done)
	[ -n "$hung" ] && [ "$(find "$T/home/results/killed" -name verdict.json | wc -l)" -gt 6 ] && break
	sleep 0.1
done
kill -9 -- -$! && wait $! 2>/dev/null
if [ -n "$hung" ]; then pass 'killed in a trial'; else fail 'killed in a trial' "$(cat "$T/bg")"; fi
rm -f "$T"/play/*.end
git -C "$repo" reset -q --hard "$base"
expect 'resume goes on with what the campaign began with' 0 q resume killed --json
equal 'to the same commit' "$(jq -r '.culprit[0]' <<<"$out")" "$planted"
expect 'and replay agrees' 0 q replay killed

# The user's own git bisect.
git -C "$repo" reset -q --hard "$head"
cat >"$T/step" <<S
#!/bin/sh
exec "$QBISECT" run --home "$T/home" --connect "fake:$T/play" --build . --arch ppc64le --scenario AD033 "\$@"
S
chmod +x "$T/step"
own() { git -C "$repo" bisect reset -q 2>/dev/null; git -C "$repo" bisect start main "$base" >/dev/null && (cd "$repo" && git bisect run "$@"); }
expect 'a rate is measured on the bad end' 1 sh -c "cd '$repo' && '$T/step' --measure --trials 4"
matches 'which says how many passes are enough' "$errors" '4 of 4 boots failed: --trials auto asks for 2 passes'
expect 'git bisect run' 0 own "$T/step" --trials auto
matches 'ends at the same commit' "$out" "$planted is the first bad commit"
git -C "$repo" bisect reset -q
git -C "$repo" checkout -q --detach "$broken"
expect 'a commit that does not build is a skip' 125 sh -c "cd '$repo' && '$T/step'"
git -C "$repo" checkout -q main
echo failed >"$T/play/$(build --rev main 2>/dev/null).end"
expect 'a fault of the host' 128 sh -c "cd '$repo' && '$T/step'"
for f in "$T"/play/6.1*.events; do echo failed >"${f%.events}.end"; done
expect 'stops git' 128 own "$T/step"
matches 'instead of misleading it' "$out$errors" 'bisect run failed'
git -C "$repo" bisect reset -q
for f in "$T"/play/6.1*.end; do echo hang >"$f"; done
git -C "$repo" bisect start main "$base" >/dev/null
echo "trap : INT; '$T/step'; echo \$? >'$T/status'; exit \$(cat '$T/status')" >"$T/noting"
before=$(find "$T/home/results" -name 'run-*' | wc -l)
(cd "$repo" && timeout -s INT 5 git bisect run sh "$T/noting") >"$T/bg" 2>&1
for _ in $(seq 50); do [ -s "$T/status" ] && break; sleep 0.1; done
equal 'ctrl-C ends the step with 130' "$(cat "$T/status")" 130
equal 'in the middle of a trial' "$(find "$T/home/results" -name 'run-*' | wc -l)" $((before + 1))
equal 'and judges no commit' "$(git -C "$repo" bisect log | grep -c '^git bisect \(good\|bad\|skip\)')" 0
git -C "$repo" bisect reset -q
rm "$T"/play/6.1*.end
echo dirt >>"$repo/README"
expect 'a checkout that is not as committed' 129 sh -c "cd '$repo' && '$T/step'"
git -C "$repo" checkout -q README
expect 'auto without a rate' 129 sh -c "cd '$repo' && '$T/step' --trials auto --set smp=2"
matches 'says how to measure it' "$errors" 'run --measure'
expect 'a rate of what never fails' 129 sh -c "cd '$repo' && git checkout -q '$base' && '$T/step' --measure --trials 2; s=\$?; git checkout -q main; exit \$s"
expect 'neither a kernel nor a tree' 129 run --measure
expect 'a number of trials that is none' 129 run --kernel k1 --trials many
