#!/usr/bin/env bash
# plimsoll export on real stores: what comes out goes in again as it was.
# Usage: export_test.sh PLIMSOLL
set -u -o pipefail

plimsoll=$(realpath "${1:-build/plimsoll}")
sample=$(realpath "$(dirname "$0")/../../test_data.json")
compare=$(realpath "$(dirname "$0")/same_points.py")
work=$(mktemp -d)
started=()
passed=0
failed=0
out='' err='' code=0

stop_servers() {
  local pid
  for pid in "${started[@]}"; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
  started=()
}
cleanup() { stop_servers; rm -rf "$work"; }
trap cleanup EXIT

note() { printf '  %s\n' "$*" >&2; }
run() {
  out=$(cd "$work" && timeout 60 "$plimsoll" "$@" 2>err.txt </dev/null)
  code=$?
  err=$(<"$work/err.txt")
}
exits() { ((code == $1)) || { note "exit code $code, not $1: $err"; return 1; }; }
says() { [[ $err == *"$1"* ]] || { note "standard error lacks '$1': $err"; return 1; }; }

exec {never}<> <(:)
until_true() {
  local end=$((SECONDS + 30)) _
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { note "not within 30 s: $*"; return 1; }
    read -rt 0.05 -u "$never" _ || true
  done
}
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# The range of everything in the sample file, however old that is.
range=(--from 2020-01-01 --to now)
sqlite() { run --set "data_dir=$1" "${@:2}"; }
filled() { sqlite "$work/$1" replay "$sample" && exits 0; }

lines_go_round_through_sqlite() {
  filled one || return 1
  sqlite "$work/one" export "${range[@]}" --format lp -o one.lp && exits 0 && says exported || return 1
  # It is older than raw points are kept.
  says 'store.keep_raw' && says 'Device@1m' || return 1
  sqlite "$work/two" replay one.lp && exits 0 || return 1
  sqlite "$work/two" export "${range[@]}" --format lp -o two.lp && exits 0 || return 1
  (($(grep -c '^Device,' "$work/one.lp") > 10)) && cmp "$work/one.lp" "$work/two.lp"
}

csv_is_read_by_others() {
  filled one && sqlite "$work/one" export "${range[@]}" -o all.csv && exits 0 || return 1
  sqlite "$work/one" export "${range[@]}" --format lp -o all.lp && exits 0 || return 1
  python3 - "$work/all.csv" "$work/all.lp" <<'END'
import csv, sys
with open(sys.argv[1], newline="") as file:
    text = file.read()
rows = list(csv.DictReader(text.splitlines(keepends=True), strict=True))
points = [line for line in open(sys.argv[2]) if not line.startswith("#")]
assert text.count("\r\n") == text.count("\n"), "line ends"
assert len(rows) == len(points), (len(rows), len(points))
assert {row["measurement"] for row in rows} == {"Device", "Container", "Monitor"}
assert all(row["time"].endswith("Z") and row["host"] for row in rows)
assert all(float(row["cpu_percent"]) >= 0 for row in rows if row["measurement"] == "Device")
END
}

one_host_and_measurement_can_be_chosen() {
  filled one || return 1
  local host
  sqlite "$work/one" export "${range[@]}" --format lp --measurement Device && exits 0 || return 1
  host=$(sed -n 's/^Device,host=\([^ ]*\) .*/\1/p' <<<"$out" | sort | head -n1)
  sqlite "$work/one" export "${range[@]}" --format lp --measurement Device --host "$host"
  exits 0 && [[ -n $host ]] || return 1
  [[ $(grep -v '^#' <<<"$out" | cut -d' ' -f1 | sort -u) == "Device,host=$host" ]]
}

mistakes_are_named() {
  filled one || return 1
  sqlite "$work/one" export "${range[@]}" --measurement Devcie
  exits 1 && says "no measurement 'Devcie'; did you mean 'Device'?" || return 1
  sqlite "$work/one" export --from yesterday && exits 2 && says "--from: 'yesterday' is no time" || return 1
  sqlite "$work/one" export --from now --to -1h && exits 2 && says '--from must be before --to' || return 1
  sqlite "$work/one" export --format xml && exits 2 && says 'xml' || return 1
  sqlite "$work/one" export -o /nowhere/at/all && exits 1 && says '/nowhere/at/all.part: cannot be written' || return 1
  run --set store.kind=influxdb --set "store.url=http://127.0.0.1:$(free_port)" export -o x
  exits 1 && says 'store.url' && [[ ! -e $work/x && ! -e $work/x.part ]]
}

start_influxd() {
  port=$(free_port)
  printf '%s\n' 'reporting-disabled = true' 'bind-address = "127.0.0.1:0"' \
    '[meta]' "dir = \"$work/meta\"" \
    '[data]' "dir = \"$work/data\"" "wal-dir = \"$work/wal\"" 'query-log-enabled = false' \
    '[http]' "bind-address = \"127.0.0.1:$port\"" 'log-enabled = false' >"$work/influxd.conf"
  influxd -config "$work/influxd.conf" >"$work/influxd.log" 2>&1 &
  started+=($!)
  until_true curl -sf "http://127.0.0.1:$port/ping"
}

lines_go_into_influxdb_by_its_own_client_and_come_back() {
  local port
  filled one && sqlite "$work/one" export "${range[@]}" --format lp -o one.lp && exits 0 || return 1
  start_influxd || return 1
  influx -port "$port" -execute 'CREATE DATABASE telemetrydata' || return 1
  if ! influx -port "$port" -import -path "$work/one.lp" -precision ms >"$work/import.txt" 2>&1; then
    note "$(tail -n3 "$work/import.txt")"
    return 1
  fi
  run --set store.kind=influxdb --set "store.url=http://127.0.0.1:$port" export "${range[@]}" \
    --format lp -o back.lp
  exits 0 && python3 "$compare" "$work/one.lp" "$work/back.lp"
}

lines_go_through_victoriametrics_with_texts_and_types() {
  local port vm
  filled one && sqlite "$work/one" export "${range[@]}" --format lp -o one.lp && exits 0 || return 1
  port=$(free_port)
  victoria-metrics -storageDataPath="$work/vm" -httpListenAddr="127.0.0.1:$port" \
    -retentionPeriod=100y -memory.allowedBytes=256MB >"$work/vm.log" 2>&1 &
  started+=($!)
  until_true curl -sf "http://127.0.0.1:$port/health" || return 1
  vm=(--set store.kind=victoriametrics --set "store.url=http://127.0.0.1:$port")
  run "${vm[@]}" replay one.lp && exits 0 || return 1
  curl -sf "http://127.0.0.1:$port/internal/force_flush" || return 1
  run "${vm[@]}" export "${range[@]}" --format lp -o back.lp
  exits 0 && python3 "$compare" "$work/one.lp" "$work/back.lp"
}

main() {
  local test
  for test in lines_go_round_through_sqlite csv_is_read_by_others \
    one_host_and_measurement_can_be_chosen mistakes_are_named \
    lines_go_into_influxdb_by_its_own_client_and_come_back \
    lines_go_through_victoriametrics_with_texts_and_types; do
    stop_servers
    rm -rf "${work:?}"/*
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
