#pragma once

#include <string>

#include "hand/byte_out.h"
#include "hand/image_store.h"

namespace plimsoll {

/// Puts a layer's tar together again, bit for bit as it was when its diff id was made: headers from
/// tar-split, contents from the layer's folder. No name leads out of that folder.
/// Gives the bytes written.
///
/// Errors: not_found - a file is missing, or is not what the tar had; malformed - the tar has not
/// the digest `diff_id` (it has been written by then); those of tar-split and of `out`.
/// Blocks: on the disk and on `out`.
[[nodiscard]] Result<Bytes> write_layer_tar(const LayerFiles& layer, const std::string& diff_id,
                                            ByteOut* out);

}  // namespace plimsoll
