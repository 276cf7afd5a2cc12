# Hosts that misbehave: disks, rights, descriptors, memory, processes, the emulator, libvirt, the clock, several of us at once.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/faults.sh

chmod 755 "$T"
run_words=(run --connect "fake:$T/play" --scenario AD033 --kernel k1 --set iterations=2)

# ROW HOME COMMAND...: ends as it would elsewhere (0), or as the host's fault, told in one line; and nobody is left. With a file
# $hit that stays empty there was no fault: 1.
told_or_done() {
	local row=$1 home=$2
	shift 2
	status=0
	"$@" >"$T/stdout" 2>"$T/stderr" || status=$?
	[ -z "${hit:-}" ] || [ -s "$hit" ] || return
	row "$row"
	case $status in
	0) saw "$row" answered ;;
	127) saw "$row" not-loaded ;; # by the system's own loader
	128)
		saw "$row" error
		[ "$(errors_told)" -eq 1 ] || broke none "$row" 'the error is not told in one line'
		;;
	*) broke none "$row" "exit $status" ;;
	esac
	nothing_left "$row" "$home"
}

# --- a disk that is full --------------------------------------------------------------------------------------------------

mkdir "$T/small"
if mount -t tmpfs -o size=64k none "$T/small" 2>/dev/null; then
	for size in 64 96 128 192 256 384 448 512 640 768 1024; do
		umount "$T/small" && mount -t tmpfs -o "size=${size}k" none "$T/small"
		cp -a "$T/home" "$T/small/home" 2>/dev/null || continue
		told_or_done 'a disk of few kilobytes' "$T/small" "$QBISECT" "${run_words[@]}" --trials 2 --home "$T/small/home"
		note_finished "$T/small/home"
		[ $status -ne 128 ] || grep -q 'No space left\|full' "$T/stderr" || broke none 'a disk of few kilobytes' 'the error does not say why'
		mount -o remount,size=64M "$T/small"
		"$QBISECT" "${run_words[@]}" --home "$T/small/home" >"$T/stdout" 2>"$T/stderr" || broke none 'a disk of few kilobytes' 'with space it does not work'
		check_finished 'a disk of few kilobytes'
		"$QBISECT" db check --home "$T/small/home" >"$T/stdout" 2>&1 || broke lost 'a disk of few kilobytes' "$(<"$T/stdout")"
	done
	[ "${seen[a disk of few kilobytes,error]:-0}" -gt 0 ] || fail 'a disk of few kilobytes: none of them was full'
	verdict 'a disk of few kilobytes'
	rm -rf "$T/small/home/kernels/cache/.images" "$T/small/home/results" && mount -o remount,ro "$T/small"
	told_or_done 'a read-only file system' "$T/small" "$QBISECT" "${run_words[@]}" --home "$T/small/home"
	verdict 'a read-only file system'
	matches 'a read-only file system is named' "$(<"$T/stderr")" "$T/small/.*: Read-only file system"
	expect 'what reads works there' 0 "$QBISECT" kernel list --home "$T/small/home"
	umount "$T/small"
else
	echo 'skipped: small disks, because no tmpfs can be mounted here'
fi

# --- an ordinary user -----------------------------------------------------------------------------------------------------

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$T/nobody" timeout 60 "$@"; }
if [ "$(id -u)" -eq 0 ] && as_nobody "$QBISECT" --help >/dev/null 2>&1; then
	afresh run
	mkdir "$T/nobody"
	chmod -R a+rX "$T/play"
	for mode in 700 755; do
		chmod "$mode" "$T/work"
		told_or_done "somebody else's home" "$T/work" as_nobody "$QBISECT" "${run_words[@]}" --home "$T/work"
		[ $status -eq 128 ] && grep -q "$T/work.*Permission denied" "$T/stderr" || fail "somebody else's home is named" "$(<"$T/stderr")"
	done
	verdict "somebody else's home"
	chmod -R a+rX "$T/k"
	told_or_done 'a home that cannot be made' "$T/nobody" as_nobody "$QBISECT" kernel import "$T/k/k1" --home "$T/nobody/deep"
	[ $status -eq 128 ] && grep -q "$T/nobody/deep: Permission denied" "$T/stderr" || fail 'a home that cannot be made is named' "$(<"$T/stderr")"
	chown -R 65534:65534 "$T/work" "$T/nobody"
	expect 'an ordinary user can work' 0 as_nobody "$QBISECT" "${run_words[@]}" --home "$T/work" --json
	expect 'and check' 0 as_nobody "$QBISECT" db check --home "$T/work"
	equal 'others cannot look into the trials' "$(find "$T/work/results" -mindepth 1 -maxdepth 2 -type d -perm /077)" ''
else
	echo 'skipped: an ordinary user, because this is none who can become one, or the program lies where only we can read'
fi

# --- descriptors, memory, processes, threads --------------------------------------------------------------------------------

limited() { (ulimit "$1" "$2" && shift 2 && exec timeout 60 "$@"); }
for n in 4 5 6 7 8 9 10 12 14 16 20; do
	afresh run
	told_or_done 'few descriptors' "$T/work" limited -n $n "$QBISECT" "${run_words[@]}" --home "$T/work"
	goes_on_clean 'few descriptors'
done
verdict 'few descriptors'
if ! ldd "$QBISECT" | grep -q san; then # sanitizers want terabytes of addresses
	for mb in 70 80 90 100 120; do
		afresh run
		told_or_done 'little memory' "$T/work" limited -v $((mb * 1024)) "$QBISECT" "${run_words[@]}" --home "$T/work"
		goes_on_clean 'little memory'
	done
	verdict 'little memory'
fi
echo '{ "candidates": ["k1", "k2"], "scenarios": ["AD033"], "set": { "iterations": 2 } }' >"$T/one.json"
for fault in EAGAIN:fork EMFILE:pipe EMFILE:read EAGAIN:thread; do
	words=("${run_words[@]}")
	[ $fault != EAGAIN:thread ] || words=(matrix "$T/one.json" --connect "fake:$T/play")
	for n in 1 2 3+ 7 20; do
		afresh run
		: >"$T/hit"
		# Not before told_or_done: what it calls is not to be given faults.
		hit=$T/hit told_or_done "${fault%:*} at ${fault#*:}" "$T/work" \
			env LD_PRELOAD="$preload" QB_FAULT=$fault:$n QB_FAULT_PATH="$T/work" QB_FAULT_LOG="$T/hit" \
			"$QBISECT" "${words[@]}" --home "$T/work" || continue
		goes_on_clean "${fault%:*} at ${fault#*:}"
	done
	verdict "${fault%:*} at ${fault#*:}"
done

# --- the emulator -----------------------------------------------------------------------------------------------------------

afresh run
mkdir "$T/bin"
emulator() { # VERSION
	printf '#!/bin/sh\necho "QEMU emulator version %s"\n' "$1" >"$T/bin/new"
	chmod +x "$T/bin/new" && mv "$T/bin/new" "$T/bin/qemu-system-ppc64"
}
emulator 7.2
PATH=$T/bin:$PATH "$QBISECT" "${run_words[@]}" --trials 60 --json --home "$T/work" >"$T/mixed.json" 2>"$T/progress" &
until [ -n "$(finished_records "$T/work")" ] || ! kill -0 $! 2>/dev/null; do sleep 0.02; done
emulator 9.1
wait $!
out=$(<"$T/mixed.json")
matches 'an emulator that was replaced meanwhile is told' "$(<"$T/progress")" 'qemu-system-ppc64 was replaced: .* 7.2 until now, .* 9.1'
equal 'and each trial has its own' "$(jq -r '[.records[].machine | match("[0-9]\\.[0-9]$").string] | unique | join(" ")' <<<"$out")" '7.2 9.1'
matches 'the report says that they are mixed' "$(jq -r '.mixed[]' <<<"$out")" \
	'ppc64le had more than one emulator, .*: fake, QEMU emulator version 7.2 \([0-9]+ of [0-9]+ failed\), fake, QEMU emulator version 9.1 \('
expect 'the JSON is as its schema says' 0 harness/tests/schema --closed configs/schemas/report.schema.json "$T/mixed.json"
expect 'the text, too' 0 w report
matches 'has it' "$out" 'Mixed: ppc64le had more than one emulator'
w report --format html --output "$T/dump" >/dev/null
matches 'and the page' "$(cat "$T"/dump/campaign/*.html)" "<section id=\"mixed\">"
matches 'and each trial says where it was made' "$(jq -r '.records[0].host' "$T/mixed.json")" "^$(uname -n), Linux $(uname -r) $(uname -m), qbisect "
came_of 'an emulator that is replaced' 'told as mixed' "$T/work"
expect 'trials that were made alike' 0 w "${run_words[@]}" --json
equal 'are not called mixed' "$(jq .mixed <<<"$out")" null

printf '#!/bin/sh\ncase "$*" in *--version*) echo QEMU emulator version 1 ;; *kvm*) exec sleep 60 ;; esac\n' >"$T/bin/qemu-system-x86_64"
chmod +x "$T/bin/qemu-system-x86_64"
if [ "$(uname -m)" = x86_64 ] && [ -w /dev/kvm ]; then
	began=$SECONDS
	out=$(PATH=$T/bin:$PATH timeout 60 "$QBISECT" doctor --connect "fake:$T/play" --json --home "$T/work" 2>/dev/null)
	matches 'KVM that hangs is not used' "$(jq -r '.checks[] | select(.what == "x86_64 guests") | .text' <<<"$out")" \
		'auto will use tcg: /dev/kvm opens, but a probe guest hung for 3 s'
	[ $((SECONDS - began)) -lt 20 ] && pass 'which takes seconds' || fail 'which takes seconds' $((SECONDS - began))
	[ -z "$(pgrep -f "$T/bin/qemu")" ] && pass 'and leaves no guest' || fail 'and leaves no guest'
	came_of 'KVM opens and hangs: doctor' 'auto uses tcg, in seconds' "$T/work"
else
	echo 'skipped: KVM that hangs, because /dev/kvm is not there'
fi

# --- what an emulator makes up --------------------------------------------------------------------------------------------

mkdir "$T/k/x86"
cp "$T/k/k1/vmlinux" "$T/k/x86/vmlinux"
printf '\76' | dd of="$T/k/x86/vmlinux" bs=1 seek=18 conv=notrunc status=none
sed 's/^CONFIG_PPC64=/CONFIG_X86_64=/; /64K_PAGES/d' "$T/k/k1/config" >"$T/k/x86/config"
w kernel import --id x86 "$T/k/x86" >/dev/null 2>&1 || fail 'importing x86'
int3='[    0.391000] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI
[    0.391300] RIP: 0010:key_set_index_key+0x5/0xe0'
emulator() { printf '#!/bin/sh\necho QEMU emulator version %s\n' "$1" >"$T/bin/qemu-system-x86_64"; }
run_x86() { PATH=$T/bin:$PATH w run --connect "fake:$T/play" --scenario AD033 --kernel x86 --set accelerator=tcg "$@" --json; }
x86_told() { jq -r '[.records[] | .verdict + " " + .class] | join(", ")' <<<"$out"; }
good 1.0.0 4096 | sed 's/arch ppc64le/arch x86_64/' >"$T/play/x86.events"
echo "$console_good" >"$T/play/x86.console"
echo "$int3" >"$T/play/x86.1.console"
emulator 7.2.22
expect 'an int3 that an old QEMU may have made up' 0 run_x86
equal 'is no evidence, and tried again' "$(x86_told)" 'broken emulator, good clean'
true_verdicts 'an oops that an emulator makes up' good "$out"
came_of 'an oops that an emulator makes up' 'tried again, then good' "$T/work"
echo "$int3" >"$T/play/x86.console"
expect 'one that comes each time' 125 run_x86
equal "is the kernel's own" "$(x86_told)" 'broken emulator, broken emulator, skip oops'
true_verdicts 'an oops that an emulator makes up' skip "$out"
came_of 'an oops that an emulator makes up' 'tried again, then skip' "$T/work"
expect 'so is one with a single processor' 125 run_x86 --set smp=1
equal 'at once' "$(x86_told)" 'skip oops'
emulator 8.1.0
expect 'and one of a new QEMU' 125 run_x86
equal 'at once, too' "$(x86_told)" 'skip oops'

# KVM that opens and hangs, or fails, before a run or in it: it takes TCG, in seconds, and each trial says so. Each QEMU has a version of
# its own, for what was found out of another is remembered.
kvm_emulator() { # VERSION WHAT-IT-DOES-WITH-KVM
	: >"$T/asked"
	printf '#!/bin/sh\ncase "$*" in *--version*) echo QEMU emulator version %s ;; *kvm*) echo >>%s; %s ;; esac\n' "$1" "$T/asked" "$2" \
		>"$T/bin/qemu-system-x86_64"
}
asked() { wc -l <"$T/asked"; }
accelerators() { jq -r '[.records[].accelerator] | join(" ")' <<<"$out"; }
if [ "$(uname -m)" = x86_64 ] && [ -w /dev/kvm ]; then
	rm "$T/play/x86.1.console"
	echo "$console_good" >"$T/play/x86.console"
	for fault in '8.1:exec sleep 60' '8.2:exit 1'; do
		kvm_emulator "${fault%%:*}" "${fault#*:}"
		began=$SECONDS
		expect "a run where KVM does not work (${fault#*:})" 0 run_x86 --set accelerator=auto
		equal 'which was tried once' "$(asked)" 1
		equal 'is without it' "$(accelerators)" tcg
		[ $((SECONDS - began)) -lt 20 ] || fail 'within seconds' $((SECONDS - began))
		true_verdicts 'KVM opens and does not work: run' good "$out"
		came_of 'KVM opens and does not work: run' 'good, by tcg' "$T/work"
	done
	kvm_emulator 8.3 'exit 33' # as the probe guest leaves
	echo failed >"$T/play/x86.end"
	expect 'a QEMU that runs the probe and then dies' 128 run_x86 --set accelerator=auto
	equal 'has no KVM from its second try on' "$(accelerators) $(x86_told)" 'kvm tcg tcg broken qemu-died, broken qemu-died, broken qemu-died'
	matches 'and that is told' "$errors" 'KVM is not used any more on this host: '
	probes=$(asked)
	rm "$T/play/x86.end"
	expect 'the next run' 0 run_x86 --set accelerator=auto
	equal 'has none, and does not ask again' "$(accelerators) $(asked)" "tcg $probes"
	true_verdicts 'KVM runs the probe alone' good "$out"
	came_of 'KVM runs the probe alone' 'broken, then tcg' "$T/work"
else
	echo 'skipped: KVM that does not work in a run, because /dev/kvm is not there'
fi
rm -r "$T/bin"

# --- libvirt ------------------------------------------------------------------------------------------------------------------

for uri in qemu+unix:///system?socket=/nonexistent 'qemu:///embed?root=/proc/1/none' nonsense:///x; do
	told_or_done 'libvirt refuses' "$T/work" "$QBISECT" run --connect "$uri" --scenario AD033 --kernel k1 --home "$T/work"
	[ $status -eq 128 ] && grep -q 'libvirt says: ' "$T/stderr" || fail "libvirt that refuses $uri is told" "$(<"$T/stderr")"
done
verdict 'libvirt refuses'

# --- the clock ----------------------------------------------------------------------------------------------------------------

late() { LD_PRELOAD=$preload QB_CLOCK=$1 "${@:2}"; }
afresh run
clean bisect
for shift in -86400:5 -86400:10 3600:8 -1000000000; do
	afresh bisect
	row 'the clock jumps'
	: >"$T/hit"
	QB_FAULT_LOG=$T/hit late "$shift" do_bisect >"$T/stdout" 2>"$T/stderr"
	grep -q '^clock' "$T/hit" || broke none 'the clock jumps' "not by $shift: nobody looked so often"
	answer_bisect >"$T/answer" 2>&1
	cmp -s "$T/answer" "$T/clean-bisect.answer" || broke lost 'the clock jumps' "$shift: $(<"$T/answer")"
	w db check >"$T/stdout" 2>&1 || broke lost 'the clock jumps' "$(<"$T/stdout")"
	w report --format html --output "$T/out" >"$T/stdout" 2>&1 || broke none 'the clock jumps' "$(<"$T/stdout")"
	rm -rf "$T/out"
	saw 'the clock jumps' answered
	nothing_left 'the clock jumps' "$T/work"
done
verdict 'the clock jumps'
afresh matrix
do_matrix >/dev/null 2>&1
expect 'a night that began before the last one, by the clock' 0 late -86400 w matrix --connect "$play" "$T/night.json" --name second --json
behind=$(w report --format json second | jq 'now - (.started | fromdate) | floor')
[ "$behind" -gt 80000 ] && pass 'is a day behind' || fail 'is a day behind' "$behind s"
equal 'is compared with it all the same' "$(jq -r .previous <<<"$out")" night
equal 'and its failures are no news' "$(jq '[.cells[] | select(.change == "new failure")] | length' <<<"$out")" 0
late -86400 w matrix --connect "$play" "$T/night.json" --name third >/dev/null 2>&1
equal 'and the next one with that' "$(w report --format json third | jq -r .previous)" second
expect 'old campaigns, by a clock that stands in the past' 0 late -86400 w db gc --days 1 --dry-run --json
equal 'are none' "$(jq '.removed | length' <<<"$out")" 0

# A night of a minute, which its first boot takes: the clock goes on when the trial is kept.
afresh run
echo '{ "name": "short", "candidates": ["k1"], "scenarios": ["AD033-AD035"], "set": { "iterations": 2 }, "slots": 1, "budget": 1 }' >"$T/short.json"
used_up() { LD_PRELOAD=$preload QB_UPTIME=61:$T/work/results/short/00001-k1/verdict.json "$@"; }
expect 'a night whose budget is used up is not complete' 3 used_up w matrix --connect "$play" "$T/short.json" --name short --json
equal 'what was tried counts' "$(jq -c '[.cells[] | [.state, .trials]] | unique' <<<"$out")" '[["good",1]]'
equal 'and the rest is named' "$(jq -r '.explanation[]' <<<"$out")" 'not tried: k1: AD034, AD035'
grep -q 'the budget is used up, nothing new begins' <<<"$errors" && pass 'as it went' || fail 'as it went' "$errors"
expect 'resume tries it' 0 w resume short --json
equal 'to the last cell, none twice' "$(jq '[.cells[] | select(.state == "good" and .trials == 1)] | length' <<<"$out")" 3
true_verdicts 'a budget that is used up' good "$out"
came_of 'a budget that is used up' 'the rest is named, and resumed' "$T/work"

# --- several of us ------------------------------------------------------------------------------------------------------------

begin_two() { # is the first one still at work when the second one has begun?
	afresh all
	"$QBISECT" "${all_words[@]}" --home "$T/work" >"$T/first" 2>/dev/null &
	first=$!
	until [ -n "$(finished_records "$T/work")" ] || ! kill -0 $first 2>/dev/null; do sleep 0.02; done
	w resume all --json >"$T/second" 2>/dev/null &
	second=$!
	kill -0 $first 2>/dev/null
}
for _ in 1 2 3 4 5; do # a busy shell may come too late
	begin_two && overlap=yes && break
	overlap=no
	wait $first $second
done
equal 'the second controller begins while the first one works' $overlap yes
w db gc --keep 1 --days 1 >/dev/null 2>&1 || fail 'gc beside them'
w db check >/dev/null 2>&1
w report all >/dev/null 2>&1 || fail 'a report beside them'
wait $first && wait $second && pass 'two controllers of one campaign' || fail 'two controllers of one campaign' "$(cat "$T/first" "$T/second")"
equal 'have one answer' "$(jq -cS '[.range, (.records | length)]' "$T/first")" "$(jq -cS '[.range, (.records | length)]' "$T/second")"
equal 'and no number twice' "$(w report --format csv all | cut -d, -f1-3 | sort | uniq -d)" ''
expect 'and replay agrees' 0 w replay all
true_verdicts 'two controllers of one campaign' good "$(jq '.records |= map(select(.candidate < "k4"))' "$T/second")"
true_verdicts 'two controllers of one campaign' bad "$(jq '.records |= map(select(.candidate >= "k4"))' "$T/second")"
came_of 'two controllers of one campaign' 'one answer' "$T/work"
show_table
