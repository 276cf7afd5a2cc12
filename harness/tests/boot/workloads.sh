# Every workload in one real boot each, short: with LTP's options, but less of them. Kernels as in boot.sh.
. harness/tests/lib.sh

q() { "$QBISECT" "$@" --home "$T/home"; }
field() { jq -r ".records[-1].$1" <<<"$out"; }
fetch() { q kernel fetch debian "$1" "$2" 2>>"$T/fetch.log" | tail -n 1; }
x86=$(fetch trixie linux-image-amd64:amd64)

good() { # SCENARIO SETTING...
	local scenario=$1 settings=()
	shift
	for setting; do settings+=(--set "$setting"); done
	expect "$scenario is good" 0 q run --kernel "$x86" --scenario "$scenario" "${settings[@]}" --json
	# The last trial: where KVM fails only now and then, there may be a broken one before it.
	local last=$(ls -d "$T/home/results/$(jq -r .name <<<"$out")"/0*/ | tail -n 1)
	matches "$scenario has written and compared" "$(grep '^ok 1 ' "$last/events.ktap")" 'written=[1-9][0-9]* checked=[1-9]'
}
good ADSP004
good ADSP043
good ltp-aiodio.part4:AD000 appends=50
good ADI000 appends=50
good DIT000 appends=10 rounds=2
good DOR000 iterations=1 filesize=4M

# Those of PAGE-* share one.
cat >"$T/pages.json" <<END
{ "candidates": ["$x86"], "scenarios": ["PAGE-*"], "set": { "iterations": 1, "rounds": 2 }, "together": 5 }
END
expect 'PAGE-* are good' 0 q matrix "$T/pages.json" --json
equal 'all five of them' "$(jq -r '.cells[] | "\(.scenario) \(.state)"' <<<"$out" | sort | tr '\n' ' ')" \
	'PAGE-APPEND good PAGE-CUT good PAGE-MIXED good PAGE-MMAP good PAGE-PUNCH good '
equal 'each has written and compared' "$(cat "$T/home/results/$(jq -r .name <<<"$out")"/0*/events.ktap |
	grep -cE '^ok 1 .*written=[1-9][0-9]* checked=[1-9]')" 5

# A program and its files, judged by what it says.
echo 'MINE ltp_stub say "not ok 1 a" exit 0' >"$T/own"
expect 'a runtest line whose program is injected' 1 q run --kernel "$x86" --runtest "$T/own" --scenario MINE \
	--inject "$BUILD/guest/x86_64/ltp_stub" --set judge=ktap --set iterations=1 --set "bring=$PWD/LICENSE" --json
matches 'is judged by its output' "$(field title)" 'says "not ok"'

# With pages of 16k AD033 fails now and then, but not with aligned buffers.
while read -r pagesize package buffers; do
	arm=$(fetch trixie "$package:arm64")
	expect "aarch64 with pages of $pagesize is good" 0 q run --kernel "$arm" --scenario AD033 --set iterations=3 \
		--set buffers="$buffers" --json
	equal 'and is what it says' "$(field facts.arch) $(field guest_pagesize)" "aarch64 $pagesize"
done <<'END'
4096 linux-image-arm64 mixed
16384 linux-image-arm64-16k aligned
END
