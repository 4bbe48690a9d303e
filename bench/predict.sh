#!/usr/bin/env bash
# How true predictions of moves are, and become; called by bench/run.sh.
set -euo pipefail

usage() {
  cat <<'END'
Usage: bench/run.sh predict [--moves N] [--link 1g | 100m]

Three services of a local fleet go from host to host and back, in turns: one that writes a little all the
time; one with 60 MB in a volume, of which nothing is at the destination; one whose image of 60 MB is
removed there before each of its moves. For every move: what was predicted
and what it took. The last line has the medians of the errors, of the first 20 moves and of the rest.

  --moves N   default 40
  --link      1g: 1 Gbit/s and 1 ms of round trip for each host (default); 100m: 100 Mbit/s, 20 ms

Root is needed, and the lab's packages (setup.sh --lab).
END
}

moves=40 link=1g
while (($#)); do
  case $1 in
    --moves) moves=$2 ;;
    --link) link=$2 ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift 2
done
[[ $moves =~ ^[1-9][0-9]*$ && $link =~ ^(1g|100m)$ ]] || { usage >&2 && exit 2; }

: "${plimsoll:?call bench/run.sh}" "${here:?}"
work=$(mktemp -d /var/tmp/plimsoll-bench-predict.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-bench
# shellcheck source=lab/test_support.sh
. "$here/../lab/test_support.sh"
# shellcheck source=lab/scenario.sh
. "$here/../lab/scenario.sh"
clean_up() {
  trap - EXIT
  lab down >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# service NAME IMAGE SCRIPT
service() {
  docker_on h1 run -d --name "$1" -v "$1":/data "$2" sh -c "trap 'exit 0' TERM; $3
    while :; do head -c 2000 /dev/urandom >>/data/log; sleep 0.1; done" >/dev/null
}
other() { if [[ $1 == h1 ]]; then echo h2; else echo h1; fi; }
forget_retired() {
  local id
  for id in $(docker_on "$1" ps -aq --filter name=--retired-); do docker_on "$1" rm -v "$id" >/dev/null; done
  docker_on "$1" volume prune -f >/dev/null
}

lab up 2 --cpu 1 --agent "$plimsoll" >&2
for host in h1 h2; do
  if [[ $link == 1g ]]; then
    lab net "$host" --rate 1gbit --delay 500us
  else
    lab net "$host" --rate 100mbit --delay 10ms
  fi
  lab image "$host" app:1
done
lab image h1 large:1 --size 60
write_small_config observe 'forward = "0s"'
in_background "$work/monitor.log" "$plimsoll" --config "$work/plimsoll.toml" monitor
service little app:1 true
service volume app:1 "head -c 60000000 /dev/urandom >/data/all"
service image large:1 true

from=h1
for ((move = 1; move <= moves;)); do
  to=$(other "$from")
  for name in little volume image; do
    until_true 60 is_seen "$from" "$name"
    [[ $name != image ]] || docker_on "$to" rmi -f large:1 >/dev/null 2>&1 || true
    ask migrate "$name" --from "$from" --to "$to" --force --json >"$work/record"
    jq -r --arg move "$move" --arg name "$name" '[$move, $name, .predicted.bytes, .actual.bytes,
      .predicted.transfer_s, .actual.transfer_s, .predicted.downtime_s, .actual.downtime_s] | join(" ")' \
      "$work/record" | tee -a "$work/all" >&2
    forget_retired "$from"
    move=$((move + 1))
  done
  from=$to
done

printf '\n%s moves, link %s: median error of\n\n| moves | bytes | seconds of sending | seconds of stop |\n|---|---|---|---|\n' \
  "$((move - 1))" "$link"
# error OF FROM TO: predicted in column OF, what came in the next one.
error() {
  awk -v of="$1" -v from="$2" -v to="$3" '$1 >= from && $1 <= to && $(of + 1) > 0 {
    e = ($of - $(of + 1)) / $(of + 1); print (e < 0 ? -e : e) }' "$work/all" | sort -n |
    awk '{ v[NR] = $1 } END { printf "%.0f %%", 100 * v[int((NR + 1) / 2)] }'
}
for range in '1 20' "21 $((move - 1))"; do
  read -r first last <<<"$range"
  ((first < move)) || continue
  printf '| %s to %s | %s | %s | %s |\n' "$first" "$last" "$(error 3 "$first" "$last")" "$(error 5 "$first" "$last")" \
    "$(error 7 "$first" "$last")"
done
