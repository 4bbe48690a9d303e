#!/usr/bin/env bash
# From an edit of host.csv to the first request to the new host; called by bench/run.sh.
set -euo pipefail
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'END'
Usage: bench/run.sh edit [--hosts N] [--interval SECONDS] [--rounds N]

plimsoll monitor runs on a host.csv to which a host is added at a time; how long it takes until the
new host is asked for the first time.

  --hosts N      that are added, a round; default 20
  --interval S   default 5
  --rounds N     default 3
END
}

hosts=20 interval=5 rounds=3
while (($#)); do
  case $1 in
    --hosts) hosts=$2 ;;
    --interval) interval=$2 ;;
    --rounds) rounds=$2 ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift 2
done

: "${plimsoll:?call bench/run.sh}" "${here:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for ((round = 1; round <= rounds; round++)); do
  mkdir "$work/$round"
  python3 "$here/programs/host_edit.py" "$plimsoll" "$hosts" "$interval" "$work/$round" | tee -a "$work/all" >&2
done
sort -n "$work/all" | awk '{ all[NR] = $1 * 1000 }
  END { printf "from the edit to the first request: median %.1f ms, longest %.1f ms, of %d edits\n",
        all[int((NR + 1) / 2)], all[NR], NR }'
