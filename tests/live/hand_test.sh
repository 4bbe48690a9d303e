#!/bin/bash
# What guards a host during a move, on real hosts: our executable brought there, gate, lease, stub,
# grants. Usage: hand_test.sh [PLIMSOLL [HAND_DRIVER]]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
driver=$(realpath "${2:-$here/../../build/dev/src/remote/hand_driver}")
work=$(mktemp -d /var/tmp/plimsoll-hand.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-hand
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"

id=abcdefabcdef
in_controller() { lab exec controller "$@"; }
# drive HOST[=USER] WORD…
drive() { in_controller "$driver" "$PLIMSOLL_LAB_DIR/ssh_config" "$1" "$work/plimsoll" "${@:2}"; }
# act HOST EPOCH ACT WORD…: no input
act() { drive "$1" act "$id" "$2" "${@:3}" </dev/null; }
field() { docker_on "$1" inspect -f "$3" "$2"; }
hands_running() { lab exec "$1" pgrep -af "hand $2"; }
gone() { ! "$@" >/dev/null 2>&1; }
ends() { until_true 20 gone hands_running "$1" "$2"; }

# --- our executable ---------------------------------------------------------------------------

hand_is_brought_once() {
  drive h1 ensure >"$work/out"
  grep -Eq '^/var/lib/plimsoll/bin/plimsoll-[0-9a-f]{16} root uploaded$' "$work/out"
  drive h1 ensure | grep -q ' root there$'
  drive h2 ensure | grep -q ' root uploaded$'
}

older_hands_are_removed() {
  local n
  cp "$work/plimsoll" "$work/original"
  for n in 1 2 3; do
    echo "$n" >>"$work/plimsoll"
    drive h1 ensure | grep -q uploaded
  done
  mv "$work/original" "$work/plimsoll"
  equal "$(lab exec h1 ls /var/lib/plimsoll/bin | wc -l)" 3
  drive h1 ensure | grep -q uploaded
}

what_hinders_it_is_said() {
  echo >>"$work/plimsoll"
  lab exec h2 mount -t tmpfs -o size=1m tmpfs /var/lib/plimsoll/bin
  fails_with 'h2: .*no room' drive h2 ensure
  equal "$(lab exec h2 ls -A /var/lib/plimsoll/bin)" ''
  lab exec h2 umount /var/lib/plimsoll/bin
  lab exec h2 mount -t tmpfs -o noexec tmpfs /var/lib/plimsoll/bin
  fails_with 'h2: .*noexec' drive h2 ensure
  lab exec h2 umount /var/lib/plimsoll/bin
  printf 'not ELF' >"$work/plimsoll.bad"
  fails_with 'h2: ' in_controller "$driver" "$PLIMSOLL_LAB_DIR/ssh_config" h2 "$work/plimsoll.bad" ensure
  truncate -s -1 "$work/plimsoll"
}

a_user_with_sudo_will_do() {
  lab exec h1 useradd -p '*' -m -s /bin/sh deploy
  lab exec h1 sh -c 'mkdir -m 700 /home/deploy/.ssh; cp /root/.ssh/authorized_keys /home/deploy/.ssh/
    chown -R deploy: /home/deploy/.ssh'
  fails_with 'h1: .*NOPASSWD' drive h1=deploy ensure
  lab exec h1 sh -c 'echo "deploy ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/deploy; chmod 0440 /etc/sudoers.d/deploy'
  drive h1=deploy ensure | grep -q '^/home/deploy/.local/share/plimsoll/bin/plimsoll-[0-9a-f]* sudo '
  drive h1=deploy act "$id" 1 fence </dev/null | grep -q '"epoch":1'
}

# --- gate -------------------------------------------------------------------------------------

gate_refuses_after_a_newer_order() {
  rm -f "$work/lines"
  mkfifo "$work/lines"
  drive "${1:-h1}" ask "$id" "${2:-4}" <"$work/lines" >"$work/answers" &
  local asking=$!
  exec {lines}>"$work/lines"
  echo 'GET /_ping' >&"$lines"
  until_true 30 grep -q '^200 OK' "$work/answers"
  act h1 $((${2:-4} + 1)) fence
  echo 'POST /containers/none/start' >&"$lines"
  until_true 30 grep -q '^409 .*superseded' "$work/answers"
  exec {lines}>&-
  wait "$asking"
  rm "$work/lines"
  ends h1 gate
  equal "$(lab exec h1 ls /run/plimsoll/gates)" ''
  fails_with superseded act h1 "${2:-4}" fence
}
gate_serves_a_user_with_sudo() { gate_refuses_after_a_newer_order h1=deploy 6; }

who_may_only_look_only_looks() {
  printf '%s\n' 'GET /version' 'GET /containers/json' 'POST /containers/none/start' |
    drive h1=deploy look >"$work/answers"
  equal "$(cut -c1-3 "$work/answers" | paste -sd' ')" '200 200 409'
}

killing_the_client_ends_the_act() {
  rm -f "$work/lines"
  mkfifo "$work/lines"
  drive h1 ask "$id" 8 <"$work/lines" >"$work/answers" &
  local asking=$!
  exec {lines}>"$work/lines"
  echo 'GET /_ping' >&"$lines"
  until_true 30 grep -q '^200 OK' "$work/answers"
  hands_running h1 gate >/dev/null
  kill -KILL "$(pgrep -f "^$driver .*$work/plimsoll ask")"
  exec {lines}>&-
  wait "$asking" || true
  rm "$work/lines"
  ends h1 gate
}

gate_costs_little() {
  drive h1 latency "$id" 8 200 | tee "$work/latency" >&2
  grep -q '^median' "$work/latency"
}

# --- lease ------------------------------------------------------------------------------------

run_web() {
  docker_on "$1" run -d --name web -p 8080:80 app:1 sh -c \
    'trap "exit 0" TERM; mkdir -p /www; hostname >/www/name; httpd -h /www -p 80; while :; do sleep 1; done' >/dev/null
}
lease_says() { act h2 1 lease-status | jq -e "$1" >/dev/null; }

lease_stops_what_nobody_renews() {
  run_web h2
  act h2 1 lease-arm --container web --ttl 60 --grace 5 >"$work/lease"
  jq -e '.lease == "armed" and .kept and .bound_s > 65 and (.containers[0] | length == 64)' "$work/lease" >/dev/null
  until_true 20 lease_says '.left_s < 58'
  act h2 1 lease-renew | jq -e '.left_s > 59' >/dev/null
  equal "$(field h2 web '{{.State.Running}}')" true
  # A second arming takes the first one's place; nobody renews it, as if the orchestrator had died.
  act h2 1 lease-arm --container web --ttl 3 --grace 5 >/dev/null
  until_true 30 lease_says '.lease == "expired" and .end == "stopped"'
  equal "$(field h2 web '{{.State.Running}}')" false
  equal "$(field h2 web '{{.State.ExitCode}}')" 0
  fails_with 'refused: h2: .*expired' act h2 1 lease-renew
  fails_with 'refused: h2: .*expired' act h2 1 lease-disarm
  # A start that comes late does not last either.
  docker_on h2 start web >/dev/null
  until_true 30 web_is_stopped
}
web_is_stopped() { equal "$(field h2 web '{{.State.Running}}')" false 2>/dev/null; }

disarmed_it_runs_on() {
  act h2 1 lease-arm --container web --ttl 20 >/dev/null
  docker_on h2 start web >/dev/null
  act h2 1 lease-disarm | jq -e '.lease == "none"' >/dev/null
  ends h2 lease-keep
  equal "$(field h2 web '{{.State.Running}}')" true
}

lease_needs_no_dockerd() {
  act h2 1 lease-arm --container web --ttl 10 --grace 1 >/dev/null
  local pid
  pid=$(field h2 web '{{.State.Pid}}')
  lab kill h2 dockerd --stay-down
  lab exec h2 kill -0 "$pid"
  until_true 30 gone lab exec h2 kill -0 "$pid"
  until_true 20 lease_says '.lease == "expired" and .end == "killed"'
  lab start h2 dockerd
  equal "$(field h2 web '{{.State.Running}}')" false
}

a_stale_orchestrator_cannot_renew() {
  act h2 1 lease-arm --container web --ttl 600 >/dev/null
  act h2 2 fence >/dev/null
  fails_with superseded act h2 1 lease-renew
  act h2 2 lease-renew >/dev/null
  act h2 2 clean >/dev/null
  ends h2 lease-keep
  fails lab exec h2 test -e "/run/plimsoll/$id"
}

# --- stub -------------------------------------------------------------------------------------

# Connects one after the other, as a client that never gives up; a line for each that failed.
client_loop() {
  # shellcheck disable=SC2016 # Perl expands it
  in_controller perl -MIO::Socket::INET -MTime::HiRes -e '
    $| = 1;
    my ($n, $bad, $longest, %from) = (0, 0, 0);
    until (-e $ARGV[1]) {
      my $begun = Time::HiRes::time();
      my $s = IO::Socket::INET->new(PeerAddr => "$ARGV[0]:8080", Timeout => 20);
      my $answer = "";
      if ($s) { print $s "GET /name HTTP/1.0\r\n\r\n"; local $/; $answer = <$s> // ""; }
      $n++;
      my $took = Time::HiRes::time() - $begun;
      $longest = $took if $took > $longest;
      if ($answer =~ /200 OK.*\r\n\r\n(\w+)/s) { $from{$1}++ } else { $bad++; print "failed: $! [$answer]\n" }
    }
    print "$n connections, $bad failed, ", scalar(keys %from), " hosts, longest ", int($longest * 1000), " ms\n";
  ' "$1" "$work/enough"
}
stub_says() { act h1 10 stub-status | jq -e "$1" >/dev/null; }

stub_loses_no_connection() {
  run_web h1
  docker_on h2 rm -f web >/dev/null
  docker_on h2 create --name web -p 8080:80 app:1 sh -c \
    'mkdir -p /www; hostname >/www/name; httpd -h /www -p 80; while :; do sleep 1; done' >/dev/null
  until_true 20 in_controller curl -sf -m 2 http://10.77.0.11:8080/name >/dev/null
  rm -f "$work/enough"
  client_loop 10.77.0.11 >"$work/client" &
  local client=$!
  echo '{"ports":[{"listen":"0.0.0.0:8080","to":"10.77.0.12:8080"}],"seconds":600,"hold_s":120,"divert":true}' |
    drive h1 act "$id" 10 stub-start >"$work/stub"
  jq -e '.running and .diverts and .listening == 0' "$work/stub" >/dev/null
  docker_on h1 stop -t 5 web >/dev/null
  until_true 20 stub_says '.listening == 1 and (.diverts | not)'
  fails lab exec h1 sh -c 'iptables -t nat -S | grep -q plimsoll-'
  docker_on h2 start web >/dev/null
  local served
  served=$(act h1 10 stub-status | jq .hits)
  until_true 20 stub_says ".hits > $((served + 50))"
  touch "$work/enough"
  wait "$client"
  tail -n 1 "$work/client" >&2
  grep -q ' 0 failed, 2 hosts' "$work/client"
}

stopping_the_stub_frees_its_ports() {
  act h1 10 stub-stop | jq -e '.running | not' >/dev/null
  ends h1 stub-keep
  docker_on h1 start web >/dev/null
  until_true 20 in_controller curl -sf -m 2 http://10.77.0.11:8080/name >/dev/null
}

a_killed_stub_leaves_no_rule() {
  echo '{"ports":[{"listen":"0.0.0.0:8080","to":"10.77.0.12:8080"}],"divert":true}' |
    drive h1 act "$id" 10 stub-start >/dev/null
  lab exec h1 iptables -t nat -S PREROUTING | grep -q "plimsoll-$id"
  lab exec h1 pkill -KILL -f 'hand stub-keep'
  act h1 10 clean >/dev/null
  fails lab exec h1 sh -c 'iptables -t nat -S | grep -q plimsoll-'
  in_controller curl -sf -m 2 http://10.77.0.11:8080/name >/dev/null
}

udp_is_refused_by_name() {
  fails_with '0.0.0.0:53/udp' sh_stub '{"ports":[{"listen":"0.0.0.0:53/udp","to":"10.77.0.12:53"}]}'
}
sh_stub() { echo "$1" | drive h1 act "$id" 10 stub-start; }

# --- grants -----------------------------------------------------------------------------------

# from_source ARGUMENT…: ssh from h1 with the move's key
from_source() {
  lab exec h1 timeout 20 ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes \
    -o UserKnownHostsFile=/run/known -o ConnectTimeout=5 -i "/run/plimsoll/$id/key" "$@" </dev/null
}
rsync_from_source() {
  lab exec h1 timeout 30 rsync -aHAXS --numeric-ids --delete \
    -e "ssh -F /dev/null -o BatchMode=yes -o UserKnownHostsFile=/run/known -i /run/plimsoll/$id/key" "$@"
}
# grant EPOCH SECONDS
grant() {
  local key
  key=$(act h1 20 key | jq -r .key)
  printf '{"key":"%s","from":["10.77.0.11"],"folders":["/srv/copy"],"seconds":%s}' "$key" "$2" |
    drive "${3:-h2}" act "$id" "$1" grant >"$work/granted"
  jq -r '.host_keys[] | "10.77.0.12 " + .' "$work/granted" | lab exec h1 tee /run/known >/dev/null
}

a_key_may_do_one_thing() {
  lab exec h2 cat /root/.ssh/authorized_keys >"$work/keys"
  lab exec h2 mkdir -p /srv/copy /srv/other
  lab exec h1 sh -c 'mkdir -p /srv/data; echo precious >/srv/data/file; ln -s file /srv/data/link'
  grant 20 600
  jq -e '.ports == [22] and .user == "root"' "$work/granted" >/dev/null
  equal "$(from_source root@10.77.0.12 plimsoll-ping)" "plimsoll $id"
  rsync_from_source /srv/data/ root@10.77.0.12:/srv/copy/
  equal "$(lab exec h2 cat /srv/copy/link)" precious
}

a_key_may_do_nothing_else() {
  fails_with 'no shell' from_source root@10.77.0.12
  fails_with 'refused' from_source root@10.77.0.12 id
  fails_with 'refused' from_source root@10.77.0.12 'plimsoll-ping; id'
  fails_with 'refused' from_source -t root@10.77.0.12 sh
  fails rsync_from_source /srv/data/ root@10.77.0.12:/srv/other/
  fails rsync_from_source /srv/data/ root@10.77.0.12:/srv/copy/../other/
  fails rsync_from_source root@10.77.0.12:/srv/copy/ /tmp/stolen/
  fails lab exec h1 timeout 20 scp -F /dev/null -o BatchMode=yes -o UserKnownHostsFile=/run/known \
    -i "/run/plimsoll/$id/key" /etc/hostname root@10.77.0.12:/srv/copy/
  equal "$(lab exec h2 sh -c 'ls -A /srv/other; ls -A /srv/copy' | sort | paste -sd' ')" 'file link'
  # Forwarding: the command runs, but the port leads nowhere.
  from_source -N -L 127.0.0.1:9999:127.0.0.1:22 root@10.77.0.12 2>/dev/null &
  local forwarding=$!
  until_true 10 lab exec h1 sh -c 'echo | timeout 2 nc -w 1 127.0.0.1 9999 >/dev/null 2>&1 || ss -ltn | grep -q :9999'
  equal "$(lab exec h1 timeout 3 sh -c 'nc -w 2 127.0.0.1 9999 </dev/null' 2>/dev/null | head -c 3)" ''
  wait "$forwarding" || true
  grep -c refused < <(lab exec h2 cat "/run/plimsoll/$id/receive.log") >/dev/null
}

a_newer_order_ends_it() {
  act h2 21 fence >/dev/null
  fails_with superseded from_source root@10.77.0.12 plimsoll-ping
}

revoking_ends_what_runs() {
  grant 21 600
  lab exec h1 dd if=/dev/urandom of=/srv/data/big bs=1M count=8 2>/dev/null
  rsync_from_source --bwlimit=200 /srv/data/ root@10.77.0.12:/srv/copy/ >"$work/rsync" 2>&1 &
  local copying=$!
  until_true 20 hands_running h2 receive >/dev/null
  act h2 21 revoke | jq -e '.lines == 1' >/dev/null
  fails wait "$copying"
  ends h2 receive
  fails_with 'Permission denied' from_source root@10.77.0.12 plimsoll-ping
  equal "$(lab exec h2 cat /root/.ssh/authorized_keys)" "$(<"$work/keys")"
  act h2 21 revoke | jq -e '.lines == 0' >/dev/null
}

it_expires_by_itself() {
  grant 21 3
  until_true 20 fails_with 'Permission denied' from_source root@10.77.0.12 plimsoll-ping
}

a_user_with_sudo_can_grant() {
  lab exec h2 sh -c 'useradd -p \* -m -s /bin/sh deploy; mkdir -m 700 /home/deploy/.ssh
    cp /root/.ssh/authorized_keys /home/deploy/.ssh/; chown -R deploy: /home/deploy/.ssh
    echo "deploy ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/deploy; chmod 0440 /etc/sudoers.d/deploy'
  grant 22 600 h2=deploy
  jq -e '.user == "deploy"' "$work/granted" >/dev/null
  equal "$(from_source deploy@10.77.0.12 plimsoll-ping)" "plimsoll $id"
  lab exec h1 chown 12345:12345 /srv/data/file
  lab exec h1 rm /srv/data/big
  rsync_from_source /srv/data/ deploy@10.77.0.12:/srv/copy/
  equal "$(lab exec h2 stat -c %u /srv/copy/file)" 12345
  fails_with refused from_source deploy@10.77.0.12 id
  equal "$(lab exec h2 stat -c '%U %a' /home/deploy/.ssh/authorized_keys)" 'deploy 600'
  drive h2=deploy act "$id" 22 clean </dev/null >/dev/null
  fails_with 'Permission denied' from_source deploy@10.77.0.12 plimsoll-ping
}

clean_leaves_nothing() {
  act h1 22 clean >/dev/null
  act h1 22 clean >/dev/null
  act h2 22 clean >/dev/null
  local host
  for host in h1 h2; do
    fails lab exec "$host" test -e "/run/plimsoll/$id"
    fails lab exec "$host" grep "plimsoll-$id" /root/.ssh/authorized_keys
    ends "$host" .
  done
}

finish() {
  lab down >/dev/null 2>&1 || true
  rm -rf "$work"
}

require_tools dockerd jq perl rsync sudo sshd
trap finish EXIT
cp "$plimsoll" "$work/plimsoll"
strip "$work/plimsoll"
lab up 2 --cpu 0.5
lab image h1 app:1
lab image h2 app:1
for test in hand_is_brought_once older_hands_are_removed what_hinders_it_is_said \
  a_user_with_sudo_will_do gate_refuses_after_a_newer_order gate_serves_a_user_with_sudo \
  who_may_only_look_only_looks killing_the_client_ends_the_act gate_costs_little \
  lease_stops_what_nobody_renews disarmed_it_runs_on lease_needs_no_dockerd \
  a_stale_orchestrator_cannot_renew stub_loses_no_connection stopping_the_stub_frees_its_ports \
  a_killed_stub_leaves_no_rule udp_is_refused_by_name a_key_may_do_one_thing \
  a_key_may_do_nothing_else a_newer_order_ends_it revoking_ends_what_runs it_expires_by_itself \
  a_user_with_sudo_can_grant clean_leaves_nothing; do
  run "$test"
done
finish_tests
