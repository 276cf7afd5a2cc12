# Killed in the middle of a boot, whichever of its processes: no guest is left, and it is gone on with.
. harness/tests/lib.sh

q() { "$QBISECT" "$@" --home "$T/home"; }
x86=$(q kernel fetch debian trixie linux-image-amd64:amd64 2>"$T/fetch.log" | tail -n 1)

# Processes whose command line holds a text, without ourselves.
holding() {
	local file
	for file in /proc/[0-9]*/cmdline; do
		{ tr '\0' ' ' <"$file"; } 2>/dev/null | grep -q -- "$1" && basename "$(dirname "$file")"
	done
	return 0
}

guests() { holding "qemu-system.*$T/home"; }
workers() { ps -o pid= --ppid "$1"; }

wait_for() { # SECONDS COMMAND...: until it prints something
	local end=$((SECONDS + $1))
	shift
	while [ -z "$("$@")" ] && [ $SECONDS -lt $end ]; do sleep 0.1; done
}

note_finished "$T/home"
for victim in worker supervisor both; do
	"$QBISECT" run --home "$T/home" --kernel "$x86" --scenario AD033 --set iterations=2 >"$T/log" 2>&1 &
	supervisor=$!
	wait_for 60 guests
	sleep 1
	[ -n "$(guests)" ] || fail "$victim: no guest was started" "$(<"$T/log")"
	worker=$(workers "$supervisor" | while read -r pid; do
		[ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$QBISECT")" ] && echo "$pid"
	done)
	[ -n "$worker" ] || fail "$victim: the worker was not found"
	case $victim in
	worker) kill -9 "$worker" ;;
	supervisor) kill -9 "$supervisor" ;;
	both) kill -9 "$supervisor" "$worker" ;;
	esac
	status=0
	wait "$supervisor" 2>/dev/null || status=$?
	if [ "$victim" = worker ]; then wanted=128; else wanted=137; fi
	equal "$victim killed: the status" "$status" "$wanted"
	killed=$(basename "$(ls -d "$T/home/results/run-"* | tail -n 1)")
	sleep 2
	fault="kill -9 of $victim in a boot"
	case $victim in
	worker) PATIENCE=0 nothing_left "$fault" "$T/home" ;;
	supervisor) nothing_left "$fault" "$T/home" ;; # the worker ends by itself, when libvirt has done what it was asked for
	both) # Nobody is left to end the guest; the next run does it first.
		expect "$victim killed: the next run works" 0 q run --kernel "$x86" --scenario AD033 --set iterations=2 ;;
	esac
	equal "$victim killed: no guest is left" "$(guests)" ''
	expect "$victim killed: it is gone on with" 0 q resume "$killed" --json
	true_verdicts "$fault" good "$out"
	came_of "$fault" "exit $status; resumed, good"
done

# ctrl-C
"$QBISECT" run --home "$T/home" --kernel "$x86" --scenario AD033 >"$T/log" 2>&1 &
supervisor=$!
wait_for 60 guests
kill -TERM "$supervisor"
status=0
wait "$supervisor" || status=$?
equal 'a signal gives 130' "$status" 130
came_of 'SIGTERM in a boot' "exit $status"
equal 'and leaves no guest' "$(guests)" ''
matches 'and says so' "$(<"$T/log")" 'interrupted'
show_table
