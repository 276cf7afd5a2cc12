# A kill at every marked point of what is short; of the rest, and of other faults, a sample, or at every STEP-th. KILLS (200)
# processes killed: at random moments and marked points, in builds, in real boots. SEED chooses all that, and is printed.
PATIENCE=${PATIENCE:-2}
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/faults.sh

KILLS=${KILLS:-200}
SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "# seed $SEED, $KILLS kills"

import_package
full_home
rolling_home
unit_json

# --- at every marked point -------------------------------------------------------------------------------------------------

# How far apart the points of a fault are, if STEP does not say it; the first is one of those that other runs leave out.
points() { # SCENARIO ACTION KIND STEP
	local step=${STEP:-$4}
	walk "$1" "$2" "$3" "$step" $((1 + RANDOM % step))
}
walk_all() { # SCENARIO KILL CRASH ENOSPC EIO
	points "$1" kill any "$2"
	points "$1" crash any "$3"
	points "$1" ENOSPC space+ "$4"
	points "$1" EIO any "$5"
}
walk_all run 1 5 2 3
walk_all import 1 1 1 1
for scenario in gc rebuild html; do walk_all $scenario 2 7 3 5; done
for scenario in matrix bisect regress factors; do walk_all $scenario 17 41 17 41; done
walk_all remove 1 1 1 1
# Not a crash: what a worker leaves that dies with its supervisor its campaign takes away, what a report leaves beside a file
# of the user's nobody does.
for scenario in file worker; do
	points $scenario kill any 1
	points $scenario ENOSPC space+ 2
	points $scenario EIO any 3
done

# --- at random -------------------------------------------------------------------------------------------------------------

kills $((KILLS * 6 / 10))
for ((k = 0, tries = 0; k < KILLS * 2 / 10 && tries < KILLS; tries++)); do
	scenarios=(run matrix all import html)
	scenario=${scenarios[RANDOM % 5]} action=kill
	[ $((RANDOM % 2)) -eq 0 ] || action=crash
	[ -e "$T/clean-$scenario.answer" ] || clean "$scenario"
	afresh $scenario
	last=$(calls any "do_$scenario")
	afresh $scenario
	struck "$action:any:$((1 + RANDOM % last))" "do_$scenario"
	[ -s "$T/hit" ] || continue # it made fewer calls this time
	k=$((k + 1))
	judge "$action at a random point" $scenario
done
[ $k -eq $((KILLS * 2 / 10)) ] || fail "$k processes were killed at random points"
for row in "${rows[@]}"; do case $row in *'at a random point') verdict "$row" ;; esac; done

# --- builds, and git -------------------------------------------------------------------------------------------------------

name_of() { cat "/proc/$1/comm" 2>/dev/null; }
. harness/tests/killgit.sh
walk_git history 1
walk_git built 1
banner soak >"$repo/main.c"
echo 1 >"$repo/wait"
soaked=$(commit soaked)
do_build() { "$QBISECT" kernel build --home "$T/work" --git "$repo" --arch ppc64le --rev "$soaked"; }
answer_build() { w kernel list --json | jq -cS '[.kernels[] | [.id, .content_hash]]'; }
clean build
fresh=true
for ((k = 0, tries = 0; k < KILLS / 10 && tries < KILLS; tries++)); do
	! $fresh || afresh build
	"$QBISECT" kernel build --home "$T/work" --git "$repo" --arch ppc64le --rev "$soaked" >"$T/stdout" 2>"$T/stderr" &
	running=$!
	sleep "$((RANDOM % 2)).$((RANDOM % 10))"
	mapfile -t pids < <(descendants "$running"; echo "$running")
	victim=${pids[RANDOM % ${#pids[@]}]}
	name=$(name_of "$victim")
	[ "$victim" != "$running" ] || name=supervisor
	kill -9 "$victim" 2>/dev/null || name=
	status=0
	wait "$running" 2>/dev/null || status=$?
	if [ -z "$name" ] || [ $status -eq 0 ]; then # it had ended, or what was hit had done its work
		[ $status -eq 0 ] || fail "a build of which nothing was killed: exit $status" "$(<"$T/stderr")"
		row "ended before the kill of a build"
		saw "ended before the kill of a build" answered
		fresh=true
		continue
	fi
	k=$((k + 1)) row="kill -9 of a build's $name"
	row "$row"
	case $name:$status in
	supervisor:137) saw "$row" killed ;;
	supervisor:*) broke none "$row" "exit $status" ;;
	*:128) saw "$row" error ;;
	*) broke lost "$row" "exit $status: $(tail -n 1 "$T/stderr")" ;; # what died proves nothing of the source
	esac
	left=$(gone_soon "$PATIENCE" left_behind)
	[ -z "$left" ] || broke leaked "$row" "$left"
	fresh=false
	[ $((RANDOM % 3)) -ne 0 ] || { goes_on "$row" build && fresh=true; }
done
[ $k -eq $((KILLS / 10)) ] || fail "$k of $((KILLS / 10)) processes of builds were killed"
goes_on "$row" build
for row in "${rows[@]}"; do case $row in *"a build's"*) verdict "$row" ;; esac; done
home=$T/home

# --- real boots --------------------------------------------------------------------------------------------------------------

if kernel=$(q kernel fetch debian trixie linux-image-amd64:amd64 2>"$T/fetch.log" | tail -n 1) && [ -n "$kernel" ]; then
	guest() { pgrep -f -- "qemu-system.*$T/work" | head -n 1; }
	do_boot() { w run --kernel "$kernel" --scenario AD033 --set iterations=2 --trials 3 --json; }
	boots=$(((KILLS + 9) / 10)) victims=(qemu worker supervisor both)
	broken_records() { finished_records "$T/work" | xargs -r jq -r 'select(.verdict == "broken") | .verdict' | wc -l; }
	was_hit() { if [ "$1" = qemu ]; then [ "$(broken_records)" -gt "$before" ]; else was_killed "$1"; fi; }
	afresh boot
	for ((k = 0, tries = 0; k < boots && tries < 3 * boots; tries++)); do
		words=(run --kernel "$kernel" --scenario AD033 --set iterations=2 --trials 3)
		campaign=$(basename "$(ls -d "$T"/work/results/run-* 2>/dev/null | tail -n 1)")
		[ -z "$campaign" ] || words=(resume "$campaign")
		known=$(left_files) before=$(broken_records)
		"$QBISECT" "${words[@]}" --home "$T/work" >"$T/stdout" 2>"$T/stderr" &
		running=$!
		whom=${victims[k % 4]}
		for ((waits = 0; waits < 300; waits++)); do [ $whom = qemu ] && [ -z "$(guest)" ] && sleep 0.1 || break; done
		sleep "$((RANDOM % 8)).$((RANDOM % 10))"
		row="kill -9 of $whom, real boot"
		worker=$(pgrep -P $running -x qbisect | head -n 1)
		guest=$(guest)
		case $whom in
		qemu) [ -z "$guest" ] || kill -9 "$guest" ;;
		worker) [ -z "$worker" ] || kill -9 "$worker" ;;
		supervisor) kill -9 $running ;;
		both) [ -z "$worker" ] || kill -9 $running "$worker" ;;
		esac 2>/dev/null
		status=0
		wait $running 2>/dev/null || status=$?
		if was_hit $whom; then
			k=$((k + 1))
			row "$row"
			case $whom:$status in
			qemu:0) saw "$row" 'tried again' ;;
			qemu:*) broke none "$row" "exit $status" ;;
			*) saw "$row" killed ;;
			esac
			if [ $whom != both ]; then
				# a worker alone: what it asked libvirt, or mkfs, for cannot be interrupted
				[ $whom = supervisor ] && patience=30 || patience=$PATIENCE
				left=$(gone_soon $patience left_behind)$(gone_soon $patience new_files)
				[ -z "$left" ] || broke leaked "$row" "$left"
			fi
		elif [ $status -ne 0 ]; then
			fail "a boot of which nothing was killed: exit $status" "$(<"$T/stderr")"
		fi
		if [ $status -eq 0 ]; then # it came to its end
			w report --format json "$(basename "$(ls -d "$T"/work/results/run-* | tail -n 1)")" | jq -cS \
				'[.answer, ([.records[] | select(.verdict != "broken")] | length), (.records | map(.verdict) | unique - ["broken"])]' >"$T/answer"
			[ "$(<"$T/answer")" = '["good",3,["good"]]' ] || broke lost "$row" "$(<"$T/answer")"
			w db check >"$T/stdout" 2>&1 || broke lost "$row" "$(<"$T/stdout")"
			afresh boot
		fi
	done
	[ $k -eq $boots ] || fail "$k of $boots processes of real boots were killed"
	[ -z "$(ls "$T/work/results" 2>/dev/null)" ] || w resume >/dev/null 2>"$T/stderr" || broke lost "$row" "does not go on: $(tail -n 1 "$T/stderr")"
	left=$(gone_soon "$PATIENCE" left_behind)$(left_files)
	[ -z "$left" ] || broke leaked "$row" "$left"
	for whom in "${victims[@]:0:boots}"; do verdict "kill -9 of $whom, real boot"; done
else
	fail 'no kernel can be fetched for real boots' "$(tail -n 1 "$T/fetch.log")"
fi
show_table
