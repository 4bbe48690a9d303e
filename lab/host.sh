# shellcheck shell=bash
# One host: its folder, its start, its daemons, its end.

host_scripts=usr/local/lib/plimsoll-lab

# prepare_host HOST: everything that is on its disk before the first boot.
prepare_host() {
  local host=$1 here=$lab_dir/$1 files=$lab_dir/$1/files disk
  mkdir -p "$here"/{upper,work,root,disk,log,docker,containerd} \
    "$files"/{root/.ssh,etc/ssh,etc/docker,etc/containerd,etc/plimsoll,"$host_scripts"}
  chmod 0700 "$here/files/root/.ssh"
  chmod 0755 "$here/upper"
  # A whiteout: the machine's /root, with its shell settings and keys, is not the host's.
  mknod "$here/upper/root" c 0 0
  write_ssh_files "$host" "$files"
  write_docker_files "$host" "$files"
  write_agent_files "$host" "$files"
  write_names "$host" "$files"
  cp "$lab_dir/scripts/common.sh" "$files/$host_scripts/common.sh"
  cp "$lab_dir/scripts/host_init.sh" "$files/$host_scripts/init"
  disk=$(read_file "$lab_dir/disk")
  if [[ -n $disk ]]; then
    truncate -s "${disk}M" "$here/disk.img"
    mkfs.ext4 -qF -m 0 -E lazy_itable_init=1,lazy_journal_init=1 "$here/disk.img"
  fi
}

write_ssh_files() {
  local host=$1 files=$2
  ssh-keygen -q -t ed25519 -N '' -C "$host" -f "$files/etc/ssh/ssh_host_ed25519_key"
  cat "$lab_dir/id_ed25519.pub" >"$files/root/.ssh/authorized_keys"
  chmod 0600 "$files/root/.ssh/authorized_keys"
  cat >"$files/etc/ssh/sshd_config" <<'CONFIG'
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
Subsystem sftp internal-sftp
CONFIG
}

write_docker_files() {
  local host=$1 files=$2 number
  number=$(host_number "$host")
  cat >"$files/etc/docker/daemon.json" <<CONFIG
{
  "bip": "10.78.$number.1/24",
  "default-address-pools": [{"base": "10.$((100 + number)).0.0/16", "size": 24}],
  "cgroup-parent": "/$lab_name/$host",
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "storage-driver": "overlay2"
}
CONFIG
  cat >"$files/etc/containerd/config.toml" <<'CONFIG'
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri"]
CONFIG
}

write_agent_files() {
  local host=$1 files=$2
  [[ -e $lab_dir/agent ]] || return 0
  mkdir -p "$files/usr/local/bin"
  # A copy: the build may replace the file while hosts run it.
  install -m 0755 "$lab_dir/agent" "$files/usr/local/bin/plimsoll"
  cat >"$files/etc/plimsoll/plimsoll.toml" <<CONFIG
[agent]
listen = "0.0.0.0:5002"
docker = "unix:///var/run/docker.sock"
scope = "/$lab_name/$host"
CONFIG
}

write_names() {
  local host=$1 files=$2 name
  printf '%s\n' "$host" >"$files/etc/hostname"
  {
    printf '127.0.0.1 localhost\n10.77.0.2 controller\n'
    for name in $(host_names); do printf '%s %s\n' "$(host_ip "$name")" "$name"; done
  } >"$files/etc/hosts"
  # Refused at once; without a file the resolver would ask the same address anyway.
  printf 'nameserver 127.0.0.1\n' >"$files/etc/resolv.conf"
}

start_host() {
  local host=$1 here=$lab_dir/$1
  remove_slice "$host"
  create_slice "$host" "$(read_file "$lab_dir/cpu")" "$(read_file "$lab_dir/memory")"
  create_net "$host"
  connect "$host" "$(host_ip "$host")" "$((10 + $(host_number "$host")))"
  apply_link "$host"
  rm -f "$here/pid"
  (
    enlist
    exec setsid nsenter --net="$(net_file "$host")" \
      unshare --mount --uts --ipc --pid --fork --kill-child=KILL --propagation private \
      /bin/bash "$lab_dir/scripts/host_root.sh" "$lab_dir" "$host" \
      </dev/null >>"$here/log/boot.log" 2>&1
  ) &
}

# in_host HOST COMMAND…: replaces this process; the command ends with it.
in_host() {
  local host=$1 pid
  shift
  pid=$(host_pid "$host") || exit 1
  exec nsenter --target "$pid" --mount --uts --ipc --net --pid \
    setpriv --pdeathsig KILL env -i PATH="$host_path" HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    "$@"
}
