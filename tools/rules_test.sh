#!/usr/bin/env bash
# The rules find what they are for and let pass what is right. Prints `ok NAME` or `FAIL NAME`.
set -euo pipefail

rules=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/rules
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# expect NAME EXPECTED ACTUAL
expect() {
  if [[ $2 == "$3" ]]; then
    printf 'ok %s\n' "$1"
  else
    printf "  expected '%s', got '%s'\nFAIL %s\n" "$2" "$3" "$1"
    failed=1
  fi
}

# The numbers of the lines that a rule names, on standard input's text as a.cpp.
lines_of() {
  cat >a.cpp
  { awk -f "$rules/$1.awk" a.cpp || true; } | sed -nE 's/^a\.cpp:([0-9]+):.*/\1/p' | paste -sd' '
}

expect coroutines_right_lines '' "$(
  lines_of coroutines <<'END'
namespace x {
struct Y : Z {
  Y(int a) : a_{a}, b_(2) { run(); }
  Task<> z() const noexcept { co_await g(); }
  int a_{1};
};
Task<Result<int>> f() {
  const auto a = co_await g();  // co_await {
  const char* text = R"(co_await { )"; /* co_await { */
  auto c = [this]() -> Task<> { co_await g(); };
  if (a) { co_await g(); } else co_await g();
  for (int i = 0; i < 10'000; ++i) co_await g('{');
  do { co_await sleep_for(Duration{5}); } while (a);
  switch (a) { case 1: co_await g(); break; }
  Thing thing{1, {2}};
  asio::steady_timer timer{co_await asio::this_coro::executor};
  co_await run(pool, [] { return 1; }, std::string{name});
  co_return co_await g(thing);
}
}
END
)"

expect coroutines_wrong_lines '2 3 4 5 6 7 9 11 12' "$(
  lines_of coroutines <<'END'
Task<> f() {
  co_await h(Batch{1});
  if (!co_await g()) co_return;
  Pair p{co_await g(), 2};
  const Pair q = {co_await g()};
  while (co_await g()) x();
  co_await h([this] { return 1; });
  auto v =
      co_await f(1,
                 Thing{1});
  if (const auto r = co_await g(); r) x();
  co_return Error{co_await g()};
}
END
)"

cat >page.md <<'END'
| module | what | uses |
|---|---|---|
| `core` | a | nothing |
| `move` | b | core |
| `docker` | c | core |
END
mkdir -p src/move src/other
includes_of() {
  cat >src/move/a.h
  { awk -f "$rules/includes.awk" page.md "${1:-src/move/a.h}" || true; } | sed -E 's/^([^ ]*) ([^ ]* [^ ]*).*/\1 \2/'
}
expect includes_right '' "$(printf '#include "core/a.h"\n#include "move/b.h"\n#include <x/y>\n' | includes_of)"
expect includes_wrong "src/move/a.h:2: includes 'docker'," \
  "$(printf '#include "core/a.h"\n#include "docker/b.h"\n' | includes_of)"
: >src/move/a.h
printf 'plimsoll_module(NAME move\n  SOURCES docker.cpp\n  DEPENDS core\n    docker)\n' >src/move/CMakeLists.txt
expect links_wrong "src/move/CMakeLists.txt:4: links 'docker'," "$(includes_of src/move/CMakeLists.txt </dev/null)"
echo >src/other/a.h
expect module_without_a_row "src/other/a.h:1: module 'other'" "$(includes_of src/other/a.h </dev/null)"
cat >>page.md <<'END'
| `late` | d | later |
| `later` | e | core |
END
expect row_below "page.md:6: 'late' uses" "$(includes_of </dev/null)"

expect long_function '1' "$(
  { echo 'int f(int a,'; echo '      int b) {'; seq 68 | sed 's/.*/  g();/'; echo '}'; } | lines_of lengths
)"
expect short_function '' "$(
  { echo 'int f();'; echo 'int f() {'; seq 60 | sed 's/.*/  g();/'; echo '}'; echo 'int g() {'; echo '}'; } |
    lines_of lengths
)"

exit "$failed"
