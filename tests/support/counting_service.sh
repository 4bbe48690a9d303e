# shellcheck shell=bash
# For tests of moves on real engines: a service whose data tell whether anything was lost, and what
# must hold on the hosts of the lab afterwards. Needs lab/test_support.sh and lab/scenario.sh; `hosts`
# names the hosts.
: "${work:?}" "${hosts[@]:?}"

migrate() { ask migrate "$@" >"$work/out" 2>"$work/error"; }
field() { docker_on "$1" inspect -f "$3" "$2"; }

# A service that counts, in its writable layer and in a volume, and says at its end how far it came.
# shellcheck disable=SC2016 # the container's shell expands it, not ours
run_counter() {
  docker_on "$1" run -d --name "$2" --restart unless-stopped -p "$3":80 -v "$2":/data \
    --label plimsoll.move=ask app:1 sh -c '
      trap "echo end \$i >>/data/count; exit 0" TERM
      mkdir -p /www; echo here >/www/index.html; httpd -h /www -p 80
      i=$(tail -n 1 /data/count 2>/dev/null | cut -d" " -f2); i=${i:-0}
      while :; do i=$((i + 1)); echo "n $i" >>/data/count; echo "$i" >>/count; sleep 0.02; done' >/dev/null
}
counted() { docker_on "$1" exec "$2" tail -n 1 /data/count | cut -d' ' -f2; }
# Nothing that was counted is missing or twice, in either place, whatever became of it.
count_is_whole() {
  docker_on "$1" exec "$2" cat /data/count | awk '$1 == "n" && $2 != ++i { exit 1 }'
  docker_on "$1" exec "$2" cat /count | awk '$1 != ++i { exit 1 }'
}
counts_on() { (($(counted "$1" "$2") > $3)); }
copies_of() { # running ones, on all hosts
  local host
  for host in "${hosts[@]}"; do
    docker_on "$host" ps --filter "name=$1" --format "$host {{.Names}}"
  done
}
no_staged_things() {
  local host
  for host in "${hosts[@]}"; do
    equal "$(docker_on "$host" ps -aq --filter name=--plimsoll-)" ''
    fails lab exec "$host" grep -q 'hand receive' /root/.ssh/authorized_keys
  done
}
forget_retired() {
  local host name
  for host in "${hosts[@]}"; do
    for name in $(docker_on "$host" ps -aq --filter name=--retired-); do
      docker_on "$host" rm -v "$name" >/dev/null
    done
    docker_on "$host" volume prune -f >/dev/null
  done
}

# killed_at_each_act SERVICE FROM TO [OPTION of migrate…]: at each act of a move the orchestrator is dead
# with the intent on disk and nothing done; dead with the act done and the journal not knowing. The
# running loop takes over each time. Before each move `before_each_kill FROM TO` is called where it is
# defined.
killed_at_each_act() {
  local name=$1 from=$2 to=$3 phase side n running
  for phase in preflight stage create precopy fence stop final start check commit finish redirect retire; do
    for side in pre post; do
      n=$(counted "$from" "$name")
      ! declare -F before_each_kill >/dev/null || before_each_kill "$from" "$to"
      ask --set "hooks.${side}_$phase=[\"/bin/sh\", \"-c\", \"kill -9 \$PPID\"]" \
        migrate "$name" --from "$from" --to "$to" "${@:4}" >"$work/out" 2>&1 || true
      until_true 90 move_has_ended || return 1
      running=$(copies_of "$name")
      case $running in
        "$from $name") ;;
        "$to $name") to=$from from=${running%% *} ;;
        *) note "$side $phase: '$running' runs" && return 1 ;;
      esac
      until_true 30 counts_on "$from" "$name" "$n" || return 1
      count_is_whole "$from" "$name"
      no_staged_things
      equal "$(field "$from" "$name" '{{.HostConfig.RestartPolicy.Name}}')" unless-stopped
      forget_retired
    done
  done
}
