#!/bin/bash
# docs/many-repositories.md, block by block: one plan over many repositories by GNU parallel, by the same over ssh (an sshd of
# our own on 127.0.0.1), and by a Slurm array (one node, of our own), with one report each time.
# shellcheck source=tests/e2e.sh
. "${SRC_DIR:-$(cd "$(dirname "$0")/.." && pwd)}/tests/e2e.sh"
command -v parallel >/dev/null || {
	echo 'parallel is not installed' >&2
	exit 77
}
mkdir "$scratch/bin" "$scratch/work" "$scratch/blocks"
ln -s "$BELAY" "$scratch/bin/belay"
PATH=$scratch/bin:$PATH:/usr/sbin:/sbin
export HOME="$scratch"
mkdir "$HOME/.parallel" && touch "$HOME/.parallel/will-cite"
cd "$scratch/work"
stop() {
	local pid
	for pid in $(cat "$scratch"/*.pid 2>/dev/null); do kill "$pid" 2>/dev/null || :; done
	wait
	rm -rf "$scratch"
}
trap stop EXIT

awk -v dir="$scratch/blocks" '/^```$/ { file = ""; next }
	/^```/ { file = sprintf("%s/%d.%s", dir, ++n, substr($0, 4)); next }
	file { print >file }' "$SRC_DIR/docs/many-repositories.md"
[ "$(cat "$scratch"/blocks/*.sh | grep -c '^parallel\|^sbatch')" -eq 3 ] || fail "docs/many-repositories.md has other blocks"

fresh() { # three repositories, the last of which does not build
	rm -rf repos reports
	for name in a b c; do
		mkdir -p "repos/$name"
		printf 'int old_name(int a);\n\nint old_name(int a)\n{\n\treturn a;\n}\n' >"repos/$name/use.c"
	done
	echo 'int missing = gone;' >>repos/c/use.c
	for name in a b c; do git init -q "repos/$name" && git -C "repos/$name" add . && git -C "repos/$name" commit -qm start; done
	cp "$scratch/blocks/1.yaml" plan.yaml
	sh "$scratch/blocks/2.sh"
}
# Runs a block; its last command is the report.
block() {
	fresh
	local got=0
	sh "$scratch/blocks/$1.sh" >"$scratch/out" 2>"$scratch/err" </dev/null || got=$?
	grep -q '^total  *2 of 3 runs are done' "$scratch/out" && [ "$got" -eq 1 ] || {
		fail "block $1: exit $got, and no report of two that are done and one that is not"
		tail -n 20 "$scratch/out" "$scratch/err" reports/*.log >&2 || :
	}
	grep -q new_name repos/a/use.c && grep -q new_name repos/b/use.c || fail "block $1: nothing was renamed"
	grep -q old_name repos/c/use.c || fail "block $1: what does not build was kept"
}
skip_why=
block 3

# An sshd of our own, with keys of its own.
by_ssh() {
	command -v sshd >/dev/null && command -v ssh-keygen >/dev/null || { skip_why="openssh-server is not installed"; return; }
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	local port
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null) ||
		{ skip_why="there is no python3 to find a free port"; return; }
	ssh-keygen -q -t ed25519 -N '' -f "$scratch/host_key"
	ssh-keygen -q -t ed25519 -N '' -f "$scratch/user_key"
	cat >"$scratch/sshd_config" <<-END
		Port $port
		ListenAddress 127.0.0.1
		HostKey $scratch/host_key
		PidFile $scratch/sshd-own
		AuthorizedKeysFile $scratch/user_key.pub
		StrictModes no
		UsePAM no
		SetEnv PATH=$PATH XDG_STATE_HOME=$XDG_STATE_HOME XDG_CACHE_HOME=$XDG_CACHE_HOME GIT_CONFIG_GLOBAL=$GIT_CONFIG_GLOBAL
	END
	cat >"$scratch/ssh_config" <<-END
		Host here
		HostName 127.0.0.1
		Port $port
		User $(id -un)
		IdentityFile $scratch/user_key
		IdentitiesOnly yes
		StrictHostKeyChecking no
		UserKnownHostsFile /dev/null
		LogLevel ERROR
	END
	"$(command -v sshd)" -D -e -f "$scratch/sshd_config" 2>"$scratch/sshd.log" &
	echo $! >"$scratch/sshd.pid"
	until grep -q 'Server listening' "$scratch/sshd.log"; do kill -0 "$(cat "$scratch/sshd.pid")" 2>/dev/null || break; done
	ssh -F "$scratch/ssh_config" here true 2>"$scratch/err" </dev/null || { skip_why="this machine lets nobody in by ssh: $(head -n 1 "$scratch/err")"; return; }
	export HOSTS="ssh -F $scratch/ssh_config here"
	block 4
}
by_ssh
[ -z "$skip_why" ] || echo "over ssh: skipped: $skip_why" >&2

# A Slurm of one node: this machine.
by_slurm() {
	local name word
	skip_why=
	for word in sbatch slurmctld slurmd; do
		command -v $word >/dev/null || { skip_why="$word is not installed"; return; }
	done
	[ "$(id -u)" -eq 0 ] || { skip_why="slurmd wants to be root"; return; }
	name=$(hostname -s)
	mkdir "$scratch/slurm-state" "$scratch/slurm-spool"
	export SLURM_CONF="$scratch/slurm.conf"
	cat >"$SLURM_CONF" <<-END
		ClusterName=test
		SlurmctldHost=$name(127.0.0.1)
		SlurmUser=root
		SlurmctldPort=$((20000 + $$ % 10000))
		SlurmdPort=$((30001 + $$ % 10000))
		AuthType=auth/none
		CredType=cred/none
		ProctrackType=proctrack/pgid
		TaskPlugin=task/none
		MpiDefault=none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		ReturnToService=2
		SlurmctldPidFile=$scratch/slurmctld-own
		SlurmdPidFile=$scratch/slurmd-own
		SlurmdSpoolDir=$scratch/slurm-spool
		StateSaveLocation=$scratch/slurm-state
		NodeName=$name NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
		PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
	END
	slurmctld -D >"$scratch/slurmctld.log" 2>&1 &
	echo $! >"$scratch/slurmctld.pid"
	slurmd -D -N "$name" >"$scratch/slurmd.log" 2>&1 &
	echo $! >"$scratch/slurmd.pid"
	until [ "$(sinfo -h -o %t 2>/dev/null)" = idle ]; do
		kill -0 "$(cat "$scratch/slurmctld.pid")" "$(cat "$scratch/slurmd.pid")" 2>/dev/null || {
			skip_why="slurm does not start here: $(tail -n 1 "$scratch/slurmctld.log" "$scratch/slurmd.log" | tr '\n' ' ')"
			return
		}
	done
	block 5
}
by_slurm
[ -z "$skip_why" ] || echo "by Slurm: skipped: $skip_why" >&2
finish
