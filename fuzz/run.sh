#!/usr/bin/env bash
# Builds the fuzz targets and runs them for a while.
set -euo pipefail

usage() {
  cat <<'END'
Usage: fuzz/run.sh [--runs N] [--minutes N | --seconds N] [--jobs N] [--keep] [TARGET …]

Runs each target (all of them when none is named) under the address and undefined-behaviour
sanitizers, --jobs of them side by side. Prints `ok NAME` or `FAIL NAME` a target, with what it did.

  --minutes N   for each target; default 1
  --seconds N   the same in seconds
  --runs N      the seeds, then N inputs that are the same for the same tree, so that the verdict
                is; the time is only a guard then (what it cuts off is said). Else inputs differ
                from run to run.
  --jobs N      default: the number of cores
  --keep        start from what earlier runs found worth keeping, not from the seeds alone

Seeds are the golden files of tests/ and those of fuzz/seeds/. What a run learns stays in
build/fuzz/corpus/TARGET, what it finds in build/fuzz/found/TARGET. A find is looked at by
  build/fuzz/fuzz/fuzz_TARGET FILE
and, when mended, becomes a unit test and a file in fuzz/seeds/TARGET.

Targets: hosts telemetry legacy recorded lines docker influx victoria proc spool config http_request http_answer decide scenario trace image_stream tar_split rsync hand

Exit status: 0 nothing found, 1 something found or not built, 2 wrong usage.
END
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
all=(hosts telemetry legacy recorded lines docker influx victoria proc spool config http_request http_answer decide scenario trace image_stream tar_split rsync hand)
targets=()
# For one input, which takes milliseconds: far above what a busy machine makes of it.
patience=60
seconds=60
runs=''
jobs=$(nproc)
keep=''
children=()

die() {
  printf 'fuzz/run.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

# shellcheck disable=SC2317  # called by trap
finish() {
  trap '' INT TERM HUP
  ((${#children[@]} == 0)) || kill "${children[@]}" 2>/dev/null || true
  wait
}

number() { [[ ${2-} =~ ^[1-9][0-9]{0,5}$ ]] || die "$1 wants a number; see fuzz/run.sh --help" 2; }

# The words of the seeds: names of members, keys, units, which chance would not make.
dictionary_of() {
  cat "$1"/* | LC_ALL=C grep -aoE '[A-Za-z_][A-Za-z0-9_.=:/-]{2,40}' | LC_ALL=C sort -u | head -n 400 |
    sed 's/.*/"&"/'
}

# seeds_for TARGET FOLDER
seeds_for() {
  local golden=$root/tests/golden file line n=0
  mkdir -p "$2"
  case $1 in
    hosts) cp "$root/host.csv" "$2/" ;;
    telemetry) cp "$golden"/telemetry/v1*.json "$2/" ;;
    legacy) cp "$golden"/telemetry/{combined,devicedetails,containers,rtt}.json "$2/" ;;
    recorded)
      cp "$golden/telemetry/recorded.json" "$2/"
      head -c 1200 "$root/test_data.json" >"$2/test_data.json"
      ;;
    lines)
      while IFS= read -r line; do
        n=$((n + 1))
        printf '%s\n' "$line" >"$2/line$n.lp"
      done <"$golden/telemetry/points.lp"
      ;;
    decide) cp "$golden"/decide/*.in.jsonl "$2/" ;;
    scenario) cp "$root"/scenarios/*.toml "$2/" ;;
    config)
      for file in "$golden"/config/*.toml "$root/plimsoll.toml"; do cp "$file" "$2/"; done
      ;;
  esac
  [[ ! -d $root/fuzz/seeds/$1 ]] || cp "$root/fuzz/seeds/$1"/* "$2/"
}

longest() {
  case $1 in
    recorded | docker | tar_split) printf 16384 ;;
    *) printf 8192 ;;
  esac
}

# Everything that could differ from run to run taken away: the order in which a folder is listed,
# addresses, re-reading by the clock.
repeatable() {
  local files=("$2"/*)
  find "$2" -type f | LC_ALL=C sort | paste -sd, | tr -d '\n' >"$2.list"
  options+=(-seed=1 -runs=$((runs + ${#files[@]})) -reload=0 -seed_inputs=@"$2.list")
  ! setarch -R true 2>/dev/null || before=(setarch -R)
}

fuzz_one() {
  local target=$1 code=0 log=build/fuzz/logs/$1.log what
  local -a before=() options=()
  local seeds=build/fuzz/seeds/$target corpus=build/fuzz/corpus/$target found=build/fuzz/found/$target
  rm -rf "$seeds" "$found"
  [[ $keep ]] || rm -rf "$corpus"
  mkdir -p build/fuzz/logs "$corpus" "$found"
  seeds_for "$target" "$seeds"
  dictionary_of "$seeds" >"build/fuzz/$target.dict"
  if [[ $runs ]]; then repeatable "$target" "$seeds"; else options+=("$corpus" "$seeds"); fi
  UBSAN_OPTIONS=print_stacktrace=1 timeout --kill-after=10 $((seconds + 120)) \
    "${before[@]}" "build/fuzz/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len="$(longest "$target")" \
    -timeout="$patience" -report_slow_units="$patience" -rss_limit_mb=2048 -malloc_limit_mb=512 -dict="build/fuzz/$target.dict" \
    -artifact_prefix="$found/" -print_final_stats=1 "${options[@]}" >"$log" 2>&1 </dev/null || code=$?
  times >>"$log"
  if ((code == 0)); then
    what=$(did "$log")
    [[ ! $runs ]] || ((${what%% *} >= runs)) ||
      printf 'note: not all inputs of %s in %d s: %s of %s\n' "$target" "$seconds" "${what%% *}" "$runs"
    printf 'ok %s (%s)\n' "$target" "$what"
    return
  fi
  grep -aE '^(oracle:|==[0-9]+==ERROR|SUMMARY|.*runtime error)' "$log" | head -n 5 | sed 's/^/    /' || true
  printf '    log: %s\n' "$log"
  printf 'FAIL %s (%s)\n' "$target" "$(find "$found" -type f -printf '%f' -quit)"
  return 1
}

# What a run did, from its log: inputs tried, places of the program reached, inputs kept, CPU time
# (the last line is what `times` says of the children of this shell).
did() {
  awk 'function seconds(text) { split(text, part, /[ms]/); return part[1] * 60 + part[2] }
    /cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") cov = $(i + 1); if ($i == "corp:") corp = $(i + 1) } }
    /number_of_executed_units/ { runs = $2 }
    END { sub(/\/.*/, "", corp)
      printf "%d inputs, %d edges, %d kept, %d s of CPU", runs, cov, corp, seconds($1) + seconds($2) }' "$1"
}

main() {
  local target failed=0 running=0
  while (($#)); do
    case $1 in
      --minutes) number "$1" "${2-}" && seconds=$(($2 * 60)) && shift ;;
      --seconds) number "$1" "${2-}" && seconds=$2 && shift ;;
      --jobs) number "$1" "${2-}" && jobs=$2 && shift ;;
      --runs) number "$1" "${2-}" && runs=$2 && shift ;;
      --keep) keep=yes ;;
      -h | --help) usage && exit ;;
      *)
        [[ " ${all[*]} " == *" $1 "* ]] || die "'$1' is no target; see fuzz/run.sh --help" 2
        targets+=("$1")
        ;;
    esac
    shift
  done
  [[ ! $runs || ! $keep ]] || die "--runs starts from the seeds alone, --keep does not: take one" 2
  ((${#targets[@]})) || targets=("${all[@]}")
  cd "$root"
  mkdir -p build/fuzz
  ./build.sh fuzz "${targets[@]/#/fuzz_}" >build/fuzz/build.log 2>&1 ||
    { tail -n 30 build/fuzz/build.log >&2 && die "the targets do not build"; }
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  for target in "${targets[@]}"; do
    if ((running == jobs)); then
      wait -n || failed=1
      running=$((running - 1))
    fi
    fuzz_one "$target" &
    children+=("$!")
    running=$((running + 1))
  done
  while ((running)); do
    wait -n || failed=1
    running=$((running - 1))
  done
  children=()
  exit "$failed"
}

main "$@"
