#!/bin/bash
# Mode auto under a load that moves about, then under one that stands still: the fleet comes to rest,
# and nothing was lost on the way. Usage: auto_test.sh [PLIMSOLL] [SECONDS of moving load, default 600].
# Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
moving=${2:-600}
work=$(mktemp -d /var/tmp/plimsoll-auto.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-auto
hosts=(h1 h2 h3)
names=(w1 w2 w3 w4 w5 w6 w7 w8)
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$here/../../lab/scenario.sh"
# shellcheck source=tests/support/counting_service.sh
. "$here/../support/counting_service.sh"

# Counts as fast as its quota lets it.
# shellcheck disable=SC2016 # the container's shell expands it, not ours
run_worker() {
  docker_on "$1" run -d --name "$2" --cpus 0.05 -v "$2":/data app:1 sh -c '
    trap "echo end \$i >>/data/count; exit 0" TERM
    i=$(tail -n 1 /data/count 2>/dev/null | cut -d" " -f2); i=${i:-0}
    while :; do
      i=$((i + 1)); echo "n $i" >>/data/count; echo "$i" >>/count
      j=0; while [ $j -lt 3000 ]; do j=$((j + 1)); done
    done' >/dev/null
}

fleet_is_up() {
  local name host
  lab up 3 --cpu 0.5 --disk 1000 --agent "$plimsoll"
  for host in "${hosts[@]}"; do lab image "$host" app:1; done
  write_small_config auto 'host_cooldown = "20s"' 'line = { cpu = 60 }'
  start_plimsoll
  for name in "${names[@]}"; do run_worker h1 "$name"; done
  for name in "${names[@]}"; do until_true 60 is_seen h1 "$name"; done
}

running() { docker_on "$1" ps --format '{{.Names}}' | grep -E '^w[0-9]$' || true; }
place_of() {
  local host
  for host in "${hosts[@]}"; do
    ! running "$host" | grep -qx "$1" || printf '%s\n' "$host"
  done
}
# set_load NAME HUNDREDTHS: who is on its way gets no new load.
set_load() {
  local host
  host=$(place_of "$1")
  [[ -z $host ]] || docker_on "$host" update --cpus "$(printf '0.%02d' "$2")" "$1" >/dev/null 2>&1 || true
}
moves_begun() { ask history --limit 1000 --json | jq '[.moves[] | select(.state != "Superseded")] | length'; }

# A load of 0.02 to 0.20 cores here and there, every few seconds, as many as there are hundredths.
load_moves_about() {
  local end=$((SECONDS + moving)) before
  before=$(moves_begun)
  while ((SECONDS < end)); do
    set_load "${names[RANDOM % 8]}" $((2 + RANDOM % 19))
    read -rt 5 -u "$never" _ || true
  done
  (($(moves_begun) > before)) || { note 'nothing was moved at all' && return 1; }
}

# Steady load that fits: 8 x 0.08 cores on 3 x 0.5, of which the line gives 0.3 each.
it_comes_to_rest() {
  local name
  for name in "${names[@]}"; do set_load "$name" 8; done
  until_true 300 at_rest
}
at_rest() {
  local begun
  below_line h1 && below_line h2 && below_line h3 && move_has_ended || return 1
  begun=$(moves_begun)
  looks_pass 60
  [[ $(moves_begun) == "$begun" ]]
}
# As long as so many evaluations take, by the clock of the newest figures.
looks_pass() {
  local end=$((SECONDS + $1))
  while ((SECONDS < end)); do read -rt 1 -u "$never" _ || true; done
}
then_nothing_moves() {
  local begun
  begun=$(moves_begun)
  looks_pass 120
  equal "$(moves_begun)" "$begun"
}

nothing_was_lost() {
  local name
  for name in "${names[@]}"; do
    equal "$(place_of "$name" | wc -l)" 1
    count_is_whole "$(place_of "$name")" "$name"
  done
  no_staged_things
}
# Ten minutes stand between two moves of one container.
nobody_went_in_circles() {
  local most=$((1 + moving / 600 + 1))
  ask history --limit 1000 --json >"$work/history"
  jq -e --argjson most "$most" '[.moves[] | select(.state == "SourceRetired" or .state == "Cleaned")] |
    group_by(.container) | all(length <= $most)' "$work/history" >/dev/null
  jq -r '.moves | group_by(.state) | map("note: \(length) moves \(.[0].state)") | .[]' "$work/history"
}

begin_tests dockerd jq curl sshd rsync
for test in fleet_is_up load_moves_about it_comes_to_rest then_nothing_moves nothing_was_lost \
  nobody_went_in_circles down_leaves_nothing; do
  run "$test"
done
finish_tests
