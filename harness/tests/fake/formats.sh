# report --format: each format is read back by a tool that is not ours, with campaigns of all verdicts and hostile texts.
. harness/tests/lib.sh
. harness/tests/play.sh

data=harness/tests/data
kcidb_schema=${KCIDB_SCHEMA:-../shared/data/kcidb-schema-5.3.json}

# Each format of a campaign, in $T/r.FORMAT.
render() { # CAMPAIGN
	local format
	for format in json kcidb junit ktap csv; do
		q report --format $format --output "$T/r.$format" "$1" || fail "$1 as $format"
	done
}

# What kcidb's schema cannot say: what is named is there, once, and nothing is null.
linked='
def ids(list): list | map(.id);
(ids(.checkouts) + ["\u0000"] + ids(.builds) + ids(.tests) + ids(.issues) + ids(.incidents)) as $all
| ([.. | select(type == "null")] | length) == 0
and ($all | length) == ($all | unique | length)
and (.builds | map(.checkout_id) - ids($k[0].checkouts) | length) == 0
and (.tests | map(.build_id) - ids($k[0].builds) | length) == 0
and (.incidents | map(.test_id) - ids($k[0].tests) | length) == 0
and (.incidents | map(.issue_id) - ids($k[0].issues) | length) == 0
and (ids($k[0].checkouts) - (.builds | map(.checkout_id)) | length) == 0'

# The counts of verdicts as each format has them: good bad skip broken.
counts_json() { jq -r '[.records[].verdict] | [("good", "bad", "skip", "broken") as $w | map(select(. == $w)) | length] | join(" ")' "$T/r.json"; }
counts_kcidb() { jq -r '[.tests[].misc.verdict] | [("good", "bad", "skip", "broken") as $w | map(select(. == $w)) | length] | join(" ")' "$T/r.kcidb"; }
counts_junit() {
	local xpath
	for xpath in 'not(failure or skipped or error)' failure skipped error; do
		xmllint --xpath "count(//testcase[$xpath])" "$T/r.junit"
	done | paste -sd ' '
}
counts_csv() { /usr/bin/python3 -c 'import csv, sys
verdicts = [row["verdict"] for row in csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8"), strict=True)]
print(*(verdicts.count(v) for v in ("good", "bad", "skip", "broken")))' "$T/r.csv"; }
# Plans and numbers must be right, too; "?" says that they are not.
counts_ktap() { awk '
	function fail(why) { print "? line " NR ": " why; failed = 1; exit }
	function ended() { if (got != plan) fail("planned " plan ", got " got) }
	NR == 1 { if ($0 != "KTAP version 1") fail("no version"); next }
	NR == 2 { outer = substr($0, 4); next }
	/^  KTAP version 1$/ { inside = 1; got = 0; next }
	/^  1\.\.[0-9]+$/ { plan = substr($0, 6); next }
	/^( *)#/ { next }
	/^  (not )?ok / { n = $1 == "not" ? $3 : $2; if (n != ++got) fail("number " n)
		if (/# SKIP broken,/ || /# ERROR/) broken++; else if (/# SKIP/) skip++; else if (/^  not ok/) bad++; else good++
		next }
	/^(not )?ok / { ended(); n = $1 == "not" ? $3 : $2; if (n != ++kernels) fail("number " n); next }
	{ fail("unknown line " $0) }
	END { if (!failed) { if (kernels != outer) print "? planned " outer ", got " kernels + 0; else print good + 0, bad + 0, skip + 0, broken + 0 } }' \
	"$T/r.ktap"; }

check() { # CAMPAIGN GOOD BAD SKIP BROKEN
	local name=$1 wanted="$2 $3 $4 $5" format
	render "$name"
	for format in json kcidb junit csv ktap; do
		equal "$name: the verdicts in $format" "$(counts_$format)" "$wanted"
	done
	expect "$name: json is as its schema says, key by key" 0 harness/tests/schema --closed configs/schemas/report.schema.json "$T/r.json"
	expect "$name: junit is as its schema says" 0 xmllint --noout --schema $data/junit.xsd "$T/r.junit"
	expect "$name: kcidb's objects are linked" 0 jq -e --slurpfile k "$T/r.kcidb" "$linked" "$T/r.kcidb"
	if [ -e "$kcidb_schema" ]; then
		expect "$name: kcidb is as its schema says" 0 harness/tests/schema --closed "$kcidb_schema" "$T/r.kcidb"
	else
		echo "skipped: $name against KCIDB's schema, which is not at $kcidb_schema (KCIDB_SCHEMA=FILE)"
	fi
	equal "$name: what is for others names no folder" "$(grep -lF "$T" "$T"/r.{kcidb,junit,ktap,csv})" ''
	equal "$name: nor this host" "$(grep -lwF "$(hostname)" "$T"/r.{kcidb,junit,ktap,csv})" ''
	equal "$name: and no control character" "$(LC_ALL=C grep -lP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]' "$T"/r.*)" ''
}

# runs
name_of() { jq -r .name <<<"$out"; }
expect 'a good run' 0 run --kernel k1 --trials 2 --json
check "$(name_of)" 2 0 0 0
equal 'kcidb: PASS' "$(jq -c '[.tests[].status]' "$T/r.kcidb")" '["PASS","PASS"]'
equal 'kcidb: no issue' "$(jq -c '[.issues, .incidents]' "$T/r.kcidb")" '[[],[]]'
expect 'a bad run' 1 run --kernel k5 --trials 3 --json
check "$(name_of)" 0 3 0 0
equal 'kcidb: its path' "$(jq -r '.tests[0].path' "$T/r.kcidb")" qbisect.aiocp.AD033
equal 'kcidb: the page size of the guest' "$(jq -r '.tests[0].misc.pagesize' "$T/r.kcidb")" 65536
equal 'kcidb: the rate' "$(jq -c '.tests[0].misc.rate | [.failures, .trials]' "$T/r.kcidb")" '[3,3]'
equal 'kcidb: one issue of three incidents' "$(jq -c '[(.issues | length), (.incidents | length)]' "$T/r.kcidb")" '[1,3]'
matches 'kcidb: whose title counts nothing' "$(jq -r '.issues[0].report_subject' "$T/r.kcidb")" 'fsync gave EIO in N of N iterations'
matches 'junit: the evidence' "$(xmllint --xpath 'string(//testcase[1]/system-out)' "$T/r.junit")" 'console line 3: .*Page cache invalidation failure'
issue=$(jq -r '.issues[0].id' "$T/r.kcidb")
expect 'the same in another campaign' 1 run --kernel k6 --json
q report --format kcidb --origin my_lab --output "$T/r.kcidb" "$(name_of)"
equal 'is the same issue' "$(jq -r '.issues[0].id' "$T/r.kcidb")" "my_lab:${issue#*:}"
equal 'and all ids are of the origin' "$(jq -r '[.. | .id? // empty | select(startswith("my_lab:") | not)] | length' "$T/r.kcidb")" 0
echo failed >"$T/play/k2.end"
expect 'a broken run' 128 run --kernel k2 --json
check "$(name_of)" 0 0 0 3
equal 'kcidb: MISS' "$(jq -r '.tests[0].status' "$T/r.kcidb")" MISS
rm "$T/play/k2.end"
kernel nobtrfs 7.0.0 '# CONFIG_BTRFS_FS is not set'
expect 'a kernel that is refused before it is booted' 125 run --kernel nobtrfs --json
check "$(name_of)" 0 0 1 0
equal 'kcidb: SKIP' "$(jq -r '.tests[0].status' "$T/r.kcidb")" SKIP
equal 'kcidb: no page size was read' "$(jq '.tests[0].misc | has("pagesize")' "$T/r.kcidb")" false

# A bisection, with a kernel that breaks once, one that is a skip, and one that is compared.
echo failed >"$T/play/k3.1.end"
expect 'a bisection' 0 q bisect --connect "fake:$T/play" --scenario AD033 --kernels k1,k3,k5 --compare nobtrfs --name mixed --json
render mixed
check mixed $(counts_json)
equal 'kernels stand in the order that was asked' "$(jq -c '[.builds[].misc.candidate]' "$T/r.kcidb")" '["k1","k3","k5","nobtrfs"]'
matches 'ktap: a bad kernel' "$(<"$T/r.ktap")" '^not ok 3 k5 ppc64le # bad ([0-9]+)/\1 \('

# The same as of a git history, where two kernels are of one commit and one was not built.
for record in "$T"/home/results/mixed/*/verdict.json; do
	jq '.commit = (if .candidate == "k1" then "1" else "2" end) * 40 | if .class == "untestable" then .class = "build" else . end' \
		"$record" >"$T/commit" && cp "$T/commit" "$record"
done
take_records
check mixed $(counts_json)
equal 'kcidb: two checkouts for four kernels' "$(jq -c '[(.checkouts | length), (.builds | length)]' "$T/r.kcidb")" '[2,4]'
equal 'kcidb: the build that failed' "$(jq -r '.builds[] | select(.status == "FAIL") | .misc.candidate' "$T/r.kcidb")" nobtrfs

# Hostile texts: of the console, and of a record that somebody wrote.
printf '[    0.000000] Linux version x\n[    1.000000] Kernel panic - not syncing: %b\n' \
	'<script>]]>&"'"'"' \033[31mred\033[0m \xff\xfe \xe2\x80\xae evil, # SKIP\r' >"$T/play/k2.console"
facts 2.0.0 65536 >"$T/play/k2.events"
expect 'a hostile console' 125 run --kernel k2 --json
hostile=$(name_of)
check "$hostile" 0 0 1 0
matches 'junit has its words' "$(xmllint --xpath 'string(//skipped/@message)' "$T/r.junit")" '<script>\]\]>&"'
record=$(find "$T/home/results/$hostile" -name verdict.json)
jq '.title = "=HYPERLINK(\"x\")\n<b>\u001b[1m\u202e\ufffe # TODO ]]> in /secret/home/file: no"
	| .class = "pa\"nic<\n" | .evidence = "@SUM(1)\r\nok 1 forged" | .evidence_line = 7 | .reasons = [.title, "+1"]
	| .verdict = "bad" | .failures = ["1: \u0085 --\u2028--"]' "$record" >"$T/hostile" && cp "$T/hostile" "$record"
take_records
check "$hostile" 0 1 0 0
equal 'no bidirectional control is left' "$(grep -l $'\u202e\|\u2028\|\ufffe' "$T"/r.{kcidb,junit,ktap,csv})" ''
equal 'nor a folder' "$(grep -l '/secret' "$T"/r.{kcidb,junit,ktap,csv})" ''
matches 'csv: no formula' "$(<"$T/r.csv")" ",\"'=HYPERLINK\(\"\"x\"\"\)"
equal 'csv: none at all' "$(/usr/bin/python3 -c 'import csv, sys
print([f for row in csv.reader(open(sys.argv[1], newline="")) for f in row if f[:1] in ("=", "+", "-", "@", "\t", "\r")])' "$T/r.csv")" '[]'
equal 'csv: lines end as RFC 4180 has it' "$(LC_ALL=C grep -c $'\r$' "$T/r.csv")" "$(wc -l <"$T/r.csv")"
equal 'ktap: nothing is forged' "$(grep -c 'ok 1 forged' "$T/r.ktap"):$(grep -cE '^ *(not )?ok 1 forged' "$T/r.ktap")" 1:0

# JSON Lines, and several campaigns in one report: all, those since a time, those that are named.
schema=configs/schemas/report.schema.json
verdicts='[("good", "bad", "skip", "broken") as $w | map(select(. == $w)) | length] | join(" ")'
q report --format json --output "$T/r.json" mixed
expect 'lines' 0 q report --format jsonl --output "$T/r.jsonl" mixed
expect 'are as their schema says, key by key' 0 harness/tests/schema --closed --lines "$schema#/\$defs/line" "$T/r.jsonl"
equal 'a line of the campaign, one for each trial' "$(jq -r '.schema // .campaign' "$T/r.jsonl" | sort | uniq -c | xargs)" \
	"$(jq '.records | length' "$T/r.json") mixed 1 qbisect-report 1"
equal 'which together say what json says' "$(jq -cs '.[0] + { records: .[1:] | map(del(.campaign)) }' "$T/r.jsonl")" "$(jq -c . "$T/r.json")"
sed 's/"verdict":"bad"/"verdict":"worse"/' "$T/r.jsonl" >"$T/wrong.jsonl"
expect 'a wrong line is seen' 1 harness/tests/schema --lines "$schema#/\$defs/line" "$T/wrong.jsonl"

# The counts of all campaigns, and those of a report of several in each format.
for format in json jsonl kcidb junit ktap csv; do
	expect "all as $format" 0 q report --format $format --all --output "$T/r.$format"
done
campaigns=$(find "$T/home/results" -name campaign.json | wc -l)
all=$(jq -r -s "map(.verdict) | $verdicts" $(find "$T/home/results" -name verdict.json))
equal 'json is an array' "$(jq -r 'type, length' "$T/r.json" | xargs)" "array $campaigns"
equal 'with all trials' "$(jq -r "[.[].records[].verdict] | $verdicts" "$T/r.json")" "$all"
expect 'as its schema says' 0 harness/tests/schema --closed "$schema#/\$defs/reports" "$T/r.json"
equal 'jsonl has them' "$(jq -r -s "map(select(.campaign).verdict) | $verdicts" "$T/r.jsonl")" "$all"
expect 'as its schema says' 0 harness/tests/schema --closed --lines "$schema#/\$defs/line" "$T/r.jsonl"
for format in kcidb junit csv; do
	equal "$format has them" "$(counts_$format)" "$all"
done
expect 'junit is as its schema says, each case once' 0 xmllint --noout --schema $data/junit.xsd "$T/r.junit"
expect 'kcidb is linked, each id once' 0 jq -e --slurpfile k "$T/r.kcidb" "$linked" "$T/r.kcidb"
[ ! -e "$kcidb_schema" ] || expect 'kcidb is as its schema says' 0 harness/tests/schema --closed "$kcidb_schema" "$T/r.kcidb"
equal 'ktap: a test for each campaign' "$(head -n 2 "$T/r.ktap" | xargs):$(grep -cE '^(not )?ok ' "$T/r.ktap")" "KTAP version 1 1..$campaigns:$campaigns"
sed -n 's/^  //p' "$T/r.ktap" | awk '/^KTAP version 1$/ { n++ } n == 1' >"$T/first.ktap"
equal 'and in it the whole report of one' "$(<"$T/first.ktap")" "$(q report --format ktap "$(jq -r '.[0].name' "$T/r.json")")"
expect 'text of all' 0 q report --all
equal 'has a head for each' "$(grep -cE '^(run|bisect) [^ ]+: scenario' <<<"$out")" "$campaigns"
jq '.started = "2020-01-02T03:04:05Z"' "$T/home/results/mixed/campaign.json" >"$T/old" && cp "$T/old" "$T/home/results/mixed/campaign.json"
expect 'those since a day' 0 q report --format json --since 2020-01-03
equal 'are without one that is older' "$(jq 'length, (map(select(.name == "mixed")) | length)' <<<"$out" | xargs)" "$((campaigns - 1)) 0"
expect 'since the minute' 0 q report --format json --since 2020-01-02T03:04
equal 'it is there, and comes first' "$(jq -r 'length, .[0].name' <<<"$out" | xargs)" "$campaigns mixed"
expect 'two that are named' 0 q report --format jsonl mixed "$hostile" mixed
equal 'are there, each once' "$(jq -r 'select(.schema).name' <<<"$out" | xargs)" "mixed $hostile"
echo '{' >"$T/home/results/$hostile/campaign.json"
expect 'a damaged one' 0 q report --format json --all
matches 'is left out, and named' "$errors" "left out, because it is damaged: $hostile: .*campaign.json"
equal 'the others are there' "$(jq length <<<"$out")" "$((campaigns - 1))"
expect 'named, it is an error' 129 q report --format json mixed "$hostile"
record=$(find "$T/home/results/mixed" -name verdict.json | head -n 1)
cp "$record" "$T/record" && echo '{' >"$record"
expect 'one with a damaged trial' 0 q report --format json --all
matches 'is as it was recorded, and that is said' "$errors" "mixed: 1 of its trials' records were changed .*what was recorded of them is used"
equal 'all others are there' "$(jq length <<<"$out")" "$((campaigns - 1))"
cp "$T/record" "$record"

# usage
expect 'an unknown format' 129 q report --format junti
matches 'names those there are, and the nearest' "$errors" "text, json, jsonl, kcidb, junit, ktap, csv or html: did you mean 'junit'"
expect 'an origin that KCIDB does not take' 129 q report --format kcidb --origin My-Lab
expect 'an origin for what has none' 129 q report --format csv --origin lab
expect 'none since then' 129 q report --since 2999-01-01
expect 'a day that is none' 129 q report --since yesterday
matches 'shows how one is written' "$errors" '2026-11-26T18:00'
expect 'all and a name' 129 q report --all mixed
expect 'the dashboard of several' 129 q report --format html --output "$T/dump" mixed "$hostile"
