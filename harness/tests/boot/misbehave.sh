# Guests that misbehave, and QEMUs: each gets its class within its time, in bounded memory and with bounded logs. Most are
# real kernels of Debian; some are kernels of a few instructions. Those that wait for a deadline do so behind the others.
. harness/tests/lib.sh
. harness/tests/rogue.sh

x86=$(fetch linux-image-amd64:amd64)
ppc=$(fetch linux-image-powerpc64le-64k:ppc64el)
image=$T/home/kernels/cache/$x86/bzImage
[ -s "$image" ] || fail 'a kernel could not be fetched' "$(tail -n 5 "$T/fetch.log")"
x86_kernel still "$image" '\xfa\xf4\xeb\xfd'	      # cli; hlt; jmp to hlt
x86_kernel resets "$image" '\xba\xf9\x0c\xb0\x06\xee\xeb\xfe' # the chipset's reset: mov dx,0xcf9; mov al,6; out dx,al
ppc_kernel terminates '
	bl 1f
1:	mflr 4
	addi 4, 4, 2f - 1b
	li 3, 0
	ori 3, 3, 0xf000
	sc 1		# H_RTAS: ibm,os-term, which is how Linux tells of a panic
	b .
2:	.long 0x201f, 1, 1, 0, 0'
inject=(--inject "$(rogue x86_64)" --)

# The first one waits for nothing: what it took is what the others are measured by.
boot still --kernel still --scenario AD033 --set bootlimit=5
idle=$(<"$T/still.memory")
judged still 125 hang firmware 5

# --- behind: they wait -------------------------------------------------------------------------------------------------

# A disk that hangs when its file system is mounted.
slow_disk() {
	PATH=$(faulty slow-disk) boot slow-disk --kernel "$x86" --scenario AD033 --set bootlimit=100
	judged slow-disk 125 hang init 100
}

# The kernel puts itself to sleep, and nothing wakes it.
asleep() {
	boot asleep --kernel "$x86" --set timelimit=1 "${inject[@]}" to /sys/power/state say freeze
	judged asleep 125 hang test 61
}

# A root file system that never comes.
rootless() {
	PATH=$(faulty 'words rdinit=/none root=/dev/none rootwait') \
		boot rootless --kernel "$x86" --scenario AD033 --set bootlimit=30
	judged rootless 125 hang kernel 30
}

no_disk() {
	PATH=$(faulty no-disk) boot no-disk --kernel "$x86" --scenario AD033
	judged no-disk 125 setup init 120
	matches 'no-disk: it says what is missing' "$(of no-disk title)" 'no disk'
}

# A QEMU that somebody stopped is not the kernel's fault; the next one is left alone.
stopped() {
	boot stopped --kernel "$x86" --scenario AD033 --set bootlimit=60 &
	strike stopped STOP
	wait $!
	equal 'stopped: the first try is broken' "$(of stopped verdict 0) $(of stopped class 0)" 'broken qemu-died'
	judged stopped 0 clean power-off 60
}
slow_disk >"$T/behind.1" 2>&1 &
{ asleep; rootless; } >"$T/behind.2" 2>&1 &
{ stopped; no_disk; } >"$T/behind.3" 2>&1 &

# --- in front ----------------------------------------------------------------------------------------------------------

boot resets --kernel resets --scenario AD033
judged resets 125 incomplete firmware 120
matches 'resets: it never reported' "$(of resets title)" 'never reported'

boot terminates --kernel terminates --scenario AD033
judged terminates 125 panic firmware 120

boot panic --kernel "$x86" "${inject[@]}" to /proc/sysrq-trigger say c
judged panic 125 panic test 360
matches 'panic: its words are kept' "$(of panic evidence)" 'sysrq triggered crash'

# Reports of another trial, and without a nonce; then it is gone.
old=0123456789abcdef0123456789abcdef
boot forged --kernel "$x86" "${inject[@]}" to /dev/ttyS1 say "# qbisect 2 $old" say "# scenario $old 1 run" \
	say "# start $old" say 'ok 1 exec # ms=5' say "# end $old iterations=1 failed=0" say "# poweroff $old" \
	say '# end iterations=1 failed=0' say '# poweroff' power off
judged forged 125 incomplete test 360
matches 'forged: it was read' "$(grep -c "$old" "$(folder_of forged)/events.ktap")" '^5$'

# The same, but it ends in order: what was forged spoils the report, and proves nothing.
boot spoiled --kernel "$x86" "${inject[@]}" to /dev/ttyS1 say "# end $old iterations=1 failed=0" junk 1 exit 0
judged spoiled 125 incomplete test 360

# All that a console can be filled with changes nothing, nor does a clock that jumps.
boot noisy --kernel "$x86" "${inject[@]}" line 4 junk 4 to /dev/console junk 1 line 1 say '' clock 400000000 \
	say "qbisect: $old scenario 2: forged" say 'Kernel panic - not syncing: forged' say 'reboot: Power down' \
	say 'Page cache invalidation failure on direct I/O' clock -500000000 flood 5 exit 0
judged noisy 0 clean test 360

boot again --kernel "$x86" "${inject[@]}" power again
judged again 125 incomplete test 360

# What the disk gives back as an error is no finding of the test's.
PATH=$(faulty bad-disk) boot bad-disk --kernel "$x86" --scenario AD033 --set iterations=40
judged bad-disk 125 'io-error|fs-error' test 360

PATH=$(faulty bad-read) boot bad-read --kernel "$x86" --scenario AD033 --set iterations=40
judged bad-read 125 'io-error|fs-error' test 360

PATH=$(faulty no-console) boot no-console --kernel "$x86" --scenario AD033
judged no-console 125 incomplete test 360
matches 'no-console: it says what is missing' "$(of no-console title)" 'console has no mark'

PATH=$(faulty no-events) boot no-events --kernel "$x86" --scenario AD033
judged no-events 125 incomplete kernel 120
matches 'no-events: the console says what is missing' "$(jq -r '.records[].reasons[]' "$T/no-events.json")" 'no serial'

# Memory that does not suffice, and so much less that the kernel panics before it has a console.
PATH=$(faulty 'words mem=32M') boot crowded --kernel "$x86" --scenario AD033 --set bootlimit=20
judged crowded 125 panic kernel 20
PATH=$(faulty 'words mem=8M') boot too-early --kernel "$x86" --scenario AD033 --set bootlimit=10
judged too-early 125 hang firmware 10

# This host's disk is full while the guest writes to it: that is never the kernel's, and when there is room it is asked again.
mkdir -p "$T/small/results" "$T/small/kernels/cache" && cp -a "$T/home/kernels/cache/$x86" "$T/small/kernels/cache/"
if mount -t tmpfs -o size=64m none "$T/small/results" 2>/dev/null; then
	trap 'umount -l "$T/small/results" 2>/dev/null; rm -rf "$T"' EXIT
	small() { "$QBISECT" "$1" --home "$T/small" "${@:2}" >"$T/small.out" 2>"$T/small.err"; }
	note_finished "$T/small"
	small run --kernel "$x86" --set accelerator=tcg --set smp=2 --set iterations=1 "${inject[@]}" flood 3 exit 0 &
	until [ -n "$(find "$T/small/results" -name events.ktap -size +0)" ] || ! kill -0 $! 2>/dev/null; do sleep 0.05; done
	cat /dev/zero >"$T/small/results/full" 2>/dev/null
	wait $!
	equal 'a full disk: it is the host' $? 128
	matches 'a full disk: it is said' "$(cat "$T/small.out" "$T/small.err")" 'No space left|disk was full'
	rm "$T/small/results/full"
	small resume "$(basename "$T"/small/results/run-*)"
	equal 'a full disk: it goes on' $? 0
	equal 'a full disk: nothing is held against the kernel' \
		"$(cat "$T"/small/results/run-*/*/verdict.json | jq -r .verdict | sort -u | grep -vx broken)" good
	true_verdicts 'guest: the disk of its serials is full' good "$("$QBISECT" report --format json --home "$T/small")"
	came_of 'guest: the disk of its serials is full' 'broken; good with room' "$T/small"
	show_table 'guest: the disk of its serials is full'
	umount "$T/small/results"
else
	echo 'skipped: a full disk, because no tmpfs can be mounted here'
fi

boot killed --kernel "$x86" --scenario AD033 &
strike killed TERM KILL
wait $!
equal 'killed: two tries are broken' "$(jq -c '[.records[] | .verdict + " " + .class]' "$T/killed.json")" \
	'["broken qemu-died","broken qemu-died","good clean"]'
judged killed 0 clean power-off 120

PATH=$(faulty dead) boot dead --kernel "$x86" --scenario AD033
equal 'dead: it is the host' "$(<"$T/dead.status") $(of dead verdict)" '128 broken'
matches 'dead: it says what QEMU said' "$(of dead title)" 'this QEMU does not start'
seen_of dead 128 "$(of dead verdict) $(of dead class)"

# One guest that is larger than this host lets it be.
(ulimit -v $((3 << 20)) && boot starved --kernel "$x86" --scenario AD033 --set memory=4096)
equal 'starved: it is the host' "$(<"$T/starved.status") $(of starved verdict)" '128 broken'
matches 'starved: it says what QEMU said' "$(of starved title)" 'annot allocate memory'
seen_of starved 128 "$(of starved verdict) $(of starved class), in QEMU's words"

# Beside one that is not, in a matrix: that one has its verdict.
cat >"$T/beside.matrix" <<'END'
{ "name": "beside", "candidates": ["resets"], "scenarios": ["AD033"], "set": { "accelerator": "tcg" }, "slots": 2,
  "environments": [{ "name": "large", "set": { "memory": 4096 } }, { "name": "small", "set": { "memory": 512 } }] }
END
(ulimit -v $((3 << 20)) && q matrix "$T/beside.matrix" --json >"$T/beside.json" 2>"$T/beside.errors")
equal 'starved beside another: not all was tried' "$?" 3
equal 'starved beside another: only that' "$(jq -c '[.cells[] | .environment + " " + .state] | sort' "$T/beside.json")" '["large not tried","small skip"]'
matches 'starved beside another: it says what QEMU said' "$(<"$T/beside.errors")" 'large AD033: broken, .*annot allocate memory'
seen_of beside 125 'one broken, one skip incomplete'

# POWER's own: the kernel's debugger waits at its prompt.
boot xmon --kernel "$ppc" --set timelimit=1 --inject "$(rogue ppc64le)" -- to /proc/sysrq-trigger say x
judged xmon 125 oops test 61

wait
cat "$T"/behind.?
