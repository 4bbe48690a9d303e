#!/bin/bash
# The image part of the hand between two real Docker hosts, as root. Usage: image_test.sh [PLIMSOLL].
# Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-image-test.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-image-test
state=$PLIMSOLL_LAB_DIR
move=img$$
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"

# hand HOST ACT [FLAG…]: requests and streams on standard input.
hand() {
  local host=$1 act=$2
  shift 2
  lab exec "$host" "$plimsoll" hand "$act" --move "$move" --epoch 1 --owner 0123456789abcdef "$@"
}
diff_ids() { docker_on "$1" image inspect -f '{{json .RootFS.Layers}}' "$2"; }
image_id() { docker_on "$1" image inspect -f '{{.Id}}' "$2"; }
count_of() { diff_ids "$1" "$2" | jq length; }

# present HOST IMAGE: how many layers of h1's image HOST has.
present() {
  printf '{"diff_ids":%s}\n' "$(diff_ids h1 "$2")" | hand "$1" image-probe | jq -s 'last.result.present'
}
# export_image IMAGE PRESENT [MEMBER…]: the stream; its result in $work/export.
export_image() {
  local image=$1 from=$2
  shift 2
  printf '{"image":"%s","present":%s%s}\n' "$image" "$from" "${*:+,$*}" |
    hand h1 image-export 2>"$work/export"
}
sent() { jq -s 'last.result.sent' "$work/export"; }
load_image() { hand h2 image-load >"$work/load"; }
loaded() { jq -s "last$1" "$work/load"; }
move_image() { export_image "$1" "$(present h2 "$1")" "${@:2}" | load_image; }
forget() {
  docker_on h2 images -a -q | sort -u | while read -r id; do docker_on h2 rmi -f "$id" >/dev/null 2>&1 </dev/null || true; done
}
holders() { docker_on h2 images -a -q --filter "label=plimsoll.move.id=$move" | sort -u; }
holds_something() { [[ $(holders) ]]; }
layers_on_disk() { lab exec h2 find /var/lib/docker/image/overlay2/layerdb/sha256 -name cache-id | wc -l; }
nothing_in_tmp() { [[ ! $(lab exec h2 find /var/lib/docker/tmp -name 'docker-import-*') ]]; }
nothing_half_way() {
  equal "$(holders)" ''
  nothing_in_tmp
}

# A tree with what a copy loses first: capabilities, sparse files, hard links, set bits.
odd_tree() {
  local tree=$work/odd/tree long
  long=$(printf 'x%.0s' {1..180})
  mkdir -p "$tree/d/$long/$long"
  printf 'deep\n' >"$tree/d/$long/$long/$long"
  printf 'ping\n' >"$tree/capable"
  python3 - "$tree/capable" <<'END'
import os, sys
os.setxattr(sys.argv[1], "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))
END
  truncate -s 20M "$tree/sparse"
  printf 'one\n' >"$tree/first"
  ln "$tree/first" "$tree/second"
  ln -s /nowhere "$tree/dangling"
  mkfifo "$tree/fifo"
  chmod 4755 "$tree/first"
  printf 'bytes\n' >"$tree/"$'not-utf8-\xff'
  tar --xattrs --xattrs-include='*' --sort=name --mtime=@1 --owner=7 --group=8 --numeric-owner \
    -S -C "$tree" -cf "$work/odd/odd.tar" .
}

hosts_and_images() {
  lab up 2 --cpu 1 --disk 700
  remember
  lab image h1 base:1 --size 24
  odd_tree
  cat >"$work/odd/Dockerfile" <<'END'
FROM base:1
ADD odd.tar /odd/
RUN ln /etc/passwd /etc/passwd2 && mkdir /opaque && touch /opaque/a
RUN rm -r /opaque /odd/first && mkdir /opaque && touch /opaque/b
RUN true
ENV A=b
RUN head -c 3000000 /dev/urandom >/random && rm /bin/vi
LABEL team=blue
END
  tar -C "$work/odd" -c Dockerfile odd.tar |
    lab exec h1 env DOCKER_BUILDKIT=0 docker build --quiet --tag app:1 - >/dev/null
  within 5 "$(count_of h1 app:1)" 8
}

whole_image_keeps_its_id() {
  equal "$(present h2 app:1)" 0
  move_image app:1
  equal "$(loaded .ok)" true
  equal "$(image_id h2 app:1)" "$(image_id h1 app:1)"
  equal "$(diff_ids h2 app:1)" "$(diff_ids h1 app:1)"
  equal "$(jq -s -r 'last.result.way' "$work/export")" files
  equal "$(docker_on h2 run --rm app:1 sh -c 'ls /opaque; cat /odd/second; stat -c %h /etc/passwd2')" \
    "$(docker_on h1 run --rm app:1 sh -c 'ls /opaque; cat /odd/second; stat -c %h /etc/passwd2')"
  nothing_half_way
}

second_time_costs_nothing() {
  equal "$(present h2 app:1)" "$(count_of h1 app:1)"
  docker_on h2 rmi app:1 >/dev/null
  docker_on h2 images -q | grep -q . && return 1
  move_image app:1
  forget
  move_image app:1
  move_image app:1
  equal "$(loaded .ok)" true
  within 0 "$(sent)" 20000
}

base_is_not_sent_again() {
  forget
  lab image h2 base:1 --size 24
  equal "$(diff_ids h2 base:1)" "$(diff_ids h1 base:1)"
  equal "$(present h2 app:1)" "$(count_of h1 base:1)"
  move_image app:1
  equal "$(image_id h2 app:1)" "$(image_id h1 app:1)"
  within 1 "$(sent)" 4000000
}

through_the_engine_it_is_the_same() {
  forget
  move_image app:1 '"way":"engine","link":1000000000'
  equal "$(jq -s -r 'last.result.way' "$work/export")" engine
  equal "$(image_id h2 app:1)" "$(image_id h1 app:1)"
  nothing_half_way
}

rate_is_kept_to() {
  forget
  export_image app:1 0 '"limit":8000000' >"$work/stream"
  # 27 MB that do not compress at 8 MB/s.
  jq -s -e 'last.result.seconds > 2.5' "$work/export" >/dev/null
}

cut_stream_goes_on_behind_the_finished_layers() {
  local all
  forget
  export_image app:1 0 >"$work/stream"
  all=$(sent)
  head -c 27000000 "$work/stream" | fails load_image
  fails docker_on h2 image inspect app:1
  equal "$(jq -s -r 'last.code' "$work/load")" io
  within 1 "$(present h2 app:1)" 3
  [[ $(holders) ]]
  move_image app:1
  equal "$(image_id h2 app:1)" "$(image_id h1 app:1)"
  within 1 "$(sent)" $((all / 4))
  nothing_half_way
}

clean_frees_what_a_cut_left() {
  forget
  local before
  before=$(layers_on_disk)
  head -c 27000000 "$work/stream" | fails load_image
  hand h2 image-clean >"$work/clean"
  within 1 "$(jq -s 'last.result.removed' "$work/clean")" 3
  hand h2 image-clean >"$work/clean"
  equal "$(jq -s 'last.result.removed' "$work/clean")" 0
  equal "$(layers_on_disk)" "$before"
  nothing_half_way
}

# Kills the receiving process while it works; the stream never ends by itself.
killed_receiver_can_be_tried_again() {
  forget
  { head -c 27000000 "$work/stream"; read -rt 30 -u "${never:?}" _ || true; } | load_image 2>/dev/null &
  local pipe=$!
  until_true 30 holds_something
  pgrep -f "hand image-load --move $move" | xargs -r kill -9
  kill "$pipe" 2>/dev/null || true
  wait "$pipe" || true
  until_true 30 nothing_in_tmp
  move_image app:1
  equal "$(image_id h2 app:1)" "$(image_id h1 app:1)"
  nothing_half_way
}

killed_dockerd_is_told_and_can_be_tried_again() {
  forget
  {
    head -c 27000000 "$work/stream"
    until_true 30 holds_something
    lab kill h2 dockerd
    tail -c +27000001 "$work/stream" 2>/dev/null || true
  } | fails load_image
  until_true 60 docker_on h2 info >/dev/null
  move_image app:1
  equal "$(image_id h2 app:1)" "$(image_id h1 app:1)"
  nothing_half_way
}

# leave_free BYTES on the disk of Docker at the destination.
leave_free() {
  local free
  free=$(lab exec h2 stat -f -c '%a * %S' /var/lib/docker)
  lab exec h2 fallocate -l "$((free - $1))" /var/lib/docker/filler
}
emptied() { lab exec h2 rm -f /var/lib/docker/filler; }

full_disk_is_said_before_anything_comes() {
  forget
  leave_free 40000000
  fails load_image <"$work/stream"
  emptied
  equal "$(jq -s -r 'last.code' "$work/load")" too_large
  grep -q 'no space' "$work/load"
  equal "$(holders)" ''
}

# The room is there when it begins, and gone in the middle.
disk_that_fills_up_is_said_and_leaves_nothing() {
  local before
  forget
  before=$(layers_on_disk)
  {
    head -c 100000 "$work/stream"
    until_true 30 receiving
    leave_free 8000000
    tail -c +100001 "$work/stream" 2>/dev/null || true
  } | fails load_image
  emptied
  grep -q 'no space left' "$work/load"
  hand h2 image-clean >/dev/null
  equal "$(layers_on_disk)" "$before"
  nothing_half_way
}
receiving() { pgrep -f "hand image-load --move $move" >/dev/null; }

image_in_use_is_left_alone() {
  forget
  lab image h2 base:1 --size 24
  docker_on h2 run -d --name user base:1 sleep 1000 >/dev/null
  move_image app:1
  equal "$(container_is h2 user)" running
  docker_on h2 run --rm app:1 true
  docker_on h2 rm -f user >/dev/null
}
container_is() { docker_on "$1" inspect -f '{{.State.Status}}' "$2"; }

two_moves_of_one_image_do_not_disturb_each_other() {
  forget
  lab exec h2 "$plimsoll" hand image-load --move "$move-2" --epoch 1 --owner 0123456789abcdef \
    <"$work/stream" >"$work/load2" &
  load_image <"$work/stream"
  wait $!
  jq -s -e 'last.ok' "$work/load2" >/dev/null
  equal "$(image_id h2 app:1)" "$(image_id h1 app:1)"
  nothing_half_way
}

image_is_sent_over_ssh() {
  local way
  forget
  lab exec h1 install -m 600 /dev/stdin /root/key <"$state/id_ed25519"
  way=$(printf '"%s",' ssh -i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -c aes128-gcm@openssh.com root@10.77.0.12)
  printf '{"image":"app:1","present":0,"link":118000000,"command":[%s"%s hand image-load --move %s --epoch 1 --owner 0123456789abcdef"]}\n' \
    "$way" "$plimsoll" "$move" | hand h1 image-send >"$work/send"
  equal "$(jq -s 'last.ok' "$work/send")" true
  equal "$(jq -s -r 'last.result.load.image' "$work/send")" "$(image_id h1 app:1)"
  equal "$(image_id h2 app:1)" "$(image_id h1 app:1)"
}

destination_says_why_it_refuses() {
  printf '{"image":"app:1","present":0,"command":["sh","-c","exit 3"]}\n' |
    fails_with 'no answer' hand h1 image-send
  printf '{"image":"app:1","present":0,"command":["no-such-program"]}\n' |
    fails_with 'cannot be started' hand h1 image-send
}

older_order_is_refused() {
  lab exec h2 "$plimsoll" hand fence --move "$move" --epoch 9 --owner 0123456789abcdef >/dev/null
  fails load_image <"$work/stream"
  equal "$(jq -s -r 'last.code' "$work/load")" refused
}

down_leaves_nothing() {
  lab down
  nothing_of_lab
}

((EUID == 0)) || cannot_run 'must run as root'
require_tools docker dockerd sshd jq python3 openssl
machine_snapshot >"$work/before"
trap 'lab down >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
for test in hosts_and_images whole_image_keeps_its_id second_time_costs_nothing \
  base_is_not_sent_again through_the_engine_it_is_the_same rate_is_kept_to \
  cut_stream_goes_on_behind_the_finished_layers clean_frees_what_a_cut_left \
  killed_receiver_can_be_tried_again killed_dockerd_is_told_and_can_be_tried_again \
  full_disk_is_said_before_anything_comes disk_that_fills_up_is_said_and_leaves_nothing \
  image_in_use_is_left_alone two_moves_of_one_image_do_not_disturb_each_other \
  image_is_sent_over_ssh destination_says_why_it_refuses older_order_is_refused down_leaves_nothing; do
  run "$test"
done
finish_tests
