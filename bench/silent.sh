#!/usr/bin/env bash
# The monitor's start when no host answers; called by bench/run.sh.
set -euo pipefail
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'END'
Usage: bench/run.sh silent [--hosts N] [--interval SECONDS] [--seconds N] [--rounds N] [--polls-max N …]

plimsoll monitor is started on a host.csv whose hosts swallow every packet (in a network namespace
of its own, as root), and looked at five times a second from its first moment: resident memory, open
files, polls under way; the most of each. Beside it the same fleet with another monitor.polls_max.

  --hosts N      default 10000
  --interval S   default 5 (the time-out is 3 s)
  --seconds N    default 30
  --rounds N     default 3
  --polls-max N  default: 4000, as in plimsoll.toml, and 100000, which is no bound here
END
}

hosts=10000 interval=5 seconds=30 rounds=3
bounds=()
while (($#)); do
  case $1 in
    --hosts) hosts=$2 ;;
    --interval) interval=$2 ;;
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    --polls-max) bounds+=("$2") ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift 2
done
((${#bounds[@]})) || bounds=(4000 100000)

: "${plimsoll:?call bench/run.sh}"
pid='' work=$(mktemp -d)
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
ulimit -n "$(ulimit -Hn)"

# What is sent to 10.99.0.0/16 comes back in on loopback, where nobody takes it.
in_silence() { exec unshare -n bash -c 'ip link set lo up && ip route add 10.99.0.0/16 dev lo && exec "$@"' - "$@"; }

write_hosts() {
  local i
  echo 'name,ip'
  for ((i = 0; i < hosts; i++)); do echo "host$i,10.99.$((i / 250)).$((i % 250 + 1))"; done
}

files_of() { find "/proc/$1/fd" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
measure() {
  local bound=$1 end before files most=0 rss peak=0 late
  rm -rf "$work/data"
  start "monitor$bound" in_silence "$plimsoll" --config "$work/plimsoll.toml" --set "data_dir=$work/data" \
    --set "monitor.interval=${interval}s" --set "monitor.polls_max=$bound" monitor
  before=$(cpu_ms "$pid")
  end=$((SECONDS + seconds))
  while ((SECONDS < end)); do
    kill -0 "$pid" 2>/dev/null || die "it ended: $(tail -n 3 "$work/monitor$bound.log")"
    files=$(files_of "$pid")
    ((files <= most)) || most=$files
    pause 0.2
  done
  rss=$(rss_mib "$pid")
  peak=$(peak_mib "$pid")
  late=$(nsenter -t "$pid" -n curl -sf http://127.0.0.1:5003/metrics)
  figure "polls_max $bound" most_files "$most"
  figure "polls_max $bound" RSS_MiB "$rss"
  figure "polls_max $bound" peak_MiB "$peak"
  figure "polls_max $bound" core_percent "$(calc "($(cpu_ms "$pid") - $before) / 10 / $seconds" 1)"
  figure "polls_max $bound" hosts_seen_down "$(awk '$1 == "plimsoll_monitor_hosts{state=\"down\"}" { print $2 }' <<<"$late")"
  figure "polls_max $bound" polls_missed "$(awk '$1 == "plimsoll_monitor_polls_missed_total" { print $2 }' <<<"$late")"
  stop "$pid"
}

printf '%s\n' 'hosts = "host.csv"' '[monitor]' 'listen = "127.0.0.1:5003"' >"$work/plimsoll.toml"
write_hosts >"$work/host.csv"
for ((round = 1; round <= rounds; round++)); do
  for bound in $(rotated "$round" "${bounds[@]}"); do measure "$bound"; done
done
printf '%s silent hosts every %s s, the first %s s of the monitor, %s rounds.\n%s\n\n' "$hosts" "$interval" \
  "$seconds" "$rounds" "$(machine)"
table most_files RSS_MiB peak_MiB core_percent hosts_seen_down polls_missed
