#include "simulate/trace_input.h"

#include <filesystem>

#include "core/text.h"

namespace plimsoll {

TraceInput::TraceInput(const std::string& path)
    : name_(std::filesystem::path{path}.filename().string()), file_(path, std::ios::binary) {
  std::error_code ignored;
  readable_ = file_.is_open() && !std::filesystem::is_directory(path, ignored);
  if (!name_.ends_with(".zst")) return;
  zstd_ = std::make_unique<ZstdInput>(file_);
  unpacked_ = std::make_unique<std::istream>(zstd_.get());
}

Error unreadable_input(const std::string& path) {
  return {Errc::not_found, printable(path) + ": cannot be read; is there such a file?"};
}

Error broken_input(const TraceInput& input) {
  return {Errc::malformed, printable(input.name()) + ": " + input.problem()};
}

}  // namespace plimsoll
