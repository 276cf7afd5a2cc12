# Kernels as SUSE packs them: import, and `kernel fetch rpm-md` from a folder and from a server on loopback. The rpms are made
# here; the kernel in them is an ELF header and a banner, the modules hold nothing but their names.
. harness/tests/lib.sh
. harness/tests/rpms.sh
. harness/tests/mirror.sh

for program in rpmbuild createrepo_c zstd python3 curl; do
	command -v $program >/dev/null && continue
	echo "skipped: $program is not installed"
	exit 0
done

export XDG_CACHE_HOME=$T/cache
k() { "$QBISECT" kernel "$@" --home "$T/home"; }
fetch() { k fetch rpm-md "$@"; }
cache=$T/home/kernels/cache
# What the catalog's folder holds but its lock; what half-written things would be called.
entries() { find "$cache" -mindepth 1 -maxdepth 1 ! -name .lock -printf '%f\n' 2>/dev/null | sort | xargs; }
parts() { find "$T/cache" "$cache" \( -name '*.part' -o -name '.stage-*' \) 2>/dev/null; }

zeros() { head -c "$1" /dev/zero; }
elf() { # MACHINE (octal) RELEASE
	printf '\177ELF\2\1\1' && zeros 9
	printf "\\2\\0\\$1\\0\\1\\0\\0\\0" && zeros 8
	printf '\100\0\0\0\0\0\0\0' && zeros 8
	printf '\2\0\0\0\100\0\70\0\1\0' && zeros 6
	printf '\1\0\0\0' && zeros 52
	printf 'Linux version %s (test@test) #1\n\0' "$2"
}
vmlinux() { elf 25 "$1"; }
x86() { elf 76 "$1"; }
config=$'CONFIG_PPC64=y\nCONFIG_PPC_64K_PAGES=y\nCONFIG_AIO=y'
module() { # FILE: without what packs it
	local name
	name=$(basename "$1" .ko)
	mkdir -p "$(dirname "$1")"
	printf 'const char m[] __attribute__((section(".modinfo"), used)) = "name=%s\\0license=GPL";' "$name" |
		gcc -xc -c -o "$1" -
}
# A kernel of Tumbleweed's layout in FOLDER.
merged() { # FOLDER RELEASE [IMAGE-COMMAND IMAGE-NAME]
	local to=$1/usr/lib/modules/$2
	mkdir -p "$to"
	"${3:-vmlinux}" "$2" >"$to/${4:-vmlinux}"
	[ "${3:-vmlinux}" = x86 ] || echo "$config" >"$to/config"
	module "$to/kernel/fs/btrfs/btrfs.ko"
	zstd -q --rm "$to/kernel/fs/btrfs/btrfs.ko"
	: >"$to/modules.order"
	echo map >"$to/System.map"
	ln -s "/usr/src/linux-$2" "$to/source"
	ln -s "/usr/src/linux-$2-obj" "$to/build"
}

# --- import ----------------------------------------------------------------------------------------------------------

R=6.7.1-1-default
merged "$T/tw" $R
rpm_of kernel-default 6.7.1 1.1 ppc64le "$T/tw"
expect 'merged /usr, .ko.zst' 0 k import "$T/rpms/kernel-default-6.7.1-1.1.ppc64le.rpm" --json
equal 'the record' "$(jq -r '[.id, .arch, .pagesize, .origin, .has_modules, .sources[0]] | join(" ")' <<<"$out")" \
	"$R ppc64le 65536 rpm true kernel-default-6.7.1-1.1.ppc64le.rpm"
matches 'depmod reads .ko.zst' "$(<"$cache/$R/lib/modules/$R/modules.dep")" 'btrfs.ko.zst:'
[ ! -e "$cache/$R/lib/modules/$R/build" ] && pass 'links are not made' || fail 'links are not made'

mkdir "$T/nobody"
here() { (cd "$T/rpms" && "$QBISECT" run --home "$T/home" --connect "fake:$T/nobody" --scenario AD033 --json "$@"); }
expect 'a package beside us is imported and run' 125 here --kernel kernel-default-6.7.1-1.1.ppc64le.rpm
equal 'as the kernel in it' "$(jq -r '.records[0].candidate' <<<"$out")" $R

O=5.14.21-150400.22-default
mkdir -p "$T/old/boot" "$T/extra/lib/modules/$O/extra" "$T/base/boot" "$T/base/lib/modules/$O/kernel"
vmlinux $O >"$T/old/boot/vmlinux-$O"
gzip -c "$T/old/boot/vmlinux-$O" >"$T/old/boot/vmlinux-$O.gz"
ln -s vmlinux-$O "$T/old/boot/vmlinux"
echo "$config" >"$T/old/boot/config-$O"
cp "$T/old/boot/config-$O" "$T/base/boot/"
module "$T/old/lib/modules/$O/kernel/btrfs.ko"
xz "$T/old/lib/modules/$O/kernel/btrfs.ko"
cp "$T/old/lib/modules/$O/kernel/btrfs.ko.xz" "$T/base/lib/modules/$O/kernel/"
module "$T/extra/lib/modules/$O/extra/more.ko"
rpm_of kernel-default 5.14.21 150400.22.1 ppc64le "$T/old" w6.xzdio
rpm_of kernel-default-extra 5.14.21 150400.22.1 ppc64le "$T/extra" w9.gzdio kernel-default
rpm_of kernel-default-base 5.14.21 150400.22.1 ppc64le "$T/base" w.ufdio kernel-default
expect 'old /boot, .ko.xz, in three packages of which two share files' 0 \
	k import "$T"/rpms/kernel-default-{,base-,extra-}5.14.21-150400.22.1.ppc64le.rpm
equal 'is one candidate' "$out" $O
matches 'with all modules' "$(<"$cache/$O/lib/modules/$O/modules.dep")" 'extra/more.ko:'
matches 'and' "$(<"$cache/$O/lib/modules/$O/modules.dep")" 'btrfs.ko.xz:'
mkdir "$T/folder" && cp "$T"/rpms/kernel-default-{,base-,extra-}5.14.21-150400.22.1.ppc64le.rpm "$T/folder"
expect 'a folder of them' 0 k import "$T/folder" --json
equal 'is the same one' "$(jq -r .id <<<"$out")" $O
expect 'a part alone' 129 k import "$T/rpms/kernel-default-extra-5.14.21-150400.22.1.ppc64le.rpm"
matches 'says what is missing' "$errors" 'no kernel image.*-extra'

before=$(entries)
refused() { # NAME PATTERN FILE
	expect "$1: refused" 129 k import "$3"
	matches "$1: clear words" "$errors" "$2"
	equal "$1: one line" "$(wc -l <<<"$errors")" 1
	equal "$1: nothing stays" "$(entries)" "$before"
}
good=$T/rpms/kernel-default-6.7.1-1.1.ppc64le.rpm
for cut in 50 200 4000 $(($(stat -c %s "$good") - 30)) $(($(stat -c %s "$good") - 1)); do
	head -c "$cut" "$good" >"$T/short.rpm"
	refused "cut at $cut" 'short.rpm: .*truncated' "$T/short.rpm"
done
mkdir -p "$T/evil/boot"
ln -s ../../../etc "$T/evil/boot/link"
rpm_of evil 1 1 ppc64le "$T/evil"
refused 'a link that leaves' 'boot/link: a link that leaves' "$T/rpms/evil-1-1.ppc64le.rpm"
rm -r "$T/evil/boot" && mkdir -p "$T/evil/boot"
vmlinux $R >"$T/evil/boot/vmlinux-$R"
ln "$T/evil/boot/vmlinux-$R" "$T/evil/boot/again"
rpm_of evil 2 1 ppc64le "$T/evil"
refused 'an image of two names' 'file of several names' "$T/rpms/evil-2-1.ppc64le.rpm"
rm "$T/evil/boot/again" && mkfifo "$T/evil/boot/fifo"
rpm_of evil 3 1 ppc64le "$T/evil"
[ ! -e "$T/rpms/evil-3-1.ppc64le.rpm" ] || refused 'a FIFO' 'boot/fifo: a device, FIFO' "$T/rpms/evil-3-1.ppc64le.rpm"

# --- a repository ----------------------------------------------------------------------------------------------------

repo=$T/repo
mkdir -p "$repo/ppc64le" "$repo/x86_64"
for version in 6.7.1-1.1 6.7.1-1.10 6.7.1-1.9 6.8.0~rc1-1.1 6.8.0-1.1 6.10.2-1.1; do
	release=${version%-*}-${version##*.}-default
	release=${release//\~/-}
	merged "$T/of-$version" "$release"
	rpm_of kernel-default "${version%-*}" "${version##*-}" ppc64le "$T/of-$version"
done
merged "$T/x86" 6.8.0-1-default x86 vmlinuz
rpm_of kernel-default 6.8.0 1.1 x86_64 "$T/x86"
mkdir -p "$T/part/usr/lib/modules/6.8.0-1-default/extra"
module "$T/part/usr/lib/modules/6.8.0-1-default/extra/more.ko"
rpm_of kernel-default-extra 6.8.0 1.1 ppc64le "$T/part" w3.zstdio kernel-default
rm "$T"/rpms/*5.14* "$T"/rpms/evil*
# As Fedora has it: nothing in the package that is asked for.
mkdir -p "$T/nothing" "$T/core/lib/modules/6.9.1-200.fc40.ppc64le" "$T/modules/lib/modules/6.9.1-200.fc40.ppc64le/kernel"
vmlinux 6.9.1-200.fc40.ppc64le >"$T/core/lib/modules/6.9.1-200.fc40.ppc64le/vmlinuz"
module "$T/modules/lib/modules/6.9.1-200.fc40.ppc64le/kernel/btrfs.ko"
rpm_of kernel 6.9.1 200.fc40 ppc64le "$T/nothing"
rpm_of kernel-core 6.9.1 200.fc40 ppc64le "$T/core" w3.zstdio kernel
rpm_of kernel-modules-core 6.9.1 200.fc40 ppc64le "$T/modules" w3.zstdio kernel
mv "$T"/rpms/*.ppc64le.rpm "$repo/ppc64le/"
mv "$T"/rpms/*.x86_64.rpm "$repo/x86_64/"
createrepo() { createrepo_c -q "$@" "$repo" >/dev/null 2>&1; }
rm -rf "$cache"

mirror "$repo"

createrepo --general-compress-type=xz
expect 'the newest, from a folder' 0 fetch "$repo" kernel-default:ppc64le
equal 'its id stands alone on the last line' "$out" 6.10.2-1-default
equal 'nothing is kept of a folder' "$(find "$T/cache" -name '*.rpm' 2>/dev/null)" ''
expect 'all, over http' 0 fetch "$url/" kernel-default:ppc64le '*'
equal "ids in rpm's order" "$(xargs <<<"$out")" \
	'6.7.1-1-default 6.7.1-9-default 6.7.1-10-default 6.8.0-rc1-1-default 6.8.0-1-default 6.10.2-1-default'
matches 'says what it will fetch' "$errors" '6 kernels of kernel-default for ppc64le, .* MB: 6.7.1-1.1 to 6.10.2-1.1'
matches 'a part of the same build comes with it' "$(<"$cache/6.8.0-1-default/lib/modules/6.8.0-1-default/modules.dep")" \
	'extra/more.ko'
equal 'kernel list is in this order too' "$(k list | awk 'NR > 1 { print $1 }' | xargs)" "$(xargs <<<"$out")"
rm "$T/log"
expect 'a second time' 0 fetch "$url" kernel-default:ppc64el '*'
equal 'only repomd.xml is fetched again' "$(<"$T/log")" /repodata/repomd.xml
expect 'a file: URL' 0 fetch "file://$repo" kernel-default:x86_64
matches 'another kernel of the same release has an id of its own' "$out" '^6.8.0-1-default-[0-9a-f]{8}$'

expect 'a package without files, and its parts' 0 fetch "$url" kernel
equal 'is one kernel' "$out" 6.9.1-200.fc40.ppc64le

for kind in gz zstd none; do
	case $kind in
	none) createrepo && gzip -d "$repo"/repodata/*-primary.xml.gz && (cd "$repo/repodata" && f=$(ls ./*-primary.xml) &&
		sum=$(sha256sum "$f" | cut -d' ' -f1) && size=$(stat -c %s "$f") && mv "$f" primary.xml &&
		cat >repomd.xml <<END) ;;
<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary"><checksum type="sha256">$sum</checksum>
<location href="repodata/primary.xml"/><size>$size</size></data></repomd>
END
	zstd) createrepo && (cd "$repo/repodata" && gzip -d ./*-primary.xml.gz && zstd -q --rm ./*-primary.xml && f=$(ls ./*-primary.xml.zst) &&
		sum=$(sha512sum "$f" | cut -d' ' -f1) && mv "$f" primary.xml.zst && cat >repomd.xml <<END) ;;
<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary"><checksum type="sha512">$sum</checksum>
<location href="repodata/primary.xml.zst"/></data></repomd>
END
	*) createrepo --general-compress-type=$kind ;;
	esac
	expect "primary.xml, $kind" 0 fetch "$url" kernel-default:ppc64le 6.8.0
	equal "$kind: its id" "$out" 6.8.0-1-default
done
createrepo

while read -r versions wanted; do
	expect "VERSIONS $versions" 0 fetch "$repo" kernel-default:ppc64le "$versions"
	equal "VERSIONS $versions: ids" "$(xargs <<<"$out")" "$wanted"
done <<'END'
6.7.1 6.7.1-1-default 6.7.1-9-default 6.7.1-10-default
6.7.1-1.9 6.7.1-9-default
6.7.1-1.9..6.8.0~rc1 6.7.1-9-default 6.7.1-10-default 6.8.0-rc1-1-default
6.8.. 6.8.0-rc1-1-default 6.8.0-1-default 6.10.2-1-default
..6.7.1-1.9 6.7.1-1-default 6.7.1-9-default
6.8* 6.8.0-rc1-1-default 6.8.0-1-default
6.10.2,6.7.1-1.1 6.7.1-1-default 6.10.2-1-default
END

# --- what goes wrong -------------------------------------------------------------------------------------------------

# NAME STATUS PATTERN ARGUMENT...: one clear line, and nothing half-written stays.
wrong() {
	local name=$1 status=$2 pattern=$3
	shift 3
	before=$(entries)
	expect "$name: refused" "$status" fetch "$@"
	matches "$name: clear words" "$errors" "$pattern"
	equal "$name: one error" "$(grep -c '^qbisect: ' <<<"$errors")" 1
	equal "$name: nothing half-written stays" "$(parts)$(entries)" "$before"
}
wrong 'an unknown package' 129 "no package kernel-defalt for ppc64le.*did you mean 'kernel-default'" "$repo" kernel-defalt
wrong 'a package as dnf writes it' 129 'write kernel-default:ppc64le' "$repo" kernel-default.ppc64le
wrong 'two architectures' 129 'write kernel-default:(x86_64|ppc64le) or' "$url" kernel-default
wrong 'an architecture that is not there' 129 'no package kernel-default for aarch64' "$url" kernel-default:aarch64
wrong 'a version that is not there' 129 "is '6.9': the repository has 6.7.1-1.1, .*6.10.2-1.1" "$url" kernel-default:ppc64le 6.9
wrong 'an empty range' 129 "is '6.11..'" "$url" kernel-default:ppc64le 6.7.1,6.11..
wrong 'versions with blanks' 129 'expected versions' "$url" kernel-default:ppc64le '6.7.1, 6.8'
wrong 'no repository' 129 'has no repodata/repomd.xml' "$url/x86_64" kernel-default
wrong 'no repository in the folder' 129 'has no repodata/repomd.xml' "$repo/x86_64" kernel-default
wrong 'no folder' 129 'cannot read .*/none' "$T/none" kernel-default
wrong 'another protocol' 129 'expected a folder, or a http' ftp://127.0.0.1/ kernel-default
wrong 'nobody listens' 128 'cannot download repomd.xml: .*onnect' http://127.0.0.1:1/ kernel-default

rm -rf "$cache" "$T/cache"
wanted=$repo/ppc64le/kernel-default-6.10.2-1.1.ppc64le.rpm
note_finished "$T/home"
touch "$T/cut"
wrong 'a server that stops in the middle' 128 'cannot download kernel-default-6.10.2.*try again' "$url" kernel-default:ppc64le
rm "$T/cut"
came_of 'a mirror cuts a package off' 'exit 128, the package is named'

# It does not wait for ever: curl, which gives up one that sends less than a kilobyte a second, does it sooner here.
mkdir "$T/bin"
cat >"$T/bin/curl" <<END
#!/bin/sh
case "\$*" in
*'--speed-limit 1000 --speed-time 30 '*.rpm*) exec $(command -v curl) "\$@" --speed-time 1 --retry 0 ;;
*'--speed-limit 1000 --speed-time 30 '*) exec $(command -v curl) "\$@" ;;
esac
echo 'curl: (2) it has no limit of time' >&2
exit 2
END
chmod +x "$T/bin/curl"
touch "$T/hang"
PATH=$T/bin:$PATH wrong 'a server that says nothing more' 128 'cannot download kernel-default-6.10.2.*too slow.*try again' "$url" kernel-default:ppc64le
rm -r "$T/hang" "$T/bin"
came_of 'a mirror hangs in a package' 'exit 128, the package is named'
touch "$T/cut-lists"
rm -rf "$T/cache"
wrong 'a server that stops in the middle of its lists' 128 'cannot download (repomd|.*primary).xml.*try again' "$url" kernel-default:ppc64le
rm "$T/cut-lists"
came_of 'a mirror cuts its lists off' 'exit 128, the list is named'
cp "$wanted" "$T/saved"
printf x | dd of="$wanted" bs=1 seek=5000 conv=notrunc status=none
wrong 'a package with another checksum' 128 'has another sha256 checksum.*mirror' "$url" kernel-default:ppc64le
wrong 'also in a folder' 128 'has another sha256 checksum.*createrepo_c' "$repo" kernel-default:ppc64le
head -c 5000 "$T/saved" >"$wanted"
wrong 'a truncated package' 128 'has 5000 bytes instead of' "$url" kernel-default:ppc64le
cat "$T/saved" "$T/saved" >"$wanted"
wrong 'a package that is too long' 128 'more than the [0-9]+ bytes' "$url" kernel-default:ppc64le
rm "$wanted"
wrong 'a package that is not there' 128 'lists ppc64le/.*but does not have it' "$url" kernel-default:ppc64le
wrong 'also of a folder' 128 'is listed, but not there' "$repo" kernel-default:ppc64le
cp "$T/saved" "$wanted"
expect 'mended, it works' 0 fetch "$url" kernel-default:ppc64le
came_of 'a mirror with another package than it lists' 'exit 128; mended, it works'
equal 'after an error the id is the same' "$out" 6.10.2-1-default

primary=$(ls "$repo"/repodata/*-primary.xml.*)
cp "$primary" "$T/primary"
rm -rf "$T/cache"
head -c 300 "$T/primary" >"$primary"
wrong 'a truncated list of packages' 128 'primary.xml.* has 300 bytes instead of' "$url" kernel-default:ppc64le
cp "$T/primary" "$primary"
cp "$repo/repodata/repomd.xml" "$T/repomd"
repomd() { # TEXT: of the entry of primary.xml
	printf '<repomd><data type="primary">%s</data></repomd>' "$1" >"$repo/repodata/repomd.xml"
}
xml() { # TEXT: is the primary.xml
	printf '%s' "$1" >"$repo/repodata/own.xml"
	repomd "<checksum type='sha256'>$(sha256sum "$repo/repodata/own.xml" | cut -d' ' -f1)</checksum><location href='repodata/own.xml'/>"
}
xml '<metadata><package></metadata>'
wrong 'a list that is no XML' 128 'own.xml, line 1: mismatched tag' "$url" kernel-default
xml '<!DOCTYPE x [<!ENTITY a "aaaa">]><metadata>&a;</metadata>'
wrong 'entities' 128 'line 1: a document type' "$url" kernel-default
xml '<metadata><package><name>kernel-default</name>'
wrong 'a list that stops' 128 'own.xml, line 1: no element found' "$url" kernel-default
repomd '<location href="../../etc/passwd"/><checksum type="sha256">0</checksum>'
wrong 'a location that leaves' 128 'no path below the repository' "$url" kernel-default
repomd '<location href="repodata/own.xml"/><checksum type="md5">0</checksum>'
wrong 'a weak checksum' 128 'not by sha256' "$url" kernel-default
echo '<html><body>log in' >"$repo/repodata/repomd.xml"
wrong 'a page instead of metadata' 128 'expected the element <repomd>.*found <html>' "$url" kernel-default
cp "$T/repomd" "$repo/repodata/repomd.xml"
expect 'mended, it works again' 0 fetch "$url" kernel-default:ppc64le
came_of 'a mirror with lists that are none' 'exit 128; mended, it works'
show_table
