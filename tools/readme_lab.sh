#!/bin/bash
# The small fleet that README shows, on real parts: draws docs/images/top*.svg from it and prints
# what README quotes below "A plan, a move, its history". As root; ends by itself and cleans up.
# Usage: tools/readme_lab.sh [PLIMSOLL]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$here/..")
plimsoll=$(realpath "${1:-$root/build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-readme.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-readme
# shellcheck source=lab/test_support.sh
. "$root/lab/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$root/lab/scenario.sh"

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

idle='trap "exit 0" TERM; while :; do sleep 1; done'
busy='trap "exit 0" TERM; while :; do :; done'
# service HOST NAME CORES SCRIPT [OPTION…]
service() { docker_on "$1" run -d --name "$2" --cpus "$3" "${@:5}" app:1 sh -c "$4" >/dev/null; }

fleet() {
  lab up 3 --cpu 0.5 --disk 2000 --agent "$plimsoll" >&2
  lab image h1 app:1 --size 20
  lab image h2 app:1 --size 20
  lab image h3 app:1 --size 20
  write_small_config ask
  start_plimsoll
  service h1 web 0.05 "$idle" -p 8080:80
  service h1 queue 0.05 "$idle"
  service h2 db 0.1 "$busy" -v db:/data
  service h2 cache 0.05 "$busy" --tmpfs /cache
  service h3 mail 0.05 "$busy"
  service h1 thumbs 0.19 "$busy" --label plimsoll.move=never
  service h1 reports 0.25 "$busy" -v reports:/data
}

plan_waits() { ask plan --json | jq -e '.moves | length == 1' >/dev/null && move_is Planned; }
# shown COMMAND…: as README has it.
shown() {
  printf '\n    $ plimsoll %s\n' "$*"
  ask "$@" 2>&1 | sed 's/^/    /;s/ *$//'
}

# draw FILE SIZE [OPTION…]: the screen of `plimsoll top`, by screenshot.sh.
draw() {
  "$here/screenshot.sh" --size "$2" --until 'plimsoll approve' "${@:3}" "$root/docs/images/$1" \
    "$root/lab/lab.sh" exec controller "$plimsoll" --config "$work/plimsoll.toml" top
}

main() {
  local id
  fleet
  until_true 120 plan_waits
  draw top.svg 100x12
  draw top-host.svg 100x16 --keys Enter --then 'thumbs .*running'
  id=$(newest_move .id)
  shown plan
  shown history
  shown approve "$id"
  until_true 120 move_has_ended
  shown show "$id"
  shown top --once
}

main
