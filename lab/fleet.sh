# shellcheck shell=bash
# The whole lab: up and down.

need_tools() {
  local tool missing=()
  for tool in ip tc nsenter unshare setpriv iptables dockerd containerd docker runc sshd ssh \
    ssh-keygen curl busybox mkfs.ext4; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || missing+=("$tool")
  done
  ((${#missing[@]} == 0)) ||
    die "missing: ${missing[*]} (Debian: apt-get install docker.io openssh-server iproute2" \
      "iptables busybox-static curl e2fsprogs util-linux)"
}

# The state folder of another lab that runs under this name, if there is one: the commands that
# hold its hosts name it.
running_elsewhere() {
  local group pid dir
  group=$(keeper)
  [[ -d $group ]] || return 1
  for pid in $(group_processes "$group"); do
    dir=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | sed -n '/host_root\.sh$/{n;p;q}')
    if [[ -n $dir && $dir != "$lab_dir" ]]; then
      printf '%s\n' "$dir"
      return 0
    fi
  done
  return 1
}

# `down` removes the folder with all that is in it, so it must be one that `up` made. Of one that
# somebody removed by hand while the lab was up, the held network namespaces are left.
require_own_folder() {
  [[ ! -d $lab_dir || -e $lab_dir/$marker || -z $(ls -A "$lab_dir") ]] ||
    grep -qE " $lab_dir/net/(switch|controller|h[0-9]+) .* - nsfs " /proc/self/mountinfo ||
    die "$lab_dir is not empty and not a lab's; set PLIMSOLL_LAB_DIR to another folder"
}

clear_leftovers() {
  local elsewhere host
  if elsewhere=$(running_elsewhere); then
    die "a lab named $lab_name is up with its state in $elsewhere;" \
      "end it with PLIMSOLL_LAB_DIR=$elsewhere lab.sh down, or set another PLIMSOLL_LAB_NAME"
  fi
  [[ -d $lab_dir ]] || return 0
  require_own_folder
  if living_pid "$lab_dir/starting" >/dev/null; then
    die "another lab.sh up is at work in $lab_dir; end it with lab.sh down"
  fi
  for host in $(host_names); do
    if living_pid "$lab_dir/$host/pid" >/dev/null; then
      die "a lab is already up in $lab_dir; end it with lab.sh down"
    fi
  done
  [[ ! -e $lab_dir/$marker ]] ||
    printf 'lab: removing what a dead lab left in %s\n' "$lab_dir" >&2
  take_down
}

write_controller_files() {
  local host ip
  printf 'name,ip,port,ssh_user,ssh_port,ssh_key\n' >"$lab_dir/host.csv"
  {
    printf 'Host h* 10.77.0.*\n  User root\n  IdentityFile %s\n  IdentitiesOnly yes\n' \
      "$lab_dir/id_ed25519"
    printf '  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n' "$lab_dir/known_hosts"
    printf '  StrictHostKeyChecking yes\n  BatchMode yes\n  ConnectTimeout 5\n'
  } >"$lab_dir/ssh_config"
  for host in $(host_names); do
    ip=$(host_ip "$host")
    printf '%s,%s,5002,root,22,%s\n' "$host" "$ip" "$lab_dir/id_ed25519" >>"$lab_dir/host.csv"
    printf 'Host %s\n  HostName %s\n' "$host" "$ip" >>"$lab_dir/ssh_config"
    printf '%s,%s %s\n' "$host" "$ip" \
      "$(cat "$lab_dir/$host/files/etc/ssh/ssh_host_ed25519_key.pub")" >>"$lab_dir/known_hosts"
  done
}

# bring_up COUNT CPU MIB DISK AGENT
bring_up() {
  local host failed=0
  need_tools
  clear_leftovers
  mkdir -p "$lab_dir"
  : >"$lab_dir/$marker"
  chmod 0700 "$lab_dir"
  write_file "$lab_dir/starting" "$(process_identity $$)"
  enlist
  write_file "$lab_dir/cpu" "$2"
  write_file "$lab_dir/memory" "$3"
  if [[ -n $4 ]]; then write_file "$lab_dir/disk" "$4"; fi
  if [[ -n $5 ]]; then install -m 0755 "$5" "$lab_dir/agent"; fi
  write_file "$lab_dir/count" "$1"
  # Copies: bash reads a script while it runs it, and the checkout may change meanwhile.
  mkdir -p "$lab_dir/scripts"
  cp "$lab_source"/{common,host_root,host_init}.sh "$lab_dir/scripts/"
  ssh-keygen -q -t ed25519 -N '' -C plimsoll-lab -f "$lab_dir/id_ed25519"
  create_switch
  create_controller
  for host in $(host_names); do prepare_host "$host"; done
  write_controller_files
  for host in $(host_names); do start_host "$host"; done
  for host in $(host_names); do await_host "$host" || failed=1; done
  ((failed == 0)) || die "not every host came up; logs are in $lab_dir/h*/log; then lab.sh down"
  rm -f "$lab_dir/starting"
}

lab_mounts() {
  awk -v dir="$lab_dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo
}

# Last mounted first.
unmount_all() {
  local target
  for target in $(lab_mounts | tac); do umount -l "$target" 2>/dev/null || true; done
  [[ -z $(lab_mounts) ]]
}

lab_loops() {
  losetup -n -O NAME,BACK-FILE 2>/dev/null |
    awk -v dir="$lab_dir/" 'index($2, dir) == 1 { print $1 }'
}

detach_loops() {
  local device
  for device in $(lab_loops); do losetup -d "$device" 2>/dev/null || true; done
  [[ -z $(lab_loops) ]]
}

# The marker goes last, so that a `down` cut short can be run again.
remove_folder() {
  [[ -d $lab_dir ]] || return 0
  find "$lab_dir" -mindepth 1 -maxdepth 1 ! -name "$marker" -exec rm -rf --one-file-system {} +
  rm -f "$lab_dir/$marker"
  rmdir "$lab_dir"
}

# Order matters: no process, then no mount of theirs, then the folder under the mounts.
take_down() {
  leave_keeper
  kill_group "$(keeper)"
  remove_slices
  wait_for "nothing is mounted under $lab_dir" unmount_all
  wait_for "no loop device holds a file of $lab_dir" detach_loops
  wait_for "$(keeper) is removed" remove_group "$(keeper)"
  remove_folder
}

bring_down() {
  local elsewhere
  require_own_folder
  if elsewhere=$(running_elsewhere); then
    [[ -d $lab_dir ]] && die "a lab of the same name runs in $elsewhere: end that one first"
    printf 'lab: nothing in %s; the lab that is up has its state in %s\n' "$lab_dir" \
      "$elsewhere" >&2
    return 0
  fi
  take_down
}
