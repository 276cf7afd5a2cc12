# Bisections on the fake back end: decisions, answers, going on, deciding again.
. harness/tests/lib.sh
. harness/tests/play.sh

bisect() { q bisect --connect "fake:$T/play" --scenario AD033 "$@"; }
all=k1,k2,k3,k4,k5,k6

# answers
expect 'a regression is found' 0 bisect --kernels $all --name found --json
equal 'between the right two' "$(jq -c .range <<<"$out")" '["k3","k4"]'
equal 'with the confidence asked for' "$(jq '.probability >= 0.95' <<<"$out")" true
equal 'both rates have their trials' "$(jq '.failing_side.failures > 3 and .other_side.failures == 0' <<<"$out")" true
equal 'the audit tried both again' "$(jq '[.explanation[] | select(startswith("Audit:"))] | length' <<<"$out")" 2
expect 'a fix is found with --find fix' 0 bisect --kernels k6,k5,k4,k3,k2,k1 --find fix --json
equal 'between the right two' "$(jq -c .range <<<"$out")" '["k4","k3"]'
expect 'a list in any order, by version' 0 bisect --by-version --kernels k5,k2,k6,k1,k4,k3 --json
equal 'between the right two' "$(jq -c '.range' <<<"$out")" '["k3","k4"]'
equal 'the order is kept' "$(jq -c '.candidates' <<<"$out")" '["k1","k2","k3","k4","k5","k6"]'
expect 'ends the wrong way round are 1' 1 bisect --kernels k6,k1
matches 'and it says how to ask' "$out" 'add --find fix'
expect 'ends that never fail are 1' 1 bisect --kernels k1,k2 --end-trials 5
matches 'with their rates' "$out" 'the ends do not differ: k1 failed 0 of 5 trials, k2 0 of 5'
matches 'and how many trials another rate would need' "$out" '29 trials for a rate of 0.1'
expect 'ends that always fail are 1' 1 bisect --kernels k5,k6 --json
equal 'and are called the same' "$(jq -r .answer <<<"$out")" same
expect 'too few trials are undecided' 3 bisect --kernels $all --trials 4

# skips
good 3.0.0 | sed 5,99d >"$T/play/k3.events"
good 4.0.0 | sed 5,99d >"$T/play/k4.events"
expect 'skips leave a range and 3' 3 bisect --kernels $all --json
equal 'the range holds them' "$(jq -c .range <<<"$out")" '["k2","k3","k4","k5"]'
matches 'with the reason of each' "$(jq -r '.explanation[]' <<<"$out")" 'k3 cannot be tested: [a-z-]+: '
good 3.0.0 >"$T/play/k3.1.events"
good 3.0.0 | sed 5,99d >"$T/play/k3.2.events"
good 3.0.0 >"$T/play/k3.events"
bad 4.0.0 >"$T/play/k4.events"
expect 'one trial that says nothing is not the end of its candidate' 0 bisect --kernels $all --json
equal 'the answer is the same' "$(jq -c .range <<<"$out")" '["k3","k4"]'
rm "$T"/play/k3.[12].events
good 4.0.0 4096 >"$T/play/k4.events"
mkdir -p "$T/k/unknown" && cp "$T/k/k4/vmlinux" "$T/k/unknown/" && echo unknown >>"$T/k/unknown/vmlinux"
q kernel import --id unknown "$T/k/unknown/vmlinux" >/dev/null 2>&1
good 4.0.0 4096 >"$T/play/unknown.events"
echo "$console_good" >"$T/play/unknown.console"
expect 'a candidate that runs with another page size stops the search' 129 bisect --kernels k1,unknown,k3,k5
matches 'and is named' "$errors" 'unknown runs with pages of 4096 bytes'
bad 4.0.0 >"$T/play/k4.events"
good 1.0.0 | sed 5,99d >"$T/play/k1.events"
expect 'an end that cannot be judged is undecided' 3 bisect --kernels k1,k2,k5
matches 'and is named' "$out" 'the first end, k1, cannot be judged'
good 1.0.0 >"$T/play/k1.events"

# comparing
expect 'others are compared' 0 bisect --kernels k2,k5 --compare k1 --json
equal 'in trials of their own' "$(jq '[.records[] | select(.candidate == "k1")] | length' <<<"$out")" 2
echo failed >"$T/play/k6.end"
expect 'a comparison that breaks is the host'"'"'s fault' 128 bisect --kernels k2,k5 --compare k6 --name kept
matches 'and says how to go on' "$errors" 'qbisect resume kept'
equal 'but the answer is kept' "$(q report --format json kept | jq -r .answer)" found
rm "$T/play/k6.end"
expect 'and resume asks only what is left' 0 q resume kept --json
equal 'of the one compared' "$(jq '[.records[] | select(.candidate == "k6" and .verdict == "bad")] | length' <<<"$out")" 1

# log and replay
expect 'the log' 0 q log found
matches 'has a reason for each decision' "$out" 'ends: the failing end, 0 of 0 failed so far'
matches 'and what it told' "$out" 'told [-0-9.]+ bits; likeliest k4'
expect 'the log as json' 0 q log found --json
equal 'has a decision for each trial' "$(jq '[.decisions[].trials] | add' <<<"$out")" \
	"$(q report --format json found | jq '.records | length')"
expect 'replay decides the same' 0 q replay found --json
equal 'at every step' "$(jq -c '[.same, .differs_at]' <<<"$out")" '[true,0]'
record=$(find "$T/home/results/found" -path '*-k3/verdict.json' | sort | head -n 1)
cp "$record" "$T/record" && sed -i 's/"verdict": "good"/"verdict": "bad"/' "$record"
expect 'replay of evidence that was changed is that of what was recorded' 0 q replay found
matches 'and says so' "$errors" 'records were changed .*-k3'
take_records
expect 'replay of changed evidence says so' 1 q replay found
cp "$T/record" "$record"
take_records
expect 'and of the old again nothing' 0 q replay found
expect 'a git bisect log' 0 q log --git found
echo "$out" >"$T/log"
matches 'has the counts' "$out" '^# bad: \[k4\] [0-9]+ failures in [0-9]+ trials'
expect 'is evidence for another search' 0 bisect --kernels $all --evidence "$T/log" --name given --json
equal 'which needs less of its own' "$(jq '.records | length' <<<"$out")" 0
expect 'and can be replayed' 0 q replay given
echo 'git bisect good k9' >"$T/log"
expect 'evidence of a candidate that is not there' 129 bisect --kernels $all --evidence "$T/log"
matches 'is named with its line' "$errors" 'log:1: k9 is no candidate'
expect 'the log of a run' 129 q log "$(q run --connect "fake:$T/play" --scenario AD033 --kernel k1 --json 2>/dev/null | jq -r .name)"

# broken off
echo hang >"$T/play/k4.end"
setsid "$QBISECT" bisect --home "$T/home" --connect "fake:$T/play" --scenario AD033 --kernels $all --name killed >"$T/bg" 2>&1 &
for _ in $(seq 300); do
	hung=$(find "$T/home/results/killed" -maxdepth 1 -name '*-k4' 2>/dev/null | head -n 1)
	[ -n "$hung" ] && break
	sleep 0.1
done
kill -9 -- -$! && wait $! 2>/dev/null
if [ -d "$hung" ] && [ ! -e "$hung/verdict.json" ]; then pass 'killed in a trial'; else fail 'killed in a trial' "$(cat "$T/bg")"; fi
finished=$(find "$T/home/results/killed" -name verdict.json | wc -l)
printf '{"number": 9' >>"$T/home/results/killed/decisions.jsonl"
rm "$T/play/k4.end"
expect 'a report of what is there' 0 q report killed
expect 'resume goes on' 0 q resume killed --json
answer='[.range, .probability, [.explanation[] | select(startswith("Time") | not)]]'
equal 'to the same answer' "$(jq -cS "$answer" <<<"$out")" "$(q report --format json found | jq -cS "$answer")"
equal 'with no trial run again' "$(jq '.records | length' <<<"$out")" "$(q report --format json found | jq '.records | length')"
if [ "$finished" -gt 0 ]; then pass 'some trials were finished before'; else fail 'no trial was finished before'; fi
equal 'nothing half-written is left' "$(find "$T/home/results/killed" -maxdepth 1 -name '0*' | while read -r d; do
	[ -e "$d/verdict.json" ] || echo "$d"
done)" ''
expect 'and replay agrees' 0 q replay killed
expect 'resume of what has ended shows it' 0 q resume killed

# several boots at a time
expect 'two boots at a time' 0 bisect --kernels $all --slots 2 --name two --json
equal 'find the same' "$(jq -c .range <<<"$out")" '["k3","k4"]'
expect 'in rounds' 0 q log two --json
equal 'of which the second boot is chosen before the first has ended' \
	"$(jq '[.decisions | _nwise(2) | select(length == 2) | map(.why | capture("ends differ with (?<p>[0-9.]+)") | .p)? | select(length == 2) |
		.[0] == .[1]] | length > 0 and all' <<<"$out")" true
expect 'replay decides the same' 0 q replay two
echo '{ "scenario": "AD033", "candidates": ["k2", "k5"], "slots": 3 }' >"$T/slots.json"
expect 'a file may say so' 0 bisect "$T/slots.json" --name three --json
equal 'and it is kept' "$(jq .slots <<<"$out")" 3
expect 'replay decides the same' 0 q replay three
expect 'with as many as there may be' 3 bisect --kernels $all --slots 256 --trials 1 --json
echo "$out" >"$T/slots.out"
expect 'the JSON is as its schema says' 0 harness/tests/schema --closed configs/schemas/report.schema.json "$T/slots.out"
expect 'no more boots than are allowed' 3 bisect --kernels $all --slots 4 --trials 5 --json
equal 'also when there are slots for them' "$(jq '.records | length' <<<"$out")" 5
expect 'several at a time' 0 bisect --kernels $all --slots 4 --json
expect 'the last that is allowed may be the one that tells' 0 bisect --kernels $all --slots 4 --trials "$(jq '.records | length' <<<"$out")"

echo hang >"$T/play/k6.end"
setsid "$QBISECT" bisect --home "$T/home" --connect "fake:$T/play" --scenario AD033 --kernels $all --slots 2 --name torn >"$T/bg" 2>&1 &
for _ in $(seq 300); do
	beside=$(find "$T/home/results/torn" -path '*-k1/verdict.json' 2>/dev/null | head -n 1)
	[ -n "$beside" ] && break
	sleep 0.1
done
kill -9 -- -$! && wait $! 2>/dev/null
rm "$T/play/k6.end"
if [ -n "$beside" ] && [ -z "$(find "$T/home/results/torn" -path '*-k6/verdict.json')" ]; then
	pass 'killed in a round of which one boot had ended'
else
	fail 'killed in a round of which one boot had ended' "$(cat "$T/bg")"
fi
expect 'resume goes on' 0 q resume torn --json
equal 'to the same answer' "$(jq -cS "$answer" <<<"$out")" "$(q report --format json two | jq -cS "$answer")"
equal 'with no trial run again' "$(jq '.records | length' <<<"$out")" "$(q report --format json two | jq '.records | length')"
expect 'and replay agrees' 0 q replay torn

echo hang >"$T/play/k2.end"
good 2.0.0 >"$T/play/k2.1.events"
setsid "$QBISECT" run --home "$T/home" --connect "fake:$T/play" --scenario AD033 --kernel k2 --trials 3 --json >"$T/bg" 2>&1 &
for _ in $(seq 300); do
	run=$(find "$T/home/results" -path '*/run-*/00001-k2' | head -n 1)
	[ -n "$run" ] && break
	sleep 0.1
done
kill -9 -- -$! && wait $! 2>/dev/null
rm "$T/play/k2.end"
run=$(basename "$(dirname "$run")")
expect 'a run that was killed can be gone on with' 0 q resume "$run" --json
equal 'to all of its trials' "$(jq '.records | length' <<<"$out")" 3

# usage
expect 'a contradiction is told before anything is made' 129 bisect --kernels k2,k5 --set filesystem=ext4 --name u1
expect 'so that the name is still free' 129 q report u1
expect 'fewer than two' 129 bisect --kernels k1
expect 'one twice' 129 bisect --kernels k1,k2,k1
expect 'a confidence that nothing reaches' 129 bisect --kernels k1,k5 --confidence 1
cat >"$T/c.json" <<'J'
{ "name": "c1", "scenario": "AD033", "candidates": ["k1", "k5"], "confidence": 0.9,
  "environment": { "smp": 2 } }
J
expect 'a campaign file' 0 q bisect "$T/c.json" --connect "fake:$T/play"
expect 'its report' 0 q report c1
matches 'has the boundary' "$out" 'came between k1 \(good\) and k5 \(bad\)'
expect 'its name is taken now' 129 q bisect "$T/c.json" --connect "fake:$T/play"
sed -i 's/"smp": 2/"smp": "many"/' "$T/c.json"
expect 'a wrong value in the file' 129 q bisect "$T/c.json" --connect "fake:$T/play"
matches 'is named with line and column' "$errors" 'c.json:2:[0-9]+: .*environment.smp'
