# A regression planted in a history of a real kernel: built for ppc64le with 64k pages, booted, found; killed on the way.
. harness/tests/lib.sh
. harness/tests/browse.sh

q() { "$QBISECT" "$@" --home "$T/home"; }
repo=$T/repo
if harness/tests/e2e/history "$repo" >"$T/history.log" 2>&1; then
	pass 'a history was made'
else
	fail 'a history was made' "$(tail -n 5 "$T/history.log")"
fi
rev() { git -C "$repo" rev-parse "$1^{commit}"; }
planted=$(rev planted)
results=$T/home/results/planted

# Killed once in the first build, once in a boot; then left alone.
begin() {
	setsid "$QBISECT" "$@" --home "$T/home" >>"$T/log" 2>&1 &
	victim=$!
}
wait_for() { # WHAT SECONDS COMMAND...
	local what=$1 end=$((SECONDS + $2))
	shift 2
	until [ -n "$("$@" 2>/dev/null)" ] || [ $SECONDS -gt $end ] || ! kill -0 $victim 2>/dev/null; do sleep 0.2; done
	if [ -n "$("$@" 2>/dev/null)" ]; then pass "$what"; else fail "$what" "$(tail -n 20 "$T/log")"; fi
}
compilers() { pgrep -f "^make.*$T/home"; pgrep -f "$T/home/kernels/cache/.build.*vmlinux"; find "$T/home/kernels/cache/.build" -name '*.o' | head -n 1; }
guests() { pgrep -f "qemu-system.*$T/home"; }
begin bisect --git "$repo" --good good --bad bad --arch ppc64le --scenario AD033 --set iterations=10 \
	--compare ppc64le:4k,x86_64 --name planted
wait_for 'the first build runs' 600 compilers
kill -9 -- -$victim 2>/dev/null && wait $victim 2>/dev/null
begin resume planted
wait_for 'a guest runs' 1500 guests
sleep 3
kill -9 -- -$victim 2>/dev/null && wait $victim 2>/dev/null
expect 'resume finishes the campaign' 0 q resume planted --json
cp "$T/stderr" "$T/progress"
answer=$out
equal 'no guest is left' "$(guests)" ''
equal 'with the planted commit' "$(jq -r '.culprit[0]' <<<"$answer")" "$planted"
equal 'as sure as asked for' "$(jq '.probability >= 0.95' <<<"$answer")" true
folded=$(wc -l <"$results/folded.txt")
if [ "$folded" -ge 8 ]; then pass "commits that change no image were folded ($folded)"; else fail 'folded' "$folded commits"; fi
equal 'the audit tried the culprit and its parent' "$(jq '[.explanation[] | select(startswith("Audit:"))] | length' <<<"$answer")" 2
matches 'it is the page size' "$(jq -r .comparison <<<"$answer")" 'it is the page size: 64k pages fail \(ppc64le\), 4k pages do not \(ppc64le, x86_64\)'
equal 'no commit was built twice' "$(jq -r '.records[] | select(.build_ms > 0) | .commit' <<<"$answer" | sort | uniq -d)" ''
expect 'replay agrees' 0 q replay planted
expect 'the report' 0 q report planted
matches 'is ready to send' "$out" "Fixes: ${planted:0:12}"
sed 's/^/# /' <<<"$out"
expect 'a dump' 0 q report --format html --output "$T/dump"
expect 'its pages are as they must be' 0 harness/tests/dump "$T/dump" "$T"
browse index bisect trial

# What cannot be judged, and why.
expect 'a commit that does not build is a skip' 125 q kernel build --git "$repo" --rev no-build --arch ppc64le
matches 'with its first error' "$errors" 'no_such'
for rev in no-boot crash; do
	id=$(q kernel build --git "$repo" --rev $rev --arch ppc64le 2>/dev/null | tail -n 1)
	expect "$rev is a skip" 125 q run --kernel "$id" --scenario AD033 --json
	matches "$rev: with its class" "$(jq -r '.records[0].class' <<<"$out")" '^(panic|bug|oops|hang|no-.*|.*crash.*)$'
done

# The user's own bisection, with git.
step=$(printf '%q run --home %q --build . --arch ppc64le --scenario AD033 --set iterations=10 --trials auto' "$QBISECT" "$T/home")
cd "$repo" || exit 1
git checkout -q bad
expect 'the rate is measured on the bad end' 1 sh -c "${step% --trials auto} --measure --trials 5"
git bisect start bad good >/dev/null 2>&1
expect 'git bisect run' 0 git bisect run sh -c "$step 2>>$T/steps"
matches 'ends at the same commit' "$out" "$planted is the first bad commit|first bad commit could be any of"
