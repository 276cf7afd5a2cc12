# Factor studies on the fake back end: answers, impossible settings, going on after a kill, bad input.
. harness/tests/lib.sh
. harness/tests/play.sh

factors() { q factors "$T/f.json" --connect "fake:$T/play" "$@"; }

# FAILING-KERNEL PASSING-KERNEL FAILING-ENVIRONMENT PASSING-ENVIRONMENT [MORE]
ask() {
	printf '{"scenario": "AD033", "fails": {"kernel": "%s", "environment": {%s}},\n "passes": {"kernel": "%s", "environment": {%s}}%s}\n' \
		"$1" "$3" "$2" "$4" "${5:-}" >"$T/f.json"
}

# The role of a factor in the JSON on stdout.
role() { jq -r ".factors[] | select(.name == \"$1\") | .role" <<<"$out"; }
factors_of() { jq -r '[.factors[].name] | join(" ")' <<<"$out"; }

# it is the kernel: k5 has the failure in every environment, k2 in none
ask k5 k2 '"smp": 4, "disksize": 400' '"smp": 2'
expect 'the kernel is found' 0 factors --name kernel --json
echo "$out" >"$T/study.json"
equal 'among what differs' "$(factors_of)" 'kernel smp disksize'
equal 'it is necessary and enough' "$(role kernel)" 'necessary and sufficient'
equal 'the others do not matter' "$(role smp) $(role disksize)" 'irrelevant irrelevant'
equal 'with the confidence asked for' "$(jq '.probability >= 0.95' <<<"$out")" true
matches 'in words' "$(jq -r .sentence <<<"$out")" '^it is kernel alone, 5.0.0 fails and 2.0.0 does not; smp and disksize do not matter'
matches 'with the next command' "$(jq -r '.explanation[]' <<<"$out")" 'qbisect bisect --kernels k2,k5 --scenario AD033 .*--set disksize=400'
equal 'in few trials' "$(jq '.records | length < 15' <<<"$out")" true
expect 'the JSON is as its schema says' 0 harness/tests/schema --closed configs/schemas/report.schema.json "$T/study.json"
expect 'the report' 0 q report kernel
matches 'is a table' "$out" '^smp +4 +2 +irrelevant +smp swapped: 1 of 1 failed \(21-100 %\)$'
expect 'the log' 0 q log kernel
matches 'has each decision' "$out" '^ +[0-9]+  kernel swapped$'
matches 'with why' "$out" 'swaps: kernel swapped, 0 of 0 failed so far; does it fail\? [0-9]+ passes would say that it does not'
matches 'and what it told' "$out" 'told [0-9.]+ bits; likeliest it does not fail 0.9'
expect 'the log as json' 0 q log kernel --json
equal 'has all trials' "$(jq '[.decisions[] | .failures + .passes] | add' <<<"$out")" "$(q report --format json kernel | jq '.records | length')"
expect 'replay decides the same' 0 q replay kernel --json
equal 'at every step' "$(jq -c '[.same, .differs_at, .answer]' <<<"$out")" '[true,0,"found"]'
record=$(find "$T/home/results/kernel" -path '*-k2/verdict.json' | sort | tail -n 1)
cp "$record" "$T/record" && sed -i 's/"verdict": "good"/"verdict": "bad"/' "$record"
take_records
expect 'and of changed evidence says so' 1 q replay kernel
cp "$T/record" "$record"
take_records
expect 'the log is not for git' 129 q log --git kernel
ask "$T/k/k5" k2 '"smp": 4' '"smp": 2'
expect 'a kernel by its path' 0 factors --json
equal 'is that kernel' "$(jq -r '.candidates | join(" ")' <<<"$out")" 'k5 k2'
ask k3 k6 '"smp": 4' '"smp": 2'
expect 'ends the wrong way round are 1' 1 factors
matches 'and it says what to do' "$out" 'exchange "fails" and "passes"'
ask k6 k5 '"smp": 4' '"smp": 2'
expect 'ends that both fail are 1' 1 factors --json
equal 'and are called the same' "$(jq -r .answer <<<"$out")" same
ask k1 k2 '"smp": 4' '"smp": 2' ', "end-trials": 5'
expect 'ends that never fail are 1' 1 factors
matches 'with their rates' "$out" 'the failing end failed 0 of 5 trials'
ask k5 k2 '"smp": 4' '"smp": 2' ', "trials": 4'
expect 'too few trials are undecided' 3 factors
matches 'and it says what is known' "$out" 'undecided after 4 trials'

# kernels of two page sizes: the failure is where the pages are large, whatever the version
small() { # ID RELEASE
	kernel "$1" "$2"
	sed -i 's/CONFIG_PPC_64K_PAGES=y/CONFIG_PPC_4K_PAGES=y/' "$T/k/$1/config"
	q kernel remove "$1" >/dev/null && q kernel import --id "$1" "$T/k/$1" >/dev/null || fail "importing $1"
	good "$2" 4096 >"$T/play/$1.events"
	echo "$console_good" >"$T/play/$1.console"
}
small small2 2.0.0-small
small small5 5.0.0-small
ask k5 small2 '"smp": 4' '"smp": 2'
expect 'version and page size together' 0 factors --json
equal 'are one factor' "$(factors_of)" 'kernel+pagesize smp'
matches 'and it says how to tell them apart' "$(jq -r '.explanation[]' <<<"$out")" 'add a kernel to "kernels"'
ask k5 small2 '"smp": 4' '"smp": 2' ', "kernels": ["small5", "k4"]'
expect 'a kernel that is no mixture' 129 factors
matches 'is named' "$errors" 'f.json: "kernels": k4 \(kernel 4.0.0\) is no mixture of k5 and small2'
kernel big2 2.0.0
bad 2.0.0 >"$T/play/big2.events"
echo "$console_bad" >"$T/play/big2.console"
ask k5 small2 '"smp": 4' '"smp": 2' ', "kernels": ["small5", "big2"]'
expect 'mixtures tell them apart' 0 factors --json --name apart
equal 'into two factors' "$(factors_of)" 'kernel pagesize smp'
equal 'it is the page size' "$(role pagesize)" 'necessary and sufficient'
matches 'and not the kernel' "$(jq -r .sentence <<<"$out")" '^it is pagesize alone, 64k fails and 4k does not, and not the kernel; smp does not matter'
matches 'which it refuses to blame' "$(jq -r '.explanation[]' <<<"$out")" 'not the kernel: .*kernel swapped failed 1 of 1 .*Bisecting kernels would find nothing'
ask k5 small2 '"smp": 4' '"smp": 2' ', "kernels": ["small5"]'
expect 'with one mixture some settings cannot be' 3 factors --json
equal 'the page size is still told' "$(role pagesize) $(role smp)" 'necessary irrelevant'
equal 'the kernel is not' "$(role kernel)" undecided
matches 'and what could not be tested' "$(jq -r '.factors[] | select(.name == "kernel") | .reason' <<<"$out")" 'no kernel was given with kernel 2.0.0, pagesize 64k'

# what cannot be
ask k5 k2 '"iterations": 9, "seconds": 0' '"iterations": 0, "seconds": 9'
expect 'a contradiction on the way is no error' 0 factors --json
equal 'two that only go together have their answer' "$(role iterations) $(role seconds)" 'irrelevant irrelevant'
matches 'which says so' "$(jq -r '.factors[] | select(.name == "seconds") | .reason' <<<"$out")" 'exactly one must be 0'
equal 'nothing was booted for it' "$(jq '[.records[] | select(.environment.seconds == .environment.iterations)] | length' <<<"$out")" 0
good 2.0.0 | sed 5,99d >"$T/play/k2.events"
ask k5 k2 '"smp": 4' '"smp": 2'
expect 'a passing end that cannot be tested' 3 factors --json
equal 'leaves its kernel open' "$(role kernel)" undecided
equal 'and tells the rest' "$(role smp)" irrelevant
good 2.0.0 >"$T/play/k2.events"
bad 5.0.0 | sed 5,99d >"$T/play/k5.events"
expect 'nor a failing one' 3 factors
matches 'which is named' "$out" 'the failing end cannot be judged'
bad 5.0.0 >"$T/play/k5.events"

# broken off
ask k5 k2 '"smp": 4, "disksize": 400' '"smp": 2' ', "name": "killed"'
echo hang >"$T/play/k2.end"
good 2.0.0 >"$T/play/k2.1.events"
setsid "$QBISECT" factors "$T/f.json" --home "$T/home" --connect "fake:$T/play" >"$T/bg" 2>&1 &
for _ in $(seq 300); do
	hung=$(find "$T/home/results/killed" -maxdepth 1 -name '*-k2' 2>/dev/null | head -n 1)
	[ -n "$hung" ] && break
	sleep 0.1
done
kill -9 -- -$! && wait $! 2>/dev/null
finished=$(find "$T/home/results/killed" -name verdict.json | wc -l)
if [ "$finished" -gt 2 ] && [ ! -e "$hung/verdict.json" ]; then pass 'killed in a trial'; else fail 'killed in a trial' "$(cat "$T/bg")"; fi
printf '{"number": 9' >>"$T/home/results/killed/decisions.jsonl"
rm "$T/play/k2.end"
expect 'a report of what is there' 0 q report killed
expect 'resume goes on' 0 q resume killed --json
equal 'to the same answer' "$(jq -cS '[.sentence, .factors, .probability]' <<<"$out")" \
	"$(q report --format json kernel | jq -cS '[.sentence, .factors, .probability]')"
equal 'with no trial run again' "$(jq '.records | length' <<<"$out")" "$(q report --format json kernel | jq '.records | length')"
equal 'and the same decisions' "$(q log --json killed | jq -c '[.decisions[] | del(.seconds)]')" "$(q log --json kernel | jq -c '[.decisions[] | del(.seconds)]')"
expect 'and replay agrees' 0 q replay killed
expect 'resume of what has ended shows it' 0 q resume killed
expect 'a name that is taken' 129 factors

# bad input
printf '{"scenario": "AD033",\n "fails": {"kernel": "k5", "environment": {"smp": "many"}}, "passes": {"kernel": "k2"}}' >"$T/f.json"
expect 'a wrong value' 129 factors
matches 'is named with line and column' "$errors" 'f.json:2:[0-9]+: \$.fails.environment.smp'
ask k5 k5 '"smp": 4' '"smp": 4'
expect 'ends that are the same setting' 129 factors
matches 'are told so' "$errors" 'the two ends do not differ'
ask k5 k2 '"pagesize": "64k"' ''
expect 'a page size without its kernel' 129 factors
ask k5 k99 '' ''
expect 'a kernel that is not there' 129 factors
ask k5 k2 '"filesystem": "ext4"' ''
expect 'an end that contradicts itself is told before anything is made' 129 factors --name u1
matches 'with the end' "$errors" '"fails": nocow is a matter of btrfs'
expect 'so that the name is still free' 129 q report u1
expect 'no file' 129 q factors
expect 'a file that is not there' 129 q factors "$T/none.json"
sed -i 's/AD033/AD999/' "$T/f.json"
expect 'a scenario that is not there' 129 factors
