# Scenarios of faults.sh, behind which it is sourced, in which git is killed while it works; each call of it can be.
. harness/tests/tree.sh

mkdir "$T/bin"
program() { # NAME: its script, from stdin; in the PATH of with_programs
	cat >"$T/bin/$1" && chmod +x "$T/bin/$1"
}
with_programs() { PATH=$T/bin:$PATH w "$@"; }

# The GIT_DIES-th one is killed while it works.
program git <<END
#!/bin/sh
n=\$((\$(cat "$T/gits" 2>/dev/null || echo 0) + 1))
echo \$n >"$T/gits"
[ \$n -eq \${GIT_DIES:-0} ] || exec $(command -v git) "\$@"
echo "git \$*" >>"$T/hit"
$(command -v git) "\$@" &
sleep 0.0\$((n % 4))\$((n % 10))
kill -9 \$! 2>/dev/null
kill -9 \$\$
END
change base good
base=$made_commit
change one good
change planted bad
change two bad
newest=$made_commit
do_history() {
	with_programs bisect --connect "$play" --scenario AD033 --git "$repo" --arch ppc64le --good "$base" --bad main --confidence 0.6 --name history --json
}
history_name=history
answer_history() {
	w report --format json history | jq -cS "[.answer, .culprit, .ended != \"\", $counted_once]"
	w replay history >/dev/null && echo 'replay agrees'
}
built_home=$T/unbuilt
do_built() { with_programs kernel build --git "$repo" --arch ppc64le --rev "$newest"; }
answer_built() { w kernel list --json | jq -cS '[.kernels[] | [.id, .content_hash]]'; }
mkdir -p "$T/unbuilt/kernels/cache"

# Kills every STEP-th git, beginning with the first.
walk_git() { # SCENARIO STEP
	local name="$1: kill -9 of git" last n
	rm -f "$T/gits"
	clean "$1"
	last=$(<"$T/gits")
	for ((n = 1; n <= last; n += $2)); do
		afresh "$1"
		rm -f "$T/gits"
		: >"$T/hit"
		status=0
		GIT_DIES=$n "do_$1" >"$T/stdout" 2>"$T/stderr" || status=$?
		if [ -s "$T/hit" ]; then judge "$name" "$1"; else fail "$name: the ${n}th was not hit"; fi
	done
	verdict "$name"
}
