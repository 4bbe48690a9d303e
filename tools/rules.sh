#!/usr/bin/env bash
# The rules that only we have. Prints FILE:LINE: what is wrong; exit status 1 if anything is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t sources < <(git ls-files -co --exclude-standard --deduplicate -- '*.cpp' '*.h')
mapfile -t modules < <(git ls-files -co --exclude-standard --deduplicate -- 'src/*/CMakeLists.txt')
failed=0

# none MEANING PATTERN [PATHSPEC…]: no file has a line like that. What is not added yet counts too.
none() {
  local found
  found=$(git grep -nIE --untracked "$2" -- "${@:3}" || true)
  [[ $found ]] || return 0
  failed=1
  awk -v meaning="$1" -F: '{ print $1 ":" $2 ": " meaning }' <<<"$found"
}

awk -f tools/rules/includes.awk docs/architecture.md "${modules[@]}" "${sources[@]}" || failed=1
awk -f tools/rules/coroutines.awk "${sources[@]}" || failed=1
awk -f tools/rules/lengths.awk "${sources[@]}" | sed 's/^/note: /'
# Letters in brackets, so that the patterns do not find themselves.
none 'marked as unfinished' '\b(TOD[O]|FIXM[E]|XX[X]|HAC[K]|not implemente[d]|unimplemente[d])\b' \
  '*.cpp' '*.h' '*.sh' '*.js' '*.md'
none 'a path of one machine' '(^|[^A-Za-z0-9_.])/(wor[k]|far[m])/'
none 'a fixed sleep in a test: wait for the condition' \
  'sleep_for\([^p]|usleep\(|^[[:space:]]*sleep [0-9]' tests lab
# A test may skip only where nobody requires the lab, and must say so on the line before.
awk -v skip='GTEST_SKI[P]|DISABLE[D]_' '
  $0 ~ skip && before !~ /lab_is_required/ {
    print FILENAME ":" FNR ": a test that can skip: fail and say what is missing"
    found = 1
  }
  { before = $0 }
  END { exit found }' "${sources[@]}" || failed=1
exit "$failed"
