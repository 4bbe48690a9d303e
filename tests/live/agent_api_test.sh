#!/usr/bin/env bash
# The agent's API and its guards, on the real executable: docs/api/agent.yaml both ways, TLS and
# tokens that are replaced while it runs, hostile clients, privileges, systemd units.
# Runs in a network of its own, as root. Usage: agent_api_test.sh [PLIMSOLL]
set -u -o pipefail

if [[ -z ${PLIMSOLL_OWN_NETWORK-} ]]; then
  export PLIMSOLL_OWN_NETWORK=1
  exec unshare -n "$0" "$@"
fi
ip link set lo up
# What is sent there comes back in on loopback, where nobody wants it: an address that is silent.
ip route add 10.99.0.0/24 dev lo
silent=10.99.0.1

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
plimsoll=$(realpath "${1:-$root/build/plimsoll}")
work=$(mktemp -d)
chmod 755 "$work"
started=()
passed=0
failed=0

cleanup() {
  local pid
  for pid in "${started[@]}"; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
  rm -rf "$work"
}
trap cleanup EXIT

note() { printf '  %s\n' "$*" >&2; }
exec {never}<> <(:)
until_true() {
  local end=$((SECONDS + 30)) _
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { note "not within 30 s: $*"; return 1; }
    read -rt 0.05 -u "$never" _ || true
  done
}
equal() { [[ $1 == "$2" ]] || { note "expected '$2', got '$1'"; return 1; }; }
contains() { [[ $1 == *"$2"* ]] || { note "lacks '$2': $1"; return 1; }; }

# start NAME PORT [ARGUMENT…]: an agent; its log is NAME.log, its id pid_NAME.
start() {
  local name=$1 port=$2
  shift 2
  "${as[@]}" "$plimsoll" --set "agent.listen=127.0.0.1:$port" --set agent.docker= "$@" agent \
    >"$work/$name.log" 2>&1 &
  started+=($!)
  printf -v "pid_$name" '%s' "$!"
}
as=()

# code URL [ARGUMENT…]: the status, 000 where there is none.
code() { curl -s -o "$work/body" -w '%{http_code}' --max-time 10 "$@"; }
answers() { [[ $(code "${@:2}") == "$1" ]]; }
secure() { code --cacert "$work/ca.pem" "$@"; }
secure_answers() { [[ $(secure "${@:2}") == "$1" ]]; }

new_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
    -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}
# new_certificate AUTHORITY NAME: for 127.0.0.1, into NAME.crt and NAME.pk.
new_certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
    -keyout "$work/$2.pk" -out "$work/$2.csr" 2>/dev/null &&
    openssl x509 -req -in "$work/$2.csr" -CA "$work/$1.pem" -CAkey "$work/$1.key" -CAcreateserial \
      -days 2 -extfile <(echo 'subjectAltName=IP:127.0.0.1,DNS:localhost') \
      -out "$work/$2.crt" 2>/dev/null
}
install_pair() {
  cp "$work/$1.crt" "$work/tls.crt"
  cp "$work/$1.pk" "$work/tls.key"
}
served_name() {
  openssl s_client -connect 127.0.0.1:5103 </dev/null 2>/dev/null |
    sed -n 's/^subject=CN = //p'
}
serves() { [[ $(served_name) == "$1" ]]; }

start_agents() {
  mkdir "$work/empty"
  new_authority ca && new_certificate ca one && new_certificate ca two || return 1
  new_authority other
  install_pair one
  printf 'open-sesame\n' >"$work/token"
  start plain 5101
  start guarded 5102 --set "agent.token_file=$work/token"
  start tls 5103 --set "agent.tls_cert=$work/tls.crt" --set "agent.tls_key=$work/tls.key" \
    --set "agent.token_file=$work/token" --set "monitor.tls_ca=$work/ca.pem"
  start empty 5104 --set "agent.root=$work/empty"
  until_true answers 200 http://127.0.0.1:5101/healthz &&
    until_true answers 200 http://127.0.0.1:5102/healthz &&
    until_true secure_answers 200 https://127.0.0.1:5103/healthz &&
    until_true answers 503 http://127.0.0.1:5104/healthz
}

openapi_holds() {
  local out result=0
  out=$(/usr/bin/python3 -W ignore "$root/tests/live/openapi_check.py" "$root/docs/api/agent.yaml" \
    "$root/tests/golden" http://127.0.0.1:5101 http://127.0.0.1:5102 open-sesame \
    http://127.0.0.1:5104 "$silent") || result=1
  grep -E '^(ok|FAIL) ' <<<"$out"
  passed=$((passed + $(grep -c '^ok ' <<<"$out")))
  return "$result"
}

bearer=(-H 'Authorization: Bearer open-sesame')

tls_checks_the_certificate() {
  equal "$(secure "${bearer[@]}" https://127.0.0.1:5103/metrics)" 200 &&
    equal "$(secure "${bearer[@]}" https://localhost:5103/metrics)" 200 &&
    equal "$(code --cacert "$work/other.pem" https://127.0.0.1:5103/healthz)" 000 &&
    equal "$(secure --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 https://127.0.0.1:5103/healthz)" 000 &&
    equal "$(secure --tls-max 1.2 https://127.0.0.1:5103/healthz)" 200 &&
    equal "$(secure --tls-max 1.2 --ciphers AES128-SHA https://127.0.0.1:5103/healthz)" 000
}
plain_http_is_told_to_use_tls() {
  equal "$(code http://127.0.0.1:5103/healthz)" 400 && contains "$(<"$work/body")" https://
}
certificate_is_replaced_while_it_runs() {
  serves one || { note "serves '$(served_name)'"; return 1; }
  install_pair two
  until_true serves two && contains "$(<"$work/tls.log")" 'tls.crt: read again'
}
broken_key_leaves_the_old_one() {
  echo nonsense >"$work/tls.key"
  until_true grep -q 'tls.key: holds no private key.*stay in force' "$work/tls.log" &&
    serves two && equal "$(secure https://127.0.0.1:5103/healthz)" 200 || return 1
  install_pair one
  until_true serves one
}
probe_between_agents_goes_by_tls() {
  # Both ends are the same agent: it checks its own certificate against monitor.tls_ca.
  equal "$(secure "${bearer[@]}" -d '{"host":"127.0.0.1","port":5103,"bytes":200000}' \
    https://127.0.0.1:5103/v1/probe)" 200 && contains "$(<"$work/body")" '"bytes":200000' || return 1
  equal "$(secure "${bearer[@]}" -d '{"host":"127.0.0.1","port":5102,"bytes":1}' \
    https://127.0.0.1:5103/v1/probe)" 429 || return 1
  until_true secure_answers 502 "${bearer[@]}" -d '{"host":"127.0.0.1","port":5102,"bytes":1}' \
    https://127.0.0.1:5103/v1/probe && contains "$(<"$work/body")" 'does not speak TLS' || return 1
  until_true secure_answers 200 "${bearer[@]}" -d \
    '{"host":"127.0.0.1","port":5102,"bytes":1,"scheme":"http"}' https://127.0.0.1:5103/v1/probe
}

token_is_asked_for() {
  local url=http://127.0.0.1:5102/metrics
  equal "$(code "$url")" 401 && contains "$(<"$work/body")" agent.token_file &&
    equal "$(code -H 'Authorization: Bearer open-sesamf' "$url")" 401 &&
    equal "$(code -H 'Authorization: Bearer' "$url")" 401 &&
    equal "$(code "${bearer[@]}" "$url")" 200 &&
    equal "$(grep -c open-sesame "$work"/*.log | grep -vc ':0$')" 0
}

# The monitor, that follows an agent with TLS whose token is replaced.
host_is_up() {
  [[ $(curl -s --max-time 5 http://127.0.0.1:5110/api/v1/fleet) == *'"name":"h1","address":"127.0.0.1","up":true'* ]]
}
fleet_goes_from_token_to_token() {
  cp "$work/token" "$work/monitor_token"
  printf 'name,ip,port,scheme\nh1,127.0.0.1,5103,https\n' >"$work/host.csv"
  cat >"$work/plimsoll.toml" <<END
[agent]
token_file = "monitor_token"
[monitor]
interval = "500ms"
tls_ca = "ca.pem"
[web]
listen = "127.0.0.1:5110"
END
  "$plimsoll" --config "$work/plimsoll.toml" up >"$work/up.log" 2>&1 &
  started+=($!)
  until_true host_is_up || return 1
  printf 'open-sesame\nnew-token\n' >"$work/token"
  until_true secure_answers 200 -H 'Authorization: Bearer new-token' https://127.0.0.1:5103/metrics &&
    equal "$(secure "${bearer[@]}" https://127.0.0.1:5103/metrics)" 200 || return 1
  printf 'new-token\n' >"$work/monitor_token"
  until_true grep -q 'monitor_token: read again' "$work/up.log" || return 1
  printf 'new-token\n' >"$work/token"
  until_true secure_answers 401 "${bearer[@]}" https://127.0.0.1:5103/metrics &&
    until_true host_is_up && ! grep -q 401 "$work/up.log"
}
check_names_what_is_wrong_with_tls() {
  local out
  out=$("$plimsoll" --config "$work/plimsoll.toml" check)
  contains "$out" 'ok    agent h1' || return 1
  out=$("$plimsoll" --config "$work/plimsoll.toml" --set monitor.tls_ca="$work/other.pem" check)
  contains "$out" 'FAIL  agent h1' && contains "$out" 'certificate is not accepted'
}

idle_connections_keep_nobody_out() {
  ulimit -n 8192
  /usr/bin/python3 - "$work/idle" <<'END' &
import pathlib, socket, sys, time
held = []
for i in range(1000):
    held.append(socket.create_connection(("127.0.0.1", 5101), 20))
    if i % 2:
        held[-1].send(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
pathlib.Path(sys.argv[1]).touch()
time.sleep(600)
END
  local pid=$! took result=0
  started+=("$pid")
  until_true test -e "$work/idle" || return 1
  took=$(curl -s -o /dev/null -w '%{http_code} %{time_total}' --max-time 10 http://127.0.0.1:5101/metrics)
  note "note: /metrics with 1000 idle connections: $took s"
  [[ $took == 200* ]] || result=1
  kill "$pid"
  wait "$pid" 2>/dev/null
  return "$result"
}

many_at_once_are_one_sample() {
  local url=http://127.0.0.1:5109/v1/telemetry
  start hourly 5109 --set agent.sample_every=1h
  until_true answers 200 http://127.0.0.1:5109/healthz || return 1
  curl -s --parallel --parallel-max 50 --max-time 20 "$url?[1-50]" >"$work/all" 2>/dev/null
  equal "$(grep -o '"sampled_at":"[^"]*"' "$work/all" | sort | uniq -c | wc -l)" 1 &&
    equal "$(grep -o '"sampled_at":' "$work/all" | wc -l)" 50
}

status_of() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"; }
echoes_seen() {
  awk '$1 != "Icmp:" { next }
    !column { for (i = 2; i <= NF; i++) if ($i == "InEchos") column = i; next }
    { print $column }' /proc/net/snmp
}

root_gives_up_what_it_does_not_need() {
  # CAP_DAC_READ_SEARCH (2), and CAP_NET_RAW (13) since nobody may ping here without it.
  # shellcheck disable=SC2154
  equal "$(status_of "$pid_plain" CapEff)" 0000000000002004 &&
    equal "$(status_of "$pid_plain" CapPrm)" 0000000000002004 &&
    equal "$(status_of "$pid_plain" CapBnd)" 0000000000002004 &&
    equal "$(status_of "$pid_plain" NoNewPrivs)" 1
}
pings_are_real() {
  local before
  before=$(echoes_seen)
  equal "$(code -d '{"hosts":["127.0.0.1"]}' http://127.0.0.1:5101/rttData)" 200 &&
    contains "$(<"$work/body")" '"packet_loss":0}' && (($(echoes_seen) > before))
}
nobody_samples_and_says_what_is_missing() {
  local before
  install -m 755 "$plimsoll" "$work/plimsoll"
  mkdir -m 700 "$work/docker"
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all)
  plimsoll=$work/plimsoll start nobody 5105 --set "agent.docker=unix://$work/docker/docker.sock"
  as=()
  until_true answers 200 http://127.0.0.1:5105/healthz || return 1
  # shellcheck disable=SC2154
  equal "$(status_of "$pid_nobody" Uid)" 65534 && equal "$(status_of "$pid_nobody" CapEff)" 0000000000000000 || return 1
  code http://127.0.0.1:5105/v1/telemetry >/dev/null
  equal "$(jq -r '.cpu.cores > 0 and .memory.total > 0 and (.filesystems | length > 0)' "$work/body")" true &&
    contains "$(jq -r '.warnings[]' "$work/body")" docker.sock || return 1
  before=$(echoes_seen)
  equal "$(code -d '{"hosts":["127.0.0.1"]}' http://127.0.0.1:5105/rttData)" 200 &&
    contains "$(<"$work/body")" '"packet_loss":0}' && equal "$(echoes_seen)" "$before"
}

# What the packaged unit gives: a user of its own and one capability.
rights_of_the_unit_are_enough() {
  local before only=-all,+net_raw
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "--bounding-set=$only"
    "--inh-caps=$only" "--ambient-caps=$only")
  plimsoll=$work/plimsoll start unit 5106
  as=()
  until_true answers 200 http://127.0.0.1:5106/healthz || return 1
  # shellcheck disable=SC2154
  equal "$(status_of "$pid_unit" Uid)" 65534 && equal "$(status_of "$pid_unit" CapEff)" 0000000000002000 &&
    equal "$(status_of "$pid_unit" CapPrm)" 0000000000002000 &&
    equal "$(status_of "$pid_unit" CapBnd)" 0000000000002000 || return 1
  before=$(echoes_seen)
  equal "$(code -d '{"hosts":["127.0.0.1"]}' http://127.0.0.1:5106/rttData)" 200 &&
    contains "$(<"$work/body")" '"packet_loss":0}' && (($(echoes_seen) > before)) || return 1
  code http://127.0.0.1:5106/v1/telemetry >/dev/null
  equal "$(jq -r '.cpu.cores > 0 and .memory.total > 0 and (.filesystems | length > 0)' "$work/body")" true
}

# A sink that takes what it is sent slowly, or (port 5108) never answers: asked for 16 MiB, which
# would take minutes, the probe reports what went through in its time, or that nothing did.
probe_ends_in_its_time() {
  /usr/bin/python3 "$root/tests/live/slow_sink.py" 200000 5107 5108 &
  started+=("$!")
  # Another agent than those asked so far: how often one may ask is limited.
  start probing 5111 --set "agent.token_file=$work/token"
  until_true answers 200 http://127.0.0.1:5107/healthz &&
    until_true answers 200 http://127.0.0.1:5111/healthz || return 1
  until_true answers 200 -H 'Authorization: Bearer new-token' --max-time 30 -d \
    '{"host":"127.0.0.1","port":5107,"bytes":16777216}' http://127.0.0.1:5111/v1/probe || return 1
  equal "$(jq '.bytes >= 65536 and .bytes < 16777216 and .goodput_bytes_per_s < 2000000' "$work/body")" true || return 1
  # One probe a second: until it is its turn.
  until_true probe_is_refused_as_slow 5108 && contains "$(<"$work/body")" '127.0.0.1:5108'
}
probe_is_refused_as_slow() {
  [[ $(code -H 'Authorization: Bearer new-token' --max-time 30 -d "{\"host\":\"127.0.0.1\",\"port\":$1,\"bytes\":16777216}" \
    http://127.0.0.1:5111/v1/probe) == 50[24] ]]
}

# exposure UNIT: systemd's figure, 0 to 10.
exposure() {
  systemd-analyze security --offline=true "$@" 2>/dev/null | grep -o 'exposure level for .*: [0-9.]*' |
    grep -o '[0-9.]*$'
}
units_are_hardened() {
  local unit figure
  for unit in plimsoll-agent plimsoll; do
    figure=$(exposure "$root/packaging/$unit.service")
    note "note: exposure of $unit.service: $figure"
    awk -v figure="$figure" 'BEGIN { exit !(figure != "" && figure <= 2.0) }' || return 1
  done
}
units_are_understood() {
  local said
  # The executable is not installed where the tests run, nor is there a manager to ask.
  said=$(systemd-analyze verify --man=no "$root"/packaging/*.service 2>&1 |
    grep -vE 'is not executable|Failed to (connect|initialize)' || true)
  equal "$said" ''
}

main() {
  local test
  for test in start_agents openapi_holds tls_checks_the_certificate plain_http_is_told_to_use_tls \
    certificate_is_replaced_while_it_runs broken_key_leaves_the_old_one \
    probe_between_agents_goes_by_tls token_is_asked_for fleet_goes_from_token_to_token \
    check_names_what_is_wrong_with_tls idle_connections_keep_nobody_out many_at_once_are_one_sample \
    root_gives_up_what_it_does_not_need pings_are_real nobody_samples_and_says_what_is_missing \
    rights_of_the_unit_are_enough probe_ends_in_its_time \
    units_are_hardened units_are_understood; do
    if "$test"; then
      printf 'ok %s\n' "$test"
      passed=$((passed + 1))
    else
      printf 'FAIL %s\n' "$test"
      failed=$((failed + 1))
    fi
  done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

main
