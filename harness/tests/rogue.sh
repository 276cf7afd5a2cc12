# For tests with guests that misbehave: boots that are measured, and what can be wrong with them. Sourced behind lib.sh.

q() { "$QBISECT" "$@" --home "$T/home"; }
fetch() { q kernel fetch debian trixie "$1" 2>>"$T/fetch.log" | tail -n 1; }
rogue() { echo "$BUILD/guest/$1/rogue"; }

# QEMUs that can be given a fault: `PATH=$(faulty slow-disk) boot ...`. They stay where they are, and as they are, because
# libvirt looks long at one that it does not know.
faulty() {
	local folder=$PWD/$BUILD/stand-in
	mkdir -p "$folder"
	cmp -s harness/tests/e2e/emulator "$folder/qemu-system-x86_64" ||
		install -m 755 harness/tests/e2e/emulator "$folder/qemu-system-x86_64"
	echo "$folder:$PATH:/fault/$1"
}

# --- kernels of a few instructions -------------------------------------------------------------------------------------

import() { # ID CONFIG...: what is in the folder $T/k/ID
	local id=$1
	shift
	printf '%s=y\n' "$@" CONFIG_AIO CONFIG_VIRTIO_PCI CONFIG_VIRTIO_BLK CONFIG_BTRFS_FS >"$T/k/$id/config"
	q kernel import --id "$id" "$T/k/$id" >/dev/null || fail "importing $id"
}

# A bzImage that, where a real one has begun to set up the machine, does something else.
x86_kernel() { # ID FROM CODE
	local at
	mkdir -p "$T/k/$1"
	cp "$2" "$T/k/$1/bzImage"
	at=$((0x202 + $(od -An -tu1 -j $((0x201)) -N 1 "$2")))
	# shellcheck disable=SC2059
	printf "$3" | dd of="$T/k/$1/bzImage" bs=1 seek="$at" conv=notrunc status=none
	import "$1" CONFIG_X86_64
}

zeros() { head -c "$1" /dev/zero; }

# An ELF of one segment, from assembler for a big-endian POWER, as the firmware leaves it.
ppc_kernel() { # ID CODE
	local cross=powerpc64le-linux-gnu
	mkdir -p "$T/k/$1"
	echo "$2" | $cross-gcc -mbig -c -x assembler -o "$T/k/$1.o" - &&
		$cross-objcopy -O binary -j .text "$T/k/$1.o" "$T/k/$1.text" || fail "assembling $1"
	{
		printf '\177ELF\2\1\1' && zeros 9
		printf '\2\0\25\0\1\0\0\0' && zeros 8
		printf '\100\0\0\0\0\0\0\0' && zeros 8
		printf '\2\0\0\0\100\0\70\0\1\0' && zeros 6
		printf '\1\0\0\0\5\0\0\0\0\20\0\0\0\0\0\0' && zeros 16 # from 4096, to 0
		printf '\0\20\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0\20\0\0\0\0\0\0'
		zeros $((4096 - 64 - 56))
		{
			cat "$T/k/$1.text"
			printf 'Linux version 6.0.0 (test@test) #1\n\0'
			zeros 4096
		} | head -c 4096
	} >"$T/k/$1/vmlinux"
	import "$1" CONFIG_PPC64 CONFIG_PPC_64K_PAGES
}

# --- boots -------------------------------------------------------------------------------------------------------------

# The most memory that a qbisect has had, in KiB: of the supervisor and its worker the larger.
high_water() { # PID
	local pid
	for pid in "$1" $(ps -o pid= --ppid "$1"); do
		[ "$(readlink "/proc/$pid/exe")" = "$QBISECT" ] && awk '/^VmHWM/ { print $2 }' "/proc/$pid/status"
	done 2>/dev/null | sort -n | tail -n 1
}

# The guests of a qbisect, whose child each becomes.
guests_of() { # PID
	local pid
	for pid in $(ps -o pid= --ppid "$1"); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'guest=qb-' && echo "$pid"
	done 2>/dev/null
	return 0
}

# What AddressSanitizer holds back of freed memory, in a build with it, is not the program's.
export ASAN_OPTIONS=quarantine_size_mb=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}

# Runs `qbisect run` with what follows, and measures it. Leaves $T/NAME.json, .errors, .status and .memory (KiB).
boot() { # NAME ARG...
	local name=$1 pid now
	shift
	"$QBISECT" run --home "$T/home" --json --set accelerator=tcg --set memory=512 --set smp=2 --set iterations=1 "$@" \
		>"$T/$name.json" 2>"$T/$name.errors" &
	pid=$!
	echo $pid >"$T/$name.pid"
	echo 0 >"$T/$name.memory"
	while kill -0 $pid 2>/dev/null; do
		now=$(high_water $pid)
		[ "${now:-0}" -gt "$(<"$T/$name.memory")" ] && echo "$now" >"$T/$name.memory"
		sleep 0.3
	done
	wait $pid
	echo $? >"$T/$name.status"
}

# Whether the kernel of a guest has begun to speak.
speaks() { # PID
	local disk
	disk=$(tr '\0' '\n' <"/proc/$1/cmdline" | grep -o '/[^"]*/disk.img')
	[ -s "${disk%disk.img}console.log" ]
}

# Sends signals to the guests of the boot NAME, each to one that speaks and had none before.
strike() { # NAME SIGNAL...
	local pid struck=' ' signal end=$((SECONDS + 300))
	local name=$1
	shift
	until [ -s "$T/$name.pid" ]; do sleep 0.1; done
	for signal; do
		while [ $SECONDS -lt $end ]; do
			sleep 0.2
			pid=$(guests_of "$(<"$T/$name.pid")" | head -n 1)
			[ -n "$pid" ] && [[ $struck != *" $pid "* ]] && speaks "$pid" || continue
			kill -s "$signal" "$pid"
			struck+="$pid "
			continue 2
		done
		fail "$name: there was no guest for $signal"
	done
}

of() { jq -r ".records[${3:--1}].$2" "$T/$1.json"; } # NAME FIELD [RECORD]
folder_of() { # NAME
	ls -d "$T/home/results/$(jq -r .name "$T/$1.json")"/0*/ | tail -n 1
}
bytes() { stat -c %s "$(folder_of "$1")/$2" 2>/dev/null || echo 0; }

LOG_LIMIT=$((16 << 20)) # bytes of a serial
MEMORY=$((64 << 10))	# KiB over a controller that waits

# What became of the boot NAME: exit status, class (or "one|another"), the phase in which it ended, the most seconds of that phase. A tenth
# of a minute is for the stopping.
judged() { # NAME STATUS CLASS PHASE SECONDS
	local name=$1 ms
	equal "$name: the exit status" "$(<"$T/$name.status")" "$2"
	matches "$name: the class" "$(of "$name" class)" "^($3)$"
	[ "$3" != hang ] || matches "$name: it says where" "$(of "$name" title)" "no end of phase $4 "
	ms=$(of "$name" "phases_ms[\"$4\"]")
	if [ "${ms:-null}" != null ] && [ "$ms" -le $((($5 + 6) * 1000)) ]; then
		pass "$name: within its time"
	else
		fail "$name: within its time" "phase $4 took $ms ms of $5 s; $(of "$name" title); $(<"$T/$name.errors")"
	fi
	bounded "$name"
	seen_of "$name" "$2" "$(printf '%s %s in %s, %d of %d s, %d MiB over, console %d KiB, events %d KiB' "$(of "$name" verdict)" \
		"$(of "$name" class)" "$4" $(((ms + 500) / 1000)) "$5" $((($(<"$T/$name.memory") - idle) / 1024)) \
		$(($(bytes "$name" console.log) / 1024)) $(($(bytes "$name" events.ktap) / 1024)))"
}

# The row of the boot NAME, whose trials say what STATUS says, or nothing; and nothing is left of it.
seen_of() { # NAME STATUS WHAT
	local row="guest: $1" said campaign verdicts=([0]=good [1]=bad [125]=skip [128]=broken)
	row "$row"
	campaign=$(jq -er .name "$T/$1.json") || { broke none "$row" 'there is no campaign of it' && return; }
	saw "$row" "$3"
	true_verdicts "$row" "${verdicts[$2]}" "$(<"$T/$1.json")"
	said=$(q db check "$campaign" 2>&1) || broke lost "$row" "db check: $(head -n 3 <<<"$said")"
	PATIENCE=2 nothing_left "$row" "$T/home/results/$campaign/"
	show_table "$row" # those behind are in a shell of their own
}

# Memory and logs. $idle is what a qbisect had that waited for a guest that did nothing; without it there is no bound.
bounded() { # NAME
	local name=$1 log domain
	if [ "$idle" -gt 0 ] && [ "$(<"$T/$name.memory")" -gt 0 ] && [ "$(<"$T/$name.memory")" -le $((idle + MEMORY)) ]; then
		pass "$name: in bounded memory"
	else
		fail "$name: in bounded memory" "$(<"$T/$name.memory") KiB, and $idle while nothing happened"
	fi
	for log in console.log events.ktap; do
		[ "$(bytes "$name" $log)" -le $LOG_LIMIT ] || fail "$name: $log is bounded" "$(bytes "$name" $log) bytes"
	done
	[ "$(of "$name" verdict)" = broken ] && return # then its log tells why
	domain=$(grep -o 'qb-[0-9a-f]*' "$(folder_of "$name")/domain.xml" | head -n 1)
	equal "$name: libvirt keeps no log of it" "$(find "${XDG_CACHE_HOME:-$HOME/.cache}/qbisect/embed" /tmp/qbisect-* -name "$domain.log" 2>/dev/null)" ''
}
