# The parallel matrix on the fake back end, built with ThreadSanitizer, which ends a run with status 66 and says why.
. harness/tests/lib.sh

# Its shadow has fixed places, which the kernel's random ones get into the way of.
QBISECT="setarch $(uname -m) -R $QBISECT"
cat >"$T/qbisect" <<END
#!/bin/sh
exec $QBISECT "\$@"
END
chmod +x "$T/qbisect"
QBISECT=$T/qbisect
. harness/tests/play.sh

cat >"$T/wide.json" <<'END'
{
  "candidates": ["k1", "k2", "k3", "k4", "k5", "k6"],
  "environments": [{ "name": "nocow" }, { "name": "plain", "set": { "nocow": false } }],
  "scenarios": ["AD033", "AD029-AD031"], "set": { "iterations": 2 }, "repeats": 2, "slots": 6
}
END
quiet() { # NAME
	equal "$1: no race" "$(grep -A 20 ThreadSanitizer <<<"$errors" | head -n 40)" ''
}
expect 'six guests at a time' 1 q matrix --connect "fake:$T/play" "$T/wide.json" --json
quiet 'six guests at a time'
equal 'every cell was tried' "$(jq '[.cells[] | select(.trials == 2)] | length' <<<"$out")" 48
sed 's/"repeats": 2/"repeats": 1, "together": 4/' "$T/wide.json" >"$T/together.json"
expect 'scenarios that share boots' 1 q matrix --connect "fake:$T/play" "$T/together.json" --json
quiet 'scenarios that share boots'
echo failed >"$T/play/k1.end"
expect 'with a kernel that breaks' 1 q matrix --connect "fake:$T/play" "$T/wide.json" --json
quiet 'with a kernel that breaks'
expect 'a bisection' 0 q bisect --connect "fake:$T/play" --scenario AD033 --kernels k2,k3,k4,k5,k6
quiet 'a bisection'
expect 'a bisection with several boots at a time' 0 q bisect --connect "fake:$T/play" --scenario AD033 --kernels k2,k3,k4,k5,k6 --slots 3
quiet 'a bisection with several boots at a time'
