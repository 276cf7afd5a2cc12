# For tests: another host, with libvirtd, sshd and QEMU alone, on this one. It is a mount namespace, in which libvirt's folders are
# in $T/remote and /run is its own; what runs in it is what runs on that host. Of it is kept what libvirt has found out about
# QEMU, which takes it half a minute. It has no KVM, whatever this host has: where that does not work libvirt looks at
# QEMU again and again. Sourced behind lib.sh; sets URI. Root alone can have it.

R=$T/remote
PATH=$PATH:/usr/sbin:/sbin # where the daemons are
declare -A remote_folder=([etc]=/etc/libvirt [lib]=/var/lib/libvirt [cache]=/var/cache/libvirt [log]=/var/log/libvirt)
declare -A daemon=() # name -> pid
made_folders=()
URI=

# Dies with this shell, whatever way that dies.
start_on_host() { # NAME COMMAND...
	local name=$1
	shift
	setsid setpriv --pdeathsig KILL nsenter --mount="/proc/${daemon[host]}/ns/mnt" "$@" >>"$R/$name.out" 2>&1 </dev/null &
	daemon[$name]=$!
}

# Who runs on it.
on_host() {
	local file space
	space=$(readlink "/proc/${daemon[host]}/ns/mnt") || return 0
	for file in /proc/[0-9]*/ns/mnt; do
		[ "$(readlink "$file" 2>/dev/null)" = "$space" ] && echo "${file//[!0-9]/}"
	done
	return 0
}
guests_on_host() {
	local pid
	for pid in $(on_host); do
		case $(readlink "/proc/$pid/exe") in */qemu-system-*) echo "$pid" ;; esac
	done
	return 0
}

end_daemon() { # NAME SIGNAL
	[ -n "${daemon[$1]:-}" ] || return 0
	kill "-$2" "${daemon[$1]}" 2>/dev/null
	wait "${daemon[$1]}" 2>/dev/null
	unset "daemon[$1]"
}
stop_host() {
	local pid name
	if [ -n "${daemon[host]:-}" ]; then
		for pid in $(on_host); do [ "$pid" = "${daemon[host]}" ] || kill -KILL "$pid" 2>/dev/null; done
	fi
	for name in "${!daemon[@]}"; do end_daemon "$name" KILL; done
	[ "${#made_folders[@]}" -eq 0 ] || rmdir "${made_folders[@]}" 2>/dev/null
}
trap 'stop_host; rm -rf "$T"' EXIT

free_port() {
	local port=$((20000 + RANDOM % 11900))
	while (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
	echo "$port"
}

# A host without systemd, virtlogd, AppArmor; QEMU is libvirt's own user's, as it is where that is not so.
write_host() { # PORT
	local name
	mkdir -p "$R/run" "$R/dev"
	mkdir -p "${XDG_CACHE_HOME:-$HOME/.cache}/qbisect/remote"
	ln -s "$(realpath "${XDG_CACHE_HOME:-$HOME/.cache}/qbisect/remote")" "$R/cache"
	for name in "${!remote_folder[@]}"; do
		mkdir -p -m 755 "$R/$name"
		[ -d "${remote_folder[$name]}" ] || { mkdir "${remote_folder[$name]}" && made_folders+=("${remote_folder[$name]}"); }
	done
	printf '%s\n' 'auth_unix_rw = "none"' 'log_outputs = "2:stderr"' >"$R/etc/libvirtd.conf"
	printf '%s\n' 'stdio_handler = "file"' 'security_driver = "none"' 'namespaces = []' 'cgroup_controllers = []' >"$R/etc/qemu.conf"
	ssh-keygen -q -t ed25519 -N '' -C test -f "$R/key" && ssh-keygen -q -t ed25519 -N '' -C test -f "$R/hostkey" || return 1
	cp "$R/key.pub" "$R/authorized"
	echo "[127.0.0.1]:$1 $(cut -d ' ' -f 1,2 "$R/hostkey.pub")" >"$R/known"
	# libvirt tells ssh of no file of known hosts.
	printf '%s\n' '#!/bin/sh' "exec ssh -F none -i '$R/key' -o UserKnownHostsFile='$R/known' \"\$@\"" >"$R/ssh"
	chmod 755 "$R/ssh"
	printf '%s\n' "Port $1" 'ListenAddress 127.0.0.1' "HostKey $R/hostkey" "AuthorizedKeysFile $R/authorized" 'StrictModes no' \
		'PidFile none' 'UsePAM no' 'PermitRootLogin prohibit-password' 'PasswordAuthentication no' >"$R/sshd_config"
}

# Its mounts, which nobody else sees.
write_mounts() {
	local name
	echo 'set -e'
	for name in "${!remote_folder[@]}"; do echo "mount --bind '$R/$name' '${remote_folder[$name]}'"; done
	echo "mount --bind '$R/run' /run && mkdir -p /run/sshd"
	echo "mount -t tmpfs -o mode=755 dev '$R/dev' && cd '$R/dev'"
	for name in null zero full random urandom tty; do echo "touch $name && mount --bind /dev/$name $name"; done
	echo "mkdir pts shm && chmod 1777 shm && mount --bind /dev/pts pts && ln -s pts/ptmx ptmx && ln -s /proc/self/fd fd"
	echo "mount --rbind '$R/dev' /dev && touch '$R/mounted' && cd / && exec sleep infinity"
}
enter_host() {
	write_mounts >"$R/mounts"
	setsid setpriv --pdeathsig KILL unshare --mount --propagation private bash "$R/mounts" >"$R/host.out" 2>&1 </dev/null &
	daemon[host]=$!
}

await_file() { # FILE SECONDS
	local i
	for ((i = 0; i < $2 * 10; i++)); do [ -e "$1" ] && return 0 || sleep 0.1; done
	return 1
}

start_libvirtd() {
	rm -f "$R/run/libvirt/libvirt-sock"
	start_on_host libvirtd libvirtd
	await_file "$R/run/libvirt/libvirt-sock" 20
}

# True when it can be reached.
start_host() {
	local port program
	for program in libvirtd sshd ssh nsenter; do
		command -v "$program" >/dev/null && continue
		echo "$program is not installed: run 'make deps'"
		return 1
	done
	port=$(free_port)
	write_host "$port" || return 1
	enter_host
	await_file "$R/mounted" 10 || { cat "$R/host.out"; return 1; }
	start_on_host sshd "$(command -v sshd)" -D -e -f "$R/sshd_config"
	start_libvirtd || { tail -n 20 "$R"/*.out; return 1; }
	URI="qemu+ssh://root@127.0.0.1:$port/system?command=$R/ssh&no_tty=1"
}
