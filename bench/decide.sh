#!/usr/bin/env bash
# How long decide() takes: bench/run.sh decide [--seed N] [--runs N] [--hosts N --containers N]
# Once with the histories of the containers, which is the default detector, and once without.
set -euo pipefail

if [[ ${1-} == -h || ${1-} == --help ]]; then
  sed -n '2,3s/^# //p' "$0"
  exit
fi
echo "with histories:"
"${programs:?}/bench_decide" "$@"
echo "without:"
"$programs/bench_decide" --no-samples "$@"
