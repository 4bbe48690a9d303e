#!/usr/bin/env bash
# The terminal's pictures; called by bench/run.sh.
set -euo pipefail

usage() {
  cat <<'END'
Usage: bench/run.sh top [--hosts N] [--frames N]

CPU of one picture of plimsoll top while every figure changes: sort, filter, draw, compare with the
picture before, and the commands to the terminal with their size.

  --hosts N   default 1000
  --frames N  pictures; default 200
END
}

case ${1-} in -h | --help) usage && exit ;; esac
: "${programs:?call bench/run.sh}"
exec "$programs/bench_top" "$@"
