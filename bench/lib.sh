# shellcheck shell=bash
# For the benchmarks: processes of our own and their figures, waiting, and the table at the end.
# The benchmark sets `work`, a folder of its own.

started=()

die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit "${2:-1}"
}
say() { printf '%s\n' "$*" >&2; }

# A pipe nobody writes to: `read -t` on it pauses.
exec {never}<> <(:)
pause() {
  local _
  read -rt "$1" -u "$never" _ || true
}
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || die "not in time: $* ($(cat "$work"/*.log 2>/dev/null | tail -n 3))"
    pause 0.05
  done
}

# start NAME COMMAND…: runs it in the background with its output in $work/NAME.log; its id is in pid.
start() {
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 </dev/null &
  pid=$!
  started+=("$pid")
}
stop() {
  local kept=() one
  kill -TERM "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  for one in "${started[@]}"; do [[ $one == "$1" ]] || kept+=("$one"); done
  started=("${kept[@]}")
}
stop_all() {
  trap '' INT TERM HUP
  local one
  for one in "${started[@]}"; do kill -KILL "$one" 2>/dev/null || true; done
  wait 2>/dev/null || true
  [[ -z ${work-} ]] || rm -rf "$work"
}

# first_line_of NAME: what a program of ours says first, such as its port.
has_line() { [[ -s $work/$1.log ]]; }
first_line_of() {
  until_true 20 has_line "$1"
  head -n 1 "$work/$1.log"
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%s\n' "$port"
      return
    fi
  done
}

# CPU of a process in ms, user and system: /proc/PID/stat, in ticks of 10 ms.
cpu_ms() { awk '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / '"$(getconf CLK_TCK)"' }' "/proc/$1/stat"; }
# The same of all its threads in microseconds, by the scheduler's own count: for what uses little.
cpu_us() { cat /proc/"$1"/task/*/schedstat 2>/dev/null | awk '{ sum += $1 } END { printf "%d\n", sum / 1000 }'; }
rss_mib() { awk '/^VmRSS:/ { printf "%.1f\n", $2 / 1024 }' "/proc/$1/status"; }
peak_mib() { awk '/^VmHWM:/ { printf "%.1f\n", $2 / 1024 }' "/proc/$1/status"; }

calc() { awk "BEGIN { printf \"%.${2:-2}f\", $1 }"; }

# Figures are lines of TOOL FIGURE VALUE, one for each round, in $work/figures.
figure() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" | tee -a "$work/figures" >&2; }

# table FIGURE…: a row for each tool in the order of their first figure, the median and (least to
# most) of the rounds.
table() {
  awk -F '\t' -v wanted="$*" '
    function insert(list, value,   n, i, part, out, done) {
      n = split(list, part, " ")
      for (i = 1; i <= n; i++) {
        if (!done && value + 0 < part[i] + 0) { out = out value " "; done = 1 }
        out = out part[i] " "
      }
      return done ? out : out value " "
    }
    !($1 in seen) { seen[$1] = 1; order[++tools] = $1 }
    { values[$1, $2] = insert(values[$1, $2], $3) }
    END {
      n = split(wanted, columns, " ")
      row = "|"; rule = "|---|"
      for (i = 1; i <= n; i++) { name = columns[i]; gsub(/_/, " ", name); row = row " | " name; rule = rule "---|" }
      print row " |"; print rule
      for (t = 1; t <= tools; t++) {
        row = "| " order[t]
        for (i = 1; i <= n; i++) {
          m = split(values[order[t], columns[i]], v, " ")
          cell = m == 0 ? "-" : v[int((m + 1) / 2)]
          if (m > 1 && v[1] != v[m]) cell = cell " (" v[1] "–" v[m] ")"
          row = row " | " cell
        }
        print row " |"
      }
    }' "$work/figures"
}

# ratio FIGURE OURS PEER: of the medians.
ratio() {
  awk -F '\t' -v figure="$1" -v ours="$2" -v peer="$3" '
    $2 == figure && ($1 == ours || $1 == peer) { value[$1, ++count[$1]] = $3 }
    function median(tool,   n, i, j, t, v) {
      n = count[tool]
      for (i = 1; i <= n; i++) v[i] = value[tool, i]
      for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (v[j] + 0 < v[i] + 0) { t = v[i]; v[i] = v[j]; v[j] = t }
      return v[int((n + 1) / 2)]
    }
    END { if (count[ours] && count[peer] && median(peer) > 0) printf "%s / %s, %s: %.3f\n", ours, peer, figure, median(ours) / median(peer) }' \
    "$work/figures"
}

# rotated N WORD…: the words, the first N moved to the end: no tool is always the first of a round.
rotated() {
  local n=$(($1 % ($# - 1)))
  shift
  printf '%s ' "${@:n+1}" "${@:1:n}"
}

machine() {
  printf '%s, %d cores, %s; load before: %s\n' "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)" \
    "$(nproc)" "Linux $(uname -r)" "$(cut -d' ' -f1-3 /proc/loadavg)"
}
