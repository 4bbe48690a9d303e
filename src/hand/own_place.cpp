#include "hand/own_place.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/text.h"
#include "hand/move_folder.h"

namespace plimsoll {
namespace {

constexpr std::string_view prefix = "plimsoll-";
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t older_kept = 2;
constexpr int exit_no_sudo = 126;

}  // namespace

bool is_hand_name(std::string_view name) {
  constexpr std::size_t digits = 16;
  return name.starts_with(prefix) && name.size() == prefix.size() + digits &&
         name.substr(prefix.size()).find_first_not_of(hex_digits) == std::string_view::npos;
}

void remove_older_hands() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error || !is_hand_name(self.filename().string())) return;
  remove_older_hands(self.parent_path(), self.filename().string());
}

void remove_older_hands(const std::filesystem::path& folder, const std::string& self) {
  using Entry = std::pair<std::filesystem::file_time_type, std::filesystem::path>;
  std::vector<Entry> others;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    if (!is_hand_name(name) || name == self) continue;
    std::error_code unknown;
    others.emplace_back(entry.last_write_time(unknown), entry.path());
  }
  std::ranges::sort(others, std::greater<>{});
  for (std::size_t i = older_kept; i < others.size(); ++i) {
    std::filesystem::remove(others[i].second, error);
  }
}

std::string to_hex(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    hex += hex_digits[byte >> 4U];
    hex += hex_digits[byte & 15U];
  }
  return hex;
}

std::string asked_command(const std::string& original, const std::string& in_hex) {
  if (in_hex.empty()) return original;
  std::string text;
  for (std::size_t i = 0; i + 1 < in_hex.size(); i += 2) {
    const auto high = hex_digits.find(in_hex[i]);
    const auto low = hex_digits.find(in_hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return "";
    text += static_cast<char>(high << 4U | low);
  }
  return text;
}

int become_root(const HandContext& context, const std::string& asked) {
  std::error_code error;
  auto words = words_for_hand(context, "receive");
  words.insert(words.begin(),
               {"sudo", "-n", std::filesystem::read_symlink("/proc/self/exe", error).string()});
  if (!asked.empty()) words.insert(words.end(), {"--asked", to_hex(asked)});
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv.front(), argv.data());
  fmt::print(stderr, "plimsoll: sudo is not there\n");
  return exit_no_sudo;
}

}  // namespace plimsoll
