# shellcheck shell=bash
# Control groups: the slice of each host, and one group that holds every process the lab starts.

hierarchies() {
  awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/self/mounts | sort -u
}

# Where the lab's own processes are enlisted: cgroup v2 if there is one, for its cgroup.kill.
keeper() {
  local dir
  dir=$(awk '$3 == "cgroup2" && !n++ { print $2 }' /proc/self/mounts)
  [[ -n $dir ]] || dir=$(hierarchies | sed -n 1p)
  [[ -n $dir ]] || die "no cgroup hierarchy is mounted on this machine"
  printf '%s/%s.daemons\n' "$dir" "$lab_name"
}

# Puts the calling (sub)shell, and with it all it starts, under `down`.
enlist() {
  local group
  group=$(keeper)
  mkdir -p "$group"
  printf '%s\n' "$BASHPID" >"$group/cgroup.procs"
}

# `down` may be called by a process that `exec controller` enlisted: it must not end its callers.
leave_keeper() {
  local group root pid=$$
  group=$(keeper)
  [[ -d $group ]] || return 0
  root=${group%/*}
  while ((pid > 1)); do
    if grep -qx "$pid" "$group/cgroup.procs"; then printf '%s\n' "$pid" >"$root/cgroup.procs"; fi
    pid=$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/status" 2>/dev/null) || return 0
    [[ -n $pid ]] || return 0
  done
}

slice_groups() {
  local root
  for root in $(hierarchies); do printf '%s/%s\n' "$root" "$lab_name"; done
}

set_if_there() {
  [[ ! -e $1 ]] || printf '%s\n' "$2" >"$1"
}

# v2 hands a controller down only where each parent says so; v1 starts a cpuset empty.
open_controllers() {
  local group=$1 names name
  [[ -e $group/cgroup.controllers ]] || return 0
  read -ra names <"$group/cgroup.controllers"
  for name in "${names[@]}"; do
    printf '+%s\n' "$name" 2>/dev/null >"$group/cgroup.subtree_control" || true
  done
}

inherit_cpuset() {
  local group=$1 key
  for key in cpuset.cpus cpuset.mems; do
    if [[ -e $group/$key && ! -e $group/cgroup.controllers && -z $(cat "$group/$key") ]]; then
      cat "${group%/*}/$key" >"$group/$key"
    fi
  done
}

# create_slice HOST CORES MIB
create_slice() {
  local host=$1 cores=$2 mib=$3 parent group quota bytes
  quota=$(awk -v cores="$cores" 'BEGIN { printf "%d", cores * 100000 }')
  bytes=$((mib * 1048576))
  for parent in $(slice_groups); do
    group=$parent/$host
    mkdir -p "$group"
    open_controllers "${parent%/*}"
    open_controllers "$parent"
    inherit_cpuset "$parent"
    inherit_cpuset "$group"
    set_if_there "$group/cpu.cfs_period_us" 100000
    set_if_there "$group/cpu.cfs_quota_us" "$quota"
    set_if_there "$group/memory.limit_in_bytes" "$bytes"
    set_if_there "$group/memory.memsw.limit_in_bytes" "$bytes"
    set_if_there "$group/cpu.max" "$quota 100000"
    set_if_there "$group/memory.max" "$bytes"
    set_if_there "$group/memory.swap.max" 0
  done
}

group_processes() {
  find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null | grep -vx 0
}

no_processes() {
  [[ ! -d $1 || -z $(group_processes "$1") ]]
}

# Again until empty: a process may fork between the reading and the killing.
kill_round() {
  local group=$1 pid
  set_if_there "$group/cgroup.kill" 1 2>/dev/null || true
  for pid in $(group_processes "$group"); do kill -KILL "$pid" 2>/dev/null || true; done
  no_processes "$group"
}

kill_group() {
  [[ -d $1 ]] || return 0
  wait_for "the processes of $1 have ended" kill_round "$1"
}

remove_group() {
  [[ ! -d $1 ]] || find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
  [[ ! -d $1 ]]
}

# What a power failure leaves of a host's containers: nothing.
remove_slice() {
  local parent group
  for parent in $(slice_groups); do
    kill_group "$parent/$1"
    wait_for "$parent/$1 is removed" remove_group "$parent/$1"
  done
}

remove_slices() {
  local parent
  for parent in $(slice_groups); do
    kill_group "$parent"
    wait_for "$parent is removed" remove_group "$parent"
  done
}
