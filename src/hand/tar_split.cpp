#include "hand/tar_split.h"

#include <zlib.h>

#include <array>

#include "docker/json_access.h"

namespace plimsoll {
namespace {

constexpr std::size_t line_bytes_max = 32 * mib;
constexpr std::uint64_t tar_bytes_max = std::uint64_t{1} << 50;

Error no_tar_split(const char* what) {
  return {Errc::malformed, std::string{"tar-split: "} + what};
}

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/// RFC 4648, 4. Nothing where it is not of that form.
std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  unsigned held = 0, bits = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    held = (held << 6U) | static_cast<unsigned>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((held >> bits) & 0xffU);
  }
  return bytes;
}

Result<std::optional<TarPiece>> segment(const json::value& entry) {
  const auto* payload = member(entry, "payload").if_string();
  if (payload == nullptr) return std::optional<TarPiece>{};
  auto bytes = from_base64({payload->data(), payload->size()});
  if (!bytes) return no_tar_split("a payload is no base64");
  TarPiece piece;
  piece.bytes = std::move(*bytes);
  return std::optional{std::move(piece)};
}

Result<std::optional<TarPiece>> file(const json::value& entry) {
  const auto& size = member(entry, "size");
  const auto bytes = integer_of(size);
  if (!size.is_null() && (!bytes || *bytes < 0)) return no_tar_split("a size is no number");
  if (!bytes || *bytes == 0) return std::optional<TarPiece>{};
  TarPiece piece;
  piece.file_bytes = static_cast<std::uint64_t>(*bytes);
  const auto raw = text_of(member(entry, "name_raw"));
  piece.file = text_of(member(entry, "name"));
  if (!raw.empty()) {
    auto name = from_base64(raw);
    if (!name) return no_tar_split("a raw name is no base64");
    piece.file = std::move(*name);
  }
  if (piece.file.empty() || piece.file.find('\0') != std::string::npos) {
    return no_tar_split("a file has no name");
  }
  return std::optional{std::move(piece)};
}

}  // namespace

Result<std::optional<TarPiece>> parse_tar_split_line(std::string_view line) {
  const auto entry = parse_json(line, "tar-split");
  if (!entry) return entry.error();
  const auto type = integer_of(member(*entry, "type"));
  if (type == 1) return file(*entry);
  if (type == 2) return segment(*entry);
  return no_tar_split("an entry is neither a file nor a segment");
}

struct TarSplitReader::Impl {
  std::unique_ptr<gzFile_s, decltype(&gzclose)> file{nullptr, &gzclose};
  std::string name;
  std::string line;
};

TarSplitReader::TarSplitReader(const std::filesystem::path& file)
    : impl_(std::make_unique<Impl>()) {
  impl_->name = file.string();
  impl_->file.reset(gzopen(file.c_str(), "rb"));
  if (impl_->file) gzbuffer(impl_->file.get(), 256 * kib);
}
TarSplitReader::~TarSplitReader() = default;

Result<bool> TarSplitReader::read_line() {
  auto& line = impl_->line;
  line.clear();
  std::array<char, 16 * kib> buffer{};
  while (gzgets(impl_->file.get(), buffer.data(), static_cast<int>(buffer.size())) != nullptr) {
    line += buffer.data();
    if (line.ends_with('\n')) return true;
    if (line.size() > line_bytes_max) {
      return Error{Errc::too_large, impl_->name + ": a line without an end"};
    }
  }
  int code = Z_OK;
  const char* words = gzerror(impl_->file.get(), &code);
  // Z_BUF_ERROR: the file is cut off.
  if (code != Z_OK) return Error{Errc::io, impl_->name + ": " + words};
  return !line.empty();
}

Result<std::optional<TarPiece>> TarSplitReader::next() {
  if (!impl_->file) return Error{Errc::not_found, impl_->name + ": cannot be opened"};
  for (;;) {
    const auto more = read_line();
    if (!more) return more.error();
    if (!*more) return std::optional<TarPiece>{};
    auto piece = parse_tar_split_line(impl_->line);
    if (!piece) return piece.error().in(impl_->name);
    if (*piece) return piece;
  }
}

Result<Bytes> tar_bytes(const std::filesystem::path& tar_split) {
  TarSplitReader reader{tar_split};
  std::uint64_t bytes = 0;
  for (;;) {
    const auto piece = reader.next();
    if (!piece) return piece.error();
    if (!*piece) return Bytes{bytes};
    const auto more = (*piece)->file.empty() ? (*piece)->bytes.size() : (*piece)->file_bytes;
    if (more > tar_bytes_max - bytes) {
      return Error{Errc::too_large, tar_split.string() + ": a layer of more than 2^50 bytes"};
    }
    bytes += more;
  }
}

}  // namespace plimsoll
