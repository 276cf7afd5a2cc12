# Real kernels of Debian, real boots. The kernels come through `kernel fetch`, cached below ~/.cache/qbisect; the catalog is
# the test's own, so that a second run fetches and imports the same way.
. harness/tests/lib.sh

q() { "$QBISECT" "$@" --home "$T/home"; }
field() { jq -r ".records[-1].$1" <<<"$out"; }

fetch() { q kernel fetch debian "$1" "$2" 2>>"$T/fetch.log" | tail -n 1; }
bad=$(fetch trixie linux-image-powerpc64le-64k:ppc64el)
fourk=$(fetch trixie linux-image-powerpc64le:ppc64el)
x86=$(fetch trixie linux-image-amd64:amd64)
for id in "$bad" "$fourk" "$x86"; do
	if [ -n "$id" ]; then pass "fetched $id"; else fail 'a kernel could not be fetched' "$(tail -n 5 "$T/fetch.log")"; fi
done
equal 'the same package again is the same candidate' "$(fetch trixie linux-image-amd64:amd64)" "$x86"

# The bug, and each of its conditions taken away.
expect 'the bug on 64k pages is bad' 1 q run --kernel "$bad" --scenario AD033 --json --trials 2
equal 'class target' "$(field class)" target
equal 'the page size is the one that the guest read' "$(field guest_pagesize)" 65536
matches 'guest and console agree in one of the trials' "$(jq -r '.records[].agreement' <<<"$out")" 'guest and console'
matches "the console's line is kept" "$(jq -r '.records[].evidence' <<<"$out")" 'Page cache invalidation failure on direct I/O'
folder="$T/home/results/$(jq -r .name <<<"$out")"
for file in console.log events.ktap domain.xml repeat.sh verdict.json; do
	if [ -s "$folder/00001-$bad/$file" ]; then pass "the trial left $file"; else fail "the trial left no $file"; fi
done
expect "libvirt's schema takes the domain" 0 virt-xml-validate "$folder/00001-$bad/domain.xml" domain

for setting in buffers=aligned sectorsize=65536 nocow=false; do
	expect "with $setting it is good" 0 q run --kernel "$bad" --scenario AD033 --set "$setting" --set iterations=10
done
expect 'a 4k kernel of the same version is good' 0 q run --kernel "$fourk" --scenario AD033 --json --set iterations=10
equal 'and says that its pages have 4096 bytes' "$(field guest_pagesize)" 4096
# The usual connection may be named as the help names it.
expect 'x86_64 is good' 0 q run --kernel "$x86" --scenario AD033 --json --set iterations=10 --connect qemu:///embed
equal 'with pages of 4096 bytes' "$(field guest_pagesize)" 4096

# A kernel that is not what it was imported as.
mkdir -p "$T/liar"
cp "$T/home/kernels/cache/$fourk/vmlinux" "$T/liar/vmlinux"
sed -e 's/.*CONFIG_PPC_64K_PAGES.*/CONFIG_PPC_64K_PAGES=y/' -e 's/^CONFIG_PPC_4K_PAGES=y/# CONFIG_PPC_4K_PAGES is not set/' \
	-e 's/^CONFIG_PAGE_SHIFT=.*/CONFIG_PAGE_SHIFT=16/' -e 's/^CONFIG_PAGE_SIZE_4KB=y/CONFIG_PAGE_SIZE_64KB=y/' \
	"$T/home/kernels/cache/$fourk/config" >"$T/liar/config"
mkdir -p "$T/liar/lib/modules"
cp -r "$T/home/kernels/cache/$fourk/lib/modules/$fourk" "$T/liar/lib/modules/"
expect 'a 4k kernel imported as 64k' 0 q kernel import --id liar "$T/liar"
expect 'is a skip' 125 q run --kernel liar --scenario AD033 --set iterations=2 --json
equal 'for its page size' "$(field class)" wrong-pagesize

# A program of the user's own, judged by LTP's rules.
for try in '0 0' '1 1' '2 125' '32 125'; do
	read -r status wanted <<<"$try"
	expect "an injected program with LTP status $status" "$wanted" \
		"$QBISECT" run --home "$T/home" --kernel "$x86" --set iterations=1 --inject "$BUILD/guest/x86_64/ltp_stub" -- exit "$status"
done

# Other file systems.
for fs in ext4 xfs; do
	expect "x86_64 on $fs is good" 0 q run --kernel "$x86" --scenario AD033 --set iterations=2 --set filesystem=$fs \
		--set nocow=false
done
