# The verb over the golden consoles; what each console means is in test_classify.c's hands.
. harness/tests/lib.sh

golden=harness/tests/golden
classes() { jq -r .class <<<"$out" | sort | uniq -c | tr -s ' \n' ' '; }

expect 'the consoles of real boots' 0 "$QBISECT" classify --json "$golden"/ppc64le-64k-*.log
equal 'three show the bug, two are clean' "$(classes)" ' 2 clean 3 target '
equal 'one object a file, always with the same keys' "$(jq -r 'keys_unsorted | join(" ")' <<<"$out" | uniq)" \
	'file class signature title line text'
equal 'with a line and its text where there is evidence' \
	"$(jq -r 'select(.line > 0 and .text != "" and .signature != "" and .title != "") | .class' <<<"$out" | uniq)" target

expect 'all of them, in words' 0 "$QBISECT" classify "$golden"/*.log
matches 'an oops with its function' "$out" 'ppc-oops\.log: oops: Oops: .* in btrfs_foo \(ppc64le\)$'

for log in "$golden"/*.log; do
	top=$(grep '^\*' "${log%.log}.expected" || echo '* 0 clean :')
	wanted=$(sed -E 's/^\* ([0-9]+) ([^ ]+) ([^:]*): ?.*/\1 \2 \3/' <<<"$top")
	[ "$("$QBISECT" classify --json "$log" | jq -r '"\(.line) \(.class) \(.signature)"')" = "$wanted" ] || wrong+="$log "
done
equal 'each alone, as expected' "${wrong:-}" ''

expect 'without a file it reads stdin' 0 "$QBISECT" classify --json <"$golden/panic.log"
equal 'and calls it -' "$(jq -r '.file + " " + .class' <<<"$out")" '- panic'
expect '- is stdin, too' 0 "$QBISECT" classify "$golden/bug.log" - <"$golden/kasan.log"
matches 'between files' "$out" '^-: kasan: '

expect 'a file that is not there' 129 "$QBISECT" classify --json "$T/none" "$golden/oom-kill.log"
matches 'is named' "$errors" 'none: No such file'
equal 'and the others are done' "$(jq -r .class <<<"$out")" oom
expect 'a folder is no console' 128 "$QBISECT" classify "$T"

# An untrusted console and an untrusted name reach the terminal as plain text only.
printf '\033]0;x\a\033[2J[    1.000000] Kernel panic - not syncing: \033[31mred\033[0m\302\233\377\0\r\n' >"$T/"$'evil\033[2J\n.log'
expect 'control sequences' 0 "$QBISECT" classify "$T/"*evil*
equal 'do not come through' "$(tr -d '\n -~' <<<"$out" | wc -c)" 0
expect 'nor as JSON' 0 "$QBISECT" classify --json "$T/"*evil*
equal 'on one line' "$(wc -l <<<"$out")" 1
equal 'with the text that is left' "$(jq -r .title <<<"$out")" 'Kernel panic - not syncing: red???'
: >"$T/empty"
expect 'an empty console is clean' 0 "$QBISECT" classify "$T/empty"
matches 'of no lines' "$out" 'empty: clean \(0 lines\)'
