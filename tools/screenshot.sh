#!/usr/bin/env bash
# Runs a command in a terminal of its own and draws what stands there as an SVG.
set -euo pipefail
export LC_ALL=C.UTF-8

usage() {
  cat <<'END'
Usage: screenshot.sh [--size COLUMNSxROWS] [--until REGEX] [--keys KEYS --then REGEX] FILE COMMAND…

Runs COMMAND in tmux (default 80x24), waits up to a minute until REGEX (default: any text) stands on
the screen, writes the screen to FILE, and ends COMMAND. FILE is an .svg, or a .png where
rsvg-convert (librsvg2-bin) is there. Empty lines at the end are cut off. --keys: keys as
tmux names them, pressed then; the screen is taken once --then's REGEX stands on it.

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
background='#1b1f27'
basic=('#3b4252' '#f26d6d' '#7bc98f' '#e5b567' '#6ea8fe' '#c792ea' '#56c7c7' '#d8dee9'
  '#6b7280' '#ff8a8a' '#98e0aa' '#f5cd85' '#93c0ff' '#d9aef5' '#7fe0e0' '#ffffff')

# colour_of N: leaves the colour N of 256 in `colour`.
colour_of() {
  local n=$1 levels=(0 95 135 175 215 255)
  if ((n < 16)); then
    colour=${basic[n]}
  elif ((n < 232)); then
    n=$((n - 16))
    printf -v colour '#%02x%02x%02x' "${levels[n / 36]}" "${levels[n / 6 % 6]}" "${levels[n % 6]}"
  else
    printf -v colour '#%02x%02x%02x' $((8 + (n - 232) * 10)){,,}
  fi
}

plain_style() { ink='' paper='' bold='' soft='' reverse=''; }

# apply_sgr CODES: what `ESC [ CODES m` changes.
apply_sgr() {
  local -a codes
  local i colour
  IFS=';' read -ra codes <<<"${1:-0}"
  for ((i = 0; i < ${#codes[@]}; i++)); do
    case ${codes[i]} in
      0 | '') plain_style ;;
      1) bold=yes ;;
      2) soft=yes ;;
      7) reverse=yes ;;
      22) bold='' soft='' ;;
      27) reverse='' ;;
      3[0-7]) ink=${basic[codes[i] - 30]} ;;
      9[0-7]) ink=${basic[codes[i] - 82]} ;;
      4[0-7]) paper=${basic[codes[i] - 40]} ;;
      10[0-7]) paper=${basic[codes[i] - 92]} ;;
      38) colour_of "${codes[i + 2]}" && ink=$colour && i=$((i + 2)) ;;
      48) colour_of "${codes[i + 2]}" && paper=$colour && i=$((i + 2)) ;;
      39) ink='' ;;
      49) paper='' ;;
    esac
  done
}

# width_of CHARACTER: leaves its columns in `width`.
width_of() {
  local point
  printf -v point '%d' "'$1"
  width=1
  if ((point >= 0x1100 && point <= 0x115f || point >= 0x2e80 && point <= 0xa4cf ||
    point >= 0xac00 && point <= 0xd7a3 || point >= 0xf900 && point <= 0xfaff ||
    point >= 0xff00 && point <= 0xff60 || point >= 0x1f300)); then width=2; fi
}

rectangle() {
  printf '<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>\n' "$@"
}

put_text() {
  local text=${3//&/&amp;} extra=''
  text=${text//</&lt;}
  [[ ! $bold ]] || extra+=' font-weight="bold"'
  [[ ! $soft ]] || extra+=' opacity=".6"'
  printf '<text x="%d" y="%d" textLength="%d" fill="%s"%s>%s</text>\n' "$1" "$(($2 + 13))" \
    "$4" "$fill" "$extra" "${text//>/&gt;}"
}

# put_block X TOP CHARACTER: blocks and lines as rectangles, since fonts disagree on them.
put_block() {
  local eighths='▏▎▍▌▋▊▉█' before
  case $3 in
    │) rectangle $(($1 + 3)) "$2" 2 $line "$fill" ;;
    *)
      before=${eighths%%"$3"*}
      rectangle "$1" "$2" $((${#before} + 1)) $line "$fill"
      ;;
  esac
}

# put_run TEXT: what stands in one style, at `column` and `row`; moves `column` on.
put_run() {
  local text=$1 x top=$((margin + row * line)) part width total=0 fill under i
  fill=${ink:-$foreground} under=$paper
  [[ ! $reverse ]] || { under=$fill fill=${paper:-$background}; }
  x=$((margin + column * cell))
  if [[ $text == *[!\ -~]* ]]; then
    for ((i = 0; i < ${#text}; i++)); do width_of "${text:i:1}" && total=$((total + width)); done
  else
    total=${#text}
  fi
  [[ ! $under ]] || rectangle "$x" "$top" $((total * cell)) $line "$under"
  column=$((column + total))
  while [[ $text ]]; do
    part=${text%%[!\ -~]*}
    if [[ $part ]]; then
      width=${#part}
      [[ $part != *[!\ ]* ]] || put_text "$x" "$top" "$part" $((width * cell))
    else
      part=${text:0:1}
      width_of "$part"
      case $part in
        [▏▎▍▌▋▊▉█│]) put_block "$x" "$top" "$part" ;;
        *) put_text "$x" "$top" "$part" $((width * cell)) ;;
      esac
    fi
    x=$((x + width * cell))
    text=${text:${#part}}
  done
}

# A line as runs of one style.
draw_line() {
  local rest=$1 row=$2 column=0 run
  while [[ $rest ]]; do
    if [[ $rest =~ ^$'\e'\[([0-9\;]*)m ]]; then
      apply_sgr "${BASH_REMATCH[1]}"
      rest=${rest:${#BASH_REMATCH[0]}}
    elif [[ $rest =~ ^$'\e'(\(.|\[[0-9\;?]*[a-zA-Z])|^[$'\016\017'] ]]; then
      rest=${rest:${#BASH_REMATCH[0]}}
    else
      run=${rest%%[$'\e\016\017']*}
      put_run "$run"
      rest=${rest:${#run}}
    fi
  done
}

# draw COLUMNS: the screen on standard input as SVG.
draw() {
  local -a lines
  local row height width=$((2 * margin + $1 * cell))
  plain_style
  mapfile -t lines
  height=$((2 * margin + ${#lines[@]} * line))
  printf '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" ' \
    "$width" "$height" "$width" "$height"
  printf 'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" '
  printf 'xml:space="preserve" shape-rendering="crispEdges">\n'
  printf '<rect width="100%%" height="100%%" rx="8" fill="%s"/>\n' "$background"
  for row in "${!lines[@]}"; do draw_line "${lines[row]}" "$row"; done
  printf '</svg>\n'
}

# The blanks of a row have a style; rows at the end without anything are left out.
cut_empty_lines() { awk '{ line[NR] = $0 } !/^ *$/ { last = NR } END { for (i = 1; i <= last; i++) print line[i] }'; }

# capture SERVER REGEX: the coloured screen, once the regex stands on it.
capture() {
  local deadline=$((SECONDS + 60)) text
  while ((SECONDS < deadline)); do
    text=$(tmux -L "$1" capture-pane -p 2>/dev/null) || die "the command ended before anything was drawn"
    if grep -qE "$2" <<<"$text"; then
      text=$(tmux -L "$1" capture-pane -e -p -N | cut_empty_lines)
      printf '%s\n' "$text"
      return
    fi
    sleep 0.2
  done
  die "'$2' did not appear within a minute; the screen: $text"
}

# write_picture FILE COLUMNS: the screen on standard input.
write_picture() {
  case $1 in
    *.png)
      command -v rsvg-convert >/dev/null || die "rsvg-convert is missing: apt-get install librsvg2-bin"
      draw "$2" | rsvg-convert -f png -o "$1.new"
      ;;
    *) draw "$2" >"$1.new" ;;
  esac
  mv "$1.new" "$1"
}

main() {
  local size=80x24 until='[^ ]' after='' file server screen
  local -a keys=()
  while (($#)); do
    case $1 in
      -h | --help) usage && exit ;;
      --size) size=${2-} && shift 2 ;;
      --until) until=${2-} && shift 2 ;;
      --keys) read -ra keys <<<"${2-}" && shift 2 ;;
      --then) after=${2-} && shift 2 ;;
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
  if ((${#keys[@]})); then
    tmux -L "$server" send-keys "${keys[@]}"
    screen=$(capture "$server" "${after:-$until}")
  fi
  write_picture "$file" "${size%x*}" <<<"$screen"
}

main "$@"
