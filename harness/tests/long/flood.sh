# A minute of a guest that writes at full speed, on each kind of serial: it is stopped when it has written what is taken, or
# ends by itself when it is slower than that; either way in bounded memory, with bounded logs.
. harness/tests/lib.sh
. harness/tests/rogue.sh

x86=$(fetch linux-image-amd64:amd64)
ppc=$(fetch linux-image-powerpc64le-64k:ppc64el)

boot quiet --kernel "$x86" --inject "$(rogue x86_64)" -- sleep 5 exit 0
idle=$(<"$T/quiet.memory")
judged quiet 0 clean test 360

# The log takes a few lines in a second, until it is told to take all.
flooded() { # NAME KERNEL ARCH DEVICE [SECONDS]
	boot "$1" --kernel "$2" --inject "$(rogue "$3")" -- \
		to /proc/sys/kernel/printk_devkmsg say on to "$4" flood "${5:-60}" exit 0
	if [ "$(<"$T/$1.status")" = 0 ]; then judged "$1" 0 clean test 360; else judged "$1" 125 flood test 360; fi
}
flooded x86-console "$x86" x86_64 /dev/console
flooded x86-log "$x86" x86_64 /dev/kmsg
flooded ppc-console "$ppc" ppc64le /dev/console

# Long enough for what is taken to be reached.
flooded x86-long "$x86" x86_64 /dev/console 280
equal 'x86-long: it was stopped' "$(of x86-long class)" flood

# A disk that is full on the host: QEMU gives the guest up, each time.
PATH=$(faulty full-disk) boot full-disk --kernel "$x86" --scenario AD033 --set iterations=40
equal 'full-disk: it is not the kernel' "$(<"$T/full-disk.status") $(of full-disk verdict)" '128 broken'
bounded full-disk
seen_of full-disk 128 "$(of full-disk verdict) $(of full-disk class)"

# What is written between the lines of the report is no report.
boot x86-events --kernel "$x86" --inject "$(rogue x86_64)" -- to /dev/ttyS1 flood 60 exit 0
equal 'x86-events: nothing is proved' "$(<"$T/x86-events.status")" 125
judged x86-events 125 'flood|incomplete' test 360
