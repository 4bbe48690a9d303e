#!/bin/bash
# Faults put into a move at a chosen place, on real engines: a hook holds the move there until the
# fault is in. After each: one copy runs, what it counted is whole, nothing is left over on either
# host. Usage: fault_test.sh [PLIMSOLL]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-fault.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-fault
# shellcheck disable=SC2034 # counting_service.sh looks there
hosts=(h1 h2 h3)
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$here/../../lab/scenario.sh"
# shellcheck source=tests/support/counting_service.sh
. "$here/../support/counting_service.sh"

fleet_is_up() {
  lab up 3 --cpu 1 --disk 400 --agent "$plimsoll"
  lab image h1 app:1 --size 20
  write_small_config observe 'stable_for = "300ms"' 'stall_timeout = "5s"' 'health_timeout = "5s"'
  start_plimsoll
  run_counter h1 svc 8080
  # Engine 20.10 that comes back after a SIGKILL stops what ran, and starts only "always" again.
  docker_on h1 update --restart always svc >/dev/null
  until_true 60 is_seen h1 svc
}

place() { copies_of svc | awk '$2 == "svc" { print $1 }'; }
other() { if [[ $1 == h1 ]]; then echo h2; else echo h1; fi; }

# at HOOK COMMAND…: svc moves to the other host, and COMMAND is done just there.
at() {
  local from mover
  from=$(place)
  hold "$1" svc --from "$from" --to "$(other "$from")" --force
  "${@:2}"
  let_go
  wait "$mover" || true
  until_true 120 move_has_ended
}

# all_is_well COUNTED: svc runs once, has gone on counting from there, and nothing is left over.
all_is_well() {
  local host
  until_true 60 runs_once || { note "runs: '$(copies_of svc)'" && return 1; }
  until_true 30 counts_on "$(place)" svc "$1"
  count_is_whole "$(place)" svc
  until_true 60 nothing_staged || no_staged_things
  equal "$(field "$(place)" svc '{{.HostConfig.RestartPolicy.Name}}')" always
  forget_retired
  until_true 60 all_hosts_seen
  for host in "${hosts[@]}"; do until_true 60 engine_answers "$host"; done
}
runs_once() { [[ $(copies_of svc | wc -l) == 1 && $(place) ]]; }
nothing_staged() { no_staged_things 2>/dev/null; }

engine_killed_on_either_side() {
  local phase side host n
  for phase in precopy final start finish; do
    for side in from to; do
      host=$(place)
      n=$(counted "$host" svc)
      [[ $side == from ]] || host=$(other "$host")
      at "pre_$phase" lab kill "$host" dockerd
      until_true 60 engine_answers "$host"
      all_is_well "$n" || { note "dockerd of $side ($host) killed before $phase" && return 1; }
    done
  done
}
engine_answers() { docker_on "$1" info >/dev/null 2>&1; }

# Nothing comes back and nobody is told, until the move has seen for itself that it stands still.
link_cut_in_each_transfer() {
  local phase from to n mover
  for phase in stage precopy final; do
    from=$(place)
    to=$(other "$from")
    n=$(counted "$from" svc)
    [[ $phase != stage ]] || forget_image "$to"
    hold "pre_$phase" svc --from "$from" --to "$to" --force
    lab cut "$to"
    let_go
    until_true 60 step_has_failed || { note "link cut before $phase" && return 1; }
    lab heal "$to"
    wait "$mover" || true
    until_true 120 move_has_ended
    all_is_well "$n" || { note "link cut before $phase" && return 1; }
  done
}
step_has_failed() {
  ask history --limit 1 --json 2>/dev/null |
    jq -e '.moves[0] | .finished != null or any(.steps[]; .failed)' >/dev/null
}

# In the middle of the image: a part of it is over already.
link_cut_while_the_image_is_sent() {
  local from to n mover before
  from=$(place)
  to=$(other "$from")
  n=$(counted "$from" svc)
  forget_image "$to"
  lab net "$to" --rate 20mbit
  hold pre_stage svc --from "$from" --to "$to" --force
  before=$(received "$to")
  let_go
  until_true 60 has_received "$to" $((before + 4000000))
  lab cut "$to"
  until_true 60 step_has_failed
  lab heal "$to"
  lab net "$to" --rate none
  wait "$mover" || true
  until_true 120 move_has_ended
  all_is_well "$n"
}
forget_image() { docker_on "$1" rmi -f app:1 >/dev/null 2>&1 || true; }
received() { lab bytes "$1" | awk '{ print $1 }'; }
has_received() { (($(received "$1") > $2)); }

disk_full_at_the_destination() {
  local phase to n
  for phase in stage create precopy final; do
    to=$(other "$(place)")
    n=$(counted "$(place)" svc)
    [[ $phase != stage ]] || forget_image "$to"
    at "pre_$phase" fill "$to"
    [[ $phase != stage ]] || equal "$(newest_move .state)" RolledBack
    lab exec "$to" rm -f "$(filler "$to")"
    until_true 60 has_room
    all_is_well "$n" || { note "disk of $to full before $phase" && return 1; }
  done
}
filler() { docker_on "$1" info -f '{{.DockerRootDir}}/filler'; }
# What the monitor has seen of it.
has_room() {
  ask migrate svc --from "$(place)" --to "$(other "$(place)")" --dry-run --force >/dev/null 2>&1
}
fill() { fails lab exec "$1" sh -c "head -c 500M /dev/zero >$(filler "$1")"; }

port_taken_at_the_last_moment() {
  local to n
  to=$(other "$(place)")
  n=$(counted "$(place)" svc)
  at pre_start docker_on "$to" run -d --name squatter -p 8080:80 app:1 sleep 1000
  equal "$(newest_move .state)" RolledBack
  equal "$(container_state "$to" squatter)" running
  docker_on "$to" rm -f squatter >/dev/null
  all_is_well "$n"
}

# Restarted by hand it goes on, from what it had written; with other limits than its copy has it
# stays, and takes them along the next time.
source_changed_by_a_person() {
  local n from phase
  for phase in precopy stop; do
    from=$(place)
    n=$(counted "$from" svc)
    at "pre_$phase" docker_on "$from" restart svc
    all_is_well "$n"
  done
  from=$(place)
  n=$(counted "$from" svc)
  at pre_stop docker_on "$from" update --cpus 0.3 svc
  equal "$(newest_move .state)" RolledBack
  newest_move .error | grep -q 'somebody changed the original meanwhile: HostConfig.NanoCpus'
  all_is_well "$n"
  equal "$(place)" "$from"
  equal "$(field "$from" svc '{{.HostConfig.NanoCpus}}')" 300000000
  migrate svc --from "$from" --to "$(other "$from")" --force
  all_is_well "$n"
  equal "$(field "$(place)" svc '{{.HostConfig.NanoCpus}}')" 300000000
}

# Whoever removes it wants it gone, or has made a mistake: nothing is started, neither volume is
# touched, and the commands for a person are printed.
source_removed_by_a_person() {
  local from to n
  from=$(place)
  to=$(other "$from")
  n=$(counted "$from" svc)
  at pre_final docker_on "$from" rm -f svc
  equal "$(newest_move .state)" Quarantined
  newest_move .error | grep -q "'svc' is not there any more"
  grep -q "or the new:.*ssh $to docker start" "$work/error"
  equal "$(copies_of svc)" ''
  equal "$(container_state "$to" "svc--plimsoll-$(newest_move .id)")" created
  (($(docker_on "$from" run --rm -v svc:/data app:1 tail -n 1 /data/count | cut -d' ' -f2) > n))
  docker_on "$to" rm -f "svc--plimsoll-$(newest_move .id)" >/dev/null
}

# A file in a tmpfs, which is not moved, is what its health hangs on.
health_that_never_comes() {
  docker_on h1 run -d --name patient --tmpfs /t --health-cmd 'test -e /t/ok' --health-interval 1s \
    --health-retries 2 app:1 sh -c 'trap "exit 0" TERM; while :; do sleep 1; done' >/dev/null
  docker_on h1 exec patient touch /t/ok
  until_true 30 is_healthy
  until_true 60 is_seen h1 patient
  fails migrate patient --from h1 --to h2 --force
  equal "$(newest_move .state)" RolledBack
  grep -qi health "$work/error" "$work/out"
  equal "$(container_state h1 patient)" running
  equal "$(docker_on h2 ps -aq --filter name=patient)" ''
  docker_on h1 rm -f patient >/dev/null
}
is_healthy() { [[ $(field h1 patient '{{.State.Health.Status}}') == healthy ]]; }

begin_tests dockerd jq curl sshd rsync
for test in fleet_is_up link_cut_in_each_transfer link_cut_while_the_image_is_sent \
  disk_full_at_the_destination port_taken_at_the_last_moment source_changed_by_a_person \
  engine_killed_on_either_side source_removed_by_a_person health_that_never_comes down_leaves_nothing; do
  run "$test"
done
finish_tests
