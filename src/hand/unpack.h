#pragma once

#include "hand/byte_out.h"

namespace plimsoll {

/// Unpacks what passes into another, if it is gzip or zstd by its first bytes; else passes it on.
/// Errors: malformed - it is neither in the middle; those of `next`.
class UnpackOut : public ByteOut {
 public:
  explicit UnpackOut(ByteOut* next);
  ~UnpackOut() override;
  Result<void> write(std::string_view bytes) override;
  /// Errors: malformed - it was cut off.
  Result<void> end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
