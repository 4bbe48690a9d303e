#!/bin/bash
# The whole loop on real parts: agents, monitor, InfluxDB, decision, SSH, Docker. Usage: e2e_test.sh
# [PLIMSOLL]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-e2e.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-e2e
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$here/../../lab/scenario.sh"

field() { docker_on "$1" inspect -f "$3" "$2"; }
line_of() { tail -n 1 "$work/error"; }
migrate() { ask migrate "$@" >"$work/out" 2>"$work/error"; }

# --- the loop ---------------------------------------------------------------------------------

fleet_is_seen() {
  lab up 3 --cpu 0.5 --agent "$plimsoll"
  lab image h1 app:1 --size 20
  start_influxdb
  write_config auto
  start_plimsoll
  ask check >"$work/check"
  fails grep -E '^(FAIL|warn)' "$work/check"
}

overload_moves_a_container_by_itself() {
  run_neighbour h1 steady
  run_service h1 crunch
  until_true 30 served "$(address_of h1)" born >/dev/null
  served "$(address_of h1)" born >"$work/born"
  field h1 crunch '{{json .Config.Env}} {{json .HostConfig.Memory}} {{json .HostConfig.NanoCpus}}' \
    >"$work/crunch"
  until_true 60 over_line h1
  until_true 150 move_is SourceRetired
  equal "$(newest_move .container)" crunch
  newest_move .to >"$work/to"
}

container_is_the_same_there() {
  local to
  to=$(<"$work/to")
  equal "$(container_state "$to" crunch)" running
  equal "$(field "$to" crunch \
    '{{json .Config.Env}} {{json .HostConfig.Memory}} {{json .HostConfig.NanoCpus}}')" \
    "$(<"$work/crunch")"
  equal "$(field "$to" crunch '{{.HostConfig.RestartPolicy.Name}}')" unless-stopped
  equal "$(field "$to" crunch '{{index .Config.Labels "team"}}')" blue
  equal "$(field "$to" crunch '{{(index (index .HostConfig.PortBindings "80/tcp") 0).HostPort}}')" 8080
  equal "$(served "$(address_of "$to")" greeting)" 'hello from the fleet'
  # Written once at its first start, into the writable layer and into the volume.
  equal "$(served "$(address_of "$to")" born)" "$(<"$work/born")"
  equal "$(docker_on "$to" exec crunch cat /data/born)" "$(<"$work/born")"
}

source_is_retired() {
  equal "$(container_state h1 crunch)" none
  equal "$(container_state h1 "crunch--retired-$(newest_move .id)")" exited
  equal "$(field h1 "crunch--retired-$(newest_move .id)" '{{.HostConfig.RestartPolicy.Name}}')" no
  # Who knows only the old address is served from there.
  equal "$(served "$(address_of h1)" born)" "$(<"$work/born")"
}

load_has_left() {
  until_true 90 below_line h1
  until_true 60 cpu_below h1 60
}

history_has_the_figures() {
  ask history --json >"$work/history"
  jq -e '.moves | length == 1' "$work/history" >/dev/null
  jq -e '.moves[0] | .actual.bytes > 20000000 and .actual.transfer_s > 0 and
    .actual.downtime_s > 0 and .predicted.bytes > 0 and .finished != null' "$work/history" >/dev/null
  jq -e '.moves[0].steps | length >= 13 and all(.finished != null)' "$work/history" >/dev/null
  ask show "$(newest_move .id)" | grep -q 'digests equal'
}

influxdb_holds_all_hosts() {
  local measurement
  for measurement in Device Monitor; do
    equal "$(influx_query "SHOW TAG VALUES FROM $measurement WITH KEY = host" |
      jq -r '[.results[0].series[0].values[][1]] | sort | join(" ")')" "h1 h2 h3"
  done
  influx_query "SELECT mean(cpu_percent) FROM Device WHERE host = 'h1'" |
    jq -e '.results[0].series[0].values[0][1] > 0' >/dev/null
  influx_query "SELECT last(cpu_percent) FROM Container WHERE \"name\" = 'crunch' GROUP BY host" |
    jq -e '.results[0].series | length == 2' >/dev/null
}

nothing_more_is_moved() {
  # It stays with one move while the loop evaluates ten times more.
  local polls
  polls=$(influx_query "SELECT count(up) FROM Monitor WHERE host = 'h1'" |
    jq '.results[0].series[0].values[0][1]')
  until_true 60 more_polls_than $((polls + 10))
  jq -e '.moves | length == 1' < <(ask history --json) >/dev/null
}
more_polls_than() {
  (($(influx_query "SELECT count(up) FROM Monitor WHERE host = 'h1'" |
    jq '.results[0].series[0].values[0][1]') > $1))
}

plan_says_that_nothing_is_to_do() {
  ask plan --json | jq -e '.moves == [] and (.rejected | type == "array")' >/dev/null
  ask plan | grep -q 'no host is over its line'
}

dry_run_only_predicts() {
  ask migrate crunch --from "$(<"$work/to")" --to auto --dry-run >"$work/out"
  grep -q '^Predicted: ' "$work/out"
  equal "$(container_state "$(<"$work/to")" crunch)" running
  jq -e '.moves | length == 1' < <(ask history --json) >/dev/null
}

detached_move_is_taken_up_by_the_running_loop() {
  local from to=h2
  from=$(<"$work/to")
  [[ $from != h2 ]] || to=h3
  ask migrate crunch --from "$from" --to "$to" --detach >"$work/out"
  grep -q 'is approved' "$work/out"
  until_true 60 move_is SourceRetired
  equal "$(container_state "$to" crunch)" running
  equal "$(served "$(address_of "$to")" born)" "$(<"$work/born")"
  # The image went with it; only the second move's own label is on the copy.
  equal "$(field "$to" crunch '{{index .Config.Labels "plimsoll.move.id"}}')" "$(newest_move .id)"
}

# --- what may go wrong ------------------------------------------------------------------------

dockerd_dies_while_the_image_is_sent() {
  # A volume and a fresh image of 60 MB on a slow link: time enough to die in the middle.
  lab image h2 big:1 --size 60
  docker_on h2 run -d --name lasting --restart always big:1 sh -c 'trap "exit 0" TERM
    echo precious >/written; while :; do sleep 1; done' >/dev/null
  until_true 30 is_seen h2 lasting
  field h2 lasting '{{.State.StartedAt}} {{.State.Pid}}' >"$work/lasting"
  lab net h3 --rate 50mbit
  migrate lasting --from h2 --to h3 &
  local migration=$!
  until_true 60 step_began 'stage image'
  lab kill h3 dockerd
  fails wait "$migration"
  lab net h3 --rate none
  equal "$(newest_move .state)" RolledBack
  # Never stopped: the same process since before.
  equal "$(field h2 lasting '{{.State.StartedAt}} {{.State.Pid}}')" "$(<"$work/lasting")"
  equal "$(field h2 lasting '{{.HostConfig.RestartPolicy.Name}}')" always
  grep -q "'lasting' runs on h2 as before" "$work/error"
}

dockerd_dies_after_the_source_was_stopped() {
  local mover
  until_true 60 docker_on h3 info >/dev/null 2>&1
  until_true 60 all_hosts_seen
  until_true 60 is_seen h2 lasting
  hold pre_start lasting --from h2 --to h3
  equal "$(container_state h2 lasting)" exited
  lab kill h3 dockerd --stay-down
  let_go
  until_true 90 step_began 'stop destination'
  lab start h3 dockerd
  fails wait "$mover"
  equal "$(newest_move .state)" RolledBack
  equal "$(container_state h2 lasting)" running
  equal "$(docker_on h2 exec lasting cat /written)" precious
  equal "$(field h2 lasting '{{.HostConfig.RestartPolicy.Name}}')" always
  equal "$(docker_on h3 ps -aq --filter label=plimsoll.move.id="$(newest_move .id)")" ''
}

driver_killed_in_mid_move_is_recovered() {
  local where mover
  until_true 60 docker_on h3 info >/dev/null 2>&1
  until_true 60 all_hosts_seen
  until_true 60 is_seen h2 lasting
  hold pre_final lasting --from h2 --to h3
  kill -KILL "$(migration_pid)"
  let_go
  # Nobody told the running loop: it finds the move without a driver, and takes it back, or forward
  # where the copy ran already.
  until_true 60 newest_move_has_ended
  where=h2
  ! move_is SourceRetired || where=h3
  equal "$(container_state "$where" lasting)" running
  equal "$(docker_on "$where" exec lasting cat /written)" precious
  equal "$(field "$where" lasting '{{.HostConfig.RestartPolicy.Name}}')" always
  equal "$({ docker_on h2 ps -q --filter name=lasting; docker_on h3 ps -q --filter name=lasting; } | wc -l)" 1
  until_true 30 no_connection_of_the_dead_driver
}
newest_move_has_ended() { move_is RolledBack || move_is SourceRetired; }
migration_pid() {
  local pid
  for pid in $(processes_naming "$work/plimsoll.toml"); do
    [[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == "$plimsoll"*' migrate '* ]] && printf '%s\n' "$pid"
  done
}
# The ssh processes are children of nobody then, if they live.
no_connection_of_the_dead_driver() {
  local pid
  for pid in $(processes_naming "$PLIMSOLL_LAB_DIR/ssh_config"); do
    [[ $(awk '/^PPid:/ { print $2 }' "/proc/$pid/status") != 1 ]] || return 1
  done
}

# fails_in_one_line TEXT ARGUMENT…: migrate ends with 1 and says one line, with TEXT in it, on
# standard error and nothing else.
fails_in_one_line() {
  local code=0 text=$1
  shift
  migrate "$@" || code=$?
  equal "$code" 1
  equal "$(wc -l <"$work/error") $(wc -c <"$work/out")" '1 0' || { note "it said: $(<"$work/error")"; return 1; }
  grep -qF "$text" "$work/error" || { note "lacks '$text': $(<"$work/error")"; return 1; }
}

unknown_container_is_named() {
  fails_in_one_line "no container 'nobody' there: it has " nobody --from h2 --to h3
  grep -q h2 "$work/error"
}

unknown_host_is_usage() {
  local code=0
  migrate lasting --from h2 --to h9 || code=$?
  equal "$code" 2
  grep -q "no host 'h9'" "$work/error"
}

unreachable_ssh_is_one_clear_line() {
  until_true 60 docker_on h3 info >/dev/null 2>&1
  until_true 60 all_hosts_seen
  lab kill h3 sshd --stay-down
  fails_in_one_line 'h3: nothing listens on its SSH port' lasting --from h2 --to h3 --force
  lab start h3 sshd
  until_true 30 lab ssh h3 true
  equal "$(container_state h2 lasting)" running
}

changed_host_key_is_refused() {
  cp "$PLIMSOLL_LAB_DIR/known_hosts" "$work/known_hosts"
  ssh-keygen -q -t ed25519 -N '' -f "$work/other_key"
  printf '%s %s\n' "$(address_of h3)" "$(cut -d' ' -f1,2 "$work/other_key.pub")" \
    >"$PLIMSOLL_LAB_DIR/known_hosts"
  grep -v "$(address_of h3)" "$work/known_hosts" >>"$PLIMSOLL_LAB_DIR/known_hosts" || true
  fails_in_one_line 'h3: its SSH host key has changed: ' lasting --from h2 --to h3 --force
  cp "$work/known_hosts" "$PLIMSOLL_LAB_DIR/known_hosts"
  # Not that it is unknown, which is mended otherwise.
  fails grep -F 'is not known' "$work/error"
  equal "$(container_state h2 lasting)" running
}

wrong_database_password_is_named() {
  local code=0
  printf 'wrong\n' >"$work/wrong-password"
  ask --set "store.password_file=$work/wrong-password" top --once 2>"$work/error" || code=$?
  equal "$code" 1
  equal "$(wc -l <"$work/error")" 1
  grep -q "127.0.0.1:8086" "$work/error"
  grep -qi password "$work/error"
}

silent_host_is_shown_as_such() {
  lab power-off h3
  until_true 30 h3_is_down
  ask top --once --json | jq -e '.hosts[] | select(.name == "h3") |
    .cpu_percent == null and .error != "" and (.up | not)' >/dev/null
}
h3_is_down() {
  ask top --once --json | jq -e '.hosts[] | select(.name == "h3") | .up | not' >/dev/null
}

begin_tests dockerd influxd jq curl sshd
for test in fleet_is_seen overload_moves_a_container_by_itself container_is_the_same_there \
  source_is_retired load_has_left history_has_the_figures influxdb_holds_all_hosts \
  nothing_more_is_moved plan_says_that_nothing_is_to_do dry_run_only_predicts \
  detached_move_is_taken_up_by_the_running_loop dockerd_dies_while_the_image_is_sent \
  dockerd_dies_after_the_source_was_stopped unknown_container_is_named unknown_host_is_usage \
  unreachable_ssh_is_one_clear_line changed_host_key_is_refused \
  driver_killed_in_mid_move_is_recovered wrong_database_password_is_named silent_host_is_shown_as_such down_leaves_nothing; do
  run "$test"
done
finish_tests
