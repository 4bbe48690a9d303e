#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hand/byte_out.h"

namespace plimsoll {

/// What stands at the head of an image on its way (docs/formats/image_stream.md).
struct ImageHead {
  std::string config_digest;  ///< Docker's own store calls the image so.
  std::vector<std::string> tags;
  std::string architecture, os;
  std::size_t first = 0;  ///< The lowest layer that is sent.
  std::vector<std::string> diff_ids;
  std::vector<std::optional<Bytes>> sizes;  ///< Of the layers' tars; those sent are known.
};

enum class FrameKind : char {
  head = 'H',
  config = 'C',
  layer = 'L',  ///< The next layer begins; they come in order.
  data = 'D',
  layer_end = 'E',
  end = 'Z',
};

struct ImageFrame {
  FrameKind kind = FrameKind::end;
  std::string payload;
};

inline constexpr std::size_t frame_bytes_max = 8 * mib;

/// Writes an image in frames. The order is the caller's: head, config, then of each layer from
/// `first` on layer, data and end, then end.
class ImageStreamWriter {
 public:
  explicit ImageStreamWriter(ByteOut* out) : out_(out) {}
  [[nodiscard]] Result<void> head(const ImageHead& head);
  [[nodiscard]] Result<void> frame(FrameKind kind, std::string_view payload = {});
  /// A layer is over: what has been written goes on its way.
  [[nodiscard]] Result<void> end_layer();

 private:
  ByteOut* out_;
};

/// Finds the frames in bytes that come in pieces of any size, packed by zstd or not, and holds them
/// against the order and the sizes that the head says. Never gives more than the head promised.
class ImageStreamReader {
 public:
  ImageStreamReader();
  ~ImageStreamReader();
  ImageStreamReader(const ImageStreamReader&) = delete;
  ImageStreamReader& operator=(const ImageStreamReader&) = delete;

  void add(std::string_view bytes);
  /// The next whole frame; nothing until more bytes are added.
  /// Errors: malformed - also where zstd finds no sense in them; too_large.
  [[nodiscard]] Result<std::optional<ImageFrame>> next();
  /// Whether the end frame has been given: nothing is missing.
  [[nodiscard]] bool whole() const;
  /// Requires: the head frame has been given.
  [[nodiscard]] const ImageHead& head() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Errors: malformed - a head that no image can have.
[[nodiscard]] Result<ImageHead> parse_image_head(std::string_view json);

}  // namespace plimsoll
