#include "hand/layer_tar.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/text.h"
#include "hand/image_chain.h"
#include "hand/sha256.h"
#include "hand/tar_split.h"

namespace plimsoll {
namespace {

constexpr std::size_t read_piece = mib;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// As a container would open it, with the layer's folder as its root: what a link names stays
/// inside.
int open_inside(int folder, const std::string& name) {
  struct open_how how {};
  how.flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOATIME;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how));
}

class LayerTar {
 public:
  LayerTar(const LayerFiles& layer, ByteOut* out)
      : layer_(layer),
        out_(out),
        folder_(::open(layer.diff.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
        buffer_(read_piece) {}

  Result<void> write() {
    if (folder_.get() < 0) return Error{Errc::not_found, layer_.diff.string() + ": is missing"};
    TarSplitReader reader{layer_.tar_split};
    for (;;) {
      const auto piece = reader.next();
      if (!piece) return piece.error();
      if (!*piece) return flush();
      auto passed = (*piece)->file.empty() ? pass((*piece)->bytes) : pass_file(**piece);
      if (!passed) return passed;
    }
  }
  [[nodiscard]] Bytes written() const { return written_; }
  [[nodiscard]] std::string digest() { return "sha256:" + to_hex(sum_.finish()); }

 private:
  // Small pieces, headers above all, go on together.
  Result<void> pass(std::string_view bytes) {
    if (filled_ + bytes.size() > buffer_.size()) {
      auto flushed = flush();
      if (!flushed) return flushed;
    }
    if (bytes.size() > buffer_.size()) return pass_on(bytes);
    std::memcpy(buffer_.data() + filled_, bytes.data(), bytes.size());
    filled_ += bytes.size();
    return {};
  }

  Result<void> flush() {
    const std::string_view held{buffer_.data(), filled_};
    filled_ = 0;
    return pass_on(held);
  }

  Result<void> pass_on(std::string_view bytes) {
    if (bytes.empty()) return {};
    sum_.add(bytes);
    written_ += Bytes{bytes.size()};
    return out_->write(bytes);
  }

  [[nodiscard]] Error broken(const TarPiece& piece, const std::string& what) const {
    return {Errc::not_found,
            fmt::format("{}: {}: {}", layer_.diff.string(), printable(piece.file, 300), what)};
  }

  Result<void> pass_file(const TarPiece& piece) {
    const Descriptor file{open_inside(folder_.get(), piece.file)};
    if (file.get() < 0) return broken(piece, std::strerror(errno));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        static_cast<std::uint64_t>(status.st_size) != piece.file_bytes) {
      return broken(piece, "is not the file that the layer had");
    }
    auto left = piece.file_bytes;
    while (left > 0) {
      if (filled_ == buffer_.size()) {
        auto flushed = flush();
        if (!flushed) return flushed;
      }
      const auto wanted = std::min<std::uint64_t>(left, buffer_.size() - filled_);
      const auto n = ::read(file.get(), buffer_.data() + filled_, wanted);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return broken(piece, n < 0 ? std::strerror(errno) : "is shorter than it was");
      filled_ += static_cast<std::size_t>(n);
      left -= static_cast<std::uint64_t>(n);
    }
    return {};
  }

  const LayerFiles& layer_;
  ByteOut* out_;
  Descriptor folder_;
  std::vector<char> buffer_;
  std::size_t filled_ = 0;
  Bytes written_{};
  Sha256 sum_;
};

}  // namespace

Result<Bytes> write_layer_tar(const LayerFiles& layer, const std::string& diff_id, ByteOut* out) {
  LayerTar tar{layer, out};
  const auto written = tar.write();
  if (!written) return written.error();
  if (const auto digest = tar.digest(); digest != diff_id) {
    return Error{Errc::malformed,
                 fmt::format("{}: the layer's files give {}, not {}: something changed them",
                             layer.diff.string(), digest, diff_id)};
  }
  return tar.written();
}

}  // namespace plimsoll
