# Holds every include of src/ against the table of docs/architecture.md, and the table against what
# each module's CMakeLists.txt names. Give it the page first, then CMakeLists.txt files and sources.
# Prints FILE:LINE: what is wrong.

function complain(what) {
  printf "%s:%d: %s\n", FILENAME, FNR, what
  found = 1
}

function module_of(path,   parts) { return split(path, parts, "/") > 2 && parts[1] == "src" ? parts[2] : "" }

FNR == 1 {
  module = module_of(FILENAME)
  if (module != "" && !(module in row)) complain("module '" module "' is not in the table of " page)
  in_depends = 0
}

# | `name` | what it is | uses |
NR == FNR {
  page = FILENAME
  if ($0 !~ /^\| *`[a-z]+` *\|/) next
  split($0, cell, "|")
  name = cell[2]
  gsub(/[ `]/, "", name)
  row[name] = FNR
  gsub(/[`,]/, " ", cell[4])
  n = split(cell[4], used, " ")
  for (i = 1; i <= n; i++) if (used[i] != "nothing") {
    if (!(used[i] in row)) complain("'" name "' uses '" used[i] "', which stands below it")
    uses[name, used[i]] = 1
  }
  next
}

FILENAME ~ /CMakeLists\.txt$/ {
  line = $0
  if (line ~ /plimsoll_unit_test/) in_depends = 0
  if (sub(/.*DEPENDS/, "", line)) in_depends = 1
  if (!in_depends) next
  n = split(line, words, /[ ()]+/)
  for (i = 1; i <= n; i++) {
    if (words[i] ~ /^[A-Z]+$/) { in_depends = 0; break }
    if (words[i] in row && !((module, words[i]) in uses))
      complain("links '" words[i] "', which the table of " page " does not allow '" module "' to use")
  }
  if ($0 ~ /\)$/) in_depends = 0
  next
}

module != "" && /^#include "[a-z]+\// {
  split($0, parts, /["\/]/)
  target = parts[2]
  if (target == module || (target == "support" && FILENAME ~ /_test\.cpp$|_conformance\.h$/)) next
  if (!((module, target) in uses))
    complain("includes '" target "', which the table of " page " does not allow '" module "' to use")
}

END { exit found }
