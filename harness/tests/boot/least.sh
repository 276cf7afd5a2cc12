# A real guest of an ordinary user, and what it and its QEMU are given of the host.
. harness/tests/lib.sh

# Installed where that user can read it; below the test's folder it may write in one place.
chmod 755 "$T"
mkdir -m 700 "$T/user"
user=$(id -u)
as_user() { "$@"; }
if [ "$user" -eq 0 ]; then
	user=65534
	chown $user:$user "$T/user"
	as_user() { setpriv --reuid=$user --regid=$user --clear-groups env HOME="$T/user" XDG_CACHE_HOME="$T/user/cache" TMPDIR="$T/user" "$@"; }
fi
make -s install BUILD="$BUILD" PREFIX="$T/root" >"$T/log" 2>&1 || fail 'installing' "$(tail -n 5 "$T/log")"
chmod -R a+rX "$T/root"
qbisect=$T/root/bin/qbisect home=$T/user/home
q() { (cd "$T/user" && as_user "$qbisect" "$@" --home "$home"); }

# Fetched as the other boots do; what was downloaded is kept.
x86=$("$QBISECT" kernel fetch debian trixie linux-image-amd64:amd64 --home "$T/fetched" 2>"$T/log" | tail -n 1)
[ -n "$x86" ] || fail 'fetching a kernel' "$(tail -n 5 "$T/log")"
mkdir -p "$T/kernel/boot" "$T/kernel/lib/modules"
cp "$T/fetched/kernels/cache/$x86/bzImage" "$T/kernel/boot/vmlinuz-$x86"
cp "$T/fetched/kernels/cache/$x86/config" "$T/kernel/boot/config-$x86"
cp -r "$T/fetched/kernels/cache/$x86/lib/modules/$x86" "$T/kernel/lib/modules/"
chmod -R a+rX "$T/kernel"
expect 'an ordinary user imports' 0 q kernel import --id x86 "$T/kernel"

# The QEMUs of this test.
qemu() {
	local file
	for file in /proc/[0-9]*/cmdline; do
		{ tr '\0' ' ' <"$file"; } 2>/dev/null | grep -q "^[^ ]*qemu-system.*$home/" && basename "$(dirname "$file")"
	done
	return 0
}

# Waits until a guest of $runner, none of another campaign's, speaks: $pid is its QEMU then, $trial its folder.
guest_speaks() { # [FOLDER OF THE OTHER CAMPAIGN]
	while kill -0 $runner 2>/dev/null; do
		sleep 0.2
		for pid in $(qemu); do
			trial=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -o '/[^"]*/disk.img' | head -n 1)
			trial=${trial%/disk.img}
			[ -s "$trial/console.log" ] && [ "${trial%/*}" != "${1:-}" ] && return
		done
	done
	return 1
}

# NAME FILE...: what the QEMU $pid is given; of regular files it can write these of the trial's.
least() {
	local name=$1 words fd flags
	shift
	words=$(tr '\0' '\n' <"/proc/$pid/cmdline")
	equal "$name: QEMU runs as that user" "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "/proc/$pid/status")" "$user $user $user $user"
	equal "$name: without capabilities" "$(awk '/^Cap(Prm|Eff|Amb):/ { print $2 }' "/proc/$pid/status" | sort -u)" 0000000000000000
	equal "$name: in its sandbox, each of its threads" "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid"/task/*/status | sort -u)" 2
	matches "$name: which forbids to start programs" "$words" '^on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny$'
	equal "$name: the guest has no network" "$(grep -cE '^-net|^-nic|"?(netdev|tap|vhost-net)|virtio-net|e1000|rtl8139' <<<"$words")" 0
	equal "$name: no folder of the host" "$(grep -cE 'virtio-9p|fsdev|virtiofs|vhost-user|virtio-fs' <<<"$words")" 0
	equal "$name: of files it can write $*" "$(for fd in /proc/"$pid"/fd/*; do
		[ -f "$fd" ] || continue
		flags=$(awk '/^flags:/ { print $2 }' "/proc/$pid/fdinfo/$(basename "$fd")")
		[ $((0$flags & 3)) -eq 0 ] || readlink "$fd"
	done | grep -v "^anon_inode:\|^/memfd:\|^$T/user/.*/libvirt\|/log/qemu/\|/run/qemu/\|\.pid$" | sort -u | xargs)" "$(printf "$trial/%s\n" "$@" | xargs)"
}

# --- behind a libvirtd of that user's own: somebody stops the first guest, which has two minutes to say something-----------

session='qemu:///session of an ordinary user'
run=$T/user/run
as_user mkdir -m 700 "$run"
(XDG_RUNTIME_DIR=$run as_user libvirtd >"$T/libvirtd.log" 2>&1) &
daemon=$!
for _ in $(seq 100); do [ ! -S "$run/libvirt/libvirt-sock" ] && kill -0 $daemon 2>/dev/null && sleep 0.1 || break; done
stopped_in=
if [ -S "$run/libvirt/libvirt-sock" ]; then
	XDG_RUNTIME_DIR=$run q run --connect qemu:///session --kernel x86 --scenario AD033 --set iterations=2 --json \
		>"$T/session.json" 2>"$T/session.errors" &
	runner=$!
	if guest_speaks; then
		least "$session" disk.img
		kill -STOP "$pid"
		stopped_in=${trial%/*}
	else
		fail "$session: no guest ran" "$(cat "$T/session.errors" "$T/session.json")"
	fi
	in_session=$runner
elif kill -0 $daemon 2>/dev/null; then
	fail "$session: its libvirtd starts" "$(tail -n 5 "$T/libvirtd.log")"
else
	echo "skipped: $session, because its libvirtd does not start: $(tail -n 1 "$T/libvirtd.log")"
fi

# --- by qemu:///embed, meanwhile -----------------------------------------------------------------------------------------

q run --kernel x86 --scenario AD033 --set iterations=3 --json >"$T/out" 2>"$T/err" &
runner=$!
if guest_speaks "$stopped_in"; then
	least embed console.log disk.img events.ktap
	equal 'the home is private' "$(stat -c %a "$home" "$home/results" "$home/kernels" "$home/kernels/cache" "$T/user/cache/qbisect" | sort -u)" 700
else
	fail 'no guest ran' "$(cat "$T/err" "$T/out")"
fi
wait $runner
equal 'and the trial has its verdict' "$?" 0
echo "# $(jq -r '[.records[] | .verdict + " " + .class] | join(", ")' "$T/out")"
equal 'which is good' "$(jq -r '.records[-1] | .verdict + " " + .release' "$T/out")" "good $x86"
equal 'and no trial says anything else' "$(jq -r '[.records[].verdict] - ["broken"] | unique | join(" ")' "$T/out")" good

# --- what came of the session --------------------------------------------------------------------------------------------

if [ -n "${in_session:-}" ]; then
	wait "$in_session"
	equal "$session: it has its verdict" "$?" 0
	out=$(<"$T/session.json")
	true_verdicts "$session" good "$out"
	equal "$session: a QEMU that somebody stopped is not the kernel's fault" "$(jq -r '.records[0] | .verdict + " " + .class' <<<"$out")" 'broken qemu-died'
	matches "$session: its guests were of that session" "$(jq -r '.records[0].machine' <<<"$out")" '^libvirt '
	note_finished "$home"
	came_of "$session" "$(jq -r '[.records[] | .verdict + " " + .class] | join(", ")' <<<"$out")" "$home"
fi
equal 'nothing is left of the guests' "$(qemu)" ''
kill $(descendants $daemon) 2>/dev/null
wait $daemon 2>/dev/null
show_table
