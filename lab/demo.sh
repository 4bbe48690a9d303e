#!/bin/bash
# Three Docker hosts on this machine, one of them overloaded, and Plimsoll at work on them. Ends by
# itself and cleans up. Exit status 0 only if the container really runs on another host and its load
# has really left the first.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-demo.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-demo
# shellcheck source=lab/test_support.sh
. "$here/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$here/scenario.sh"

clean_up() {
  local code=$?
  trap - EXIT
  lab down || code=1
  rm -rf "$work"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n== %s\n' "$*"; }
give_up() {
  printf 'demo: %s\n' "$1" >&2
  tail -n 20 "$work/up.log" >&2
  exit 1
}
[[ -x $plimsoll ]] || give_up "there is no $plimsoll: run ./build.sh first"

say "Three hosts, each a slice of half a core, with their own dockerd, sshd and agent"
lab up 3 --cpu 0.5 --agent "$plimsoll"
lab image h1 app:1 --size 20
lab status

say "InfluxDB and 'plimsoll up' in mode auto: line at 60 % CPU, held 3 of 5 evaluations"
start_influxdb
write_config auto
start_plimsoll
ask top --once

say "Two containers on h1 begin to burn CPU; the owner of one says it must stay"
run_neighbour h1 steady
run_service h1 crunch
until_true 30 served "$(address_of h1)" born >/dev/null || give_up "the service does not answer"
born=$(served "$(address_of h1)" born)
until_true 60 over_line h1 || give_up "h1 never crossed its line"
ask top --once

say "h1 is over its line; what follows is Plimsoll's own log"
until_true 120 move_has_ended || give_up "no container was moved"
move_is SourceRetired || give_up "the move ended as $(newest_move .state): $(newest_move .error)"
to=$(newest_move .to)
[[ $(container_state "$to" crunch) == running ]] || give_up "crunch does not run on $to"
[[ $(container_state h1 crunch) == none ]] || give_up "crunch is still on h1"
[[ $(served "$(address_of "$to")" born) == "$born" ]] || give_up "what it had written is lost"
grep -E 'over its line|plan |move |moved' "$work/up.log" | cut -c 1-200

say "The move, step by step"
ask show "$(newest_move .id)"

say "The load has left h1"
until_true 90 below_line h1 || give_up "h1 is still over its line"
until_true 60 cpu_below h1 60 || give_up "the load has not left h1"
ask top --once

say "Done: crunch runs on $to with everything it had written; h1 is below its line"
