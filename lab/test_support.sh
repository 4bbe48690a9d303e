# shellcheck shell=bash
# For tests that use the lab: waiting, comparing, running test functions, and the proof that a lab
# which is down has left nothing. The test sets `work` (a folder) and `state` (the lab's folder).

lab_script=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lab.sh
passed=0
failed=0

lab() { "$lab_script" "$@"; }
docker_on() { lab exec "$1" docker "${@:2}"; }
note() { printf '  %s\n' "$*" >&2; }

# A pipe nobody writes to: `read -t` on it pauses.
exec {never}<> <(:)
until_true() {
  local seconds=$1 end=$((SECONDS + $1)) nothing
  shift
  until "$@"; do
    if ((SECONDS >= end)); then
      note "not within $seconds s: $*"
      return 1
    fi
    read -rt 0.01 -u "$never" nothing || true
  done
}

equal() {
  [[ $1 == "$2" ]] || {
    note "expected '$2', got '$1'"
    return 1
  }
}

# within LOW VALUE HIGH
within() {
  awk -v low="$1" -v value="$2" -v high="$3" 'BEGIN { exit !(value >= low && value <= high) }' || {
    note "$2 is not within $1 and $3"
    return 1
  }
}

fails() {
  if "$@" >/dev/null 2>&1; then
    note "should have failed: $*"
    return 1
  fi
}

# fails_with TEXT COMMAND…: it fails and says so.
fails_with() {
  local text=$1 out
  shift
  if out=$("$@" 2>&1); then return 1; fi
  grep -q "$text" <<<"$out"
}

# A script in the agent's place.
stand_in_agent() {
  printf '#!/bin/sh\n%s\n' "$1" >"$work/agent"
  chmod 0755 "$work/agent"
}

# Not inside a condition: there `set -e` would be off, and a test could fail without notice.
run() {
  local code since=$SECONDS
  set +e
  (
    set -e
    "$1"
  )
  code=$?
  set -e
  if ((code == 0)); then
    passed=$((passed + 1))
    printf 'ok %s (%d s)\n' "$1" $((SECONDS - since))
  else
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$1"
  fi
}

finish_tests() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

# Sets the caller's `pid`. Disowned, or bash would report each kill.
start_in_background() {
  "$lab_script" "$@" >/dev/null 2>&1 &
  pid=$!
  disown "$pid"
}

cannot_run() {
  printf 'the lab cannot run here: %s\n' "$1" >&2
  rm -rf "$work"
  if [[ ${PLIMSOLL_REQUIRE_LAB-} == 1 ]]; then
    printf 'FAIL requirements\n0 passed, 1 failed\n'
    exit 1
  fi
  printf '0 passed, 0 failed\n'
  exit 77
}

# begin_tests TOOL…: what a test of the lab needs is there. At its end the lab is down and, where
# something failed, what was said last is shown.
begin_tests() {
  [[ $(id -u) == 0 ]] || cannot_run "root is needed"
  require_tools "$@"
  [[ -x ${plimsoll:?} ]] || cannot_run "there is no $plimsoll"
  state=$PLIMSOLL_LAB_DIR
  machine_snapshot >"$work/before"
  trap end_tests EXIT
}
# shellcheck disable=SC2317  # called by trap
end_tests() {
  local log
  trap - EXIT
  "$lab_script" down >/dev/null 2>&1 || true
  if ((failed > 0)); then
    for log in up.log said out error; do
      [[ ! -s $work/$log ]] || { printf -- '--- %s\n' "$log" && tail -n 60 "$work/$log"; } >&2
    done
  fi
  rm -rf "$work"
}

down_leaves_nothing() {
  remember
  lab down
  nothing_of_lab
}

require_tools() {
  local tool
  for tool in "$@"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || cannot_run "no $tool"
  done
}

hierarchies() { awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/self/mounts | sort -u; }

slice_file() {
  local root
  for root in $(hierarchies); do
    if [[ -e $root/$PLIMSOLL_LAB_NAME/$1/$2 ]]; then
      cat "$root/$PLIMSOLL_LAB_NAME/$1/$2"
      return
    fi
  done
  return 1
}

machine_snapshot() {
  ip -o link | awk '{ print $2 }' | sort
  iptables-save 2>/dev/null | grep -v '^#' || true
}

# Namespaces and processes of the lab that is up, to be looked for when it is down.
remember() {
  local pid link
  # Those of switch and controller have no process of their own, only a file.
  stat -Lc 'net:[%i]' "$state"/net/* >"$work/namespaces" 2>/dev/null || true
  cat "$state"/h*/pid >"$work/pids" 2>/dev/null || true
  while read -r pid _; do
    for link in "/proc/$pid"/ns/{mnt,pid,uts,ipc,net}; do
      readlink "$link" >>"$work/namespaces" || true
    done
  done <"$work/pids"
}

# A process that ended but was not yet reaped (by somebody else's parent) still shows its pid
# namespace, though it holds nothing.
living_namespaces() {
  local pid
  grep -Ls '^State:.Z' /proc/[0-9]*/status | cut -d/ -f3 | while read -r pid; do
    printf '%s\n' "/proc/$pid"/ns/{mnt,pid,uts,ipc,net}
  done | xargs readlink 2>/dev/null | sort -u
}

processes_naming() {
  local file pid
  for file in $(grep -lsF "$1" /proc/[0-9]*/cmdline || true); do
    pid=${file//[!0-9]/}
    [[ $pid == "$$" || $pid == "$BASHPID" ]] || printf '%s\n' "$pid"
  done
}

nothing_of_lab() {
  local found='' pid
  # The machine's own namespaces are of no interest; an empty pattern file matches nothing.
  grep -vxFf <(readlink /proc/self/ns/*) "$work/namespaces" >"$work/patterns" || true
  found+=$(living_namespaces | grep -xFf "$work/patterns" || true)
  found+=$(grep -F "$state" /proc/self/mountinfo || true)
  found+=$(losetup -a | grep -F "$state" || true)
  found+=$(hierarchies | xargs -I{} find {} -maxdepth 1 -name "$PLIMSOLL_LAB_NAME*")
  found+=$(ls -d "$state" 2>/dev/null || true)
  found+=$(diff <(machine_snapshot) "$work/before" || true)
  for pid in $(processes_naming "$state"); do
    found+=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")
  done
  [[ -z $found ]] || {
    note "left over: $found"
    return 1
  }
}

