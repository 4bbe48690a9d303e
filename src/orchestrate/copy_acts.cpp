#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "docker/image_relay.h"
#include "orchestrate/move_acts.h"
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

const ContainerMount* mount_at(const ContainerInspect& container, const std::string& destination) {
  const auto found = std::ranges::find(container.mounts, destination, &ContainerMount::destination);
  return found == container.mounts.end() ? nullptr : &*found;
}

}  // namespace

Task<Result<std::string>> ColdMove::stage_image(MoveRecord* record) {
  const auto container = co_await inspect_source(record);
  if (!container) co_return container.error();
  const auto image = co_await source_.engine().inspect_image(container->image_id);
  if (!image) co_return image.error().in(record->from.str());
  const auto before = co_await destination_.engine().inspect_image(image->id);
  if (before && before->diff_ids == image->diff_ids) co_return std::string{"it is there already"};
  const auto start = Clock::now();
  Progress progress;
  if (progress_) {
    progress = [this, record](Bytes bytes) { progress_(*record, Act::stage_image, bytes); };
  }
  // Docker writes the whole archive to its disk before it sends the first byte (FACTS 2), and says
  // little while it loads: patience in proportion to the size.
  const Duration patience =
      config_.stall_timeout + Duration{static_cast<std::int64_t>(count(image->size) / 20'000)};
  const auto passed = co_await relay_image(&source_.engine(), &destination_.engine(), image->id,
                                           patience, std::move(progress));
  if (!passed) co_return passed.error();
  const auto there = co_await destination_.engine().inspect_image(image->id);
  if (!there || there->diff_ids != image->diff_ids) {
    co_return Error{Errc::io, record->to.str() + ": the image is not there after loading it"};
  }
  record->actual.bytes += *passed;
  record->actual.transfer_s += seconds_since(start);
  if (is_reference(container->image)) {
    // A tag of that name that means another image there is not ours to move.
    const auto taken = co_await destination_.engine().inspect_image(container->image);
    if (!taken) {
      const auto tagged = co_await destination_.engine().tag(image->id, container->image);
      if (!tagged) co_return tagged.error().in(record->to.str());
    }
  }
  co_return fmt::format("{} in {:.1f} s", format_bytes(count(*passed)), seconds_since(start));
}

Task<Result<Bytes>> ColdMove::sync_folder(const MoveRecord* record, std::string from,
                                          std::string to) {
  CopyProgress progress;
  if (progress_) {
    progress = [this, record](Bytes bytes) { progress_(*record, Act::final_sync, bytes); };
  }
  const auto passed = co_await copy_tree(&source_.ssh(), from, &destination_.ssh(), to,
                                         config_.stall_timeout, std::move(progress));
  if (!passed) co_return passed.error();
  const Duration patience =
      config_.step_timeout + Duration{static_cast<std::int64_t>(count(*passed) / 20'000)};
  const auto equal = co_await verify_tree(&source_.ssh(), from, &destination_.ssh(), to, patience);
  if (!equal) co_return equal.error();
  co_return passed;
}

/// The folder of a volume is emptied before it is filled: it must be nobody else's.
Task<Result<void>> ColdMove::used_by_copy_alone(ContainerMount volume, ContainerInspect copy) {
  const auto users = co_await mount_users(&destination_.engine(), volume);
  if (!users) co_return users.error();
  if (users->size() == 1 && users->front().id == copy.id) co_return Result<void>{};
  co_return Error{Errc::conflict,
                  fmt::format("volume '{}' at the destination is not the copy's alone; nothing in "
                              "it was touched",
                              volume.type == "bind" ? volume.source : volume.name)};
}

Task<Result<std::string>> ColdMove::final_sync(MoveRecord* record) {
  const auto original = co_await inspect_source(record);
  if (!original) co_return original.error();
  const auto copy = co_await find_copy(record);
  if (!copy) co_return copy.error();
  if (original->state != "exited" || copy->state != "created") {
    co_return Error{Errc::conflict, fmt::format("the original is {} and its copy {}: somebody "
                                                "else started one of them",
                                                original->state, copy->state)};
  }
  const auto start = Clock::now();
  const auto writable = co_await sync_folder(record, original->upper_dir, copy->upper_dir);
  if (!writable) co_return writable.error();
  Bytes total = *writable;
  const auto mounts = co_await copied_mounts(&*original);
  if (!mounts) co_return mounts.error();
  for (const ContainerMount& mount : *mounts) {
    const ContainerMount* there = mount_at(*copy, mount.destination);
    if (there == nullptr) {
      co_return Error{Errc::io, "the copy has no volume at " + printable(mount.destination)};
    }
    const auto alone = co_await used_by_copy_alone(*there, *copy);
    if (!alone) co_return alone.error();
    const auto passed = co_await sync_folder(record, mount.source, there->source);
    if (!passed) co_return passed.error();
    total += *passed;
  }
  const auto after = co_await inspect_source(record);
  if (!after) co_return after.error();
  if (after->state != "exited" || after->started_at != original->started_at) {
    co_return Error{Errc::conflict, "somebody started the original while its data was copied"};
  }
  record->actual.bytes += total;
  record->actual.transfer_s += seconds_since(start);
  co_return fmt::format("writable layer and {} volume(s), {} in {:.1f} s, digests equal",
                        mounts->size(), format_bytes(count(total)), seconds_since(start));
}

}  // namespace plimsoll
