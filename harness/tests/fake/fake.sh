# The whole pipeline on the fake back end: everything but a guest.
. harness/tests/lib.sh
. harness/tests/play.sh

# run: exit codes are the contract.
expect 'good is 0' 0 run --kernel k1
expect 'bad is 1' 1 run --kernel k5 --json
equal 'guest and console agree' "$(jq -r '.records[0].agreement' <<<"$out")" 'guest and console'
equal "the evidence's line number" "$(jq -r '.records[0].evidence_line' <<<"$out")" 3
matches 'json is one object and nothing else' "$(jq -s length <<<"$out")" '^1$'

echo "$console_good" >"$T/play/k5.console"
expect 'the guest alone is bad too' 1 run --kernel k5 --json
equal 'and says so' "$(jq -r '.records[0].agreement' <<<"$out")" 'guest only'
echo "$console_bad" >"$T/play/k5.console"
echo "$console_bad" >"$T/play/k1.console"
expect 'the console alone is bad too' 1 run --kernel k1 --json
equal 'and says so' "$(jq -r '.records[0].agreement' <<<"$out")" 'console only'
echo "$console_good" >"$T/play/k1.console"

good 9.9.9 >"$T/play/k2.events"
expect 'another release is skip' 125 run --kernel k2 --json
equal 'class wrong-kernel' "$(jq -r '.records[0].class' <<<"$out")" wrong-kernel
good 2.0.0 4096 >"$T/play/k2.events"
expect 'another page size is skip' 125 run --kernel k2 --json
equal 'class wrong-pagesize' "$(jq -r '.records[0].class' <<<"$out")" wrong-pagesize
good 2.0.0 | sed 's/@NONCE@/0123456789abcdef0123456789abcdef/' >"$T/play/k2.events"
expect 'a report with an old nonce is skip' 125 run --kernel k2
good 2.0.0 | grep -v poweroff >"$T/play/k2.events"
expect 'without the power-off it is skip' 125 run --kernel k2
good 2.0.0 >"$T/play/k2.events"
printf '%s\n' '[    1.000002] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b' >>"$T/play/k2.console"
expect 'a panic is skip' 125 run --kernel k2 --json
equal 'class panic' "$(jq -r '.records[0].class' <<<"$out")" panic
echo "$console_good" >"$T/play/k2.console"
echo failed >"$T/play/k2.end"
expect 'a QEMU that died is broken' 128 run --kernel k2 --json
equal 'and was tried three times' "$(jq '.records | length' <<<"$out")" 3
echo frozen >"$T/play/k2.end"
: >"$T/play/k2.events"
expect 'a QEMU that somebody stopped is broken, though a deadline passed' 128 run --kernel k2 --json --set bootlimit=1
equal 'and was tried three times, too' "$(jq -c '[.records[].class]' <<<"$out")" '["qemu-died","qemu-died","qemu-died"]'
echo hang >"$T/play/k2.end"
facts 2.0.0 65536 >"$T/play/k2.events"
expect 'a hang is skip' 125 run --kernel k2 --json --set timelimit=1 --set bootlimit=1 --set iterations=2
rm "$T/play/k2.end"
good 2.0.0 >"$T/play/k2.events"

# A kernel that starts another (kexec), or itself anew: the nonce is right, the report is none.
for first in 'good 2.0.0' 'facts 2.0.0 65536' 'boot 2.0.0 65536'; do
	{ $first && good 2.0.0; } >"$T/play/k2.events"
	expect "a guest that boots again behind '$first' is skip" 125 run --kernel k2 --json
	equal 'class incomplete' "$(jq -r '.records[0].class' <<<"$out")" incomplete
done

good 2.0.0 | sed 5,99d >"$T/play/k2.2.events"
expect 'one pass and one skip are not good' 125 run --kernel k2 --trials 2
rm "$T/play/k2.2.events"
good 2.0.0 >"$T/play/k2.events"
expect 'output that cannot be written is no success' 128 sh -c "'$QBISECT' run --home '$T/home' --connect 'fake:$T/play' \
	--scenario AD033 --kernel k2 --json >/dev/full"
expect 'started with SIGCHLD ignored it ends all the same' 0 sh -c "trap '' CHLD; exec timeout 20 '$QBISECT' run \
	--home '$T/home' --connect 'fake:$T/play' --scenario AD033 --kernel k2"
equal 'no disk is left in a trial' "$(find "$T/home/results" -name disk.img)" ''

: >"$T/play/k2.1.events" >"$T/play/k2.1.console"
expect 'a firmware under which the kernel says nothing is not the last word' 0 run --kernel k2 --json
equal 'the other one is tried' "$(jq -r '.records[0].firmware' <<<"$out")" slof
rm "$T/play/k2.1.events" "$T/play/k2.1.console"

kernel nobtrfs 7.0.0 '# CONFIG_BTRFS_FS is not set'
expect 'a kernel without btrfs is skip' 125 run --kernel nobtrfs
matches 'which names the symbol' "$out" 'CONFIG_BTRFS_FS'

# Usage errors name what was expected.
usage() { # NAME PATTERN ARGS...
	local name=$1 pattern=$2
	shift 2
	expect "$name is a usage error" 129 q "$@"
	matches "$name: the error helps" "$errors" "$pattern"
	equal "$name: one line" "$(wc -l <<<"$errors")" 1
}
usage 'an unknown scenario' "did you mean 'AD033'" run --kernel k1 --scenario ADO33
usage 'an unknown key' "did you mean 'sectorsize'" run --kernel k1 --scenario AD033 --set sectrsize=4k
usage 'a value out of range' 'from 1 to 64' run --kernel k1 --scenario AD033 --set smp=0
usage 'an unknown kernel' 'kernel list' run --kernel nix --scenario AD033
usage 'an unknown verb' "did you mean 'run'" runn
usage 'an unknown option' "did you mean 'scenario'" run --scenari AD033
usage 'a program that is not there' 'workload=exec needs a program' run --kernel k1 --scenario AD033 --set workload=exec
usage 'no kernel' 'add --kernel' run --scenario AD033
usage 'another page size than the environment wants' 'has 64k pages' run --kernel k1 --scenario AD033 --set pagesize=4k
usage 'nocow on ext4' 'nocow=false' run --kernel k1 --scenario AD033 --set filesystem=ext4

# A runtest file as LTP has it, instead of the scenarios that ship.
printf '#DESCRIPTION:own\n\nMINE aiocp -b 4k -n 4 -f DIRECT\nFSX fsx-linux -N 10\nPIPE ls | wc\n' >"$T/own"
expect 'a line of a runtest file' 0 "$QBISECT" run --home "$T/home" --connect "fake:$T/play" --kernel k1 --runtest "$T/own" --scenario MINE --json
equal 'sets what it says' "$(jq -r '.records[0].environment | "\(.blocksize) \(.depth) \(.flags)"' <<<"$out")" '4096 4 DIRECT'
usage 'a tag that the file does not have' "unknown scenario 'AD033'" run --kernel k1 --runtest "$T/own" --scenario AD033
usage 'a line that needs a shell' "PIPE cannot be run: it needs a shell" run --kernel k1 --runtest "$T/own" --scenario PIPE
usage 'a runtest file without a tag' 'add --scenario TAG' run --kernel k1 --runtest "$T/own"
usage 'a runtest file that is not there' 'no such file' run --kernel k1 --runtest "$T/nix" --scenario MINE
printf 'OK aiocp\nBAD aiocp -b 4x -q\n' >"$T/own"
expect 'an option that is not ours stops no other line' 0 "$QBISECT" run --home "$T/home" --connect "fake:$T/play" --kernel k1 --runtest "$T/own" --scenario OK
usage 'but its own' "BAD cannot be run: $T/own:2:11: aiocp -b: blocksize: expected a whole number" run --kernel k1 --runtest "$T/own" --scenario BAD
expect 'and an injected program may know it' 0 "$QBISECT" run --home "$T/home" --connect "fake:$T/play" --kernel k1 --runtest "$T/own" --scenario BAD \
	--inject "$BUILD/guest/x86_64/ltp_stub"
equal 'and gets it' "$(jq -c '.program[1:]' "$(ls -td "$T"/home/results/*/ | head -n 1)campaign.json")" '["-b","4x","-q"]'
printf 'OK aiocp\nNOTHING\n' >"$T/own"
usage 'a bad line' "own:2:8: expected a command behind the tag 'NOTHING'" run --kernel k1 --runtest "$T/own" --scenario OK
usage 'a pattern that is none' 'POSIX extended' run --kernel k1 --scenario AD033 --set 'judge=regex' --set 'pattern=('

# report
expect 'two trials' 0 run --kernel k1 --trials 2
expect 'report of the newest as text' 0 q report
matches 'has the answer' "$out" 'k1 is good: 0 bad, 2 good'
expect 'report as json' 0 q report --format json --output "$T/r.json"
equal 'with all trials' "$(jq '.records | length' "$T/r.json")" 2
expect 'report of nothing' 129 q report nix

expect 'help lists the verbs' 0 q help
expect 'the man page' 0 q help --man
matches 'tells the exit codes' "$out" '^\.B 125'
expect 'the completion is shell' 0 bash -n <("$QBISECT" help --completion)
