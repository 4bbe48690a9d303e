#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

/// Whether these bytes begin an HTTP/1.1 request.
[[nodiscard]] bool begins_request(std::string_view bytes);

/// Takes requests that only look out of a stream of bytes.
class LookFilter {
 public:
  /// What may be passed on now: whole request heads; the rest waits for more bytes.
  /// Errors: refused - the request is none that only looks; malformed; too_large.
  [[nodiscard]] Result<std::string> feed(std::string_view bytes);

 private:
  std::string held_;
};

}  // namespace plimsoll
