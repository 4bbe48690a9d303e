// plimsoll.toml: read whole, each problem with its line.
#include "config/config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

namespace plimsoll::fuzz {
namespace {

/// A file in memory: load_config reads from a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : fd_(::memfd_create("plimsoll.toml", MFD_CLOEXEC)) {
    require(fd_ >= 0 && ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
            "no file in memory");
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] std::filesystem::path path() const {
    return "/proc/self/fd/" + std::to_string(fd_);
  }

 private:
  int fd_;
};

ConfigSource source_of(const std::filesystem::path& file) {
  ConfigSource source;
  source.file = file;
  source.environment = [](const std::string&) { return std::optional<std::string>{}; };
  return source;
}

void check(std::string_view text) {
  // A key that names a file could name a device, which to open may do something.
  if (text.find("/dev") != std::string_view::npos) return;
  const MemoryFile file{text};
  const auto config = load_config(source_of(file.path()));
  if (!config) {
    require(config.error().code == Errc::invalid, "another error than invalid");
    return require_place(config.error(), file.path().string());
  }
  require(config->monitor.interval > Duration{0}, "an interval that never passes");
  require(config->monitor.timeout <= config->monitor.interval, "polls would overlap");
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
