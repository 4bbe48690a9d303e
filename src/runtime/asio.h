#pragma once

#include <boost/asio.hpp>

#include "core/result.h"

#ifdef __clang_analyzer__
// The analyzer enters a coroutine as if it were a function, without the resume() that sets what
// after_suspend() needs, and reports that as a null pointer (Boost 1.81). So it shall not look in.
template <>
void boost::asio::detail::awaitable_frame_base<boost::asio::any_io_executor>::after_suspend(
    void (*fn)(void*), void* arg);
#endif

namespace plimsoll {

namespace asio = boost::asio;

/// A coroutine that gives a T. Expected failures come back as Result, never as exceptions.
template <class T = void>
using Task = asio::awaitable<T>;

}  // namespace plimsoll
