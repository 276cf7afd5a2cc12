# Faults at marked points and at random ones, and what must be true after each of them. Sourced behind play.sh.
#
# A scenario S is a verb on a copy of a home, $T/work: S_home is the home ($T/home when not set), do_S runs it, S_name is
# its campaign, answer_S prints what must be the same with and without a fault.

preload=$(ldd "$QBISECT" | grep -oE '/[^ ]*lib[atu]b?san[^ ]*' | tr '\n' ':')$(dirname "$QBISECT")/tests/faultlib.so
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0

w() { "$QBISECT" "$@" --home "$T/work"; }
afresh() { # SCENARIO
	local home="$1_home"
	rm -rf "$T/work" "$T/out"*
	cp -a "${!home:-$T/home}" "$T/work"
	! declare -F "prepare_$1" >/dev/null || "prepare_$1"
	note_finished "$T/work"
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

left_files() {
	unfinished "$T" \( -path "$T/home" -o -path "$T/full" -o -path "$T/rolling" -o -path "$T/k" \) -prune -o
}
# Of these only what was not there before: one that is killed early sweeps nothing of what another kill left.
known=
new_files() { left_files | grep -vxF -- "$known"; }
left_behind() { held "$T/work"; }

# The campaign that a scenario has begun; the newest of those whose name is made.
campaign_of() { # SCENARIO
	local name="$1_name" folder
	[ -n "${!name:-}" ] || return
	folder=$(ls -d "$T"/work/results/${!name} 2>/dev/null | tail -n 1)
	[ ! -e "$folder/campaign.json" ] || basename "$folder"
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
	note_finished "$T/work"
	again=do_$2
	[ -z "$name" ] || again="w resume $name"
	! declare -F "again_$2" >/dev/null || again=again_$2
	$again >"$T/stdout" 2>"$T/stderr" || status=$?
	[ $status -eq "$(cat "$T/clean-$2.status")" ] || broke none "$1" "$again gives $status"
	[ "$2" = gc ] || [ "$2" = remove ] || check_finished "$1"
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
	left=$(gone_soon "$PATIENCE" left_behind)
	[ -z "$left" ] || broke leaked "$1" "is left: $left"
	# Behind a process that was killed with its supervisor, and where removing is what fails, what comes next cleans up.
	if [ $status -ne 137 ] && ! grep -q ^unlink "$T/hit"; then
		left=$(gone_soon "$PATIENCE" left_files)
		[ -z "$left" ] || broke leaked "$1" "is left: $left"
	fi
	! declare -F "whole_$2" >/dev/null || "whole_$2" || broke lost "$1" 'what stood there before is neither whole nor replaced'
	[ "$2" = gc ] || [ "$2" = remove ] || check_finished "$1" # which take some away
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

# --- scenarios ---------------------------------------------------------------------------------------------------------

play=fake:$T/play

do_run() { w run --connect "$play" --scenario AD033 --kernel k5 --trials 2 --json; }
run_name='run-*'
answer_run() { campaign_answer "$(campaign_of run)"; }

# Whether no trial is counted twice.
counted_once='([.records[].number] | length == (unique | length))'

# What a campaign says, and how many trials said something.
campaign_answer() {
	w report --format json "$1" | jq -cS "[.answer, .range, .ended != \"\", $counted_once,
		([.records[] | select(.verdict != \"broken\")] | length)]"
}

bisect_name=search
do_bisect() { w bisect --connect "$play" --scenario AD033 --kernels k2,k4 --name search --json; }
answer_bisect() {
	w report --format json search | jq -cS "[.answer, .range, .ended != \"\", $counted_once]"
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
	w report --format json second | jq -cS '[.answer, .sentence, .bisecting, (.explanation | map(sub("probability [0-9.]+"; ""))), '"$counted_once]"
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

cat >"$T/study.json" <<'J'
{ "scenario": "AD033", "fails": { "kernel": "k5", "environment": { "smp": 4, "iterations": 2 } },
  "passes": { "kernel": "k2", "environment": { "smp": 2, "iterations": 2 } } }
J
factors_name=study
do_factors() { w factors "$T/study.json" --connect "$play" --name study --json; }
answer_factors() {
	w report --format json study | jq -cS '[.answer, .ended != "", [.factors[] | [.name, .role]], '"$counted_once]"
	w replay study >/dev/null && echo 'replay agrees'
}

do_remove() { w kernel remove k6; }
again_remove() { [ ! -e "$T/work/kernels/cache/k6" ] || do_remove; } # once more it would be unknown
answer_remove() { # behind the next change of the catalog
	w kernel remove k1 >/dev/null && w kernel list --json | jq -cS '[.kernels[].id]'
}

# A report into a file that is there.
file_home=$T/full
prepare_file() { w report --format json --output "$T/out.json" search >/dev/null 2>&1; }
do_file() { w report --format json --output "$T/out.json" --all; }
whole_file() { jq -e . "$T/out.json" >/dev/null 2>&1; }
answer_file() { jq -cS '[.[] | [.name, .answer]]' "$T/out.json"; }

# The unit of a campaign whose jobs a cluster did not take. What a worker that is killed with its supervisor leaves beside
# it, the campaign takes away.
unit_json() {
	local program
	mkdir "$T/cluster"
	for program in squeue scancel sacct scontrol sinfo sbatch; do
		printf '#!/bin/sh\nexit 1\n' >"$T/cluster/$program"
	done
	printf '#!/bin/sh\n' >"$T/cluster/squeue"
	chmod +x "$T/cluster"/*
	afresh run
	PATH=$T/cluster:$PATH w run --connect "$play" --runtime slurm --scenario AD033 --kernel k5 --set iterations=2 >"$T/stdout" 2>"$T/stderr"
	cp "$(find "$T/work/results" -name unit.json)" "$T/unit.json" || fail 'there is no unit' "$(<"$T/stderr")"
}
prepare_worker() { mkdir "$T/work/unit" && cp "$T/unit.json" "$T/work/unit/"; }
# What says that it broke is asked again, as a campaign does.
again_worker() {
	# Killed, and its supervisor as it was clearing up; of a fault that stays each call is noted.
	[ -n "${stays:-}" ] || [ "$(wc -l <"$T/hit")" -lt 2 ] || rm -rf "$T/work/unit"/.[!.]*
	[ "$(jq -r '.records[].verdict' "$T/work/unit/result/result.json" 2>/dev/null)" != broken ] || rm -r "$T/work/unit/result"
	do_worker
}
do_worker() { w worker --unit "$T/work/unit/unit.json"; }
answer_worker() {
	(cd "$T/work/unit" && find . ! -name unit.json | sort)
	jq -cS '[.records[].verdict]' "$T/work/unit/result/result.json"
}

# --- at random moments -------------------------------------------------------------------------------------------------

all_name=all
all_words=(bisect --connect "$play" --scenario AD033 --kernels k1,k2,k3,k4,k5,k6 --name all --json)
do_all() { w "${all_words[@]}"; }
answer_all() {
	w report --format json all | jq -cS "[.answer, .range, .ended != \"\", $counted_once]"
	w replay all >/dev/null && echo 'replay agrees'
}

milliseconds() { date +%s%3N; }

# Kills a process of the command in the background after a random time; 1: it had ended before.
kill_one() { # WHOM MILLISECONDS
	local worker
	sleep "$(printf '0.%03d' $((RANDOM % $2)))"
	worker=$(pgrep -P "$running" -x qbisect | head -n 1)
	case $1 in
	worker) [ -z "$worker" ] || kill -9 "$worker" ;;
	supervisor) kill -9 "$running" ;;
	both) [ -z "$worker" ] || kill -9 "$running" "$worker" ;;
	esac 2>/dev/null
	status=0
	wait "$running" 2>/dev/null || status=$?
	was_killed "$1"
}
# Whether the command ended as one that was hit: a kill succeeds on a process that has ended, too.
was_killed() { # WHOM
	case $1 in
	worker) [ $status -eq 128 ] && grep -q 'killed by signal 9' "$T/stderr" ;;
	*) [ $status -eq 137 ] ;;
	esac
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
	local done=0 tries whom began span victims=(worker supervisor both)
	began=$(milliseconds)
	clean all
	span=$(($(milliseconds) - began))
	[ $span -lt 900 ] || span=900
	afresh all
	for ((tries = 0; done < $1 && tries < 5 * $1; tries++)); do
		whom=${victims[done % 3]}
		begin_or_go_on
		kill_one "$whom" $span || {
			row "ended before the kill"
			[ $status -eq "$(<"$T/clean-all.status")" ] || broke none "ended before the kill" "exit $status"
			saw "ended before the kill" answered
			goes_on "ended before the kill" all
			afresh all
			continue
		}
		done=$((done + 1))
		judge_kill "kill -9 of $whom" $whom
	done
	[ $done -eq "$1" ] || fail "$done of $1 processes were killed"
	goes_on "kill -9 of $whom" all
	for whom in "${victims[@]:0:$1}"; do verdict "kill -9 of $whom"; done
}

judge_kill() { # ROW WHOM
	local left
	row "$1"
	saw "$1" "killed"
	left=$(gone_soon "$PATIENCE" left_behind)
	[ -z "$left" ] || broke leaked "$1" "is left: $left"
	check_finished "$1"
	note_finished "$T/work"
	[ "$2" = both ] && return
	left=$(gone_soon "$PATIENCE" new_files)
	[ -z "$left" ] || broke leaked "$1" "is left: $left"
}
