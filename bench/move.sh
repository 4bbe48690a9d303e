#!/usr/bin/env bash
# Moves a container between two lab hosts in several ways, side by side.
set -euo pipefail

usage() {
  cat <<'END'
Usage: bench/run.sh move [--image MB] [--writable MB] [--link 1g | 100m] [--there none | base | all]
                         [--rounds N] [--only NAME[,NAME…]]

One container, with a service that writes 100 kB a second, goes from h1 to h2 of a local fleet: by the
procedure of the predecessor (commit, save to a file, stop, rm, scp twice through the controller,
load, run), by `docker save | ssh docker load`, by the same packed with zstd -1, and by plimsoll
migrate. A client polls the service every 10 ms and tells the longest silence.

  --image MB      size of the image, in six layers of real files; default 540
  --writable MB   data in the container's writable layer; default 1
  --link          1g: 1 Gbit/s and 1 ms of round trip for each host (default); 100m: 100 Mbit/s, 20 ms
  --there         what of the image the destination has; default none
  --rounds N      default 3; procedures in turns
  --only          predecessor, saveload, savezstd, plimsoll

Root is needed, and the lab's packages (setup.sh --lab). The first three lose what was written after
the commit, every option of docker run but the port, and all volumes: they are measured all the same.
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=${plimsoll:-$here/../build/plimsoll}
image_mb=540 writable_mb=1 link=1g there=none rounds=3 only=predecessor,saveload,savezstd,plimsoll
while (($#)); do
  case $1 in
    --image) image_mb=$2 && shift ;;
    --writable) writable_mb=$2 && shift ;;
    --link) link=$2 && shift ;;
    --there) there=$2 && shift ;;
    --rounds) rounds=$2 && shift ;;
    --only) only=$2 && shift ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
[[ $there =~ ^(none|base|all)$ && $link =~ ^(1g|100m)$ ]] || { usage >&2 && exit 2; }

work=$(mktemp -d /var/tmp/plimsoll-bench-move.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-bench
lab() { "$here/../lab/lab.sh" "$@"; }
docker_on() { lab exec "$1" docker "${@:2}"; }
in_controller() { lab exec controller "$@"; }
on() { in_controller ssh -F "$PLIMSOLL_LAB_DIR/ssh_config" -o ControlMaster=auto -o "ControlPath=$work/%h" -o ControlPersist=60 "$@"; }
copy() { in_controller scp -q -F "$PLIMSOLL_LAB_DIR/ssh_config" -o "ControlPath=$work/%h" "$@"; }
clean_up() {
  trap - EXIT
  lab down >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

now() { date +%s.%N; }
bytes_of() { lab bytes "$1" | awk '{ printf "%.0f", $1 + $2 }'; }

# Real files of this machine, so that layers pack as layers do: a base of half the size, then five.
make_image() {
  local host=$1 share=$((image_mb * 1024 / 2)) file=$work/files
  if [[ ! -e $file.0 ]]; then
    find /usr -xdev -type f -size -4M -size +0 -printf '%k\t%P\n' | sort -t $'\t' -k2 |
      awk -F '\t' -v base="$share" -v each="$((share / 5))" -v out="$file" '
        { used += $1; part = used <= base ? 0 : 1 + int((used - base) / each)
          if (part > 5) next  # read to the end: who writes into the pipe must not be cut off
          printf "/usr/%s\n", $2 >(out "." part) }'
  fi
  tar -C / --sort=name --mtime=@0 -c -P --transform 's,^/usr,/files,' -T "$file.0" bin/busybox 2>/dev/null |
    docker_on "$host" import - bench-base:1 >/dev/null
  [[ ${2-} == base ]] && return
  rm -rf "$work/context"
  mkdir -p "$work/context"
  printf 'FROM bench-base:1\nRUN ["/bin/busybox", "--install", "/bin"]\n' >"$work/context/Dockerfile"
  local i
  for i in 1 2 3 4 5; do
    [[ -e $file.$i ]] || continue
    tar --mtime=@0 -P -c --transform "s,^/usr,/part$i," -T "$file.$i" -f "$work/context/$i.tar" 2>/dev/null
    printf 'ADD %s.tar /\n' "$i" >>"$work/context/Dockerfile"
  done
  tar -C "$work/context" -c . | docker_on "$host" build -q -t bench:1 - >/dev/null
}

start_service() {
  docker_on h1 run -d --name svc -p 8080:80 bench:1 sh -c '
    trap "exit 0" TERM; mkdir -p /www; echo here >/www/index.html; httpd -h /www -p 80
    while :; do head -c 10000 /dev/urandom >>/log; sleep 0.1; done' >/dev/null
  ((writable_mb <= 1)) || docker_on h1 exec svc sh -c "mkdir /data; for i in \$(seq $writable_mb); do head -c 1048576 /dev/urandom >/data/\$i; done"
}

predecessor() {
  on h1 docker commit svc moved:1 >/dev/null
  on h1 docker save -o /root/moved.tar moved:1
  on h1 docker stop svc >/dev/null
  on h1 docker rm svc >/dev/null
  copy h1:/root/moved.tar "$work/moved.tar"
  copy "$work/moved.tar" h2:/root/moved.tar
  on h2 docker load -q -i /root/moved.tar >/dev/null
  on h2 docker run -d --name svc -p 8080:80 moved:1 >/dev/null
}
save_into() {
  on h1 docker commit svc moved:1 >/dev/null
  on h1 "docker save moved:1 | $1" | on h2 "$2 | docker load -q" >/dev/null
  on h1 docker stop svc >/dev/null
  on h2 docker run -d --name svc -p 8080:80 moved:1 >/dev/null
}
saveload() { save_into cat cat; }
savezstd() { save_into 'zstd -1 -q' 'zstd -dq'; }
plimsoll() {
  in_controller "$plimsoll" --config "$work/plimsoll.toml" migrate svc --from h1 --to h2 --force --json >"$work/record"
}

reset() {
  local host
  for host in h1 h2; do
    docker_on "$host" ps -aq | while read -r id; do docker_on "$host" rm -fv "$id" >/dev/null; done
  done
  on h2 rm -f /root/moved.tar
  on h1 rm -f /root/moved.tar
  rm -f "$work/moved.tar" "$work/stop"
  docker_on h1 rmi -f moved:1 >/dev/null 2>&1 || true
  docker_on h2 system prune -af >/dev/null
  case $there in
    base) docker_on h1 save bench-base:1 | docker_on h2 load -q >/dev/null ;;
    all) docker_on h1 save bench:1 | docker_on h2 load -q >/dev/null ;;
  esac
  lab exec h1 sh -c 'rm -rf /run/plimsoll/????????????'
}

measure() { # NAME
  local before after start end client
  reset
  start_service
  until in_controller curl -sf -m 1 http://10.77.0.11:8080/ >/dev/null; do :; done
  [[ $1 != plimsoll ]] || until seen; do :; done
  in_controller python3 "$here/peers/poll_client.py" 10.77.0.11:8080 10.77.0.12:8080 "$work/stop" >"$work/client" &
  client=$!
  before=$(($(bytes_of h1) + $(bytes_of h2)))
  start=$(now)
  "$1"
  end=$(now)
  after=$(($(bytes_of h1) + $(bytes_of h2)))
  touch "$work/stop"
  wait "$client"
  printf '%s %.2f %s %.1f\n' "$1" "$(awk -v a="$start" -v b="$end" 'BEGIN { print b - a }')" \
    "$(jq .downtime_s "$work/client")" "$(awk -v n="$((after - before))" 'BEGIN { print n / 2e6 }')" |
    tee -a "$work/figures" >&2
}
seen() {
  in_controller "$plimsoll" --config "$work/plimsoll.toml" top --once --json | jq -e '[.hosts[] |
    select(.name == "h1") | .containers[] | select(.name == "svc" and .cpu_percent != null)] | length == 1' >/dev/null
}

lab up 2 --cpu 2 --agent "$plimsoll" >&2
for host in h1 h2; do
  if [[ $link == 1g ]]; then
    lab net "$host" --rate 1gbit --delay 500us
  else
    lab net "$host" --rate 100mbit --delay 10ms
  fi
done
make_image h1
cat >"$work/plimsoll.toml" <<CONF
hosts = "$PLIMSOLL_LAB_DIR/host.csv"
data_dir = "$work/data"
[monitor]
interval = "1s"
[orchestrator]
# The client knows both addresses, and the next round needs the port.
forward = "0s"
[ssh]
config = "$PLIMSOLL_LAB_DIR/ssh_config"
CONF
in_controller "$plimsoll" --config "$work/plimsoll.toml" monitor >"$work/monitor.log" 2>&1 &
monitor=$!
disown "$monitor"
for ((round = 1; round <= rounds; round++)); do
  for name in ${only//,/ }; do measure "$name"; done
done
printf '\n%s MB image, %s there, %s MB written, link %s, %s round(s); medians (least-most)\n\n' "$image_mb" "$there" \
  "$writable_mb" "$link" "$rounds"
printf '| procedure | total s | longest silence s | MB a hop |\n|---|---|---|---|\n'
for name in ${only//,/ }; do
  for column in 2 3 4; do
    awk -v name="$name" -v column="$column" '$1 == name { print $column }' "$work/figures" | sort -n |
      awk '{ v[NR] = $1 } END { printf "%s (%s-%s)", v[int((NR + 1) / 2)], v[1], v[NR] }'
    printf '\n'
  done | paste -sd'|' | sed "s/|/ | /g; s/^/| $name | /; s/\$/ |/"
done
