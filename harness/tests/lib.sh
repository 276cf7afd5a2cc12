# For tests in shell: each check prints one line, "ok - ..." or "not ok - ..."; the runner counts them.
# Sourced with $QBISECT (the program) and $BUILD (its folder) set. $T is a fresh folder, removed at the end.

T=$(mktemp -d "${TMPDIR:-/tmp}/qb-test.XXXXXX")
trap 'rm -rf "$T"' EXIT

pass() { echo "ok - $1"; }
fail() {
	echo "not ok - $1"
	[ -z "${2:-}" ] || sed 's/^/#   /' <<<"$2"
}

# NAME WANTED-STATUS COMMAND...: runs it; its output is in $out (stdout) and $errors (stderr) afterwards.
expect() {
	local name=$1 wanted=$2 status=0
	shift 2
	out=$("$@" 2>"$T/stderr") || status=$?
	errors=$(<"$T/stderr")
	if [ "$status" -eq "$wanted" ]; then
		pass "$name"
	else
		fail "$name" "exit $status instead of $wanted: $*
$out
$errors"
	fi
}

# NAME TEXT PATTERN: the text matches the extended pattern.
matches() {
	if grep -qE -- "$3" <<<"$2"; then pass "$1"; else fail "$1" "no match for '$3' in: $2"; fi
}

# NAME A B
equal() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "'$2' is not '$3'"; fi
}

descendants() { # PID
	local child
	for child in $(pgrep -P "$1"); do
		echo "$child"
		descendants "$child"
	done
}

. harness/tests/table.sh
