# A mirror that can stop in the middle (mirror.py). Sourced behind lib.sh.

# FOLDER: $url is where it is served until the script ends; `cut`, `hang` and `log` of mirror.py are in $T.
mirror() {
	(cd "$T" && exec python3 "$OLDPWD/harness/tests/mirror.py" "$1") &
	trap "kill $!; rm -rf \"\$T\"" EXIT
	for _ in $(seq 100); do
		[ ! -e "$T/port" ] || break
		sleep 0.05
	done
	url=http://127.0.0.1:$(<"$T/port")
}
