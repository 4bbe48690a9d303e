#!/usr/bin/env bash
# Measures Plimsoll beside its peers.
set -euo pipefail

usage() {
  cat <<'END'
Usage: bench/run.sh NAME [OPTION …]

Installs the peers (setup.sh --bench) and builds what is missing, then measures ours and theirs in
turns on this machine and prints a table: medians, and (least–most) of the rounds. The rounds and
all figures go to standard error.

  monitor   CPU, memory and missed polls of the monitor beside vmagent and an aiohttp collector
  silent    memory and open files of the monitor's start when none of 10,000 hosts answers
  edit      from an edit of host.csv to the first request to the new host
  agent     CPU and memory of the agent beside node_exporter, with and without 100 containers
  top       CPU of one picture of plimsoll top, 1,000 hosts
  store     writing and asking SQLite, InfluxDB and VictoriaMetrics
  decide    the first move and a whole plan for fleets of several sizes
  decide-protocol  a whole conversation with plimsoll decide
  move      a container from host to host: the predecessor's way, save and load, ours
  predict   how true the predicted bytes and times of moves are, and become
  optimum   the peak load of plans beside the exact optimum, found by a solver
  simulate  overload and moves on real traces, ours beside plain policies (--data FOLDER)

bench/run.sh NAME --help tells its options. Everything runs on the loopback interface in a temporary
folder and is ended with the benchmark. Figures: docs/benchmarks.md.

Exit status: 0 measured, 1 it failed, 2 wrong usage.
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")

main() {
  local name=${1-}
  case $name in
    monitor | silent | edit | agent | store | top | move | predict | decide | decide-protocol | optimum | simulate) shift ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  cd "$root"
  if [[ ${1-} != -h && ${1-} != --help && -z ${PLIMSOLL_BENCH_BUILT-} ]]; then
    ./setup.sh --bench
    ./build.sh release plimsoll bench_programs >&2
  fi
  export here programs=$root/build/release/bench plimsoll=${PLIMSOLL:-$root/build/release/plimsoll}
  exec "$here/$name.sh" "$@"
}

main "$@"
