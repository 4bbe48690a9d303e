#!/usr/bin/env bash
# plimsoll simulate as a person runs it.
# Usage: simulate_test.sh PLIMSOLL
set -u -o pipefail

plimsoll=$(realpath "${1:-build/plimsoll}")
work=$(mktemp -d)
passed=0
failed=0
out='' err='' code=0

trap 'rm -rf "$work"' EXIT

note() { printf '  %s\n' "$*" >&2; }
simulate() {
  out=$(cd "$work" && timeout 60 "$plimsoll" simulate "$@" 2>err.txt)
  code=$?
  err=$(<"$work/err.txt")
}
exits() { ((code == $1)) || { note "exit code $code, not $1: $err"; return 1; }; }
says() { [[ $err == *"$1"* ]] || { note "standard error lacks '$1': $err"; return 1; }; }
prints() { [[ $out == *"$1"* ]] || { note "standard output lacks '$1': $out"; return 1; }; }

# 40 workloads, 40 steps: each jumps now and then.
awk 'BEGIN {
  srand(7)
  for (w = 0; w < 40; w++) {
    line = "w" w
    for (s = 0; s < 40; s++) line = line "," (rand() < 0.1 ? 90 : 5 + (w * 7 + s) % 30)
    print line
  }
}' >"$work/day.csv"

# Two hosts, three containers, ten minutes; the first host is too full.
{
  printf 'time,measurement,host,name,cpu_cores,cpu_used,memory_total,memory_working_set,writable_bytes\r\n'
  for minute in 0 1 2 3 4 5 6 7 8 9; do
    printf '2026-11-22T10:0%d:00.000Z,Device,h1,,2,2,8000000000,,\r\n' "$minute"
    printf '2026-11-22T10:0%d:00.000Z,Device,h2,,2,0.1,8000000000,,\r\n' "$minute"
    for name in a b c; do
      printf '2026-11-22T10:0%d:00.000Z,Container,h1,%s,0.6,,,100000000,1000\r\n' "$minute" "$name"
    done
  done
} >"$work/week.csv"

all_policies_and_densities() {
  simulate day.csv
  exits 0 && [[ -z $err ]] && prints 'density 0.5' && prints 'density 0.7' || return 1
  local policy
  for policy in none last-sample mean-3 mean-3-rest mean-12-spread mean-24-spread oracle default; do
    [[ $(grep -c "^  $policy " <<<"$out") == 3 ]] || { note "$policy: $out"; return 1; }
  done
}

the_same_again() {
  simulate day.csv --rho 0.6 --json
  local first
  first=$(jq -c '[.runs[] | del(.decision_us)]' <<<"$out")
  simulate day.csv --rho 0.6 --json
  [[ $(jq -c '[.runs[] | del(.decision_us)]' <<<"$out") == "$first" ]]
}

packed_is_the_same() {
  command -v zstd >/dev/null || { note 'no zstd here'; return 0; }
  zstd -q "$work/day.csv" -o "$work/day.csv.zst"
  local file rows=()
  for file in day.csv day.csv.zst; do
    simulate "$file" --density 0.6 --policy mean-3
    exits 0 || return 1
    rows+=("$(awk '$1 == "mean-3" { print $2, $3, $4, $5, $6, $7, $8 }' <<<"$out")")
  done
  [[ -n ${rows[0]} && ${rows[0]} == "${rows[1]}" ]]
}

json_has_what_the_table_has() {
  simulate day.csv --density 0.6 --policy none,default --json
  exits 0 && jq -e '[.runs[].policy] == ["none", "default"] and .runs[0].moves == 0
    and .runs[0].density == 0.6 and (.runs[0] | has("over_100_percent"))' <<<"$out" >/dev/null
}

a_page_and_a_picture() {
  simulate day.csv --density 0.6 --policy none,mean-3,default --html page.html --front front.svg
  exits 0 && grep -q '</html>' "$work/page.html" && ! grep -qE '(src|href)=' "$work/page.html" || return 1
  head -c 4 "$work/front.svg" | grep -q '<svg'
}

the_knob_gives_a_run_each() {
  simulate day.csv --density 0.6 --policy default --aggressiveness 0.5,2
  exits 0 && prints 'default 0.5' && prints 'default 2'
}

a_setting_changes_ours() {
  out=$(cd "$work" && timeout 60 "$plimsoll" --set orchestrator.line.cpu=200 simulate day.csv 2>err.txt)
  code=$?
  err=$(<"$work/err.txt")
  exits 2 && says 'orchestrator.line.cpu'
}

ones_own_fleet() {
  simulate week.csv --step 1m --policy none,default,mean-3
  exits 0 && prints 'week.csv: 3 workloads on 2 hosts, 9 steps'
}

what_is_wrong_is_told_with_its_place() {
  printf 'a,1,2\nb,1,x\n' >"$work/bad.csv"
  simulate bad.csv
  exits 1 && says "bad.csv:2: value 2: 'x' is no number from 0 to 100" || return 1
  simulate none.csv
  exits 1 && says 'none.csv: cannot be read' || return 1
  simulate day.csv --policy meen-3
  exits 2 && says "no policy 'meen-3'; did you mean 'mean-3'" || return 1
  simulate day.csv --density 2
  exits 2 && says '--density'
}

for one in all_policies_and_densities the_same_again packed_is_the_same json_has_what_the_table_has \
  a_page_and_a_picture the_knob_gives_a_run_each a_setting_changes_ours ones_own_fleet \
  what_is_wrong_is_told_with_its_place; do
  if "$one"; then
    printf 'ok %s\n' "$one"
    ((++passed))
  else
    printf 'FAIL %s\n' "$one"
    ((++failed))
  fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
