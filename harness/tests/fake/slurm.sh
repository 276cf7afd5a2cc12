# Campaigns as jobs of a cluster, on the fake back end: the same answers as here, and whatever dies on the way.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/slurm.sh

field() { jq -r "$1" <<<"$out"; }
verdicts() { # NAME WANTED
	[ "$(field '[.records[].verdict] | join(" ")')" = "$2" ] && pass "$1" || fail "$1" "$(field '.records[] | .verdict + ": " + .title')"
}
away() { q "$1" --connect "fake:$T/play" --runtime slurm "${@:2}"; }
results=$T/home/results

# --- without Slurm ---------------------------------------------------------------------------------------------------
echo '{ "candidates": ["k1"], "scenarios": ["AD033"], "set": { "iterations": 2 }, "runtime": "slurm" }' >"$T/one.json"
expect 'without its programs it is the host'"'"'s fault' 128 env PATH=/nonexistent "$QBISECT" matrix "$T/one.json" --home "$T/home"
matches 'and says what to install' "$errors" "sbatch is not installed: run 'apt-get install slurm-client'"
expect 'a runtime that there is not' 129 q run --kernel k1 --scenario AD033 --runtime moon
matches 'says which there are' "$errors" 'runtime moon: expected local or slurm'
sed 's/"slurm"/"moon"/' "$T/one.json" >"$T/moon.json"
expect 'in a file, too' 129 q matrix "$T/moon.json"
matches 'with its place' "$errors" 'moon.json:1:[0-9]+: \$.runtime: expected'
equal 'nothing is left of that' "$(ls "$results" 2>/dev/null | wc -l)" 0
expect 'a worker without a unit' 129 q worker
expect 'nor with one that is not there' 128 q worker --unit "$T/nothing/unit.json"
echo '{"unit": 1}' >"$T/unit.json"
expect 'or is none' 129 q worker --unit "$T/unit.json"

if ! start_cluster >"$T/start.log" 2>&1; then
	fail 'a cluster of two nodes starts' "$(cat "$T/start.log")"
	exit 1
fi
pass 'a cluster of two nodes starts'

# --- the same answers ------------------------------------------------------------------------------------------------
cat >"$T/matrix.json" <<'END'
{ "candidates": ["k1", "k4"], "environments": [{ "name": "nocow" }, { "name": "plain", "set": { "nocow": false } }],
  "scenarios": ["AD033", "AD029"], "set": { "iterations": 2 } }
END
cells='[.cells[] | {candidate, environment, scenario, state, trials, failures}] | sort_by(.candidate, .environment, .scenario)'
expect 'a matrix here' 1 q matrix "$T/matrix.json" --connect "fake:$T/play" --json
here=$(jq -cS "$cells" <<<"$out")
before=$(submitted)
expect 'the same matrix as jobs' 1 away matrix "$T/matrix.json" --name jobs --json
equal 'says the same of each cell' "$(jq -cS "$cells" <<<"$out")" "$here"
equal 'with a job for each' $(($(submitted) - before)) 8
equal 'it remembers where its guests booted' "$(field .runtime)" slurm
equal 'a trial leaves what it leaves here' "$(cd "$results/jobs/00001-k"* && echo *)" 'console.log domain.xml events.ktap repeat.sh verdict.json'
equal 'and no unit is left to do' "$(find "$results/jobs/units" -type f)" ''
for node in n1 n2; do matches "$node had some of them" "$(<"$S/$node.log")" 'Launching batch job'; done
expect 'the evidence is as it was recorded' 0 q db check jobs
expect 'the JSON is as its schema says' 0 harness/tests/schema --closed configs/schemas/report.schema.json <(q report --format json jobs)

ask='--scenario AD033 --kernels k3,k4 --confidence 0.6 --json'
# shellcheck disable=SC2086
expect 'a bisection here' 0 q bisect --connect "fake:$T/play" $ask
here=$(jq -cS '[.answer, .range, .probability, (.records | length)]' <<<"$out")
# shellcheck disable=SC2086
expect 'the same bisection as jobs' 0 away bisect --name search $ask
equal 'has the same answer by as many boots' "$(jq -cS '[.answer, .range, .probability, (.records | length)]' <<<"$out")" "$here"
expect 'and replay decides as it did' 0 q replay search
before=$(submitted)
# shellcheck disable=SC2086
expect 'two boots at a time' 0 away bisect --name beside $ask --slots 2
equal 'each have a job' $(($(submitted) - before)) "$(field '.records | length')"
expect 'and replay decides as it did' 0 q replay beside

kernel nobtrfs 7.0.0 '# CONFIG_BTRFS_FS is not set'
expect 'a kernel that cannot be tested is a skip there, too' 125 away run --kernel nobtrfs --scenario AD033

# --- cancelled by hand -----------------------------------------------------------------------------------------------
hang() { : >"$T/play/k3.events" && echo hang >"$T/play/k3.end"; }
mend() { rm -f "$T/play/k3.end" && good 3.0.0 >"$T/play/k3.events"; }
cell() { # KERNEL
	printf '{ "candidates": ["%s"], "scenarios": ["AD033"], "set": { "iterations": 2, "bootlimit": 600 } }' "$1" >"$T/cell.json"
}
# NAME: waits until the worker of its unit has read that it hangs; $worker is its pid.
hangs() {
	begun() { find "$results/$1/units" -mindepth 2 -maxdepth 2 -name '.n[12].*'; } # a folder that is named by the pid
	await 60 begun "$1" || fail "the worker of $1 has begun" "$(cat "$T/$1.err")"
	worker=${found##*.} folder=$found
	started() { find "$folder" -name repeat.sh; }
	await 60 started || fail "the guest of $1 starts" "$(cat "$T/$1.err")"
	sleep 2
}
note_finished "$T/home"
cell k3
hang
begin cancelled matrix "$T/cell.json"
await 60 jobs_in RUNNING || fail 'a job runs' "$(cat "$T/cancelled.err")"
read -r job node <<<"$found"
hangs cancelled
mend
scancel "$job"
finish cancelled
equal 'what was cancelled by hand is tried again' "$status" 0
expect 'with a record that it broke' 0 q report --format json cancelled
verdicts 'which is no evidence' 'broken good'
matches 'and says how' "$(field '.records[0].title')" "job $job on $node ended as CANCELLED.* without a result"
equal 'not naming the host that only waited' "$(field '.records[0].host')" ''
matches 'on another node' "$(scontrol -o show job $((job + 1)))" "ExcNodeList=$node "
matches 'and is told so' "$(<"$T/cancelled.err")" 'broken, 0.0 s: job'
equal 'nothing of it is left on the node' "$(find "$results/cancelled/units" -name '.*' -mindepth 1)" ''
came_of 'a job that is cancelled by hand' 'broken, then good on another node'

# --- queued again by hand --------------------------------------------------------------------------------------------
hang
begin requeued matrix "$T/cell.json"
hangs requeued
read -r job node <<<"$(jobs_in RUNNING)"
mend
scontrol requeue "$job"
finish requeued
equal 'what was queued again by hand is tried again' "$status" 0
expect 'with a record of that' 0 q report --format json requeued
verdicts 'that is no evidence, and one trial' 'broken good'
matches 'it says how' "$(field '.records[0].title')" "job $job was taken from $node and queued again"
equal 'and the job is not wanted any more' "$(squeue -h -j "$job" -t PENDING,RUNNING -o %i)" ''
came_of 'a job that is queued again by hand' 'broken, then good'

# --- a worker that is killed -----------------------------------------------------------------------------------------
hang
begin shot matrix "$T/cell.json"
hangs shot
kill -9 "$worker"
mend
finish shot
equal 'a trial whose worker was killed is run again' "$status" 0
matches 'and it is told what became of it' "$(<"$T/shot.err")" \
	'broken, 0.0 s: job [0-9]+ on n[12] ended as FAILED.*; its last word: .*the worker was killed by signal 9; its guests were ended'
came_of 'kill -9 of the worker of a job' 'broken, then good'

# --- a controller that is killed -------------------------------------------------------------------------------------
scontrol update NodeName=n1,n2 State=DRAIN Reason=test
before=$(submitted)
begin killed matrix "$T/matrix.json"
eight() { [ "$(squeue -h -t PENDING | wc -l)" -eq 8 ] && echo yes; }
await 30 eight || fail 'eight jobs wait' "$(cat "$T/killed.err")"
shoot
equal 'jobs outlive a controller that is killed' "$(squeue -h -t PENDING | wc -l)" 8
one=$(find "$results/killed/units" -name unit.json -print -quit)
expect 'a worker whose console does not come to the disk fails' 128 env LD_PRELOAD="$PWD/$BUILD/tests/faultlib.so" \
	QB_FAULT=EIO:sync:1+ QB_FAULT_PATH=console.log "$QBISECT" worker --unit "$one" --home "$T/home"
matches 'says so' "$errors" '^qbisect: cannot put .*console.log on the disk: Input/output error'
equal 'and leaves no result' "$(ls -A "${one%/*}")" unit.json
setsid "$QBISECT" resume killed --home "$T/home" >"$T/resume.out" 2>"$T/resume.err" &
controller=$!
adopted() { [ "$(grep -c 'is in the queue already' "$T/resume.err")" -eq 8 ] && echo yes; }
await 30 adopted || fail 'resume finds the eight' "$(cat "$T/resume.err")"
shoot
scontrol update NodeName=n1,n2 State=RESUME
arrived() { [ "$(find "$results/killed/units" -name result.json | wc -l)" -eq 8 ] && echo yes; }
await 60 arrived || fail 'results come while nobody waits' "$(find "$results/killed/units")"
expect 'resume takes them in' 1 q resume killed --json
equal 'each once' "$(field '[.cells[] | select(.trials == 1)] | length')" 8
equal 'and nothing was submitted twice' $(($(submitted) - before)) 8
expect 'again changes nothing' 1 q resume killed --json
equal 'no trial more' "$(field '.records | length')" 8
came_of 'kill -9 of the controller of jobs' 'resume takes each result in once'

# --- interrupted -----------------------------------------------------------------------------------------------------
scontrol update NodeName=n1,n2 State=DRAIN Reason=test
begin stopped matrix "$T/matrix.json"
await 30 eight || fail 'eight jobs wait' "$(cat "$T/stopped.err")"
kill -INT $controller
finish stopped
equal 'interrupted it ends with 130' "$status" 130
equal 'and cancels its jobs' "$(squeue -h | wc -l)" 0
scontrol update NodeName=n1,n2 State=RESUME
expect 'resume submits them again' 1 q resume stopped --json
true_verdicts 'SIGINT of the controller of jobs' good "$(jq '.records |= map(select(.candidate == "k1"))' <<<"$out")"
equal 'each has its trial' "$(field '[.cells[] | select(.trials == 1)] | length')" 8
came_of 'SIGINT of the controller of jobs' 'its jobs are cancelled; resumed'

# --- lost again and again: a host that does not have the home ---------------------------------------------------------
scontrol update NodeName=n1,n2 State=DRAIN Reason=test
cell k1
begin lost matrix "$T/cell.json"
await 60 jobs_in PENDING || fail 'a job waits' "$(cat "$T/lost.err")"
mkdir "$T/elsewhere" && mv "$T/home/kernels/cache/k1" "$T/elsewhere/"
scontrol update NodeName=n1,n2 State=RESUME
finish lost
equal 'a unit that three tries lost stops the campaign' "$status" 128
errors=$(<"$T/lost.err")
matches 'and says so, why, and how to go on' "$errors" \
	"^qbisect: k1: AD033: 3 tries at it were lost, the last one: job [0-9]+ on n[12] ended as FAILED, NonZeroExitCode without a result; its last word: qbisect: kernel k1 is not in .*'qbisect resume lost' goes on"
matches 'both nodes had their turn' "$(grep -o 'on n[12] ended' <<<"$errors" | sort -u | wc -l)" 2
matches 'before one had it again' "$errors" 'there is no other host'
matches 'and the last try knows what it is' "$(scontrol write batch_script "$(last_job)" -)" 'worker --unit .* --last-try'
equal 'nothing is left in the queue' "$(squeue -h | wc -l)" 0
mv "$T/elsewhere/k1" "$T/home/kernels/cache/"
expect 'when that is mended resume goes on' 0 q resume lost --json
equal 'to a verdict' "$(field '[.answer, (.records | length | tostring)] | join(" ")')" 'passed 4'
equal 'and no unit is left, of none of the tries' "$(find "$results/lost/units" -type f)" ''
came_of 'hosts that lack a kernel' 'exit 128; mended, good'

echo '{ "candidates": ["k1", "k2"], "scenarios": ["AD033"], "set": { "iterations": 2 } }' >"$T/two.json"
scontrol update NodeName=n1,n2 State=DRAIN Reason=test
begin night matrix "$T/two.json"
two() { [ "$(squeue -h -t PENDING | wc -l)" -eq 2 ] && echo yes; }
await 60 two || fail 'two jobs wait' "$(cat "$T/night.err")"
mv "$T/home/kernels/cache/k1" "$T/elsewhere/"
scontrol update NodeName=n1,n2 State=RESUME
finish night
equal 'one that takes its hosts with it does not take the night' "$status" 3
expect 'its report' 0 q report --format json night
equal 'the others have their trials' "$(field '[.cells[] | "\(.candidate) \(.state)"] | sort | join(", ")')" 'k1 not tried, k2 good'
matches 'and it is told' "$(<"$T/night.err")" 'put off: .*3 tries at it were lost'
mv "$T/elsewhere/k1" "$T/home/kernels/cache/"
expect 'when that is mended resume has it too' 0 q resume night --json
equal 'and no trial of the others again' "$(field '[.records[] | select(.verdict != "broken") | .candidate] | sort | join(" ")')" 'k1 k2'
came_of 'hosts that lack a kernel' 'put off; mended, good'

# Three that are lost one after the other: it is the cluster.
echo '{ "candidates": ["k1", "k2", "k3", "k4"], "scenarios": ["AD033"], "set": { "iterations": 2 }, "slots": 1 }' >"$T/four.json"
scontrol update NodeName=n1,n2 State=DRAIN Reason=test
begin outage matrix "$T/four.json"
await 60 jobs_in PENDING || fail 'a job waits' "$(cat "$T/outage.err")"
mv "$T/home/kernels/cache"/k[123] "$T/elsewhere/"
scontrol update NodeName=n1,n2 State=RESUME
finish outage
equal 'when three in a row are lost the matrix stops' "$status" 128
matches 'after three tries of each' "$(<"$T/outage.err")" '^qbisect: k3: AD033: 3 tries at it were lost, .*qbisect resume outage'
expect 'its report' 0 q report --format json outage
equal 'no other was tried' "$(field '[.records[] | "\(.candidate) \(.verdict)"] | unique | join(", ")')" 'k1 broken, k2 broken, k3 broken'
mv "$T/elsewhere"/k[123] "$T/home/kernels/cache/"
expect 'when that is mended resume has them all' 1 q resume outage --json
equal 'each with its verdict' "$(field '[.cells[].state] | sort | join(" ")')" 'bad good good good'
came_of 'hosts that lack a kernel' 'exit 128 at the third; mended, each'

# --- a node that dies ------------------------------------------------------------------------------------------------
parent() { sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$1/stat"; } # PID
hang
cell k3
begin died matrix "$T/cell.json"
await 60 jobs_in RUNNING || fail 'a job runs' "$(cat "$T/died.err")"
read -r job node <<<"$found"
hangs died
step=$(parent "$(parent "$worker")")
mend
kill -9 "${daemon[$node]}" "$step"
wait "${daemon[$node]}" 2>/dev/null
scontrol update NodeName="$node" State=DOWN Reason=died # or Slurm waits for a minute to find that out
finish died
equal 'a trial whose node died is run on another one' "$status" 0
expect 'with a record of that' 0 q report --format json died
verdicts 'that is no evidence' 'broken good'
matches 'and says how' "$(field '.records[0].title')" "job $job (was taken from $node and queued again|on $node ended as NODE_FAIL)"
kill -0 "$worker" 2>/dev/null && kill "$worker"
gone() { kill -0 "$worker" 2>/dev/null || echo yes; }
await 20 gone && pass 'its worker ends' || fail 'its worker ends'
equal 'and leaves nothing that counts' "$(find "$results/died/units" -type f)" ''
start_node "$node"
came_of 'a node that dies' 'broken, then good on another one'

# --- what is asked of Slurm ------------------------------------------------------------------------------------------
echo '{ "constraint": { "ppc64le": "second" }, "options": ["--comment=mine"] }' >"$T/home/slurm.json"
before=$(submitted)
expect 'jobs with what the home says of the cluster' 0 away run --kernel k1 --scenario AD033 --set smp=3 --set memory=2048
job=$(last_job)
matches 'the constraint' "$(scontrol -o show job "$job")" 'Features=second .*Comment=mine'
matches 'cores and memory of the environment, a GiB more' "$(scontrol -o show job "$job")" 'cpu=3,mem=3G'
matches 'a deadline, and to be queued again when its host goes' "$(scontrol -o show job "$job")" 'Requeue=1 .*TimeLimit=00:[0-9]+:00'
echo '{ "constraint": { "ppc64le": "third" } }' >"$T/home/slurm.json"
expect 'a constraint that no host meets' 128 away run --kernel k1 --scenario AD033
matches 'says what was asked for' "$errors" "no job with 4 cores, memory=[0-9]+ MiB and constraint 'third': sbatch failed"
echo '{ "options": ["partition"] }' >"$T/home/slurm.json"
expect 'a mistake in it' 129 away run --kernel k1 --scenario AD033
matches 'has its place' "$errors" 'slurm.json:1:15: \$.options\[0\]: expected an option of sbatch'
rm "$T/home/slurm.json"

# --- as many jobs as the user may have -------------------------------------------------------------------------------
mkdir "$T/full" # accounting, which has such limits, needs a database
cat >"$T/full/sbatch" <<END
#!/bin/sh
[ ! -e "$T/room" ] || exec $(command -v sbatch) "\$@"
touch "$T/room"
echo 'sbatch: error: AssocMaxSubmitJobLimit' >&2
echo "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)" >&2
exit 1
END
chmod 755 "$T/full/sbatch"
PATH=$T/full:$PATH expect 'a limit of jobs is waited out' 0 away run --kernel k1 --scenario AD033
matches 'which is said' "$errors" 'the queue has as many jobs as you may have, waiting until one ends: .*AssocMaxSubmitJobLimit'
came_of 'no more jobs for this user' 'waited out'

# --- a full disk -----------------------------------------------------------------------------------------------------
fill() { # FOLDER: to the last byte
	dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null
	return 0
}
if mount -t tmpfs -o size=100m,mode=0700 qbisect-test "$results" 2>/dev/null; then
	trap 'umount -l "$results" 2>/dev/null; stop_cluster; rm -rf "$T"' EXIT
	note_finished "$T/home"
	scontrol update NodeName=n1,n2 State=DRAIN Reason=test
	begin full matrix "$T/matrix.json"
	await 30 eight || fail 'eight jobs wait' "$(cat "$T/full.err")"
	fill "$results"
	scontrol update NodeName=n1,n2 State=RESUME
	finish full
	equal 'a disk that is full where results come stops the campaign' "$status" 128
	matches 'which says so' "$(<"$T/full.err")" '^qbisect: .*No space left on device'
	equal 'and leaves nothing in the queue' "$(squeue -h | wc -l)" 0
	rm -r "$results/full/units"
	fill "$results"
	expect 'so does one that is full where units go' 128 q resume full
	matches 'and says so' "$errors" '^qbisect: .*units.*No space left on device'
	rm "$results/filler"
	expect 'when there is room resume goes on' 1 q resume full --json
	equal 'each cell has its trial' "$(field '[.cells[] | select(.trials == 1)] | length')" 8
	equal 'nothing counts twice' "$(field '[.records[] | select(.verdict != "broken")] | length')" 8
	equal 'no unit is left' "$(find "$results/full/units" -type f)" ''
	expect 'the evidence is as it was recorded' 0 q db check full
	came_of 'a full disk where results come' 'exit 128; with room, each cell once'
	umount "$results"
	note_finished "$T/home"

	# That of one host alone, where its slurmd puts what it runs: Slurm holds what it could not launch there.
	mount -t tmpfs -o size=1m,mode=0700 qbisect-test "$S/n1"
	trap 'umount -l "$S/n1" 2>/dev/null; stop_cluster; rm -rf "$T"' EXIT
	fill "$S/n1"
	scontrol update NodeName=n2 State=DRAIN Reason=test
	begin spool matrix "$T/two.json"
	lost() { grep 'broken, 0.0 s: job' "$T/spool.err"; }
	await 60 lost || fail 'what could not be launched is lost' "$(cat "$T/spool.err")"
	scontrol update NodeName=n2 State=RESUME
	finish spool
	equal 'a host whose spool is full does not keep a night waiting' "$status" 0
	matches 'it is told what became of its job' "$found" 'job [0-9]+.* (is held as PENDING, launch failed requeued held|was taken from n1)'
	expect 'the report of that night' 0 q report --format json spool
	equal 'has each cell once' "$(field '[.records[] | select(.verdict != "broken") | "\(.candidate) \(.verdict)"] | sort | join(", ")')" 'k1 good, k2 good'
	equal 'no unit is left' "$(find "$results/spool/units" -type f)" ''
	equal 'and nothing held' "$(squeue -h -t PENDING -o '%i %r')" ''
	came_of 'a full spool of one host' 'taken to another one'
	umount -l "$S/n1"
	scontrol update NodeName=n1 State=RESUME
else
	echo "# a full disk is not tried: it takes the right to mount a small one"
fi

# --- the end ---------------------------------------------------------------------------------------------------------
empty_queue
strangers() {
	local pid command
	for pid in $(members); do
		command=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)
		case $command in munged* | slurmctld* | *": slurmscriptd " | "slurmd "* | "") ;; *) echo "$pid $command" ;; esac
	done
}
alone() { [ -z "$(strangers)" ] && echo yes; }
await 30 alone
equal 'no worker is left, nor a step' "$(strangers)" ''
stop_cluster
equal 'no process is left' "$(members)" ''
expect 'without slurmctld it is the host'"'"'s fault' 128 away run --kernel k1 --scenario AD033
matches 'and it is said at once' "$errors" '^qbisect: squeue failed with status 1: .*: do munged here and slurmctld run\?'
came_of 'slurmctld is gone' "exit 128, told at once"
show_table
