#include "hand/tree_digest.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <set>

#include "core/text.h"
#include "hand/digest_cache.h"
#include "hand/round_memory.h"
#include "hand/tree_attributes.h"
#include "hand/tree_contents.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

struct Seen {
  TreeEntry entry;
  KnownEntry known;
  std::string target;  ///< Of a symbolic link.
  bool is_known = false;
  const std::string* same_file = nullptr;  ///< The first name of the file, where it has several.
};

std::string target_of(TreePlace place) {
  std::string target(4096, '\0');
  const ssize_t bytes = ::readlinkat(place.folder, place.name, target.data(), target.size());
  target.resize(bytes < 0 ? 0 : static_cast<std::size_t>(bytes));
  return target;
}

void add_entry(Sha256& sum, const Seen& seen) {
  const TreeEntry& entry = seen.entry;
  sum.add_text(entry.path);
  if (entry.is_whiteout()) return sum.add_text("whiteout");
  sum.add_number(entry.mode);
  sum.add_number(entry.owner);
  sum.add_number(entry.group);
  sum.add_number(static_cast<std::uint64_t>(entry.modified_ns));
  sum.add_number(S_ISCHR(entry.mode) || S_ISBLK(entry.mode) ? entry.special : 0);
  sum.add_number(entry.is_file() ? entry.bytes : 0);
  sum.add_text(seen.target);
  sum.add_text(seen.same_file == nullptr ? std::string_view{} : *seen.same_file);
  sum.add(seen.known.attributes.data(), seen.known.attributes.size());
  sum.add(seen.known.contents.data(), seen.known.contents.size());
}

/// Whether `path` is `folder` or below it.
bool is_within(const std::string& path, const std::string& folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || folder.empty() || path[folder.size()] == '/');
}

class Digest {
 public:
  Digest(const std::filesystem::path& root, const DigestOptions& options)
      : root_(root), options_(options) {}

  Result<TreeDigest> run() {
    const auto start = Clock::now();
    trusted_before_ns_ = surely_past_ns();
    if (options_.live) {
      if (auto synced = sync_file_system(root_); !synced) return synced.error();
    }
    if (!options_.cache.empty()) cache_ = DigestCache::load(options_.cache);
    const TreeVisitor visitor = [this](TreeEntry entry, TreePlace place) {
      return take(std::move(entry), place);
    };
    if (auto walked = walk_tree(root_, options_.limits, visitor); !walked) return walked.error();
    link_names();
    if (auto read = read_files(); !read) return read.error();
    sum_up();
    if (auto saved = save(); !saved) return saved.error();
    if (options_.list) list();
    digest_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return std::move(digest_);
  }

 private:
  Result<void> take(TreeEntry entry, TreePlace place) {
    Seen seen;
    if (const auto* known = cache_.find(entry)) {
      seen.known = *known;
      seen.is_known = true;
    } else if (!entry.is_whiteout()) {
      const auto attributes = attributes_sum(place);
      if (!attributes) return attributes.error().in(root_.string());
      seen.known.attributes = *attributes;
    }
    if (entry.is_link()) seen.target = target_of(place);
    seen.entry = std::move(entry);
    seen_.push_back(std::move(seen));
    return {};
  }

  /// A whiteout has no identity: newer kernels make all of them one file.
  void link_names() {
    std::map<std::pair<std::uint64_t, std::uint64_t>, Seen*> first;
    for (Seen& seen : seen_) {
      const TreeEntry& entry = seen.entry;
      if (entry.links < 2 || entry.is_folder() || entry.is_whiteout()) continue;
      const auto [found, is_new] = first.try_emplace({entry.device, entry.inode}, &seen);
      if (is_new) continue;
      seen.same_file = &found->second->entry.path;
      found->second->same_file = seen.same_file;
    }
  }

  [[nodiscard]] bool is_first_name(const Seen& seen) const {
    return seen.same_file == nullptr || seen.same_file == &seen.entry.path;
  }

  Result<void> read_files() {
    std::vector<const TreeEntry*> files;
    std::vector<Seen*> places;
    for (Seen& seen : seen_) {
      if (!seen.entry.is_file() || !is_first_name(seen)) continue;
      digest_.bytes += Bytes{seen.entry.bytes};
      if (seen.is_known) continue;
      files.push_back(&seen.entry);
      places.push_back(&seen);
    }
    const auto contents = read_contents(root_, files, options_.threads);
    if (!contents) return contents.error().in(root_.string());
    for (std::size_t i = 0; i < files.size(); ++i) {
      const ReadContents& read = (*contents)[i];
      places[i]->known.contents = read.sum;
      digest_.read += read.bytes;
      if (read.end == ReadContents::End::read) continue;
      unsteady_.insert(files[i]);
      if (!options_.live) {
        return Error{Errc::io, fmt::format("{}: {} changed while it was read: something still "
                                           "writes to it",
                                           root_.string(), printable(files[i]->path, 300))};
      }
    }
    digest_.changed = unsteady_.size();
    return {};
  }

  void sum_up() {
    std::map<std::string_view, const KnownEntry*> by_first_name;
    Sha256 sum;
    sum.add_text("plimsoll tree 1");
    for (Seen& seen : seen_) {
      if (seen.same_file != nullptr && seen.entry.is_file()) {
        const auto [found, is_new] = by_first_name.try_emplace(*seen.same_file, &seen.known);
        if (!is_new) seen.known.contents = found->second->contents;
      }
      add_entry(sum, seen);
    }
    digest_.sum = sum.finish();
    digest_.entries = seen_.size();
  }

  Result<void> save() {
    if (options_.cache.empty()) return {};
    DigestCache next;
    for (const Seen& seen : seen_) {
      if (seen.entry.is_whiteout() || unsteady_.contains(&seen.entry) || !is_first_name(seen)) {
        continue;
      }
      const auto always = std::numeric_limits<std::int64_t>::max();
      next.keep(seen.entry, seen.known, seen.is_known ? always : trusted_before_ns_);
    }
    return next.save(options_.cache);
  }

  void list() {
    const std::string& folder = *options_.list;
    for (auto seen = seen_.begin(); seen != seen_.end();) {
      const std::string& path = seen->entry.path;
      const bool is_child = path.size() > folder.size() && is_within(path, folder) &&
                            path.find('/', folder.empty() ? 0 : folder.size() + 1) == path.npos;
      if (!is_child) {
        ++seen;
        continue;
      }
      ListedEntry listed{path.substr(folder.empty() ? 0 : folder.size() + 1), {}};
      Sha256 sum;
      for (const auto& child = *seen; seen != seen_.end(); ++seen) {
        if (!is_within(seen->entry.path, child.entry.path)) break;
        add_entry(sum, *seen);
      }
      listed.sum = sum.finish();
      digest_.listed.push_back(std::move(listed));
    }
  }

  const std::filesystem::path& root_;
  const DigestOptions& options_;
  std::int64_t trusted_before_ns_ = 0;
  DigestCache cache_;
  std::vector<Seen> seen_;
  std::set<const TreeEntry*> unsteady_;
  TreeDigest digest_;
};

}  // namespace

Result<TreeDigest> digest_tree(const std::filesystem::path& root, const DigestOptions& options) {
  return Digest{root, options}.run();
}

std::filesystem::path digest_cache_file(const HandContext& context, const std::string& folder) {
  return context.move_folder() / "digests" / fmt::format("{:016x}", stable_hash(folder));
}

Result<TreeUsage> tree_usage(const std::filesystem::path& root, const TreeLimits& limits) {
  TreeUsage usage;
  std::set<std::pair<std::uint64_t, std::uint64_t>> linked;
  const TreeVisitor visitor = [&](const TreeEntry& entry, TreePlace /*place*/) {
    ++usage.entries;
    if (!entry.is_folder() && entry.links > 1) {
      usage.hard_links = usage.hard_links || entry.is_file();
      if (!linked.emplace(entry.device, entry.inode).second) return Result<void>{};
    }
    usage.disk += Bytes{entry.disk_bytes};
    if (!entry.is_file()) return Result<void>{};
    ++usage.files;
    usage.bytes += Bytes{entry.bytes};
    usage.largest = std::max(usage.largest, Bytes{entry.bytes});
    return Result<void>{};
  };
  if (auto walked = walk_tree(root, limits, visitor); !walked) return walked.error();
  return usage;
}

}  // namespace plimsoll
