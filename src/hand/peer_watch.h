#pragma once

#include <string>

#include "runtime/asio.h"

namespace plimsoll {

/// Ends when nobody can read our standard output any more: the SSH connection that carries it, or
/// its client, has gone. Never ends where standard output is a file. An act of the hand runs beside
/// this, so that killing the client ends the act; standard input may have ended long before.
[[nodiscard]] Task<> until_reader_has_gone();

/// Ends when standard input does. What comes in is thrown away.
[[nodiscard]] Task<> until_input_ends();

/// All of standard input. Errors: too_large, io. Blocks: until it ends.
[[nodiscard]] Result<std::string> read_input(std::size_t bytes_max = 1U << 20);

}  // namespace plimsoll
