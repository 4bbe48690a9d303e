#include "hand/save_spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/text.h"
#include "docker/json_access.h"
#include "hand/image_chain.h"
#include "hand/sha256.h"
#include "hand/unpack.h"

namespace plimsoll {
namespace {

constexpr std::size_t block = 512;
constexpr std::size_t files_max = 10'000;
constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 50;
constexpr std::size_t document_bytes_max = 8 * mib;
constexpr std::size_t read_piece = 256 * kib;

struct Place {
  std::uint64_t offset = 0, bytes = 0;
  std::string link;  ///< What a symbolic link names.
};

Error no_archive(const char* what) {
  return {Errc::malformed, std::string{"Docker's archive of the image: "} + what};
}

std::string field_of(std::string_view head, std::size_t at, std::size_t width) {
  const auto field = head.substr(at, width);
  return std::string{field.substr(0, field.find('\0'))};
}

/// Eleven octal digits, or GNU's base 256.
std::optional<std::uint64_t> number_of(std::string_view field) {
  std::uint64_t number = 0;
  if ((static_cast<unsigned char>(field.front()) & 0x80U) != 0) {
    for (const char c : field.substr(field.size() - 8)) {
      number = (number << 8U) | static_cast<unsigned char>(c);
    }
  } else {
    for (const char c : field) {
      if (c == ' ' || c == '\0') continue;
      if (c < '0' || c > '7') return std::nullopt;
      number = number * 8 + static_cast<unsigned>(c - '0');
    }
  }
  if (number > file_bytes_max) return std::nullopt;
  return number;
}

/// "../x/layer.tar", seen from "y/layer.tar".
std::string linked_name(const std::string& from, const std::string& link) {
  const std::filesystem::path path = std::filesystem::path{from}.parent_path() / link;
  return path.lexically_normal().string();
}

class DigestOut : public ByteOut {
 public:
  Result<void> write(std::string_view bytes) override {
    sum_.add(bytes);
    passed_ += Bytes{bytes.size()};
    return {};
  }
  [[nodiscard]] std::string digest() { return "sha256:" + to_hex(sum_.finish()); }
  [[nodiscard]] Bytes passed() const { return passed_; }

 private:
  Sha256 sum_;
  Bytes passed_{};
};

}  // namespace

struct SaveSpool::Impl {
  std::filesystem::path folder;
  std::set<std::string> passed_over;
  int file = -1;
  std::uint64_t spooled = 0;
  std::map<std::string, Place> places;

  std::string head;        // of a tar entry, until it is whole
  std::uint64_t left = 0;  // of its bytes
  std::uint64_t padding = 0;
  bool keeps = false;
  std::string longer;  // names from an entry that holds the next one's, until it is whole
  bool names_next = false;
  std::string next_name;

  ~Impl() {
    if (file >= 0) ::close(file);
  }
  Result<void> begin_entry();
  Result<void> keep(std::string_view bytes);
  [[nodiscard]] Result<const Place*> find(const std::string& name) const;
  [[nodiscard]] Result<void> read(const Place& place, ByteOut* out) const;
  [[nodiscard]] Result<std::string> document(const std::string& name) const;
};

SaveSpool::SaveSpool(std::filesystem::path folder, std::set<std::string> passed_over)
    : impl_(std::make_unique<Impl>()) {
  impl_->folder = std::move(folder);
  impl_->passed_over = std::move(passed_over);
  std::error_code ignored;
  std::filesystem::create_directories(impl_->folder, ignored);
  impl_->file = ::open(impl_->folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}
SaveSpool::~SaveSpool() = default;

Task<Result<void>> SaveSpool::write(std::string_view chunk) { co_return take(chunk); }

Result<void> SaveSpool::Impl::begin_entry() {
  const auto name = next_name.empty() ? field_of(head, 0, 100) : next_name;
  const char type = head[156];
  const auto size = number_of(std::string_view{head}.substr(124, 12));
  if (!size) return no_archive("a size that is none");
  left = type == '1' || type == '2' || type == '5' ? 0 : *size;
  padding = (block - left % block) % block;
  names_next = type == 'L';
  keeps = type == '0' || type == '\0';
  if (!names_next && type != 'x' && type != 'g') next_name.clear();
  if (names_next && left > 4 * kib) return no_archive("an endless name");
  if (places.size() > files_max) return no_archive("too many files");
  if (type == '2') places[name].link = linked_name(name, field_of(head, 157, 100));
  keeps = keeps && !passed_over.contains(name);
  if (keeps) places[name] = {spooled, left, {}};
  return {};
}

Result<void> SaveSpool::Impl::keep(std::string_view bytes) {
  if (names_next) {
    longer += bytes;
    if (left == bytes.size()) {
      next_name = longer.substr(0, longer.find('\0'));
      longer.clear();
    }
    return {};
  }
  while (keeps && !bytes.empty()) {
    const auto n = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(spooled));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{Errc::io, folder.string() + ": " + std::strerror(errno)};
    spooled += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> SaveSpool::take(std::string_view chunk) {
  auto& state = *impl_;
  if (state.file < 0) {
    return Error{Errc::io, state.folder.string() + ": no file can be made there"};
  }
  while (!chunk.empty()) {
    if (state.left > 0) {
      const auto piece = chunk.substr(0, state.left);
      auto kept = state.keep(piece);
      if (!kept) return kept;
      state.left -= piece.size();
      chunk.remove_prefix(piece.size());
      continue;
    }
    const auto passed = std::min<std::uint64_t>(state.padding, chunk.size());
    state.padding -= passed;
    chunk.remove_prefix(passed);
    const auto more = chunk.substr(0, block - state.head.size());
    state.head += more;
    chunk.remove_prefix(more.size());
    if (state.head.size() < block) continue;
    const bool is_end = state.head.find_first_not_of('\0') == std::string::npos;
    auto begun = is_end ? Result<void>{} : state.begin_entry();
    state.head.clear();
    if (!begun) return begun;
  }
  return {};
}

Result<const Place*> SaveSpool::Impl::find(const std::string& name) const {
  auto found = places.find(name);
  if (found != places.end() && !found->second.link.empty()) {
    found = places.find(found->second.link);
  }
  if (found == places.end() || !found->second.link.empty()) {
    return Error{Errc::not_found, "Docker's archive of the image has no " + printable(name)};
  }
  if (found->second.offset + found->second.bytes > spooled) return no_archive("it is cut off");
  return &found->second;
}

Result<void> SaveSpool::Impl::read(const Place& place, ByteOut* out) const {
  std::string buffer(read_piece, '\0');
  std::uint64_t done = 0;
  while (done < place.bytes) {
    const auto wanted = std::min<std::uint64_t>(buffer.size(), place.bytes - done);
    const auto n = ::pread(file, buffer.data(), wanted, static_cast<off_t>(place.offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Error{Errc::io, folder.string() + ": cannot be read again"};
    done += static_cast<std::uint64_t>(n);
    auto written = out->write({buffer.data(), static_cast<std::size_t>(n)});
    if (!written) return written;
  }
  return {};
}

Result<std::string> SaveSpool::Impl::document(const std::string& name) const {
  class Text : public ByteOut {
   public:
    Result<void> write(std::string_view bytes) override {
      text += bytes;
      return {};
    }
    std::string text;
  };
  const auto place = find(name);
  if (!place) return place.error();
  if ((*place)->bytes > document_bytes_max) return no_archive("an endless document");
  Text out;
  const auto done = read(**place, &out);
  if (!done) return done.error();
  return std::move(out.text);
}

Result<SaveSpool::Saved> SaveSpool::saved() const {
  const auto text = impl_->document("manifest.json");
  if (!text) return text.error();
  const auto manifest = parse_json(*text, "manifest.json of Docker's archive");
  if (!manifest) return manifest.error();
  const auto* images = manifest->if_array();
  if (images == nullptr || images->empty()) return no_archive("no image in it");
  auto config = impl_->document(text_of(member(images->front(), "Config")));
  if (!config) return config.error();
  Saved saved{std::move(*config), {}};
  const auto* layers = member(images->front(), "Layers").if_array();
  if (layers == nullptr || layers->size() > image_layers_max) return no_archive("no layers in it");
  for (const auto& layer : *layers) saved.layers.push_back(text_of(layer));
  return saved;
}

Result<Bytes> SaveSpool::check_layer(const std::string& name, const std::string& diff_id) const {
  DigestOut out;
  const auto written = write_layer(name, &out);
  if (!written) return written.error();
  if (out.digest() != diff_id) return no_archive("a layer has not the digest that it must have");
  return out.passed();
}

Result<void> SaveSpool::write_layer(const std::string& name, ByteOut* out) const {
  const auto place = impl_->find(name);
  if (!place) return place.error();
  UnpackOut unpack{out};
  auto written = impl_->read(**place, &unpack);
  if (!written) return written;
  return unpack.end();
}

}  // namespace plimsoll
