# report --format html: the dump of campaigns on the fake back end, read by tools that are not ours and by a browser.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/browse.sh

dump() { q report --format html --output "$T/dump" "$@"; }
# NAME PAGE PATTERN: a page matches the extended pattern; it is too large to be shown when it does not.
shows() {
	if grep -qE -- "$3" "$T/dump/$2.html"; then pass "$1"; else fail "$1" "no match for '$3' in $2.html"; fi
}
name_of() { jq -r .name <<<"$out"; }

visit() { # URL: what became of the page is in $T/dom, what the browser said in $T/said
	rm -rf "$T/profile"
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' \
		--user-data-dir="$T/profile" --enable-logging=stderr --v=0 --log-net-log="$T/net" --dump-dom "$1" >"$T/dom" 2>"$T/said"
}
quiet() { # NAME
	[ -s "$T/net" ] || fail "$1: the browser said what it asked for" "$(tail -n 5 "$T/said")"
	equal "$1: nothing in its console" "$(grep CONSOLE "$T/said")" ''
	# What the browser asks for on its own account has no initiator.
	equal "$1: no request" "$(jq -r '.events[].params | select(.url? and .initiator? and .initiator != "not an origin") | .url' \
		"$T/net" | grep -vE '^(file|data):' | sort -u)" ''
}

# A matrix twice, with failures that are new in the second run; a cell that fails now and then.
cat >"$T/night.json" <<'END'
{ "name": "night", "candidates": ["k1", "k2", { "name": "newest", "id": "k3" }],
  "environments": [{ "name": "nocow" }, { "name": "plain", "set": { "nocow": false } }],
  "scenarios": ["AD033", "AD034"], "set": { "iterations": 2 }, "repeats": 2 }
END
expect 'a night' 0 q matrix --connect "fake:$T/play" "$T/night.json" --name first
sed 's/"id": "k3"/"id": "k5"/' "$T/night.json" >"$T/newer.json"
expect 'another, with new failures' 1 q matrix --connect "fake:$T/play" "$T/newer.json" --name second
expect 'a bisection' 0 q bisect --connect "fake:$T/play" --scenario AD033 --kernels k1,k2,k3,k4,k5,k6 --name search
cat >"$T/study.json" <<'END'
{ "scenario": "AD033", "fails": { "kernel": "k5", "environment": { "smp": 4, "disksize": 400 } },
  "passes": { "kernel": "k2", "environment": { "smp": 2 } } }
END
expect 'a factor study' 0 q factors --connect "fake:$T/play" "$T/study.json" --name study

# A guest that is hostile, and a record that somebody wrote.
printf '[    0.000000] Linux version x\n[    1.000000] Kernel panic - not syncing: %b \xff\xfe \x00 end\r\n' "$hostile_words" >"$T/play/k2.console"
facts 2.0.0 65536 >"$T/play/k2.events"
expect 'a hostile console' 125 run --kernel k2 --json
hostile=$(name_of)
record=$(find "$T/home/results/$hostile" -name verdict.json)
jq '.reasons += ["</script><script>alert(2)</script> in /secret/home/file\u2028\u202e"] | .class = "\"><b onmouseover=alert(3)>"
	| .facts["\u001b[1m<i>"] = "\u009b31m"' "$record" >"$T/edited" && cp "$T/edited" "$record"
jq '.sentence = "</script><script>alert(4)</script><!-- /secret/other \u2029"' "$T/home/results/$hostile/campaign.json" \
	>"$T/edited" && cp "$T/edited" "$T/home/results/$hostile/campaign.json"

# A console that is long, with its evidence in the middle.
expect 'a bad run' 1 run --kernel k5 --json
long=$(name_of)
[ "$long" ] || exit 1
folder=$(dirname "$(find "$T/home/results/$long" -name console.log)")
{
	seq -f '[%12.6f] a line that says nothing of interest, the one before the next' 1 30000
	echo '[ 30000.500000] Page cache invalidation failure, THE LINE'
	seq -f '[%12.6f] a line that says nothing of interest, the one before the next' 30001 60000
} >"$folder/console.log"
jq '.evidence_line = 30001' "$folder/verdict.json" >"$T/edited" && cp "$T/edited" "$folder/verdict.json"
cp -rp "$T/home/results/$long" "$T/home/results/copied" # is a campaign of its own
take_records

# the folder
expect 'a dump' 0 dump
equal 'says what to open' "$out" "open $T/dump/index.html"
equal 'a page for each campaign' "$(ls "$T/dump/campaign" | wc -l)" "$(find "$T/home/results" -name campaign.json | wc -l)"
equal 'and each trial' "$(find "$T/dump/trial" -name '*.html' | wc -l)" "$(find "$T/home/results" -name verdict.json | wc -l)"
equal 'and for programs a file with all of its trials' "$(jq '.trials | length' "$T"/dump/data/*.json | paste -sd+ | bc)" \
	"$(find "$T/home/results" -name verdict.json | wc -l)"
expect 'pages: closed tags, links that lead somewhere, policy, captions, no path' 0 \
	harness/tests/dump "$T/dump" "$T" /secret
[ "$out" ] && sed 's/^/#   /' <<<"$out" | head -n 20
equal 'no host' "$(grep -rlwF "$(hostname)" "$T/dump")" ''
equal 'no other tool finds a fault in them' "$(find "$T/dump" -name '*.html' -exec xmllint --html --noout {} + 2>&1 |
	grep ' error ' | grep -v ' Tag .* invalid')" ''
equal 'nothing leads to a network' "$(grep -rlE "(src|href|action)=[\"']?(https?:|//)|@import|url\(" "$T/dump")" ''
equal 'nothing half-made stays' "$(ls -d "$T"/dump.* 2>/dev/null)" ''
touch "$T/dump/old"
expect 'a dump takes the place of the one before' 0 dump
equal 'whole' "$(ls -A "$T/dump")" "$(printf '%s\n' .qbisect-dump campaign data data.json index.html trial)"
mkdir "$T/mine" && echo precious >"$T/mine/file"
expect 'but not that of another folder' 129 q report --format html --output "$T/mine"
matches 'and says so' "$errors" 'was not made by .*choose another name'
equal 'which is as it was' "$(ls -A "$T/mine"):$(<"$T/mine/file")" file:precious
expect 'nor that of a file' 129 q report --format html --output "$T/mine/file"
expect 'nor follows a link' 129 sh -c "ln -s '$T/dump' '$T/link' && '$QBISECT' report --format html --output '$T/link' --home '$T/home'"
expect 'without a folder' 129 q report --format html
matches 'it says what to add' "$errors" 'add --output DIR'
expect 'no redaction of what is not redacted' 129 q report --format json --no-redact
if mkdir "$T/small" && mount -t tmpfs -o size=256k none "$T/small" 2>/dev/null; then
	expect 'no space' 128 q report --format html --output "$T/small/dump"
	matches 'is told' "$errors" 'No space left'
	equal 'and nothing stays' "$(ls -A "$T/small")" ''
	umount "$T/small"
else
	echo 'skipped: no space, because no tmpfs can be mounted here'
fi


# Broken off: trials with long consoles take long enough to be met half-way.
many=$T/many/results/many
mkdir -p "$many" && cp "$T/home/results/$long/campaign.json" "$many"
for i in $(seq 10001 10300); do
	mkdir "$many/$i-k5" && cp "$folder/verdict.json" "$many/$i-k5" && ln -s "$folder/console.log" "$many/$i-k5"
done
for signal in INT TERM; do
	env --default-signal=INT "$QBISECT" report --format html --output "$T/broken" --home "$T/many" >"$T/bg" 2>&1 &
	until compgen -G "$T/broken.tmp-*/trial/many/*.html" >/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
	kill -$signal $!
	wait $!
	equal "$signal: its code" $? 130
	matches 'it says so' "$(<"$T/bg")" 'interrupted: nothing was written'
	equal 'and nothing stays' "$(find "$T" -maxdepth 1 -name 'broken*')" ''
done

# what is on the pages
shows 'index: what changed' index 'new failure</span>.*AD033, nocow on newest.*2/2, before 0/2'
shows 'index: a cell in words' index 'data-column="2" class="bad">.*2/2 BAD'
shows 'index: what failures have in common' index 'In common:.*it is the kernel'
equal 'index: the newest run alone' "$(grep -c '<table class="matrix"' "$T/dump/index.html")" 1
shows 'campaign: a history' campaign/second '<svg class="history"'
shows 'bisection: its answer' campaign/search 'came between k3 \(good\) and k4 \(bad\)'
shows 'bisection: the posterior' campaign/search '<svg class="search".*<polyline class="mass"'
shows 'bisection: an interval' campaign/search '[0-9]+/[0-9]+ <small>[0-9]+–[0-9]+ %'
shows 'bisection: the audit' campaign/search '<li>Audit: '
shows 'bisection: the picture has names' campaign/search '<svg class="search".*<text [^>]*>k6</text>'
shows 'factors: what each is' campaign/study '<th scope="row">kernel</th><td>5.0.0</td>.*necessary and sufficient</span></td><td class="number"><span class="rate">0/[0-9]+ '
shows 'factors: what says so' campaign/study '<td class="wide">kernel swapped</td>'
shows 'factors: the picture has the settings' campaign/study '<svg class="search".*<text [^>]*>smp swapped</text>'
shows 'factors: a trial has its setting' campaign/study 'smp=2, disksize=400: fsync gave EIO'
trial=trial/$long/1
shows 'trial: the evidence is marked' "$trial" '<mark data-n="30001" id="evidence">.*THE LINE</mark>'
shows 'trial: with its time stamp' "$trial" '\[ 30000\.500000\] Page cache'
shows 'trial: the end is there' "$trial" 'data-n="60001"'
shows 'trial: the rest is counted' "$trial" '\.\.\. [0-9]+ bytes are left out here'
equal 'trial: the page is no larger than that' "$(find "$T/dump/$trial.html" -size +3M)" ''
evil=trial/$hostile/1
shows 'hostile: is shown' "$evil" '&lt;script&gt;alert\(1\)&lt;script&gt;&lt;pre&gt;&lt;img .*\\x1b\[31mred\\x1b\[0m \\u202e evil \\u2028 \\xff\\xfe \\x00 end<'
equal 'hostile: data stays data' "$(jq -r --arg n "$hostile" '.campaigns[] | select(.name == $n) | .sentence' "$T/dump/data.json")" \
	'<script><script>alert(4)<script><!-- other \u2029'
expect 'paths, when they are asked for' 0 dump --no-redact
shows 'are whole' "trial/$hostile/1" '/secret/home/file'
shows 'and tags, too' "trial/$hostile/1" '&lt;/pre&gt;'
expect 'which are as harmless' 0 harness/tests/dump "$T/dump"
expect 'one campaign' 0 dump second
equal 'has a page' "$(ls "$T/dump/campaign")" second.html
shows 'and the history of its matrix' campaign/second '2 runs|<svg class="history"'
expect 'no such campaign' 129 dump nothing
cp "$T/home/results/first/campaign.json" "$T/first.json"
printf '{' >"$T/home/results/first/campaign.json"
expect 'a damaged campaign' 0 dump
shows 'is named' index 'Not shown, damaged:.*first: '
expect 'asked for alone, it is an error' 129 dump first
expect 'the rest is as it should be' 0 harness/tests/dump "$T/dump" "$T" /secret

# in a browser
cp "$T/first.json" "$T/home/results/first/campaign.json"
expect 'all again' 0 dump
browse index matrix bisect factors run evidence hostile
drive filter
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$T/dump" 0 >"$T/served" 2>&1 &
server=$!
for _ in $(seq 50); do grep -q 'http://' "$T/served" && break; sleep 0.1; done
visit "$(grep -om 1 'http://[0-9.:]*' "$T/served")/index.html#verdict=bad"
kill $server
quiet 'from a web server'
matches 'works as well' "$(<"$T/dom")" '4 of 12 cells'
equal 'which is asked for the page alone' "$(grep -o '"GET [^ ]*' "$T/served" | sort -u)" '"GET /index.html'
