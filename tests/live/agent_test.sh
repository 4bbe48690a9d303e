#!/bin/bash
# The agent on real engines: what /v1/telemetry says while containers come, change and go, on a
# dockerd of the lab and on Podman; beside Docker's own figures; scraped by VictoriaMetrics; with a
# file system that hangs. Usage: agent_test.sh [PLIMSOLL]. Exit status as lab_test.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
plimsoll=$(realpath "${1:-$here/../../build/plimsoll}")
work=$(mktemp -d /var/tmp/plimsoll-agent-test.XXXXXX)
export PLIMSOLL_LAB_DIR=$work/lab PLIMSOLL_LAB_NAME=plimsoll-agent-test
# shellcheck source=lab/test_support.sh
. "$here/../../lab/test_support.sh"

podman=(podman --root "$work/podman/root" --runroot "$work/podman/run" --tmpdir "$work/podman/tmp"
  --runtime runc --cgroup-manager cgroupfs --storage-driver vfs --events-backend file)
socket=$work/podman/podman.sock

# --- asking ------------------------------------------------------------------------------------

# The lab's agent, or the one on this machine once `own_port` is there.
telemetry() {
  if [[ -e $work/own_port ]]; then
    curl -sf --max-time 5 "http://127.0.0.1:$(<"$work/own_port")/v1/telemetry${1-}"
  else
    lab exec controller curl -sf --max-time 5 "http://10.77.0.11:5002/v1/telemetry${1-}"
  fi
}
shows() { telemetry | jq -e "$1" >/dev/null; }
comes_to_show() { until_true 30 shows "$1" || { telemetry | jq -c . >&2 && false; }; }
# shows_of NAME FILTER: of exactly one container.
of() { printf '[.containers[] | select(.name == "%s")] | length == 1 and (.[0] | %s)' "$1" "$2"; }
comes_to_be() { comes_to_show "$(of "$1" "$2")"; }
comes_to_lack() { comes_to_show "[.containers[].name] | index(\"$1\") | not"; }
field_of() { telemetry | jq -r ".containers[] | select(.name == \"$1\") | $2"; }

# A sample later than now: what was shown before may be a second old.
new_sample() {
  local before
  before=$(telemetry | jq .sampled_at)
  until_true 30 shows ".sampled_at > $before"
}

docker() { docker_on h1 "$@"; }
# A process 1 ignores a polite signal, and dockerd would wait for it.
start() { docker run -d --stop-signal KILL --name "$@"; }
engine_says() { docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}' | sort; }
agent_says() { telemetry | jq -r '.containers[] | "\(.id) \(.name) \(.state)"' | sort; }
they_agree() { [[ $(agent_says) == "$(engine_says)" ]]; }

# --- on Docker ---------------------------------------------------------------------------------

an_agent_beside_an_empty_engine() {
  lab up 1 --cpu 1 --agent "$plimsoll"
  lab image h1 app:1
  comes_to_show '.containers == [] and .warnings == [] and .facts.storage_driver == "overlay2"'
  shows '.interval_s > 0 and .cpu.cores == 1 and .memory.total == 1073741824'
  shows '[.filesystems[] | select(.files_free < .files)] != []'
}

a_started_container_is_whole() {
  start web --memory 64m --cpus 0.5 --volume data:/data --read-only \
    --volume /etc/hostname:/name:ro --label plimsoll.move=never --label secret=x \
    app:1 sleep 1000 >"$work/web"
  comes_to_be web '.state == "running" and .cpu_cores != null'
  shows "$(of web ".id == \"$(<"$work/web")\" and .image == \"app:1\" and .restarts == 0")"
  shows "$(of web '.labels == {"plimsoll.move": "never"} and .memory_limit == 67108864')"
  shows "$(of web '.cpu_limit_cores == 0.5 and .memory_working_set > 0 and .image_bytes > 0')"
  shows "$(of web '[.mounts[] | [.type, .destination, .writable]] | sort ==
    [["bind", "/name", false], ["volume", "/data", true]]')"
  shows "$(of web '.network_rx_bytes >= 0 and .block_read_bytes_per_s >= 0')"
  equal "$(field_of web .started_at | cut -c1-19)" \
    "$(docker inspect -f '{{.State.StartedAt}}' web | cut -c1-19)"
}

networks_that_are_not_its_own() {
  start alone --network none app:1 sleep 1000 >/dev/null
  start shared --network host app:1 sleep 1000 >/dev/null
  comes_to_be alone '.network_rx_bytes == 0 and .network_tx_bytes == 0'
  comes_to_be shared '.memory_usage > 0 and .network_rx_bytes == null'
}

traffic_is_counted() {
  local peer
  start served app:1 sh -c 'head -c 3000000 /dev/zero >/x; httpd -f -h /' >/dev/null
  peer=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' served)
  until_true 30 docker exec served wget -q -O /dev/null "http://127.0.0.1/x"
  docker run --rm app:1 wget -q -O /dev/null "http://$peer/x"
  comes_to_be served '.network_tx_bytes > 3000000 and .network_tx_bytes < 4000000'
}

renamed_paused_and_unpaused() {
  docker rename web shop
  comes_to_be shop '.state == "running"'
  comes_to_lack web
  docker pause shop >/dev/null
  comes_to_be shop '.state == "paused"'
  new_sample
  shows "$(of shop '.cpu_cores == 0')"
  docker unpause shop >/dev/null
  comes_to_be shop '.state == "running"'
}

a_restart_is_no_spike() {
  local before after
  start burner --cpus 0.3 app:1 sh -c 'while :; do :; done' >/dev/null
  comes_to_be burner '.cpu_ns > 1000000000'
  before=$(field_of burner .cpu_ns)
  after=$(field_of burner .started_at)
  docker restart -t 0 burner >/dev/null
  comes_to_be burner ".started_at > \"$after\" and .cpu_cores != null"
  shows "$(of burner ".cpu_ns < $before and .cpu_cores < 1 and .cpu_percent < 100")"
}

killed_removed_and_made_anew() {
  local old
  old=$(field_of burner .id)
  docker kill burner >/dev/null
  comes_to_be burner '.state == "exited" and .cpu_cores == null and .memory_usage == null'
  docker rm burner >/dev/null
  comes_to_lack burner
  start burner --cpus 0.3 app:1 sh -c 'while :; do :; done' >/dev/null
  comes_to_be burner ".id != \"$old\" and .state == \"running\" and .cpu_cores > 0.1"
}

health_is_shown() {
  start checked --health-cmd true --health-interval 1s app:1 sleep 1000 >/dev/null
  comes_to_be checked '.health == "healthy"'
}

# Docker's own figures; its second of two samples, a second after the first.
stats_of() {
  docker_get "containers/$1/stats?stream=false" |
    jq -r '[((.cpu_stats.cpu_usage.total_usage - .precpu_stats.cpu_usage.total_usage) /
      ((.read | sub("\\.[0-9]+Z"; "Z") | fromdate) + (.read | capture("(?<f>\\.[0-9]+)Z").f | tonumber)
      - (.preread | sub("\\.[0-9]+Z"; "Z") | fromdate)
      - (.preread | capture("(?<f>\\.[0-9]+)Z").f | tonumber)) / 1e9),
      .memory_stats.usage - .memory_stats.stats.total_inactive_file] | @tsv'
}
docker_get() { lab exec h1 curl -sf --max-time 10 --unix-socket /run/docker.sock "http://docker/$1"; }

figures_are_dockers() {
  local cpu memory
  start filled app:1 sh -c 'head -c 30000000 /dev/zero >/dev/shm/x; sleep 1000' \
    >/dev/null
  comes_to_be filled '.memory_working_set > 30000000 and .memory_cache >= 30000000'
  new_sample
  read -r _ memory < <(stats_of filled)
  within "$(awk "BEGIN { print $memory * 0.98 }")" "$(field_of filled .memory_working_set)" \
    "$(awk "BEGIN { print $memory * 1.02 }")"
  # Held at its quota, so that it is the same in both seconds.
  read -r cpu _ < <(stats_of burner)
  within "$(awk "BEGIN { print $cpu * 0.7 }")" "$(field_of burner .cpu_cores)" \
    "$(awk "BEGIN { print $cpu * 1.3 }")"
  comes_to_be burner '.throttled_percent > 0'
}

writable_layers_are_measured_when_asked() {
  shows "$(of served '.writable_bytes == null')"
  telemetry '?writable=1' >/dev/null
  comes_to_be served '.writable_bytes >= 3000000 and .writable_bytes < 4000000'
}

without_dockerd_the_figures_go_on() {
  lab kill h1 dockerd --stay-down
  comes_to_show '.warnings | any(contains("docker"))'
  new_sample
  shows "$(of shop '.state == "running" and .memory_usage > 0')"
}

dockerd_comes_back() {
  lab start h1 dockerd
  until_true 60 they_agree
  comes_to_show '.warnings == []'
  start late app:1 sleep 1000 >/dev/null
  until_true 30 they_agree
  docker rm -f late served >/dev/null
  until_true 30 they_agree
}

# --- on this machine: Podman, a scrape, a file system that hangs --------------------------------

# Its arguments are settings; leaves the port in own_port and the process in own_pid.
start_own_agent() {
  : >"$work/own.log"
  "${in_front[@]}" "$plimsoll" agent --set agent.listen=127.0.0.1:0 "$@" 2>"$work/own.log" &
  printf '%s\n' $! >"$work/own_pid"
  disown
  until_true 30 grep -q 'listening on' "$work/own.log"
  grep -oE 'listening on 127.0.0.1:[0-9]+' "$work/own.log" | cut -d: -f2 >"$work/own_port"
  until_true 30 shows '.version == 1'
}
in_front=()
stop_own_agent() {
  rm -f "$work/own_port"
  end_process "$work/own_pid"
}
end_process() {
  local pid
  [[ -s $1 ]] || return 0
  pid=$(<"$1")
  rm -f "$1"
  kill "$pid" 2>/dev/null || return 0
  until_true 30 ended "$pid"
}
ended() { [[ ! -e /proc/$1 ]] || grep -q '^State:.Z' "/proc/$1/status"; }

podman_get() { curl -sf --max-time 10 --unix-socket "$socket" "http://podman/$1"; }
# The machine may allow fewer files than Podman's default.
pod_run_on() {
  "${podman[@]}" run -d --ulimit nofile=512:512 --ulimit nproc=512:512 --network "$1" \
    --cgroup-parent "/$PLIMSOLL_LAB_NAME-podman" "${@:2}" >/dev/null
}
pod_run() { pod_run_on none "$@"; }

# Two networks of our own, joined: the machine's stays as it is, and Podman needs no plugins.
join_networks() {
  : >"$work/pod_net"
  : >"$work/peer_net"
  unshare --net="$work/pod_net" true
  unshare --net="$work/peer_net" true
  nsenter --net="$work/peer_net" ip link add peer type veth peer name eth0 netns "$work/pod_net"
  nsenter --net="$work/peer_net" ip addr add 10.78.0.1/30 dev peer
  nsenter --net="$work/peer_net" ip link set peer up
  nsenter --net="$work/pod_net" ip addr add 10.78.0.2/30 dev eth0
  nsenter --net="$work/pod_net" ip link set eth0 up
}
part_networks() { umount -l "$work/pod_net" "$work/peer_net"; }

podman_is_read_the_same_way() {
  mkdir -p "$work/podman"
  "${podman[@]}" system service --time 0 "unix://$socket" 2>"$work/podman.log" &
  printf '%s\n' $! >"$work/podman_pid"
  disown
  until_true 30 podman_get _ping >/dev/null
  tar -C "$work/lab/base" -c . | "${podman[@]}" import - app:1 >/dev/null 2>&1
  start_own_agent --set "agent.docker=unix://$socket"
  comes_to_show '.containers == [] and .warnings == [] and .facts.docker_version != null'
  pod_run --name pod --memory 64m --label plimsoll.move=never app:1 sleep 1000
  comes_to_be pod '.state == "running" and .cpu_cores != null and .memory_usage > 0'
  shows "$(of pod '.labels["plimsoll.move"] == "never" and .memory_limit == 67108864')"
  shows "$(of pod '.network_rx_bytes == 0 and .image_bytes > 0')"
}

podmans_own_networks_are_counted() {
  local before
  join_networks
  pod_run_on "ns:$work/pod_net" --name wired app:1 sleep 1000
  comes_to_be wired '.network_rx_bytes != null'
  before=$(field_of wired .network_rx_bytes)
  # Nobody listens there, so each datagram is sent anew.
  nsenter --net="$work/peer_net" bash -c \
    'for _ in {1..300}; do head -c 1000 /dev/zero >/dev/udp/10.78.0.2/9; done'
  comes_to_be wired ".network_rx_bytes > $before + 100000 and .network_rx_bytes < $before + 900000"
  "${podman[@]}" rm -f -t 0 wired >/dev/null
  comes_to_lack wired
  part_networks
}

podmans_events_are_followed() {
  local before
  "${podman[@]}" rename pod bean
  comes_to_be bean '.state == "running"'
  "${podman[@]}" pause bean >/dev/null
  comes_to_be bean '.state == "paused"'
  "${podman[@]}" unpause bean >/dev/null
  comes_to_be bean '.state == "running"'
  before=$(field_of bean .started_at)
  "${podman[@]}" restart -t 0 bean >/dev/null
  comes_to_be bean ".started_at > \"$before\" and .memory_usage > 0"
  telemetry '?writable=1' >/dev/null
  comes_to_be bean '.writable_bytes != null'
  "${podman[@]}" rm -f -t 0 bean >/dev/null
  comes_to_lack bean
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
  done
}
# The value of a PromQL query, or nothing.
query() {
  curl -sf --max-time 5 "http://127.0.0.1:$(<"$work/vm_port")/api/v1/query" \
    --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // empty'
}
has_value() { [[ -n $(query "$1") ]]; }

a_real_scraper_takes_the_metrics() {
  local series
  pod_run --name scraped app:1 sleep 1000
  comes_to_be scraped '.memory_usage > 0'
  printf '%s\n' 'global: {scrape_interval: 1s}' 'scrape_configs:' '- job_name: agent' \
    "  static_configs: [{targets: ['127.0.0.1:$(<"$work/own_port")']}]" >"$work/scrape.yml"
  free_port >"$work/vm_port"
  victoria-metrics -storageDataPath="$work/vm" -httpListenAddr="127.0.0.1:$(<"$work/vm_port")" \
    -promscrape.config="$work/scrape.yml" -promscrape.config.strictParse \
    -search.latencyOffset=0s >"$work/vm.log" 2>&1 &
  printf '%s\n' $! >"$work/vm_pid"
  disown
  for series in node_load1 node_memory_MemAvailable_bytes node_boot_time_seconds \
    'sum(rate(node_cpu_seconds_total{mode="idle"}[10s]))' 'node_filesystem_avail_bytes{mountpoint="/"}' \
    node_context_switches_total node_netstat_Tcp_CurrEstab node_vmstat_pgfault node_uname_info \
    'container_memory_working_set_bytes{name="scraped"} > 0' \
    'rate(container_cpu_usage_seconds_total{name="scraped"}[10s])' \
    'container_network_receive_bytes_total{name="scraped"}' \
    'container_start_time_seconds{name="scraped"}' container_fs_writes_bytes_total; do
    until_true 30 has_value "$series"
  done
  equal "$(query up)" 1
  # Every line was taken, and they are as many as DESIGN 10 counts on.
  equal "$(query scrape_samples_scraped)" "$(query scrape_samples_post_metric_relabeling)"
  within 250 "$(query scrape_samples_scraped)" 5000
  fails grep -iE 'cannot (parse|unmarshal)' "$work/vm.log"
  end_process "$work/vm_pid"
  stop_own_agent
}

# A FUSE mount that nobody serves, in a mount namespace of the agent's own. Whoever asks it for its
# space waits for ever; the mount goes with the agent, which holds its descriptor.
a_file_system_that_hangs_holds_one_thread() {
  local threads
  mkdir -p "$work/hung"
  cat >"$work/in_front" <<'END'
#!/bin/bash
set -e
exec 7<>/dev/fuse
mount -i -t fuse -o fd=7,rootmode=40000,user_id=0,group_id=0 hung "$1"
exec "${@:2}"
END
  in_front=(unshare --mount --propagation private bash "$work/in_front" "$work/hung")
  start_own_agent --set agent.docker=
  comes_to_show '.warnings | any(contains("does not answer"))'
  shows '[.filesystems[].mount] | index("/") != null'
  threads=$(own_threads)
  for _ in 1 2 3; do new_sample; done
  equal "$(own_threads)" "$threads"
  curl -sf --max-time 5 -o /dev/null "http://127.0.0.1:$(<"$work/own_port")/healthz"
  stop_own_agent
}
own_threads() { find "/proc/$(<"$work/own_pid")/task" -mindepth 1 -maxdepth 1 | wc -l; }

# As with the packaged unit, which opens no socket of Docker's.
without_an_engine_containers_are_known_by_their_ids() {
  local id
  pod_run --name plain app:1 sleep 1000
  id=$("${podman[@]}" inspect -f '{{.Id}}' plain)
  in_front=()
  start_own_agent --set agent.docker=
  comes_to_show ".containers | any(.id == \"$id\" and .state == \"running\" and .memory_usage > 0)"
  stop_own_agent
  start_own_agent --set "agent.docker=unix://$work/no.sock"
  comes_to_show ".containers | any(.id == \"$id\" and .cpu_cores != null)"
  shows '.warnings | any(contains("no.sock"))'
  stop_own_agent
  "${podman[@]}" rm -f -t 0 plain >/dev/null
}

everything_goes() {
  lab down
  end_process "$work/podman_pid"
}

clean_up() {
  trap '' EXIT INT TERM HUP
  [[ ! -d $work/podman ]] || "${podman[@]}" rm -af -t 0 >/dev/null 2>&1 || true
  end_process "$work/vm_pid" || true
  end_process "$work/own_pid" || true
  end_process "$work/podman_pid" || true
  lab down >/dev/null 2>&1 || true
  umount -l "$work"/podman/root/* "$work/pod_net" "$work/peer_net" 2>/dev/null || true
  find /sys/fs/cgroup -depth -type d -path "*/$PLIMSOLL_LAB_NAME-podman*" -exec rmdir {} + \
    2>/dev/null || true
  rm -rf "$work"
}

main() {
  ((EUID == 0)) || cannot_run 'not root'
  require_tools dockerd containerd podman runc victoria-metrics curl jq unshare nsenter ip mount
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  run an_agent_beside_an_empty_engine
  run a_started_container_is_whole
  run networks_that_are_not_its_own
  run traffic_is_counted
  run renamed_paused_and_unpaused
  run a_restart_is_no_spike
  run killed_removed_and_made_anew
  run health_is_shown
  run figures_are_dockers
  run writable_layers_are_measured_when_asked
  run without_dockerd_the_figures_go_on
  run dockerd_comes_back
  run podman_is_read_the_same_way
  run podmans_own_networks_are_counted
  run podmans_events_are_followed
  run a_real_scraper_takes_the_metrics
  run a_file_system_that_hangs_holds_one_thread
  run without_an_engine_containers_are_known_by_their_ids
  run everything_goes
  finish_tests
}

main "$@"
