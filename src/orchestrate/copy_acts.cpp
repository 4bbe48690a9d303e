#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "docker/image_relay.h"
#include "orchestrate/workload_move.h"
#include "remote/copy_tree.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Worth a tag there: a name, not an id.
bool is_reference(const std::string& image) {
  return !image.empty() && !image.starts_with("sha256:") && image.find('@') == std::string::npos &&
         image.find_first_not_of("0123456789abcdef") != std::string::npos;
}

/// The copy's volume or folder at the same place.
const ContainerMount* mount_at(const ContainerInspect& container, const std::string& destination) {
  const auto found = std::ranges::find(container.mounts, destination, &ContainerMount::destination);
  return found == container.mounts.end() ? nullptr : &*found;
}

}  // namespace

/// Images that several members share are staged once: the second time nothing is missing.
Task<Result<std::string>> WorkloadMove::stage_images(MoveRecord* record) {
  std::string all;
  for (const MoveMember& member : record->members) {
    const auto words = co_await stage_image(record, &member);
    if (!words) co_return words.error();
    all += fmt::format("{}{}", all.empty() ? "" : "; ", *words);
  }
  co_return all;
}

Task<Result<std::string>> WorkloadMove::stage_image(MoveRecord* record, const MoveMember* member) {
  const auto container = co_await inspect_source(record, member);
  if (!container) co_return container.error();
  const auto image = co_await source_.engine().inspect_image(container->image_id);
  if (!image) co_return image.error().in(record->from.str());
  const auto before = co_await destination_.engine().inspect_image(image->id);
  if (before && before->diff_ids == image->diff_ids) co_return std::string{"it is there already"};
  const auto start = Clock::now();
  const auto passed = co_await send_image(record, &*image);
  if (!passed) co_return passed.error();
  const auto there = co_await destination_.engine().inspect_image(image->id);
  if (!there || there->diff_ids != image->diff_ids) {
    co_return Error{Errc::io, record->to.str() + ": the image is not there after loading it"};
  }
  record->actual.bytes += *passed;
  record->actual.transfer_s += seconds_since(start);
  const auto tagged = co_await tag_image(&*container, &*image);
  if (!tagged) co_return tagged.error().in(record->to.str());
  co_return fmt::format("{} in {:.1f} s", format_bytes(count(*passed)), seconds_since(start));
}

/// A tag of that name that means another image there is not ours to move.
Task<Result<void>> WorkloadMove::tag_image(const ContainerInspect* container,
                                           const ImageInspect* image) {
  if (!is_reference(container->image)) co_return Result<void>{};
  const auto taken = co_await destination_.engine().inspect_image(container->image);
  if (taken) co_return Result<void>{};
  const auto tagged = co_await destination_.engine().tag(image->id, container->image);
  co_return tagged;
}

Task<Result<Bytes>> WorkloadMove::send_image(const MoveRecord* record, const ImageInspect* image) {
  Progress progress;
  if (progress_) {
    progress = [this, record](Bytes bytes) { progress_(*record, Act::stage_image, bytes); };
  }
  // Docker writes the whole archive to its disk before it sends the first byte (FACTS 2), and says
  // little while it loads: patience in proportion to the size.
  const Duration patience =
      config_.stall_timeout + Duration{static_cast<std::int64_t>(count(image->size) / 20'000)};
  auto passed = co_await relay_image(&source_.engine(), &destination_.engine(), image->id, patience,
                                     std::move(progress));
  co_return passed;
}

/// The folder of a volume is emptied before it is filled: it must be nobody else's.
Task<Result<void>> WorkloadMove::used_by_copies_alone(ContainerMount volume,
                                                      const MoveRecord* record) {
  const auto users = co_await destination_.engine().containers_with_volume(volume.name);
  if (!users) co_return users.error();
  for (const ContainerSummary& user : *users) {
    if (std::ranges::find(record->members, user.id, &MoveMember::copy_id) !=
        record->members.end()) {
      continue;
    }
    co_return Error{Errc::conflict,
                    fmt::format("volume '{}' at the destination is also used by '{}'; nothing in "
                                "it was touched",
                                volume.name, printable(user.name))};
  }
  co_return Result<void>{};
}

/// What one member adds to the folders that have to arrive; a volume that several share only once.
Task<Result<void>> WorkloadMove::add_pairs(const MoveRecord* record, const MoveMember* member,
                                           std::vector<TreePair>* pairs) {
  const auto original = co_await inspect_source(record, member);
  if (!original) co_return original.error();
  const auto copy = co_await find_copy(record, member);
  if (!copy) co_return copy.error();
  pairs->push_back({original->upper_dir, copy->upper_dir});
  for (const ContainerMount& mount : original->mounts) {
    if (mount.type != "volume" && mount.type != "bind") continue;
    const ContainerMount* there = mount_at(*copy, mount.destination);
    if (there == nullptr) {
      co_return Error{Errc::io, "the copy has nothing mounted at " + printable(mount.destination)};
    }
    if (std::ranges::find(*pairs, mount.source, &TreePair::from) != pairs->end()) continue;
    if (mount.type == "volume") {
      const auto alone = co_await used_by_copies_alone(*there, record);
      if (!alone) co_return alone.error();
    }
    pairs->push_back({mount.source, there->source});
  }
  co_return Result<void>{};
}

Task<Result<std::vector<TreePair>>> WorkloadMove::tree_pairs(const MoveRecord* record) {
  std::vector<TreePair> pairs;
  for (const MoveMember& member : record->members) {
    const auto added = co_await add_pairs(record, &member, &pairs);
    if (!added) co_return added.error();
  }
  co_return pairs;
}

/// Both sides stand still, and nobody but us changed that. Gives when each original was started
/// last, so that a second look can tell whether somebody did in between.
Task<Result<std::vector<std::string>>> WorkloadMove::at_rest(const MoveRecord* record) {
  std::vector<std::string> started;
  for (const MoveMember& member : record->members) {
    const auto original = co_await inspect_source(record, &member);
    if (!original) co_return original.error();
    const auto copy = co_await find_copy(record, &member);
    if (!copy) co_return copy.error();
    const bool copy_rests = copy->state == "created" || !member.adopted_id.empty();
    if (original->state != "exited" || !copy_rests || copy->state == "running") {
      co_return Error{Errc::conflict, fmt::format("the original is {} and its copy {}: somebody "
                                                  "else started one of them",
                                                  original->state, copy->state)};
    }
    started.push_back(original->started_at);
  }
  co_return started;
}

/// All of it through this process, and the digests of both sides compared.
Task<Result<Bytes>> WorkloadMove::copy_whole(const MoveRecord* record, TreePair pair) {
  CopyProgress progress;
  if (progress_) {
    progress = [this, record](Bytes bytes) { progress_(*record, Act::final_sync, bytes); };
  }
  const auto passed = co_await copy_tree(&source_.ssh(), pair.from, &destination_.ssh(), pair.to,
                                         config_.stall_timeout, std::move(progress));
  if (!passed) co_return passed.error();
  const Duration patience =
      config_.step_timeout + Duration{static_cast<std::int64_t>(count(*passed) / 20'000)};
  const auto equal =
      co_await verify_tree(&source_.ssh(), pair.from, &destination_.ssh(), pair.to, patience);
  if (!equal) co_return equal.error();
  co_return passed;
}

Task<Result<std::string>> WorkloadMove::final_sync(MoveRecord* record) {
  const auto before = co_await at_rest(record);
  if (!before) co_return before.error();
  const auto start = Clock::now();
  const auto pairs = co_await tree_pairs(record);
  if (!pairs) co_return pairs.error();
  Bytes total{};
  for (const TreePair& pair : *pairs) {
    const auto passed = co_await copy_whole(record, pair);
    if (!passed) co_return passed.error();
    total += *passed;
  }
  const auto after = co_await at_rest(record);
  if (!after) co_return after.error();
  if (*after != *before) {
    co_return Error{Errc::conflict, "somebody started the original while its data was copied"};
  }
  record->actual.bytes += total;
  record->actual.transfer_s += seconds_since(start);
  co_return fmt::format("{} folder(s), {} in {:.1f} s, digests equal", pairs->size(),
                        format_bytes(count(total)), seconds_since(start));
}

}  // namespace plimsoll
