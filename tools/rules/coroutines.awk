# g++ 12 miscompiles a co_await inside an initialiser's braces or a condition, and braces inside a
# co_await expression: aggregates and lambdas with captures are freed twice. Prints FILE:LINE: what
# is wrong. Let pass is what cannot be: see harmless() and this_coro, which never suspends.
# Reads whole files as a stream of characters; knows comments, strings and raw strings.

function complain(line, what) {
  printf "%s:%d: %s\n", file, line, what
  found = 1
}

# A brace opens a block after `)`, `;`, a brace or the start, after the words of a declaration, and
# after a trailing return type; else an initialiser.
function opens_block(before) {
  if (before ~ /[);{}]$/ || before == "") return 1
  if (before ~ /(^|[^A-Za-z0-9_])(else|do|try|const|noexcept|override|final|mutable)$/) return 1
  if (before ~ /^(export |inline |template <.*> )*(namespace|class|struct|union|enum|extern)( |$)/) return 1
  if (before ~ /\)( (const|noexcept|mutable))* -> [^;()]*$/) return 1
  if (before ~ /\]$/) return before !~ /[A-Za-z0-9_\]] *\[[^\[\]]*\]$/
  return 0
}

# Values without a destructor, a string (it has a constructor), a lambda that captures nothing.
function harmless(before) {
  return before ~ /(^|[^A-Za-z0-9_])(Duration|std::string)$/ || before ~ /async_send\($/ || before ~ /[(, ]\[\](\([^()]*\))?$/
}

function word(text, line, rest,   i) {
  if (text != "co_await" || rest ~ /^ (asio::)?this_coro/) return
  if (depth > 0 && kind[depth] == "init")
    complain(line, "co_await inside an initialiser's braces: give it a line of its own first")
  for (i = depth; i > 0 && kind[i] != "block" && kind[i] != "init"; i--)
    if (kind[i] == "condition") {
      complain(line, "co_await inside a condition: give it a line of its own first")
      break
    }
  awaiting = line
  await_depth = depth
}

function open_brace(line) {
  if (awaiting && !harmless(statement)) {
    complain(awaiting, "a brace inside a co_await expression: name it on a line of its own first")
    awaiting = 0
  }
  if (opens_block(statement)) {
    kind[++depth] = "block"
    saved[depth] = ""
  } else {
    kind[++depth] = "init"
    saved[depth] = statement
  }
  statement = (kind[depth] == "block") ? "" : statement "{"
}

function open_parenthesis() {
  depth++
  kind[depth] = statement ~ /(^|[^A-Za-z0-9_])(if|if constexpr|while|switch) ?$/ ? "condition" : "parenthesis"
  saved[depth] = ""
  statement = statement "("
}

function close_one(character) {
  if (depth == 0) return
  if (awaiting && depth <= await_depth) awaiting = 0
  if (kind[depth] == "block") statement = ""
  else statement = statement character
  depth--
}

function scan(text,   n, i, c, two, token, line) {
  n = length(text)
  line = 1
  token = ""
  statement = ""
  depth = awaiting = 0
  for (i = 1; i <= n; i++) {
    c = substr(text, i, 1)
    two = substr(text, i, 2)
    if (c ~ /[A-Za-z0-9_]/) {
      token = token c
      continue
    }
    if (token != "") {
      if (c == "\"" && token ~ /R$/) {
        i = skip_raw(text, i)
        line += newlines
        statement = statement "s"
        token = ""
        continue
      }
      if (c == "'" && token ~ /^[0-9]/) continue
      word(token, line, substr(text, i, 20))
      statement = statement token
      token = ""
    }
    if (two == "//") {
      while (i <= n && substr(text, i, 1) != "\n") i++
      line++
      if (statement !~ / $/ && statement != "") statement = statement " "
      continue
    }
    if (two == "/*") {
      for (i += 2; i <= n && substr(text, i, 2) != "*/"; i++) line += substr(text, i, 1) == "\n"
      i++
      continue
    }
    if (c == "#" && at_line_start(text, i)) {
      for (; i <= n && substr(text, i, 1) != "\n"; i++)
        if (substr(text, i, 2) == "\\\n") { i++; line++ }
      line++
      continue
    }
    if (c == "\"" || c == "'") {
      for (i++; i <= n && substr(text, i, 1) != c; i++) if (substr(text, i, 1) == "\\") i++
      statement = statement "s"
      continue
    }
    if (c == "\n") line++
    if (c ~ /[ \t\n]/) {
      if (statement !~ / $/ && statement != "") statement = statement " "
      continue
    }
    if (c == "{") { sub(/ +$/, "", statement); open_brace(line) }
    else if (c == "(") { sub(/ +$/, "", statement); open_parenthesis() }
    else if (c == "}" || c == ")") close_one(c)
    else if (c == ";" && kind[depth] != "parenthesis" && kind[depth] != "condition") {
      statement = ""
      awaiting = 0
    } else statement = statement c
  }
}

function at_line_start(text, i) {
  for (i--; i > 0; i--) {
    if (substr(text, i, 1) == "\n") return 1
    if (substr(text, i, 1) !~ /[ \t]/) return 0
  }
  return 1
}

# The position of the quote that ends R"tag(…)tag"; counts the lines in `newlines`.
function skip_raw(text, i,   tag, rest, end, body) {
  rest = substr(text, i + 1)
  tag = substr(rest, 1, index(rest, "(") - 1)
  end = index(rest, ")" tag "\"")
  body = substr(rest, 1, end)
  newlines = gsub(/\n/, "", body)
  return i + end + length(tag) + 1
}

FNR == 1 && NR > 1 { scan(whole); whole = "" }
FNR == 1 { file = FILENAME }
{ whole = whole $0 "\n" }
END { scan(whole); exit found }
