# shellcheck shell=bash
# What the lab tells about itself.

print_env() {
  printf 'export PLIMSOLL_LAB_DIR=%q\n' "$lab_dir"
  printf 'export PLIMSOLL_LAB_NAME=%q\n' "$lab_name"
  printf 'export PLIMSOLL_LAB_HOSTS=%q\n' "$lab_dir/host.csv"
  printf 'export PLIMSOLL_LAB_SSH_CONFIG=%q\n' "$lab_dir/ssh_config"
}

link_state() {
  local here=$lab_dir/$1 delay text
  text=$(read_file "$here/link.rate" none)
  if [[ $text == none ]]; then text=unlimited; fi
  delay=$(read_file "$here/link.delay" 0)
  if [[ $delay != 0 ]]; then text+=,${delay}us; fi
  if [[ -e $here/link.cut ]]; then text+=,cut; fi
  printf '%s\n' "$text"
}

# A slice holds a group per running container, and nothing else.
running_containers() {
  local root
  root=$(hierarchies | sed -n 1p)
  find "$root/$lab_name/$1" -mindepth 1 -maxdepth 1 -type d | wc -l
}

host_line() {
  local host=$1 run name
  printf '%-4s %-11s' "$host" "$(host_ip "$host")"
  if ! living_pid "$lab_dir/$host/pid" >/dev/null; then
    printf ' off  link=%s\n' "$(link_state "$host")"
    return
  fi
  run=$(host_run "$host")
  printf ' on   link=%s' "$(link_state "$host")"
  for name in containerd dockerd sshd agent; do
    [[ $name == agent && ! -e $lab_dir/agent ]] ||
      printf ' %s=%s' "$name" "$(daemon_state "$run" "$name")"
  done
  printf ' running=%s\n' "$(running_containers "$host")"
}

print_status() {
  local host
  require_lab
  for host in $(host_names); do host_line "$host"; done
}
