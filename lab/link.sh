# shellcheck shell=bash
# What can be done to the link of a host: rate, delay, cut.

# The device that stands in the bridge for the host: its own port, or the delay line's.
bridge_port() {
  if [[ -e $lab_dir/$1/link.line ]]; then printf '%s-br\n' "$1"; else printf '%s\n' "$1"; fi
}

link_exists() { in_net switch test -e "/proc/sys/net/ipv4/conf/$1"; }

# Out of the bridge, but still up: frames vanish silently, and nobody sees a loss of carrier.
plug() {
  local port
  port=$(bridge_port "$1")
  if [[ -e $lab_dir/$1/link.cut ]]; then
    in_net switch ip link set "$port" nomaster
  else
    in_net switch ip link set "$port" master br0
  fi
}

unplug() {
  if link_exists "$1"; then in_net switch ip link del "$1"; fi
  stop_line "$1"
}

set_rate() {
  local net=$1 device=$2 rate=$3
  if [[ $rate == none ]]; then
    in_net "$net" tc qdisc del dev "$device" root 2>/dev/null || true
  else
    in_net "$net" tc qdisc replace dev "$device" root tbf rate "$rate" burst 128kb latency 50ms
  fi
}

apply_rate() {
  local rate
  rate=$(read_file "$lab_dir/$1/link.rate" none)
  set_rate "$1" eth0 "$rate"
  set_rate switch "$1" "$rate"
}

# Compiled where it is used: the lab needs a compiler only when somebody wants a delay.
build_delay() {
  [[ ! -x $lab_dir/delay ]] || return 0
  command -v g++ >/dev/null || die "--delay needs g++ to compile lab/delay.cpp"
  g++ -std=c++17 -O2 -Wall -Wextra -o "$lab_dir/delay.new" "$lab_source/delay.cpp" ||
    die "lab/delay.cpp does not compile"
  mv "$lab_dir/delay.new" "$lab_dir/delay"
}

stop_line() {
  local host=$1 pid
  if pid=$(living_pid "$lab_dir/$host/link.pid"); then kill -KILL "$pid" 2>/dev/null || true; fi
  if link_exists "$host-br"; then in_net switch ip link del "$host-br"; fi
  rm -f "$lab_dir/$host/link.pid" "$lab_dir/$host/link.line"
}

line_ready() { [[ -s $lab_dir/$1/link.pid ]] && grep -qs ready "$lab_dir/$1/log/delay.log"; }

start_line() {
  local host=$1 delay=$2 here=$lab_dir/$1
  build_delay
  in_net switch ip -batch - <<BATCH
link add $host-br type veth peer name $host-in
link set $host-br up
link set $host-in up
link set $host nomaster
BATCH
  : >"$here/link.line"
  rm -f "$here/log/delay.log"
  (
    enlist
    write_file "$here/link.pid" "$(process_identity "$BASHPID")"
    exec setsid nsenter --net="$(net_file switch)" \
      "$lab_dir/delay" "$host" "$host-in" "$delay" </dev/null >"$here/log/delay.log" 2>&1
  ) &
  wait_for "the delay line of $host runs (see $here/log/delay.log)" line_ready "$host"
}

apply_delay() {
  local host=$1 delay
  delay=$(read_file "$lab_dir/$host/link.delay" 0)
  stop_line "$host"
  if [[ $delay != 0 ]]; then start_line "$host" "$delay"; fi
  plug "$host"
}

apply_link() {
  apply_delay "$1"
  apply_rate "$1"
}

# Seconds, milliseconds or microseconds to whole microseconds.
microseconds() {
  [[ $1 =~ ^([0-9]+(\.[0-9]+)?)(us|ms|s)?$ ]] ||
    usage_error "--delay is a time such as 20ms, 500us or 0, not '$1'"
  awk -v n="${BASH_REMATCH[1]}" -v unit="${BASH_REMATCH[3]:-ms}" \
    'BEGIN { k = unit == "s" ? 1e6 : unit == "ms" ? 1e3 : 1; printf "%d\n", n * k }'
}

set_link() {
  local host=$1 delay=''
  shift
  (($#)) || usage_error "net needs --rate or --delay"
  while (($#)); do
    (($# >= 2)) || usage_error "$1 needs a value"
    case $1 in
      --rate)
        [[ $2 =~ ^(none|[1-9][0-9]*(\.[0-9]+)?[kmg]?bit)$ ]] ||
          usage_error "--rate is a rate such as 100mbit, or none, not '$2'"
        write_file "$lab_dir/$host/link.rate" "$2"
        ;;
      --delay)
        delay=$(microseconds "$2")
        write_file "$lab_dir/$host/link.delay" "$delay"
        ;;
      *) usage_error "net does not know $1" ;;
    esac
    shift 2
  done
  enlist
  # A host that is off gets its link when it boots.
  net_exists "$host" || return 0
  if [[ -n $delay ]]; then apply_delay "$host"; fi
  apply_rate "$host"
}

cut_link() {
  : >"$lab_dir/$1/link.cut"
  if net_exists "$1"; then plug "$1"; fi
}

heal_link() {
  rm -f "$lab_dir/$1/link.cut"
  if net_exists "$1"; then plug "$1"; fi
}

link_bytes() {
  net_exists "$1" || die "$1 is powered off: lab.sh boot $1"
  # shellcheck disable=SC2016 # awk's own
  in_net "$1" awk '$1 == "eth0:" { print $2, $10 }' /proc/net/dev
}
