#!/usr/bin/env bash
# plimsoll decide as another program runs it, held against its schema.
# Usage: decide_test.sh PLIMSOLL
set -u -o pipefail

plimsoll=$(realpath "${1:-build/plimsoll}")
here=$(realpath "$(dirname "$0")")
root=$(dirname "$(dirname "$here")")
work=$(mktemp -d)
passed=0
failed=0
out='' err='' code=0

trap 'rm -rf "$work"' EXIT

note() { printf '  %s\n' "$*" >&2; }
# The rest of the arguments are lines of standard input.
decide() {
  out=$(printf '%s\n' "$@" | (cd "$work" && timeout 60 "$plimsoll" decide 2>err.txt))
  code=$?
  err=$(<"$work/err.txt")
}
exits() { ((code == $1)) || { note "exit code $code, not $1: $err"; return 1; }; }
says() { [[ $err == *"$1"* ]] || { note "standard error lacks '$1': $err"; return 1; }; }
prints() { [[ $out == "$1" ]] || { note "standard output is '$out', not '$1'"; return 1; }; }

fleet='{"hosts":[{"name":"h1","cpu":8},{"name":"h2","cpu":8}],"containers":[{"name":"a","host":"h1"}]}'

a_step_has_one_line() {
  decide "$fleet" '{"time":0,"containers":{"a":{"cpu":1}}}' '' '{"time":5,"containers":{"a":{"cpu":1}}}'
  exits 0 && prints $'{"moves":[]}\n{"moves":[]}' && [[ -z $err ]]
}

a_bad_first_line_ends_it() {
  decide '{"policy":{"hold":[5,3],"windw":"1s"},"hosts":[{"name":"h1"}]}' '{"time":0}'
  exits 2 && says 'plimsoll: line 1: policy.hold' && says "did you mean 'policy.window'" && says 'hosts[0].cpu' || return 1
  [[ $(wc -l <<<"$out") == 1 && $out == '{"error":"line 1: '* ]]
}

a_bad_step_is_told_and_it_goes_on() {
  decide "$fleet" 'nonsense' '{"time":5,"containers":{"a":{"cpu":1}}}'
  exits 0 && [[ -z $err && $out == '{"moves":[],"error":"line 2: '*$'\n{"moves":[]}' ]]
}

the_last_line_needs_no_end() {
  out=$(printf '%s\n%s' "$fleet" '{"time":5}' | timeout 60 "$plimsoll" decide 2>"$work/err.txt")
  code=$?
  exits 0 && prints '{"moves":[]}'
}

nothing_in_nothing_out() {
  out=$(timeout 60 "$plimsoll" decide </dev/null 2>"$work/err.txt")
  code=$?
  exits 0 && prints ''
}

no_file_of_ours_is_read() {
  printf 'no toml at all\n' >"$work/plimsoll.toml"
  decide "$fleet" '{"time":5}'
  exits 0 && prints '{"moves":[]}'
}

a_reader_that_leaves_is_no_failure() {
  {
    printf '%s\n' "$fleet"
    seq 1 200000 | sed 's/.*/{"time":&}/'
  } | {
    timeout 60 "$plimsoll" decide 2>"$work/err.txt"
    printf '%s' "$?" >"$work/code"
  } | head -n 1 >"$work/first"
  [[ $(<"$work/code") == 0 && ! -s $work/err.txt && $(<"$work/first") == '{"moves":[]}' ]]
}

help_shows_the_lines() {
  out=$(timeout 60 "$plimsoll" decide --help) && [[ $out == *Examples:* && $out == *'"time"'* ]]
}

conversations_hold_to_the_schema() {
  timeout 300 python3 "$here/decide_check.py" "$root/docs/api/decide.schema.json" \
    "$root/tests/golden/decide" "$plimsoll"
}

main() {
  local test
  for test in a_step_has_one_line a_bad_first_line_ends_it a_bad_step_is_told_and_it_goes_on \
    the_last_line_needs_no_end nothing_in_nothing_out no_file_of_ours_is_read \
    a_reader_that_leaves_is_no_failure help_shows_the_lines conversations_hold_to_the_schema; do
    if "$test"; then
      printf 'ok %s\n' "$test"
      passed=$((passed + 1))
    else
      printf 'FAIL %s\n' "$test"
      failed=$((failed + 1))
    fi
  done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

main
