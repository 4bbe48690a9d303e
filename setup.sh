#!/usr/bin/env bash
# Installs the Debian packages the project needs, and starts nothing.
set -euo pipefail

usage() {
  cat <<'END'
Usage: setup.sh [--lab] [--check] [--fuzz] [--bench] [--list]

Installs what is missing of the Debian packages Plimsoll needs; with nothing missing it ends at
once. No service of the machine is started or enabled.

  (no flag)   what building and running needs
  --lab       also what the local fleet, the demo and the live tests need (docker.io, influxdb, …)
  --check     also what tests and checks need (googletest, clang-tidy, clang-format, shellcheck)
  --fuzz      also what the fuzz targets are built with (clang)
  --bench     also the peers that the benchmarks measure beside us (node_exporter, vmagent, …)
  --list      print the packages, install nothing

Exit status: 0 everything is there, 1 it could not be installed, 2 wrong usage.
END
}

build_packages=(
  g++ cmake ninja-build
  libboost1.81-dev libboost-json1.81-dev libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev
  libc-ares-dev libsqlite3-dev libutf8proc-dev libre2-dev libssl-dev libdeflate-dev zlib1g-dev libzstd-dev
  openssh-client
)
lab_packages=(
  docker.io docker-compose podman influxdb influxdb-client victoria-metrics openssh-server busybox-static
  iproute2 iptables e2fsprogs mount procps util-linux
  curl jq openssl python3 python3-jsonschema python3-yaml rsync sudo systemd tmux
)
check_packages=(libgtest-dev libgmock-dev clang-tidy-19 clang-format-14 shellcheck git)
fuzz_packages=(clang-19 libclang-rt-19-dev)
bench_packages=(prometheus-node-exporter victoria-metrics influxdb python3-aiohttp coinor-cbc curl jq procps)
# What those packages would start at the next boot; see keep_services_off.
services=(docker.service docker.socket containerd.service influxdb.service ssh.service ssh.socket
  prometheus-node-exporter.service victoria-metrics.service podman.service podman.socket
  podman-restart.service podman-auto-update.service podman-auto-update.timer)

# dpkg asks this file before it starts a service; 101 means no.
policy=/usr/sbin/policy-rc.d
policy_mark='plimsoll setup.sh, removed when it ends'

die() {
  printf 'setup.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

missing_of() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
      awk '$2 == "installed" { print $1 }' | sort -u)
}

forbid_service_starts() {
  if [[ -e $policy ]] && ! grep -qF "$policy_mark" "$policy"; then return; fi
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  printf '#!/bin/sh\n# %s\nexit 101\n' "$policy_mark" >"$policy"
  chmod 0755 "$policy"
}

# Only services that came with packages installed just now: what ran before goes on as it was.
keep_services_off() {
  local service
  for service in "${services[@]}"; do
    if [[ " $known_services " == *" $service "* ]] || ! service_is_known "$service"; then continue; fi
    rm -f /etc/systemd/system/*.wants/"$service"
    update-rc.d "${service%.*}" disable >/dev/null 2>&1 || true
  done
}

service_is_known() { [[ -e /lib/systemd/system/$1 || -e /etc/systemd/system/$1 ]]; }

install() {
  local -a options=(-y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
  local log service
  known_services=''
  for service in "${services[@]}"; do
    if service_is_known "$service"; then known_services+=" $service"; fi
  done
  export DEBIAN_FRONTEND=noninteractive
  printf 'setup.sh: installing %s\n' "$*"
  forbid_service_starts
  log=$(mktemp)
  # An old list may still do, so only the installation's failure counts.
  apt-get update -qq -o DPkg::Lock::Timeout=300 >"$log" 2>&1 || true
  if ! apt-get install "${options[@]}" "$@" >>"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install the packages (its last words are above); Plimsoll is built on Debian 12, with its package sources in /etc/apt"
  fi
  rm -f "$log"
  keep_services_off
}

main() {
  local list='' text
  local -a packages=("${build_packages[@]}") missing
  while (($#)); do
    case $1 in
      --lab) packages+=("${lab_packages[@]}") ;;
      --check) packages+=("${check_packages[@]}") ;;
      --fuzz) packages+=("${fuzz_packages[@]}") ;;
      --bench) packages+=("${bench_packages[@]}") ;;
      --list) list=yes ;;
      -h | --help) usage && exit ;;
      *) die "'$1' is not known; see setup.sh --help" 2 ;;
    esac
    shift
  done
  if [[ $list ]]; then
    printf '%s\n' "${packages[@]}"
    exit
  fi
  command -v apt-get >/dev/null || die "no apt-get here: Plimsoll is built on Debian 12"
  text=$(missing_of "${packages[@]}")
  [[ $text ]] || exit 0
  mapfile -t missing <<<"$text"
  ((EUID == 0)) || die "not root, and these packages are missing: ${missing[*]}
  As root: apt-get install --no-install-recommends ${missing[*]}"
  install "${missing[@]}"
}

main "$@"
