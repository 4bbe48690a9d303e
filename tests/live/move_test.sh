#!/bin/bash
# The move on real engines: warm, with data that is written meanwhile; back again by undo; a drain; a
# project as one; hooks; a client that loses no connection; and the orchestrator killed at each place
# of its journal. Usage: move_test.sh [PLIMSOLL]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-move.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-move
# shellcheck disable=SC2034 # counting_service.sh looks there
hosts=(h1 h2 h3)
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$here/../../lab/scenario.sh"
# shellcheck source=tests/support/counting_service.sh
. "$here/../support/counting_service.sh"

fleet_is_up() {
  lab up 3 --cpu 1 --agent "$plimsoll"
  lab image h1 app:1 --size 20
  cat >"$work/plimsoll.toml" <<CONF
hosts = "$PLIMSOLL_LAB_DIR/host.csv"
data_dir = "$work/data"
[monitor]
interval = "1s"
timeout = "900ms"
[orchestrator]
mode = "observe"
evaluate_every = "1s"
window = "10s"
stable_for = "300ms"
[ssh]
config = "$PLIMSOLL_LAB_DIR/ssh_config"
CONF
  start_plimsoll
}

warm_move_brings_everything_over() {
  run_counter h1 svc 8080
  docker_on h1 exec svc sh -c 'ln -s /count /link; mkfifo /fifo; chmod 4751 /count; head -c 3000000 /dev/urandom >/data/noise'
  until_true 30 counts_on h1 svc 20
  docker_on h1 exec svc sha256sum /data/noise >"$work/noise"
  until_true 60 is_seen h1 svc
  migrate svc --from h1 --to h2
  equal "$(container_state h2 svc)" running
  equal "$(container_state h1 "svc--retired-$(newest_move .id)")" exited
  equal "$(docker_on h2 exec svc sha256sum /data/noise)" "$(<"$work/noise")"
  equal "$(docker_on h2 exec svc readlink /link)" /count
  equal "$(docker_on h2 exec svc stat -c '%a %F' /count)" '4751 regular file'
  equal "$(docker_on h2 exec svc stat -c %F /fifo)" fifo
  until_true 30 counts_on h2 svc 30
  count_is_whole h2 svc
  # Its own words at the end of its life on h1 came over: nothing was lost between stop and start.
  docker_on h2 exec svc grep -c '^end' /data/count >/dev/null
  no_staged_things
}

only_what_was_missing_was_sent() {
  local actual
  ask show "$(newest_move .id)" --json >"$work/record"
  jq -e 'any(.steps[]; .state == "precopy" and (.detail | startswith("round 1")))' "$work/record" >/dev/null
  # An image of 20 MB that was not there, 3 MB of noise that was written, and little else.
  actual=$(jq .actual.bytes "$work/record")
  within 20000000 "$actual" 28000000
}

old_host_forwards() {
  equal "$(in_controller curl -sSf -m 5 "http://$(address_of h1):8080/")" here
  jq -e 'any(.steps[]; .state == "redirect" and (.detail | test("forwards 1 port")))' "$work/record" >/dev/null
}

undo_brings_back_what_was_written_since() {
  local id n
  id=$(newest_move .id)
  docker_on h2 exec svc sh -c 'echo later >/data/later; rm /link'
  n=$(counted h2 svc)
  ask undo "$id" >"$work/out" 2>"$work/error"
  equal "$(container_state h1 svc)" running
  equal "$(docker_on h1 exec svc cat /data/later)" later
  fails docker_on h1 exec svc test -e /link
  until_true 30 counts_on h1 svc "$n"
  count_is_whole h1 svc
  # Its image and most of its data were there.
  jq -e '.moves[0].actual.bytes < 500000' < <(ask history --limit 1 --json) >/dev/null
  fails_with 'only a move whose source is still kept' ask undo "$id"
  forget_retired
}

# A client that knows only the old address, and makes a new connection each time.
client_loses_no_connection() {
  in_controller python3 "$here/steady_client.py" "$(address_of h1)" 8080 "$work/stop" >"$work/client" &
  local client=$!
  until_true 30 grep -q ok "$work/client"
  migrate svc --from h1 --to h3
  until_true 30 some_after_the_move
  touch "$work/stop"
  wait "$client"
  jq -e '.refused == 0 and .failed == 0' <(tail -n 1 "$work/client") >/dev/null || {
    tail -n 3 "$work/client" >&2
    return 1
  }
}
some_after_the_move() { [[ $(ask show "$(newest_move .id)" --json | jq -r .state) == SourceRetired ]]; }

second_orchestrator_is_refused() {
  local code=0
  # Without a port: it does not know that hosts which listen only forward.
  docker_on h3 run -d --name plain app:1 sh -c 'while :; do sleep 1; done' >/dev/null
  ask --set "data_dir=$work/other" monitor >/dev/null 2>&1 &
  local monitor=$!
  until_true 60 other_sees_the_fleet
  ask --set "data_dir=$work/other" migrate plain --from h3 --to h2 >"$work/out" 2>"$work/error" || code=$?
  kill "$(in_other)" 2>/dev/null || true
  wait "$monitor" || true
  equal "$code" 1
  grep -q 'obeys another orchestrator' "$work/error" || { note "it said: $(<"$work/error")"; return 1; }
  equal "$(container_state h3 plain)" running
  docker_on h3 rm -f plain >/dev/null
}
other_sees_the_fleet() {
  ask --set "data_dir=$work/other" top --once --json 2>/dev/null | jq -e '([.hosts[] | select(.up)] | length == 3) and
    any(.hosts[].containers[]; .name == "plain" and .cpu_percent != null)' >/dev/null
}
in_other() {
  local pid
  for pid in $(processes_naming "data_dir=$work/other"); do
    [[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == "$plimsoll"*' monitor '* ]] && printf '%s\n' "$pid"
  done
}

hook_may_say_no() {
  fails ask --set 'hooks.pre_stop=["/bin/false"]' migrate svc --from h3 --to h2
  equal "$(newest_move .state)" RolledBack
  equal "$(container_state h3 svc)" running
  newest_move .error | grep -q 'hook pre_stop'
  no_staged_things
}

killed_everywhere_nothing_is_lost() { killed_at_each_act svc h3 h2; }

drain_empties_a_host() {
  local i
  for i in 1 2 3 4; do run_counter h1 "c$i" "$((9000 + i))"; done
  until_true 60 all_four_seen
  ask drain h1 --dry-run >"$work/out"
  ask drain h1 >"$work/out" 2>"$work/error"
  equal "$(docker_on h1 ps -q)" ''
  for i in 1 2 3 4; do equal "$(copies_of "c$i" | wc -l)" 1; done
  # Drained: nothing comes there until it is taken off.
  fails_with 'it is drained' ask migrate c1 --from "$(copies_of c1 | cut -d' ' -f1)" --to h1
  ask undrain h1 >/dev/null
  fails_with 'is not drained' ask undrain h1
}
all_four_seen() {
  ask top --once --json | jq -e '[.hosts[] | select(.name == "h1") | .containers[] |
    select(.state == "running" and .cpu_percent != null)] | length == 4' >/dev/null
}

begin_tests dockerd jq curl sshd rsync python3
for test in fleet_is_up warm_move_brings_everything_over only_what_was_missing_was_sent \
  old_host_forwards undo_brings_back_what_was_written_since client_loses_no_connection \
  second_orchestrator_is_refused hook_may_say_no killed_everywhere_nothing_is_lost \
  drain_empties_a_host down_leaves_nothing; do
  run "$test"
done
finish_tests
