#!/usr/bin/env bash
# The quality of decisions on real traces; called by bench/run.sh.
set -euo pipefail

usage() {
  cat <<'END'
Usage: bench/run.sh simulate --data FOLDER [--front FOLDER]

Replays every trace in a folder (*.csv, *.csv.zst) under all baselines and our own decisions at the
densities 0.5, 0.6 and 0.7 (those with "gcd" in their name at 0.7 only), then ours with several
settings of orchestrator.aggressiveness, and prints the tables of docs/decision-quality.md.

  --data FOLDER   where the traces are, as seen from the root of the project
  --front FOLDER  also write there a picture of overload against moves for each trace and density

The traces are not part of the project; docs/decision-quality.md tells where they come from.
END
}

: "${plimsoll:?call bench/run.sh}"

settings=0.1,0.25,0.5,0.7,1,1.5,2,4,8
# All but `none`, whose overload would press the others together.
drawn=last-sample,mean-3,mean-3-rest,mean-12-spread,mean-24-spread,oracle,default
data='' front=''

die() {
  printf 'bench/run.sh simulate: %s\n' "$1" >&2
  exit "${2:-1}"
}

densities_of() { [[ $1 == *gcd* ]] && echo 0.7 || echo 0.5,0.6,0.7; }

# rows JSON NAME: a table in Markdown, a row a policy, a column a density.
rows() {
  jq -r --arg name "$2" '
    [.runs[].density] | unique as $densities
    | "| \($name): O100 % / moves / GiB | " + ($densities | map("ρ \(.)") | join(" | ")) + " |",
      "|---|" + ($densities | map("---|") | join(""))' "$1"
  jq -r '
    def digits: if . == 0 then "0" elif . < 1 then (. * 1000 | round | "." + ("000" + tostring)[-3:])
      else (. * 100 | round / 100 | tostring) end;
    . as $all | [.runs[].density] | unique as $densities
    | ($all.runs | map(.policy) | reduce .[] as $p ([]; if index([$p]) then . else . + [$p] end))[]
    | . as $policy
    | "| \($policy) | " + ([$densities[] as $d | $all.runs[] | select(.policy == $policy and .density == $d)
        | "\(.over_100_percent | digits) / \(.moves) / \(.moved_gib | round)"
          + (if .memory_over_percent > 0 then " (memory over)" else "" end)] | join(" | ")) + " |"' "$1"
}

fronts() {
  local trace=$1 name=$2 density
  for density in $(densities_of "$name" | tr , ' '); do
    "$plimsoll" simulate "$trace" --density "$density" --policy "$drawn" --aggressiveness "$settings" \
      --front "$front/$name-$density.svg" >/dev/null
  done
}

main() {
  while (($# > 0)); do
    case $1 in
      -h | --help) usage && exit ;;
      --data) data=${2-} ;;
      --front) front=${2-} ;;
      *) usage >&2 && exit 2 ;;
    esac
    shift 2 || die 'a value is missing' 2
  done
  [[ -d $data ]] || die 'no folder of traces: give --data FOLDER' 2
  command -v jq >/dev/null || die 'jq is missing'
  data=$(realpath "$data")
  if [[ -n $front ]]; then
    mkdir -p "$front"
    front=$(realpath "$front")
  fi
  local trace name work
  work=$(mktemp -d)
  trap 'rm -rf "'"$work"'"' EXIT
  cd "$work"
  for trace in "$data"/*.csv "$data"/*.csv.zst; do
    [[ -f $trace ]] || continue
    name=$(basename "$trace")
    name=${name%.zst}
    name=${name%.csv}
    "$plimsoll" simulate "$trace" --density "$(densities_of "$name")" --json >all.json
    rows all.json "$name"
    printf '\n'
    "$plimsoll" simulate "$trace" --density "$(densities_of "$name")" --policy default \
      --aggressiveness "$settings" --json >knob.json
    rows knob.json "$name, aggressiveness"
    printf '\n'
    [[ -z $front ]] || fronts "$trace" "$name"
  done
}

main "$@"
