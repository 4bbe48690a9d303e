# shellcheck shell=bash
# Names, errors, waiting and process identity, for every part of the lab.

lab_dir=${PLIMSOLL_LAB_DIR:-/var/tmp/plimsoll-lab}
lab_name=${PLIMSOLL_LAB_NAME:-plimsoll-lab}
marker=plimsoll-lab-state
deadline_s=${PLIMSOLL_LAB_DEADLINE:-60}
host_path=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin

die() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}

usage_error() {
  printf 'lab: %s (see lab.sh --help)\n' "$*" >&2
  exit 2
}

[[ $lab_dir == /* ]] || lab_dir=$PWD/$lab_dir
# It stands in mount options and ssh's files, where other characters have a meaning.
[[ $lab_dir =~ ^[A-Za-z0-9/._-]+$ && $lab_dir != / ]] ||
  usage_error "PLIMSOLL_LAB_DIR may have letters, digits and /._- only, not '$lab_dir'"
[[ $lab_name =~ ^[A-Za-z0-9_-]+$ ]] ||
  usage_error "PLIMSOLL_LAB_NAME may have letters, digits, _ and - only, not '$lab_name'"

# A pipe nobody writes to: `read -t` on it pauses without a `sleep` process for every poll.
exec {never}<> <(:)
pause() {
  local nothing
  read -rt "$1" -u "$never" nothing || true
}

# wait_for WHAT COMMAND…: until the command succeeds; status 1 after the deadline.
wait_for() {
  local what=$1 end=$((SECONDS + deadline_s))
  shift
  until "$@"; do
    if ((SECONDS >= end)); then
      printf 'lab: gave up after %s s waiting until %s\n' "$deadline_s" "$what" >&2
      return 1
    fi
    pause 0.05
  done
}

# A pid alone may have been given to somebody else since; with its start time it may not.
process_identity() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  # shellcheck disable=SC2086 # the fields of the line
  set -- "$1" $stat
  # State Z or X: it has ended, only its parent has not looked yet.
  [[ $2 != [ZX] ]] || return 1
  printf '%s %s\n' "$1" "${21}"
}

# The pid in an identity file, if that very process still lives.
living_pid() {
  local known
  known=$(cat "$1" 2>/dev/null) || return 1
  [[ -n $known && $(process_identity "${known%% *}") == "$known" ]] || return 1
  printf '%s\n' "${known%% *}"
}

write_file() {
  printf '%s\n' "$2" >"$1.new"
  mv -f "$1.new" "$1"
}

read_file() {
  cat "$1" 2>/dev/null || printf '%s\n' "${2-}"
}

host_names() {
  local n count
  count=$(read_file "$lab_dir/count" 0)
  for ((n = 1; n <= count; n++)); do printf 'h%d\n' "$n"; done
}

host_number() { printf '%s\n' "${1#h}"; }
host_ip() { printf '10.77.0.%d\n' "$((10 + ${1#h}))"; }

require_lab() {
  [[ -e $lab_dir/net/controller ]] || die "no lab is up in $lab_dir: start one with lab.sh up N"
}

require_host() {
  require_lab
  [[ $1 =~ ^h[1-9][0-9]*$ && -d $lab_dir/$1 ]] ||
    die "no host '$1' in this lab (it has: $(host_names | paste -sd' '))"
}

# The pid of the host's PID 1 as the machine sees it.
host_pid() {
  living_pid "$lab_dir/$1/pid" || die "$1 is powered off: lab.sh boot $1"
}
