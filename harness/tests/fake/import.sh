# qbisect kernel import, list, show, remove on packages made here; the kernel in them is an ELF header and a banner.
. harness/tests/lib.sh

k() { "$QBISECT" kernel "$@" --home "$T/home"; }
cache=$T/home/kernels/cache
R=6.12.1-test

zeros() { head -c "$1" /dev/zero; }
vmlinux() { # RELEASE
	printf '\177ELF\2\1\1' && zeros 9
	printf '\2\0\25\0\1\0\0\0' && zeros 8
	printf '\100\0\0\0\0\0\0\0' && zeros 8
	printf '\2\0\0\0\100\0\70\0\1\0' && zeros 6
	printf '\1\0\0\0' && zeros 52
	printf 'Linux version %s (test@test) #1\n\0' "$1"
}
config=$'CONFIG_PPC64=y\nCONFIG_PPC_64K_PAGES=y\nCONFIG_AIO=y'

# A package NAME of what was put into $T/NAME.
deb() { # NAME
	mkdir -p "$T/$1/DEBIAN"
	printf 'Package: %s\nVersion: 1\nArchitecture: ppc64el\nMaintainer: t <t@t>\nDescription: t\n' "$1" \
		>"$T/$1/DEBIAN/control"
	dpkg-deb --root-owner-group -Zxz -z0 -b "$T/$1" "$T/$1.deb" >/dev/null
}

# What the catalog's folder holds but its lock.
entries() { find "$cache" -mindepth 1 -maxdepth 1 ! -name .lock -printf '%f ' 2>/dev/null; }

# --- the three layouts of Debian -------------------------------------------------------------------------------------

mkdir -p "$T/old/boot" "$T/old/lib/modules/6.1.0-50-test/kernel"
vmlinux 6.1.0-50-test >"$T/old/boot/vmlinux-6.1.0-50-test"
echo "$config" >"$T/old/boot/config-6.1.0-50-test"
deb old
expect 'Debian 6.1: boot/ and lib/modules/' 0 k import "$T/old.deb"
equal 'the id stands alone on the last line' "$out" 6.1.0-50-test

mkdir -p "$T/new/boot" "$T/new/usr/lib/modules/$R/kernel"
vmlinux $R >"$T/new/boot/vmlinux-$R"
echo "$config" >"$T/new/boot/config-$R"
: >"$T/new/usr/lib/modules/$R/modules.order"
deb new
expect 'Debian 6.12: usr/lib/modules/' 0 k import "$T/new.deb" --json
equal 'JSON is the record' "$(jq -r '[.arch, .pagesize, .origin, .has_modules] | join(" ")' <<<"$out")" \
	'ppc64le 65536 deb true'

mkdir -p "$T/binary/usr/lib/modules/7.2-test" "$T/base/usr/lib/modules/7.2-test"
vmlinux 7.2-test >"$T/binary/usr/lib/modules/7.2-test/vmlinuz"
echo "$config" >"$T/base/usr/lib/modules/7.2-test/config"
: >"$T/base/usr/lib/modules/7.2-test/modules.builtin"
deb binary
deb base
expect 'Debian 7.2: a kernel in parts' 0 k import "$T/base.deb" "$T/binary.deb" --id parts
equal 'its id is the one asked for' "$out" parts
expect 'the parts in another order are the same kernel' 0 k import "$T/binary.deb" "$T/base.deb"
equal 'and have its id' "$out" parts
expect 'a part without an image' 129 k import "$T/base.deb"
matches 'says what is missing' "$errors" 'base.deb: no kernel image'
expect 'two kernels at once' 129 k import "$T/new.deb" "$T/old.deb"
matches 'names both' "$errors" "$R.*6.1.0-50-test"

# --- list, show, remove ----------------------------------------------------------------------------------------------

expect 'list' 0 k list
matches 'has a row for each' "$out" '^6.1.0-50-test +ppc64le +64k +deb +6.1.0-50-test$'
equal 'list --json' "$(k list --json | jq -r '[.kernels[].id] | join(" ")')" "6.1.0-50-test $R parts"
expect 'show by the beginning of an id' 0 k show 6.1
matches 'says where the image is' "$out" "^image +$cache/6.1.0-50-test/vmlinux"
expect 'an ambiguous beginning' 129 k show 6
matches 'lists what it could be' "$errors" "6.1.0-50-test, $R"
expect 'an unknown id' 129 k show 5.10
matches 'says what to do' "$errors" "qbisect kernel list"
expect 'remove' 0 k remove 6.1
expect 'a second time there is nothing' 129 k remove 6.1
equal 'the others stay' "$(entries)" "$(printf '%s\n' "$R" parts | sort | tr '\n' ' ')"
expect 'an id that is a path' 129 k import "$T/old.deb" --id ../x
expect 'no PATH' 129 k import

# --- bad input -------------------------------------------------------------------------------------------------------

before=$(entries)
# NAME PATTERN FILE: refused with status 129 and one line of these words, and nothing of it stays.
refused() {
	expect "$1: refused" 129 k import "$3"
	matches "$1: clear words" "$errors" "$2"
	equal "$1: one line" "$(wc -l <<<"$errors")" 1
	equal "$1: nothing stays" "$(entries)" "$before"
}
# A package of the tar that the command writes.
hostile() { # NAME TAR-ARGUMENT...
	local name=$1
	shift
	tar -C "$T/new" -cf "$T/data.tar" boot
	tar -C "$T" -rPf "$T/data.tar" "$@"
	xz -0f "$T/data.tar"
	echo 2.0 >"$T/debian-binary"
	tar -C "$T" -cJf "$T/control.tar.xz" --files-from /dev/null
	rm -f "$T/$name.deb"
	(cd "$T" && ar rc "$name.deb" debian-binary control.tar.xz data.tar.xz)
}
echo x >"$T/evil"
hostile dots --transform 's,^evil,../../evil,' evil
refused 'a path with ..' 'dots.deb: ../../evil: ' "$T/dots.deb"
hostile absolute "$T/evil"
refused 'an absolute path' 'absolute.deb: /.*/evil: an absolute path' "$T/absolute.deb"
ln -s ../../../etc "$T/link"
hostile link link
refused 'a link that leaves' 'link.deb: link: a link' "$T/link.deb"
mkfifo "$T/pipe"
hostile fifo pipe
refused 'a FIFO' 'fifo.deb: pipe: ' "$T/fifo.deb"
if mknod "$T/node" c 1 3 2>/dev/null; then
	hostile node node
	refused 'a device node' 'node.deb: node: a device' "$T/node.deb"
fi
truncate -s 2G "$T/big"
hostile bomb -S big
refused 'a file larger than allowed' 'bomb.deb: big: larger than' "$T/bomb.deb"
head -c $(($(stat -c %s "$T/new.deb") - 300)) "$T/new.deb" >"$T/short.deb"
refused 'a truncated package' 'short.deb: .*truncated' "$T/short.deb"
echo text >"$T/text.deb"
refused 'text' 'text.deb: neither' "$T/text.deb"
refused 'a missing file' 'No such file' "$T/none.deb"
[ ! -e "$T/home/evil" ] && [ ! -e "$T/home/kernels/evil" ] && pass 'nothing was written outside' ||
	fail 'nothing was written outside'

# --- killed, and two at once -----------------------------------------------------------------------------------------

mkdir -p "$T/large/boot" "$T/large/lib/modules/9.9-large/kernel"
vmlinux 9.9-large >"$T/large/boot/vmlinux-9.9-large"
head -c 100M /dev/zero >>"$T/large/boot/vmlinux-9.9-large"
deb large
# In a group of its own, so that all of it is killed: what is in the background behind a function is a shell.
setsid "$QBISECT" kernel import "$T/large.deb" --home "$T/home" >/dev/null 2>&1 &
for _ in $(seq 500); do
	compgen -G "$cache/.stage-*/images/0" >/dev/null && break
	sleep 0.01
done
kill -9 -- -$! && wait $! 2>/dev/null
equal 'an import is killed' $? 137
equal 'nobody imports any more' "$(gone_soon "$PATIENCE" held "$T/home")" ''
matches 'a killed import leaves only its stage' "$(entries)" '\.stage-'
equal 'which is no kernel' "$(k list --json | jq '.kernels | length')" 2
k import "$T/large.deb" >"$T/first" 2>/dev/null &
first=$!
k import "$T/large.deb" >"$T/second" 2>/dev/null
wait $first
equal 'two imports of one kernel at once make one candidate' "$(cat "$T/first" "$T/second")" $'9.9-large\n9.9-large'
equal 'and what was killed is swept' "$(entries | tr ' ' '\n' | sort | xargs)" \
	"$(printf '%s\n' "$R" 9.9-large parts | sort | xargs)"
