# Matrices on the fake back end: cells, comparison with the run before, going on, what cannot be run.
. harness/tests/lib.sh
. harness/tests/play.sh

matrix() { q matrix --connect "fake:$T/play" "$@"; }
field() { jq -r "$1" <<<"$out"; }

cat >"$T/night.json" <<'END'
{
  "name": "night",
  "candidates": ["k1", "k2", { "name": "newest", "id": "k3" }],
  "environments": [{ "name": "nocow" }, { "name": "plain", "set": { "nocow": false } }],
  "scenarios": ["AD033", "AD029-AD031"],
  "set": { "iterations": 2 },
  "exclude": [{ "candidates": ["k2"], "scenarios": ["AD03?"], "why": "a test" }]
}
END

expect 'a night in which nothing fails is 0' 0 matrix "$T/night.json" --json
equal 'it passed' "$(field .answer)" passed
equal 'every cell was tried once' "$(field '.records | length')" 18
equal 'and is in the JSON' "$(field '[.cells[] | select(.state == "good" and .trials == 1)] | length')" 18
equal 'an exclusion holds' "$(field '[.cells[] | select(.candidate == "k2" and .scenario == "AD033")] | length')" 0
equal 'a name stands for its kernel' "$(field '[.records[] | select(.candidate_name == "newest" and .candidate == "k3")] | length')" 8
matches 'there is nothing to compare with' "$(field .sentence)" 'no run before'
echo "$out" >"$T/night.out"
expect 'the JSON is as its schema says' 0 harness/tests/schema --closed configs/schemas/report.schema.json "$T/night.out"

sed 's/"id": "k3"/"id": "k5"/' "$T/night.json" >"$T/newer.json"
expect 'a night with new failures is 1' 1 matrix "$T/newer.json" --name second
matches 'they are counted' "$out" 'since night-[0-9TZ]+ 8 new failures, 0 fixed'
matches 'and named' "$out" 'new failure: newest nocow AD033, 1 of 1 trials failed \(before: 0 of 1\): fsync gave EIO'
matches 'with what they have in common' "$out" 'it is the kernel: 5.0.0 fail \(8 of 8 trials; ppc64le\), 1.0.0, 2.0.0 do not'
matches 'the table has a word for them' "$out" '^nocow  AD033 +0/1 +1/1 BAD$'

expect 'the same failures again are no news' 0 matrix "$T/newer.json" --json
equal 'but are still there' "$(field '[.cells[] | select(.change == "still failing")] | length')" 8
equal 'compared with the night before' "$(field .previous)" second

expect 'a night that mends is 0' 0 matrix "$T/night.json" --json
equal 'what is fixed is said' "$(field '[.cells[] | select(.change == "fixed")] | length')" 8

# Nights within one second, as on a fast machine: the one that was saved last is the run before.
for file in $(ls -tr "$T"/home/results/*/campaign.json); do
	sed -i 's/"started": *"[^"]*"/"started": "2026-01-01T00:00:00Z"/' "$file"
done
bad 3.0.0 >"$T/play/k3.events"
echo "$console_bad" >"$T/play/k3.console"
expect 'what the very same kernel does now and then is no news' 0 matrix "$T/night.json" --json
equal 'but is said' "$(field '[.cells[] | select(.change == "now and then")] | length')" 8
good 3.0.0 >"$T/play/k3.events"
echo "$console_good" >"$T/play/k3.console"
echo failed >"$T/play/k3.end"
expect 'a night whose kernel breaks the host is not complete' 3 matrix "$T/night.json"
rm "$T/play/k3.end"
expect 'a cell is compared with the last run that judged it' 0 matrix "$T/night.json" --json
equal 'across the broken one' "$(field '[.cells[] | select(.change == "now and then")] | length')" 8
for record in "$T"/home/results/second/00001-*/verdict.json; do echo "{" >"$record"; done
expect 'a damaged run before stops no night' 0 matrix "$T/night.json" --json

# repeats, and what happens now and then
cat >"$T/flaky.json" <<'END'
{ "candidates": ["k1", "k2"], "scenarios": ["AD033"], "set": { "iterations": 2 }, "repeats": 4, "slots": 1 }
END
bad 1.0.0 >"$T/play/k1.2.events"
expect 'a cell that fails now and then' 1 matrix "$T/flaky.json" --json
equal 'is flaky, with its rate' "$(field '.cells[] | select(.candidate == "k1") | "\(.state) \(.failures)/\(.trials)"')" 'flaky 1/4'
equal 'without a name nothing is compared' "$(field .previous)" ''
rm "$T/play/k1.2.events"

# a kernel that its suite does not have, or not any more: here the mirror has no suite at all
printf 'Dir::Etc::sourcelist "%s";\nDir::Etc::sourceparts "%s";\n' "$T/sources.list" "$T/none" >"$T/apt.conf"
echo "deb copy:$T/archive stable main" >"$T/sources.list"
mkdir "$T/archive"
cat >"$T/gone.json" <<'END'
{ "candidates": ["k1", { "name": "gone", "suite": "forky", "package": "linux-image-amd64" }], "scenarios": ["AD033"] }
END
gone() { XDG_CACHE_HOME=$T/cache APT_CONFIG=$T/apt.conf matrix "$T/gone.json" "$@"; }
expect 'a kernel that cannot be had does not keep the others' 0 gone --name gone --json
equal 'its cell says why' "$(field '.cells[] | "\(.candidate) \(.state) \(.why)"')" \
	$'gone skip the mirror has no suite forky\nk1 good '
sed 's/"k1", \(.*\)}\]/\1}, { "suite": "..\/x", "package": "linux-image-amd64" }]/' "$T/gone.json" >"$T/wrong.json"
mistake=$(XDG_CACHE_HOME=$T/cache APT_CONFIG=$T/apt.conf matrix "$T/wrong.json" 2>&1)
equal 'what is no suite is 129' $? 129
matches 'it is named' "$mistake" "candidates: \.\./x linux-image-amd64: '\.\./x': expected a suite"
equal 'before another one is fetched' "$(grep -c fetching <<<"$mistake")" 0
sed -i 's/"k1", //' "$T/gone.json"
expect 'when none can be had nothing runs' 128 gone
matches 'and it says why' "$errors" 'none of the candidates could be fetched; gone: .*no suite forky'
sed -i 's/AD033/AD999/' "$T/gone.json"
expect 'what is wrong in the file is told before anything is fetched' 129 gone
matches 'a scenario' "$errors" 'AD999'
equal 'nothing was fetched' "$(grep -c fetching <<<"$errors")" 0

# a new failure bisects itself, between the kernel that passed and the one that fails
cat >"$T/rolling.json" <<'END'
{ "name": "rolling", "candidates": [{ "name": "newest", "id": "ID" }], "scenarios": ["AD033"], "set": { "iterations": 2 } }
END
sed s/ID/k2/ "$T/rolling.json" >"$T/rolling-1.json"
sed s/ID/k6/ "$T/rolling.json" >"$T/rolling-2.json"
expect 'the kernel of the first night passes' 0 matrix "$T/rolling-1.json"
expect 'that of the second fails' 1 matrix "$T/rolling-2.json" --bisect-regressions --json
matches 'and is traced' "$(field '.explanation[]')" 'bisected newest AD033: the failure came between k3 \(good\) and k4 \(bad\), with probability 0\.9'
expect 'the bisection is a campaign of its own' 0 q log "$(sed -n "s/.*'qbisect log \([^']*\)'.*/\1/p" <<<"$out" | head -n 1)"
expect 'a failure that stays is not bisected again' 0 matrix "$T/rolling-2.json" --bisect-regressions --json
equal 'so there is none' "$(field '[.explanation[] | select(startswith("bisected"))] | length')" 0
sed s/ID/k1/ "$T/rolling.json" >"$T/rolling-3.json"
bad 1.0.0 >"$T/play/k1.events"
expect 'it passes again' 0 matrix "$T/rolling-1.json"
expect 'an older kernel fails' 1 matrix "$T/rolling-3.json" --bisect-regressions --json
matches 'then there is nothing to bisect' "$(field '.explanation[]')" 'it cannot be done: k2, which passed, is newer than k1'
good 1.0.0 >"$T/play/k1.events"

# one cell's trouble is its own
kernel nobtrfs 7.0.0 '# CONFIG_BTRFS_FS is not set'
cat >"$T/mixed.json" <<'END'
{
  "name": "mixed",
  "candidates": ["k1", "nobtrfs"],
  "environments": [{ "name": "btrfs" }, { "name": "ext4", "set": { "filesystem": "ext4" } },
    { "name": "small", "set": { "pagesize": 4096 } }],
  "scenarios": ["AD033"], "set": { "iterations": 2, "nocow": true }
}
END
expect 'cells that make no sense are skips' 0 matrix "$T/mixed.json" --json
equal 'the others run' "$(field '[.cells[] | select(.state == "good")] | length')" 1
matches 'a contradiction has its reason' "$(field '.cells[] | select(.environment == "ext4") | .why')" 'nocow'
matches 'a kernel without btrfs, too' "$(field '.cells[] | select(.candidate == "nobtrfs" and .environment == "btrfs") | .why')" 'btrfs'
matches 'and one of another page size' "$(field '.cells[] | select(.environment == "small" and .candidate == "k1") | .why')" '64k'

# a name that stands for other settings since is another cell
cat >"$T/settings.json" <<'END'
{ "name": "settings", "candidates": [{ "name": "newest", "id": "ID" }], "scenarios": ["AD033"], "set": { "iterations": 2, "smp": SMP } }
END
sed 's/ID/k1/; s/SMP/2/' "$T/settings.json" >"$T/settings-1.json"
sed 's/ID/k6/; s/SMP/3/' "$T/settings.json" >"$T/settings-2.json"
sed 's/ID/k1/; s/SMP/4/' "$T/settings.json" >"$T/settings-3.json"
expect 'it passes' 0 matrix "$T/settings-1.json"
expect 'set otherwise a failure is a new one' 1 matrix "$T/settings-2.json" --bisect-regressions --json
matches 'and it is said how it was set' "$(field '.explanation[]')" 'new failure: newest AD033, .*\(before, set otherwise, 0 of 1: .*smp=2'
equal 'that is nothing to bisect' "$(field '[.explanation[] | select(startswith("bisected"))] | length')" 0
matches 'but the question to ask is named' "$(field '.explanation[]')" "^not bisected: newest AD033: smp was set otherwise when it passed: ask 'qbisect factors'"
expect 'nor is it mended by other settings' 0 matrix "$T/settings-3.json" --json
equal 'so nothing is fixed' "$(field '[.cells[] | select(.change == "fixed")] | length')" 0

# a kernel that does not come up, asked by many
echo hang >"$T/play/k3.end"
: >"$T/play/k3.events"
cat >"$T/dead.json" <<'END'
{ "name": "dead", "candidates": ["k3"], "scenarios": ["AD029-AD038"], "together": 10, "set": { "iterations": 2, "bootlimit": 1 } }
END
expect 'cells of a kernel that does not come up' 0 matrix "$T/dead.json" --json
equal 'are skips' "$(field '[.cells[] | select(.state == "skip")] | length')" 10
equal 'after a boot for all and one for one' "$(field '[.records[] | select(.class != "untestable") | if .boot == "" then .started else .boot end] | unique | length')" 2
matches 'with the reason' "$(field '.cells[] | select(.scenario == "AD038") | .why')" 'the kernel does not come up: '
good 3.0.0 >"$T/play/k3.events"
rm "$T/play/k3.end"

# a file system that this kernel cannot mount, asked by many (sectors of 64k, of a kernel with pages of 4k)
{ boot 3.0.0 65536 | sed '/phase mount/q' && echo '# broken mount EINVAL mounting /dev/vda as btrfs'; } >"$T/play/k3.events"
sed 's/"dead"/"sectors"/; s/"set"/"slots": 1, "set"/' "$T/dead.json" >"$T/sectors.json"
expect 'cells whose file system cannot be mounted' 0 matrix "$T/sectors.json" --json
equal 'are skips, too' "$(field '[.cells[] | select(.state == "skip")] | length')" 10
equal 'after as many boots' "$(field '[.records[] | select(.class != "untestable") | if .boot == "" then .started + .scenario else .boot end] | unique | length')" 2
matches 'with what the guest says' "$(field '.cells[] | select(.scenario == "AD038") | .why')" 'not come as far as the test: .*mount: mounting /dev/vda as btrfs'
good 3.0.0 >"$T/play/k3.events"

# broken off and gone on with
echo hang >"$T/play/k3.end"
facts 3.0.0 65536 >"$T/play/k3.events"
cat >"$T/long.json" <<'END'
{ "name": "long", "candidates": ["k3", "k1"], "scenarios": ["AD029-AD036"], "slots": 1,
  "set": { "iterations": 2, "timelimit": 1, "bootlimit": 1 } }
END
setsid "$QBISECT" matrix "$T/long.json" --home "$T/home" --connect "fake:$T/play" --name broken-off >"$T/log" 2>&1 &
victim=$!
until [ -e "$T/home/results/broken-off/00001-k3" ] || ! kill -0 $victim; do sleep 0.05; done
kill -9 -- -$victim 2>/dev/null
wait $victim 2>/dev/null
rm "$T/play/k3.end"
good 3.0.0 >"$T/play/k3.events"
expect 'resume goes on' 0 q resume broken-off --json
equal 'to the last cell, none twice' "$(field '[.cells[] | select(.trials == 1)] | length')" 16
expect 'and again changes nothing' 0 q resume broken-off --json
equal 'no trial more' "$(field '.records | length')" 16

# a host that breaks everything
echo '{ "name": "host", "candidates": ["k1", "k2"], "scenarios": ["AD033"] }' >"$T/host.json"
expect 'a night' 0 matrix "$T/host.json"
echo failed >"$T/play/k1.end"
expect 'cells whose every trial broke are not judged' 3 matrix "$T/flaky.json" --json
equal 'they are not tried' "$(field '.cells[] | select(.candidate == "k1") | .state')" 'not tried'
matches 'and it says whose fault that is' "$(field .sentence)" '1 broken: the host'
equal 'and which they are' "$(field '.explanation[] | select(startswith("not tried"))')" 'not tried: k1: AD033'
expect 'of which some had passed before' 3 matrix "$T/host.json" --json
equal 'are told once' "$(field '.explanation[]')" 'not tried: k1: AD033'
rm "$T/play/k1.end"

# two hosts, which take turns
cp -r "$T/play" "$T/other"
for file in "$T/other"/*.console; do echo '[    3.000000] the other host' >>"$file"; done
echo '{ "name": "two", "candidates": ["k1", "k2"], "scenarios": ["AD029-AD036"], "set": { "iterations": 2 } }' >"$T/two.json"
expect 'a matrix on two hosts' 0 matrix "$T/two.json" --connect "fake:$T/other" --name two-hosts --json
equal 'has every cell once' "$(field '[.cells[] | select(.state == "good" and .trials == 1)] | length')" 16
there=$(grep -l 'the other host' "$T/home/results/two-hosts"/*/console.log | wc -l)
if [ "$there" -ge 4 ] && [ "$there" -le 12 ]; then pass 'boots of both'; else fail 'boots of both' "$there of 16 on the second"; fi
equal 'both are kept for resume' "$(jq -r .connect "$T/home/results/two-hosts/campaign.json")" "fake:$T/play
fake:$T/other"
matches 'as many at a time as both are good for' "$errors" " 0 left out by the file; $((2 * $(nproc))) guests at a time on 2 hosts"

# one that breaks what it gets is always free
for k in k1 k2; do echo failed >"$T/other/$k.end"; done
expect 'a matrix on two hosts, one of which breaks all' 0 matrix "$T/two.json" --connect "fake:$T/other" --name one-breaks --json
equal 'has every cell once all the same' "$(field '[.cells[] | select(.state == "good" and .trials == 1)] | length')" 16
broken=$(field '[.records[] | select(.verdict == "broken")] | length')
if [ "$broken" -le $(($(nproc) * 2)) ]; then pass 'it did not get much'; else fail 'it did not get much' "$broken broken trials"; fi
rm "$T/other"/*.end
expect 'a matrix on two hosts, one of which is not there' 0 matrix "$T/two.json" --connect 'qemu+none://there/system' --name one-dead --json
equal 'has every cell once on the other' "$(field '[.cells[] | select(.state == "good" and .trials == 1)] | length')" 16
matches 'and says what is wrong' "$errors" 'qemu.none://there/system: libvirt says: .*; it is tried again later'

# What only a host that does not answer might run is put off, and is no fault of the others.
mkdir "$T/bin" && cp -rs /usr/bin/. /usr/sbin/. "$T/bin" 2>/dev/null
rm -f "$T/bin/qemu-system-ppc64"
without() { PATH=$T/bin "$QBISECT" matrix "$T/two.json" --connect "fake:$T/play" --home "$T/home" "$@"; }
expect 'a matrix whose one fit host is not there' 3 without --connect 'qemu+none://there/system' --name put-off --json
matches 'tries nothing' "$(field .sentence)" '16 '
matches 'and says why' "$errors" 'put off: .*no host that may run ppc64le guests answers|put off: .*qemu-system-ppc64 is not installed'

expect 'a host twice is refused' 129 matrix "$T/two.json" --connect "fake:$T/play"
matches 'by name' "$errors" "--connect fake:$T/play is there twice"
expect 'two hosts for what runs on one are refused' 129 q run --kernel k1 --connect "fake:$T/play" --connect "fake:$T/other"
matches 'in words' "$errors" '--connect is there twice: expected one URI'

# Each key of the file that ships, and those it does not need, are told to who has the program alone.
expect 'help' 0 q matrix --help
for key in $(jq -r 'keys[], (.candidates[], .environments[], .exclude[] | keys[])' configs/campaigns/nightly.json | sort -u) id repeats slots runtime; do
	grep -qF "\"$key\"" <<<"$out" || echo "$key"
done >"$T/untold"
equal 'tells each key' "$(<"$T/untold")" ''

# mistakes
mistake() { # NAME PATTERN TEXT
	echo "$3" >"$T/mistake.json"
	expect "$1" 129 matrix "$T/mistake.json"
	matches "$1: it says so" "$errors" "$2"
}
mistake 'a kernel that is not there' 'candidates: k9: no kernel' '{"candidates": ["k9"], "scenarios": ["AD033"]}'
mistake 'an unknown scenario' 'scenarios: .*AD999' '{"candidates": ["k1"], "scenarios": ["AD999"]}'
mistake 'a tag that is in two files' 'AD001' '{"candidates": ["k1"], "scenarios": ["AD001"]}'
mistake 'nothing left' 'nothing is left of 1 cells' \
	'{"candidates": ["k1"], "scenarios": ["AD033"], "exclude": [{"scenarios": ["AD*"], "why": "x"}]}'
mistake 'an exclusion that matches no scenario' "'AX\*' matches no scenario" \
	'{"candidates": ["k1"], "scenarios": ["AD033"], "exclude": [{"scenarios": ["AX*"], "why": "x"}]}'
mistake 'a budget that is too small' 'budget: 1 min are too few' \
	'{"candidates": ["k1"], "scenarios": ["AD033"], "budget": 1, "set": {"iterations": 0, "seconds": 100}}'
mistake 'a program that is not there' 'mistake.json: workload=exec needs a program' \
	'{"candidates": ["k1"], "scenarios": ["AD033"], "set": {"workload": "exec"}}'
mistake 'a wrong key' 'mistake.json:1:.*candidate' '{"candidate": ["k1"], "scenarios": ["AD033"]}'
expect 'no file' 129 matrix "$T/nothing.json"
expect 'no word' 129 matrix
equal 'a mistake leaves no campaign' "$(ls "$T/home/results" | grep -c '^matrix')" 2
