#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "runtime/files.h"

namespace plimsoll {

/// Whether the texts are equal, in a time that tells nothing of where they differ.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

/// A token in a file that may be replaced while we run: the change is seen within a second. Who
/// presents it sends the first line; who asks for it takes any line, so that a fleet can go from
/// one token to the next without a gap (docs/security.md).
///
/// Thread: one.
class SecretFile {
 public:
  using Clock = std::chrono::steady_clock;

  /// Lines that a file may have. Chosen by us: the old token, the new one, and some to spare.
  static constexpr std::size_t lines_max = 8;

  /// Reads it for the first time. An empty path is no file: there is no secret then.
  /// Errors: as read_file; invalid - no line with a secret, or too many.
  [[nodiscard]] static Result<SecretFile> open(std::filesystem::path path);
  /// A secret that never changes; "" - none.
  [[nodiscard]] static SecretFile fixed(std::string secret);

  /// Whether there is a secret at all.
  [[nodiscard]] bool is_set() const { return !secrets_.empty(); }

  /// What to present, as of now: the file is read again when it has changed, looked at once a
  /// second at the most. Where that fails the old secret stays in force, and the log says so once.
  /// "" where there is none.
  [[nodiscard]] const std::string& current(Clock::time_point now = Clock::now());
  /// Whether `text` is one of the secrets, as of now.
  [[nodiscard]] bool matches(std::string_view text, Clock::time_point now = Clock::now());

 private:
  SecretFile() = default;
  void refresh(Clock::time_point now);
  Result<void> read();

  std::filesystem::path path_;
  std::vector<std::string> secrets_;
  FileStamp stamp_;
  Clock::time_point looked_at_;
  std::string last_problem_;
};

/// A secret of a configuration: a text, or what a file says whenever it is asked for. Cheap to
/// copy; the copies follow the same file. Thread: one.
class Secret {
 public:
  /// A text that never changes; "": there is none.
  Secret(std::string text = "")  // NOLINT(google-explicit-constructor)
      : file_(std::make_shared<SecretFile>(SecretFile::fixed(std::move(text)))) {}
  Secret(const char* text) : Secret(std::string{text}) {}  // NOLINT(google-explicit-constructor)
  explicit Secret(SecretFile file) : file_(std::make_shared<SecretFile>(std::move(file))) {}

  [[nodiscard]] bool empty() const { return !file_->is_set(); }
  /// As SecretFile's; "" where there is none.
  [[nodiscard]] const std::string& current() const { return file_->current(); }
  [[nodiscard]] bool matches(std::string_view text) const { return file_->matches(text); }

 private:
  std::shared_ptr<SecretFile> file_;
};

}  // namespace plimsoll
