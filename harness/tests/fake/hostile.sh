# Malformed input for every parser, through the command line and within bounds: each is refused with one clear line, or read, as
# the valid ones are.
# $BUILD/hostile makes it (harness/tests/e2e/hostile.h).
. harness/tests/lib.sh
. harness/tests/play.sh

MEMORY=262144	# KiB that a process may have had in memory; there is room for much more, so that it is not this test that stops a bomb
ADDRESSES=8388608
FILES=524288	# KiB that a file may have
SECONDS_EACH=20
HOME_KIB=65536	# that may be left in the home at the end
corpus=$T/corpus
[ "$("$BUILD/hostile" "$corpus" && find "$corpus" -type f | wc -l)" -ge 200 ] && pass "$(find "$corpus" -type f | wc -l) inputs" ||
	fail 'fewer than 200 inputs'

# A sanitizer's shadow is larger than any bound.
case $(ldd "$QBISECT") in *libasan* | *libtsan*) MEMORY=$ADDRESSES ADDRESSES=unlimited ;; esac
export XDG_CACHE_HOME=$T/cache TMPDIR=$T/tmp
mkdir -p "$T/tmp" "$T/away" "$T/empty" "$T/edited"

bounded() {
	(
		cd "$T/away" || exit 99
		trap '' XFSZ # a file that is too large is an error like another
		ulimit -v $ADDRESSES && ulimit -f $FILES && exec /usr/bin/time -q -o "$T/memory" -f %M timeout -k 1 $SECONDS_EACH "$@"
	) >"$T/stdout" 2>"$T/stderr" </dev/null
}

# Those that would take more than any bound, and qbisect's own words for each.
bomb() { # READER/NAME
	case $1 in
	*/huge | */larger-than-allowed | rpm/negative) echo 'larger than the 1073741824 bytes that one file may have' ;;
	*/a-name-of-*) echo 'more than 8388608 bytes that belong to no file' ;;
	*/a-dictionary-of-*) echo 'cannot be read .*it is truncated or damaged' ;;
	*/*-MiB-of-zeros) echo 'neither an ELF vmlinux|cannot be read' ;;
	*/config-bomb) echo 'larger than 16777216 bytes' ;;
	matrix/deep-objects | factors/deep-objects | campaign*/deep-objects | candidate/deep-objects) echo 'more than 32 levels' ;;
	index/elsewhere) echo 'is not as it was imported' ;;
	campaign/a-large-pattern) echo 'expected fewer repetitions|expected a POSIX' ;;
	esac
}

# What is wrong with how the last one ended; nothing: all is well. A status that is a signal's is none of the contract's.
fault_of() { # STATUS
	case $1 in
	0 | 1 | 3 | 125) ;;
	128 | 129)
		if ! grep -q "is broken: .*'qbisect resume" "$T/stdout"; then # which is an answer
			[ "$(wc -l <"$T/stderr")" -eq 1 ] || echo "$(wc -l <"$T/stderr") lines of errors"
			grep -q '^qbisect: .' "$T/stderr" || echo 'no error'
		fi
		;;
	*) echo "status $1" ;;
	esac
	grep 'killed by signal' "$T/stderr"
	! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' "$T/stderr" "$T/stdout" || echo 'control characters'
}

# What is wrong with what became of an input: a valid one was not read (the console shows a crash, a skip), or one met a bound of this test and not its own.
unlike_its_name() { # INPUT STATUS
	local words name=${1##*/}
	words=$(bomb "$(basename "${1%/*}")/${name#*-}")
	case $2:$1 in [013]:* | 125:*/console/*) ;; *:*valid) echo "it is valid, and gives $2" ;; esac
	[ -z "$words" ] || grep -qE -- "$words" "$T/stderr" "$T/stdout" || echo "not '$words'"
	grep -oE 'File too large|annot allocate|nable to allocate|out of memory' "$T/stderr"
	[ "$(tail -n 1 "$T/memory")" -le $MEMORY ] || echo "$(tail -n 1 "$T/memory") KiB of memory"
}

# READER COMMAND...: runs it for each input of that kind, whose path stands in place of @.
feed() {
	local reader=$1 row="malformed input: $1" input status fault faults= n=0 read=0 valid=0 before
	shift
	before=$(catalog)
	for input in "$corpus/$reader"/*; do
		status=0
		[ "$(type -t "$1")" = function ] && { "$1" "$input" "${@:2}" || status=$?; } || bounded "${@//@/$input}" || status=$?
		fault=$(fault_of $status; unlike_its_name "$input" $status)
		[ -z "$fault" ] || faults+="$(basename "$input"): $fault: $(head -c 300 "$T/stderr")"$'\n'
		n=$((n + 1))
		case $input in *valid) valid=$((valid + 1)) ;; esac
		row "$row"
		case $status in 128 | 129) saw "$row" refused ;; *) saw "$row" read && read=$((read + 1)) ;; esac
	done
	equal "$reader: $n inputs, $read of them read, the others refused" "$faults" ''
	[ "$valid" -gt 0 ] || fail "$reader: none of its inputs is valid"
	[ "$(catalog)" = "$before" ] || broke lost "$row" "the catalog is another: $(diff <(echo "$before") <(catalog))"
	check_finished "$row"
	note_finished "$T/home"
	nothing_left "$row" "$T/home"
	nothing_left "$row" "$T/edited"
	input=$(outside)
	[ -z "$input" ] || broke leaked "$row" "outside of home and cache: $input"
}
catalog() { (cd "$T/home/kernels/cache" && find . -type f ! -path './.images/*' -exec sha256sum {} + | sort); }
# What was written where nothing is to be: what the inputs would write is called evil, and homes have two folders.
outside() {
	find "$T/away" "$T/tmp" -mindepth 1
	find "$T" -path "$corpus" -prune -o -name '*evil*' -print
	find /tmp -maxdepth 1 -name qb-hostile-evil
	find "$T/home" "$T/edited" -mindepth 1 -maxdepth 1 ! -name kernels ! -name results
	find "$T/home/kernels" "$T/edited/kernels" -mindepth 1 -maxdepth 1 ! -name cache 2>/dev/null
}

import() { bounded "$QBISECT" kernel import --home "$T/home" "$@"; }
fake() { bounded "$QBISECT" "$@" --home "$T/home" --connect "fake:$T/play" --quiet; }

note_finished "$T/home"
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
zstd -q "$corpus/module/"*-valid -o "$corpus/packed/valid"
feed packed in_a_tree kernel/m.ko.zst
feed builtin in_a_tree modules.builtin
feed dep in_a_tree modules.dep
feed modinfo in_a_tree modules.builtin.modinfo
equal 'nothing of them stays in the catalog' "$(ls -A "$T/home/kernels/cache" | sort)" "$before"

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

# What modprobe reads: a module that is there, and was not imported, is none of the kernel's.
rm -r "$T/edited/kernels/cache/edited"
tree=$T/modular
mkdir -p "$tree/boot" "$tree/lib/modules/1.0.0/kernel"
cp "$T/k/k1/vmlinux" "$tree/boot/vmlinux-1.0.0"
sed 's/BTRFS_FS=y/BTRFS_FS=m/' "$T/k/k1/config" >"$tree/boot/config-1.0.0"
cp "$corpus/module/"*-valid "$tree/lib/modules/1.0.0/kernel/btrfs.ko"
"$QBISECT" kernel import --home "$T/edited" --id modular "$tree" >/dev/null 2>&1 || fail 'importing modular'
cp "$T/play/k1.console" "$T/play/modular.console"
good 1.0.0 >"$T/play/modular.events"
entry=$T/edited/kernels/cache/modular
index=lib/modules/1.0.0/modules.dep.bin
cp "$entry/$index" "$T/seeds/index"
"$BUILD/hostile" "$corpus" index "$T/seeds/index"
mkdir -p "$entry/x"
cp "$corpus/module/"*-valid "$entry/x/m.ko"
for elsewhere in ../../../x/m.ko /etc/////passwd; do # as long as kernel/btrfs.ko
	LC_ALL=C sed "s|kernel/btrfs.ko|$elsewhere|" "$T/seeds/index" >"$corpus/index/900${elsewhere//[^a-z]/}-elsewhere"
done
# An index that leads back to itself keeps modprobe busy for ever: not for the minute here that qbisect gives it.
mkdir -p "$T/kmod"
printf '#!/bin/sh\nulimit -t 1\nexec %s "$@"\n' "$(PATH=$PATH:/usr/sbin:/sbin command -v modprobe)" >"$T/kmod/modprobe"
chmod +x "$T/kmod/modprobe"
PATH=$T/kmod:$PATH edited index "kernels/cache/modular/$index" run --connect "fake:$T/play" --quiet --kernel modular --scenario AD033 --set iterations=2

# --- what repositories say -------------------------------------------------------------------------------------------

# Of the valid ones the checksums and sizes are those of what is there.
hash=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
put() { # INPUT FILE WHAT-IT-NAMES
	LC_ALL=C sed "s/$hash/$(sha256sum <"$3" | cut -d' ' -f1)/; s/<size>9</<size>$(stat -c %s "$3")</; s/package=\"9\"/package=\"$(stat -c %s "$3")\"/" \
		"$1" >"$2"
}
mkdir -p "$T/repo/repodata" "$T/repo/x86_64"
cp "$corpus/rpm/001-valid" "$T/repo/x86_64/k.rpm"
put "$corpus/primary/001-valid" "$T/primary" "$T/repo/x86_64/k.rpm"
fetch_alone() { # WORDS...: what could be fetched is removed again
	local status=0
	bounded "$QBISECT" kernel fetch "$@" --home "$T/home" --quiet || status=$?
	[ $status -ne 0 ] || "$QBISECT" kernel remove --home "$T/home" "$(tail -n 1 "$T/stdout")" >/dev/null 2>&1
	return $status
}
repository() { # KIND INPUT: its repomd.xml, or the primary.xml that it names
	local repo=$T/repo/repodata
	if [ "$1" = repomd ]; then
		cp "$T/primary" "$repo/p.xml"
		put "$2" "$repo/repomd.xml" "$repo/p.xml"
	else
		put "$2" "$repo/p.xml" "$T/repo/x86_64/k.rpm"
		put "$corpus/repomd/001-valid" "$repo/repomd.xml" "$repo/p.xml"
	fi
	fetch_alone rpm-md "$T/repo" kernel-default
}
repomd() { repository repomd "$1"; }
primary() { repository primary "$1"; }
feed repomd repomd
feed primary primary

# A system whose sources and packages are what the input says: apt itself is not asked.
mkdir -p "$T/apt"
cat >"$T/apt/apt-config" <<END
#!/bin/sh
[ "\$1" = dump ] || printf "LIST='%s'\nPARTS='%s'\n" "$T/sources.list" "$T/empty"
END
cat >"$T/apt/apt-cache" <<'END'
#!/bin/sh
[ "$1" = --generate ] || cat "$STANZA"
END
cat >"$T/apt/apt-get" <<'END'
#!/bin/sh
case "$*" in
*print-uris*) echo "'http://a/x.deb' x.deb $(stat -c %s "$DEB") SHA256:$(sha256sum <"$DEB" | cut -d' ' -f1)" ;;
*download*) cp "$DEB" x.deb ;;
esac
END
chmod +x "$T/apt"/*
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
sed -i "s/bookworm/$codename/" "$corpus/sources"/*
cp "$corpus/sources/001-valid" "$T/sources.list"
cp "$corpus/debian/001-valid" "$T/stanza"
apt_says() { # INPUT FILE
	local -x STANZA=$T/stanza DEB=$corpus/deb/001-valid PATH=$T/apt:$PATH
	local status=0
	rm -rf "$T/cache/qbisect/apt"
	cp "$2" "$T/kept"
	cp "$1" "$2"
	fetch_alone debian forky linux-image-6.12.1-x:ppc64el || status=$?
	cp "$T/kept" "$2"
	return $status
}
feed debian apt_says "$T/stanza"
feed sources apt_says "$T/sources.list"

# --- all in all ------------------------------------------------------------------------------------------------------

equal 'no file outside of home and cache' "$(outside)" ''
kib=$(du -sk "$T/home" | cut -f1)
[ "$kib" -le $HOME_KIB ] && pass "$kib KiB in the home, at most $HOME_KIB" || fail "$kib KiB in the home, at most $HOME_KIB"
echo "  bounds: $MEMORY KiB of memory, $FILES KiB a file, $SECONDS_EACH s"
show_table
