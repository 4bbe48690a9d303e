#!/bin/bash
# What `plimsoll plan` says of a real fleet, before anything moves: a Compose project as one unit, the
# plan of a drain, and why not. Usage: plan_test.sh [PLIMSOLL]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-plan.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-plan
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$here/../../lab/scenario.sh"

write_plan_config() {
  cat >"$work/plimsoll.toml" <<CONF
hosts = "$PLIMSOLL_LAB_DIR/host.csv"
data_dir = "$work/data"
[monitor]
interval = "1s"
timeout = "900ms"
[orchestrator]
mode = "observe"
evaluate_every = "1s"
window = "5s"
line = { cpu = 60 }
stale_after = 30
[ssh]
config = "$PLIMSOLL_LAB_DIR/ssh_config"
CONF
}

# member NAME SERVICE NEEDS CPUS: a container as Compose makes it.
member() {
  docker_on h1 run -d --name "$1" --cpus "$4" -m 32m \
    --label com.docker.compose.project=shop --label "com.docker.compose.service=$2" \
    --label "com.docker.compose.depends_on=$3" app:1 \
    sh -c 'trap "exit 0" TERM; while :; do :; done' >/dev/null
}

fleet_with_a_project_is_up() {
  lab up 3 --cpu 0.5 --agent "$plimsoll"
  lab image h1 app:1 --size 5
  write_plan_config
  start_plimsoll
  member shop-web-1 web db:service_started:false 0.1
  member shop-db-1 db '' 0.1
  docker_on h1 run -d --name stays --cpus 0.25 --label plimsoll.move=never -m 16m app:1 \
    sh -c 'trap "exit 0" TERM; while :; do :; done' >/dev/null
  until_true 60 all_are_seen
}
all_are_seen() {
  ask top --once --json | jq -e '[.hosts[] | select(.name == "h1") | .containers[] |
    select(.cpu_percent != null)] | length == 3' >/dev/null
}

drain_is_planned_whole_and_in_order() {
  until_true 60 drain_moves_the_project
  # Nothing was done: it is a plan.
  equal "$(container_state h1 shop-db-1)" running
  equal "$(ask history --json | jq '.moves | length')" 0
}
drain_moves_the_project() {
  ask plan --drain h1 --json >"$work/out" 2>"$work/error" || true
  jq -e '[.moves[] | [.order, .container, .unit]] ==
      [[1, "shop-db-1", "shop"], [2, "shop-web-1", "shop"]]
    and ([.moves[].to] | unique | length == 1)
    and .moves[0].predicted.image_bytes > 0 and .moves[1].predicted.image_bytes == 0
    and any(.rejected[]; .container == "stays" and .rule == "label_never")' "$work/out" >/dev/null
}

drain_that_leaves_something_says_so() {
  fails_with 'h1 would not be empty' ask plan --drain h1
  ask plan --drain h2 | grep -q 'nothing runs on h2'
  fails_with "no host 'h9'" ask plan --drain h9
}

why_not_is_answered() {
  ask plan --explain shop-web-1 >"$work/out"
  grep -q 'not alone: it moves together with shop-db-1' "$work/out"
  grep -q "^  to all of 'shop' (shop-db-1, shop-web-1)" "$work/out"
  ask plan --explain stays | grep -q 'its owner says plimsoll.move=never \[label_never\]'
  ask plan --explain h2 >"$work/out"
  grep -q '^May it receive?' "$work/out"
  grep -q '^  yes, from hosts at more risk than its own .* fit below 76.5 % memory' "$work/out"
  fails_with "neither a host nor a container is called 'shop'" ask plan --explain shop
}

# Mode auto, and a host over its line on which all that helps is the project: it goes as one.
loop_moves_the_unit_as_one() {
  local to pid
  until_true 120 over_line h1
  in_background "$work/loop.log" "$plimsoll" --config "$work/plimsoll.toml" orchestrate --mode auto
  until_true 120 unit_has_moved
  ask history --json >"$work/out"
  jq -e '.moves | length == 1 and .[0].container == "shop" and
    .[0].members == ["shop-db-1", "shop-web-1"]' "$work/out" >/dev/null
  to=$(newest_move .to)
  for pid in shop-db-1 shop-web-1; do
    equal "$(container_state "$to" "$pid")" running
    equal "$(container_state h1 "$pid")" none
  done
  equal "$(docker_on "$to" inspect -f '{{index .Config.Labels "com.docker.compose.project"}}' shop-db-1)" shop
}
unit_has_moved() { [[ $(newest_move .state) == SourceRetired ]]; }

quiet_hours_stop_the_plan() {
  ask plan --set 'orchestrator.quiet=["daily 00:00-24:00"]' >"$work/out"
  grep -q '^  fleet \[quiet\]: quiet hours daily 00:00-24:00' "$work/out"
}

begin_tests dockerd jq sshd
for test in fleet_with_a_project_is_up drain_is_planned_whole_and_in_order \
  drain_that_leaves_something_says_so why_not_is_answered \
  quiet_hours_stop_the_plan loop_moves_the_unit_as_one down_leaves_nothing; do
  run "$test"
done
finish_tests
