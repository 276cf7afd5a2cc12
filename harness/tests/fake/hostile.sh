# Malformed input for every parser, through the command line and within bounds: each is refused with one clear line, or read.
# $BUILD/hostile makes it (harness/tests/e2e/hostile.h).
. harness/tests/lib.sh
. harness/tests/play.sh

MEMORY=1048576	# KiB of address space
FILES=65536	# KiB that a file may have; a guest's disk is larger
DISK=524288
SECONDS_EACH=20
HOME_KIB=65536	# that may be left in the home at the end
corpus=$T/corpus
[ "$("$BUILD/hostile" "$corpus" && find "$corpus" -type f | wc -l)" -ge 200 ] && pass "$(find "$corpus" -type f | wc -l) inputs" ||
	fail 'fewer than 200 inputs'

# A sanitizer's shadow is larger than any bound.
case $(ldd "$QBISECT") in *libasan* | *libtsan*) MEMORY=unlimited ;; esac
export XDG_CACHE_HOME=$T/cache TMPDIR=$T/tmp
mkdir -p "$T/tmp" "$T/away" "$T/empty"

bounded() {
	(
		cd "$T/away" || exit 99
		trap '' XFSZ # a file that is too large is an error like another
		ulimit -v $MEMORY && ulimit -f $FILES && exec timeout -k 1 $SECONDS_EACH "$@"
	) >"$T/stdout" 2>"$T/stderr" </dev/null
}

# What is wrong with how the last one ended; nothing: all is well. A status that is a signal's is none of the contract's.
fault_of() { # STATUS
	case $1 in
	0 | 1 | 3 | 125) ;;
	128 | 129)
		[ "$(wc -l <"$T/stderr")" -eq 1 ] || echo "$(wc -l <"$T/stderr") lines of errors"
		grep -q '^qbisect: .' "$T/stderr" || echo 'no error'
		;;
	*) echo "status $1" ;;
	esac
	grep 'killed by signal' "$T/stderr"
	! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' "$T/stderr" "$T/stdout" || echo 'control characters'
}

# READER COMMAND...: runs it for each input of that kind, whose path stands in place of @.
feed() {
	local reader=$1 input status fault faults= n=0 read=0
	shift
	for input in "$corpus/$reader"/*; do
		status=0
		[ "$(type -t "$1")" = function ] && { "$1" "$input" "${@:2}" || status=$?; } || bounded "${@//@/$input}" || status=$?
		fault=$(fault_of $status)
		[ -z "$fault" ] || faults+="$(basename "$input"): $fault: $(head -c 300 "$T/stderr")"$'\n'
		n=$((n + 1))
		case $status in 128 | 129) ;; *) read=$((read + 1)) ;; esac
	done
	equal "$reader: $n inputs, $read of them read, the others refused" "$faults" ''
}

import() { bounded "$QBISECT" kernel import --home "$T/home" "$@"; }
fake() { bounded "$QBISECT" "$@" --home "$T/home" --connect "fake:$T/play" --quiet; }

# --- what is imported ------------------------------------------------------------------------------------------------

before=$(ls -A "$T/home/kernels/cache" | sort)
# What could be read is removed again, so that the next one is not the same kernel.
import_alone() { # INPUT [WITH...]
	local status=0
	import --id hostile "$@" || status=$?
	[ $status -ne 0 ] || "$QBISECT" kernel remove --home "$T/home" hostile >/dev/null 2>&1
	return $status
}
in_a_tree() { # INPUT NAME: below lib/modules/RELEASE
	rm -rf "$T/tree"
	mkdir -p "$T/tree/boot" "$(dirname "$T/tree/lib/modules/1.0.0/$2")"
	cp "$T/k/k1/vmlinux" "$T/tree/boot/vmlinux-1.0.0"
	cp "$1" "$T/tree/lib/modules/1.0.0/$2"
	import_alone "$T/tree"
}
feed deb import_alone
feed rpm import_alone
feed image_probe import_alone
feed kconfig import_alone "$T/k/k1/vmlinux"
feed module in_a_tree kernel/m.ko
mkdir -p "$corpus/packed"
cp "$corpus/module/"*data.tar* "$corpus/packed/"
feed packed in_a_tree kernel/m.ko.zst
feed builtin in_a_tree modules.builtin
mv "$corpus/builtin" "$corpus/modinfo"
feed modinfo in_a_tree modules.builtin.modinfo
equal 'nothing of them stays in the catalog' "$(ls -A "$T/home/kernels/cache" | sort)" "$before"

FILES=$DISK
# --- what is asked ---------------------------------------------------------------------------------------------------

feed_file() { # INPUT COMMAND...
	local input=$1
	shift
	fake "${@//@/$input}"
}
feed matrix feed_file matrix @
feed factors feed_file factors @
feed campaign feed_file bisect @
feed runtest feed_file run --kernel k1 --runtest @ --scenario MINE
feed evidence feed_file bisect --kernels k1,k2,k5 --scenario AD033 --trials 2 --evidence @
feed history "$QBISECT" simulate --history @ --trials 1

# --- what a guest says -----------------------------------------------------------------------------------------------

play() { # INPUT KIND
	cp "$1" "$T/play/k1.$2"
	fake run --kernel k1 --scenario AD033 --set iterations=2 --json
}
feed events play events
equal 'no verdict but of the reports that are whole' \
	"$(jq -r 'select(.verdict == "good") | .title' "$T"/home/results/run-*/*/verdict.json | sort | uniq -c | tr -s ' ')" \
	' 5 all 2 iterations passed'
good 1.0.0 >"$T/play/k1.events"
feed console play console
echo "$console_good" >"$T/play/k1.console"
feed console "$QBISECT" classify @

# --- what stands in the home, and was edited -------------------------------------------------------------------------

edit() { # INPUT FILE COMMAND...
	cp "$1" "$2"
	bounded "$QBISECT" "${@:3}" --home "$T/edited"
}
edited() { # READER FILE COMMAND...: in a copy of the home
	feed "$1" edit "$T/edited/$2" "${@:3}"
}
fake bisect --kernels k1,k2,k5 --scenario AD033 --name edited
mkdir "$T/edited"
cp -r "$T/home/results/edited" "$T/edited/"
mkdir -p "$T/edited/results" "$T/edited/kernels/cache/edited"
mv "$T/edited/edited" "$T/edited/results/"
cp "$T/k/k1/"* "$T/edited/kernels/cache/edited/"
edited candidate kernels/cache/edited/candidate.json kernel list
edited decisions results/edited/decisions.jsonl log edited
trial=$(ls "$T/edited/results/edited" | grep -m 1 ^00001)
for kind in verdict campaign; do
	file=results/edited/campaign.json
	[ $kind = campaign ] || file=results/edited/$trial/verdict.json
	mkdir -p "$T/seeds"
	cp "$T/edited/$file" "$T/seeds/$kind"
	"$BUILD/hostile" "$corpus" "$kind-file" "$T/seeds/$kind"
	edited "$kind-file" $file replay edited
	cp "$T/seeds/$kind" "$T/edited/$file"
done

# --- what repositories say -------------------------------------------------------------------------------------------

repository() { # INPUT: its repomd.xml, or the primary.xml that it names
	local kind=$1 repo=$T/repo
	mkdir -p "$repo/repodata"
	cp "$2" "$repo/repodata/p.xml"
	[ "$kind" = repomd ] && cp "$2" "$repo/repodata/repomd.xml" ||
		printf '<repomd><data type="primary"><checksum type="sha256">%s</checksum><location href="repodata/p.xml"/></data></repomd>' \
			"$(sha256sum <"$2" | cut -d' ' -f1)" >"$repo/repodata/repomd.xml"
	bounded "$QBISECT" kernel fetch rpm-md "$repo" kernel-default --home "$T/home" --quiet
}
repomd() { repository repomd "$1"; }
primary() { repository primary "$1"; }
feed repomd repomd
feed primary primary

# A system whose sources and packages are what the input says: apt itself is not asked.
mkdir -p "$T/apt"
cat >"$T/apt/apt-config" <<END
#!/bin/sh
[ "\$1" = dump ] || printf "LIST='%s'\nPARTS='%s'\n" "\${SOURCES:-$T/sources}" "$T/empty"
END
cat >"$T/apt/apt-cache" <<'END'
#!/bin/sh
[ "$1" = --generate ] || cat "$STANZA"
END
cat >"$T/apt/apt-get" <<'END'
#!/bin/sh
case "$*" in *update*) ;; *) exit 100 ;; esac
END
chmod +x "$T/apt"/*
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
echo "deb http://mirror.invalid/debian $codename main" >"$T/sources"
echo 'Package: x' >"$T/stanza"
sed -i "s/bookworm/$codename/" "$corpus/sources"/*
apt_says() { # INPUT VARIABLE
	local -x STANZA=$T/stanza PATH=$T/apt:$PATH "$2=$1"
	rm -rf "$T/cache/qbisect/apt"
	bounded "$QBISECT" kernel fetch debian forky linux-image-x:ppc64el --home "$T/home" --quiet
}
feed debian apt_says STANZA
feed sources apt_says SOURCES

# --- all in all ------------------------------------------------------------------------------------------------------

equal 'no file outside of home and cache' "$(find "$T/away" "$T/tmp" /tmp/qb-hostile-evil "$T/evil" -mindepth 0 ! -path "$T/away" ! -path "$T/tmp" 2>/dev/null)" ''
kib=$(du -sk "$T/home" | cut -f1)
[ "$kib" -le $HOME_KIB ] && pass "$kib KiB in the home, at most $HOME_KIB" || fail "$kib KiB in the home, at most $HOME_KIB"
echo "  bounds: $MEMORY KiB of memory, 65536 KiB a file ($DISK where guests have disks), $SECONDS_EACH s"
