# The database of the results: what is checked, removed, made anew; what goes wrong with it.
. harness/tests/lib.sh
. harness/tests/play.sh

results=$T/home/results db=$T/home/results/qbisect.db
rows() { sqlite3 "$db" "$@"; }
json_of() { q report --format json "$1" 2>/dev/null; }

expect 'a bisection' 0 q bisect --connect "fake:$T/play" --scenario AD033 --kernels k1,k2,k3,k4,k5,k6 --name search
expect 'a run' 1 run --kernel k5 --json
bad=$(jq -r .name <<<"$out")
equal 'each trial has a row' "$(rows 'SELECT count(*) FROM trials')" "$(find "$results" -name verdict.json | wc -l)"
equal 'and each of its files a hash' "$(rows "SELECT folder || '/' || e.name || ' ' || e.sha256 FROM evidence e JOIN trials t ON t.id = trial
	JOIN campaigns c ON c.id = campaign WHERE c.name = '$bad' AND e.name = 'console.log'")" \
	"00001-k5/console.log $(sha256sum "$results/$bad/00001-k5/console.log" | cut -d' ' -f1)"
json_of search >"$T/before"
equal 'decisions are there when it was read' "$(rows 'SELECT count(*) FROM decisions')" "$(wc -l <"$results/search/decisions.jsonl")"
equal 'with the audits among them' "$(rows 'SELECT count(*) > 0 FROM audits')" 1
expect 'a check' 0 q db check
matches 'finds all as it was' "$out" 'as they were recorded'

# a home of folders alone
mv "$db" "$T/away.db"
json_of search >"$T/after"
expect 'an old home is taken in' 0 cmp "$T/before" "$T/after"
expect 'with what is not read, too' 0 q db check --json
equal 'all of it' "$(jq '.taken_in > 0 and .faults == []' <<<"$out")" true
equal 'once' "$(rows 'SELECT count(*) FROM trials')" "$(find "$results" -name verdict.json | wc -l)"
rows "DELETE FROM trials WHERE number = 1; DELETE FROM evidence WHERE trial NOT IN (SELECT id FROM trials)"
json_of search >"$T/after"
expect 'so is a trial that lost its rows' 0 cmp "$T/before" "$T/after"
expect 'and the others of the kind' 0 q db check

# evidence that was changed
cp -rp "$results" "$T/saved"
echo forged >>"$results/$bad/00001-k5/console.log"
expect 'a changed console' 1 q db check
matches 'is named' "$out" "^$bad/00001-k5/console.log: was changed"
expect 'alone' 1 q db check --json "$bad"
equal 'as json' "$(jq -r '.faults[].where' <<<"$out")" "$bad/00001-k5/console.log"
expect 'others are as they were' 0 q db check search
sed -i 's/"verdict": "bad"/"verdict": "good"/' "$results/$bad/00001-k5/verdict.json"
expect 'a changed record' 0 q report --format json "$bad"
equal 'is as it was recorded' "$(jq -r '.records[0].verdict' <<<"$out")" bad
matches 'and that is said' "$errors" 'records were changed .*00001-k5.*qbisect db check'
rm -r "$results/search/00002-"*
expect 'a folder that is gone' 1 q db check
matches 'is named, too' "$out" '^search/00002-k[0-9]: the folder is gone'
json_of search >"$T/after"
expect 'what was recorded is reported' 0 cmp "$T/before" "$T/after"
expect 'a check of nothing' 129 q db check nothing
expect 'rebuild takes the folders as they are' 0 q db rebuild
matches 'and says what is lost' "$out" '^lost: search/00002-k[0-9]: its verdict.json is gone'
equal 'the changed record is the record now' "$(json_of "$bad" | jq -r '.records[0].verdict')" good
rm -rf "$results" && cp -rp "$T/saved" "$results"

# a database that cannot be used
printf 'no database' | dd of="$db" conv=notrunc status=none
expect 'a damaged database' 128 q report search
matches 'is named with what to do' "$errors" "qbisect.db is damaged \(.*'qbisect db rebuild'"
equal 'in one line' "$(wc -l <<<"$errors")" 1
expect 'nor is there a dashboard of nothing' 128 q report --format html --output "$T/dump"
equal 'or a part of it' "$(ls -d "$T"/dump* 2>/dev/null)" ''
expect 'no campaign is kept from running' 1 run --kernel k5 --json
during=$(jq -r .name <<<"$out")
matches 'which says so' "$errors" 'qbisect.db is damaged .*meanwhile'
equal 'once' "$(grep -c 'qbisect.db is damaged' <<<"$errors")" 1
equal 'its evidence is kept' "$(find "$results/$during" -name verdict.json | wc -l)" 1
expect 'check says the same' 128 q db check
expect 'rebuild' 0 q db rebuild --json
equal 'takes all there is' "$(jq .trials <<<"$out")" "$(find "$results" -name verdict.json | wc -l)"
matches 'and says what it cannot tell' "$(jq -r .unreadable <<<"$out")" 'is damaged'
json_of search >"$T/after"
expect 'the report is the same as before' 0 cmp "$T/before" "$T/after"
expect 'and the check is content' 0 q db check
rows 'PRAGMA user_version = 99'
expect 'a database of a later qbisect' 128 q report search
matches 'is named with both versions' "$errors" 'is of version 99.*this one knows [0-9]+.*rebuild'
equal 'and left as it is' "$(rows 'PRAGMA user_version')" 99
expect 'which can be made anew' 0 q db rebuild
rm "$db" && sqlite3 "$db" 'CREATE TABLE mine (x)'
expect "another program's database" 128 q report search
equal 'is left alone' "$(rows 'SELECT name FROM sqlite_schema')" mine
expect 'until it is told' 0 q db rebuild
: >"$results/search/00001-k6/verdict.json"
cp "$results/search/00003"-*/verdict.json "$T/record" && printf '{' >"$(echo "$results/search/00003"-*/verdict.json)"
expect 'damaged records' 0 q db rebuild
matches 'are named as lost' "$out" '^lost: search: .*/00003-k[0-9]/verdict.json'
expect 'and the rest is reported' 0 q report search
matches 'saying so' "$errors" 'does not count'
rm -rf "$results" && cp -rp "$T/saved" "$results"
if mkdir "$T/small" && mount -t tmpfs -o size=300k none "$T/small" 2>/dev/null; then
	mkdir -p "$T/small/home" && cp -r "$results/$bad" "$T/small/" && mkdir "$T/small/home/results" && mv "$T/small/$bad" "$T/small/home/results/"
	head -c 1M /dev/zero >"$T/small/full" 2>/dev/null
	expect 'no space' 0 "$QBISECT" report --home "$T/small/home" --format json
	equal 'the folders are read' "$(jq -r '.records[0].verdict' <<<"$out")" bad
	matches 'and it is told' "$errors" 'cannot be (written|opened): .*meanwhile|No space left'
	umount "$T/small"
else
	echo 'skipped: no space, because no tmpfs can be mounted here'
fi

# two at once
for kernel in k1 k2 k5; do run --kernel $kernel --trials 5 --json >"$T/at-$kernel" 2>&1 & done
wait
equal 'three processes at once' "$(rows 'SELECT count(*) FROM trials')" "$(find "$results" -name verdict.json | wc -l)"
expect 'lose nothing' 0 q db check

# old campaigns
cat >"$T/night.json" <<'END'
{ "name": "night", "candidates": ["k1"], "scenarios": ["AD033"], "set": { "iterations": 2 } }
END
for i in 1 2 3 4; do
	q matrix --connect "fake:$T/play" "$T/night.json" --name "night$i" >/dev/null 2>&1
	jq ".started = \"2026-01-0${i}T00:00:00Z\"" "$results/night$i/campaign.json" >"$T/edited" && cp "$T/edited" "$results/night$i/campaign.json"
done
jq '.ended = ""' "$results/night2/campaign.json" >"$T/edited" && cp "$T/edited" "$results/night2/campaign.json"
take_records
expect 'gc must be told what to keep' 129 q db gc
matches 'and says how' "$errors" 'add --keep N'
expect 'what would be removed' 0 q db gc --days 30 --dry-run --json
equal 'is told' "$(jq -c .removed <<<"$out")" '["night3","night4"]'
equal 'and still there' "$(ls -d "$results"/night? | wc -l)" 4
expect 'old ones are removed' 0 q db gc --days 30
equal 'but one that has not ended, and that with which it is compared' "$(cd "$results" && echo night?)" 'night1 night2'
matches 'which is told' "$out" 'kept: night2: it has not ended'
equal 'their rows are gone with them' "$(rows "SELECT group_concat(name) FROM campaigns WHERE name LIKE 'night%'")" night1,night2
mkdir "$results/.gone-night2x"
expect 'the newest stay' 0 q db gc --keep 2 --json
equal 'two' "$(jq '[.kept, (.protected | length)]' -c <<<"$out")" '[4,2]'
equal 'what was left over is gone' "$(ls -d "$results"/.gone-* 2>/dev/null)" ''
expect 'and all is well' 0 q db check
expect 'usage' 129 q db check a b
