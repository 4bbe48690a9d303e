#!/usr/bin/env bash
# The monitor with good and bad agents side by side: nobody loses a poll by others, by edits of
# host.csv or by new settings; and its end.
# Usage: monitor_test.sh PLIMSOLL
set -u -o pipefail

plimsoll=$(realpath "${1:-build/plimsoll}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
good=20
passed=0
failed=0
monitor=
agents=
influxd=
without=

cleanup() {
  local pid
  for pid in $monitor $agents $influxd; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  rm -rf "$work"
}
trap cleanup EXIT

note() { printf '  %s\n' "$*" >&2; }
exec {never}<> <(:)
pause() { local _; read -rt "$1" -u "$never" _ || true; }
until_true() {
  local end=$((SECONDS + 30))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { note "not within 30 s: $*"; return 1; }
    pause 0.05
  done
}
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}
get() { curl -sf --max-time 5 "http://127.0.0.1:$listen$1"; }
# The value of a series of /metrics.
metric() { get /metrics | awk -v series="$1" '$1 == series { print $2 }'; }
at_least() { (($(metric "$2") >= $1)); }
in_log() { grep -qF "$1" "$work/monitor.log"; }
host_is() { get /v1/hosts | jq -e ".hosts[] | select(.name == \"$1\") | $2" >/dev/null; }

write_hosts() {
  {
    echo 'name,ip,port,note'
    for ((i = 1; i <= good; i++)); do
      [[ $i == "$without" ]] || echo "good$i,127.0.9.$i,$port,"
    done
    echo "hanging,127.0.9.201,$port,"
    echo "dripping,127.0.9.202,$port,"
    echo "resetting,127.0.9.203,$port,"
    echo "huge,127.0.9.204,$port,"
    echo "impossible,127.0.9.205,$port,"
    echo "gone,127.0.9.250,$port,"
    echo "nameless,plimsoll-test.invalid,$port,"
    printf '%s' "$@"
  } >"$work/new.csv"
  mv "$work/new.csv" "$work/host.csv"
}
write_config() {
  printf '%s\n' '[monitor]' "interval = \"$1\"" 'timeout = "450ms"' "listen = \"127.0.0.1:$listen\"" \
    "${@:2}" >"$work/new.toml"
  mv "$work/new.toml" "$work/plimsoll.toml"
}

start_all() {
  "$here/fake_agents.pl" "$here/../golden/telemetry/v1.json" "$work/asked.log" "$good" >"$work/port" 2>"$work/agents.log" &
  agents=$!
  until_true test -s "$work/port" || return 1
  port=$(<"$work/port")
  listen=$(free_port)
  write_hosts
  write_config 1s
  (cd "$work" && exec "$plimsoll" monitor >"$work/monitor.log" 2>&1) &
  monitor=$!
  until_true get /healthz
}

# The longest pause between two requests to a good host since a time, and the least number of them.
longest_gap() {
  awk -v since="$1" -v until="$2" '$1 >= since && $1 <= until {
      if ($2 in last && $1 - last[$2] > gap) gap = $1 - last[$2]
      last[$2] = $1; count[$2]++ }
    END { least = 1e9
      for (host in count) { hosts++; if (count[host] < least) least = count[host] }
      print gap, least, hosts }' "$work/asked.log"
}

# 100 edits in some seconds, and settings between them: each good host is asked once a second.
edits_lose_no_poll() {
  local from to edit gap least hosts
  until_true at_least "$good" 'plimsoll_monitor_hosts{state="up"}' || return 1
  from=$EPOCHREALTIME
  for ((edit = 1; edit <= 100; edit++)); do
    if ((edit % 2)); then write_hosts "guest$edit,127.0.9.251,$port,"; else write_hosts; fi
    ((edit % 20)) || kill -HUP "$monitor"
    pause 0.1
  done
  to=$EPOCHREALTIME
  until_true at_least 90 plimsoll_monitor_host_list_reloads_total || return 1
  read -r gap least hosts <<<"$(longest_gap "$from" "$to")"
  # Each at its place once a second: 1.5 s would be a place left out.
  awk -v gap="$gap" -v least="$least" -v hosts="$hosts" -v good="$good" -v span="$to $from" 'BEGIN {
      split(span, t, " "); exit !(hosts == good && gap < 1.5 && least >= int(t[1] - t[2]) - 1) }' ||
    { note "longest gap $gap s, at least $least polls, $hosts hosts in $from - $to"; return 1; }
  [[ $(metric plimsoll_monitor_polls_missed_total) == 0 ]] || { note 'polls were missed'; return 1; }
}

# A host taken out of host.csv and put back is asked before another one has had three more polls:
# the edit is seen within a second, and its place comes within the interval.
an_edit_is_seen_within_a_second() {
  local round from asked others
  for round in 1 2 3; do
    without=1
    write_hosts
    until_true not_a_host good1 || return 1
    without=
    from=$EPOCHREALTIME
    write_hosts
    until_true asked_since "$from" 1 || return 1
    read -r asked others <<<"$(awk -v since="$from" '$1 >= since && $2 == 1 { print $1 - since, others + 0; exit }
      $1 >= since && $2 == 2 { others++ }' "$work/asked.log")"
    note "note: from the edit to the first request: $asked s, round $round"
    ((others < 2)) || { note "$others polls of another host came before"; return 1; }
  done
}
not_a_host() { ! get /v1/hosts | jq -e ".hosts[] | select(.name == \"$1\")" >/dev/null; }
asked_since() { awk -v since="$1" -v host="$2" '$1 >= since && $2 == host { found = 1 } END { exit !found }' "$work/asked.log"; }
bad_hosts_have_their_class() {
  until_true host_is hanging '.error_class == "timeout"' &&
    until_true host_is dripping '.error_class == "timeout"' &&
    until_true host_is resetting '.error_class == "cut_off"' &&
    until_true host_is huge '.error_class == "too_large"' &&
    until_true host_is impossible '.error_class == "impossible"' &&
    until_true host_is gone '.error_class == "connect"' &&
    until_true host_is nameless '.error_class == "dns"'
}
dead_hosts_are_asked_less_and_still_down() {
  until_true at_least 10 plimsoll_monitor_polls_passed_over_total || return 1
  (cd "$work" && "$plimsoll" top --once --json) |
    jq -e '.hosts[] | select(.name == "hanging") | .up == false and (.error | test("no answer"))' >/dev/null
}
# PEERS.md 6.7, goal 13.
clock_skew_is_shown_and_warned() {
  in_log "good$good: its clock is 49.0 s ahead of this machine's" || return 1
  host_is "good$good" '.clock_skew_s > 48.5 and .clock_skew_s < 49.5' || return 1
  host_is good1 '.clock_skew_s < 0.5 and .clock_skew_s > -0.5' || return 1
  (cd "$work" && "$plimsoll" top --once --json) |
    jq -e ".hosts[] | select(.name == \"good$good\") | .clock_off and .clock_skew_s > 48" >/dev/null || return 1
  # It fails: of the bad hosts.
  (cd "$work" && { "$plimsoll" check || true; }) | grep -q "warn .*agent good$good.*its clock +49"
}
hangups_reload() {
  local before
  before=$(grep -cF 'SIGHUP: reading the configuration again' "$work/monitor.log")
  ((before > 0)) || return 1
  kill -HUP "$monitor"
  until_true more_hangups_than "$before" && host_is good1 .up
}
more_hangups_than() { (($(grep -cF 'SIGHUP: reading the configuration again' "$work/monitor.log") > $1)); }
# A store that takes the connection and never answers: the polls do not wait for it, and neither
# SIGHUP nor the removal of plimsoll.toml changes anything.
a_silent_store_holds_up_no_poll() {
  local pid main=$listen result=0
  mkdir -p "$work/silent"
  listen=$(free_port)
  printf '%s\n' 'hosts = "../host.csv"' '[monitor]' 'interval = "1s"' "listen = \"127.0.0.1:$listen\"" \
    '[store]' 'kind = "influxdb"' "url = \"http://127.0.9.201:$port\"" >"$work/silent/plimsoll.toml"
  (cd "$work/silent" && exec "$plimsoll" monitor >"$work/silent.log" 2>&1) &
  pid=$!
  until_true at_least "$good" plimsoll_monitor_polls_total || result=1
  grep -qF ' polling ' "$work/silent.log" && { note 'the store was waited for'; result=1; }
  kill -HUP "$pid"
  until_true grep -qF 'SIGHUP: reading' "$work/silent.log" || result=1
  rm "$work/silent/plimsoll.toml"
  until_true grep -qF 'the settings of before stay in force' "$work/silent.log" || result=1
  get /healthz >/dev/null || { note 'it is gone'; result=1; }
  listen=$main
  kill -TERM "$pid"
  wait "$pid" || { note "exit code $?"; result=1; }
  ((result == 0)) || tail -n 5 "$work/silent.log" >&2
  return "$result"
}
# --- a store with passwords

influx_says() { curl -sf --max-time 10 -u "plimsoll:$1" "http://127.0.0.1:$influx_port/query" --data-urlencode "q=$2"; }
influx_has() { [[ $(influx_says "$1" 'SHOW MEASUREMENTS ON telemetrydata') == *Monitor* ]]; }
start_influxd() {
  influx_port=$(free_port)
  mkdir -p "$work/influx"
  printf '%s\n' 'reporting-disabled = true' "bind-address = \"127.0.0.1:$(free_port)\"" \
    '[meta]' "dir = \"$work/influx/meta\"" '[data]' "dir = \"$work/influx/data\"" \
    "wal-dir = \"$work/influx/wal\"" '[http]' "bind-address = \"127.0.0.1:$influx_port\"" \
    'auth-enabled = true' 'log-enabled = false' >"$work/influx/conf"
  influxd -config "$work/influx/conf" >"$work/influx/log" 2>&1 &
  influxd=$!
  until_true curl -sf "http://127.0.0.1:$influx_port/ping" &&
    influx_says '' "CREATE USER plimsoll WITH PASSWORD 'first' WITH ALL PRIVILEGES" >/dev/null
}
# monitor_on_influxd PASSWORD: in the foreground.
monitor_on_influxd() {
  mkdir -p "$work/auth"
  printf '%s\n' "$1" >"$work/auth/password"
  printf '%s\n' 'hosts = "../host.csv"' '[monitor]' 'interval = "1s"' "listen = \"127.0.0.1:$listen\"" \
    '[store]' 'kind = "influxdb"' "url = \"http://127.0.0.1:$influx_port\"" 'username = "plimsoll"' \
    'password_file = "password"' >"$work/auth/plimsoll.toml"
  cd "$work/auth" && exec "$plimsoll" monitor >"$work/auth.log" 2>&1
}
refusals() { grep -c 'InfluxDB says no' "$work/auth.log"; }
the_refusal_is_one_clear_line() {
  [[ $(refusals) == 1 ]] || { note "said $(refusals) times"; return 1; }
  grep 'InfluxDB says no' "$work/auth.log" | grep -F "http://127.0.0.1:$influx_port" |
    grep 'telemetrydata' | grep -q 'store.password_file' ||
    { note "$(grep 'InfluxDB says no' "$work/auth.log")"; return 1; }
}
a_wrong_password_at_the_start_ends_it() {
  local code=0 main=$listen
  start_influxd || return 1
  listen=$(free_port)
  (monitor_on_influxd wrong) || code=$?
  listen=$main
  [[ $code == 1 ]] || { note "exit code $code"; return 1; }
  the_refusal_is_one_clear_line
}
# The password is changed while it runs: the polls go on and their points wait.
a_password_that_becomes_wrong_is_said_once() {
  local pid main=$listen polls result=0
  listen=$(free_port)
  (monitor_on_influxd first) &
  pid=$!
  until_true influx_has first || result=1
  influx_says first "SET PASSWORD FOR plimsoll = 'second'" >/dev/null
  until_true in_auth_log 'InfluxDB says no' || result=1
  polls=$(metric plimsoll_monitor_polls_total)
  until_true at_least $((polls + 4 * good)) plimsoll_monitor_polls_total || result=1
  the_refusal_is_one_clear_line || result=1
  influx_says second "SET PASSWORD FOR plimsoll = 'first'" >/dev/null
  until_true in_auth_log 'all that waited is written' || result=1
  listen=$main
  kill -TERM "$pid"
  wait "$pid" || { note "exit code $?"; result=1; }
  kill "$influxd" && wait "$influxd"
  influxd=
  ((result == 0)) || tail -n 8 "$work/auth.log" >&2
  return "$result"
}
in_auth_log() { grep -qF "$1" "$work/auth.log"; }
metrics_are_told() {
  local text
  text=$(get /metrics)
  for name in plimsoll_monitor_poll_lateness_seconds_bucket plimsoll_monitor_points_written_total \
    process_resident_memory_bytes process_open_fds; do
    grep -q "^$name" <<<"$text" || { note "no $name"; return 1; }
  done
}
settings_are_taken_over() {
  write_config 500ms
  until_true in_log 'taken over: monitor.interval' || return 1
  local from=$EPOCHREALTIME gap
  pause 3
  read -r gap _ <<<"$(longest_gap "$from" "$EPOCHREALTIME")"
  awk -v gap="$gap" 'BEGIN { exit !(gap < 0.9) }' || { note "longest gap $gap s"; return 1; }
  write_config 500ms '[store]' 'database = "other"'
  until_true in_log 'needs a restart: store.database'
}
broken_settings_change_nothing() {
  local polls
  write_config never
  until_true in_log 'plimsoll.toml:2: monitor.interval' && in_log 'the settings of before stay in force' || return 1
  polls=$(metric plimsoll_monitor_polls_total)
  until_true at_least $((polls + good)) plimsoll_monitor_polls_total
}
a_broken_host_list_changes_nothing() {
  write_hosts 'bad,127.0.9.252,notaport,'
  until_true in_log 'host.csv:29' || return 1
  host_is good1 .up
}
the_end_writes_what_is_left() {
  local line
  kill -TERM "$monitor"
  wait "$monitor" || { note "exit code $?"; return 1; }
  monitor=
  line=$(grep ' stopped: ' "$work/monitor.log") || return 1
  # "stopped: P polls, F failed, W of M points written"
  [[ $line =~ ([0-9]+)\ of\ ([0-9]+)\ points\ written ]] || { note "$line"; return 1; }
  ((BASH_REMATCH[1] == BASH_REMATCH[2] && BASH_REMATCH[2] > 0)) || { note "$line"; return 1; }
}

run_test() {
  if "$1"; then
    printf 'ok %s\n' "$1"
    ((++passed))
  else
    printf 'FAIL %s\n' "$1"
    ((++failed))
  fi
}

for test in start_all edits_lose_no_poll an_edit_is_seen_within_a_second bad_hosts_have_their_class \
  dead_hosts_are_asked_less_and_still_down clock_skew_is_shown_and_warned metrics_are_told \
  hangups_reload a_silent_store_holds_up_no_poll a_wrong_password_at_the_start_ends_it \
  a_password_that_becomes_wrong_is_said_once \
  settings_are_taken_over broken_settings_change_nothing a_broken_host_list_changes_nothing \
  the_end_writes_what_is_left; do
  run_test "$test"
done
((failed == 0)) || tail -n 30 "$work/monitor.log" >&2
printf '%s passed, %s failed\n' "$passed" "$failed"
((failed == 0))
