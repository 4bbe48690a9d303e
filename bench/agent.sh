#!/usr/bin/env bash
# The agent beside node_exporter, and with a hundred containers; called by bench/run.sh.
set -euo pipefail
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'END'
Usage: bench/run.sh agent [--containers N] [--every MS] [--seconds N] [--rounds N]

One after the other, asked once a second, for which ours takes a sample: plimsoll agent (/metrics, and /v1/telemetry), and
node_exporter with ten core collectors and pressure. CPU is the scheduler's own count, /proc/PID/
task/*/schedstat, since a tick of /proc/PID/stat is more than either needs in a second.

  --containers N  also in a host of lab/ with its own dockerd and N real containers (as root);
                  default 0: not
  --every MS      between two samples and two scrapes; default 1000. At 100 the caches stay warm
  --seconds N     measured in each round, after a warm-up of 5; default 20
  --rounds N      default 3
END
}

containers=0 every=1000 seconds=20 rounds=3
while (($#)); do
  case $1 in
    --containers) containers=$2 ;;
    --every) every=$2 ;;
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift 2
done

: "${programs:?call bench/run.sh}" "${plimsoll:?}" "${here:?}"
pid='' port=''
work=$(mktemp -d)
lab=$(dirname "$here")/lab/lab.sh
export PLIMSOLL_LAB_DIR=$work-lab PLIMSOLL_LAB_NAME=plimsoll-bench-$$
finish() {
  [[ ! -e $PLIMSOLL_LAB_DIR ]] || "$lab" down >&2 || true
  stop_all
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

agent() { printf '%s\n' "$plimsoll" --set "agent.listen=127.0.0.1:$port" \
  --set "agent.sample_every=${every}ms" "$@" agent; }
exporter() {
  local collector
  printf '%s\n' /usr/bin/prometheus-node-exporter "--web.listen-address=127.0.0.1:$port" --collector.disable-defaults
  for collector in cpu meminfo loadavg diskstats filesystem netdev stat vmstat uname time pressure; do
    printf '%s\n' "--collector.$collector"
  done
}
scrape() { "$programs/bench_scraper" --port "$port" --every-ms "$every" "$@"; }
answers() { scrape --path "$1" --count 1; }

# measure TOOL PID PATH SCRAPE…: SCRAPE is how the scraper is called.
measure() {
  local tool=$1 pid=$2 path=$3 before after got count=$((seconds * 1000 / every))
  shift 3
  "$@" --path "$path" --count 5 >/dev/null
  before=$(cpu_us "$pid")
  got=$("$@" --path "$path" --count "$count")
  after=$(cpu_us "$pid")
  figure "$tool" CPU_ms_per_scrape "$(calc "($after - $before) / 1000 / $count" 3)"
  figure "$tool" RSS_MiB "$(rss_mib "$pid")"
  figure "$tool" peak_MiB "$(peak_mib "$pid")"
  figure "$tool" samples "$(jq .samples <<<"$got")"
  figure "$tool" answer_p50_ms "$(jq '.p50_us / 10 | round / 100' <<<"$got")"
  figure "$tool" answer_max_ms "$(jq '.max_us / 10 | round / 100' <<<"$got")"
}

bare_host() {
  local round tool path
  local -a command
  for ((round = 1; round <= rounds; round++)); do
    for tool in $(rotated "$round" /metrics /v1/telemetry node_exporter); do
      port=$(free_port)
      path=$tool
      if [[ $tool == node_exporter ]]; then
        path=/metrics
        mapfile -t command < <(exporter)
      else
        mapfile -t command < <(agent --config "$work/plimsoll.toml" --set agent.docker=)
        tool="plimsoll, $tool"
      fi
      start agent "${command[@]}"
      until_true 20 answers "$path"
      measure "$tool" "$pid" "$path" scrape
      stop "$pid"
    done
  done
}

in_lab() { "$lab" exec h1 "$@"; }
# From outside, but in the host's network.
lab_scrape() { nsenter --target "$agent_pid" --net "$programs/bench_scraper" --port "$port" --every-ms "$every" "$@"; }
# Outside of its namespace a process has another number.
agent_of() { pgrep -P "$1" plimsoll; }

# CPU of the host's dockerd, containerd and shims in ms.
engine_ms() {
  local comm pid sum=0
  for comm in /proc/[0-9]*/comm; do
    pid=${comm//[!0-9]/}
    [[ $(cat "$comm" 2>/dev/null) =~ ^(dockerd|containerd) ]] || continue
    [[ $(readlink "/proc/$pid/ns/pid") == "$1" ]] || continue
    sum=$(calc "$sum + $(cpu_us "$pid") / 1000" 3)
  done
  printf '%s\n' "$sum"
}

with_containers() {
  local round path agent_pid namespace before
  local -a command
  say "a host of its own with $containers containers"
  "$lab" up 1 --cpu 2 --memory 4096 --agent "$plimsoll" >&2
  "$lab" kill h1 agent --stay-down >&2
  "$lab" image h1 app:1 >&2
  # shellcheck disable=SC2016  # the host's shell expands it
  in_lab sh -c 'for i in $(seq "$1"); do docker run -d --name "c$i" app:1 sleep 3600; done' - "$containers" >/dev/null
  port=5077
  mapfile -t command < <(plimsoll=plimsoll agent)
  for ((round = 1; round <= rounds; round++)); do
    for path in $(rotated "$round" /metrics /v1/telemetry); do
      start agent "$lab" exec h1 "${command[@]}"
      until_true 20 agent_of "$pid"
      agent_pid=$(agent_of "$pid")
      until_true 20 lab_scrape --path "$path" --count 1
      namespace=$(readlink "/proc/$agent_pid/ns/pid")
      pause 5  # it has asked the engine for each container
      before=$(engine_ms "$namespace")
      measure "plimsoll, $path, $containers containers" "$agent_pid" "$path" lab_scrape
      figure "plimsoll, $path, $containers containers" engine_ms_per_s \
        "$(calc "($(engine_ms "$namespace") - $before) / ($seconds + 5 * $every / 1000)")"
      stop "$pid"
    done
    engine_alone "$namespace"
  done
}

# What the engine uses when nobody asks, and what asking it for its figures costs.
engine_alone() {
  local before
  before=$(engine_ms "$1")
  pause 10
  figure 'the engine, left alone' engine_ms_per_s "$(calc "($(engine_ms "$1") - $before) / 10")"
  before=$(engine_ms "$1")
  for _ in 1 2 3; do in_lab docker stats --no-stream >/dev/null; done
  figure 'docker stats --no-stream' engine_ms_per_cycle "$(calc "($(engine_ms "$1") - $before) / 3")"
}

: >"$work/plimsoll.toml"
bare_host
((containers == 0)) || with_containers
printf 'Asked every %s ms, %s rounds of %s s.\n%s\n\n' "$every" "$rounds" "$seconds" "$(machine)"
table CPU_ms_per_scrape RSS_MiB peak_MiB samples answer_p50_ms answer_max_ms engine_ms_per_s engine_ms_per_cycle
echo
for path in /metrics /v1/telemetry; do
  for what in CPU_ms_per_scrape RSS_MiB; do ratio "$what" "plimsoll, $path" node_exporter; done
done
