# qbisect kernel fetch against an archive made here and signed with a key made here: no network but a mirror on loopback.
. harness/tests/lib.sh
. harness/tests/mirror.sh

for program in gpg python3; do
	command -v $program >/dev/null && continue
	echo "skipped: $program is not installed"
	exit 0
done

export XDG_CACHE_HOME=$T/cache GNUPGHOME=$T/gnupg
archive=$T/debian
fetch() { "$QBISECT" kernel fetch "$@" --home "$T/home"; }

# --- an archive with a meta package, a kernel in three parts, and an image alone ----------------------------------------

zeros() { head -c "$1" /dev/zero; }
vmlinux() { # RELEASE
	printf '\177ELF\2\1\1' && zeros 9
	printf '\2\0\25\0\1\0\0\0' && zeros 8
	printf '\100\0\0\0\0\0\0\0' && zeros 8
	printf '\2\0\0\0\100\0\70\0\1\0' && zeros 6
	printf '\1\0\0\0' && zeros 52
	printf 'Linux version %s (test@test) #1\n\0' "$1"
}
deb() { # NAME DEPENDS: of what is in $T/NAME; its stanza is added to Packages
	local file=pool/$1_1_ppc64el.deb
	mkdir -p "$T/$1/DEBIAN" "$archive/pool"
	printf 'Package: %s\nVersion: 1\nArchitecture: ppc64el\nMaintainer: t <t@t>\nDescription: t\n' "$1" \
		>"$T/$1/DEBIAN/control"
	[ -z "$2" ] || echo "Depends: $2" >>"$T/$1/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$T/$1" "$archive/$file" >/dev/null
	{
		cat "$T/$1/DEBIAN/control"
		echo "Filename: $file"
		echo "Size: $(stat -c %s "$archive/$file")"
		echo "SHA256: $(sha256sum "$archive/$file" | cut -d' ' -f1)"
		echo
	} >>"$T/Packages"
}
publish() { # what is in $T/Packages, signed
	local dir=$archive/dists/forky
	mkdir -p "$dir/main/binary-ppc64el"
	cp "$T/Packages" "$dir/main/binary-ppc64el/Packages"
	{
		printf 'Origin: Debian\nSuite: forky\nCodename: forky\nArchitectures: ppc64el\nComponents: main\n'
		echo "Date: $(LC_ALL=C date -Ru)"
		echo SHA256:
		echo " $(sha256sum "$T/Packages" | cut -d' ' -f1) $(stat -c %s "$T/Packages") main/binary-ppc64el/Packages"
	} >"$dir/Release"
	gpg --batch --yes --quiet --clearsign -o "$dir/InRelease" "$dir/Release"
}

mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key test@test rsa2048 default never 2>/dev/null
gpg --batch --quiet --export >"$T/debian-archive-keyring.gpg"

K=powerpc64le-64k
mkdir -p "$T/linux-binary-7.2-$K/usr/lib/modules/7.2-$K" "$T/linux-modules-7.2-$K/usr/lib/modules/7.2-$K" \
	"$T/linux-base-7.2-$K/usr/lib/modules/7.2-$K" "$T/linux-image-6.12-$K/boot"
vmlinux 7.2-$K >"$T/linux-binary-7.2-$K/usr/lib/modules/7.2-$K/vmlinuz"
: >"$T/linux-modules-7.2-$K/usr/lib/modules/7.2-$K/modules.order"
printf 'CONFIG_PPC64=y\nCONFIG_PPC_64K_PAGES=y\n' >"$T/linux-base-7.2-$K/usr/lib/modules/7.2-$K/config"
vmlinux 6.12-$K >"$T/linux-image-6.12-$K/boot/vmlinux-6.12-$K"
deb linux-image-$K "linux-image-7.2-$K (= 1)"
deb linux-image-7.2-$K "linux-base-7.2-$K, linux-binary-7.2-$K, linux-modules-7.2-$K, linux-base, kmod"
deb linux-binary-7.2-$K ''
deb linux-modules-7.2-$K ''
deb linux-base-7.2-$K ''
deb linux-image-6.12-$K ''
publish

# The system's apt configuration, as far as qbisect sees it.
cat >"$T/apt.conf" <<END
Dir::Etc::sourcelist "$T/sources.list";
Dir::Etc::sourceparts "$T/none";
Dir::Etc::parts "/dev/null";
Dir::Etc::main "/dev/null";
APT::Update::Pre-Invoke { "touch $T/hook"; };
END
export APT_CONFIG=$T/apt.conf
echo "deb [signed-by=$T/debian-archive-keyring.gpg] copy:$archive stable main" >"$T/sources.list"

# --- what a user sees ------------------------------------------------------------------------------------------------

expect 'a meta package leads to a kernel in parts' 0 fetch debian forky linux-image-$K
equal 'its id stands alone on the last line' "$out" "7.2-$K"
matches 'progress goes to stderr' "$errors" "downloading linux-binary-7.2-${K}_1_ppc64el.deb"
equal 'the record is whole' \
	"$("$QBISECT" kernel show --json --home "$T/home" 7.2-$K | jq -r '[.pagesize, .has_modules, (.sources | length)] | join(" ")')" \
	'65536 true 4'
[ ! -e "$T/hook" ] && pass "the system's hooks are not run" || fail "the system's hooks are not run"

mv "$archive" "$T/away"
expect 'a second time it needs no archive' 0 fetch debian forky linux-image-$K:ppc64le
equal 'and gives the same id' "$out" "7.2-$K"
equal 'nothing is downloaded' "$(grep -c downloading <<<"$errors")" 0
mv "$T/away" "$archive"

expect 'two packages' 0 fetch debian forky linux-image-6.12-$K linux-image-7.2-$K
equal 'two ids' "$out" $'6.12-'$K$'\n7.2-'$K

packages=$XDG_CACHE_HOME/qbisect/packages
echo damaged >"$packages/linux-image-6.12-${K}_1_ppc64el.deb"
expect 'a damaged download is noticed and fetched again' 0 fetch debian forky linux-image-6.12-$K
matches 'it says so' "$errors" 'downloading linux-image-6.12'

mv "$archive/pool/linux-binary-7.2-${K}_1_ppc64el.deb" "$T/away"
rm "$packages/linux-binary-7.2-${K}_1_ppc64el.deb"
expect 'a meta package whose kernel the mirror lacks leads to the one before' 0 fetch debian forky linux-image-$K
equal 'its id' "$out" "6.12-$K"
matches 'it says so' "$errors" "taking linux-image-6.12-$K instead of the newer linux-image-7.2-$K"
expect 'a kernel that is asked for by its version is not replaced' 128 fetch debian forky linux-image-7.2-$K
mv "$T/away" "$archive/pool/linux-binary-7.2-${K}_1_ppc64el.deb"

# --- a mirror that stops in the middle ---------------------------------------------------------------------------------

mirror "$archive"
echo "deb [signed-by=$T/debian-archive-keyring.gpg] $url stable main" >"$T/sources.list"
rm -rf "$packages"
touch "$T/cut"
note_finished "$T/home"
expect 'a mirror that cuts a package off' 128 fetch debian forky linux-image-7.2-$K
matches 'which package, and what to do' "$errors" 'cannot download linux-image-7.2.*; try again.*apt-get failed'
came_of 'a mirror cuts a package off' "exit 128, the package is named"
equal 'it is one error' "$(grep -c '^qbisect: ' <<<"$errors")" 1
rm "$T/cut"

# Killed while it waits for the second half: apt is not left behind.
touch "$T/hang"
: >"$T/log"
(exec "$QBISECT" kernel fetch debian forky linux-image-7.2-$K --home "$T/home" >"$T/out" 2>&1) &
fetching=$!
for _ in $(seq 200); do
	! grep -q 'linux-binary.*deb' "$T/log" || break
	sleep 0.05
done
mapfile -t left < <(descendants $fetching)
[ ${#left[@]} -ge 3 ] && pass 'it waits for the mirror' || fail 'it waits for the mirror' "$(<"$T/out")"
kill -9 "${left[0]}"
wait $fetching
equal 'a killed fetch is the host'"'"'s error' $? 128
equal 'nothing of it is left' "$(ps -o pid=,args= "${left[@]}")" ''

# It does not wait for ever: apt has a limit of time of its own, 30 s, and here a smaller one.
echo 'Acquire::http::Timeout "1";' >>"$T/apt.conf"
expect 'a mirror that says nothing more' 128 fetch debian forky linux-image-7.2-$K
matches 'which package, and what to do' "$errors" 'cannot download linux-image-7.2.*; try again.* timed out'
came_of 'a mirror hangs in a package' 'exit 128, the package is named'
sed -i '$d' "$T/apt.conf"
rm "$T/hang"
expect 'then it goes on' 0 fetch debian forky linux-image-7.2-$K --json
equal 'as JSON' "$(jq -r '.kernels[].id' <<<"$out")" 7.2-$K
came_of 'kill -9 of a worker that fetches' 'exit 128; then it goes on'

# Lists that are cut off: without older ones it is told after three tries, with them it goes on.
lists=$XDG_CACHE_HOME/qbisect/apt
mv "$lists" "$T/lists"
touch "$T/cut-lists"
expect 'a mirror that cuts its lists off' 128 fetch debian forky linux-image-7.2-$K
matches 'which lists, and what apt says' "$errors" 'fetching the package lists of forky: apt-get failed'
equal 'it is one error' "$(grep -c '^qbisect: ' <<<"$errors")" 1
equal 'no part of them is used' "$(find "$lists" -name '*Packages*')" ''
came_of 'a mirror cuts its lists off' 'exit 128'
rm "$T/cut-lists"
expect 'whole again, they are fetched' 0 fetch debian forky linux-image-7.2-$K
equal 'and lead to the same kernel' "$out" 7.2-$K

# --- what goes wrong -------------------------------------------------------------------------------------------------

expect 'an unknown package' 129 fetch debian forky linux-image-6.13-$K
matches 'names a near one' "$errors" "did you mean 'linux-image-6.12-$K'"
matches 'the lists were fetched anew first' "$errors" 'fetching the package lists'
expect 'an unknown suite' 129 fetch debian nosuite linux-image-$K
matches 'says so' "$errors" 'no suite nosuite'
expect 'a package without an architecture' 129 fetch debian forky linux-image-x
expect 'something else than debian' 129 fetch fedora 40 kernel
expect 'no package' 129 fetch debian forky

echo 'Package: forged' >>"$archive/dists/forky/main/binary-ppc64el/Packages"
rm -f "$XDG_CACHE_HOME"/qbisect/apt/*/updated "$XDG_CACHE_HOME"/qbisect/apt/*/state/lists/*Packages*
sed -i 's/^Suite: forky/Suite: forged/' "$archive/dists/forky/InRelease"
expect 'a forged signature' 128 fetch debian forky linux-image-$K
matches 'says so' "$errors" 'apt-get failed'

echo "deb http://nobody.invalid/repo nosuch main" >"$T/sources.list"
expect "a system without Debian's archive" 128 fetch debian forky linux-image-$K
matches 'says where it looked' "$errors" "no entry for Debian's archive"
show_table
