#!/usr/bin/env bash
# clang-tidy on what changed. Usage: tidy.sh [--all] [--minutes N]; see tools/check --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

database=build/tidy
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/plimsoll-tidy
# In tests these cost most and say least: analysis of googletest's macros takes half a minute a file.
not_in_tests='-clang-analyzer-*,-bugprone-unchecked-optional-access,-readability-function-cognitive-complexity,-cppcoreguidelines-avoid-capturing-lambda-coroutines'

# The compile commands of a preset as clang understands them: without g++'s precompiled header, memory and
# warnings, each file once.
write_database() {
  local from=build/dev/compile_commands.json
  if [[ ! -e $from ]]; then
    mkdir -p build/dev
    cmake --preset dev >build/dev/configure.log 2>&1 || { tail -n 20 build/dev/configure.log && return 1; }
  fi
  mkdir -p "$database"
  awk '
    /^\{/ { entry = "" }
    /"command":/ { gsub(/ -W[^ ]*/, ""); gsub(/ --param [^ ]*/, ""); gsub(/ -include [^ ]*cmake_pch\.hxx/, "") }
    /"file":/ { file = $2 }
    { entry = entry $0 "\n" }
    /^\}/ && !seen[file]++ { sub(/\},?\n$/, "}", entry); printf "%s%s", count++ ? ",\n" : "[\n", entry }
    END { print "\n]" }' "$from" >"$database/compile_commands.json"
}

our_sources() { git ls-files -co --exclude-standard --deduplicate -- '*.cpp' '*.h'; }

# Files changed since the base, committed or not.
changed() {
  local base
  base=$(git merge-base HEAD origin/HEAD 2>/dev/null || true)
  if [[ -z $base || $base == "$(git rev-parse HEAD)" ]]; then
    base=$(git rev-list -1 --before="$(($(git show -s --format=%ct HEAD) - 4 * 3600))" HEAD)
  fi
  # Without one everything is new: compare with the empty tree.
  git diff --name-only --diff-filter=d "${base:-$(git hash-object -t tree /dev/null)}" -- '*.cpp' '*.h'
  git ls-files -o --exclude-standard -- '*.cpp' '*.h'
}

# `FILE INCLUDED…` for every source file, all that it includes of ours, in the end.
closures() {
  awk '
    function add(file,   i, n, names) {
      if (file in member) return
      member[file] = 1
      n = split(includes[file], names, "\n")
      for (i = 1; i < n; i++) add(names[i])
    }
    FNR == 1 { known[FILENAME] = 1; order[++count] = FILENAME }
    /^#include "/ { split($0, part, "\""); wanted[FILENAME] = wanted[FILENAME] part[2] "\n" }
    END {
      for (i = 1; i <= count; i++) {
        file = order[i]
        folder = file
        sub(/[^\/]*$/, "", folder)
        n = split(wanted[file], names, "\n")
        for (j = 1; j < n; j++) {
          if (("src/" names[j]) in known) path = "src/" names[j]
          else if (("tests/" names[j]) in known) path = "tests/" names[j]
          else path = folder names[j]
          if (path in known) includes[file] = includes[file] path "\n"
        }
      }
      for (i = 1; i <= count; i++) {
        if (order[i] !~ /\.cpp$/) continue
        split("", member)
        add(order[i])
        line = order[i]
        for (file in member) if (file != order[i]) line = line " " file
        print line
      }
    }' "$@"
}

# The sources to look at: those that changed, and for a header the first source that includes it,
# its own before others.
selected() {
  changed | sort -u | awk -v all="$1" '
    NR == FNR { changed[$0] = 1; next }
    all != "" { print $1; next }
    { source[++count] = $1; line[count] = $0 }
    END {
      for (i = 1; i <= count; i++) if (source[i] in changed) chosen[source[i]] = 1
      for (header in changed) {
        if (header !~ /\.h$/) continue
        own = header
        sub(/h$/, "cpp", own)
        reader = ""
        for (i = 1; i <= count; i++) {
          if (index(line[i] " ", " " header " ") == 0) continue
          if (source[i] in chosen || source[i] == own) { reader = source[i]; break }
          if (reader == "") reader = source[i]
        }
        if (reader != "") chosen[reader] = 1
      }
      for (i = 1; i <= count; i++) if (source[i] in chosen) print source[i]
    }' - "$database/closures" | grep -v '^lab/' || true
}

# What decides whether a file is clean: itself, what it includes, and how we ask.
key_of() {
  # shellcheck disable=SC2046 # names without spaces
  sha256sum $(grep "^$1 " "$database/closures" || echo "$1") .clang-tidy tools/tidy.sh |
    awk '{ print $1 }' | sort | sha256sum | cut -d' ' -f1
}

# look_at FILE: one clang-tidy; remembers a clean file.
look_at() {
  local file=$1 key out code=0
  local -a options=(--quiet -p "$database")
  key=$(key_of "$file")
  [[ ! -e $cache/$key ]] || return 0
  if ((EPOCHSECONDS >= stop_at)); then
    printf '%s\n' "$file" >>"$database/left"
    return 0
  fi
  case $file in *_test.cpp | tests/* | *_conformance*) options+=("--checks=$not_in_tests") ;; esac
  out=$(nice clang-tidy-19 "${options[@]}" "$file" 2>/dev/null) || code=$?
  if [[ $out ]]; then printf '%s\n' "$out" | sed "s#$PWD/##"; fi
  ((code == 0)) || return 1
  : >"$cache/$key"
}

main() {
  local all='' minutes=1000 left
  while (($#)); do
    case $1 in
      --all) all=yes ;;
      --minutes)
        minutes=${2-}
        [[ $minutes =~ ^[0-9]+$ ]] || { echo 'tidy.sh: --minutes needs a number' >&2 && exit 2; }
        shift
        ;;
      *) echo "tidy.sh: '$1' is not known" >&2 && exit 2 ;;
    esac
    shift
  done
  command -v clang-tidy-19 >/dev/null || { echo 'clang-tidy-19 is missing: run setup.sh --check' >&2 && exit 1; }
  write_database
  mkdir -p "$cache"
  rm -f "$database/left"
  find "$cache" -type f -mtime +30 -delete
  mapfile -t ours < <(our_sources)
  closures "${ours[@]}" >"$database/closures"
  export database cache not_in_tests stop_at=$((EPOCHSECONDS + minutes * 60))
  export -f look_at key_of
  local code=0
  selected "$all" | xargs -r -P "$(nproc)" -I{} bash -c 'look_at {}' || code=1
  if [[ -e $database/left ]]; then
    left=$(wc -l <"$database/left")
    printf 'note: not looked at, the %s minutes were up: %d files (%s, …)\n' "$minutes" "$left" \
      "$(head -n 3 "$database/left" | paste -sd' ')"
  fi
  return "$code"
}

main "$@"
