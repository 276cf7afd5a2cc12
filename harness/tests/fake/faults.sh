# Faults while a campaign runs on the fake back end: a sample of what `make soak` does at length.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/faults.sh

RANDOM=7
walk run kill any 5
walk run ENOSPC space+ 5 2
walk run EIO any 5 3
walk bisect kill any 97 11
walk bisect ENOSPC space+ 97 29
rolling_home
walk regress kill any 211 400
kills 10
show_table
