# Real kernels of Debian, packed as SUSE packs its own, which have to boot and to load their modules: merged /usr with .ko.zst;
# and /boot with .ko.xz, on ppc64le, in two packages.
. harness/tests/lib.sh
. harness/tests/rpms.sh

q() { "$QBISECT" "$@" --home "$T/home"; }
fetch() { # PACKAGE: $id, and the folder that it is in
	id=$(q kernel fetch debian trixie "$1" 2>"$T/fetch.log" | tail -n 1)
	if [ -n "$id" ]; then pass "fetched $id"; else fail 'a kernel could not be fetched' "$(tail -n 5 "$T/fetch.log")"; fi
	from=$T/home/kernels/cache/$id
}
# FOLDER: the modules that a guest may need.
copy_modules() {
	local part
	for part in arch crypto fs lib drivers/block drivers/virtio; do
		mkdir -p "$1/kernel/$part"
		cp -r "$from/lib/modules/$id/kernel/$part/." "$1/kernel/$part/"
	done
}
# Imported in the place of Debian's; then it boots with btrfs as a module of this kind.
boots() { # KIND PATH
	q kernel remove "$id" >/dev/null
	expect "$1: it is imported" 0 q kernel import "$2"
	equal "$1: under its release" "$out" "$id"
	matches "$1: its modules are packed so" "$(ls "$from/lib/modules/$id/kernel/fs/btrfs")" "^btrfs$1\$"
	matches "$1: btrfs is a module" "$(cat "$from/config")" '^CONFIG_BTRFS_FS=m'
	expect "$1: it boots, loads its modules, and is good" 0 q run --kernel "$id" --scenario AD033 --set accelerator=tcg \
		--set nocow=false --set iterations=2 --json
}

# The names of SUSE's, but for the release: it stands in the image.
fetch linux-image-amd64:amd64
modules=$T/suse/usr/lib/modules/$id
mkdir -p "$modules"
cp "$from/bzImage" "$modules/vmlinuz"
cp "$from/config" "$modules/config"
copy_modules "$modules"
ln -s "/usr/src/linux-$id" "$modules/source"
find "$modules" -name '*.ko.xz' -print0 | xargs -0 -P 2 -n 200 xz -dq
find "$modules" -name '*.ko' -print0 | xargs -0 -P 2 -n 200 zstd -1q --rm
rpm_of kernel-default "${id%%+*}" 1.1 x86_64 "$T/suse" w1.zstdio
boots .ko.zst "$T/rpms/kernel-default-${id%%+*}-1.1.x86_64.rpm"

fetch linux-image-powerpc64le-64k:ppc64el
modules=lib/modules/$id/kernel
mkdir -p "$T/old/boot" "$T/extra/$modules/fs"
cp "$from/vmlinux" "$T/old/boot/vmlinux-$id"
cp "$from/config" "$T/old/boot/config-$id"
copy_modules "$T/old/${modules%/*}"
mv "$T/old/$modules/fs/btrfs" "$T/extra/$modules/fs/"
rpm_of kernel-default "${id%%+*}" 1.1 ppc64le "$T/old" w1.xzdio
rpm_of kernel-default-extra "${id%%+*}" 1.1 ppc64le "$T/extra" w1.gzdio kernel-default
mkdir "$T/both" && mv "$T"/rpms/*.ppc64le.rpm "$T/both"
boots .ko.xz "$T/both"
