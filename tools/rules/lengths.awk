# Lists what has grown long: files over 350 lines, functions over 70. clang-format puts a function's
# first line at column 1, or 3 inside a class, and its closing brace in the same column.

function end_file() {
  if (last > 350) printf "%s: %d lines: more than one thing in it?\n", file, last
}

FNR == 1 { end_file(); file = FILENAME; start = body = 0 }
{ last = FNR }

!start && /^(  )?[A-Za-z~].*\(/ && !/^ *(namespace|class|struct|union|enum|extern|using|static_assert|return)/ {
  column = match($0, /[^ ]/)
  start = FNR
  body = 0
}
start && !body && /[;}]$/ { start = 0 }
start && !body && /\{$/ { body = FNR }
start && body && FNR > body && /^ *}/ && match($0, /[^ ]/) == column {
  if (FNR - start >= 70) printf "%s:%d: function of %d lines\n", FILENAME, start, FNR - start + 1
  start = 0
}

END { end_file() }
