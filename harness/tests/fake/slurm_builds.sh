# Bisections of a git history whose kernels are built and booted by jobs of a cluster, whatever dies on the way. What a kernel plays is
# named by its id, which is the same in any home: that is found in another one, so that nothing is known beforehand in this.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/tree.sh
. harness/tests/slurm.sh

home=$T/other results=$T/home/results made=$T/home/kernels/cache/.build
export HOLD=$T/hold # while it is there, make waits
field() { jq -r "$1" <<<"$out"; }
change base good
base=$made_commit
change one good
echo 'int broken = nowhere;' >>"$repo/main.c"
broken=$(commit 'main: does not build')
change two good
two=$made_commit
change planted bad
planted=$made_commit
change four bad

history=(bisect --scenario AD033 --git "$repo" --arch ppc64le --good "$base" --confidence 0.6)
whole=("${history[@]}" --bad main)
short=(bisect --scenario AD033 --git "$repo" --arch ppc64le --good "$two" --bad "$planted" --confidence 0.6) # where the answer is not in doubt
away() { q "$1" --connect "fake:$T/play" --runtime slurm "${@:2}"; }
forget() { # what was built
	rm -rf "$T/home/kernels/cache"/6.1.0-fake-* "$made"
	note_finished "$T/home"
}
records() { find "$made/records" -name '*.json' 2>/dev/null | wc -l; }
built() { find "$T/home/kernels/cache" -maxdepth 1 -name '6.1.0-fake-*' | wc -l; }
answer='[.answer, .culprit[0]]'

if ! start_cluster >"$T/start.log" 2>&1; then
	fail 'a cluster of two nodes starts' "$(cat "$T/start.log")"
	exit 1
fi

# --- the same answer -------------------------------------------------------------------------------------------------
expect 'a history here' 0 "$QBISECT" "${whole[@]}" --home "$home" --connect "fake:$T/play" --json
here=$(jq -cS "$answer" <<<"$out")
equal 'has its commit' "$(jq -r '.[1]' <<<"$here")" "$planted"
expect 'the same history by jobs' 0 away "${whole[@]}" --name jobs --json
equal 'has the same' "$(jq -cS "$answer" <<<"$out")" "$here"
equal 'no kernel was built here' "$(ls "$made/lock" 2>/dev/null)" ''
matches 'but where the jobs ran' "$(cd "$made" && echo at-n*)" 'at-n[12]\.0'
equal 'no unit is left to do' "$(find "$results/jobs/units" -type f)" ''
equal 'nor a job in the queue' "$(squeue -h | wc -l)" 0
matches 'what a build took is recorded' "$(field '[.records[] | select(.build_ms > 0)] | length')" '^[2-9]'
expect 'and replay decides as it did' 0 q replay jobs
before=$(submitted) known=$(built)
expect 'the same history again' 0 away "${whole[@]}" --name again --json
# It may ask for a kernel that was not needed before: which one is worth its time depends on how long the others took.
equal 'there is a job for each boot, but none to build what is known' $(($(submitted) - before)) \
	$(($(field '[.records[] | select(.class != "build")] | length') + $(built) - known))

# --- one that does not build -----------------------------------------------------------------------------------------
git -C "$repo" checkout -q -b around "$broken~1"
git -C "$repo" cherry-pick "$broken" >/dev/null 2>&1
change around bad
expect 'a commit that does not build leaves a range' 3 away "${history[@]}" --bad around --name around --json
matches 'with its reason, and the log in what is shared' "$(field '.explanation[]')" "cannot be tested: build: .*does not build.*$made/records/"
equal 'and is not built again' "$(grep -l '"reason"' "$made/records/"*.json | wc -l)" 1
expect 'an end that does not build makes no sense' 129 away "${history[@]}" --bad "$broken"
matches 'and says so' "$errors" 'an end of the search must build.*does not build'
equal 'leaving no campaign' "$(ls "$results" | grep -c '^bisect-')" 0
expect 'in no row either' 0 q db check
git -C "$repo" checkout -q main

# --- beside each other -----------------------------------------------------------------------------------------------
hold() { forget && : >"$HOLD"; }
running() { [ "$(squeue -h -t RUNNING | wc -l)" -eq "$1" ] && squeue -h -t RUNNING -o '%i %N'; }
making() { # COUNT: so many makes wait
	[ "$(find "$made" -name .qbisect-busy 2>/dev/null | wc -l)" -eq "$1" ] && echo yes
}
hold
begin beside "${whole[@]}" --slots 2
await 60 running 2 || fail 'both ends are built at once' "$(cat "$T/beside.err")"
await 60 making 2 && pass 'with two slots two kernels are built at once' || fail 'with two slots two kernels are built at once' "$(find "$made" -name '.qbisect*')"
rm "$HOLD"
finish beside
equal 'to the same answer' "$status $(jq -cS "$answer" "$results/beside/campaign.json")" "0 $here"
expect 'and replay decides as it did' 0 q replay beside

# --- a controller that is killed -------------------------------------------------------------------------------------
hold
begin killed "${whole[@]}" --slots 2
await 60 making 2 || fail 'two builds run' "$(cat "$T/killed.err")"
shoot
equal 'builds outlive a controller that is killed' "$(squeue -h -t RUNNING | wc -l)" 2
rm "$HOLD"
ended() { [ "$(find "$results/killed/units" -name result.json | wc -l)" -eq 2 ] && echo yes; }
await 60 ended || fail 'they end while nobody waits' "$(find "$results/killed/units")"
expect 'resume goes on with what they made' 0 q resume killed --json
equal 'to the same answer' "$(jq -cS "$answer" <<<"$out")" "$here"
equal 'nothing was submitted twice' "$(squeue -h --states=all -o %j | sort | uniq -d)" ''
equal 'and no unit is left to do' "$(find "$results/killed/units" -type f)" ''
came_of 'kill -9 of the controller of builds' 'resume takes them in'

# --- a worker that is killed, a job that is cancelled ----------------------------------------------------------------
workers() { # NAME: pids of the supervisor, the worker, and who watches over its make
	local file
	for file in /proc/[0-9]*/cmdline; do
		grep -qzF "$results/$1/units/" "$file" 2>/dev/null && basename "$(dirname "$file")"
	done | sort -n
}
made_by() { # what make started, wherever its parent is
	local file
	for file in /proc/[0-9]*/cwd; do
		case $(readlink "$file") in "$made"/*) basename "$(dirname "$file")" ;; esac
	done
}
nothing_made() { [ -z "$(made_by)" ] && echo yes; }
hold
begin shot "${short[@]}"
await 60 making 1 || fail 'a build runs' "$(cat "$T/shot.err")"
read -r job node <<<"$(jobs_in RUNNING)"
kill -9 "$(workers shot | sed -n 2p)"
second() { [ "$(making 1 || making 2)" ] && jobs_in RUNNING | grep -v "^$job "; }
await 60 second || fail 'it is tried again' "$(cat "$T/shot.err")"
[ "${found#* }" != "$node" ] && pass 'a build whose worker was killed is tried on another node' || fail 'a build whose worker was killed is tried on another node' "$found"
matches 'and it is told what became of it' "$(<"$T/shot.err")" \
	"building [0-9a-f]{12}: lost: job $job on $node ended as FAILED.*; its last word: .*the worker was killed by signal 9"
equal 'there is no answer yet' "$(records)" 0
read -r job node <<<"$found"
scancel "$job"
await 60 jobs_in RUNNING
third() { jobs_in RUNNING | grep -v "^$job "; }
await 60 third || fail 'what is cancelled by hand is tried again' "$(cat "$T/shot.err")"
matches 'what is cancelled is tried again, too' "$(<"$T/shot.err")" "lost: job $job on $node ended as CANCELLED"
rm "$HOLD"
finish shot
equal 'to the same answer' "$status $(jq -cS "$answer" "$results/shot/campaign.json")" "0 $here"
await 20 nothing_made
equal 'no make is left' "$(made_by)" ''
came_of 'kill -9 of the worker of a build, a cancelled build' 'tried again, the same answer'

# --- interrupted -----------------------------------------------------------------------------------------------------
hold
begin stopped "${short[@]}" --slots 2
await 60 making 2 || fail 'two builds run' "$(cat "$T/stopped.err")"
kill -INT $controller
finish stopped
equal 'interrupted it ends with 130' "$status" 130
gone() { [ -z "$(squeue -h)" ] && nothing_made; }
await 30 gone && pass 'its jobs are cancelled, and make is gone' || fail 'its jobs are cancelled, and make is gone' "$(squeue -h) $(made_by)"
equal 'no answer was left, nor a kernel' "$(records) $(find "$T/home/kernels/cache" -maxdepth 1 -name '*6.1.0*')" '0 '
rm "$HOLD"
expect 'resume builds them again' 0 q resume stopped --json
equal 'to the same answer' "$(jq -cS "$answer" <<<"$out")" "$here"
came_of 'SIGINT of the controller of builds' 'no make is left; resumed'

# --- another compiler there ------------------------------------------------------------------------------------------
forget
gcc=$(command -v powerpc64le-linux-gnu-gcc)
mkdir "$T/bin"
printf '#!/bin/sh\n[ -z "$SLURM_JOB_ID" ] || [ "$1" != --version ] || exec echo gcc of another world\nexec %s "$@"\n' "$gcc" >"$T/bin/powerpc64le-linux-gnu-gcc"
chmod 755 "$T/bin/powerpc64le-linux-gnu-gcc"
PATH=$T/bin:$PATH expect 'hosts with another compiler' 128 away "${short[@]}" --name mixed
matches 'stop the campaign at the third' "$errors" \
	"^qbisect: building [0-9a-f]{12}: 3 tries at it were lost, the last one: .*this host would make another kernel of [0-9a-f]{12}: it has 'gcc of another world.*'qbisect resume mixed' goes on"
equal 'each was told of' "$(grep -c 'lost: job .* its last word: .*another kernel' <<<"$errors")" 2
expect 'with the right one resume goes on' 0 q resume mixed --json
equal 'to the same answer' "$(jq -cS "$answer" <<<"$out")" "$here"
came_of 'hosts with another compiler' 'exit 128; mended, the same answer'

# --- a full disk -----------------------------------------------------------------------------------------------------
if mount -t tmpfs -o size=100m,mode=0700 qbisect-test "$results" 2>/dev/null; then
	trap 'umount -l "$results" 2>/dev/null; stop_cluster; rm -rf "$T"' EXIT
	hold
	begin full "${short[@]}"
	await 60 making 1 || fail 'a build runs' "$(cat "$T/full.err")"
	dd if=/dev/zero of="$results/filler" bs=4k 2>/dev/null
	rm "$HOLD"
	finish full
	equal 'a disk that is full where results come stops the campaign' "$status" 128
	matches 'which says so' "$(<"$T/full.err")" '^qbisect: .*(No space left on device|the disk of .* is full)'
	rm "$results/filler"
	expect 'when there is room resume goes on' 0 q resume full --json
	equal 'to the same answer' "$(jq -cS "$answer" <<<"$out")" "$here"
	came_of 'a full disk where builds come' 'exit 128; with room, the same answer'
	umount "$results"
	note_finished "$T/home"
else
	echo "# a full disk is not tried: it takes the right to mount a small one"
fi

# --- what is asked of Slurm ------------------------------------------------------------------------------------------
forget
echo '{ "build": { "constraint": "second", "cpus": 3, "memory": 2000 } }' >"$T/home/slurm.json"
expect 'builds with what the home says of them' 0 away "${short[@]}" --name asked --json
equal 'are all where they may be' "$(cd "$made" && echo at-*)" at-n2.0
matches 'cores, memory, a deadline' "$(scontrol -o show job | grep Features=second | head -n 1)" 'TimeLimit=04:4[0-9]:.*cpu=3,mem=2000M'

empty_queue
stop_cluster
equal 'no process is left' "$(members)" ''
show_table
