#!/usr/bin/env bash
# SQLite, InfluxDB and VictoriaMetrics beside each other; called by bench/run.sh.
set -euo pipefail
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'END'
Usage: bench/run.sh store [--hosts N] [--containers N] [--seconds N] [--rounds N]

Through our own store interface, one back end after the other, each with an empty folder: a minute of
N hosts' points is written as fast as it is taken; then every host writes once a second, and twice
a second the moving averages of all hosts over the last 60 s are asked for. At last, while writing
goes on, each kind of query is asked back to back for 4 s: the rows of one host's minute, the newest
figures of all hosts, the averages of all hosts.

  --hosts N       default 500
  --containers N  of each host, default 10
  --seconds N     of writing and asking, in each round; default 15
  --rounds N      default 3
END
}

hosts=500 containers=10 seconds=15 rounds=3
while (($#)); do
  case $1 in
    --hosts) hosts=$2 ;;
    --containers) containers=$2 ;;
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift 2
done

: "${programs:?call bench/run.sh}"
work=$(mktemp -d)
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

pid='' url='' server=''
start_server() {
  local port
  port=$(free_port)
  url=http://127.0.0.1:$port
  rm -rf "$work/data"
  mkdir "$work/data"
  server=''
  case $1 in
    influxdb)
      cat >"$work/influxd.conf" <<END
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "$work/data/meta"
[data]
  dir = "$work/data/data"
  wal-dir = "$work/data/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:$port"
  log-enabled = false
END
      start influxdb /usr/bin/influxd -config "$work/influxd.conf"
      server=$pid
      until_true 30 curl -sf "$url/ping"
      ;;
    victoriametrics)
      start victoriametrics /usr/bin/victoria-metrics "-storageDataPath=$work/data" \
        "-httpListenAddr=127.0.0.1:$port" -loggerLevel=ERROR
      server=$pid
      until_true 30 curl -sf "$url/health"
      ;;
  esac
}

measure() {
  local kind=$1 got before=0 after=0 peak
  start_server "$kind"
  [[ -z $server ]] || before=$(cpu_ms "$server")
  got=$("$programs/bench_store" --kind "$kind" --url "$url" --file "$work/data/telemetry.db" --hosts "$hosts" \
    --containers "$containers" --seconds "$seconds")
  peak=-
  if [[ $server ]]; then
    after=$(cpu_ms "$server")
    peak=$(peak_mib "$server")
    stop "$server"
  fi
  say "round $round, $kind: $got"
  figure "$kind" thousand_values_per_s "$(jq '.values / .fill_s / 1000 | round' <<<"$got")"
  figure "$kind" batch_p99_ms "$(jq '.fill_batch_p99_ms | round' <<<"$got")"
  figure "$kind" our_CPU_s_per_million_values "$(jq '.fill_cpu_s / .values * 1e8 | round / 100' <<<"$got")"
  figure "$kind" second_of_fleet_p50_ms "$(jq '.live_second_p50_ms | round' <<<"$got")"
  figure "$kind" averages_p50_ms "$(jq '.ask_p50_ms * 10 | round / 10' <<<"$got")"
  figure "$kind" averages_p99_ms "$(jq '.ask_p99_ms * 10 | round / 10' <<<"$got")"
  figure "$kind" ranges_per_s "$(jq '.range_per_s | round' <<<"$got")"
  figure "$kind" latest_per_s "$(jq '.latest_per_s * 10 | round / 10' <<<"$got")"
  figure "$kind" averages_per_s "$(jq '.averages_per_s * 10 | round / 10' <<<"$got")"
  figure "$kind" our_core_percent_live "$(jq '.live_cpu_share * 100 | round' <<<"$got")"
  figure "$kind" server_CPU_s "$(calc "($after - $before) / 1000" 1)"
  figure "$kind" server_peak_MiB "$peak"
  figure "$kind" disk_B_per_value "$(jq "$(du -sb "$work/data" | cut -f1) / .all_values * 10 | round / 10" <<<"$got")"
  figure "$kind" disk_MiB "$(du -sm "$work/data" | cut -f1)"
}

for ((round = 1; round <= rounds; round++)); do
  for kind in $(rotated "$round" sqlite influxdb victoriametrics); do measure "$kind"; done
done
printf '%s hosts of %s containers, %s rounds of 60 s of history and %s s live.\n%s\n\n' "$hosts" "$containers" \
  "$rounds" "$seconds" "$(machine)"
table thousand_values_per_s batch_p99_ms our_CPU_s_per_million_values second_of_fleet_p50_ms averages_p50_ms \
  averages_p99_ms ranges_per_s latest_per_s averages_per_s our_core_percent_live server_CPU_s server_peak_MiB disk_MiB disk_B_per_value
