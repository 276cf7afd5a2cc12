# What came of faults, as one table: a row for each kind, how often it was tried, what was seen, what was lost and what leaked.
# Sourced by lib.sh; show_table prints the rows of a script, and harness/tests/run joins those of all scripts that it ran.

declare -A tried seen lost leaked
rows=()
PATIENCE=${PATIENCE:-10} # seconds that a busy machine has to be rid of what is left

table_head() { table_row fault times 'what was seen' lost leaked; }
table_row() { printf '#| %-50s | %5s | %-84s | %4s | %6s |\n' "${1//|//}" "$2" "${3//|//}" "$4" "$5"; }

row() { # ROW: is tried once more
	[ -n "${tried[$1]:-}" ] || rows+=("$1")
	tried[$1]=$((${tried[$1]:-0} + 1))
}
saw() { # ROW WHAT
	[ -n "${seen[$1,$2]:-}" ] || seen[$1]+="${seen[$1]:+$'\n'}$2"
	seen[$1,$2]=$((${seen[$1,$2]:-0} + 1))
}

# ROW WHAT [NUMBER]: a check that failed; the column that it counts in is lost, leaked, or none.
broke() { # COLUMN ROW WHAT [NUMBER]
	case $1 in
	lost) lost[$2]=$((${lost[$2]:-0} + ${4:-1})) ;;
	leaked) leaked[$2]=$((${leaked[$2]:-0} + ${4:-1})) ;;
	esac
	fail "$2: $3" "$(head -n 3 "$T/hit" 2>/dev/null)
$(tail -n 5 "$T/stderr" 2>/dev/null)"
}

# The row, and what fault it is of: nothing was lost, nothing leaked.
verdict() { # ROW
	[ -n "${tried[$1]:-}" ] || fail "$1: was never tried"
	[ $((${lost[$1]:-0} + ${leaked[$1]:-0})) -ne 0 ] || pass "$1: ${tried[$1]:-0} times"
}

show_table() { # [ROW...]: of these alone
	local r what text
	[ $# -gt 0 ] || { show_waits && table_head && set -- "${rows[@]}"; }
	for r; do
		text=
		while IFS= read -r what; do
			[ "${tried[$r]}" -eq 1 ] || what="${seen[$r,$what]:-0} $what"
			text+="${text:+, }$what"
		done <<<"${seen[$r]:-}"
		table_row "$r" "${tried[$r]}" "$text" "${lost[$r]:-0}" "${leaked[$r]:-0}"
	done
}

# How long it took until nothing was left.
show_waits() {
	[ ! -e "$T/waited" ] || sort -n "$T/waited" | awk '
		{ late += $1 > 2000 }
		END { printf "# looked %d times for what was left: %d times longer than 2 s, at most %.1f s\n", NR, late, $1 / 1000 }'
}

# --- what leaked ---------------------------------------------------------------------------------------------------------

# Files that should not be there once all is over.
unfinished() { # FOLDER [WORDS OF FIND...]
	find "$@" \( -name '*.tmp-*' -o -name '*.part' -o -name '*.again' -o -name '.stage-*' -o -name '.gone-*' -o -name '.new*' \
		-o -name disk.img -o -name '*.db.new*' \) -print
}
# Processes that have to do with a folder, locks in it that are held.
held() { # FOLDER
	local lock
	pgrep -af -- "$1"
	for lock in $(find "$1" -name '*.lock' -o -name lock); do flock -n "$lock" true || echo "$lock is held"; done
}
left_in() { held "$1"; unfinished "$1"; } # FOLDER
gone_soon() { # SECONDS COMMAND...: what it still prints after so many
	local began=${EPOCHREALTIME/[.,]/} left
	while left=$("${@:2}"); [ -n "$left" ] && [ $((${EPOCHREALTIME/[.,]/} - began)) -lt $(($1 * 1000000)) ]; do sleep 0.1; done
	echo $(((${EPOCHREALTIME/[.,]/} - began) / 1000)) >>"$T/waited"
	echo "$left"
}
nothing_left() { # ROW FOLDER
	local left
	left=$(gone_soon "$PATIENCE" left_in "$2")
	[ -z "$left" ] || broke leaked "$1" "is left: $left" "$(wc -l <<<"$left")"
}

# --- what was lost -------------------------------------------------------------------------------------------------------

finished_records() { find "$1/results" -name verdict.json 2>/dev/null | sort; } # HOME
note_finished() { # HOME: its finished trials, and its kernels
	{ finished_records "$1" && find "$1/kernels/cache" -mindepth 2 -maxdepth 2 -path '*/cache/[!.]*/candidate.json' 2>/dev/null; } |
		xargs -r sha256sum >"$T/finished"
}
check_finished() { # ROW: what note_finished noted is as it was
	local changed
	[ -e "$T/finished" ] || { broke none "$1" 'nobody noted what was there before' && return; }
	[ -s "$T/finished" ] || return
	changed=$(sha256sum --quiet -c "$T/finished" 2>/dev/null)
	[ -z "$changed" ] || broke lost "$1" "a finished trial, or a kernel, is lost: $changed" "$(wc -l <<<"$changed")"
}
# Trials say what may be said of them, or nothing.
true_verdicts() { # ROW VERDICT JSON-OF-A-REPORT
	local false
	jq -e '.records | type == "array"' <<<"$3" >/dev/null 2>&1 || { broke none "$1" "there is no report: ${3:0:200}" && return; }
	false=$(jq -r --arg wanted "$2" '.records[]? | select(.verdict != $wanted and .verdict != "broken") | .verdict' <<<"$3")
	[ -z "$false" ] || broke lost "$1" "a false verdict: $false" "$(wc -l <<<"$false")"
}

# A fault is over: what was seen of it, what it left, and whether all that had ended before is there as it was.
came_of() { # ROW SEEN [HOME]
	local home=${3:-$T/home} before=$((${lost[$1]:-0} + ${leaked[$1]:-0})) said
	row "$1"
	saw "$1" "$2"
	nothing_left "$1" "$home"
	check_finished "$1"
	[ ! -e "$home/results/qbisect.db" ] || said=$("$QBISECT" db check --home "$home" 2>&1) || broke lost "$1" "db check: $(head -n 3 <<<"$said")"
	note_finished "$home"
	[ $((${lost[$1]:-0} + ${leaked[$1]:-0})) -ne $before ] || pass "$1: nothing is lost, nothing left"
}
