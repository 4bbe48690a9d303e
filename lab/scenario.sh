# shellcheck shell=bash
# A small fleet at work, for the demo and the end-to-end test: three hosts, InfluxDB, `plimsoll up`
# in the controller's namespace. The caller sets `work` (a folder), `plimsoll` (the executable) and
# has sourced test_support.sh.

influx_user=plimsoll
influx_password=only-for-this-run
influx_url=http://127.0.0.1:8086

in_controller() { lab exec controller "$@"; }
ask() { in_controller "$plimsoll" --config "$work/plimsoll.toml" "$@"; }

# The commands that run until they are told to stop; the lab ends them too when it goes down.
in_background() {
  local log=$1
  shift
  lab exec controller "$@" >"$log" 2>&1 &
  disown
}

influx_query() {
  in_controller curl -sS -m 10 -u "$influx_user:$influx_password" -G "$influx_url/query" \
    --data-urlencode db=telemetrydata --data-urlencode "q=$1"
}

start_influxdb() {
  mkdir -p "$work/influx"
  cat >"$work/influxd.conf" <<CONF
reporting-disabled = true
bind-address = "127.0.0.1:8088"
[meta]
  dir = "$work/influx/meta"
[data]
  dir = "$work/influx/data"
  wal-dir = "$work/influx/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:8086"
  auth-enabled = true
  log-enabled = false
CONF
  in_background "$work/influxd.log" influxd -config "$work/influxd.conf"
  until_true 60 in_controller curl -sf -m 2 "$influx_url/ping"
  # With authentication on, InfluxDB lets anybody make the first user.
  in_controller curl -sSf -m 10 "$influx_url/query" --data-urlencode \
    "q=CREATE USER $influx_user WITH PASSWORD '$influx_password' WITH ALL PRIVILEGES" >/dev/null
  printf '%s\n' "$influx_password" >"$work/influx-password"
  chmod 0600 "$work/influx-password"
}

# write_config MODE: everything quick, so that a person need not wait. The line lies lower than by
# default: where the machine is busy with other things, a slice does not get all of its quota.
write_config() {
  cat >"$work/plimsoll.toml" <<CONF
hosts = "$PLIMSOLL_LAB_DIR/host.csv"
data_dir = "$work/data"

[monitor]
interval = "1s"
timeout = "900ms"

[store]
kind = "influxdb"
url = "$influx_url"
username = "$influx_user"
password_file = "$work/influx-password"

[orchestrator]
mode = "$1"
evaluate_every = "1s"
window = "10s"
host_cooldown = "20s"
line = { cpu = 60 }

[ssh]
config = "$PLIMSOLL_LAB_DIR/ssh_config"
CONF
}

# write_small_config MODE [LINE…]: the embedded store, everything quick; the lines are orchestrator's.
write_small_config() {
  cat >"$work/plimsoll.toml" <<CONF
hosts = "$PLIMSOLL_LAB_DIR/host.csv"
data_dir = "$work/data"
[monitor]
interval = "1s"
timeout = "900ms"
[ssh]
config = "$PLIMSOLL_LAB_DIR/ssh_config"
[orchestrator]
mode = "$1"
evaluate_every = "1s"
window = "10s"
CONF
  printf '%s\n' "${@:2}" >>"$work/plimsoll.toml"
}

start_plimsoll() {
  in_background "$work/up.log" "$plimsoll" --config "$work/plimsoll.toml" up
  until_true 60 all_hosts_seen
}

all_hosts_seen() {
  ask top --once --json 2>/dev/null | jq -e '.hosts | length > 0 and all(.up)' >/dev/null
}

# Its figures have come: HOST CONTAINER.
is_seen() {
  ask top --once --json | jq -e --arg host "$1" --arg name "$2" '[.hosts[] | select(.name == $host) |
    .containers[] | select(.name == $name and .cpu_percent != null)] | length == 1' >/dev/null
}

# A service that has everything a move must not lose, and burns CPU. PID 1 heeds SIGTERM only
# where it says so.
# shellcheck disable=SC2016 # the container's shell expands it, not ours
run_service() {
  docker_on "$1" run -d --name "$2" --cpus 0.25 -m 64m --restart unless-stopped \
    -e GREETING='hello from the fleet' --label team=blue -p 8080:80 -v data:/data app:1 \
    sh -c 'trap "exit 0" TERM
      mkdir -p /www; [ -e /www/born ] || { cat /proc/sys/kernel/random/uuid >/www/born; }
      echo "$GREETING" >/www/greeting; cp /www/born /data/born
      httpd -h /www -p 80; while :; do :; done' >/dev/null
}

# Load that its owner will not have moved.
run_neighbour() {
  docker_on "$1" run -d --name "$2" --cpus 0.2 -m 32m --label plimsoll.move=never app:1 \
    sh -c 'trap "exit 0" TERM; while :; do :; done' >/dev/null
}

# hold HOOK MIGRATE_ARGUMENT…: begins a move that waits at HOOK until let_go; its process: `mover`.
hold() {
  rm -f "$work/held"
  ask --set hooks.timeout=60s --set "hooks.$1=[\"/bin/sh\", \"-c\", \"touch $work/held; while [ -e $work/held ]; do sleep 0.05; done\"]" \
    migrate "${@:2}" >"$work/out" 2>"$work/error" &
  # shellcheck disable=SC2034 # the caller waits for it
  mover=$!
  until_true 60 test -e "$work/held" || { cat "$work/error" >&2 && return 1; }
}
let_go() { rm -f "$work/held"; }

newest_move() { ask history --limit 1 --json 2>/dev/null | jq -r ".moves[0]$1"; }
move_is() { [[ $(newest_move .state) == "$1" ]]; }
move_has_ended() { [[ $(newest_move '.finished // empty') ]]; }
# Of a move that has not ended: the one before had the same steps.
step_began() {
  ask history --limit 1 --json 2>/dev/null | jq -e --arg step "$1" \
    '.moves[0] // {} | .finished == null and any(.steps // [] | .[]; .state == $step)' >/dev/null
}
cpu_below() {
  ask top --once --json | jq -e --arg host "$1" --argjson limit "$2" \
    '.hosts[] | select(.name == $host) | .cpu_percent != null and .cpu_percent < $limit' >/dev/null
}
over_line() {
  ask top --once --json | jq -e --arg host "$1" \
    '.hosts[] | select(.name == $host) | .over_line' >/dev/null
}
below_line() {
  ask top --once --json | jq -e --arg host "$1" \
    '.hosts[] | select(.name == $host) | .up and (.over_line | not)' >/dev/null
}
container_state() {
  local status
  status=$(docker_on "$1" inspect -f '{{.State.Status}}' "$2" 2>/dev/null) || status=none
  printf '%s\n' "$status"
}
served() { in_controller curl -sSf -m 5 "http://$1:8080/$2"; }
address_of() { awk -F, -v host="$1" '$1 == host { print $2 }' "$PLIMSOLL_LAB_DIR/host.csv"; }
