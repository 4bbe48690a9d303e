#include "hand/round_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

#include "core/text.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr std::size_t file_bytes_max = 1U << 30;
constexpr std::string_view magic = "plimsoll round 1";

// Times of files come from the kernel's coarse clock, one tick (at most 10 ms) behind: a store that
// close to the reading may carry the time that the reader saw. Chosen by us: two ticks.
constexpr std::int64_t margin_ns = 20'000'000;

Error not_ours(const std::filesystem::path& file) {
  return {Errc::malformed, file.string() + ": is no record of a round"};
}

}  // namespace

std::int64_t surely_past_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec - margin_ns;
}

Result<void> sync_file_system(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::syncfs(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (synced) return {};
  return Error{error == ENOENT ? Errc::not_found : Errc::io,
               fmt::format("{}: cannot sync it: {}", folder.string(),
                           std::generic_category().message(error))};
}

Result<RoundMemory> remember_round(const std::filesystem::path& folder,
                                   std::int64_t fresh_since_ns) {
  RoundMemory memory;
  const TreeVisitor visitor = [&](TreeEntry entry, TreePlace /*place*/) {
    if (!entry.is_file()) return Result<void>{};
    memory.hard_links = memory.hard_links || entry.links > 1;
    memory.largest = std::max(memory.largest, Bytes{entry.bytes});
    if (entry.changed_ns >= fresh_since_ns) {
      memory.fresh.push_back({std::move(entry.path), entry.bytes, entry.modified_ns});
    }
    return Result<void>{};
  };
  if (auto walked = walk_tree(folder, {}, visitor); !walked) return walked.error();
  return memory;
}

std::vector<std::string> suspects(const std::filesystem::path& folder,
                                  const std::vector<RoundMemory::Fresh>& fresh) {
  std::vector<std::string> found;
  for (const auto& file : fresh) {
    struct stat status {};
    if (::lstat((folder / file.path).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    const auto modified_ns =
        std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    if (static_cast<std::uint64_t>(status.st_size) == file.bytes &&
        modified_ns == file.modified_ns) {
      found.push_back(file.path);
    }
  }
  return found;
}

Result<void> save_round(const std::filesystem::path& file, const RoundMemory& memory) {
  auto text = fmt::format("{} {} {}\n", magic, memory.hard_links ? 1 : 0, count(memory.largest));
  for (const auto& fresh : memory.fresh) {
    text += fmt::format("{} {} {}", fresh.bytes, fresh.modified_ns, fresh.path);
    text += '\0';
  }
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  return write_file_atomically(file, text, 0600);
}

Result<RoundMemory> load_round(const std::filesystem::path& file) {
  const auto text = read_file(file, file_bytes_max);
  if (!text) return text.error();
  const auto head_end = text->find('\n');
  const auto head = split(std::string_view{*text}.substr(0, head_end), ' ');
  if (head_end == std::string::npos || !text->starts_with(magic) || head.size() != 5) {
    return not_ours(file);
  }
  RoundMemory memory;
  memory.hard_links = head[3] != "0";
  memory.largest = Bytes{parse_number<std::uint64_t>(head[4]).value_or(0)};
  for (const auto record : split(std::string_view{*text}.substr(head_end + 1), '\0')) {
    if (record.empty()) continue;
    const auto first = record.find(' ');
    const auto second = record.find(' ', first + 1);
    if (second == std::string_view::npos) return not_ours(file);
    const auto bytes = parse_number<std::uint64_t>(record.substr(0, first));
    const auto modified = parse_number<std::int64_t>(record.substr(first + 1, second - first - 1));
    if (!bytes || !modified) return not_ours(file);
    memory.fresh.push_back({std::string{record.substr(second + 1)}, *bytes, *modified});
  }
  return memory;
}

}  // namespace plimsoll
