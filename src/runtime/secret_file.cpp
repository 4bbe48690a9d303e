#include "runtime/secret_file.h"

#include <fmt/format.h>

#include "core/text.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

constexpr std::chrono::seconds look_every{1};
constexpr std::size_t bytes_max = 64U << 10;

}  // namespace

bool same_secret(std::string_view a, std::string_view b) {
  if (b.empty()) return a.empty();
  std::size_t difference = a.size() ^ b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<std::size_t>(a[i] != b[i % b.size()]);
  }
  return difference == 0;
}

Result<SecretFile> SecretFile::open(std::filesystem::path path) {
  SecretFile file;
  file.path_ = std::move(path);
  if (file.path_.empty()) return file;
  if (auto first = file.read(); !first) return first.error();
  return file;
}

SecretFile SecretFile::fixed(std::string secret) {
  SecretFile file;
  if (!secret.empty()) file.secrets_.push_back(std::move(secret));
  return file;
}

Result<void> SecretFile::read() {
  // Before the content: a change between the two is then seen the next time.
  const FileStamp stamp = file_stamp(path_);
  const auto text = read_file(path_, bytes_max);
  if (!text) return text.error();
  std::vector<std::string> secrets;
  for (const auto line : split(*text, '\n')) {
    if (!trim(line).empty()) secrets.emplace_back(trim(line));
  }
  if (secrets.empty()) {
    return Error{Errc::invalid, path_.string() + ": is empty; put the secret on its first line"};
  }
  if (secrets.size() > lines_max) {
    return Error{Errc::invalid, fmt::format("{}: has more than {} lines; one is a secret, further "
                                            "ones are those it replaces",
                                            path_.string(), lines_max)};
  }
  secrets_ = std::move(secrets);
  stamp_ = stamp;
  return {};
}

void SecretFile::refresh(Clock::time_point now) {
  if (path_.empty() || now - looked_at_ < look_every) return;
  looked_at_ = now;
  if (file_stamp(path_) == stamp_) return;
  if (const auto again = read(); again) {
    log::info("{}: read again, a change is in force", path_.string());
    last_problem_.clear();
  } else if (again.error().message != last_problem_) {
    last_problem_ = again.error().message;
    log::warning("{}; what it held before stays in force", last_problem_);
  }
}

const std::string& SecretFile::current(Clock::time_point now) {
  static const std::string none;
  refresh(now);
  return secrets_.empty() ? none : secrets_.front();
}

bool SecretFile::matches(std::string_view text, Clock::time_point now) {
  refresh(now);
  bool found = false;
  // All of them, whatever the first says: the time tells nothing.
  for (const auto& secret : secrets_) found = same_secret(text, secret) || found;
  return found;
}

}  // namespace plimsoll
