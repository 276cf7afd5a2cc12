# A real kernel of Debian, packed as SUSE packs its own: an rpm with the merged /usr and .ko.zst modules, which has to boot and
# to load them.
. harness/tests/lib.sh
. harness/tests/rpms.sh

q() { "$QBISECT" "$@" --home "$T/home"; }

id=$(q kernel fetch debian trixie linux-image-amd64:amd64 2>"$T/fetch.log" | tail -n 1)
if [ -n "$id" ]; then pass "fetched $id"; else fail 'a kernel could not be fetched' "$(tail -n 5 "$T/fetch.log")"; fi
from=$T/home/kernels/cache/$id

# The names of SUSE's, but for the release: it stands in the image.
modules=$T/suse/usr/lib/modules/$id
mkdir -p "$modules"
cp "$from/bzImage" "$modules/vmlinuz"
cp "$from/config" "$modules/config"
for part in arch crypto fs lib drivers/block drivers/virtio; do
	mkdir -p "$modules/kernel/$part"
	cp -r "$from/lib/modules/$id/kernel/$part/." "$modules/kernel/$part/"
done
ln -s "/usr/src/linux-$id" "$modules/source"
find "$modules" -name '*.ko.xz' -print0 | xargs -0 -P 2 -n 200 xz -dq
find "$modules" -name '*.ko' -print0 | xargs -0 -P 2 -n 200 zstd -1q --rm
rpm_of kernel-default "${id%%+*}" 1.1 x86_64 "$T/suse" w1.zstdio

q kernel remove "$id" >/dev/null
expect 'the rpm is imported' 0 q kernel import "$T/rpms/kernel-default-${id%%+*}-1.1.x86_64.rpm"
equal 'under its release' "$out" "$id"
matches 'its modules are packed by zstd' "$(ls "$from/lib/modules/$id/kernel/fs/btrfs")" '^btrfs.ko.zst$'
expect 'it boots, loads its modules, and is good' 0 q run --kernel "$id" --scenario AD033 --set accelerator=tcg --set iterations=2 --json
matches 'btrfs was a module' "$(cat "$from/config")" '^CONFIG_BTRFS_FS=m'
