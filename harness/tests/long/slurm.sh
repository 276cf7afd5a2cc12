# Real kernels, booted by the jobs of a cluster: the same answer and the same verdicts as here, whatever dies on the way.
. harness/tests/lib.sh
. harness/tests/slurm.sh

connect=qemu:///embed
cpus=2 # a guest on each node
q() { "$QBISECT" "$@" --home "$T/home"; }
fetch() { q kernel fetch debian "$1" "$2" 2>>"$T/fetch.log" | tail -n 1; } # SUITE PACKAGE
field() { jq -r "$1" <<<"$out"; }
guests() { pgrep -f "qemu-system.*$T/home"; }
results=$T/home/results

if ! start_cluster >"$T/start.log" 2>&1; then
	fail 'a cluster of two nodes starts' "$(cat "$T/start.log")"
	exit 1
fi
pass 'a cluster of two nodes starts'

old=$(fetch bookworm linux-image-powerpc64le:ppc64el)
new=$(fetch trixie linux-image-powerpc64le-64k:ppc64el)

# --- a bisection of packages -----------------------------------------------------------------------------------------
# KERNEL FOLDER: its installed tree, with the modules alone that a guest can have a use for.
unpack() {
	local from=$T/home/kernels/cache/$1 release
	release=$(q kernel show --json "$1" | jq -r .release)
	mkdir -p "$2/boot"
	cp "$from/vmlinux" "$2/boot/vmlinux-$release"
	cp "$from/config" "$2/boot/config-$release"
	cp -r "$from/lib" "$2"
	rm -rf "$2/lib/modules/$release"/kernel/{net,sound}
	find "$2/lib/modules/$release/kernel/drivers" -mindepth 1 -maxdepth 1 ! -name virtio ! -name block ! -name char -exec rm -r {} +
}
# KERNEL LETTERS: the kernel over and over, but for a letter in the version that it says. Their ids are put behind $list.
copies() {
	local letter
	unpack "$1" "$T/tree"
	for letter in $2; do
		sed -i "s/#[1a-z] SMP/#$letter SMP/g" "$T"/tree/boot/vmlinux-*
		q kernel import --id "$letter" "$T/tree" >/dev/null || fail "importing $letter"
		list+=${list:+,}$letter
	done
	rm -r "$T/tree"
}
list=
copies "$old" 'a b c d e f g h i j'
copies "$new" 'k l m n o p'

# NAME SLOTS RUNTIME: which kernel mended PAGE-MIXED. Its JSON is in $out.
search() {
	expect "a bisection of 16 kernels, $1" 0 q bisect --name "$1" --kernels "$list" --find fix --scenario PAGE-MIXED \
		--set nocow=false --set iterations=5 --set smp=2 --slots "$2" --runtime "$3" --json
	equal "$1: the answer" "$(field '"\(.range | join(" ")) \(.probability >= 0.95)"')" 'j k true'
}
# What a search took: its trials, its time, and the time of all its trials, in seconds.
trials() { field '[.records[] | select(.verdict != "broken")] | length'; }
span() {
	field '[.records[] | {from: (.started | fromdate), took: (([.phases_ms[]] | add) / 1000)}] |
		(map(.from + .took) | max) - (map(.from) | min) | round'
}
work() { field '[.records[].phases_ms[]] | add / 1000 | round'; }
search here 1 local
single=$(trials)
search jobs 2 slurm
double=$(trials)
# Both slots full, a round is two trials: 0.7 of the rounds. That they are is a matter of time, which a test can tell roughly.
if [ "${double:-0}" -ge 10 ] && [ $((double * 10)) -le $((single * 14)) ]; then
	pass "two slots need 1.4 times the trials of one at most ($double and $single)"
else
	fail 'two slots need 1.4 times the trials of one at most' "$double, and $single with one:
$(field '.records[] | "\(.candidate_name) \(.verdict) \(.started) \(.phases_ms | tostring)"')"
fi
booted=$(work) passed=$(span)
if [ "${passed:-0}" -gt 0 ] && [ $((${booted:-0} * 10)) -ge $((passed * 13)) ]; then
	pass "they ran side by side ($booted s of trials in $passed s)"
else
	fail 'they ran side by side' "$booted s of trials in $passed s"
fi
for node in n1 n2; do matches "$node had some of them" "$(<"$S/$node.log")" 'Launching batch job'; done
expect 'replay decides as it did' 0 q replay jobs

# --- a nightly matrix, and what can happen to it ---------------------------------------------------------------------
cat >"$T/matrix.json" <<END
{
  "name": "nightly",
  "candidates": [ { "name": "old", "id": "$old" }, { "name": "new", "id": "$new" } ],
  "environments": [{ "name": "nocow" }, { "name": "checksums", "set": { "nocow": false } }],
  "scenarios": ["PAGE-MIXED", "PAGE-APPEND"],
  "set": { "iterations": 10, "smp": 2 },
  "together": 2
}
END
cells='[.cells[] | [.candidate, .environment, .scenario, .state, .trials]] | sort'
expect 'a matrix here' 1 q matrix "$T/matrix.json" --name matrix-here --json
here=$(field "$cells")
note_finished "$T/home"
begin matrix matrix "$T/matrix.json"

# NAME: waits until guests of its jobs speak; the first job that runs is in $job, its node in $node.
guests_run() {
	await 120 guests || fail "$1: a guest runs" "$(cat "$T/matrix.err")"
	await 60 jobs_in RUNNING || fail "$1: a job runs" "$(cat "$T/matrix.err")"
	read -r job node <<<"$found"
	sleep 2
}
guests_run 'the controller dies'
shoot
setsid "$QBISECT" resume matrix --home "$T/home" --json >"$T/matrix.out" 2>"$T/matrix.err" &
controller=$!
# NODE: the folder that its worker makes, named by the pid. The guest's command line has it.
begun() { find "$results/matrix/units" -mindepth 2 -maxdepth 2 -name ".$1.*"; }
guest_of() { pgrep -f "qemu-system.*/units/[0-9a-f]*/[.]$1[.]$2/"; } # NODE WORKER
both_run() { [ "$(guests | wc -l)" -eq 2 ] && jobs_in RUNNING; }
await 120 both_run || fail 'a job is cancelled: both nodes have a guest' "$(cat "$T/matrix.err")"
{ read -r job node && read -r _ other; } <<<"$found"
worker=$(begun "$node") shot=$(begun "$other")
worker=${worker##*.} shot=${shot##*.}
matches 'each of two jobs has its guest' "$(guest_of "$node" "$worker") $(guest_of "$other" "$shot")" '^[0-9]+ [0-9]+$'
scancel "$job"
kill -9 "$shot"
ended() { [ -z "$(guest_of "$node" "$worker")$(guest_of "$other" "$shot")" ] && echo yes; }
await 30 ended && pass 'the guests of a job that is cancelled, and of a worker that is killed, end' ||
	fail 'the guests of a job that is cancelled, and of a worker that is killed, end' "$(guests)"
gone() { squeue -h -j "$job" 2>/dev/null | grep -q . || echo yes; }
await 60 gone || fail 'a job is cancelled: it goes'
guests_run 'a node dies'
await 30 begun "$node" || fail 'a node dies: a worker has begun' "$(cat "$T/matrix.err")"
worker=${found##*.}
parent() { sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$1/stat"; } # PID
step=$(parent "$(parent "$worker")")
kill -9 "${daemon[$node]}" "$step"
wait "${daemon[$node]}" 2>/dev/null
scontrol update NodeName="$node" State=DOWN Reason=died # or Slurm waits for a minute to find that out
kill -0 "$worker" 2>/dev/null && kill "$worker"
start_node "$node"
finish matrix 600
equal 'nothing is new in it' "$status" 0
out=$(<"$T/matrix.out")
equal 'each cell is as it was here, after as many trials' "$(field "$cells")" "$here"
matches 'and what was lost is told' "$(field '[.records[] | select(.verdict == "broken")] | length')" '^([3-9]|1[0-9])$'
matches 'of the worker, too' "$(<"$T/matrix.err")" 'the worker was killed by signal 9; its guests were ended'
expect 'the evidence is as it was recorded' 0 q db check matrix
equal 'no unit is left' "$(find "$results/matrix/units" -type f)" ''
empty_queue
none() { [ -z "$(guests)" ] && echo yes; }
await 30 none || true
equal 'no guest is left' "$(guests)" ''
came_of 'cluster: controller, job, worker and node die' "exit $status"
show_table
