# kernel build over a stand-in for a kernel tree.
. harness/tests/lib.sh
. harness/tests/tree.sh

banner one >"$repo/main.c"
echo text >"$repo/README"
first=$(commit first)
banner two >"$repo/main.c"
second=$(commit second)
echo more >>"$repo/README"
third=$(commit third)
git -C "$repo" revert --no-edit HEAD~1 >/dev/null 2>&1
fourth=$(git -C "$repo" rev-parse HEAD)
echo 'int broken = nowhere;' >>"$repo/main.c"
broken=$(commit broken)
git -C "$repo" revert --no-edit HEAD >/dev/null 2>&1

expect 'a commit is built' 0 build --rev "$first"
id=$out
matches 'its id says what it is' "$id" '^6\.1\.0-fake-ppc64le-64k-[0-9a-f]{12}$'
matches 'progress tells' "$errors" 'first\) is 6\.1\.0.*: ppc64le, 64k pages'
expect 'it is known then' 0 build --rev "$first"
equal 'and is the same' "$out" "$id"
matches 'and says so' "$errors" 'it was known'
expect 'the record has the commit' 0 "$QBISECT" kernel show --home "$home" --json "$id"
equal 'with its name' "$(jq -r '.origin + " " + .git.commit' <<<"$out")" "git $first"

expect 'another commit is another kernel' 0 build --rev "$second"
two=$out
[ "$two" != "$id" ] && pass 'with another id' || fail 'with another id' "$two"
expect 'a commit with the same image' 0 build --rev "$third"
equal 'is the same kernel' "$out" "$two"
matches 'and says whose' "$errors" "same image as that of ${second:0:12}"
expect 'a commit back to the first source' 0 build --rev "$fourth" --json
equal 'is the first kernel' "$(jq -r .id <<<"$out")" "$id"

expect 'a commit that does not build is a skip' 125 build --rev "$broken"
matches 'with the first error' "$errors" "commit ${broken:0:12} \(broken\) does not build for ppc64le: main.c:.*nowhere"
runs=$(cat "$home"/kernels/cache/.build/*/tree/.qbisect-ppc64le-*/runs | wc -l)
expect 'it is known not to build' 125 build --rev "$broken"
equal 'without trying again' "$(cat "$home"/kernels/cache/.build/*/tree/.qbisect-ppc64le-*/runs | wc -l)" "$runs"

expect 'the checkout as it stands' 0 build
equal 'is HEAD' "$out" "$id"
echo dirty >>"$repo/README"
expect 'a dirty checkout is refused' 129 build
matches 'with the file' "$errors" '\(README\).*git stash'
git -C "$repo" checkout -q README
expect 'the user is where he was' 0 git -C "$repo" symbolic-ref HEAD

expect 'a revision that is none' 129 build --rev nowhere
matches 'is named' "$errors" "'nowhere' names no commit"
expect 'a folder without git' 129 "$QBISECT" kernel build --home "$home" --git "$T" --arch ppc64le
expect 'an architecture that is none' 129 build --arch sparc
matches 'lists those there are' "$errors" 'expected ppc64le, x86_64'
expect 'a page size that is none' 129 build --pagesize 16k
matches 'lists those there are' "$errors" '4k or 64k'
printf 'CONFIG_PPC64=y\nCONFIG_CPU_LITTLE_ENDIAN=y\nCONFIG_PPC_4K_PAGES=y\n' >"$T/config"
expect 'a configuration with another page size' 129 build --config "$T/config" --pagesize 64k
matches 'is named' "$errors" "$T/config says pages of 4k, but 64k are asked for"
expect 'a configuration of another architecture' 129 build --config "$T/config" --arch x86_64
expect 'a configuration of the user' 0 build --config "$T/config"
matches 'has its page size' "$out" 'ppc64le-4k'
expect 'no configuration' 129 build --config "$T/repo/main.c"

mkdir "$T/bin"
for tool in git make gcc flex bison bc perl sh; do ln -s "$(command -v $tool)" "$T/bin/$tool"; done
expect 'a missing compiler' 128 env PATH="$T/bin" "$QBISECT" kernel build --home "$home" --git "$repo" --arch ppc64le
matches 'names its package' "$errors" 'apt-get install gcc-powerpc64le-linux-gnu'
expect 'a home that make cannot use' 129 "$QBISECT" kernel build --home "$T/a b" --git "$repo" --arch ppc64le

# What is the machine's fault is no skip, and is not remembered.
echo '/* full */' >>"$repo/main.c"
full=$(commit full)
expect "a full disk is the host's fault" 128 env FULL=1 "$QBISECT" kernel build --home "$home" --git "$repo" --arch ppc64le
matches 'and says what to do' "$errors" 'No space left on device: make room on the disk'
mkdir "$T/broken"
echo 'no program' >"$T/broken/make" && chmod +x "$T/broken/make"
expect 'so is a make that cannot be started' 128 env PATH="$T/broken:$PATH" "$QBISECT" kernel build --home "$home" --git "$repo" --arch ppc64le
matches 'and is named' "$errors" 'make cannot be started'
expect 'and is tried again' 0 build --rev "$full"

# A symbol that the tree does not let be so.
sed -i 's/grep -v LOST/grep -v CONFIG_BTRFS_FS/' "$repo/Makefile"
dropped=$(commit lost)
expect 'a symbol that did not survive is a skip' 125 build --rev "$dropped"
matches 'and is named' "$errors" 'CONFIG_BTRFS_FS=y'
git -C "$repo" revert --no-edit HEAD >/dev/null 2>&1

# Time limit, interruption, death.
echo 60 >"$repo/wait"
slow=$(commit slow)
expect 'a build that takes too long is a skip' 125 build --rev "$slow" --timelimit 1
matches 'and says so' "$errors" 'did not end within 1 s'
busy() { ls "$home"/kernels/cache/.build/*/tree/.qbisect-ppc64le-*/.qbisect-busy 2>/dev/null; }
equal 'make was asked to end, and did' "$(busy)" ''
"$QBISECT" kernel build --home "$home" --git "$repo" --arch ppc64le --rev "$slow" >"$T/log" 2>&1 &
pid=$!
for _ in $(seq 100); do [ -n "$(busy)" ] && break; sleep 0.1; done
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
equal 'an interruption gives 130' "$status" 130
equal 'and leaves the objects in order' "$(busy)" ''

tree=$(ls -d "$home"/kernels/cache/.build/*/tree)
[ -n "$tree" ] || exit 1
builds() { # what make started, wherever its parent is
	local file
	for file in /proc/[0-9]*/cwd; do
		[ "$(readlink "$file")" = "$tree" ] && basename "$(dirname "$file")"
	done
	return 0
}
"$QBISECT" kernel build --home "$home" --git "$repo" --arch ppc64le --rev "$slow" >"$T/log" 2>&1 &
pid=$!
for _ in $(seq 100); do [ -n "$(builds)" ] && break; sleep 0.1; done
kill -TERM $(builds) "$pid" # as the end of a cluster's job does
status=0
wait "$pid" || status=$?
equal 'a make that was signalled before us did not fail' "$status" 130
expect 'and nothing is remembered' 125 build --rev "$slow" --timelimit 1
matches 'that was not so' "$errors" 'did not end within 1 s'

"$QBISECT" kernel build --home "$home" --git "$repo" --arch ppc64le --rev "$slow" >"$T/log" 2>&1 &
pid=$!
for _ in $(seq 100); do [ -n "$(builds)" ] && break; sleep 0.1; done
workers=$(ps -o pid= --ppid "$pid")
kill -9 "$pid" $workers
wait "$pid" 2>/dev/null
[ -n "$(busy)" ] && pass 'killed: the objects are marked' || fail 'killed: the objects are marked'
echo 0 >"$repo/wait"
after=$(commit after)
touch "$tree/left" "$(git -C "$tree" rev-parse --absolute-git-dir)/index.lock"
for _ in $(seq 20); do [ -n "$(builds)" ] && sleep 0.1 || break; done
equal 'and what make started ends in two seconds, though nobody is left to end it' "$(builds)" ''
flock "$(dirname "$(dirname "$tree")")/lock" sleep 4 &
sleep 0.2
expect 'who holds the tree holds the next build off, which says so' 124 timeout 3 "$QBISECT" kernel build --home "$home" --git "$repo" --arch ppc64le --rev "$after"
matches 'waiting' "$errors" 'waiting for another process that holds'
wait $!
expect 'then the next one builds' 0 build --rev "$after"
matches 'from nothing' "$errors" 'beginning anew'
equal 'and leaves no mark' "$(busy)" ''
