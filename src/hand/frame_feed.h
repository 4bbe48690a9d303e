#pragma once

#include <memory>
#include <string>

#include "core/time.h"
#include "hand/image_stream.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Reads an image stream from a descriptor in a thread of its own, some frames ahead of whoever
/// takes them.
/// Thread: all but the reading on the executor's.
class FrameFeed {
 public:
  /// `idle`: how long nothing may come while we wait for it.
  FrameFeed(asio::any_io_executor executor, int fd, Duration idle);
  ~FrameFeed();
  FrameFeed(const FrameFeed&) = delete;
  FrameFeed& operator=(const FrameFeed&) = delete;

  /// Errors: the reader's; timeout; io - the stream ended before its end frame.
  [[nodiscard]] Task<Result<ImageFrame>> next();
  /// What the head frame said. Requires: it has been given.
  [[nodiscard]] const ImageHead& head() const;
  /// Bytes that have come, as they came.
  [[nodiscard]] Bytes received() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plimsoll
