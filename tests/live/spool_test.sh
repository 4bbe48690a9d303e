#!/usr/bin/env bash
# Nothing is lost while the store is away: a real influxd is stopped under load, the monitor is
# killed with SIGKILL meanwhile and once more with the store there, and every answer of every agent
# is found exactly once by its time. Lost may be what was answered within a second before a kill.
# Usage: spool_test.sh [PLIMSOLL]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d)
hosts=8
declare -A pids=()
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"

# end NAME [SIGNAL]: what was started under that name, and waits for it.
end() {
  local pid=${pids[$1]-}
  [[ $pid ]] || return 0
  kill -"${2:-TERM}" "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  unset "pids[$1]"
}
cleanup() {
  local name
  for name in "${!pids[@]}"; do end "$name" KILL; done
  rm -rf "$work"
}
trap cleanup EXIT

start() {
  local name=$1
  shift
  (cd "$work" && exec "$@" >>"$work/$name.log" 2>&1) &
  pids[$name]=$!
}
# influxd takes a moment: the socket is closed before the next one opens it.
start_influxd() {
  start influxd influxd -config "$work/influxd.conf"
  until_true 60 curl -sf -m 2 -o "$work/ping" "$url/ping"
}
start_monitor() { start monitor "$plimsoll" monitor; }
# end_monitor SIGNAL: from when to when it ended stands in the list.
end_monitor() {
  local since
  since=$(date +%s%3N)
  end monitor "$1"
  echo "$since $(date +%s%3N)" >>"$work/kills"
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

query() {
  curl -sf -m 20 -G "$url/query" --data-urlencode db=telemetrydata --data-urlencode epoch=ms \
    --data-urlencode "q=$1"
}
stored() {
  query 'SELECT count(network_drop) FROM Device' | jq '.results[0].series[0].values[0][1] // 0'
}
served() { wc -l <"$work/served"; }
has_served() { (($(served) >= $1)); }
has_stored() { (($(stored) >= $1)); }
serves_more() { until_true 30 has_served $(($(served) + $1 * hosts)); }
log_has() { grep -q "$1" "$work/monitor.log"; }

set_up() {
  local port control
  port=$(free_port)
  control=$(free_port)
  url=http://127.0.0.1:$port
  cat >"$work/influxd.conf" <<CONF
reporting-disabled = true
bind-address = "127.0.0.1:$control"
[meta]
  dir = "$work/influx/meta"
[data]
  dir = "$work/influx/data"
  wal-dir = "$work/influx/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:$port"
  log-enabled = false
CONF
  cat >"$work/plimsoll.toml" <<CONF
[monitor]
interval = "200ms"
[store]
kind = "influxdb"
url = "$url"
CONF
  : >"$work/kills"
  start agents /usr/bin/python3 "$here/spool_agents.py" serve "$work" "$hosts"
  start_influxd
  until_true 30 test -e "$work/host.csv"
}

store_goes_away_under_load() {
  until_true 30 has_stored $((10 * hosts))
  end influxd
  until_true 30 log_has 'points wait'
  serves_more 15
}

second_monitor_says_who_holds_the_spool() {
  local code=0
  (cd "$work" && timeout 20 "$plimsoll" monitor >"$work/second" 2>&1) || code=$?
  equal "$code" 1
  grep -q "data/spool: is in use by process .* (plimsoll" "$work/second"
}

killed_monitor_finds_what_waited() {
  until_true 20 log_has 'points wait from before'
  serves_more 15
}

everything_arrives_when_the_store_is_back() {
  until_true 30 log_has 'takes points again after'
  until_true 30 log_has 'all that waited is written'
  until_true 30 has_stored $(($(served) - 4 * hosts))
}

spool_is_empty_at_the_end() {
  fails log_has 'could not be written'
  ! compgen -G "$work/data/spool/*.spool" >/dev/null
}

every_answer_is_there_once() {
  query 'SELECT network_drop FROM Device GROUP BY host' >"$work/stored.json"
  query 'SELECT memory_usage FROM Container GROUP BY host, "name"' >"$work/containers.json"
  query 'SELECT bytes FROM Monitor WHERE up = true GROUP BY host' >"$work/polls.json"
  /usr/bin/python3 "$here/spool_agents.py" account "$work"
}

main() {
  require_tools influxd curl jq /usr/bin/python3
  set_up
  start_monitor
  run store_goes_away_under_load
  run second_monitor_says_who_holds_the_spool
  end_monitor KILL
  start_monitor
  run killed_monitor_finds_what_waited
  start_influxd
  run everything_arrives_when_the_store_is_back
  end_monitor KILL
  start_monitor
  serves_more 5
  end_monitor TERM
  run spool_is_empty_at_the_end
  run every_answer_is_there_once
  finish_tests
}

main
