#pragma once

#include <string>
#include <vector>

#include "hand/hand_context.h"
#include "runtime/asio.h"

namespace plimsoll {

/// `hand image-send`: exports into the standard input of a program that leads to `hand image-load`
/// at the destination: OpenSSH's client, whose words are given one by one; no shell reads them.
/// Where a file of a layer is missing it is tried once more through the engine.
/// Request: as parse_export_request, and {"command": ["ssh", …]}.
/// Result: {"export": …, "load": …}, those of image_export_act and image_load_act.
///
/// Errors: export_image's; those that image-load tells; unreachable - the program ended without a
/// result, with its last words.
[[nodiscard]] Task<Result<std::string>> image_send_act(const HandContext* context,
                                                       std::string request);

}  // namespace plimsoll
