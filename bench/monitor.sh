#!/usr/bin/env bash
# The monitor beside vmagent and an aiohttp collector; called by bench/run.sh.
set -euo pipefail
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'END'
Usage: bench/run.sh monitor [--hosts N] [--containers N] [--interval SECONDS] [--seconds N] [--rounds N] [--bad PERCENT]
                            [--only TOOL …]

Simulated hosts (bench/programs/agents_sim.cpp) are polled by one collector
after the other: plimsoll monitor, vmagent, and peers/aiohttp_collector.py. All write to a sink that
takes everything (bench/programs/sink.cpp). The collector has the first core to itself as far as the
machine allows, simulated hosts and sink have the second. A sample is a number in a host's answer.

  --hosts N      default 1000
  --containers N of each host, default 10
  --interval S   default 1
  --seconds N    measured in each round, after a warm-up of two intervals and 5 s; default 20
  --rounds N     default 3
  --bad PERCENT  of the hosts hang, drip, reset or send 10 MB
  --only TOOL    plimsoll, vmagent, aiohttp or sqlite (plimsoll with its embedded store)
END
}

hosts=1000 containers=10 interval=1 seconds=20 rounds=3 bad=0
tools=()
while (($#)); do
  case $1 in
    --hosts) hosts=$2 ;;
    --containers) containers=$2 ;;
    --interval) interval=$2 ;;
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    --bad) bad=$2 ;;
    --only) tools+=("$2") ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift 2
done
((${#tools[@]})) || tools=(plimsoll vmagent aiohttp)

: "${programs:?call bench/run.sh}" "${plimsoll:?}" "${here:?}"
pid=''
work=$(mktemp -d)
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The simulated hosts hold a descriptor each, and so does whoever polls them.
ulimit -n "$(ulimit -Hn)"
(($(ulimit -n) > hosts + 100)) || die "ulimit -n is $(ulimit -n): too few for $hosts hosts"

start_peers() {
  start sim taskset -c 1 "$programs/bench_agents_sim" --hosts "$hosts" --containers "$containers" \
    --interval-ms $((interval * 1000)) \
    --bad-percent "$bad" --seconds-max 3600 --hosts-file "$work/host.csv" --targets-file "$work/targets.yml"
  control=$(first_line_of sim)
  control=http://127.0.0.1:${control#control }
  start sink taskset -c 1 "$programs/bench_sink" --seconds-max 3600
  sink=$(first_line_of sink)
  sink=http://127.0.0.1:${sink#port }
}

start_tool() {
  rm -rf "$work/data"
  mkdir "$work/data"
  case $1 in
    plimsoll)
      start "$1" taskset -c 0 "$plimsoll" --config "$work/plimsoll.toml" --set "hosts=$work/host.csv" --set "data_dir=$work/data" \
        --set store.kind=influxdb --set "store.url=$sink" --set "monitor.interval=${interval}s" monitor
      ;;
    sqlite)
      start "$1" taskset -c 0 "$plimsoll" --config "$work/plimsoll.toml" --set "hosts=$work/host.csv" --set "data_dir=$work/data" \
        --set "monitor.interval=${interval}s" monitor
      ;;
    vmagent)
      start "$1" taskset -c 0 /usr/bin/vmagent "-promscrape.config=$work/targets.yml" \
        "-remoteWrite.url=$sink/api/v1/write" "-remoteWrite.tmpDataPath=$work/data" \
        "-httpListenAddr=127.0.0.1:$(free_port)" -loggerLevel=ERROR
      ;;
    aiohttp)
      start "$1" taskset -c 0 /usr/bin/python3 "$here/peers/aiohttp_collector.py" \
        --hosts "$work/host.csv" --interval "$interval" --sink "$sink/write?db=telemetrydata&precision=ms"
      ;;
  esac
}

lives() { kill -0 "$pid" 2>/dev/null || die "$1 ended: $(tail -n 3 "$work/$1.log")"; }

measure() {
  local tool=$1 before after from asked got
  start_tool "$tool"
  pause $((interval * 2 + 5))
  lives "$tool"
  curl -sf "$sink/start" "$control/start" >/dev/null
  before=$(cpu_ms "$pid")
  from=$EPOCHREALTIME
  pause "$seconds"
  lives "$tool"
  asked=$(curl -sf "$control/summary")
  got=$(curl -sf "$sink/summary")
  after=$(cpu_ms "$pid")
  say "round $round, $tool: ${EPOCHREALTIME%.*} - ${from%.*} s, asked $asked, sink $got"
  figure "$tool" CPU_s_per_million_samples \
    "$(jq -r "($after - $before) / 1000 * 1e6 / (.asked.requests * .samples) | . * 100 | round / 100" <<<"$asked")"
  figure "$tool" RSS_MiB "$(rss_mib "$pid")"
  figure "$tool" peak_MiB "$(peak_mib "$pid")"
  figure "$tool" polls_per_s "$(jq -r '.asked.requests / .asked.seconds | round' <<<"$asked")"
  figure "$tool" missed "$(jq -r .asked.missed <<<"$asked")"
  figure "$tool" late "$(jq -r .asked.late <<<"$asked")"
  figure "$tool" off_p99_ms "$(jq -r '.asked.off_p99_ms * 10 | round / 10' <<<"$asked")"
  figure "$tool" off_max_ms "$(jq -r '.asked.off_max_ms * 10 | round / 10' <<<"$asked")"
  figure "$tool" busiest "$(jq -r '.asked.busiest * 100 | round / 100' <<<"$asked")"
  figure "$tool" lines_per_poll \
    "$(jq -n --argjson asked "$asked" --argjson got "$got" '$got.lines / $asked.asked.requests * 10 | round / 10')"
  figure "$tool" core_percent "$(calc "($after - $before) / 10 / $seconds" 1)"
  stop "$pid"
}

: >"$work/plimsoll.toml"
start_peers
until_true 20 curl -sf "$control/summary"
content=$(curl -sf "$control/summary")
for ((round = 1; round <= rounds; round++)); do
  for tool in $(rotated "$round" "${tools[@]}"); do measure "$tool"; done
done

printf '%s hosts of %s containers every %s s, %s samples each (%s B of JSON, %s B of Prometheus text), %s %% of them bad, %s rounds of %s s.\n' \
  "$hosts" "$containers" "$interval" "$(jq .samples <<<"$content")" "$(jq .telemetry_bytes <<<"$content")" \
  "$(jq .metrics_bytes <<<"$content")" "$bad" "$rounds" "$seconds"
printf '%s\n\n' "$(machine)"
table CPU_s_per_million_samples core_percent RSS_MiB peak_MiB polls_per_s missed late off_p99_ms off_max_ms busiest lines_per_poll
echo
for peer in vmagent aiohttp; do
  for what in CPU_s_per_million_samples RSS_MiB; do ratio "$what" plimsoll "$peer"; done
done
