# For tests on the fake back end: kernels k1 to k6 in a home of their own, of which k4 to k6 have the failure.
# Sourced behind lib.sh.

q() { "$QBISECT" "$@" --home "$T/home"; }
run() { q run --connect "fake:$T/play" --scenario AD033 "$@"; }
mkdir -p "$T/play"

# Records that a test wrote count from now on.
take_records() { q db rebuild >/dev/null || fail 'taking records'; }

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

boot() { # RELEASE PAGESIZE
	printf '%s\n' 'KTAP version 1' '# qbisect 2 @NONCE@' '# phase init 100' "# fact release $1" '# fact arch ppc64le' \
		"# fact pagesize $2" '# fact cpus 4' '# fact memory 1000000' '# fact aio libaio' '# phase mount 200' \
		'# fact fstype btrfs' '# fact mountoptions rw' '# fact sectorsize 4096' '# phase scenario 300'
}
turn() { # NUMBER LABEL
	printf '%s\n' "# scenario @NONCE@ $1 $2" '# fact nocow 1' '1..2' '# start @NONCE@'
}
passes() { printf '%s\n' 'ok 1 aiocp # ms=5' 'ok 2 aiocp # ms=5' '# end @NONCE@ iterations=2 failed=0'; }
fails() { # DETAILS
	printf '%s\n' 'ok 1 aiocp # ms=5' "not ok 2 aiocp # $1 ms=5" '# end @NONCE@ iterations=2 failed=1'
}
fsync_fails() { fails 'kind=fsync errno=EIO file=dst0 offset=4096 errors=1'; }
off() { printf '%s\n' '# phase umount 400' '# poweroff @NONCE@'; }

facts() { # RELEASE PAGESIZE
	boot "$1" "$2" && turn 1 AD033
}
good() { facts "$1" "${2:-65536}" && passes && off; }
bad() { facts "$1" 65536 && fsync_fails && off; }
console_good='[    0.000000] Linux version x
[    0.500000] qbisect: @NONCE@ scenario 1: x
[    1.000000] reboot: Power down'
console_bad='[    0.000000] Linux version x
[    0.500000] qbisect: @NONCE@ scenario 1: x
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
