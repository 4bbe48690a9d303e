#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "runtime/deadline.h"

namespace plimsoll {

/// Answers up to this are read on the loop: a few milliseconds. Ours.
inline constexpr std::size_t read_at_once_max = 256U << 10;

/// What `read(text)` gives: of a long text it is asked on `pool`, so that the loop goes on.
/// Requires: `read` owns what it needs, and `pool` outlives the task.
template <class Read>
[[nodiscard]] Task<std::invoke_result_t<Read, const std::string&>> read_aside(
    asio::thread_pool* pool, std::string text, Read read) {
  if (text.size() <= read_at_once_max) co_return read(text);
  auto work = [text = std::move(text), read = std::move(read)] { return read(text); };
  co_return co_await run_blocking(*pool, std::move(work));
}

}  // namespace plimsoll
