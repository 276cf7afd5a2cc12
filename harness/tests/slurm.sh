# For tests: a Slurm cluster on this host, without systemd or root: munged, slurmctld, and two slurmd, n1 and n2, which are as
# two hosts. All of it is in $T/slurm, with a key and a socket of its own. Sourced behind lib.sh; sets SLURM_CONF.

S=$T/slurm
PATH=$PATH:/usr/sbin:/sbin # where the daemons are, and which an ordinary user's lacks
export SLURM_CONF=$S/slurm.conf
declare -A daemon=() # name -> pid
controller=         # pid of the one that runs, the leader of a group
connect=fake:$T/play # where guests of jobs boot
ulimit -c 0         # a full spool crashes slurmstepd, which leaves a core where its slurmd was started
cpus=32             # of each node: guests of the fake back end take none

# Dies with this shell, whatever way that dies.
start_daemon() { # NAME COMMAND...
	local name=$1
	shift
	setsid setpriv --pdeathsig KILL "$@" >>"$S/$name.out" 2>&1 </dev/null &
	daemon[$name]=$!
}
start_node() { start_daemon "$1" slurmd -D -N "$1"; } # NAME

# Who has this cluster's configuration in the environment, whoever's child it is now: daemons, slurmstepd, jobs, workers. This
# shell has not: what it exported itself is not in its own.
members() {
	local file
	for file in /proc/[0-9]*/environ; do
		grep -qzxF "SLURM_CONF=$SLURM_CONF" "$file" 2>/dev/null && echo "${file//[!0-9]/}"
	done
}

# Cancels what is in the queue, and gives it half a minute to go. At once when slurmctld is not there.
empty_queue() {
	local end=$((SECONDS + 30))
	timeout 10 scancel --user="$(id -un)" 2>/dev/null
	while [ "$SECONDS" -lt $end ] && [ -n "$(timeout 10 squeue -h 2>/dev/null)" ]; do sleep 0.2; done
}

# What does not end by itself in time is killed.
stop_daemons() {
	local name pid i
	[ "${#daemon[@]}" -eq 0 ] || kill -TERM "${daemon[@]}" 2>/dev/null
	for name in "${!daemon[@]}"; do
		pid=${daemon[$name]}
		for i in $(seq 50); do kill -0 "$pid" 2>/dev/null && sleep 0.1 || break; done
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	daemon=()
	for pid in $(members); do kill -KILL "$pid" 2>/dev/null; done
}
stop_cluster() {
	[ -z "$controller" ] || kill -KILL -- "-$controller" 2>/dev/null
	controller=
	[ "${#daemon[@]}" -eq 0 ] || empty_queue
	stop_daemons
}
trap 'set +e; stop_cluster; rm -rf "$T"' EXIT # of a benchmark, where what fails ends the script

free_port() { # FROM
	local port=$1
	while (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
	echo "$port"
}

# As configs/slurm/slurm.conf.example, with this test's folder and ports, which are below those that connections are given. Jobs go
# to the node that has the fewest, so that both have some.
write_configuration() {
	local port1 port2 port3
	port1=$(free_port $((20000 + RANDOM % 11900)))
	port2=$(free_port $((port1 + 1)))
	port3=$(free_port $((port2 + 1)))
	sed -e "s|@HOST@|$(hostname -s)|; s|@USER@|$(id -un)|; s|@DIR@|$S|" \
		-e "s|@PORT@|$port1|; s|@PORT1@|$port2|; s|@PORT2@|$port3|" \
		-e "s|@CPUS@|$cpus|; s|@MEMORY@|64000|" -e 's|^SelectTypeParameters=.*|&,CR_LLN|' configs/slurm/slurm.conf.example >"$SLURM_CONF"
	echo 'SchedulerParameters=batch_sched_delay=0' >>"$SLURM_CONF" # three seconds by default, so that jobs come in crowds
}

# Whether each daemon lives.
daemons_live() {
	local pid
	for pid in "${daemon[@]}"; do kill -0 "$pid" 2>/dev/null || return 1; done
}

start_daemons() {
	local i
	rm -rf "$S" && mkdir -p "$S/state" "$S/n1" "$S/n2"
	write_configuration
	head -c 1024 /dev/urandom >"$S/munge.key"
	chmod 600 "$S/munge.key"
	start_daemon munged munged --foreground --force --key-file="$S/munge.key" --socket="$S/munge.socket" \
		--pid-file="$S/munge.pid" --seed-file="$S/munge.seed" --num-threads=2
	for i in $(seq 100); do [ -S "$S/munge.socket" ] && break || sleep 0.1; done
	start_daemon slurmctld slurmctld -D
	start_node n1
	start_node n2
	for i in $(seq 300); do
		[ "$(sinfo -h -N -t idle -o %N 2>/dev/null | wc -l)" -eq 2 ] && return 0
		daemons_live || break
		sleep 0.1
	done
	cat "$S"/*.out "$S"/*.log | tail -n 40
	return 1
}

# True when both nodes take jobs. A daemon that ends at once may have found its port taken since we looked: other ones are tried.
start_cluster() {
	local try program
	for program in munged slurmctld slurmd sbatch; do
		command -v "$program" >/dev/null && continue
		echo "$program is not installed: run 'make deps'"
		return 1
	done
	for try in 1 2 3; do
		start_daemons && return 0
		daemons_live && return 1
		echo "try $try: a daemon has ended"
		stop_daemons
	done
	return 1
}

# Jobs that were submitted so far.
submitted() { grep -c '_slurm_rpc_submit_batch_job: JobId=' "$S/slurmctld.log"; }
last_job() { sed -n 's/.*_slurm_rpc_submit_batch_job: JobId=\([0-9]*\).*/\1/p' "$S/slurmctld.log" | tail -n 1; }

# Waits until a command's output is not empty; it is in $found.
await() { # SECONDS COMMAND...
	local i n=$(($1 * 10))
	shift
	for ((i = 0; i < n; i++)); do
		found=$("$@" 2>/dev/null)
		[ -n "$found" ] && return 0
		sleep 0.1
	done
	return 1
}
jobs_in() { squeue -h -t "$1" -o '%i %N'; } # STATE

# NAME VERB WORDS...: in the background, as leader of a group; $controller is its pid.
begin() {
	local name=$1
	shift
	setsid "$QBISECT" "$@" --home "$T/home" --connect "$connect" --runtime slurm --name "$name" >"$T/$name.out" 2>"$T/$name.err" &
	controller=$!
}
# NAME [SECONDS]: waits for its controller, not for ever; what it ended with is in $status.
finish() {
	local limit=${2:-120}
	local end=$((SECONDS + limit))
	while kill -0 $controller 2>/dev/null && [ "$SECONDS" -lt $end ]; do sleep 0.1; done
	if kill -0 $controller 2>/dev/null; then
		fail "$1 ends within $limit s" "$(cat "$T/$1.err")"
		kill -KILL -- -$controller
	fi
	wait $controller 2>/dev/null
	status=$?
	controller=
}
# As if its host had lost power.
shoot() {
	kill -KILL -- -$controller
	wait $controller 2>/dev/null
	controller=
}
