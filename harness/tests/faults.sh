# Faults at marked points and at random ones, and what must be true after each of them. Sourced behind play.sh.
#
# A scenario S is a verb on a copy of a home, $T/work: S_home is the home ($T/home when not set), do_S runs it, S_name is
# its campaign, answer_S prints what must be the same with and without a fault. A table has a row for each kind of fault;
# show_table prints it.

preload=$(ldd "$QBISECT" | grep -oE '/[^ ]*lib[atu]b?san[^ ]*' | tr '\n' ':')$(dirname "$QBISECT")/tests/faultlib.so
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
declare -A tried seen lost leaked
rows=()

w() { "$QBISECT" "$@" --home "$T/work"; }
afresh() { # SCENARIO
	local home="$1_home"
	rm -rf "$T/work" "$T/out"*
	cp -a "${!home:-$T/home}" "$T/work"
	! declare -F "prepare_$1" >/dev/null || "prepare_$1"
}

# SPEC COMMAND...: $status, $T/stderr and $T/stdout are the command's, with the fault; $T/hit names the call.
struck() {
	: >"$T/hit"
	status=0
	LD_PRELOAD=$preload QB_FAULT=$1 QB_FAULT_PATH=$T/ QB_FAULT_LOG=$T/hit "${@:2}" >"$T/stdout" 2>"$T/stderr" || status=$?
}

# KIND COMMAND...: how many such calls it makes.
calls() {
	local which=$1
	shift
	: >"$T/calls"
	LD_PRELOAD=$preload QB_FAULT_PATH=$T/ QB_FAULT_LOG=$T/calls "$@" >/dev/null 2>&1
	case $which in
	any) wc -l <"$T/calls" ;;
	space) grep -cE '^(open|write|mkdir|temp) ' "$T/calls" ;;
	*) grep -c "^$which " "$T/calls" ;;
	esac
}

# What is there that should not be once all is over: temporary files, processes, locks.
left_files() {
	find "$T" \( -path "$T/home" -o -path "$T/full" -o -path "$T/rolling" -o -path "$T/k" \) -prune -o \( -name '*.tmp-*' -o -name '*.part' -o -name '*.again' \
		-o -name '.stage-*' -o -name '.gone-*' -o -name '.new*' -o -name disk.img -o -name '*.db.new*' \) -print
}
# Of these only what was not there before: one that is killed early sweeps nothing of what another kill left.
known=
new_files() { left_files | grep -vxF -- "$known"; }
left_behind() {
	local lock
	pgrep -af -- "$T/work"
	for lock in $(find "$T/work" -name '*.lock'); do flock -n "$lock" true || echo "$lock is held"; done
}
gone_soon() { # COMMAND [SECONDS]: what it still prints after ten seconds, or so many
	local end=$((SECONDS + ${2:-10}))
	while [ -n "$("$1")" ] && [ $SECONDS -lt $end ]; do sleep 0.1; done
	"$1"
}

records() { find "$T/work/results" -name verdict.json 2>/dev/null | sort; }
note_finished() { records | xargs -r sha256sum >"$T/finished"; }
check_finished() { # ROW
	[ ! -s "$T/finished" ] || sha256sum --quiet -c "$T/finished" >/dev/null 2>&1 || broke lost "$1" 'a finished trial is lost'
}

# The campaign that a scenario has begun; the newest of those whose name is made.
campaign_of() { # SCENARIO
	local name="$1_name" folder
	[ -n "${!name:-}" ] || return
	folder=$(ls -d "$T"/work/results/${!name} 2>/dev/null | tail -n 1)
	[ ! -e "$folder/campaign.json" ] || basename "$folder"
}

# ROW NAME WHAT: a check that failed; the column that it counts in is lost, leaked, or none.
broke() { # COLUMN ROW WHAT
	case $1 in
	lost) lost[$2]=$((${lost[$2]:-0} + 1)) ;;
	leaked) leaked[$2]=$((${leaked[$2]:-0} + 1)) ;;
	esac
	fail "$2: $3" "$(head -n 3 "$T/hit" 2>/dev/null)
$(tail -n 5 "$T/stderr")"
}
saw() { # ROW WHAT
	seen[$1,$2]=$((${seen[$1,$2]:-0} + 1))
	case " ${seen[$1]:-} " in *" $2 "*) ;; *) seen[$1]="${seen[$1]:-} $2" ;; esac
}
row() {
	[ -n "${tried[$1]:-}" ] || rows+=("$1")
	tried[$1]=$((${tried[$1]:-0} + 1))
}

# A run whose trials all broke says so as its answer.
errors_told() {
	{
		grep '^qbisect: ' "$T/stderr" | grep -vE 'meanwhile|not in the database yet'
		grep -h "is broken: .*'qbisect resume" "$T/stdout"
	} | grep -c .
}

# An error is one line that says what to do or what the system said; what is passed over is said as well.
told() { # ROW SCENARIO
	local said
	said=$(errors_told)
	case $status in
	"$(cat "$T/clean-$2.status")") saw "$1" 'answered' ;;
	128)
		if grep -q 'killed by signal' "$T/stderr"; then saw "$1" killed; else saw "$1" error; fi
		[ "$said" -eq 1 ] || broke none "$1" "an error is one line, not $said"
		;;
	137) saw "$1" killed ;;
	*) broke none "$1" "exit $status" ;;
	esac
}

# The same again, or on with it: to the same answer, with all that was finished before.
goes_on() { # ROW SCENARIO
	local name again status=0
	name=$(campaign_of "$2")
	note_finished
	if [ -n "$name" ]; then again="w resume $name"; else again="do_$2"; fi
	$again >"$T/stdout" 2>"$T/stderr" || status=$?
	[ $status -eq "$(cat "$T/clean-$2.status")" ] || broke none "$1" "$again gives $status"
	[ "$2" = gc ] || check_finished "$1"
	"answer_$2" >"$T/answer" 2>&1
	cmp -s "$T/answer" "$T/clean-$2.answer" || broke lost "$1" "another answer: $(diff "$T/clean-$2.answer" "$T/answer" | head -n 5)"
	[ ! -d "$T/work/results" ] || w db check >"$T/stdout" 2>&1 || broke lost "$1" "db check: $(head -n 2 "$T/stdout")"
}

# What a fault left does not disturb a run without one.
goes_on_clean() { # ROW
	w run --connect "$play" --scenario AD033 --kernel k1 >"$T/stdout" 2>"$T/stderr" || broke lost "$1" 'it does not work without the fault'
	w db check >"$T/stdout" 2>&1 || broke lost "$1" "$(head -n 3 "$T/stdout")"
	[ -z "$(left_files)" ] || broke leaked "$1" "$(left_files)"
}

# Without a fault.
clean() { # SCENARIO
	local status=0
	afresh "$1"
	"do_$1" >"$T/stdout" 2>"$T/stderr" || status=$?
	echo $status >"$T/clean-$1.status"
	"answer_$1" >"$T/clean-$1.answer"
	[ -s "$T/clean-$1.answer" ] || fail "$1 has no answer without a fault" "$(cat "$T/stderr")"
}

judge() { # ROW SCENARIO ACTION
	local left
	row "$1"
	told "$1" "$2"
	left=$(gone_soon left_behind)
	[ -z "$left" ] || broke leaked "$1" "is left: $left"
	# Behind a process that was killed with its supervisor, and where removing is what fails, what comes next cleans up.
	if [ $status -ne 137 ] && ! grep -q ^unlink "$T/hit"; then
		left=$(gone_soon left_files)
		[ -z "$left" ] || broke leaked "$1" "is left: $left"
	fi
	goes_on "$1" "$2"
	left=$(left_files)
	[ -z "$left" ] || broke leaked "$1" "is left in the end: $left"
}

# A fault at every STEP-th call of a kind, beginning with the FIRST.
walk() { # SCENARIO ACTION KIND[+] [STEP [FIRST]]
	local s=$1 action=$2 kind=${3%+} stays=${3#"${3%+}"} step=${4:-1} n last name
	name="$s: $action at $kind$stays"
	[ -e "$T/clean-$s.answer" ] || clean "$s"
	afresh "$s"
	last=$(calls "$kind" "do_$s")
	for ((n = ${5:-1}; n <= last; n += step)); do
		afresh "$s"
		struck "$action:$kind:$n$stays" "do_$s"
		[ -s "$T/hit" ] || continue
		judge "$name" "$s" "$action"
	done
	verdict "$name"
}

# A fault at the last call of which "KIND PATH" fits the pattern, or so many behind it.
walk_at() { # SCENARIO ACTION PATTERN [BEHIND]
	local s=$1 name="$1: $2 at $3${4:+ + $4}" n
	[ -e "$T/clean-$s.answer" ] || clean "$s"
	afresh "$s"
	calls any "do_$s" >/dev/null
	n=$(grep -nE "$3" "$T/calls" | tail -n 1 | cut -d : -f 1)
	[ -n "$n" ] || { fail "$name: no such call" && return; }
	afresh "$s"
	struck "$2:any:$((n + ${4:-0}))" "do_$s"
	[ -s "$T/hit" ] || fail "$name: was not hit"
	judge "$name" "$s" "$2"
	verdict "$name"
}

# One line for a row of the table.
verdict() {
	[ -n "${tried[$1]:-}" ] || fail "$1: was never tried"
	[ $((${lost[$1]:-0} + ${leaked[$1]:-0})) -ne 0 ] || pass "$1: ${tried[$1]:-0} times"
}

show_table() {
	local r what text
	printf '# %-44s %6s  %-40s %5s %7s\n' fault times 'what was seen' lost leaked
	for r in "${rows[@]}"; do
		text=
		for what in ${seen[$r]}; do text="$text, ${seen[$r,$what]} $what"; done
		printf '# %-44s %6d  %-40s %5d %7d\n' "$r" "${tried[$r]}" "${text#, }" "${lost[$r]:-0}" "${leaked[$r]:-0}"
	done
}

# --- scenarios ---------------------------------------------------------------------------------------------------------

play=fake:$T/play

do_run() { w run --connect "$play" --scenario AD033 --kernel k5 --trials 2 --json; }
run_name='run-*'
answer_run() { campaign_answer "$(campaign_of run)"; }

# What a campaign says, and how many trials said something.
campaign_answer() {
	w report --format json "$1" | jq -cS '[.answer, .range, .ended != "", ([.records[] | select(.verdict != "broken") | .number?] | length)]'
}

bisect_name=search
do_bisect() { w bisect --connect "$play" --scenario AD033 --kernels k2,k4 --name search --json; }
answer_bisect() {
	w report --format json search | jq -cS '[.answer, .range, .ended != ""]'
	w replay search >/dev/null && echo 'replay agrees'
}

cat >"$T/night.json" <<'J'
{ "name": "night", "candidates": ["k1", "k5"], "scenarios": ["AD033", "AD034"], "set": { "iterations": 2 }, "slots": 2 }
J
matrix_name=night
do_matrix() { w matrix --connect "$play" "$T/night.json" --name night --json; }
answer_matrix() {
	w report --format json night | jq -cS '[.answer, .sentence, .ended != "", ([.records[] | select(.verdict != "broken") |
		[.candidate, .scenario, .verdict]] | sort)]'
}

# A night whose new failure is bisected.
sed 's/"night"/"rolling"/; s/"k1", "k5"/{ "name": "newest", "id": "k2" }/' "$T/night.json" >"$T/rolling-1.json"
sed 's/k2/k6/' "$T/rolling-1.json" >"$T/rolling-2.json"
regress_name=second
regress_home=$T/rolling
rolling_home() {
	afresh run
	w matrix --connect "$play" "$T/rolling-1.json" --name first >/dev/null 2>&1
	mv "$T/work" "$T/rolling"
}
do_regress() { w matrix --connect "$play" "$T/rolling-2.json" --name second --bisect-regressions --json; }
answer_regress() {
	w report --format json second | jq -cS '[.answer, .sentence, .bisecting, (.explanation | map(sub("probability [0-9.]+"; "")))]'
	ls "$T/work/results" | grep -v '^qbisect.db'
}

# A home with campaigns that have ended, for what works on them.
full_home() {
	afresh run
	do_bisect >/dev/null 2>&1
	do_matrix >/dev/null 2>&1
	w run --connect "$play" --scenario AD033 --kernel k1 --json >/dev/null 2>&1
	mv "$T/work" "$T/full"
}
gc_home=$T/full
do_gc() { w db gc --keep 1; }
answer_gc() {
	ls "$T/work/results" | grep -v '^qbisect.db'
	w report --all --format json | jq -cS '[.[] | [.name, .answer]]'
}

rebuild_home=$T/full
do_rebuild() { w db rebuild; }
answer_rebuild() { w report --all --format json | jq -cS '[.[] | [.name, .answer, (.records | length)]]'; }

# Into the place of one that is there.
html_home=$T/full
prepare_html() { w report --format html --output "$T/out" search >/dev/null 2>&1; }
do_html() { w report --format html --output "$T/out"; }
answer_html() { (cd "$T/out" && find . -type f | sort); }

import_package() {
	mkdir -p "$T/package/DEBIAN" "$T/package/boot" "$T/package/lib/modules/9.9-package/kernel"
	printf 'Package: p\nVersion: 1\nArchitecture: ppc64el\nMaintainer: t <t@t>\nDescription: t\n' >"$T/package/DEBIAN/control"
	{
		elf_header
		printf 'Linux version 9.9-package (test@test) #1\n\0'
		zeros 300000
	} >"$T/package/boot/vmlinux-9.9-package"
	printf 'CONFIG_PPC64=y\nCONFIG_PPC_64K_PAGES=y\n' >"$T/package/boot/config-9.9-package"
	: >"$T/package/lib/modules/9.9-package/modules.order"
	dpkg-deb --root-owner-group -Zxz -z0 -b "$T/package" "$T/package.deb" >/dev/null
}
do_import() { w kernel import "$T/package.deb"; }
answer_import() { w kernel list --json | jq -cS '[.kernels[] | [.id, .content_hash]]'; }

# --- at random moments -------------------------------------------------------------------------------------------------

all_name=all
all_words=(bisect --connect "$play" --scenario AD033 --kernels k1,k2,k3,k4,k5,k6 --name all --json)
do_all() { w "${all_words[@]}"; }
answer_all() {
	w report --format json all | jq -cS '[.answer, .range, .ended != ""]'
	w replay all >/dev/null && echo 'replay agrees'
}

milliseconds() { date +%s%3N; }

# Kills a process of the command in the background after a random time; 1: it had ended before.
kill_one() { # WHOM MILLISECONDS
	local worker killed=0
	sleep "$(printf '0.%03d' $((RANDOM % $2)))"
	worker=$(pgrep -P "$running" -x qbisect | head -n 1)
	case $1 in
	worker) [ -n "$worker" ] && kill -9 "$worker" 2>/dev/null || killed=1 ;;
	supervisor) kill -9 "$running" 2>/dev/null || killed=1 ;;
	both) [ -n "$worker" ] && kill -9 "$running" "$worker" 2>/dev/null || killed=1 ;;
	esac
	status=0
	wait "$running" 2>/dev/null || status=$?
	return $killed
}

begin_or_go_on() {
	local words=("${all_words[@]}")
	[ ! -e "$T/work/results/all/campaign.json" ] || words=(resume all)
	known=$(left_files)
	"$QBISECT" "${words[@]}" --home "$T/work" >"$T/stdout" 2>"$T/stderr" &
	running=$!
}

# Kills a campaign again and again, and lets it end at last: NUMBER kills in all.
kills() { # NUMBER
	local done=0 whom began span victims=(worker supervisor both)
	began=$(milliseconds)
	clean all
	span=$(($(milliseconds) - began))
	[ $span -lt 900 ] || span=900
	afresh all
	rm -f "$T/finished"
	while [ $done -lt "$1" ]; do
		whom=${victims[RANDOM % 3]}
		begin_or_go_on
		kill_one "$whom" $span || {
			row "ended before the kill"
			goes_on "ended before the kill" all
			rm -f "$T/finished"
			afresh all
			continue
		}
		done=$((done + 1))
		judge_kill "kill -9 of $whom" $whom
	done
	goes_on "kill -9 of $whom" all
	for whom in "${victims[@]}"; do [ -z "${tried[kill -9 of $whom]:-}" ] || verdict "kill -9 of $whom"; done
}

judge_kill() { # ROW WHOM
	local left
	row "$1"
	saw "$1" "killed"
	left=$(gone_soon left_behind)
	[ -z "$left" ] || broke leaked "$1" "is left: $left"
	check_finished "$1"
	note_finished
	[ "$2" = both ] && return
	left=$(gone_soon new_files)
	[ -z "$left" ] || broke leaked "$1" "is left: $left"
}
