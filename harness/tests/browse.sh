# For tests with a dashboard, in $T/dump: its pages in a browser. Sourced behind lib.sh.

# A line of a console, for printf %b, that a page must show as it is.
hostile_words='<script>alert(1)</script></pre><img src=x onerror=alert(1)>&amp; \033[31mred\033[0m \xe2\x80\xae evil \xe2\x80\xa8'

# axe-core is for tests alone, and so in no tree: npm brings it once, from where the system's settings say. Prints its
# file, or why there is none.
axe_core=4.14.1
axe() {
	local cache=${XDG_CACHE_HOME:-$HOME/.cache}/qbisect/npm folder
	folder=$cache/node_modules/axe-core
	if [ "$(jq -r .version "$folder/package.json" 2>/dev/null)" != $axe_core ] || [ ! -s "$folder/axe.min.js" ]; then
		mkdir -p "$cache"
		timeout 120 npm install --prefix "$cache" --no-audit --no-fund --ignore-scripts --save-exact axe-core@$axe_core >"$T/npm" 2>&1 ||
			{ grep -m 1 . "$T/npm"; return 1; }
	fi
	echo "$folder/axe.min.js"
}

drive() { # PROGRAM [ARG...]: one that drives the browser over the dump
	if ! command -v chromium >/dev/null; then
		fail "$1: a browser" "chromium is not installed: 'make deps' does it"
		return
	fi
	rm -rf "$T/profile"
	"harness/tests/$1" "$T/dump" "$T/profile" "${@:2}"
	equal "$1: the browser ran to its end" $? 0
}

browse() { # VIEW...: the pages that harness/tests/pages calls so
	local program
	program=$(axe) || {
		echo "skipped: what axe-core says of the pages, because npm cannot bring it: $program"
		program=
	}
	drive pages "$program" "$@"
}
