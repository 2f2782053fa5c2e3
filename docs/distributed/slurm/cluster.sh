#!/usr/bin/env bash
# Runs a command in a Slurm cluster of its own: a controller and two nodes, in namespaces with nothing but a loopback.
# When the command ends, all of it is gone.
#
# Usage: cluster.sh COMMAND.., as root, with Debian's slurmctld, slurmd, slurm-client and munge installed.
set -euo pipefail

if [ "${1:-}" != --inside ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    unshare --net --pid --uts --fork --kill-child --mount-proc "$0" --inside "$work" "$@"
    exit
fi
work=$2
shift 2
ip link set lo up
# Name look-ups count no address of 127.0.0.0/8 as one.
ip address add 10.0.0.1/32 dev lo
hostname localhost

mkdir "$work/state" "$work/spool-n1" "$work/spool-n2"
chmod 755 "$work"
dd if=/dev/urandom of="$work/munge.key" bs=1024 count=1 status=none
chmod 400 "$work/munge.key"
munged --force --foreground --origin=127.0.0.1 --key-file="$work/munge.key" --socket="$work/munge.sock" --pid-file="$work/munge.pid" \
    --log-file="$work/munge.log" --seed-file="$work/munge.seed" >"$work/munged.log" 2>&1 &

cat >"$work/slurm.conf" <<EOF
ClusterName=gorace
SlurmctldHost=localhost(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$work/munge.sock
SlurmUser=root
SlurmdUser=root
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MinJobAge=300
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=17001 CPUs=1
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=17002 CPUs=1
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF=$work/slurm.conf
slurmctld -D >"$work/ctld.out" 2>&1 &
slurmd -D -N n1 >"$work/n1.out" 2>&1 &
slurmd -D -N n2 >"$work/n2.out" 2>&1 &

# Both wait for munged by themselves.
ready() { [ -S "$work/munge.sock" ] && [ "$(sinfo --noheader --responding --states=idle --format=%D 2>/dev/null)" = 2 ]; }
for _ in $(seq 300); do
    ready && break
    sleep 0.1
done
ready || { cat "$work"/*.log "$work"/*.out >&2; echo "cluster.sh: the nodes did not come up" >&2; exit 1; }
status=0
"$@" || status=$?
exit "$status"
