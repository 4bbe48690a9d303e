#!/bin/bash
# PID 1 of a host: keeps its daemons running, and reaps what they leave (bash does that by itself).
# /run/plimsoll-lab/NAME.pid is the daemon's pid; while NAME.held exists it is not started again.
set -uo pipefail

run=/run/plimsoll-lab
logs=/var/log/plimsoll-lab
restart_after_s=1
# shellcheck source=lab/common.sh
. /usr/local/lib/plimsoll-lab/common.sh

note() {
  printf '%(%FT%TZ)T %s\n' -1 "$*" >>"$logs/init.log"
}

containerd_daemon() {
  exec containerd --config /etc/containerd/config.toml
}

dockerd_daemon() {
  # Left by a killed dockerd, it would be believed if another process has that pid now.
  rm -f /run/docker.pid
  while [[ ! -S /run/containerd/containerd.sock ]]; do pause 0.05; done
  exec dockerd --containerd /run/containerd/containerd.sock
}

sshd_daemon() {
  exec /usr/sbin/sshd -D -e
}

agent_daemon() {
  exec /usr/local/bin/plimsoll agent --config /etc/plimsoll/plimsoll.toml
}

keep() {
  local name=$1 code
  while :; do
    while [[ -e $run/$name.held ]]; do pause 0.1; done
    note "$name starts"
    "${name}_daemon" </dev/null >>"$logs/$name.log" 2>&1 &
    echo "$!" >"$run/$name.pid"
    wait "$!"
    code=$?
    rm -f "$run/$name.pid"
    note "$name ended with status $code"
    [[ -e $run/$name.held ]] || pause "$restart_after_s"
  done
}

# Caught, not ignored: what is ignored here would be ignored by every daemon.
trap : HUP INT TERM
note "boot"
for daemon in containerd dockerd sshd; do keep "$daemon" & done
if [[ -e /etc/plimsoll/plimsoll.toml ]]; then keep agent & fi
while :; do wait; pause 1; done
