#!/usr/bin/env bash
# Runs a command in a terminal of its own and draws what stands there as an SVG.
set -euo pipefail
export LC_ALL=C.UTF-8

usage() {
  cat <<'END'
Usage: screenshot.sh [--size COLUMNSxROWS] [--until REGEX] FILE.svg COMMAND…

Runs COMMAND in tmux (default 80x24), waits up to a minute until REGEX (default: any text) stands on
the screen, writes the screen to FILE.svg, and ends COMMAND. Empty lines at the end are cut off.

  tools/screenshot.sh --size 100x24 --until 'h1 .*[0-9] %' docs/images/top.svg build/plimsoll top

Exit status: 0 drawn, 1 it could not be, 2 wrong usage.
END
}

die() {
  printf 'screenshot.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

cell=8        # width of a character
line=18       # height of a line
margin=12
foreground='#d8dee9'
colours=('#6b7280' '#f26d6d' '#7bc98f' '#e5b567' '#6ea8fe' '#c792ea' '#56c7c7' '#d8dee9')

# apply_sgr CODES: what `ESC [ CODES m` changes.
apply_sgr() {
  local code
  for code in ${1//;/ } ${1:+end}; do
    case $code in
      0) fill=$foreground bold='' soft='' ;;
      1) bold=yes ;;
      2) soft=yes ;;
      22) bold='' soft='' ;;
      3[0-7] | 9[0-7]) fill=${colours[code % 10]} ;;
      39) fill=$foreground ;;
      *) ;;
    esac
  done
  [[ $1 ]] || { fill=$foreground bold='' soft=''; }
}

escaped() {
  local text=${1//&/&amp;}
  text=${text//</&lt;}
  printf '%s' "${text//>/&gt;}"
}

attributes() {
  printf ' fill="%s"' "$fill"
  [[ ! $bold ]] || printf ' font-weight="bold"'
  [[ ! $soft ]] || printf ' opacity=".6"'
}

# put_run COLUMN ROW TEXT: blocks as rectangles, since fonts disagree on them; the rest as text of a
# fixed length.
put_run() {
  local x=$((margin + $1 * cell)) top=$((margin + $2 * line)) width=$((${#3} * cell))
  case $3 in
    [█░]*)
      printf '<rect x="%d" y="%d" width="%d" height="%d"%s%s/>\n' "$x" "$((top + 3))" "$width" \
        "$((line - 6))" "$(attributes)" "$([[ $3 == █* ]] || printf ' fill-opacity=".22"')"
      ;;
    *[!' ']*)
      printf '<text x="%d" y="%d" textLength="%d"%s>%s</text>\n' "$x" "$((top + 13))" "$width" \
        "$(attributes)" "$(escaped "$3")"
      ;;
  esac
}

kind_of() {
  case $1 in
    [█░]) printf '%s' "$1" ;;
    ' ') printf 'blank' ;;
    *) printf 'text' ;;
  esac
}

# A line as runs of one colour and kind; single blanks stay inside a text.
draw_line() {
  local rest=$1 row=$2 run='' kind='' start=0 column=0 next now
  while [[ $rest ]]; do
    if [[ $rest =~ ^$'\e'\[([0-9\;]*)m ]]; then
      put_run "$start" "$row" "$run"
      run='' start=$column
      apply_sgr "${BASH_REMATCH[1]}"
      rest=${rest:${#BASH_REMATCH[0]}}
      continue
    elif [[ $rest =~ ^$'\e'(\(.|\[[0-9\;?]*[a-zA-Z])|^[$'\016\017'] ]]; then
      rest=${rest:${#BASH_REMATCH[0]}}
      continue
    fi
    next=${rest:0:1}
    now=$(kind_of "$next")
    if [[ $now != "$kind" && $run && ! ($now == blank && ${rest:1:1} != ' ' && $kind == text) &&
      ! ($now == text && $run == *[!' ']* && $run != [█░]*) ]]; then
      put_run "$start" "$row" "$run"
      run='' start=$column
    fi
    run+=$next kind=$now column=$((column + 1))
    rest=${rest:1}
  done
  put_run "$start" "$row" "$run"
}

# draw COLUMNS: the screen on standard input as SVG.
draw() {
  local -a lines
  local row height width=$((2 * margin + $1 * cell))
  fill=$foreground bold='' soft=''
  mapfile -t lines
  height=$((2 * margin + ${#lines[@]} * line))
  printf '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" ' \
    "$width" "$height" "$width" "$height"
  printf 'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" '
  printf 'xml:space="preserve">\n'
  printf '<rect width="100%%" height="100%%" rx="8" fill="#1b1f27"/>\n'
  for row in "${!lines[@]}"; do draw_line "${lines[row]}" "$row"; done
  printf '</svg>\n'
}

# capture SERVER REGEX: the coloured screen, once the regex stands on it.
capture() {
  local deadline=$((SECONDS + 60)) text
  while ((SECONDS < deadline)); do
    text=$(tmux -L "$1" capture-pane -p 2>/dev/null) || die "the command ended before anything was drawn"
    if grep -qE "$2" <<<"$text"; then
      # The command substitution cuts off the empty lines at the end.
      text=$(tmux -L "$1" capture-pane -e -p)
      printf '%s\n' "$text"
      return
    fi
    sleep 0.2
  done
  die "'$2' did not appear within a minute; the screen: $text"
}

main() {
  local size=80x24 until='[^ ]' file server screen
  while (($#)); do
    case $1 in
      -h | --help) usage && exit ;;
      --size) size=${2-} && shift 2 ;;
      --until) until=${2-} && shift 2 ;;
      -*) die "'$1' is not known; see screenshot.sh --help" 2 ;;
      *) break ;;
    esac
  done
  (($# >= 2)) || die "a file and a command are needed; see screenshot.sh --help" 2
  [[ $size =~ ^([0-9]+)x([0-9]+)$ ]] || die "--size is COLUMNSxROWS, not '$size'" 2
  command -v tmux >/dev/null || die "tmux is missing: run setup.sh --lab"
  file=$1
  shift
  server=plimsoll-screenshot-$$
  # shellcheck disable=SC2064
  trap "tmux -L $server kill-server 2>/dev/null || true" EXIT
  tmux -L "$server" -f /dev/null new-session -d -x "${size%x*}" -y "${size#*x}" \
    "$(printf '%q ' env LC_ALL=C.UTF-8 TERM=screen-256color "$@")" \; set -g status off
  screen=$(capture "$server" "$until")
  draw "${size%x*}" <<<"$screen" >"$file.new"
  mv "$file.new" "$file"
}

main "$@"
