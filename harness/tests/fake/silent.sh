# A libvirt that takes a call and never answers it: each has a deadline, and its test a clock that goes on as soon as it is silent.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/faults.sh

# WHEN SECONDS URI CALL: a run by that URI, where the file $T/silent appears when nothing more is said, in the call of that name.
falls_silent() {
	local fault="libvirt falls silent $1"
	expect "$fault: it is the host" 128 env LD_PRELOAD="$preload" QB_UPTIME="$(($2 + 1)):$T/silent" timeout -k 1 30 \
		"$QBISECT" run --connect "$3" --scenario AD033 --kernel k1 --set iterations=2 --home "$T/work"
	matches "$fault: the message says what took too long" "$errors" "^qbisect: qemu[^ ]*${T}[^ ]*: $4: libvirt did not answer within $2 s: "
	[ -e "$T/silent" ] || fail "$fault: nobody was"
	came_of "$fault" "exit 128 after $2 s" "$T/work"
}

# WHEN NUMBER CALL: the daemon does, in the call of that number.
daemon_falls_silent() {
	local daemon
	afresh run
	rm -f "$T/socket" "$T/silent"
	python3 harness/tests/silent.py "$T/socket" "$T/silent" "$2" &
	daemon=$!
	until [ -S "$T/socket" ] || ! kill -0 $daemon; do sleep 0.05; done
	falls_silent "$1" 120 "qemu+unix:///system?socket=$T/socket" "$3"
	kill $daemon 2>/dev/null
	wait $daemon 2>/dev/null
}
daemon_falls_silent 'at once' 0 connecting
daemon_falls_silent 'when it is asked for events' 316 'asking for events'
daemon_falls_silent 'when a guest is to start' 10 'starting a guest'

# Another host has longer. What leads there must not stay.
afresh run
rm -f "$T/silent"
printf '#!/bin/sh\ntouch %s\nwhile :; do sleep 1; done\n' "$T/silent" >"$T/work.ssh"
chmod +x "$T/work.ssh"
falls_silent 'behind ssh' 300 "qemu+ssh://lab1/system?command=$T/work.ssh" connecting
show_table
