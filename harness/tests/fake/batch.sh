# Boots that run several scenarios, on the fake back end: what each one's record says.
. harness/tests/lib.sh
. harness/tests/play.sh

# Three scenarios of k1 in one boot; $out is the campaign.
three() { # SELECTION
	"$BUILD/batch" "$T/home" "fake:$T/play" "${2:-k1}" 3 "${1:-AD033,AD034,AD036}"
}
verdicts() { jq -r '[.records[] | "\(.verdict) \(.class)"] | join(", ")' <<<"$out"; }
all() { jq -r "[.records[].$1] | map(tostring) | join(\" \")" <<<"$out"; }

# Plays the events on stdin, and the console's lines for each part.
play() { # PART1 PART2 PART3
	local i=0 line
	cat >"$T/play/k1.events"
	{
		echo '[    0.000000] Linux version x'
		for line; do
			echo "[    1.000000] qbisect: @NONCE@ scenario $((++i)): x"
			[ -z "$line" ] || echo "[    1.000000] $line"
		done
		echo '[    2.000000] reboot: Power down'
	} >"$T/play/k1.console"
	rm -f "$T/play/k1.end"
}
target='Page cache invalidation failure on direct I/O.  Possible data corruption due to collision with buffered I/O!'
oops='Oops: Kernel access of bad area, sig: 11 [#1]'

{ boot 1.0.0 65536 && turn 1 AD033 && passes && turn 2 AD034 && fsync_fails && turn 3 AD036 && passes && off; } | play '' "$target" ''
expect 'one that fails between two that pass' 0 three
equal 'costs the others nothing' "$(verdicts)" 'good clean, bad target, good clean'
equal 'guest and console agree' "$(all agreement)" ' guest and console '
equal 'each has its scenario' "$(all scenario)" 'AD033 AD034 AD036'
equal 'and its iterations' "$(all failed)" '0 1 0'
equal "all name the first one's folder" "$(all boot)" '00001-k1 00001-k1 00001-k1'
matches 'a pass behind the target says what it rests on' "$(jq -r '.records[2].reasons[]' <<<"$out")" 'may not write it again'
folder=$T/home/results/$(jq -r .name <<<"$out")
equal 'the files of the boot are there once' "$(cd "$folder" && ls 0000*/*.* | sort | tr '\n' ' ')" \
	'00001-k1/console.log 00001-k1/domain.xml 00001-k1/events.ktap 00001-k1/repeat.sh 00001-k1/verdict.json 00002-k1/verdict.json 00003-k1/verdict.json '
equal 'what the boot took is counted once' "$(jq '[.records[1, 2].phases_ms | del(.test) | add] | add' <<<"$out")" 0
expect 'the campaign is reported' 0 q report
matches 'with all of its trials' "$out" '1/3 '
expect 'a boot of its own' 0 run --kernel k2 --json
equal 'names no other' "$(all boot)" ''

{ boot 1.0.0 65536 && turn 1 AD033 && passes && turn 2 AD034 && passes && turn 3 AD036 && passes && off; } | play "$target" '' ''
expect 'a line at the end of a part' 0 three
equal "is that scenario's" "$(verdicts)" 'bad target, good clean, good clean'

{ boot 1.0.0 65536 && turn 1 AD033 && passes && turn 2 AD034; } | play '' "$oops"
echo crashed >"$T/play/k1.end"
expect 'a crash in the second' 0 three
equal 'takes it and the third' "$(verdicts)" 'good clean, skip oops, skip oops'

{ boot 1.0.0 65536 && turn 1 AD033 && passes && turn 2 AD034 && fails kind=timelimit && turn 3 AD036 && passes && off; } | play '' '' ''
expect 'a time limit in the second' 0 three
equal 'takes it alone' "$(verdicts)" 'good clean, skip test-failure, good clean'

{ boot 1.0.0 65536 && turn 1 AD033 && passes && turn 2 AD034 && echo '# broken scenario - it died' && turn 3 AD036 && passes && off; } |
	play '' '' ''
expect 'one that breaks' 0 three
equal 'takes itself alone' "$(verdicts)" 'good clean, skip setup, good clean'

for forged in '# scenario 2 AD034' '# scenario 0123456789abcdef 2 AD034' '# scenario @NONCE@ 3 AD036' 'rubbish'; do
	{ boot 1.0.0 65536 && turn 1 AD033 && passes && echo "$forged" && turn 2 AD034 && passes && off; } | play '' ''
	expect "forged: $forged" 0 three
	equal 'helps nobody' "$(verdicts)" 'skip incomplete, skip incomplete, skip incomplete'
done
{ boot 1.0.0 65536 && turn 1 AD033 && turn 2 AD034 && passes && turn 3 AD036 && passes && off; } | play '' '' ''
expect 'a turn that comes before the end' 0 three
equal 'is none' "$(verdicts)" 'skip incomplete, skip incomplete, skip incomplete'

{ boot 1.0.0 65536 && turn 1 AD033 && passes && turn 2 AD034; } | play '' ''
echo failed >"$T/play/k1.end"
expect 'QEMU dies in the second' 0 three
equal 'what was proven stays' "$(verdicts)" 'good clean, broken qemu-died, broken qemu-died'
# Its events may have come, and its part of the console not.
for end in lost:connection cut:serial-cut; do
	{ boot 1.0.0 65536 && turn 1 AD033 && passes && turn 2 AD034; } | play '' ''
	echo "${end%:*}" >"$T/play/k1.end"
	expect "what it wrote is ${end%:*} in the second" 0 three
	equal 'nothing is proven, of the first either' "$(jq -r '[.records[] | "\(.verdict) \(.class)"] | unique | join(", ")' <<<"$out")" "broken ${end#*:}"
done
boot 1.0.0 65536 | play
echo failed >"$T/play/k1.end"
expect 'QEMU dies before the first' 0 three
equal 'the boot is tried three times' "$(jq -r '[.records[] | .boot] | unique | join(" ")' <<<"$out")" '00001-k1 00004-k1 00007-k1'
equal 'in vain' "$(all verdict)" 'broken broken broken broken broken broken broken broken broken'

kernel nobtrfs 7.0.0 '# CONFIG_BTRFS_FS is not set'
expect 'a kernel that cannot be tested' 0 three AD033,AD034,AD036 nobtrfs
equal 'is a skip in each' "$(verdicts)" 'skip untestable, skip untestable, skip untestable'
expect 'scenarios of another machine' 129 three AD033,ADSP037
matches 'cannot share a boot' "$errors" 'AD033 and ADSP037 cannot be run in one boot'
