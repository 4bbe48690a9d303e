#!/bin/bash
# The lab tested for real, as root, in a state folder and under a name of its own, beside any lab
# that is up. Exit status: 0 all passed, 1 something failed, 77 the lab cannot run here (with
# PLIMSOLL_REQUIRE_LAB=1 that is a failure too).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d /var/tmp/plimsoll-lab-test.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-lab-test
state=$PLIMSOLL_LAB_DIR
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"

# --- a lab of three hosts --------------------------------------------------------------------

up_makes_three_hosts() {
  lab up 3
  remember
  equal "$(head -n 2 "$state/host.csv" | paste -sd' ')" \
    "name,ip,port,ssh_user,ssh_port,ssh_key h1,10.77.0.11,5002,root,22,$state/id_ed25519"
  equal "$(lab status | grep -c ' on .*dockerd=up sshd=up')" 3
  (eval "$(lab env)" && equal "$PLIMSOLL_LAB_HOSTS" "$state/host.csv")
}

up_beside_a_lab_is_refused() {
  fails lab up 1
  PLIMSOLL_LAB_DIR=$work/other fails lab up 1
}

wrong_usage_ends_with_2() {
  local code=0
  lab up none 2>/dev/null || code=$?
  equal "$code" 2
  code=0
  lab nonsense 2>/dev/null || code=$?
  equal "$code" 2
  fails lab exec h9 true
}

exec_passes_input_and_status() {
  local code=0 place
  for place in h2 controller; do
    equal "$(printf 'in' | lab exec "$place" cat)" in
    code=0
    lab exec "$place" sh -c 'exit 7' || code=$?
    equal "$code" 7
  done
}

containers_run_in_their_slice() {
  local host id root groups
  for host in h1 h2 h3; do
    lab image "$host" app:1
    equal "$(docker_on "$host" run --rm app:1 echo hello)" hello
    id=$(docker_on "$host" run -d --name web --restart always -p 8080:80 app:1 \
      sh -c "mkdir /www; echo $host >/www/name; exec httpd -f -h /www")
    groups=0
    for root in $(hierarchies); do
      [[ -d $root/$PLIMSOLL_LAB_NAME/$host/$id ]] || continue
      grep -q . "$root/$PLIMSOLL_LAB_NAME/$host/$id/cgroup.procs"
      groups=$((groups + 1))
    done
    within 1 "$groups" 20
  done
}

layers_are_the_same_on_every_host() {
  lab image h1 big:1 --size 8
  lab image h2 big:1 --size 8
  equal "$(docker_on h1 inspect -f '{{.RootFS.Layers}}' big:1)" \
    "$(docker_on h2 inspect -f '{{.RootFS.Layers}}' big:1)"
  within 8000000 "$(docker_on h1 save big:1 | gzip -1 | wc -c)" 20000000
}

cpu_seconds() {
  { slice_file h1 cpuacct.usage | awk '{ print $1 / 1e9 }'; } 2>/dev/null ||
    slice_file h1 cpu.stat | awk '$1 == "usage_usec" { print $2 / 1e6 }'
}
has_used() { awk "BEGIN { exit !($(cpu_seconds) >= $1) }"; }

slice_limits_the_cpu() {
  local t0 used
  docker_on h1 run -d --name busy app:1 sh -c 'while :; do :; done & while :; do :; done' >/dev/null
  used=$(cpu_seconds)
  t0=$EPOCHREALTIME
  until_true 60 has_used "$(awk "BEGIN { print $used + 1 }")"
  # One core-second on half a core; two loops without a limit would need half a second.
  within 1.5 "$(awk "BEGIN { print $EPOCHREALTIME - $t0 }")" 60
  docker_on h1 rm -f busy >/dev/null
}

quota_survives_the_engine() {
  { slice_file h1 cpu.cfs_quota_us || slice_file h1 cpu.max; } | grep -q '^50000'
  { slice_file h1 memory.limit_in_bytes || slice_file h1 memory.max; } | grep -qx 1073741824
}

ssh_and_tcp_reach_every_host() {
  local host
  for host in h1 h2 h3; do
    equal "$(lab ssh "$host" hostname)" "$host"
    equal "$(lab exec controller ssh -F "$state/ssh_config" "10.77.0.1${host#h}" hostname)" "$host"
    equal "$(lab exec controller curl -s "http://10.77.0.1${host#h}:8080/name")" "$host"
  done
  equal "$(lab exec h1 curl -s http://h2:8080/name)" h2
  equal "$(docker_on h3 run --rm app:1 wget -qO- http://10.77.0.11:8080/name)" h1
}

the_machine_is_out_of_reach() {
  local place address
  for place in h1 controller; do
    equal "$(lab exec "$place" ip -4 route show default)" ''
    for address in $(hostname -I); do
      fails lab exec "$place" busybox ping -c 1 -W 1 "$address"
    done
  done
  # Nor does a host see the other hosts' disks or the controller's key.
  fails lab exec h1 test -e "$state/id_ed25519"
}

# --- links -----------------------------------------------------------------------------------

# Bits per second of a download of N bytes by HOST from h2.
download_rate() {
  lab exec "$1" curl -sS -o /dev/null -r "0-$(($2 - 1))" -w '%{speed_download}\n' \
    http://10.77.0.12:8000/blob | awk '{ print $1 * 8 }'
}

rate_is_respected() {
  local free
  lab exec h2 sh -c 'mkdir -p /srv/www; head -c 20000000 /dev/urandom >/srv/www/blob;
    busybox httpd -p 8000 -h /srv/www'
  free=$(download_rate h1 20000000)
  lab net h1 --rate 50mbit
  within 10e6 "$(download_rate h1 5000000)" 56e6
  lab net h1 --rate none
  lab net h2 --rate 50mbit
  within 10e6 "$(download_rate h1 5000000)" 56e6
  lab net h2 --rate none
  within 100e6 "$free" 1e15
  within 100e6 "$(download_rate h1 20000000)" 1e15
}

round_trip_ms() {
  lab exec "$1" busybox ping -c 3 "$2" | awk -F'[/ =]+' '/^round-trip/ { print $6 }'
}

delay_is_added_each_way() {
  local sum
  within 0 "$(round_trip_ms h1 h2)" 20
  lab net h1 --delay 20ms
  within 40 "$(round_trip_ms h1 h2)" 75
  lab net h2 --delay 20ms
  within 80 "$(round_trip_ms h1 h2)" 150
  within 0 "$(round_trip_ms controller 10.77.0.13)" 20
  sum=$(lab exec h2 sha256sum /srv/www/blob)
  equal "$(lab exec h1 sh -c 'curl -sS http://h2:8000/blob | sha256sum' | cut -c1-64)" "${sum::64}"
  lab net h1 --delay 0
  lab net h2 --delay 0
  within 0 "$(round_trip_ms h1 h2)" 20
}

bytes_are_counted() {
  local before after
  before=$(lab bytes h1)
  download_rate h1 5000000 >/dev/null
  after=$(lab bytes h1)
  within 5000000 $((${after% *} - ${before% *})) 6500000
  within 1 $((${after#* } - ${before#* })) 1500000
}

copied() { lab exec h1 stat -c %s /root/copy 2>/dev/null || echo 0; }
copied_more_than() { (($(copied) > $1)); }
# What the socket had buffered is still written for a moment.
copy_stalled() {
  local size
  size=$(copied)
  fails lab exec h1 busybox ping -c 1 -W 1 h2 && [[ $(copied) == "$size" ]]
}

cut_stalls_and_heal_recovers() {
  local pid
  lab exec h1 curl -sS --limit-rate 3M -o /root/copy http://h2:8000/blob &
  pid=$!
  until_true 30 copied_more_than 1000000
  lab cut h2
  fails lab exec controller ssh -F "$state/ssh_config" -o ConnectTimeout=1 h2 true
  until_true 30 copy_stalled
  within 1000000 "$(copied)" 19999999
  kill -0 "$pid"
  # No carrier lost on the host's side: its link is up, only nothing comes.
  lab exec h2 ip -o link show eth0 | grep 'state UP' >/dev/null
  equal "$(lab exec controller curl -s http://10.77.0.11:8080/name)" h1
  lab heal h2
  wait "$pid"
  equal "$(lab exec h1 sha256sum /root/copy | cut -c1-64)" \
    "$(lab exec h2 sha256sum /srv/www/blob | cut -c1-64)"
}

# --- daemons and power -----------------------------------------------------------------------

docker_answers() { docker_on "$1" version >/dev/null 2>&1; }
daemon_pid() { lab exec "$1" cat "/run/plimsoll-lab/$2.pid" 2>/dev/null; }
restarted() { [[ $(daemon_pid "$1" "$2") != "$3" && -n $(daemon_pid "$1" "$2") ]]; }

killed_daemons_come_back() {
  local name pid
  for name in dockerd containerd sshd; do
    pid=$(daemon_pid h3 "$name")
    lab kill h3 "$name"
    until_true 30 restarted h3 "$name" "$pid"
  done
  until_true 30 docker_answers h3
  equal "$(lab ssh h3 hostname)" h3
}

held_daemons_stay_down_until_started() {
  lab kill h3 dockerd --stay-down
  lab status | grep '^h3 .*dockerd=held' >/dev/null
  fails docker_on h3 version
  lab start h3 dockerd
  docker_answers h3
}

web_answers() {
  [[ $(lab exec controller curl -s -m 2 "http://10.77.0.1${1#h}:8080/name") == "$1" ]]
}

power_failure_keeps_the_disk() {
  local images
  images=$(docker_on h2 images -q --no-trunc)
  lab net h2 --delay 5ms
  lab power-off h2
  fails lab exec h2 true
  fails lab exec controller ssh -F "$state/ssh_config" -o ConnectTimeout=1 h2 true
  lab status | grep '^h2 .* off ' >/dev/null
  fails slice_file h2 cgroup.procs
  lab boot h2
  remember
  equal "$(docker_on h2 images -q --no-trunc)" "$images"
  until_true 30 web_answers h2
  within 10 "$(round_trip_ms h2 h1)" 50
}

down_leaves_nothing() {
  local pid
  start_in_background exec controller sleep 1000
  lab net h1 --delay 1ms --rate 10mbit
  lab down
  nothing_of_lab
  lab down
}

# --- small disk, agent, and what goes wrong --------------------------------------------------

disk_memory_and_agent() {
  # shellcheck disable=SC2016 # for the agent's shell
  stand_in_agent '[ "$1 $2 $3" = "agent --config /etc/plimsoll/plimsoll.toml" ] || exit 1
    mkdir -p /run/www; cp "$3" /run/www/healthz; exec busybox httpd -f -p 5002 -h /run/www'
  lab up 1 --disk 120 --memory 128 --agent "$work/agent"
  remember
  lab exec controller curl -sf http://10.77.0.11:5002/healthz |
    grep -qx "scope = \"/$PLIMSOLL_LAB_NAME/h1\""
  lab kill h1 agent --stay-down
  fails lab exec controller curl -sf http://10.77.0.11:5002/healthz
  lab start h1 agent
  lab image h1 app:1
  fails docker_on h1 run --rm app:1 dd if=/dev/zero of=/dev/null bs=300M count=1
  fails lab image h1 big:1 --size 200
  lab down
  nothing_of_lab
}

failing_daemon_is_named() {
  stand_in_agent 'echo the-agent-says-why >&2; exit 1'
  (export PLIMSOLL_LAB_DEADLINE=4 && fails_with the-agent-says-why lab up 1 --agent "$work/agent")
  lab down
  nothing_of_lab
}

killed_up_leaves_nothing_after_down() {
  local point pid
  for point in plimsoll-lab-state starting count id_ed25519 net/switch net/controller h1/files \
    h2/disk.img known_hosts net/h1 h1/pid h2/pid h1/prepared h2/log/dockerd.log; do
    start_in_background up 2 --disk 100
    until_true 30 test -e "$state/$point"
    remember
    kill -KILL "$pid"
    lab down
    nothing_of_lab || { note "killed at $point" && return 1; }
  done
}

up_clears_what_a_killed_up_left() {
  local pid
  start_in_background up 1
  until_true 30 test -e "$state/id_ed25519"
  kill -KILL "$pid"
  # Still starting its hosts if the kill came late: then `up` refuses, and says what to do.
  lab up 1 2>"$work/said" || { grep -q 'lab.sh down' "$work/said" && lab down && lab up 1; }
  lab down
  nothing_of_lab
}

down_works_without_the_state_folder() {
  lab up 1
  remember
  rm -rf --one-file-system "$state" 2>/dev/null || true
  lab down
  nothing_of_lab
}

foreign_folder_is_not_removed() {
  mkdir -p "$work/precious"
  : >"$work/precious/file"
  PLIMSOLL_LAB_DIR=$work/precious fails lab down
  PLIMSOLL_LAB_DIR=$work/precious fails lab up 1
  [[ -e $work/precious/file ]]
}

finish() {
  lab down || true
  rm -rf --one-file-system "$work"
}

main() {
  local test
  ((EUID == 0)) || cannot_run "not root"
  require_tools dockerd containerd sshd ip tc busybox curl g++ openssl
  trap finish EXIT
  lab down
  machine_snapshot >"$work/before"
  for test in up_makes_three_hosts up_beside_a_lab_is_refused wrong_usage_ends_with_2 \
    exec_passes_input_and_status containers_run_in_their_slice layers_are_the_same_on_every_host \
    slice_limits_the_cpu ssh_and_tcp_reach_every_host the_machine_is_out_of_reach \
    rate_is_respected delay_is_added_each_way bytes_are_counted cut_stalls_and_heal_recovers \
    killed_daemons_come_back quota_survives_the_engine held_daemons_stay_down_until_started \
    power_failure_keeps_the_disk down_leaves_nothing disk_memory_and_agent \
    failing_daemon_is_named killed_up_leaves_nothing_after_down \
    up_clears_what_a_killed_up_left down_works_without_the_state_folder \
    foreign_folder_is_not_removed; do
    run "$test"
  done
  finish_tests
}

main
