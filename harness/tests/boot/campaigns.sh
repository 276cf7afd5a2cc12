# A small matrix and a factor study on real kernels, and their dashboard.
. harness/tests/lib.sh
. harness/tests/rogue.sh
. harness/tests/browse.sh

# Two kernels, three scenarios in one boot, of which one fails with 64k pages and is asked again in a boot of its own.
# On a machine that has much else to do an iteration of PAGE-MIXED fails every second time only, hence so many of them.
cat >"$T/matrix.json" <<'END'
{
  "name": "small",
  "candidates": [
    { "name": "64k", "suite": "trixie", "package": "linux-image-powerpc64le-64k:ppc64el" },
    { "name": "4k", "suite": "trixie", "package": "linux-image-powerpc64le:ppc64el" }
  ],
  "scenarios": ["PAGE-APPEND", "PAGE-MIXED", "PAGE-CUT"],
  "set": { "iterations": 16, "smp": 2 },
  "together": 3
}
END
expect 'a matrix with a failure is 1' 1 q matrix "$T/matrix.json" --json
cell() { jq -r ".cells[] | select(.candidate == \"$1\" and .scenario == \"$2\") | \"\(.state) \(.failures)/\(.trials) \(.pagesize)\"" <<<"$out"; }
for scenario in PAGE-APPEND PAGE-CUT; do
	equal "64k: $scenario passes" "$(cell 64k $scenario)" 'good 0/1 65536'
	equal "4k: $scenario passes" "$(cell 4k $scenario)" 'good 0/1 4096'
done
equal '4k: PAGE-MIXED passes' "$(cell 4k PAGE-MIXED)" 'good 0/1 4096'
equal '64k: PAGE-MIXED fails, in company and alone' "$(cell 64k PAGE-MIXED)" 'bad 2/2 65536'
matches 'it is a new failure' "$(jq -r '.explanation[]' <<<"$out")" '^new failure: 64k PAGE-MIXED, 2 of 2 trials failed'
equal 'two boots were shared by three, one was alone' \
	"$(jq -c '[.records[] | .boot] | group_by(.) | map(length) | sort' <<<"$out")" '[1,3,3]'
first=$(jq -r '[.records[] | select(.candidate_name == "64k" and .boot != "")][0].boot' <<<"$out")
log=$T/home/results/$(jq -r .name <<<"$out")/$first/console.log
equal 'the console is cut into parts' \
	"$(tr -d '\r' <"$log" | grep -aoE 'qbisect: [0-9a-f]{32} scenario [0-9]: .*' | cut -d ' ' -f 3- | sort | cut -d ' ' -f 1,2 | tr '\n' ' ')" \
	'scenario 1: scenario 2: scenario 3: '

# The same two, asked for what makes the difference.
cat >"$T/study.json" <<END
{ "scenario": "PAGE-MIXED", "confidence": 0.8,
  "fails":  { "kernel": "$(fetch linux-image-powerpc64le-64k:ppc64el)", "environment": { "iterations": 16, "smp": 2 } },
  "passes": { "kernel": "$(fetch linux-image-powerpc64le:ppc64el)", "environment": { "iterations": 16, "smp": 2 } } }
END
expect 'a factor study' 0 q factors "$T/study.json" --json
equal 'it is the page size' "$(jq -r '.factors[] | "\(.name) \(.fails) \(.passes) \(.role)"' <<<"$out")" \
	'pagesize 64k 4k necessary and sufficient'

# A guest whose console attacks the page that shows it.
boot hostile --kernel "$(fetch linux-image-amd64:amd64)" --inject "$(rogue x86_64)" -- \
	to /dev/console say "$(printf %b "$hostile_words")" exit 0
equal 'a hostile guest is judged as another' "$(<"$T/hostile.status") $(of hostile verdict)" '0 good'

# What they look like.
expect 'a dump' 0 q report --format html --output "$T/dump"
expect 'its pages are as they must be' 0 harness/tests/dump "$T/dump" "$T"
browse index matrix factors run trial evidence hostile
