# Three scenarios in one real boot, the one in the middle fails. Kernel as in boot.sh.
. harness/tests/lib.sh

kernel=$("$QBISECT" kernel fetch debian trixie linux-image-powerpc64le-64k:ppc64el --home "$T/home" 2>"$T/fetch.log" | tail -n 1)
if [ -n "$kernel" ]; then pass "fetched $kernel"; else fail 'the kernel could not be fetched' "$(tail -n 5 "$T/fetch.log")"; fi

expect 'three scenarios in one boot' 0 "$BUILD/batch" "$T/home" '' "$kernel" 3 AD034,PAGE-MIXED,AD036 iterations=4
equal 'the one that fails costs the others nothing' "$(jq -r '[.records[].verdict] | join(" ")' <<<"$out")" 'good bad good'
equal 'it was one boot' "$(jq -r '[.records[].boot] | unique | join(" ")' <<<"$out")" "00001-$kernel"
equal 'each says its nocow' "$(jq -r '[.records[].facts.nocow] | join(" ")' <<<"$out")" '1 1 1'
log=$T/home/results/$(jq -r .name <<<"$out")/00001-$kernel/console.log
equal 'the console is cut into parts' "$(tr -d '\r' <"$log" | grep -aoE 'qbisect: [0-9a-f]{32} scenario [0-9]: .*' | cut -d ' ' -f 3-)" \
	'scenario 1: AD034
scenario 2: PAGE-MIXED
scenario 3: AD036'
