#pragma once

#include <boost/asio.hpp>

#include "core/result.h"

namespace plimsoll {

namespace asio = boost::asio;

/// A coroutine that gives a T. Expected failures come back as Result, never as exceptions.
template <class T = void>
using Task = asio::awaitable<T>;

}  // namespace plimsoll
