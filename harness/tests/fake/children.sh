# Programs that qbisect starts, and which die, hang, or do nothing: git, make and mkfs.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/faults.sh
. harness/tests/killgit.sh

walk_git history 6
walk_git built 2

# --- nobody is left to end make --------------------------------------------------------------------------------------------

name='kill -9 of worker and supervisor in a build'
made() { # what make started, wherever its parent is
	local file
	for file in /proc/[0-9]*/cwd; do
		case $(readlink "$file") in "$T/work"/*/tree*) basename "$(dirname "$file")" ;; esac
	done
}
export HOLD=$T/hold
afresh built
touch "$HOLD"
"$QBISECT" kernel build --git "$repo" --arch ppc64le --rev "$newest" --home "$T/work" >"$T/stdout" 2>"$T/stderr" &
running=$!
for _ in $(seq 200); do [ -z "$(made)" ] && sleep 0.05 || break; done
[ -n "$(made)" ] && pass 'make runs' || fail 'make runs' "$(<"$T/stderr")"
kill -9 $running $(pgrep -P $running -x qbisect)
wait $running 2>/dev/null
row "$name"
left=$(gone_soon 2 made; gone_soon "$PATIENCE" held "$T/work")
[ -z "$left" ] && saw "$name" 'make ends in 2 s' || broke leaked "$name" "is left: $left"
rm "$HOLD"
status=137
goes_on "$name" built
verdict "$name"

# --- mkfs ------------------------------------------------------------------------------------------------------------------

program mkfs.btrfs <<END
#!/bin/sh
[ "\$1" != --version ] || rm -f "$T/asleep"
[ "\$1" != --version ] || exec $(child=$(PATH=$PATH:/usr/sbin:/sbin command -v mkfs.btrfs) && echo "$child") --version
case \$MKFS in
fails) echo 'ERROR: nothing works' >&2 && exit 1 ;;
hangs) touch "$T/asleep" && exec sleep 600 ;;
'is killed') kill -9 \$\$ ;;
esac
END
# What it waits for a mkfs, five minutes, is over as soon as that sleeps.
do_mkfs() {
	PATH=$T/bin:$PATH LD_PRELOAD=$preload QB_UPTIME=301:$T/asleep timeout -k 1 60 "$QBISECT" run --connect "$play" \
		--scenario AD033 --kernel k1 --set iterations=2 --json --home "$T/work"
}
no_report='{"records": []}'
told_of_mkfs() { # FAULT STATUS WORDS
	local name="a mkfs that $1"
	afresh run
	rm -rf "$T/work/kernels/cache/.images" "$T/asleep"
	MKFS=$1 expect "$name: it is no verdict" "$2" do_mkfs
	matches "$name: it is told" "$errors$out" "$3"
	true_verdicts "$name" none "${out:-$no_report}"
	came_of "$name" "exit $2" "$T/work"
	goes_on_clean "$name"
	verdict "$name"
}
told_of_mkfs fails 129 'mkfs.btrfs failed with status 1: ERROR: nothing works'
told_of_mkfs hangs 128 'mkfs.btrfs did not end within 300 s and was stopped'
told_of_mkfs 'is killed' 128 'mkfs.btrfs failed with status 137'
told_of_mkfs 'does nothing' 128 'mkfs.btrfs ended well, and made no btrfs'

# PROGRAM: what the one in the background waits for touches $T/asleep, and hangs.
terminated_while() {
	local fault="SIGTERM while $1 hangs" began
	for _ in $(seq 200); do [ ! -e "$T/asleep" ] && sleep 0.05 || break; done
	[ -e "$T/asleep" ] || fail "$fault: it never hung"
	began=$SECONDS
	kill $!
	wait $!
	equal "$fault: it ends" $? 130
	[ $((SECONDS - began)) -lt 20 ] && pass 'within seconds' || fail 'within seconds' $((SECONDS - began))
	came_of "$fault" 'exit 130' "$T/work"
}
afresh run
rm -rf "$T/work/kernels/cache/.images" "$T/asleep"
PATH=$T/bin:$PATH MKFS=hangs "$QBISECT" run --connect "$play" --scenario AD033 --kernel k1 --home "$T/work" >"$T/stdout" 2>"$T/stderr" &
terminated_while mkfs

program modprobe <<END
#!/bin/sh
touch "$T/asleep"
exec sleep 300
END
mkdir -p "$T/modular/boot" "$T/modular/lib/modules/1.0.0"
cp "$T/k/k1/vmlinux" "$T/modular/boot/vmlinux-1.0.0"
cp "$T/k/k1/config" "$T/modular/boot/config-1.0.0"
: >"$T/modular/lib/modules/1.0.0/modules.order"
afresh run
rm -f "$T/asleep"
w kernel import --id modular "$T/modular" >/dev/null 2>&1 || fail 'importing modular'
PATH=$T/bin:$PATH "$QBISECT" run --connect "$play" --scenario AD033 --kernel modular --home "$T/work" >"$T/stdout" 2>"$T/stderr" &
terminated_while modprobe
show_table
