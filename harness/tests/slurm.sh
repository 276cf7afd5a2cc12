# For tests: a Slurm cluster on this host, without systemd or root: munged, slurmctld, and two slurmd, n1 and n2, which are as
# two hosts. All of it is in $T/slurm, with a key and a socket of its own. Sourced behind lib.sh; sets SLURM_CONF.

S=$T/slurm
export SLURM_CONF=$S/slurm.conf
declare -A daemon=() # name -> pid

start_daemon() { # NAME COMMAND...
	local name=$1
	shift
	setsid "$@" >>"$S/$name.out" 2>&1 </dev/null &
	daemon[$name]=$!
}
start_node() { start_daemon "$1" slurmd -D -N "$1"; } # NAME

# What does not end by itself in time is killed.
stop_cluster() {
	local name pid i
	kill -TERM "${daemon[@]}" 2>/dev/null
	for name in "${!daemon[@]}"; do
		pid=${daemon[$name]}
		for i in $(seq 50); do kill -0 "$pid" 2>/dev/null && sleep 0.1 || break; done
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	daemon=()
	end_workers
}
# Those of a node that was killed, when a test ends before it has ended them: they are known by the test's folder.
end_workers() {
	local file
	for file in /proc/[0-9]*/cmdline; do
		tr '\0' ' ' <"$file" 2>/dev/null | grep -qF " worker --unit $T/" && kill -KILL "${file//[!0-9]/}" 2>/dev/null
	done
}
trap 'stop_cluster; rm -rf "$T"' EXIT

free_port() { # FROM
	local port=$1
	while (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
	echo "$port"
}

# As configs/slurm/slurm.conf.example, with this test's folder and ports.
write_configuration() {
	local base port1 port2 port3
	base=$((20000 + $$ % 20000))
	port1=$(free_port $base) port2=$(free_port $((port1 + 1)))
	port3=$(free_port $((port2 + 1)))
	sed -e "s|@HOST@|$(hostname -s)|; s|@USER@|$(id -un)|; s|@DIR@|$S|" \
		-e "s|@PORT@|$port1|; s|@PORT1@|$port2|; s|@PORT2@|$port3|" \
		-e 's|^SlurmdTimeout=.*|SlurmdTimeout=4|' configs/slurm/slurm.conf.example >"$SLURM_CONF"
	echo 'SchedulerParameters=batch_sched_delay=0' >>"$SLURM_CONF" # three seconds by default, so that jobs come in crowds
}

# True when both nodes take jobs.
start_cluster() {
	local i
	mkdir -p "$S/state" "$S/n1" "$S/n2"
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
		sleep 0.1
	done
	cat "$S"/*.out "$S"/*.log | tail -n 40
	return 1
}

# Jobs that were submitted so far.
submitted() { grep -c '_slurm_rpc_submit_batch_job: JobId=' "$S/slurmctld.log"; }

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
