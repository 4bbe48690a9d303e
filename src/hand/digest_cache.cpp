#include "hand/digest_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "core/text.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr std::string_view magic = "plimsoll digests 1\n";
constexpr std::size_t file_bytes_max = 1U << 30;
constexpr std::size_t sum_bytes = 8;

std::string sum_of(std::string_view text) {
  std::string sum(sum_bytes, '\0');
  const auto hash = stable_hash(text);
  std::memcpy(sum.data(), &hash, sum_bytes);
  return sum;
}

}  // namespace

DigestCache DigestCache::load(const std::filesystem::path& file) {
  DigestCache cache;
  const auto text = read_file(file, file_bytes_max);
  if (!text || !text->starts_with(magic) || text->size() < magic.size() + sum_bytes) return cache;
  std::string_view records{*text};
  const auto sum = records.substr(records.size() - sum_bytes);
  records.remove_suffix(sum_bytes);
  if (sum_of(records) != sum) return cache;
  records.remove_prefix(magic.size());
  cache.known_.reserve(records.size() / sizeof(Record));
  for (; records.size() >= sizeof(Record); records.remove_prefix(sizeof(Record))) {
    Record record;
    std::memcpy(&record, records.data(), sizeof(Record));
    cache.known_.emplace(record.key, record);
  }
  return cache;
}

const KnownEntry* DigestCache::find(const TreeEntry& entry) const {
  const auto found = known_.find({entry.device, entry.inode});
  if (found == known_.end()) return nullptr;
  const Record& record = found->second;
  const bool same = record.bytes == entry.bytes && record.modified_ns == entry.modified_ns &&
                    record.changed_ns == entry.changed_ns;
  return same ? &record.known : nullptr;
}

void DigestCache::keep(const TreeEntry& entry, const KnownEntry& known,
                       std::int64_t trusted_before_ns) {
  if (entry.changed_ns >= trusted_before_ns) return;
  Record record;
  record.key = {entry.device, entry.inode};
  record.bytes = entry.bytes;
  record.modified_ns = entry.modified_ns;
  record.changed_ns = entry.changed_ns;
  record.known = known;
  known_.insert_or_assign(record.key, record);
}

Result<void> DigestCache::save(const std::filesystem::path& file) const {
  std::string text{magic};
  text.reserve(magic.size() + known_.size() * sizeof(Record) + sum_bytes);
  for (const auto& [key, record] : known_) {
    std::array<char, sizeof(Record)> bytes{};
    std::memcpy(bytes.data(), &record, sizeof(Record));
    text.append(bytes.data(), bytes.size());
  }
  text += sum_of(text);
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  return write_file_atomically(file, text, 0600);
}

}  // namespace plimsoll
