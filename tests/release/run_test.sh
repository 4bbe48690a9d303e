#!/bin/bash
# run.sh and run.sh demo as a user types them: a start, a second start, Ctrl-C; the demo to its end,
# and that it does not believe a program that only says so. Usage: run_test.sh. Exit status as
# lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$here/../..")
work=$(mktemp -d /var/tmp/plimsoll-run-test.XXXXXX)
export PLIMSOLL_LAB_NAME=plimsoll-demo PLIMSOLL_CONFIG=$work/plimsoll.toml
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

write_settings() {
  local port
  port=$(free_port)
  printf 'name,ip,port\nhere,127.0.0.1,%s\n' "$port" >"$work/host.csv"
  printf '%s\n' 'hosts = "host.csv"' 'data_dir = "data"' '[agent]' "listen = \"127.0.0.1:$port\"" \
    'docker = "unix:///nowhere.sock"' '[monitor]' 'interval = "500ms"' \
    '[web]' "listen = \"127.0.0.1:$(free_port)\"" >"$PLIMSOLL_CONFIG"
}

# --- run.sh -----------------------------------------------------------------------------------

# The address that a start printed, once it has.
address() { sed -n 's/.*The page: \(http[^ ]*\).*/\1/p' "$work/start.log" | tail -n 1 | grep .; }
page_shows_this_machine() {
  [[ $(curl -sf --max-time 5 "$(address)") == *'<title>Plimsoll'* ]] &&
    curl -sf --max-time 5 "$(address)api/v1/fleet" |
    jq -e '.hosts[0] | .name == "here" and .up and .cpu_percent != null' >/dev/null
}

# In a process group of its own, which gets the signal as from a terminal's Ctrl-C.
start_and_interrupt() {
  local pid code=0
  set -m
  "$root/run.sh" >"$work/start.log" 2>&1 </dev/null &
  pid=$!
  set +m
  echo "$pid" >"$work/pid"
  until_true 900 address >/dev/null
  until_true 30 page_shows_this_machine
  kill -INT -- "-$pid"
  wait "$pid" || code=$?
  equal "$code" 0
  # The signal was for the whole group: who got it besides may end a moment later.
  until_true 10 nobody_in_group "$pid"
}
# A zombie is the affair of this machine's init.
nobody_in_group() { ! ps -eo pgid=,stat= | awk -v group="$1" '$1 == group && $2 !~ /^Z/' | grep -q .; }

help_says_what_there_is() {
  "$root/run.sh" --help >"$work/out"
  grep -q '^Usage: run.sh' "$work/out"
  grep -q 'run.sh demo' "$work/out"
}

it_starts_shows_this_machine_and_stops() {
  write_settings
  start_and_interrupt
  grep -q 'No Docker engine answers' "$work/start.log"
}

a_second_start_builds_nothing() {
  local built
  built=$(stat -Lc '%i %y' "$root/build/plimsoll")
  start_and_interrupt
  equal "$(stat -Lc '%i %y' "$root/build/plimsoll")" "$built"
  # Neither packages nor steps of a build are spoken of; the data of the first start is there.
  fails grep -E 'installing|^\[ *[0-9]+%' "$work/start.log"
  "$root/run.sh" top --once --json 2>/dev/null >"$work/out"
  equal "$(jq -r '.hosts[0].name' "$work/out")" here
}

# --- the demo ---------------------------------------------------------------------------------

folders_of_the_demo() { find /var/tmp -maxdepth 1 -name 'plimsoll-demo.*' | sort; }
new_folder() { comm -13 "$work/folders" <(folders_of_the_demo) | head -n 1 | grep .; }

# The lab's folder while the demo runs, and what lives in it, for nothing_of_lab.
remember_the_lab() {
  until_true 60 new_folder >/dev/null
  new_folder >"$work/folder"
  state=$(<"$work/folder")/lab
  until_true 90 grep -q '^== InfluxDB' "$1"
  remember
}
nothing_of_the_demo() {
  state=$(<"$work/folder")/lab
  nothing_of_lab
  equal "$(folders_of_the_demo)" "$(<"$work/folders")"
}

# demo LOG COMMAND…: its exit status in `code`.
demo() {
  local log=$1 pid
  shift
  folders_of_the_demo >"$work/folders"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$work/pid"
  remember_the_lab "$log"
  code=0
  wait "$pid" || code=$?
}

the_demo_moves_a_container_and_ends() {
  local code line
  demo "$work/demo.log" "$root/run.sh" demo
  equal "$code" 0
  for line in '^h1 .* 1[0-9][0-9] %' ' h1 is over its line' " move 'crunch' from h1 to h[23]" \
    " moved 'crunch' from h1 to h[23]" '^move .*: crunch from h1 to h[23], SourceRetired' '^because ' \
    '^predicted ' '^actual ' 'ok   final sync .*digests equal' '^== The load has left h1' \
    '^== Done: crunch runs on h[23] with everything it had written; h1 is below its line'; do
    grep -qE "$line" "$work/demo.log" || { note "the demo lacks '$line'" && return 1; }
  done
}
it_leaves_nothing() { nothing_of_the_demo; }

# A program that moves nothing and says that it has.
the_demo_does_not_take_its_word() {
  local code
  cp -L "$root/build/plimsoll" "$work/real"
  chmod 755 "$work" "$work/real"
  cat >"$work/liar" <<END
#!/bin/sh
case " \$* " in
  *' history '*) echo '{"moves":[{"id":"never","to":"h2","finished":"now","state":"SourceRetired"}]}' ;;
  *' show '*) echo 'moved' ;;
  *) exec "$work/real" --set orchestrator.mode=observe "\$@" ;;
esac
END
  chmod 755 "$work/liar"
  demo "$work/lie.log" "$root/lab/demo.sh" "$work/liar"
  equal "$code" 1
  grep -q '^demo: crunch does not run on h2' "$work/lie.log"
  fails grep -q '^== Done' "$work/lie.log"
}
it_leaves_nothing_then_either() { nothing_of_the_demo; }

clean_up() {
  trap - EXIT
  if [[ -e $work/pid ]] && kill -TERM -- "$(<"$work/pid")" 2>/dev/null; then
    until_true 60 gone "$(<"$work/pid")" || true
  fi
  ((failed == 0)) || tail -n 40 "$work"/{start,demo,lie}.log >&2 || true
  rm -rf "$work"
}
gone() { ! kill -0 "$1" 2>/dev/null; }

main() {
  local test
  ((EUID == 0)) || cannot_run 'not root'
  require_tools dockerd influxd sshd jq curl ps
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  machine_snapshot >"$work/before"
  for test in help_says_what_there_is it_starts_shows_this_machine_and_stops \
    a_second_start_builds_nothing the_demo_moves_a_container_and_ends it_leaves_nothing \
    the_demo_does_not_take_its_word it_leaves_nothing_then_either; do
    run "$test"
  done
  finish_tests
}

main
