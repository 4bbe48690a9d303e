#!/usr/bin/env bash
# The speed of plimsoll decide; called by bench/run.sh.
set -euo pipefail

usage() {
  cat <<'END'
Usage: bench/run.sh decide-protocol [--hosts N] [--containers N] [--steps N] [--rounds N]

Time and memory of one whole conversation with plimsoll decide: start, reading, deciding, answering.
The goal is less than a second for the defaults.

  --hosts N        default 120
  --containers N   default 1500
  --steps N        default 287
  --rounds N       default 5; the median is told, and the least and the most
END
}

hosts=120 containers=1500 steps=287 rounds=5
while (($#)); do
  case $1 in
    -h | --help) usage && exit ;;
    --hosts | --containers | --steps | --rounds)
      [[ ${2-} =~ ^[1-9][0-9]{0,6}$ ]] || { usage >&2 && exit 2; }
      declare "${1#--}=$2"
      shift
      ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
: "${programs:?call bench/run.sh}" "${plimsoll:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$programs/bench_decide_lines" --hosts "$hosts" --containers "$containers" --steps "$steps" >"$work/lines"
for ((round = 0; round < rounds; round++)); do
  /usr/bin/env python3 - "$plimsoll" "$work" >>"$work/rounds" <<'END'
import resource, subprocess, sys, time
program, work = sys.argv[1:]
with open(f"{work}/lines") as lines, open(f"{work}/answers", "w") as answers:
    start = time.monotonic()
    subprocess.run([program, "decide"], stdin=lines, stdout=answers, check=True)
    wall = time.monotonic() - start
use = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{wall:.3f} {use.ru_utime + use.ru_stime:.3f} {use.ru_maxrss / 1024:.0f}")
END
done
answers=$(wc -l <"$work/answers")
[[ $answers == "$steps" ]] || { printf 'decide-protocol: %s answers to %s steps\n' "$answers" "$steps" >&2 && exit 1; }
moves=$(grep -o '"container":' "$work/answers" | wc -l || true)
cat "$work/rounds" >&2
printf '%d hosts, %d containers, %d steps, %s of input, %d moves\n' "$hosts" "$containers" "$steps" \
  "$(du -h "$work/lines" | cut -f1)" "$moves"
sort -n "$work/rounds" | awk -v steps="$steps" '{ wall[NR] = $1; cpu[NR] = $2; mem[NR] = $3 }
  END { m = int((NR + 1) / 2)
    printf "wall %.3f s (%.3f-%.3f), CPU %.3f s, %.2f ms a step, %d MiB\n",
      wall[m], wall[1], wall[NR], cpu[m], 1000 * wall[m] / steps, mem[m] }'
