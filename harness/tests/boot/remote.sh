# Guests on another host, which has libvirtd and sshd alone (harness/tests/remote.sh).
. harness/tests/lib.sh
. harness/tests/remote.sh

if [ "$(id -u)" -ne 0 ] || ! unshare --mount --propagation private true 2>/dev/null; then
	pass 'without root, and the right to mount, there is no other host to try: skipped'
	exit 0
fi
q() { "$QBISECT" "$@" --home "$T/home"; }
fetch() { q kernel fetch debian trixie "$1" 2>>"$T/fetch.log" | tail -n 1; }
x86=$(fetch linux-image-amd64:amd64)
ppc=$(fetch linux-image-powerpc64le-64k:ppc64el)
[ -n "$x86" ] && [ -n "$ppc" ] || fail 'a kernel could not be fetched' "$(tail -n 5 "$T/fetch.log")"
start_host >"$T/start" 2>&1 || { fail 'the other host' "$(<"$T/start")"; exit 1; }

volumes=$R/lib/images/qbisect
own_disks() { find "$volumes" -name 'qb-*' 2>/dev/null; }
run() { q run --connect "$URI" --kernel "$x86" --scenario AD033 --set iterations=3 --json; }
of() { jq -r ".records[-1].$1" <<<"$out"; }
host_is_clean() { # AFTER WHAT
	equal "$1: no guest is left" "$(guests_on_host)" ''
	equal "$1: no disk and no socket of a trial is left" "$(own_disks)" ''
}

expect 'doctor looks at the other host' 0 q doctor --connect "$URI" --json
about() { jq -r --arg what "$1" '.checks[] | select(.what == $what).text' <<<"$out"; }
matches 'it has x86_64' "$(about 'x86_64 guests')" '^QEMU emulator version [0-9.]+, auto will use (tcg|kvm): .'
matches 'and ppc64le' "$(about 'ppc64le guests')" '^QEMU emulator version [0-9.]+, auto will use tcg: .'
matches 'room for so many guests' "$(about slots)" '^[0-9]+ cores, [0-9]+ MiB to be had: [1-9][0-9]* guests at a time'
matches 'and for what they boot from' "$(about storage)" "^pool 'qbisect' has room for [1-9][0-9]* MiB$"
expect 'doctor of a host that is not there fails' 128 q doctor --connect "${URI/127.0.0.1:*\/system/127.0.0.1:1\/system}"
matches 'and says what to look at' "$out" '^FAIL libvirt .*does ssh log in there, is libvirtd or virtqemud running'

expect 'x86_64 is good there' 0 run
equal 'three files were pushed' "$(grep -c 'pushed .* MiB, to ' <<<"$errors")" 3
matches 'the record names the host' "$(of host)" "^$(hostname)[^,]*, x86_64 behind libvirt [0-9.]+, qbisect "
matches 'and its QEMU' "$(of machine)" '^libvirt [0-9.]+, QEMU emulator version [0-9.]+$'
matches 'and its accelerator' "$(of accelerator)" '^(tcg|kvm)$'
folder=$T/home/results/$(jq -r .name <<<"$out")/00001-$x86
matches 'the console came back' "$(<"$folder/console.log")" '^\[ +[0-9.]+\] Linux version '
expect "libvirt's schema takes the domain" 0 virt-xml-validate "$folder/domain.xml" domain
host_is_clean 'after a trial'

before=$(stat -c '%n %i %Y' "$volumes"/qbisect-*)
expect 'it is good again' 0 run
equal 'nothing was pushed' "$(grep -c pushed <<<"$errors")" 0
equal 'the volumes are those that were there' "$(stat -c '%n %i %Y' "$volumes"/qbisect-*)" "$before"

# As one who is killed while it pushes leaves it.
largest=$(find "$volumes" -name 'qbisect-*' -printf '%s %p\n' | sort -n | head -n 1 | cut -d ' ' -f 2)
size=$(stat -c %s "$largest")
truncate -s $((size / 2)) "$largest"
expect 'half of a volume is not used' 0 run
equal 'but pushed again' "$(grep -c 'pushed .* MiB, to ' <<<"$errors") $(stat -c %s "$largest")" "1 $size"

expect 'the bug is bad there' 1 q run --connect "$URI" --kernel "$ppc" --scenario AD033 --set iterations=20 --json
matches 'on 64k pages' "$(of guest_pagesize)" '^65536$'
host_is_clean 'after the bug'

# Until the guest tests.
begin() {
	local end=$((SECONDS + 120))
	touch "$T/begun"
	"$QBISECT" run --connect "$URI" --kernel "$x86" --scenario AD033 --set iterations=100000 --json --home "$T/home" >"$T/out" 2>"$T/log" &
	runner=$!
	until [ -n "$(find "$T/home/results" -name events.ktap -newer "$T/begun" -exec grep -l AD033 {} + 2>/dev/null)" ]; do
		kill -0 $runner 2>/dev/null && [ $SECONDS -lt $end ] || { fail 'no guest came to its test' "$(<"$T/log")"; return 1; }
		sleep 0.2
	done
}
none_within() { # SECONDS
	local end=$((SECONDS + $1))
	while [ -n "$(guests_on_host)" ] && [ $SECONDS -lt $end ]; do sleep 0.1; done
	guests_on_host
}

note_finished "$T/home"
# qbisect is killed with its supervisor: the guest goes with the connection, the disk with the next run.
begin
{ kill -KILL $runner $(ps -o pid= --ppid $runner) && wait $runner; } 2>/dev/null
equal 'qbisect killed: no guest is left within seconds' "$(none_within 5)" ''
expect 'qbisect killed: the next run works' 0 run
host_is_clean 'qbisect killed, and the next run'
came_of 'another host: kill -9 of worker and supervisor' 'the next run is good'

# libvirtd is killed: nobody knows what the guest does.
begin
end_daemon libvirtd KILL
status=0
wait $runner || status=$?
out=$(<"$T/out")
equal 'libvirtd killed: the status' "$status" 128
equal 'libvirtd killed: no verdict' "$(jq -r '.records[0] | .verdict + " " + .class' <<<"$out")" 'broken connection'
start_libvirtd || fail 'libvirtd starts again' "$(tail -n 5 "$R/libvirtd.out")"
expect 'libvirtd killed: the next run works' 0 run
equal 'libvirtd killed: no guest is left' "$(none_within 5)" ''
host_is_clean 'libvirtd killed, and the next run'
came_of 'another host: kill -9 of libvirtd' 'broken, the next run is good'

# libvirtd is restarted: the guest lives on, and goes before the boot is tried again.
begin
guest=$(guests_on_host)
end_daemon libvirtd KILL
start_libvirtd || fail 'libvirtd starts at once' "$(tail -n 5 "$R/libvirtd.out")"
for ((i = 0; i < 300; i++)); do kill -0 "$guest" 2>/dev/null && sleep 0.1 || break; done
if kill -0 "$guest" 2>/dev/null; then fail 'libvirtd restarted: its guest is ended' "$(<"$T/log")"; else pass 'libvirtd restarted: its guest is ended'; fi
kill -INT $runner
wait $runner || true
host_is_clean 'libvirtd restarted'
came_of 'another host: libvirtd is restarted' 'its guest is ended'
show_table
