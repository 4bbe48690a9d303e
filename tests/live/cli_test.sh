#!/usr/bin/env bash
# The program as a user meets it: exit codes, messages, and that it stops when told to.
# Usage: cli_test.sh PLIMSOLL
set -u -o pipefail

plimsoll=$(realpath "${1:-build/plimsoll}")
work=$(mktemp -d)
started=()
passed=0
failed=0
out=''
err=''
code=0

cleanup() {
  local pid
  for pid in "${started[@]}"; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
  rm -rf "$work"
}
trap cleanup EXIT

note() { printf '  %s\n' "$*" >&2; }

# Runs plimsoll with no configuration but the test's own; leaves code, out and err.
run() {
  out=$(cd "$work" && timeout 60 "$plimsoll" "$@" 2>err.txt </dev/null)
  code=$?
  err=$(<"$work/err.txt")
}

exits() {
  ((code == $1)) || { note "exit code $code, not $1: $err"; return 1; }
}
says() {
  [[ $err == *"$1"* ]] || { note "standard error lacks '$1': $err"; return 1; }
}
prints() {
  [[ $out == *"$1"* ]] || { note "standard output lacks '$1': $out"; return 1; }
}
one_line() {
  (($(printf '%s\n' "$err" | wc -l) == 1)) || { note "more than a line: $err"; return 1; }
}

# Waits until a command succeeds, at most half a minute.
exec {never}<> <(:)
until_true() {
  local end=$((SECONDS + 30)) _
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { note "not within 30 s: $*"; return 1; }
    read -rt 0.05 -u "$never" _ || true
  done
}

# A port nobody listens on now.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

hosts() { printf '%s\n' "$@" >"$work/host.csv"; }
config() { printf '%s\n' "$@" >"$work/plimsoll.toml"; }
fresh() { rm -rf "${work:?}"/* && hosts 'name,ip,port' "h1,127.0.0.1,$(free_port)"; }

# Whether what is at a URL holds a text, without regard to line breaks.
page_has() {
  local page
  page=$(curl -sf --max-time 5 "$1") && [[ $page == *$2* ]]
}
get() { curl -sf --max-time 5 "$@"; }

# Starts plimsoll in the background; its id is the last of `started`.
start() {
  (cd "$work" && exec "$plimsoll" "$@" >>started.txt 2>&1) &
  started+=($!)
}
# Ends what was started last and leaves its exit code.
stop() {
  local pid=${started[-1]}
  kill -"${1:-TERM}" "$pid"
  wait "$pid"
  code=$?
  unset 'started[-1]'
}

help_has_examples() {
  local command
  run --help && exits 0 && prints 'Exit codes' || return 1
  for command in agent monitor up top check replay; do
    run "$command" --help && exits 0 && prints 'Examples:' && prints "plimsoll $command" || return 1
  done
}
version_is_printed() { run --version && exits 0 && prints 'plimsoll 0.'; }
no_command_is_wrong_usage() { run; exits 2 && says 'plimsoll COMMAND'; }
unknown_command_is_named() {
  run mointor
  exits 2 && says "'mointor' is no command; did you mean 'monitor'?" && one_line
}
unknown_flag_is_named() { run top --onec; exits 2 && says '--onec' && says 'plimsoll top --help' && one_line; }
missing_argument_is_named() { run replay; exits 2 && says 'FILE' && one_line; }

bad_key_is_named() {
  config '[monitor]' 'intervall = "5s"'
  run top --once
  exits 2 && says "plimsoll.toml:2: monitor.intervall: no such key; did you mean 'monitor.interval'?"
}
all_problems_at_once() {
  config '[monitor]' 'interval = 5' '[store]' 'kind = "postgres"'
  run top --once
  exits 2 && says 'plimsoll.toml:2: ' && says 'plimsoll.toml:4: '
}
bad_override_is_named() { run --set monitor.interval=soon top --once; exits 2 && says '--set monitor.interval' && one_line; }
missing_config_is_named() { run --config nowhere.toml top; exits 2 && says 'nowhere.toml' && one_line; }
config_from_the_environment() {
  config 'hosts = "none.csv"'
  mv "$work/plimsoll.toml" "$work/other.toml"
  export PLIMSOLL_CONFIG=other.toml
  run top --once
  unset PLIMSOLL_CONFIG
  exits 2 && says 'none.csv'
}

malformed_host_line_is_named() {
  hosts 'name,ip,port' 'h1,127.0.0.1,notaport'
  local command
  for command in monitor 'top --once' up; do
    # shellcheck disable=SC2086
    run $command
    exits 2 && says 'host.csv:2' && one_line || return 1
  done
}
duplicate_host_is_named() {
  hosts 'name,ip' 'h1,127.0.0.1' 'h2,127.0.0.2' 'h1,127.0.0.3'
  run monitor
  exits 2 && says 'host.csv:4' && says "'h1'" && one_line
}
missing_host_list_is_named() { rm "$work/host.csv"; run top --once; exits 2 && says 'host.csv'; }

check_names_an_agent_that_is_down() {
  run check
  exits 1 && prints 'ok    configuration' && prints 'FAIL  agent h1' && prints '->'
}
check_prints_json() {
  run check --json
  exits 1 && prints '"ok":false' && prints '"what":"agent h1"'
}
check_names_a_bad_host_list() {
  hosts 'name,ip,port' 'h1,127.0.0.1,notaport'
  run check
  exits 2 && prints 'FAIL  hosts: ' && prints 'host.csv:2'
}

top_never_shows_zeros_for_a_silent_host() {
  run top --once --json
  exits 0 && prints '"name":"h1"' && prints '"up":false' && prints '"cpu_percent":null' || return 1
  run top --once
  exits 0 && prints 'never seen: '
}

record='{"host":"10.0.0.7","time":"Fri Jul 28 19:17:04 2023","cpu_percent":97.5,"vm_percent":50,
 "vm_used":500,"vm_free":500,"storage_percent":40,"storage_used":40,"storage_free":60,"containers":
 [{"id":"0123456789ab","cpu_usage":5,"memory_usage":9,"nw_usage":7,"cpu_per":3,"mem_per":1,"nw":2}]}'

replay_feeds_the_store() {
  hosts 'name,ip' 'edge,10.0.0.7'
  printf '[%s][%s]' "$record" "${record/19:17:04/19:17:09}" >"$work/sample.json"
  run replay sample.json
  exits 0 && prints 'replayed 2 records of 1 hosts: 6 points' || return 1
  run top --once --json --at 2023-07-28T19:17:10Z
  exits 0 && prints '"name":"edge"' && prints '"cpu_percent":97.5' && prints '"over_line":true' &&
    prints '"id":"0123456789ab"' || return 1
  run replay --now sample.json
  exits 0 || return 1
  run top --once --json
  prints '"up":true'
}
# Forty minutes of two hosts: on h1 six containers that burst in turn, together far below its line; one
# calm container on h2.
bursty_fleet() {
  awk 'BEGIN {
    for (step = 0; step < 480; ++step) {
      at = sprintf("%d000", 1790000000 + 5 * step); minute = int(step / 12); sum = 0
      for (c = 0; c < 6; ++c) {
        cores = (minute * 7 + c * 3) % 5 == 0 ? 1.5 : 0.2; sum += cores
        printf "Container,host=h1,name=c%d,id=aaaaaaaaaaa%d cpu_cores=%.1f,memory_working_set=9e6,", c, c, cores
        printf "state=\"running\" %s\n", at
      }
      printf "Container,host=h2,name=calm,id=bbbbbbbbbbbb cpu_cores=0.2,memory_working_set=9e6,"
      printf "state=\"running\" %s\n", at
      for (h = 1; h <= 2; ++h) {
        printf "Device,host=h%d cpu_percent=%.1f,cpu_cores=4,vm_percent=20,storage_percent=40,", h,
          h == 1 ? sum * 25 : 5
        printf "memory_total=8e9,storage_used=4e10,storage_free=6e10 %s\n", at
        printf "Monitor,host=h%d up=true %s\n", h, at
      }
    }
  }' >"$work/fleet.lines"
}
plan_judges_a_replayed_store_by_spread() {
  hosts 'name,ip,ssh_port' 'h1,127.0.0.1,1' 'h2,127.0.0.2,1'
  config '[orchestrator]' 'stale_after = 1000'
  bursty_fleet
  run replay --now fleet.lines
  exits 0 || return 1
  run top --once --json
  prints '"over_line":false' && prints '"hot":true' || return 1
  run plan --explain h1
  exits 0 && prints 'h1 expects' && prints 'to want more than it has' &&
    prints 'its Docker data was not read' || return 1
  run plan --explain h2
  prints 'no need: its risk is 0.000' || return 1
  run plan --set orchestrator.detector=threshold
  prints 'no host is over its line'
}
replay_keeps_what_was_good() {
  printf '[%s]\n[{"host": 5 "x"}]' "${record//$'\n'/ }" >"$work/sample.json"
  run replay sample.json
  exits 1 && says 'sample.json:2' && prints 'replayed 1 records' && one_line
}
replay_names_a_missing_file() { run replay nowhere.json; exits 1 && says 'nowhere.json' && one_line; }

agent_serves_and_stops() {
  local port signal
  for signal in TERM INT; do
    port=$(free_port)
    start --set "agent.listen=127.0.0.1:$port" --set agent.docker= agent
    until_true get "http://127.0.0.1:$port/healthz" && 
      page_has "http://127.0.0.1:$port/v1/telemetry" '"cpu"' || return 1
    stop "$signal"
    exits 0 || return 1
  done
}
port_in_use_is_named() {
  local port
  port=$(free_port)
  start --set "agent.listen=127.0.0.1:$port" --set agent.docker= agent
  until_true get "http://127.0.0.1:$port/healthz" || return 1
  run --set "agent.listen=127.0.0.1:$port" --set agent.docker= agent
  stop
  err=${err##*$'\n'}
  ((code == 0)) && says "127.0.0.1:$port" && says 'in use'
}

h1_is_up() { page_has "$1/api/v1/fleet" '"name":"h1","address":"127.0.0.1","up":true'; }
h2_is_silent() { page_has "$1/api/v1/fleet" '"name":"h2","address":"127.0.0.1","up":false'; }

up_shows_this_machine_and_stops() {
  local port page
  port=$(free_port)
  page=http://127.0.0.1:$(free_port)
  hosts 'name,ip,port' "h1,127.0.0.1,$port"
  config '[agent]' "listen = \"127.0.0.1:$port\"" 'docker = "unix:///nowhere.sock"' \
    '[monitor]' 'interval = "500ms"' '[web]' "listen = \"${page#http://}\""
  start up --with-agent
  until_true h1_is_up "$page" && page_has "$page/" '<title>Plimsoll' || return 1
  printf 'h2,127.0.0.1,1\n' >>"$work/host.csv"
  until_true h2_is_silent "$page" || return 1
  printf 'broken line\n' >>"$work/host.csv"
  until_true grep -q 'host.csv:4' "$work/started.txt" && h1_is_up "$page" || return 1
  hosts 'name,ip,port' "h1,127.0.0.1,$port"
  run top --once
  exits 0 && prints 'h1' && prints '1 up' || return 1
  run check
  prints 'ok    agent h1' || return 1
  stop INT
  exits 0 || return 1
  out=$(<"$work/started.txt")
  prints "The page: $page/" && prints 'No Docker engine answers'
}
top_in_a_terminal_quits() {
  command -v script >/dev/null || { note 'script(1) is missing'; return 1; }
  printf q | TERM=xterm timeout 30 script -qec "cd '$work' && stty rows 24 cols 80 && '$plimsoll' top" \
    "$work/typescript" >/dev/null
  code=$?
  out=$(<"$work/typescript")
  exits 0 && prints $'\e[?1049h' && prints $'\e[?1049l'
}
open_web_address_needs_a_token() {
  run --set web.listen=0.0.0.0:0 up
  exits 2 && says 'web.token_file' && one_line
}
store_that_is_away_is_named() {
  run --set store.kind=influxdb --set "store.url=http://127.0.0.1:$(free_port)" top --once
  exits 1 && says '127.0.0.1:' && says 'store.url' && one_line
}

main() {
  local test
  for test in help_has_examples version_is_printed no_command_is_wrong_usage \
    unknown_command_is_named unknown_flag_is_named missing_argument_is_named bad_key_is_named \
    all_problems_at_once bad_override_is_named missing_config_is_named config_from_the_environment \
    malformed_host_line_is_named duplicate_host_is_named missing_host_list_is_named \
    check_names_an_agent_that_is_down check_prints_json check_names_a_bad_host_list \
    top_never_shows_zeros_for_a_silent_host replay_feeds_the_store replay_keeps_what_was_good \
    plan_judges_a_replayed_store_by_spread \
    replay_names_a_missing_file agent_serves_and_stops port_in_use_is_named \
    up_shows_this_machine_and_stops top_in_a_terminal_quits open_web_address_needs_a_token \
    store_that_is_away_is_named; do
    fresh
    if "$test"; then
      printf 'ok %s\n' "$test"
      passed=$((passed + 1))
    else
      printf 'FAIL %s\n' "$test"
      failed=$((failed + 1))
    fi
  done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

main
