#!/usr/bin/env bash
# Configures and builds one preset; the release ends up as build/plimsoll.
set -euo pipefail

usage() {
  cat <<'END'
Usage: build.sh [PRESET [TARGET …]]

Builds PRESET on all cores, into build/PRESET: everything, or the targets named. What is up to date
is left alone.

  release     (default) the optimised executable, linked to as build/plimsoll
  dev         debug, with the tests
  asan, tsan  debug, with the tests, under the address+undefined or the thread sanitizer
  fuzz        the fuzz targets, by clang (fuzz/run.sh names them)

The packages it needs are installed by setup.sh (for the tests: setup.sh --check).

Exit status: 0 built, 1 it could not be built, 2 wrong usage.
END
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() {
  printf 'build.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

configure() {
  local log=build/$1/configure.log
  mkdir -p "build/$1"
  if ! cmake --preset "$1" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "CMake could not configure preset $1 (all of it: $log); is setup.sh done?"
  fi
}

# On a terminal ninja counts in one line; in a log, a line every twentieth of the way.
compile() {
  local line next=0
  if [[ -t 1 ]]; then
    NINJA_STATUS='[%f/%t, %e s] ' ninja -C "build/$1" "${@:2}"
    return
  fi
  NINJA_STATUS='[%p %f of %t, %e s] ' ninja -C "build/$1" "${@:2}" | while IFS= read -r line; do
    if [[ $line =~ ^\[\ *([0-9]+)%\ [^]]*\]\  ]]; then
      ((BASH_REMATCH[1] >= next)) || continue
      next=$((BASH_REMATCH[1] / 5 * 5 + 5))
      line=${BASH_REMATCH[0]}
    elif [[ $line == "ninja: Entering"* || $line == "ninja: no work"* ]]; then
      continue
    fi
    printf '%s\n' "$line"
  done
}

# The same file is to run on every host, whatever is installed there.
needs_only_glibc() {
  local foreign
  foreign=$(objdump -p "$1" | awk '
    $1 == "NEEDED" && $2 !~ /^(lib(c|m|pthread|dl|rt|resolv)|ld-linux[-a-z0-9_]*)\.so\.[0-9]+$/ { print $2 }')
  [[ -z $foreign ]] ||
    die "$1 needs shared libraries besides glibc: $(paste -sd' ' <<<"$foreign"); link their archives (see cmake/PlimsollDependencies.cmake)"
}

main() {
  local preset=${1:-release}
  case $preset in
    -h | --help) usage && exit ;;
    release | dev | asan | tsan | fuzz) ;;
    *) die "'$preset' is no preset; see build.sh --help" 2 ;;
  esac
  cd "$root"
  { command -v cmake && command -v ninja; } >/dev/null || die "cmake or ninja is missing: run setup.sh first"
  configure "$preset"
  compile "$preset" "${@:2}" || die "preset $preset does not build"
  if [[ $preset == release && -e build/release/plimsoll ]]; then
    needs_only_glibc build/release/plimsoll
    ln -sfn release/plimsoll build/plimsoll
  fi
}

main "$@"
