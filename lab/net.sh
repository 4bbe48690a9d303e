# shellcheck shell=bash
# Network namespaces, the links between them, and what can be done to a link.

net_file() { printf '%s/net/%s\n' "$lab_dir" "$1"; }

in_net() {
  local file
  file=$(net_file "$1")
  shift
  nsenter --net="$file" "$@"
}

net_exists() {
  grep -qF " $(net_file "$1") " /proc/self/mountinfo
}

# A namespace held by a file of our own: `ip netns` would leave /run/netns mounted on the machine.
create_net() {
  local file
  file=$(net_file "$1")
  mkdir -p "$lab_dir/net"
  : >"$file"
  unshare --net="$file" true
  in_net "$1" ip link set lo up
}

remove_net() {
  local file
  file=$(net_file "$1")
  while net_exists "$1"; do umount -l "$file"; done
  rm -f "$file"
}

create_switch() {
  create_net switch
  in_net switch sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  in_net switch ip -batch - <<BATCH
link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
link set br0 up
BATCH
}

# connect NAME IP NUMBER: the port on the switch is called NAME, the other end eth0.
connect() {
  local name=$1 ip=$2 mac
  # Fixed, so that a host that boots again is still in its neighbours' tables.
  mac=$(printf '0a:77:00:00:00:%02x' "$3")
  in_net switch ip -batch - <<BATCH
link add $name mtu 1500 type veth peer name eth0 mtu 1500 address $mac netns $(net_file "$name")
link set $name up
BATCH
  in_net "$name" sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
  in_net "$name" ip -batch - <<BATCH
addr add $ip/24 brd 10.77.0.255 dev eth0
link set eth0 up
BATCH
}

create_controller() {
  create_net controller
  in_net controller sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
    net.ipv6.conf.default.disable_ipv6=1
  connect controller 10.77.0.2 2
  in_net switch ip link set controller master br0
}
