# A stand-in for a kernel tree: a Makefile that answers as kbuild does, with one source file. Sourced behind lib.sh.

export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b
export CCACHE_DISABLE=1
repo=$T/repo home=$T/home
build() { "$QBISECT" kernel build --home "$home" --git "$repo" --arch ppc64le "$@"; }
commit() { git -C "$repo" add -A && git -C "$repo" commit -qm "$1" && git -C "$repo" rev-parse HEAD; }

git init -q -b main "$repo"
cat >"$repo/Makefile" <<'MAKE'
allnoconfig:
	grep -v LOST $(KCONFIG_ALLCONFIG) > $(O)/$(KCONFIG_CONFIG)
olddefconfig:
	@true
vmlinux:
	echo run >> $(O)/runs
	@test -z "$(FULL)" || { echo "cc1: error: x: No space left on device"; exit 1; }
	@test ! -e wait || sleep `cat wait`
	@while test -e "$(HOLD)"; do sleep 0.1; done
	cd $(O) && $(CC) -nostdlib -static -DPAGES=\"`grep -o 'PPC_[0-9]*K_PAGES=y' $(O)/.config`\" -o $(O)/vmlinux ../main.c
	echo "cmd := ../main.c" > $(O)/.main.o.cmd
MAKE
banner() { echo "const char banner[] = \"Linux version 6.1.0-fake (a@b) $1\" PAGES; void _start(void) {}"; }

# What the kernel of a commit plays: good or bad. For who has sourced play.sh, too.
plays() { # COMMIT KIND
	local id
	id=$(build --rev "$1" 2>/dev/null) || fail "building $1"
	"$2" 6.1.0-fake >"$T/play/$id.events"
	if [ "$2" = bad ]; then echo "$console_bad"; else echo "$console_good"; fi >"$T/play/$id.console"
}
change() { # WORD KIND: a commit with an image of its own; its name is in $made_commit
	banner "$1" >"$repo/main.c"
	made_commit=$(commit "main: $1")
	plays "$made_commit" "$2"
}
