#!/bin/bash
# Several Docker hosts out of one Debian machine. See README.md beside this file.
set -euo pipefail

lab_source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lab/common.sh
. "$lab_source/common.sh"
# shellcheck source=lab/cgroup.sh
. "$lab_source/cgroup.sh"
# shellcheck source=lab/net.sh
. "$lab_source/net.sh"
# shellcheck source=lab/host.sh
. "$lab_source/host.sh"
# shellcheck source=lab/link.sh
. "$lab_source/link.sh"
# shellcheck source=lab/daemon.sh
. "$lab_source/daemon.sh"
# shellcheck source=lab/image.sh
. "$lab_source/image.sh"
# shellcheck source=lab/status.sh
. "$lab_source/status.sh"
# shellcheck source=lab/fleet.sh
. "$lab_source/fleet.sh"

command_up() {
  local count=${1-} cpu=0.5 memory=1024 disk='' agent=''
  [[ $count =~ ^[1-9][0-9]?$ && $count -le 50 ]] ||
    usage_error "up needs the number of hosts, 1 to 50"
  shift
  while (($#)); do
    (($# >= 2)) || usage_error "$1 needs a value"
    case $1 in
      --cpu) cpu=$2 ;;
      --memory) memory=$2 ;;
      --disk) disk=$2 ;;
      --agent) agent=$2 ;;
      *) usage_error "up does not know $1" ;;
    esac
    shift 2
  done
  # The kernel refuses a quota of less than a hundredth of a core.
  if ! [[ $cpu =~ ^[0-9]+(\.[0-9]+)?$ ]] || ! awk "BEGIN { exit !($cpu >= 0.01) }"; then
    usage_error "--cpu is a number of cores of at least 0.01, not '$cpu'"
  fi
  [[ $memory =~ ^[1-9][0-9]*$ ]] || usage_error "--memory is a number of MiB, not '$memory'"
  [[ -z $disk || $disk =~ ^[1-9][0-9]*$ ]] || usage_error "--disk is a number of MiB, not '$disk'"
  [[ -z $agent || -x $agent ]] || usage_error "--agent: '$agent' is not an executable file"
  bring_up "$count" "$cpu" "$memory" "$disk" "$agent"
}

command_exec() {
  local host=${1-}
  (($# >= 2)) || usage_error "exec needs a host (or controller) and a command"
  shift
  if [[ $host == controller ]]; then
    require_lab
    enlist
    exec nsenter --net="$(net_file controller)" "$@"
  fi
  require_host "$host"
  in_host "$host" "$@"
}

command_ssh() {
  local host=${1-}
  (($# >= 1)) || usage_error "ssh needs a host"
  require_host "$host"
  command_exec controller ssh -F "$lab_dir/ssh_config" "$@"
}

# with_host COMMAND FUNCTION [HOST…]: the host checked, then the function.
with_host() {
  local command=$1 function=$2
  shift 2
  (($#)) || usage_error "$command needs a host"
  require_host "$1"
  "$function" "$@"
}

command_kill() {
  local stay_down=''
  if [[ ${3-} == --stay-down ]]; then stay_down=yes; elif (($# != 2)); then
    usage_error "kill needs a host and a daemon, and knows --stay-down"
  fi
  require_daemon "$2"
  kill_daemon "$1" "$2" "$stay_down"
}

command_start() {
  (($# == 2)) || usage_error "start needs a host and a daemon"
  require_daemon "$2"
  start_daemon "$1" "$2"
}

command_image() {
  local size=''
  if [[ ${3-} == --size && ${4-} =~ ^[1-9][0-9]*$ ]]; then size=$4; elif (($# != 2)); then
    usage_error "image needs a host and a name, and knows --size MIB"
  fi
  make_image "$1" "$2" "$size"
}

main() {
  local command=${1-}
  (($#)) || usage_error "no command"
  shift
  case $command in
    -h | --help | help) exec cat "$lab_source/help.txt" ;;
    env) print_env && exit ;;
  esac
  ((EUID == 0)) || die "must run as root: it makes namespaces, mounts and cgroups"
  case $command in
    up) command_up "$@" ;;
    down) bring_down ;;
    exec) command_exec "$@" ;;
    ssh) command_ssh "$@" ;;
    net) with_host net set_link "$@" ;;
    cut) with_host cut cut_link "$@" ;;
    heal) with_host heal heal_link "$@" ;;
    bytes) with_host bytes link_bytes "$@" ;;
    kill) with_host kill command_kill "$@" ;;
    start) with_host start command_start "$@" ;;
    power-off) with_host power-off power_off "$@" ;;
    boot) with_host boot boot_host "$@" ;;
    image) with_host image command_image "$@" ;;
    status) print_status ;;
    *) usage_error "no command named '$command'" ;;
  esac
}

main "$@"
