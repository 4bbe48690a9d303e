#!/usr/bin/env bash
# Sets up, builds, runs the tests, and counts them.
set -euo pipefail

usage() {
  cat <<'END'
Usage: test.sh [PART …]        (as root)

  unit     the unit tests
  live     the tests on real parts: InfluxDB, sshd, Docker hosts made by lab/
  long     those on real parts that take long: faults put into moves at chosen places
  check    format, shellcheck, our own rules
  release  the optimised build, and run.sh with its demo on it
  tidy     clang-tidy on what changed, for at most 15 minutes (tools/check --help)
  asan     the unit tests under the address and undefined-behaviour sanitizers
  tsan     the unit tests of what has threads or coroutines under the thread sanitizer
  fuzz     each reader of what comes from outside: its seeds and the same inputs each time
           (fuzz/run.sh --help)
  fuzz-short  the same for those of what hosts, agents, engines and stores say, without the engine,
           scenarios, images and HTTP
  sim      a million simulated moves with everything going wrong
  nightly  a fleet in mode auto under a moving load, a quarter of an hour; the orchestrator killed at
           each place of cold moves and of moves with their image; an hour of fuzzing for each reader of
           what hosts, agents, engines and stores say: more than three hours on two cores

Without a part: unit, live and check. `test.sh all` runs every part but the last. Packages are
installed and everything is built as needed. The logs are in build/test-logs/; the last line is
`N passed, M failed`. A test that skips counts as failed: nothing here may be missing.

Exit status: 0 all passed, 1 something failed, 2 wrong usage.
END
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
logs=build/test-logs
readers=(hosts telemetry legacy recorded lines docker influx victoria proc spool rsync hand)
passed=0
failed=0
child=''

say() { printf '%s\n' "$*"; }

# Ends what still runs. Each live test clears up behind itself; the lab named here is for those
# that take the default.
export PLIMSOLL_LAB_DIR=/var/tmp/plimsoll-test PLIMSOLL_LAB_NAME=plimsoll-test
export PLIMSOLL_REQUIRE_LAB=1
export PLIMSOLL_TEST_RUN=$$-$RANDOM
finish() {
  trap '' INT TERM HUP
  if [[ $child ]]; then
    kill -TERM "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  [[ ! -e $PLIMSOLL_LAB_DIR ]] || lab/lab.sh down || true
}

# guarded SECONDS LOG COMMAND…: in a process group of its own, ended as a whole when time is up or
# when we are stopped; the command's exit status.
guarded() {
  local code=0
  timeout --kill-after=60 "$1" "${@:3}" >"$2" 2>&1 </dev/null &
  child=$!
  wait "$child" || code=$?
  child=''
  ((code != 124)) || printf '\nFAIL ended after %s s\n' "$1" >>"$2"
  return "$code"
}

# report PART PASSED FAILED SINCE [LOG]
report() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  printf '%-24s %5d passed, %d failed  (%d s)\n' "$1" "$2" "$3" $((SECONDS - $4))
  (($3 == 0)) || [[ -z ${5-} ]] || say "    log: $5"
}

build() {
  local since=$SECONDS
  if ! guarded 3600 "$logs/build-$1.log" ./build.sh "$@"; then
    tail -n 40 "$logs/build-$1.log"
    report "build $1" 0 1 "$since" "$logs/build-$1.log"
    return 1
  fi
  printf '%-24s (%d s)\n' "build $1" $((SECONDS - since))
}

# What ctest ran, one `ok NAME` or `FAIL NAME` a line; an executable of googletest tells its own cases.
ctest_cases() {
  local name status xml
  sed -nE 's/^[[:space:]]*<testcase name="([^"]*)".* status="([a-z]*)".*/\1 \2/p' "$1/ctest.xml" |
    while read -r name status; do
      xml=$1/gtest/$name.xml
      if [[ ! -e $xml ]]; then
        if [[ $status == run ]]; then say "ok $name"; else say "FAIL $name ($status)"; fi
        continue
      fi
      awk -v program="$name" -v status="$status" '
        function attribute(key) {
          if (!match($0, " " key "=\"[^\"]*\"")) return ""
          return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4)
        }
        function flush() {
          if (name == "") return
          print (bad == "" ? "ok " : "FAIL ") name bad
          if (bad != "") failures++
          name = ""
        }
        /<testcase / {
          flush()
          name = attribute("classname") "." attribute("name")
          bad = ""
          if (attribute("result") == "skipped") bad = " (skipped)"
          if (attribute("status") == "notrun") bad = " (disabled)"
        }
        /<failure / { bad = " " }
        END {
          flush()
          if (status != "run" && !failures) print "FAIL " program " (it ended badly)"
        }' "$xml"
    done
}

# The lines of a log that belong to failures: from a case's start, or from the end of the case
# before it, to the verdict; a case that crashed has none.
failure_lines() {
  awk '
    function end_program() {
      if (running) printf "%s", held
      held = ""
      running = 0
    }
    /^\[ RUN  / { held = ""; running = 1 }
    /^ *([0-9]+\/[0-9]+ Test|Start) +[#0-9]/ { end_program() }
    /^FAIL / { printf "%s", held }  # its own line comes with the other names
    { held = held "    " $0 "\n" }
    /^\[  FAILED  \] .* ms\)$/ { printf "%s", held }
    /^(ok|FAIL) / || /^\[  (     OK|FAILED )/ { held = ""; running = 0 }
    END { end_program() }' "$1" | tail -n 100
}

# count PART LOG CASES SINCE CODE
count() {
  local ok bad
  ok=$(grep -c '^ok ' "$3" || true)
  bad=$(grep -c '^FAIL ' "$3" || true)
  if (($5 != 0 && bad == 0)); then
    say "FAIL $1 ended with exit status $5" >>"$3"
    bad=1
  fi
  if ((ok + bad == 0)); then
    say "FAIL $1 ran no test" >>"$3"
    bad=1
  fi
  if ((bad)); then
    failure_lines "$2"
    sed -n 's/^FAIL/    &/p' "$3"
  fi
  report "$1" "$ok" "$bad" "$4" "$2"
  sed -n 's/^note: not/    &/p' "$2"
}

# run_ctest PART PRESET LABEL
run_ctest() {
  local since=$SECONDS folder=$logs/$1 code=0
  local -a command=(ctest --test-dir "build/$2" -L "$3" --output-on-failure --timeout 600
    --no-tests=error --output-junit "$root/$folder/ctest.xml")
  rm -rf "$folder"
  mkdir -p "$folder/gtest"
  [[ $3 != unit ]] || command+=(-j "$(nproc)")
  # Thread sanitizers of this age cannot place their tables under a kernel with much randomisation.
  if [[ $2 == tsan ]] && setarch -R true 2>/dev/null; then command=(setarch -R "${command[@]}"); fi
  GTEST_OUTPUT=xml:$root/$folder/gtest/ guarded 1800 "$folder/log" "${command[@]}" || code=$?
  if [[ ! -e $folder/ctest.xml ]]; then
    tail -n 20 "$folder/log"
    say "FAIL $1" >"$folder/cases"
  else
    ctest_cases "$folder" >"$folder/cases"
  fi
  count "$1" "$folder/log" "$folder/cases" "$since" "$code"
}

run_script() {
  local since=$SECONDS code=0
  local log=$logs/$1.log
  guarded "${limit:-1800}" "$log" "${@:2}" || code=$?
  count "$1" "$log" "$log" "$since" "$code"
}

# Everything a test starts inherits the name of this run.
nothing_left_running() {
  local since=$SECONDS file pid found=''
  for file in $(grep -lsF "PLIMSOLL_TEST_RUN=$PLIMSOLL_TEST_RUN" /proc/[0-9]*/environ || true); do
    pid=${file//[!0-9]/}
    if [[ $pid == "$$" ]] || [[ ! -r /proc/$pid/cmdline ]]; then continue; fi
    found+="    still running: $pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"$'\n'
  done
  if [[ $found ]]; then
    printf '%s' "$found"
    report 'nothing left running' 0 1 "$since"
  else
    report 'nothing left running' 1 0 "$since"
  fi
}

# Hosts of the lab get the executable sent: without what only a debugger reads, it is a quarter.
# run_scripts FOLDER
run_scripts() {
  local script
  strip -o "$logs/plimsoll" build/dev/plimsoll
  for script in "$1"/*.sh; do
    run_script "$(basename "$script" .sh)" "$script" "$logs/plimsoll"
  done
  nothing_left_running
}

main() {
  local part
  local -a parts=("$@") setup=(--check)
  [[ ${1-} != -h && ${1-} != --help ]] || { usage && exit; }
  (($#)) || parts=(unit live check)
  [[ ${1-} != all ]] || parts=(unit live long check release sim tidy asan tsan fuzz)
  for part in "${parts[@]}"; do
    [[ $part =~ ^(unit|live|long|check|release|tidy|asan|tsan|fuzz|fuzz-short|sim|nightly)$ ]] || {
      printf "test.sh: '%s' is no part; see test.sh --help\n" "$part" >&2
      exit 2
    }
    [[ ! $part =~ ^(live|long|nightly|release)$ ]] || setup+=(--lab)
    [[ ! $part =~ ^(asan|fuzz.*|nightly)$ ]] || setup+=(--fuzz)
  done
  cd "$root"
  mkdir -p "$logs"
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  ./setup.sh "${setup[@]}"
  for part in "${parts[@]}"; do
    case $part in
      unit) if build dev; then run_ctest unit dev unit; fi ;;
      live)
        if build dev; then
          run_ctest live-ctest dev live
          run_scripts tests/live
        fi
        ;;
      long) if build dev; then run_scripts tests/long; fi ;;
      release) if build release; then run_script run_test tests/release/run_test.sh; fi ;;
      check) run_script check tools/check format shell rules ;;
      tidy) run_script tidy tools/check --minutes 15 tidy ;;
      fuzz-short)
        if build fuzz "${readers[@]/#/fuzz_}"; then
          run_script fuzz-short fuzz/run.sh --runs 20000 --seconds 200 "${readers[@]}"
        fi
        ;;
      fuzz) if build fuzz fuzz_targets; then run_script fuzz fuzz/run.sh --runs 20000 --seconds 200; fi ;;
      sim) if build dev move_sim; then run_script move_sim build/dev/src/move/move_sim --seeds 1000000; fi ;;
      nightly)
        if build dev; then run_scripts tests/nightly; fi
        if build fuzz fuzz_targets; then
          limit=15000 run_script fuzz_long fuzz/run.sh --minutes 60 hosts telemetry docker influx recorded
        fi
        ;;
      asan | tsan) if build "$part" unit_tests; then run_ctest "$part" "$part" unit; fi ;;
    esac
  done
  say "$passed passed, $failed failed"
  ((failed == 0))
}

main "$@"
