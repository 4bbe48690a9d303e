#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hand/image_stream.h"

namespace plimsoll {

/// The archives that `docker load` is given: in the layout that Docker 26 writes (blobs/,
/// index.json, manifest.json), which the overlay2 store of 20.10 and 26 and containerd's store all
/// read, and of which the blobs of layers that are there already may be missing (FACTS 2).
///
/// A file of an archive: what stands before its bytes, and behind them.
[[nodiscard]] std::string tar_head(std::string_view name, std::uint64_t bytes);
[[nodiscard]] std::string tar_padding(std::uint64_t bytes);

/// Where the bytes of a layer or document stand in the archive.
[[nodiscard]] std::string blob_name(std::string_view digest);

/// Its value is the move's id.
inline constexpr const char* holder_label = "plimsoll.move.id";

/// An image of the lowest `layers` layers of `head`, without a name, that holds them for a move.
[[nodiscard]] std::string holder_config(const ImageHead& head, std::size_t layers,
                                        const std::string& move);

/// What ends an archive whose layers have been written: configuration, manifests, and the end.
/// `layers`: of how many layers the image is.
[[nodiscard]] std::string archive_tail(const ImageHead& head, std::size_t layers,
                                       const std::string& config,
                                       const std::vector<std::string>& tags);

/// "app:1" as containerd calls it: "docker.io/library/app:1".
[[nodiscard]] std::string full_image_name(const std::string& tag);

}  // namespace plimsoll
