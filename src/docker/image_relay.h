#pragma once

#include <functional>

#include "docker/engine.h"

namespace plimsoll {

/// Told while data flows: bytes that have passed so far.
using Progress = std::function<void(Bytes)>;

/// Sends an image from one engine to another through this process, never through its disk: what
/// the one saves the other loads, with at most a few chunks in between.
/// Gives the bytes that passed. Errors: those of save and load; timeout - neither side moved for
/// `idle`.
[[nodiscard]] Task<Result<Bytes>> relay_image(Engine* from, Engine* to, std::string image,
                                              Duration idle, Progress progress);

}  // namespace plimsoll
