# Attempts to make qbisect say something false: kernels that were swapped, guests and consoles that lie, edited results.
. harness/tests/lib.sh
. harness/tests/play.sh

first() { jq -r ".records[0].$1" <<<"$out"; }
cache=$T/home/kernels/cache
note_finished "$T/home"
# FAULT VERDICT: what $out may say, if it says anything; else it says something false.
lied() {
	local said=${out:-'{"records": []}'}
	true_verdicts "$1" "$2" "$said"
	came_of "$1" "$(jq -r '[.records[].verdict] | unique | join(", ") | if . == "" then "refused" else . end' <<<"$said")"
}

# --- kernels that are not what was imported --------------------------------------------------------------------------

# A kernel whose btrfs is a module.
module() { # FILE
	mkdir -p "$(dirname "$1")"
	printf 'const char m[] __attribute__((section(".modinfo"), used)) = "name=%s\\0license=GPL%s";' \
		"$(basename "$1" .ko)" "${2:-}" | gcc -xc -c -o "$1" -
}
kernel plain 8.0.0 CONFIG_BTRFS_FS=m
mkdir -p "$T/modular/boot"
cp "$T/k/plain/vmlinux" "$T/modular/boot/vmlinux-8.0.0"
cp "$T/k/plain/config" "$T/modular/boot/config-8.0.0"
module "$T/modular/lib/modules/8.0.0/kernel/btrfs.ko"
expect 'a kernel with modules' 0 q kernel import --id modular "$T/modular"
good 8.0.0 >"$T/play/modular.events"
echo "$console_good" >"$T/play/modular.console"
expect 'which is good' 0 run --kernel modular
folder=$cache/modular

swapped() { # NAME FILE COMMAND...: after the command, which changes the file, there is no verdict; put back, there is one
	local name=$1 file=$2
	shift 2
	cp -p "$file" "$T/kept"
	"$@"
	expect "$name: no verdict" 128 run --kernel modular --json
	equal "$name: none of the trials says anything" "$(jq -r '[.records[].verdict] | unique | join(" ")' <<<"$out")" broken
	matches "$name: what to do is said" "$(first title)" "$(basename "$file").* is not as it was imported.*kernel remove modular"
	lied 'a kernel that was swapped' broken
	cp -p "$T/kept" "$file"
	expect "$name: as it was, it is judged again" 0 run --kernel modular
}
flip() { printf 'X' | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") - 2)) conv=notrunc status=none; }
# The one that stays behind has the same name, size and times.
flip_in_secret() { local at; at=$(stat -c @%Y.%N "$1" | cut -d. -f1); flip "$1"; touch -d "$at" "$1"; }
swapped 'another image' "$folder/vmlinux" cp "$T/k/k1/vmlinux" "$folder/vmlinux"
swapped 'one byte of the image' "$folder/vmlinux" flip_in_secret "$folder/vmlinux"
swapped 'one byte of a module' "$folder/lib/modules/8.0.0/kernel/btrfs.ko" flip "$folder/lib/modules/8.0.0/kernel/btrfs.ko"
swapped 'the config' "$folder/config" sed -i s/BTRFS_FS=m/BTRFS_FS=y/ "$folder/config"
swapped 'the manifest' "$folder/manifest" sed -i '1s/^./x/' "$folder/manifest"
# An index, made elsewhere, that leads to a module which was put there.
module "$T/forged/lib/modules/8.0.0/kernel/evil/btrfs.ko" '\0parm=evil'
PATH=$PATH:/sbin:/usr/sbin depmod -b "$T/forged" 8.0.0
cp -r "$folder/lib" "$T/lib"
cp -r "$T/forged/lib/modules/8.0.0/." "$folder/lib/modules/8.0.0/"
expect 'a module that was put there: no verdict' 128 run --kernel modular --json
matches 'a module that was put there: it is named' "$(first title)" 'kernel/evil/btrfs.ko is not as it was imported'
lied 'a kernel that was swapped' broken
rm -r "$folder/lib" && cp -r "$T/lib" "$folder/lib"
expect 'without it, there is one' 0 run --kernel modular
expect 'a link to another kernel in its place' 128 sh -c "mv '$folder/vmlinux' '$T/v' && ln -s '$cache/k1/vmlinux' '$folder/vmlinux' &&
	'$QBISECT' run --home '$T/home' --connect 'fake:$T/play' --scenario AD033 --kernel modular --json"
lied 'a kernel that was swapped' broken
rm "$folder/vmlinux" && mv "$T/v" "$folder/vmlinux"
sed 's/"id": *"k5"/"id": "k1"/' "$cache/k5/candidate.json" >"$T/k5.json"
cp "$cache/k1/candidate.json" "$T/k1.json" && cp "$T/k5.json" "$cache/k1/candidate.json"
expect "another kernel's record" 128 run --kernel k1 --json
cp "$T/k1.json" "$cache/k1/candidate.json"
lied 'a kernel that was swapped' broken
cat >"$T/pair.json" <<'END'
{ "candidates": ["k1", "modular"], "scenarios": ["AD033"], "set": { "iterations": 2 } }
END
flip "$folder/vmlinux"
expect 'in a matrix the others are judged' 3 q matrix --connect "fake:$T/play" "$T/pair.json" --json
equal 'and the swapped one is not' "$(jq -r '[.cells[] | .candidate + " " + .state] | sort | join(", ")' <<<"$out")" 'k1 good, modular not tried'
expect 'nor does a bisection believe it' 128 q bisect --connect "fake:$T/play" --scenario AD033 --kernels modular,k5

# --- guests that lie -------------------------------------------------------------------------------------------------

expect 'a trial' 0 run --kernel k2 --json
events=$(ls "$T/home/results/$(jq -r .name <<<"$out")"/00001-*/events.ktap)
nonce=$(awk '/^# qbisect/ { print $4 }' "$events")

no_verdict() { # NAME CLASS [CONSOLE]: of what k2 plays
	expect "$1: skip" 125 run --kernel k2 --json
	equal "$1: class" "$(first class)" "$2"
	lied 'a report that lies' skip
	good 2.0.0 >"$T/play/k2.events"
	echo "$console_good" >"$T/play/k2.console"
}
cp "$events" "$T/play/k2.events"
no_verdict 'the events of another trial of this kernel' incomplete
{ facts 2.0.0 65536 && { passes && off; } | sed "s/@NONCE@/$nonce/"; } >"$T/play/k2.events"
no_verdict 'the end of another trial' incomplete
good 2.0.0 | sed "s/^# start.*/# start $nonce/" >"$T/play/k2.events"
no_verdict 'the start of another trial' incomplete
good 2.0.0 | sed 's/^# poweroff.*/# poweroff @NONCE@x/' >"$T/play/k2.events"
no_verdict 'a nonce that is longer' incomplete
good 2.0.0 | sed 's/@NONCE@/@nonce@/' >"$T/play/k2.events"
no_verdict 'no nonce' incomplete
good 2.0.0 | sed 's/^# fact pagesize.*/&\n# fact pagesize 65536/' >"$T/play/k2.events"
no_verdict 'two page sizes' incomplete
good 2.0.0 | sed 's/^# fact pagesize.*/# fact pagesize 4096\n# fact pagesize 65536/' >"$T/play/k2.events"
no_verdict 'two page sizes, the wrong one first' wrong-pagesize
good 2.0.0 | sed 's/^# fact release.*/# fact release 9.9.9\n# fact release 2.0.0/' >"$T/play/k2.events"
no_verdict 'two releases, the wrong one first' wrong-kernel
good 2.0.0 | sed 's/^ok 2.*/not &/; s/^not ok 2 aiocp #/& kind=write errno=ENOSPC/' >"$T/play/k2.events"
no_verdict 'a failure that the end does not count' test-failure
good 2.0.0 | grep -v '^ok 1' >"$T/play/k2.events"
no_verdict 'an iteration that was left out' incomplete
good 2.0.0 | sed 's/^ok 1.*/&\n&/' >"$T/play/k2.events"
no_verdict 'an iteration twice' incomplete
{ good 2.0.0 && echo 'ok 3 aiocp # ms=5'; } >"$T/play/k2.events"
no_verdict 'a word behind the last one' incomplete

# --- consoles that lie -----------------------------------------------------------------------------------------------

: >"$T/play/k2.events"
{ echo "$console_good" && good 2.0.0; } >"$T/play/k2.console"
no_verdict 'a report on the console' incomplete
{ echo '[    0.000000] Linux version 2.0.0' && good 2.0.0 | sed 's/^/[    1.000000] /'; } >"$T/play/k2.console"
: >"$T/play/k2.events"
no_verdict 'a report that looks as if printk wrote it' incomplete

printf '%s\n' '[    0.000000] Linux version 2.0.0' '[    1.000000] reboot: Power down' >"$T/play/k2.console"
no_verdict 'a console without a word of this trial' incomplete
printf '%s\n' '[    0.000000] Linux version 2.0.0' "[    1.000000] qbisect: $nonce scenario 1: x" 'qbisect: @NONCE@ scenario 1: x' >"$T/play/k2.console"
no_verdict 'a console of another trial' incomplete
: >"$T/play/k2.console"
no_verdict 'an empty console' incomplete

target='Page cache invalidation failure on direct I/O.  Possible data corruption due to collision with buffered I/O!'
still_good() { # NAME PATTERN
	expect "$1: good" 0 run --kernel k2 --json
	matches "$1: it is said" "$(jq -r '.records[0].reasons[]' <<<"$out")" "$2"
	lied 'a console that lies' good
	echo "$console_good" >"$T/play/k2.console"
}
printf '%s\n' '[    0.000000] Linux version 2.0.0' '[    1.000000] qbisect: @NONCE@ scenario 1: x' "$target" >"$T/play/k2.console"
still_good "the target's line by a program" 'an echo: the kernel did not write it'
printf '%s\n' '[    0.000000] Linux version 2.0.0' "[    1.000000] $target" '[    2.000000] qbisect: @NONCE@ scenario 1' >"$T/play/k2.console"
still_good "the target's line before the scenario" 'before the scenario started'
printf '%s\n' '[    0.000000] Linux version 2.0.0' "[    1.000000] $target" '[    2.000000] qbisect: @NONCE@ scenario 1' \
	"qbisect: @NONCE@ scenario 1" "[    3.000000] qbisect: $nonce scenario 1" >"$T/play/k2.console"
still_good 'marks of a program, and of another trial' 'before the scenario started'
printf '%s\n' '[    0.000000] Linux version 2.0.0' '[    1.000000] qbisect: @NONCE@ scenario 1' '[    1.500000] qbisect: @NONCE@ scenario 1' \
	"[    2.000000] $target" "[    3.000000] qbisect: $nonce scenario 1" >"$T/play/k2.console"
expect "a mark of another trial hides no target" 1 run --kernel k2 --json
lied 'a console that lies' bad
printf '%s\n' '[    0.000000] Linux version 2.0.0' "[    1.000000] $target" '[    2.000000] qbisect: @NONCE@ scenario 2' >"$T/play/k2.console"
expect 'nor does the mark of a scenario that is not there' 1 run --kernel k2 --json
lied 'a console that lies' bad
echo "$console_good" >"$T/play/k2.console"

# --- results that were edited ----------------------------------------------------------------------------------------

expect 'a bisection' 0 q bisect --connect "fake:$T/play" --scenario AD033 --kernels k1,k2,k3,k4,k5,k6 --name search
results=$T/home/results
words() { jq -c '[.answer, .sentence, ([.records[] | [.number, .candidate, .verdict]] | unique)]'; }
q report search --format json | words >"$T/before"
# SEEN: what was edited changes nothing of what is reported.
edited() {
	row 'results that were edited'
	saw 'results that were edited' "$1"
	q report search --format json 2>/dev/null | words | cmp -s - "$T/before" || broke lost 'results that were edited' 'another report'
	nothing_left 'results that were edited' "$T/home"
}
for record in "$results"/search/*-k3/verdict.json; do
	sed -i 's/"verdict": *"good"/"verdict": "bad"/' "$record"
done
expect 'edited verdicts: the answer is decided again from what was recorded' 0 q replay search
expect 'and reported so' 0 q report search --format json
equal 'with the same words' "$(words <<<"$out")" "$(<"$T/before")"
matches 'which is told' "$errors" 'records were changed'
expect 'and db check names them' 1 q db check search
matches 'each' "$out" '^search/0000[0-9]-k3/verdict.json: was changed'
edited 'told, not believed'

sed -i 's/between k3/between k1/' "$results/search/campaign.json"
expect 'an edited answer' 1 q replay search
expect 'db check names it' 1 q db check search
matches 'as changed' "$out" '^search/campaign.json: was changed'
expect 'it is reported' 0 q report search
matches 'with a word' "$errors" 'search: its campaign.json was changed since it ended'
sed -i 's/between k1/between k3/' "$results/search/campaign.json"
expect 'put back, it is the answer' 0 q report search
equal 'without one' "$(grep 'changed since it ended' <<<"$errors")" ''
edited 'told, and put back'

cp -r "$results/search/00001"-* "$results/search/00999-k4"
expect 'a trial that was put there' 0 q report search
matches 'is told' "$errors" 'search: 1 trials stand in its folder that it did not have when it ended'
expect 'and changes no decision' 0 q replay search
edited 'told, not believed'
verdict 'results that were edited'
show_table
