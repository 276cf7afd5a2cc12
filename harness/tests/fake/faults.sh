# Faults while the program writes, on the fake back end: a sample of what `make soak` does at length.
. harness/tests/lib.sh
. harness/tests/play.sh
. harness/tests/faults.sh

RANDOM=7
import_package
full_home
rolling_home
walk run kill any 9
walk run crash any 41 7
walk run ENOSPC space+ 13 2
walk run EIO any 17 3
walk bisect kill any 201 11
walk bisect ENOSPC space+ 201 29
walk matrix kill any 97 5
walk regress kill any 311 400
walk import kill any 7
walk gc ENOSPC space+ 61 9
walk gc kill any 61 9
walk rebuild EIO any 11 200
walk html crash any 13 5
unit_json
walk factors kill any 411 13
walk factors ENOSPC space+ 401 29
walk remove kill any 5 2
walk remove EIO any 5 3
walk file kill any 5 2
walk file ENOSPC space+ 3
walk worker kill any 31 7
walk worker EIO any 41 3
# Found by `make soak`.
walk_at run EIO '^unlink .*/disk.img$'
walk_at regress kill '^rename .*/second/campaign.json' 2
walk_at regress EIO '^open .*/second-bisect-1/[^/]*/verdict.json'

fault='SIGINT in report --output'
afresh file
cp "$T/out.json" "$T/before.json"
struck interrupt:read:1 do_file
equal "$fault: its code" $status 130
matches "$fault: it is told" "$(<"$T/stderr")" 'interrupted: nothing was written'
[ -s "$T/hit" ] && cmp -s "$T/out.json" "$T/before.json" && saw "$fault" 'exit 130' || broke lost "$fault" 'what stood there before is another'
row "$fault"
nothing_left "$fault" "$T/work"
verdict "$fault"
kills 10
show_table
