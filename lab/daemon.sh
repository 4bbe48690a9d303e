# shellcheck shell=bash
# The daemons of a host: whether they answer, kill and start; the host's power.

dockerd_answers() {
  curl -sf --max-time 2 -o /dev/null \
    --unix-socket "/proc/$1/root/run/docker.sock" http://localhost/_ping
}

# From the controller, so that the link is known to work too.
sshd_answers() {
  # shellcheck disable=SC2016 # for the inner shell
  in_net controller timeout 2 bash -c \
    'exec 3<>"/dev/tcp/$1/22" && read -ru 3 line && [[ $line == SSH-* ]]' - "$1" 2>/dev/null
}

agent_answers() {
  in_net controller curl -sf --max-time 2 -o /dev/null "http://$1:5002/healthz"
}

answers_or_dead() {
  local host=$1
  shift
  "$@" || ! living_pid "$lab_dir/$host/pid" >/dev/null
}

# wait_step HOST DAEMON COMMAND…: as wait_for, but gives up at once when the host has died.
wait_step() {
  local host=$1 daemon=$2
  shift 2
  if wait_for "$daemon of $host answers" answers_or_dead "$host" "$@"; then
    living_pid "$lab_dir/$host/pid" >/dev/null && return 0
    printf 'lab: %s died while starting\n' "$host" >&2
    daemon=boot
  fi
  printf 'lab: the last lines of %s:\n' "$lab_dir/$host/log/$daemon.log" >&2
  tail -n 12 "$lab_dir/$host/log/$daemon.log" >&2
  return 1
}

await_host() {
  local host=$1 here=$lab_dir/$1 pid ip
  ip=$(host_ip "$host")
  wait_for "$host has a PID 1 (see $here/log/boot.log)" test -s "$here/pid" || return 1
  read -r pid _ <"$here/pid"
  wait_step "$host" dockerd dockerd_answers "$pid" || return 1
  wait_step "$host" sshd sshd_answers "$ip" || return 1
  [[ ! -e $lab_dir/agent ]] || wait_step "$host" agent agent_answers "$ip" || return 1
}

require_daemon() {
  case $1 in
    containerd | dockerd | sshd) ;;
    agent) [[ -e $lab_dir/agent ]] || die "this lab runs no agent (up --agent PATH)" ;;
    *) usage_error "no daemon named '$1' (containerd, dockerd, sshd, agent)" ;;
  esac
}

# /run/plimsoll-lab of the host, reached without entering it.
host_run() {
  local pid
  pid=$(host_pid "$1") || exit 1
  printf '/proc/%s/root/run/plimsoll-lab\n' "$pid"
}

daemon_state() {
  local run=$1 name=$2
  if [[ -s $run/$name.pid ]]; then
    printf 'up\n'
  elif [[ -e $run/$name.held ]]; then
    printf 'held\n'
  else
    printf 'down\n'
  fi
}

# The pid in the file is the host's own number for it, so the signal is sent from inside.
signal_daemon() {
  # shellcheck disable=SC2016 # for the shell in the host
  (in_host "$1" /bin/bash -c \
    'pid=$(cat "/run/plimsoll-lab/$1.pid" 2>/dev/null) && kill -KILL "$pid"' - "$2")
}

daemon_is_down() {
  [[ $(daemon_state "$(host_run "$1")" "$2") != up ]] || { signal_daemon "$1" "$2" && false; }
}

# kill_daemon HOST DAEMON STAY_DOWN
kill_daemon() {
  local host=$1 name=$2 stay_down=$3 run
  run=$(host_run "$host")
  if [[ -n $stay_down ]]; then
    # Held first, or PID 1 might start it again in between.
    : >"$run/$name.held"
    wait_for "$name of $host is down" daemon_is_down "$host" "$name"
  else
    signal_daemon "$host" "$name" ||
      die "$name of $host is not running just now: lab.sh status, lab.sh start $host $name"
  fi
}

await_daemon() {
  local host=$1 name=$2 pid ip
  pid=$(host_pid "$host")
  ip=$(host_ip "$host")
  case $name in
    dockerd) wait_step "$host" dockerd dockerd_answers "$pid" ;;
    sshd) wait_step "$host" sshd sshd_answers "$ip" ;;
    agent) wait_step "$host" agent agent_answers "$ip" ;;
    containerd)
      wait_step "$host" containerd test -S "/proc/$pid/root/run/containerd/containerd.sock"
      ;;
  esac
}

start_daemon() {
  local host=$1 name=$2 run
  run=$(host_run "$host")
  rm -f "$run/$name.held"
  await_daemon "$host" "$name"
}

host_gone() { ! living_pid "$lab_dir/$1/pid" >/dev/null; }

power_off() {
  local host=$1 pid
  enlist
  pid=$(host_pid "$host")
  # The link goes first: a host without power says no farewell on its connections.
  unplug "$host"
  kill -KILL "$pid"
  wait_for "$host is off" host_gone "$host"
  remove_slice "$host"
  remove_net "$host"
}

boot_host() {
  local host=$1
  if living_pid "$lab_dir/$host/pid" >/dev/null; then die "$host is running already"; fi
  enlist
  # Whoever killed its PID 1 without power-off left these.
  unplug "$host"
  remove_net "$host"
  start_host "$host"
  await_host "$host"
}
