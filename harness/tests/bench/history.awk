# awk -v n=36000 -v seed=1 -f history.awk: a history in the shape of real ones, as `git rev-list --parents` prints
# it, newest first. A main line into which branches are merged: 8 % merges, branches of one to some hundred commits
# that left the main line up to a thousand commits ago and now and then merge it back.
function add(p1, p2) {
	parents[++made] = p2 ? p1 " " p2 : p1
	return made
}
BEGIN {
	srand(seed)
	head = add(0)
	while (made < n) {
		b = int(rand() * 40) + 1
		if (!tip[b]) {
			from = head - int(exp(rand() * 7))
			tip[b] = add(from > 0 ? from : head)
			left[b] = int(exp(rand() * rand() * 6))
		} else if (left[b]-- > 0) {
			tip[b] = rand() < .02 ? add(tip[b], head) : add(tip[b])
		} else {
			head = add(head, tip[b])
			tip[b] = 0
			while (rand() < .68)
				head = add(head)
		}
	}
	for (b = 1; b <= 40; b++)
		if (tip[b])
			head = add(head, tip[b])
	for (i = made; i > 0; i--) {
		line = sprintf("%040x", i)
		count = split(parents[i], p, " ")
		for (k = 1; k <= count; k++)
			if (p[k])
				line = line sprintf(" %040x", p[k])
		print line
	}
}
