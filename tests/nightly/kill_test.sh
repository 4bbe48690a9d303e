#!/bin/bash
# The orchestrator killed at each place of the journal of moves that are not the everyday one (which
# move_test.sh kills): a cold one, and a warm one whose image the destination has not.
# Usage: kill_test.sh [PLIMSOLL]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-kill.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-kill
# shellcheck disable=SC2034 # counting_service.sh looks there
hosts=(h1 h2)
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$here/../../lab/scenario.sh"
# shellcheck source=tests/support/counting_service.sh
. "$here/../support/counting_service.sh"

fleet_is_up() {
  lab up 2 --cpu 1 --agent "$plimsoll"
  lab image h1 app:1 --size 20
  write_small_config observe
  start_plimsoll
  run_counter h1 svc 8080
  until_true 30 counts_on h1 svc 20
  until_true 60 is_seen h1 svc
}
where() { copies_of svc | cut -d' ' -f1; }
other() { if [[ $1 == h1 ]]; then echo h2; else echo h1; fi; }

cold_moves_lose_nothing() { killed_at_each_act svc h1 h2 --cold; }

moves_with_their_image_lose_nothing() {
  before_each_kill() { docker_on "$2" rmi -f app:1 >/dev/null 2>&1 || true; }
  killed_at_each_act svc "$(where)" "$(other "$(where)")"
  unset -f before_each_kill
}

begin_tests dockerd jq sshd rsync
for test in fleet_is_up cold_moves_lose_nothing moves_with_their_image_lose_nothing down_leaves_nothing; do
  run "$test"
done
finish_tests
