#!/usr/bin/env bash
# `plimsoll top` in a real terminal (tmux): every key, sizes, colours, hostile names, and that the
# terminal is given back whatever ends it.
# Usage: top_test.sh [PLIMSOLL [TEST…]]
set -u -o pipefail
export LC_ALL=C.UTF-8
unset NO_COLOR COLORTERM PLIMSOLL_CONFIG TMUX

plimsoll=$(realpath "${1:-build/plimsoll}")
work=$(mktemp -d)
server=plimsoll-top-$$
agent=''
passed=0
failed=0

tm() { tmux -L "$server" -f /dev/null "$@"; }
cleanup() {
  tm kill-server 2>/dev/null
  [[ ! $agent ]] || kill "$agent" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 143' INT TERM HUP

note() { printf '  %s\n' "$*" >&2; }

exec {never}<> <(:)
until_true() {
  local end=$((SECONDS + 10)) _
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    read -rt 0.03 -u "$never" _ || true
  done
}

# open SIZE [VARIABLE=VALUE …] -- ARGUMENTS…: plimsoll top in a terminal of that size, started by a
# shell that then says how it ended and what became of the terminal.
open() {
  local size=$1 command
  local -a variables=()
  shift
  while [[ $1 != -- ]]; do variables+=("$1") && shift; done
  shift
  rm -f "$work"/{pid,ended,typed}
  printf -v command '%q ' env TERM=screen-256color "${variables[@]}" \
    sh -c "echo \$\$ >pid.new && mv pid.new pid && exec \"\$@\"" sh "$plimsoll" top "$@"
  tm kill-session -t t 2>/dev/null
  tm new-session -d -s t -x "${size%x*}" -y "${size#*x}" -c "$work" \
    "stty -g >before; $command 2>error; echo \$? >code; stty -g >after; echo ended >ended; exec cat >typed" \
    \; set -g status off
}
screen() { tm capture-pane -p -t t; }
coloured() { tm capture-pane -p -e -t t; }
has() { screen | grep -qE -- "$1"; }
lacks() { ! has "$1"; }
shows() {
  until_true has "$1" || { note "the screen never showed '$1':"; screen >&2; return 1; }
}
hides() {
  until_true lacks "$1" || { note "the screen still shows '$1':"; screen >&2; return 1; }
}
press() { tm send-keys -t t "$@"; }
resize() { tm resize-window -t t -x "${1%x*}" -y "${1#*x}"; }
state() { tm display-message -p -t t "$1"; }
is() {
  [[ $1 == "$2" ]] || { note "'$1' is not '$2'${3:+: $3}"; return 1; }
}
ended() { [[ -e $work/ended ]]; }

# The terminal is as before: not the alternate screen, cursor and wrapping on, the same modes.
restored() {
  until_true ended || { note 'it did not end'; return 1; }
  is "$(state '#{alternate_on} #{cursor_flag} #{wrap_flag}')" '0 1 1' &&
    is "$(<"$work/after")" "$(<"$work/before")"
}
exits() { restored && is "$(<"$work/code")" "$1" 'exit code'; }
rows_are_no_wider_than() {
  (($(screen | wc -L) <= $1)) || { note "wider than $1"; return 1; }
}
# The only row that the cursor's mark stands before.
chosen() { screen | sed -n 's/^▸ [^ ]* *\([^ ]*\).*/\1/p'; }
chooses() {
  until_true eval "[[ \$(chosen) == '$1' ]]" || { note "chosen is '$(chosen)', not '$1'"; return 1; }
}

# ---- what there is to see: a store with 60 recorded hosts, one hostile live one, a journal

record() {
  printf '{"host":"10.0.0.%d","time":"Fri Jul 28 19:%02d:04 2023","cpu_percent":%s,"vm_percent":%d,' \
    "$1" "$2" "$3" $((20 + $1 % 50))
  printf '"vm_used":500,"vm_free":500,"storage_percent":40,"storage_used":40,"storage_free":60,'
  printf '"containers":[{"id":"%012d","cpu_usage":5,"memory_usage":9000000,"nw_usage":7,"cpu_per":3,"mem_per":1,"nw":2},' "$1"
  printf '{"id":"a%011d","cpu_usage":5,"memory_usage":1000000,"nw_usage":7,"cpu_per":9,"mem_per":1,"nw":2}]}' "$1"
}
make_fleet() {
  local i minute
  {
    echo name,ip,zone,port
    for ((i = 1; i <= 60; i++)); do printf 'edge-%02d,10.0.0.%d,%s,1\n' "$i" "$i" "z$((i % 3))"; done
    echo '数据库-主机,10.0.0.61,z0,1'
    echo 'gone,10.9.9.9,z1,1'
  } >"$work/host.csv"
  for minute in {7..17}; do
    printf '['
    for ((i = 1; i <= 61; i++)); do
      ((i == 1)) || printf ','
      case $i in
        7) record "$i" "$minute" 97.5 ;;
        8) record "$i" "$minute" 78 ;;
        *) record "$i" "$minute" $((i % 40)) ;;
      esac
    done
    printf ']'
  done >"$work/sample.json"
  # So long an interval and window keep the recorded hosts fresh for the time of this test.
  printf '[monitor]\ninterval = "60s"\n[orchestrator]\nwindow = "10m"\nevaluate_every = "60s"\n' >"$work/plimsoll.toml"
  (cd "$work" && "$plimsoll" replay --now sample.json && "$plimsoll" history) >/dev/null
}

# A move of each kind, as the journal keeps them.
make_moves() {
  python3 - "$work/data/journal.db" <<'END'
import json, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
now = int(time.time() * 1000)
def move(id, container, to, state, final, began, ended, error):
    row = {"id": id, "container": container, "from_host": "edge-07", "to_host": to,
           "strategy": "cold", "reason": "because", "state": state, "reached": "", "final": final,
           "epoch": 1, "created": now - began, "finished": now - ended if ended else 0,
           "predicted_bytes": 120 << 20, "predicted_transfer_s": 9.0, "predicted_downtime_s": 1.5,
           "demand_cpu": 1, "demand_memory": 1, "demand_storage": 1, "bytes": 40 << 20,
           "transfer_s": 4.0, "downtime_s": 0.9, "error": error, "predicted_image_bytes": 0,
           "details": json.dumps({"undoes": "", "rounds": [], "members": [
               {"container": container, "source_id": "", "copy_id": "", "restart_policy": "no",
                "restart_retries": 0}]})}
    db.execute("INSERT INTO moves (%s) VALUES (:%s)" % (", ".join(row), ", :".join(row)), row)
move("aaaaaaaaaaaa", "crunch", "edge-02", "ImageStaged", 0, 12000, 0, "")
move("bbbbbbbbbbbb", "web", "edge-03", "Planned", 0, 5000, 0, "")
move("cccccccccccc", "db", "edge-04", "RolledBack", 1, 60000, 40000, "edge-04: no space left")
move("dddddddddddd", "old", "edge-05", "Cleaned", 1, 9000000, 8000000, "")
db.execute("INSERT INTO steps VALUES ('aaaaaaaaaaaa', 1, 'stage image', ?, NULL, 0, ?)",
           (now - 9000, "52 MiB of ~120 MiB, 5.8 MiB/s, 12 s left"))
db.commit()
END
}

# Kept as it is served: an agent that tells names made to take over a terminal.
hostile_name=$'x\u202eevil'
hostile_image=$'img\u001b]0;OWNED\u0007\u001b[2J\u009b31mRED'
make_hostile_host() {
  mkdir -p "$work/agent/v1"
  # shellcheck disable=SC2028
  python3 - "$work/agent/v1/telemetry" "$hostile_name" "$hostile_image" <<'END'
import json, sys, time
containers = [{"id": "%064x" % 7, "name": sys.argv[2], "image": sys.argv[3], "state": "running",
               "cpu_percent": 12.5, "memory_usage": 5 << 20}]
json.dump({"version": 1, "agent_version": "0", "sampled_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 3600)),
           "interval_s": 1, "cpu": {"cores": 2, "percent": 5}, "memory": {"total": 1 << 30, "available": 1 << 29},
           "filesystems": [], "containers": containers, "warnings": []}, open(sys.argv[1], "w"))
END
  local port
  for port in $(shuf -i 20000-31999 -n 5); do
    busybox httpd -f -p "127.0.0.1:$port" -h "$work/agent" &
    agent=$!
    if until_true curl -sf "http://127.0.0.1:$port/v1/telemetry"; then break; fi
    kill "$agent" 2>/dev/null
  done
  printf 'hostile,127.0.0.1,z9,%s\n' "$port" >>"$work/host.csv"
  printf 'name,ip,port\nhostile,127.0.0.1,%s\n' "$port" >"$work/one.csv"
  (cd "$work" && exec timeout 30 "$plimsoll" --set hosts=one.csv --set monitor.interval=1s \
    --set monitor.timeout=500ms monitor >monitor.log 2>&1) &
  local monitor=$!
  until_true eval "cd '$work' && '$plimsoll' top --once --host hostile | grep -q 12.5" ||
    note "the hostile host was never stored: $(<"$work/monitor.log")"
  kill "$monitor"
  wait "$monitor" 2>/dev/null
}

# ---- the tests

hosts_stand_worst_first_with_bar_and_signs() {
  open 80x24 --
  shows 'edge-07 +█+' && has '63 hosts  62 up  1 over  1 silent' &&
    has '^▸ ! edge-07 .*│█.* 1[0-9]{2} % +97.5' && has '^  ~ edge-08 .* 9[0-9] % +78.0' &&
    has '^  \? gone +never seen' && has 'OF LINE↓' && has '^ q quit  \? help' &&
    rows_are_no_wider_than 80
}
wide_names_break_no_column() {
  open 100x70 --
  shows '数据库-主机' || return 1
  # In columns: a wide character takes two.
  screen | python3 -c '
import sys, unicodedata
marks = set()
for line in sys.stdin:
    if "│" not in line: continue
    before = line[:line.index("│")]
    marks.add(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before))
sys.exit(len(marks) != 1)' || { note 'the line is not in one column'; return 1; }
}
keys_move_the_cursor() {
  open 80x24 --
  chooses edge-07 && press j && chooses gone && press Down && chooses edge-08 && press k && press Up &&
    chooses edge-07 && press G && shows '47-63 of 63' && press Home && chooses edge-07 &&
    press NPage && hides '^▸ ! edge-07' && press PPage && chooses edge-07
}
sorting_by_key() {
  open 80x24 --
  chooses edge-07 && press N && shows 'HOST↑' && chooses edge-01 && press N && shows 'HOST↓' &&
    press M && shows 'MEM %↓' && press r && shows 'MEM %↑' && press s && shows 'DISK %↓' &&
    shows 'sort:storage' && press L && shows 'OF LINE↓'
}
filter_narrows_and_esc_clears() {
  open 80x24 --
  chooses edge-07 && press / && shows '^ /' && press 'edge-5' && shows '/edge-5 10 of 63' &&
    hides '! edge-07' && press Enter && hides 'Enter keeps' && press Escape && shows '! edge-07' &&
    press / '!edge' Enter && shows '/!edge 3 of 63' && press Escape && hides '/!edge' &&
    press / 'zone=z1' && shows ' of 63' && press C-u '^edge-0[12]$' && shows '2 of 63' &&
    press Escape && press / 'nothing(' && shows "nothing matches 'nothing\('" && press Escape &&
    shows edge-07
}
host_detail_and_back() {
  open 80x24 --
  chooses edge-07 && press Enter && shows '! edge-07  10.0.0.7  1[0-9]{2} % of its line, over it' &&
    shows 'CPU +█+' && shows 'mean 97.5, line 80' && shows 'zone=z1' && chooses a00000000007 &&
    press j && chooses 000000000007 && press N && shows 'CONTAINER↑' && press Tab &&
    shows '\? gone +10.9.9.9' && press Tab && shows '~ edge-08' && press Escape && shows '63 hosts' &&
    chooses edge-08 && press c && shows 'CONTAINER. +HOST' && press Escape && shows 'OF LINE'
}
help_and_faults_and_pause() {
  open 80x24 --
  chooses edge-07 && press '?' && shows 'any other key: back' && shows 'over its line' &&
    press Escape && shows 'OF LINE' && press f && shows FAULTS && hides 'edge-01' && press f &&
    shows 'edge-0[1-6]' && press p && shows PAUSED && press Space && hides PAUSED
}
moves_are_shown() {
  open 120x30 --
  shows 'MOVES  1 under way  1 waiting' && shows '→ crunch +edge-07 → edge-02 +ImageStaged +40 MiB of ~120 MiB.* 52 MiB of ~120 MiB, 5.8 MiB/s, 12 s left' &&
    shows '\? web .*Planned .*plimsoll approve bbbbbbbbbbbb' && shows '! db .*RolledBack .*no space left' &&
    lacks 'edge-05 +Cleaned'
}
a_silent_host_says_since_when_and_why() {
  (cd "$work" && printf 'name,ip,port\ndown,127.0.0.1,1\n' >down.csv &&
    timeout 3 "$plimsoll" --set hosts=down.csv --set monitor.interval=1s --set monitor.timeout=500ms monitor) >/dev/null 2>&1
  open 100x24 -- --set hosts=down.csv
  shows '\? down +(never seen|silent [0-9]+ s)  connect: 127.0.0.1:1: ' && press Enter && shows 'cannot connect'
}
names_do_not_command_the_terminal() {
  open 120x24 -- --host hostile
  shows 'x\?evil' && shows 'img\?]0;OWNED\?\?\[2J' || return 1
  coloured >"$work/coloured"
  ! grep -q "$(printf '\u202e')" "$work/coloured" && ! grep -q "$(printf '\u009b')" "$work/coloured" &&
    is "$(state '#{pane_title}' | grep -c OWNED)" 0 && has 'clock -36[0-9][0-9]\.[0-9] s off!' && press Escape && shows '63 hosts'
}
small_and_large_and_resized() {
  open 40x10 --
  shows '! edge-07' && rows_are_no_wider_than 40 && press '?' && shows 'j k scroll' && press q || return 1
  exits 0 || return 1
  open 200x50 --
  shows 'BUSIEST CONTAINER +ADDRESS' && shows 'edge-07 .*9.0 % a00000000007' && resize 40x10 &&
    hides ADDRESS && shows '! edge-07' && rows_are_no_wider_than 40 && resize 20x4 && shows 'edge' &&
    resize 2x1 && resize 120x40 && shows 'BUSIEST' && shows '^ q quit' && resize 80x24 && hides BUSIEST &&
    shows 'MOVES' && rows_are_no_wider_than 80 && press q && exits 0
}
colours_as_the_terminal_has_them() {
  open 80x24 --
  shows edge-07 && coloured | grep -q $'\e\[[0-9;]*38;5;203' || return 1
  open 80x24 TERM=screen --
  shows edge-07 || return 1
  coloured >"$work/coloured"
  grep -q $'\e\[[0-9;]*31m' "$work/coloured" && ! grep -q '38;5' "$work/coloured" || return 1
  open 80x24 NO_COLOR=1 --
  shows '^▸ ! edge-07' || return 1
  ! coloured | grep -qE $'\e\[[0-9;]*([349][0-7]|38)[;m]' || { note 'colours in spite of NO_COLOR'; return 1; }
}
ascii_without_a_utf8_locale() {
  open 80x24 LC_ALL=C --
  shows '^> ! edge-07 +#+\|#' && ! screen | grep -qP '[^\x00-\x7f]'
}
plain_rows_without_a_terminal() {
  open 80x24 TERM=dumb -- --filter edge-07
  until_true ended && has '^HOST +STATE +OF LINE' && is "$(<"$work/code")" 0 && is "$(state '#{alternate_on}')" 0 || return 1
  (cd "$work" && "$plimsoll" top >piped) && grep -qE '^edge-07 +over +1[0-9]+ % +97.5' "$work/piped" &&
    ! grep -q $'\e' "$work/piped"
}
flags_and_exit_codes() {
  local code
  cd "$work" || return 1
  "$plimsoll" top --once --sort name --filter '^edge-0' >rows || return 1
  is "$(awk '/^$/ { exit } /^edge/ { print $1 }' rows | tr '\n' ' ')" \
    'edge-01 edge-02 edge-03 edge-04 edge-05 edge-06 edge-07 edge-08 edge-09 ' || return 1
  is "$("$plimsoll" top --once --json --host edge-07 | jq -r '.hosts | map(.name) | join(",")')" edge-07 &&
    is "$("$plimsoll" top --json --sort cpu --filter 'zone=z1' | jq -r '.hosts[0].name')" edge-07 || return 1
  "$plimsoll" top --once --host edge-7 2>error
  code=$?
  is "$code" 1 && grep -q "no host 'edge-7'; did you mean 'edge-07'" error || return 1
  "$plimsoll" top --once --sort loudness 2>error
  code=$?
  is "$code" 2 && grep -q 'level, cpu, memory' error
}
stored_hosts_only() {
  (cd "$work" && mkdir -p stored && cd stored && printf 'name,ip\nlocal,127.0.0.1\n' >host.csv &&
    "$plimsoll" replay ../sample.json && "$plimsoll" top --stored) >"$work/rows" || return 1
  grep -q '^plimsoll  2023-07-28 19:17:04 UTC  61 hosts, 61 up' "$work/rows" && ! grep -q '^local' "$work/rows"
}
little_is_sent() {
  local before after
  open 200x50 --
  chooses edge-07 || return 1
  press p
  shows PAUSED || return 1
  tm pipe-pane -t t "cat >'$work/sent'"
  until_true test -e "$work/sent"
  before=$(stat -c %s "$work/sent")
  press j
  chooses gone || return 1
  after=$(stat -c %s "$work/sent")
  tm pipe-pane -t t
  ((after - before > 0 && after - before < 2500)) || { note "$((after - before)) bytes for one step"; return 1; }
}
quit_keys_restore() {
  local key
  for key in q C-c C-d; do
    open 80x24 --
    if ! { chooses edge-07 && press "$key" && exits 0; }; then note "by $key" && return 1; fi
  done
}
signals_restore() {
  local signal
  for signal in TERM HUP INT QUIT; do
    open 80x24 --
    if ! { chooses edge-07 && kill -"$signal" "$(<"$work/pid")" && exits 0; }; then
      note "by SIG$signal" && return 1
    fi
  done
  for signal in ABRT SEGV USR1; do
    open 80x24 --
    if ! { chooses edge-07 && kill -"$signal" "$(<"$work/pid")" && restored; }; then
      note "by SIG$signal" && return 1
    fi
    (($(<"$work/code") > 128)) || { note "SIG$signal was swallowed"; return 1; }
  done
}
ends_with_its_terminal() {
  local pid
  open 80x24 --
  chooses edge-07 && pid=$(<"$work/pid") && tm kill-session -t t || return 1
  until_true eval "! kill -0 $pid" || { note "$pid lives on without a terminal" && kill -KILL "$pid" && return 1; }
}
errors_restore() {
  open 80x24 -- --set store.kind=influxdb --set store.url=http://127.0.0.1:1
  exits 1 && grep -q '127.0.0.1:1' "$work/error"
}
suspended_and_continued() {
  tm kill-session -t t 2>/dev/null
  tm new-session -d -s t -x 80 -y 24 -c "$work" "env TERM=screen-256color PS1='ready> ' bash --norc --noprofile -i" \
    \; set -g status off
  shows 'ready>' || return 1
  press "'$plimsoll' top" Enter
  chooses edge-07 || return 1
  press C-z
  shows Stopped && is "$(state '#{alternate_on} #{cursor_flag}')" '0 1' || return 1
  press 'stty -a | grep -o " icanon\| echo "' Enter
  shows '^ icanon' && shows '^ echo' && press clear Enter 'fg' Enter && chooses edge-07 &&
    is "$(state '#{alternate_on} #{cursor_flag}')" '1 0' && press j && chooses gone && press q &&
    until_true eval "[[ \$(tmux -L $server display-message -p -t t '#{alternate_on}') == 0 ]]"
}
host_list_edits_are_seen() {
  open 80x24 -- --set hosts=live.csv
  shows '! edge-07' && sed -i '/edge-07/d' "$work/live.csv" && hides '! edge-07' && shows '62 hosts'
}

main() {
  local test
  local -a tests=("$@")
  ((${#tests[@]})) || tests=(
    hosts_stand_worst_first_with_bar_and_signs wide_names_break_no_column keys_move_the_cursor
    sorting_by_key filter_narrows_and_esc_clears host_detail_and_back help_and_faults_and_pause
    moves_are_shown a_silent_host_says_since_when_and_why names_do_not_command_the_terminal
    small_and_large_and_resized colours_as_the_terminal_has_them ascii_without_a_utf8_locale
    plain_rows_without_a_terminal flags_and_exit_codes stored_hosts_only little_is_sent
    quit_keys_restore signals_restore ends_with_its_terminal errors_restore suspended_and_continued
    host_list_edits_are_seen
  )
  for test in tmux curl jq python3 busybox; do
    command -v "$test" >/dev/null || { echo "FAIL $test is missing: run setup.sh --lab"; exit 1; }
  done
  # So that the server outlives the sessions of the tests.
  tm new-session -d -s keep 'exec cat'
  make_fleet
  make_hostile_host
  make_moves
  cp "$work/host.csv" "$work/live.csv"
  for test in "${tests[@]}"; do
    if (cd "$work" && "$test"); then
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

main "${@:2}"
