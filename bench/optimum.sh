#!/usr/bin/env bash
# How far plans are from the exact optimum; called by bench/run.sh.
set -euo pipefail

usage() {
  cat <<'END'
Usage: bench/run.sh optimum [--fleets N] [--first SEED] [--seconds N]

Random fleets of up to 12 hosts and 60 containers. CBC (Debian's coinor-cbc) finds the least possible
peak load of each and the fewest moves that reach it; decide() plans the same fleet, with its line
laid at the mean load and then ever higher, and its best plan stands beside.

  --fleets N    default 200
  --first SEED  of the first fleet, default 1
  --seconds N   for the solver, each time; default 20. What is not proven by then is marked
END
}

if [[ ${1-} == -h || ${1-} == --help ]]; then
  usage
  exit
fi
command -v cbc >/dev/null || { printf 'bench/run.sh optimum: cbc is missing: setup.sh --bench installs coinor-cbc\n' >&2 && exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${programs:?call bench/run.sh}/bench_optimum" "$@" "$work"
