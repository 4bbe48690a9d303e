#!/bin/bash
# Trees between two real hosts: rounds while a container writes, the tight stop, digests, a cut.
# Usage: tree_test.sh [PLIMSOLL]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-tree.XXXXXX)
export PLIMSOLL_LAB_DIR=${PLIMSOLL_LAB_DIR:-$work/lab} PLIMSOLL_LAB_NAME=${PLIMSOLL_LAB_NAME:-plimsoll-tree}
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"

move=treetesttree
move_folder=/run/plimsoll/$move

# hand HOST ACT [REQUEST]: its result on standard output, or what it said on standard error.
hand() {
  local request=${3-}
  [[ $request ]] || request='{}'
  lab exec "$1" "$plimsoll" hand "$2" --move "$move" --epoch "${epoch:-1}" --owner aaaaaaaaaaaaaaaa \
    <<<"$request" >"$work/said" || true
  jq -e 'select(.ok == true) | .result' "$work/said" || {
    tail -n 1 "$work/said" >&2
    return 1
  }
}
hand_fails() { ! hand "$@" 2>"$work/error" >/dev/null; }

upper_of() { docker_on "$1" inspect -f '{{.GraphDriver.Data.UpperDir}}' "$2"; }
volume_of() {
  docker_on "$1" inspect -f "{{range .Mounts}}{{if eq .Destination \"$3\"}}{{.Source}}{{end}}{{end}}" "$2"
}

way() { printf '{"address":"%s"}' "$(<"$work/address")"; }
# The pairs of a container and its copy: writable layer and both volumes.
pairs() {
  jq -nc --args '[$ARGS.positional as $p | range(0; $p | length; 2) | {from: $p[.], to: $p[. + 1]}]' \
    "$(upper_of h1 web)" "$(upper_of h2 copy)" "$(volume_of h1 web /data)" \
    "$(volume_of h2 copy /data)" "$(volume_of h1 web /anonymous)" "$(volume_of h2 copy /anonymous)"
}
send_request() { jq -nc --argjson way "$(way)" --argjson pairs "$(pairs)" '{$way, $pairs} + '"${1:-{\}}"; }
folders() { jq -nc --argjson pairs "$(pairs)" "{folders: [\$pairs[].$1]} + ${2:-{\}}"; }
digests() { jq -r '.digests[].sha256' <<<"$1"; }

# The view that a container has, made by hand: the copy must not be started.
listing() {
  local host=$1 container=$2 lower
  lower=$(docker_on "$host" inspect -f '{{.GraphDriver.Data.LowerDir}}' "$container")
  lab exec "$host" mkdir -p /tmp/merged
  lab exec "$host" mount -t overlay overlay -o "ro,lowerdir=$(upper_of "$host" "$container"):$lower" /tmp/merged
  lab exec "$host" python3 "$here/../support/tree_listing.py" /tmp/merged
  lab exec "$host" umount /tmp/merged
  lab exec "$host" python3 "$here/../support/tree_listing.py" "$(volume_of "$host" "$container" /data)"
  lab exec "$host" python3 "$here/../support/tree_listing.py" "$(volume_of "$host" "$container" /anonymous)"
}
views_are_equal() {
  listing h1 web >"$work/here"
  listing h2 copy >"$work/there"
  diff "$work/here" "$work/there" >"$work/difference" || {
    head -n 10 "$work/difference" >&2
    return 1
  }
  (($(wc -l <"$work/here") > 300)) || {
    note 'the listing is too short to prove anything'
    return 1
  }
}

# --- the two hosts ----------------------------------------------------------------------------

hosts_are_ready() {
  lab up 2
  lab image h1 app:1
  lab image h2 app:1
  # shellcheck disable=SC2016 # the container's shell expands it
  docker_on h1 run -d --name web --cap-add MKNOD -v data:/data -v /anonymous app:1 sh -c 'trap "exit 3" TERM
    while :; do head -c 10240 /dev/urandom >>/log; date >>/data/log; echo x >>/anonymous/log
      usleep 100000 & wait $!; done' >/dev/null
  docker_on h2 create --name copy -v data:/data -v /anonymous app:1 sh >/dev/null
  awk -F, '$1 == "h2" { print $2 }' "$PLIMSOLL_LAB_DIR/host.csv" >"$work/address"
  until_true 20 docker_on h1 exec web test -s /data/log
}

the_way_is_laid() {
  lab exec h2 tee /usr/local/bin/tree-receive >/dev/null <<'END'
#!/bin/sh
case $SSH_ORIGINAL_COMMAND in
  'rsync --server '*)
    # As `hand receive` does it by ReceiverTurn: the receiver of a cut connection ends first.
    before="^rsync --server.* ${SSH_ORIGINAL_COMMAND##* }\$"
    pkill -TERM -f "$before"
    while pgrep -f "$before" >/dev/null; do :; done
    exec $SSH_ORIGINAL_COMMAND
    ;;
  plimsoll-ping) cat >/dev/null ;;
  *) exit 1 ;;
esac
END
  lab exec h2 chmod 0755 /usr/local/bin/tree-receive
  lab exec h1 mkdir -p "$move_folder"
  lab exec h1 ssh-keygen -q -t ed25519 -N '' -f "$move_folder/key"
  lab exec h2 mkdir -p /root/.ssh
  printf 'restrict,command="/usr/local/bin/tree-receive" %s\n' "$(lab exec h1 cat "$move_folder/key.pub")" |
    lab exec h2 tee -a /root/.ssh/authorized_keys >/dev/null
  lab exec h1 tee "$move_folder/known_hosts" <"$PLIMSOLL_LAB_DIR/known_hosts" >/dev/null
}

connection_is_opened_once() {
  local opened
  opened=$(hand h1 tree-open "$(jq -nc --argjson way "$(way)" --arg folder "$(upper_of h2 copy)" \
    '{$way, $folder, ping: 4194304}')")
  jq -e '.was_open == false and .rsync != "" and .rsync_there and .session_s > 0 and
    .bytes_per_s > 1000000' <<<"$opened" >/dev/null
  printf '  %s\n' "$(jq -c . <<<"$opened")"
  jq -e '.was_open' < <(hand h1 tree-open "{\"way\":$(way)}") >/dev/null
}

another_host_key_is_refused() {
  hand_fails h1 tree-open "$(jq -nc --argjson way "$(way)" --arg known /dev/null \
    '{way: ($way + {known_hosts: $known, control: "/run/plimsoll/other"})}')"
  grep -q '"code":"refused"' "$work/error"
}

# --- rounds -----------------------------------------------------------------------------------

odd_things_are_written() {
  # shellcheck disable=SC2016 # the container's shell expands it
  docker_on h1 exec web sh -c 'set -e
    mkdir -p /srv/deep/er /data/sub; cd /srv
    for i in $(seq 1000); do echo "$i" >many$i; done
    echo hard >hard; ln hard deep/er/link; ln -s ../nowhere soft; mkfifo fifo; mknod dev c 1 7
    printf new >"new
line"; printf bytes >"$(printf "not\377utf")"
    head -c 100 /dev/urandom >file; chmod 6755 file; chown 12:34 file
    dd if=/dev/zero of=sparse bs=1 count=1 seek=50000000 2>/dev/null
    rm /bin/wget; rm -r /root; mkdir /root; echo fresh >/root/fresh; chmod 1711 /tmp
    cp /bin/busybox /data/sub/; ln /data/sub/busybox /data/other; echo a >/anonymous/a'
  lab exec h1 python3 -c '
import os, socket, sys
root = sys.argv[1] + "/srv/"
os.setxattr(root + "file", "user.note", b"x")
os.setxattr(root + "file", "security.capability", bytes.fromhex("0100000200200000" + "00" * 12))
os.setxattr(root + "deep", "system.posix_acl_default", bytes.fromhex(
    "02000000" "01000700ffffffff" "020005004d000000" "04000500ffffffff" "10000700ffffffff" "20000500ffffffff"))
os.chdir(root)
socket.socket(socket.AF_UNIX).bind("socket")
os.utime("file", ns=(1, 1234567890123456789))' "$(lab exec h1 docker inspect -f '{{.GraphDriver.Data.MergedDir}}' web)"
}

usage_is_told() {
  local usage
  usage=$(hand h1 tree-usage "$(folders from)")
  jq -e '.trees | length == 3 and .[0].bytes > 50000000 and .[0].disk < 20000000 and
    .[0].hard_links' <<<"$usage" >/dev/null
}

rounds_bring_what_changed() {
  local first second
  first=$(hand h1 tree-send "$(send_request '{compress: true}')")
  jq -e '.files > 1000' <<<"$first" >/dev/null
  docker_on h1 exec web sh -c 'cd /srv; rm many*; echo more >>file; ln hard harder'
  second=$(hand h1 tree-send "$(send_request)")
  jq -e '.files < 20 and ([.pairs[].deleted] | add) >= 1000 and .bytes_sent < 2000000' <<<"$second" >/dev/null
  hand h1 tree-digest "$(folders from '{live: true}')" >/dev/null
  hand h2 tree-digest "$(folders to)" >/dev/null
}

# --- the end ----------------------------------------------------------------------------------

newer_order_stops_the_older_one() {
  epoch=2 hand h1 fence >/dev/null
  hand_fails h1 stop-and-send "$(send_request '{container: "web"}')"
  grep -q superseded "$work/error"
  equal "$(docker_on h1 inspect -f '{{.State.Status}}' web)" running
}

frozen_it_is_copied_and_goes_on() {
  local stopped there
  stopped=$(epoch=2 hand h1 stop-and-send "$(send_request '{container: "web", pause: true}')")
  equal "$(docker_on h1 inspect -f '{{.State.Status}}' web)" paused
  there=$(epoch=2 hand h2 tree-digest "$(folders to)")
  equal "$(digests "$stopped")" "$(digests "$there")"
  docker_on h1 unpause web >/dev/null
}

stop_and_send_is_exact() {
  local stopped there
  stopped=$(epoch=2 hand h1 stop-and-send "$(send_request '{container: "web"}')")
  there=$(epoch=2 hand h2 tree-digest "$(folders to)")
  printf '  %s\n' "$(jq -c 'del(.sent, .digests)' <<<"$stopped")"
  equal "$(digests "$stopped")" "$(digests "$there")"
  equal "$(docker_on h1 inspect -f '{{.State.Status}}' web)" exited
  jq -e '.exit_code == 3 and .dead_s <= .sent_s and ([.digests[].read] | add) < 20000000' <<<"$stopped" >/dev/null
  views_are_equal
}

again_it_does_no_harm() {
  jq -e '.sent.files == 0' < <(epoch=2 hand h1 stop-and-send "$(send_request '{container: "web"}')") >/dev/null
}

what_differs_is_found() {
  local original copied
  # shellcheck disable=SC2016 # the host's shell expands it
  lab exec h2 sh -c 'echo other >>"$1/srv/file"' sh "$(upper_of h2 copy)"
  original=$(epoch=2 hand h1 tree-digest "$(folders from '{list: "srv"}')")
  copied=$(epoch=2 hand h2 tree-digest "$(folders to '{list: "srv"}')")
  equal "$(diff <(jq -r '.digests[0].list[] | .name + " " + .sha256' <<<"$original") \
    <(jq -r '.digests[0].list[] | .name + " " + .sha256' <<<"$copied") | awk '/^</ { print $2 }')" file
  epoch=2 hand h1 tree-send "$(send_request '{final: true, checksum: true, inplace: false}')" >/dev/null
  views_are_equal
}

# --- a cut ------------------------------------------------------------------------------------

cut_round_goes_on_later() {
  local began resumed
  # shellcheck disable=SC2016 # the host's shell expands it
  lab exec h1 sh -c 'head -c 60000000 /dev/urandom >"$1/large"' sh "$(volume_of h1 web /data)"
  lab net h2 --rate 50mbit
  epoch=2 hand h1 tree-send "$(send_request '{stall_s: 4}')" 2>"$work/cut" &
  began=$!
  until_true 60 large_is_half_there
  lab cut h2
  fails wait "$began"
  grep -Eq '"code":"(timeout|unreachable)"' "$work/cut"
  lab heal h2
  lab net h2 --rate none
  until_true 60 opened_again
  resumed=$(epoch=2 hand h1 tree-send "$(send_request '{stall_s: 4, final: true}')")
  printf '  resumed: %s\n' "$(jq -c '{literal, seconds}' <<<"$resumed")"
  jq -e '.literal < 50000000' <<<"$resumed" >/dev/null
  views_are_equal
  lab exec h2 sh -c '! pgrep -f "[r]sync --server"'
}
large_is_half_there() {
  (($(lab exec h2 du -s "$(volume_of h2 copy /data)" | cut -f1) > 20000))
}
opened_again() { epoch=2 hand h1 tree-open "{\"way\":$(way)}" >/dev/null 2>&1; }

without_rsync_it_says_so() {
  lab exec h2 sh -c 'mkdir -p /tmp/none; mount --bind /tmp/none /usr/bin/rsync 2>/dev/null ||
    { touch /tmp/no; mount --bind /tmp/no /usr/bin/rsync; }'
  hand_fails h1 tree-send "$(send_request)"
  lab exec h2 umount /usr/bin/rsync
  grep -q '"code":"' "$work/error"
}

connection_is_closed() {
  epoch=2 hand h1 tree-close "{\"way\":$(way)}" >/dev/null
  until_true 10 fails lab exec h1 test -S "$move_folder/ssh"
}

begin_tests dockerd sshd jq python3 rsync
for test in hosts_are_ready the_way_is_laid connection_is_opened_once another_host_key_is_refused \
  odd_things_are_written usage_is_told rounds_bring_what_changed newer_order_stops_the_older_one \
  frozen_it_is_copied_and_goes_on stop_and_send_is_exact again_it_does_no_harm \
  what_differs_is_found cut_round_goes_on_later without_rsync_it_says_so connection_is_closed \
  down_leaves_nothing; do
  run "$test"
done
finish_tests
