#!/bin/bash
# Runs as the first process of a host's fresh namespaces: builds the host's root, moves into it,
# and becomes its PID 1. Arguments: the lab's state folder, the host's name.
set -euo pipefail

lab=$1
host=$2
here=$lab/$host
root=$here/root
# shellcheck source=lab/common.sh
. "$lab/scripts/common.sh"

# /proc is still the machine's here, so this is the pid that the machine knows us by.
read -r pid _ </proc/self/stat
write_file "$here/pid" "$(process_identity "$pid")"

mount_root() {
  mount -t overlay "$host" -o "lowerdir=/,upperdir=$here/upper,workdir=$here/work" "$root"
  mount -t proc proc "$root/proc"
  # A new sysfs shows this network namespace's interfaces, a bound one the machine's.
  mount -t sysfs sysfs "$root/sys"
  mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
  mount --bind /dev "$root/dev"
  mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=0755 run "$root/run"
  mount -t tmpfs -o mode=1777 tmp "$root/tmp"
  # Other hosts' disks and the controller's key are none of this host's business.
  if [[ -d $root$lab ]]; then mount -t tmpfs -o ro,size=4k,mode=0700 hidden "$root$lab"; fi
}

# overlay2 cannot stand on an overlay, so Docker's data are plain folders or a disk of their own.
mount_disk() {
  local data=$here part
  if [[ -e $here/disk.img ]]; then
    data=$here/disk
    mount -o loop "$here/disk.img" "$data"
  fi
  for part in docker containerd; do
    mkdir -p "$data/$part" "$root/var/lib/$part"
    mount --bind "$data/$part" "$root/var/lib/$part"
  done
  mkdir -p "$root/var/log/plimsoll-lab"
  mount --bind "$here/log" "$root/var/log/plimsoll-lab"
}

# The machine's own accounts, keys and Docker settings must not leak into a host.
first_boot() {
  mkdir -m 0700 "$root/root"
  rm -rf "$root/etc/docker" "$root/etc/containerd" "$root/etc/plimsoll"
  rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf"
  # The packaged client speaks to the packaged engine; one put beside it by hand may be too new.
  if [[ -x $root/usr/bin/docker ]]; then rm -f "$root/usr/local/bin/docker"; fi
  cp -a --no-preserve=ownership "$here/files/." "$root/"
  # Without PAM sshd takes a locked password for a locked account.
  sed -i 's/^root:!/root:*/' "$root/etc/shadow"
  : >"$here/prepared"
}

hostname "$host"
mount_root
mount_disk
[[ -e $here/prepared ]] || first_boot
mkdir -p "$root/run/sshd" "$root/run/lock" "$root/run/plimsoll-lab" "$root/.machine"

cd "$root"
pivot_root . .machine
cd /
umount -l /.machine
rmdir /.machine
exec env -i PATH="$host_path" HOME=/root LANG=C.UTF-8 /bin/bash /usr/local/lib/plimsoll-lab/init
