# The whole pipeline on the fake back end: everything but a guest.
. harness/tests/lib.sh

q() { "$QBISECT" "$@" --home "$T/home"; }
run() { q run --connect "fake:$T/play" --scenario AD033 "$@"; }
mkdir -p "$T/play"

zeros() { head -c "$1" /dev/zero; }

# ELF, 64 bits, little-endian, for ppc64, with one program header of an empty segment.
elf_header() {
	printf '\177ELF\2\1\1' && zeros 9
	printf '\2\0\25\0\1\0\0\0' && zeros 8
	printf '\100\0\0\0\0\0\0\0' && zeros 8
	printf '\2\0\0\0\100\0\70\0\1\0' && zeros 6
	printf '\1\0\0\0' && zeros 52
}

# A folder that looks like a ppc64le kernel of the release $2, with 64k pages and all it needs built in.
kernel() { # ID RELEASE [EXTRA CONFIG]
	mkdir -p "$T/k/$1"
	{
		elf_header
		printf 'Linux version %s (test@test) #1\n\0' "$2"
		echo "$1"
	} >"$T/k/$1/vmlinux"
	printf '%s\n' CONFIG_PPC64=y CONFIG_PPC_64K_PAGES=y CONFIG_AIO=y CONFIG_VIRTIO_PCI=y CONFIG_VIRTIO_BLK=y \
		"${3:-CONFIG_BTRFS_FS=y}" >"$T/k/$1/config"
	q kernel import --id "$1" "$T/k/$1" >/dev/null || fail "importing $1"
}

facts() { # RELEASE PAGESIZE
	printf '%s\n' 'KTAP version 1' '# qbisect 1 @NONCE@' '# phase init 100' "# fact release $1" '# fact arch ppc64le' \
		"# fact pagesize $2" '# fact cpus 4' '# fact memory 1000000' '# fact aio libaio' '# phase mount 200' \
		'# fact fstype btrfs' '# fact mountoptions rw' '# fact sectorsize 4096' '# fact nocow 1' \
		'# phase scenario 300' '1..2' '# start @NONCE@'
}
good() {
	facts "$1" "${2:-65536}"
	printf '%s\n' 'ok 1 aiocp # ms=5' 'ok 2 aiocp # ms=5' '# end @NONCE@ iterations=2 failed=0' '# phase umount 400' \
		'# poweroff @NONCE@'
}
bad() {
	facts "$1" 65536
	printf '%s\n' 'ok 1 aiocp # ms=5' 'not ok 2 aiocp # kind=fsync errno=EIO file=dst0 offset=4096 errors=1 ms=5' \
		'# end @NONCE@ iterations=2 failed=1' '# phase umount 400' '# poweroff @NONCE@'
}
console_good='[    0.000000] Linux version x
[    1.000000] reboot: Power down'
console_bad='[    0.000000] Linux version x
[    1.000000] Page cache invalidation failure on direct I/O.  Possible data corruption due to collision with buffered I/O!
[    1.000001] File: /mnt/work/dst0 PID: 7 Comm: kworker/0:0
[    2.000000] reboot: Power down'

for i in 1 2 3 4 5 6; do kernel "k$i" "$i.0.0"; done
for i in 1 2 3; do
	good "$i.0.0" >"$T/play/k$i.events"
	echo "$console_good" >"$T/play/k$i.console"
done
for i in 4 5 6; do
	bad "$i.0.0" >"$T/play/k$i.events"
	echo "$console_bad" >"$T/play/k$i.console"
done

# run: exit codes are the contract.
expect 'good is 0' 0 run --kernel k1
expect 'bad is 1' 1 run --kernel k5 --json
equal 'guest and console agree' "$(jq -r '.records[0].agreement' <<<"$out")" 'guest and console'
equal "the evidence's line number" "$(jq -r '.records[0].evidence_line' <<<"$out")" 2
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
echo hang >"$T/play/k2.end"
facts 2.0.0 65536 >"$T/play/k2.events"
expect 'a hang is skip' 125 run --kernel k2 --json --set timelimit=1 --set bootlimit=1 --set iterations=2
rm "$T/play/k2.end"
good 2.0.0 >"$T/play/k2.events"

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
usage 'no kernel' 'add --kernel' run --scenario AD033
usage 'another page size than the environment wants' 'has 64k pages' run --kernel k1 --scenario AD033 --set pagesize=4k
usage 'nocow on ext4' 'nocow=false' run --kernel k1 --scenario AD033 --set filesystem=ext4

# bisect
bisect() { q bisect --connect "fake:$T/play" --scenario AD033 "$@"; }
expect 'a regression is found' 0 bisect --kernels k1,k2,k3,k4,k5,k6 --json
equal 'between the right two' "$(jq -c .range <<<"$out")" '["k3","k4"]'
expect 'a fix is found with --find fix' 0 bisect --kernels k6,k5,k4,k3,k2,k1 --find fix --json
equal 'between the right two' "$(jq -c .range <<<"$out")" '["k4","k3"]'
expect 'ends the wrong way round are 1' 1 bisect --kernels k6,k1
matches 'and it says how to ask' "$out" 'add --find fix'
expect 'ends that do not differ are 1' 1 bisect --kernels k1,k2
matches 'and it says so' "$out" 'the ends do not differ: both are good'
good 3.0.0 | sed 5,99d >"$T/play/k3.events"
good 4.0.0 | sed 5,99d >"$T/play/k4.events"
expect 'skips leave a range and 3' 3 bisect --kernels k1,k2,k3,k4,k5,k6 --json
equal 'the range holds them' "$(jq -c .range <<<"$out")" '["k2","k3","k4","k5"]'
good 3.0.0 >"$T/play/k3.events"
good 4.0.0 4096 >"$T/play/k4.events"
mkdir -p "$T/k/unknown" && cp "$T/k/k4/vmlinux" "$T/k/unknown/" && echo unknown >>"$T/k/unknown/vmlinux"
q kernel import --id unknown "$T/k/unknown/vmlinux" >/dev/null 2>&1
good 4.0.0 4096 >"$T/play/unknown.events"
echo "$console_good" >"$T/play/unknown.console"
expect 'a candidate that runs with another page size stops the search' 129 bisect --kernels k1,unknown,k3,k5
matches 'and is named' "$errors" 'unknown runs with pages of 4096 bytes'
good 1.0.0 | sed 5,99d >"$T/play/k1.events"
expect 'an end that cannot be judged is undecided' 3 bisect --kernels k1,k2,k5
good 1.0.0 >"$T/play/k1.events"
echo failed >"$T/play/k6.end"
expect 'a comparison that breaks is the host'"'"'s fault' 128 bisect --kernels k2,k5 --compare k6 --name kept
equal 'but the answer is kept' "$(q report --format json kept | jq -r .answer)" found
rm "$T/play/k6.end"
expect 'a contradiction is told before anything is made' 129 bisect --kernels k2,k5 --set filesystem=ext4 --name u1
expect 'so that the name is still free' 129 q report u1
expect 'fewer than two' 129 bisect --kernels k1
expect 'one twice' 129 bisect --kernels k1,k2,k1
cat >"$T/c.json" <<'J'
{ "name": "c1", "scenario": "AD033", "candidates": ["k1", "k5"], "trials": 1,
  "environment": { "smp": 2 } }
J
expect 'a campaign file' 0 q bisect "$T/c.json" --connect "fake:$T/play"
expect 'its name is taken now' 129 q bisect "$T/c.json" --connect "fake:$T/play"
sed -i 's/"smp": 2/"smp": "many"/' "$T/c.json"
expect 'a wrong value in the file' 129 q bisect "$T/c.json" --connect "fake:$T/play"
matches 'is named with line and column' "$errors" 'c.json:2:[0-9]+: .*environment.smp'

# report
expect 'report as text' 0 q report c1
matches 'has the boundary' "$out" 'came between k1 \(good\) and k5 \(bad\)'
expect 'report as json' 0 q report --format json --output "$T/r.json" c1
equal 'with all trials' "$(jq '.records | length' "$T/r.json")" 2
expect 'report of nothing' 129 q report nix

expect 'help lists the verbs' 0 q help
expect 'the man page' 0 q help --man
matches 'tells the exit codes' "$out" '^\.B 125'
expect 'the completion is shell' 0 bash -n <("$QBISECT" help --completion)
