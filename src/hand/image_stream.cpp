#include "hand/image_stream.h"

#include <zstd.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/json_access.h"
#include "hand/image_chain.h"

namespace plimsoll {
namespace {

constexpr std::string_view stream_magic = "plimage1";
constexpr std::string_view zstd_magic = "\x28\xB5\x2F\xFD";
constexpr std::size_t frame_head_bytes = 5;
constexpr std::size_t tags_max = 1000;
constexpr std::uint64_t layer_bytes_max = std::uint64_t{1} << 50;

Error broken(std::string what) { return {Errc::malformed, "image stream: " + std::move(what)}; }

std::uint32_t length_at(std::string_view bytes) {
  std::uint32_t length = 0;
  for (std::size_t i = 1; i < frame_head_bytes; ++i) {
    length = (length << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return length;
}

std::string frame_head(FrameKind kind, std::size_t length) {
  std::string head(1, static_cast<char>(kind));
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>((length >> shift) & 0xffU);
  return head;
}

Result<void> read_layers(const json::value& layers, ImageHead* head) {
  const auto* array = layers.if_array();
  if (array == nullptr || array->size() > image_layers_max) return broken("no list of layers");
  for (const auto& layer : *array) {
    auto diff_id = text_of(member(layer, "diff_id"));
    if (!is_digest(diff_id)) return broken("a layer without a digest");
    const auto size = integer_of(member(layer, "size"));
    const bool fits = size && *size >= 0 && static_cast<std::uint64_t>(*size) <= layer_bytes_max;
    if (size && !fits) return broken("a layer of an impossible size");
    if (!size && head->diff_ids.size() >= head->first) return broken("a layer without a size");
    head->diff_ids.push_back(std::move(diff_id));
    head->sizes.push_back(size ? std::optional{Bytes{static_cast<std::uint64_t>(*size)}}
                               : std::nullopt);
  }
  return {};
}

}  // namespace

Result<ImageHead> parse_image_head(std::string_view text) {
  const auto document = parse_json(text, "image stream: its head");
  if (!document) return document.error();
  ImageHead head;
  head.config_digest = text_of(member(*document, "config"));
  if (!is_digest(head.config_digest)) return broken("no digest of the configuration");
  head.architecture = text_of(member(*document, "architecture"));
  head.os = text_of(member(*document, "os"));
  const auto first = integer_of(member(*document, "first"));
  if (!first || *first < 0) return broken("no first layer");
  head.first = static_cast<std::size_t>(*first);
  if (const auto* tags = member(*document, "tags").if_array()) {
    if (tags->size() > tags_max) return broken("too many tags");
    for (const auto& tag : *tags) head.tags.push_back(text_of(tag));
  }
  const auto read = read_layers(member(*document, "layers"), &head);
  if (!read) return read.error();
  if (head.first > head.diff_ids.size()) return broken("it begins above its last layer");
  return head;
}

Result<void> ImageStreamWriter::head(const ImageHead& head) {
  JsonWriter json;
  json.begin_object().field("config", head.config_digest);
  json.field("architecture", head.architecture).field("os", head.os).field("first", head.first);
  json.key("tags").begin_array();
  for (const auto& tag : head.tags) json.value(tag);
  json.end_array().key("layers").begin_array();
  for (std::size_t k = 0; k < head.diff_ids.size(); ++k) {
    json.begin_object().field("diff_id", head.diff_ids[k]).key("size");
    if (head.sizes[k]) {
      json.value(count(*head.sizes[k]));
    } else {
      json.null();
    }
    json.end_object();
  }
  json.end_array().end_object();
  auto written = out_->write(stream_magic);
  if (!written) return written;
  return frame(FrameKind::head, json.str());
}

Result<void> ImageStreamWriter::frame(FrameKind kind, std::string_view payload) {
  if (payload.size() > frame_bytes_max) return Error{Errc::too_large, "image stream: a frame"};
  auto written = out_->write(frame_head(kind, payload.size()));
  if (!written || payload.empty()) return written;
  return out_->write(payload);
}

Result<void> ImageStreamWriter::end_layer() {
  auto written = frame(FrameKind::layer_end);
  if (!written) return written;
  return out_->flush();
}

struct ImageStreamReader::Impl {
  enum class Phase { magic, head, config, between, layer, over };

  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> unpack{nullptr, &ZSTD_freeDCtx};
  std::vector<char> buffer = std::vector<char>(128 * kib);
  bool known = false;      // packed or not
  bool held_back = false;  // zstd has more than there was room for
  std::string packed;      // as added, of which so much is unpacked
  std::size_t unpacked = 0;
  std::string bytes;  // of which so much has been given
  std::size_t taken = 0;
  Phase phase = Phase::magic;
  ImageHead head;
  std::size_t layer = 0;
  std::uint64_t left = 0;

  Result<bool> unpack_more();
  Result<std::optional<ImageFrame>> whole_frame();
  Result<void> judge(const ImageFrame& frame);
  Result<void> judge_between(const ImageFrame& frame);
  Result<void> judge_layer(const ImageFrame& frame);
  Result<bool> past_magic();
};

ImageStreamReader::ImageStreamReader() : impl_(std::make_unique<Impl>()) {}
ImageStreamReader::~ImageStreamReader() = default;
bool ImageStreamReader::whole() const { return impl_->phase == Impl::Phase::over; }
const ImageHead& ImageStreamReader::head() const { return impl_->head; }

/// A little more of what has been added; false where nothing is left. So what is unpacked never
/// outgrows a frame, however well it was packed.
Result<bool> ImageStreamReader::Impl::unpack_more() {
  if (!known && packed.size() < zstd_magic.size()) return false;
  if (!known && packed.starts_with(zstd_magic)) unpack.reset(ZSTD_createDCtx());
  known = true;
  bytes.erase(0, taken);
  taken = 0;
  const auto rest = std::string_view{packed}.substr(unpacked);
  if (!unpack) {
    bytes += rest;
    unpacked = packed.size();
    return !rest.empty();
  }
  if (rest.empty() && !held_back) return false;
  ZSTD_inBuffer in{rest.data(), rest.size(), 0};
  ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
  const auto code = ZSTD_decompressStream(unpack.get(), &out, &in);
  if (ZSTD_isError(code) != 0) return broken(std::string{"zstd: "} + ZSTD_getErrorName(code));
  unpacked += in.pos;
  held_back = out.pos == buffer.size();
  bytes.append(buffer.data(), out.pos);
  return in.pos > 0 || out.pos > 0;
}

void ImageStreamReader::add(std::string_view more) {
  impl_->packed.erase(0, impl_->unpacked);
  impl_->unpacked = 0;
  impl_->packed += more;
}

Result<bool> ImageStreamReader::Impl::past_magic() {
  if (phase != Phase::magic) return true;
  if (bytes.size() < stream_magic.size()) return false;
  if (!bytes.starts_with(stream_magic)) return broken("it does not begin like one");
  taken = stream_magic.size();
  phase = Phase::head;
  return true;
}

Result<void> ImageStreamReader::Impl::judge(const ImageFrame& frame) {
  switch (phase) {
    case Phase::head: {
      if (frame.kind != FrameKind::head) return broken("no head");
      auto read = parse_image_head(frame.payload);
      if (!read) return read.error();
      head = std::move(*read);
      layer = head.first;
      phase = Phase::config;
      return {};
    }
    case Phase::config:
      if (frame.kind != FrameKind::config || digest_of(frame.payload) != head.config_digest) {
        return broken("its configuration is missing or another");
      }
      phase = Phase::between;
      return {};
    case Phase::between:
      return judge_between(frame);
    case Phase::layer:
      return judge_layer(frame);
    case Phase::magic:
    case Phase::over:
      break;
  }
  return broken("something behind its end");
}

Result<void> ImageStreamReader::Impl::judge_between(const ImageFrame& frame) {
  const bool all = layer == head.diff_ids.size();
  if (frame.kind == FrameKind::end && all) {
    phase = Phase::over;
    return {};
  }
  if (frame.kind != FrameKind::layer || all) return broken("a layer too few or too many");
  left = count(head.sizes[layer].value_or(Bytes{}));
  phase = Phase::layer;
  return {};
}

Result<void> ImageStreamReader::Impl::judge_layer(const ImageFrame& frame) {
  if (frame.kind == FrameKind::data && frame.payload.size() <= left) {
    left -= frame.payload.size();
    return {};
  }
  if (frame.kind != FrameKind::layer_end || left > 0) {
    return broken("a layer of another size than its head says");
  }
  ++layer;
  phase = Phase::between;
  return {};
}

Result<std::optional<ImageFrame>> ImageStreamReader::Impl::whole_frame() {
  const auto begun = past_magic();
  if (!begun) return begun.error();
  if (!*begun) return std::optional<ImageFrame>{};
  const auto rest = std::string_view{bytes}.substr(taken);
  if (rest.size() < frame_head_bytes) return std::optional<ImageFrame>{};
  const std::size_t length = length_at(rest);
  if (length > frame_bytes_max) return Error{Errc::too_large, "image stream: an endless frame"};
  if (rest.size() - frame_head_bytes < length) return std::optional<ImageFrame>{};
  ImageFrame frame{static_cast<FrameKind>(rest.front()),
                   std::string{rest.substr(frame_head_bytes, length)}};
  taken += frame_head_bytes + length;
  const auto fits = judge(frame);
  if (!fits) return fits.error();
  return std::optional{std::move(frame)};
}

Result<std::optional<ImageFrame>> ImageStreamReader::next() {
  for (;;) {
    auto frame = impl_->whole_frame();
    if (!frame || *frame) return frame;
    const auto more = impl_->unpack_more();
    if (!more) return more.error();
    if (!*more) return std::optional<ImageFrame>{};
  }
}

}  // namespace plimsoll
