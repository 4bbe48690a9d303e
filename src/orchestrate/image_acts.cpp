#include <fmt/format.h>

#include "core/text.h"
#include "docker/image_relay.h"
#include "orchestrate/workload_move.h"
#include "runtime/log.h"

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
  const double seconds = seconds_since(start);
  record->actual.bytes += *passed;
  record->actual.transfer_s += seconds;
  record->actual.image_bytes += *passed;
  record->actual.image_s += seconds;
  const auto tagged = co_await tag_image(&*container, &*image);
  if (!tagged) co_return tagged.error().in(record->to.str());
  co_return fmt::format("{} in {:.1f} s", format_bytes(count(*passed)), seconds);
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

Progress WorkloadMove::tell(const MoveRecord* record, Act act) const {
  if (!progress_) return {};
  return [this, record, act](Bytes bytes) { progress_(*record, act, bytes); };
}

/// From host to host, only what is missing there.
Task<Result<Bytes>> WorkloadMove::send_layers(const MoveRecord* record, const ImageInspect* image) {
  std::vector<TreePair> none;
  const auto opened = co_await open_way(std::move(none));
  if (!opened) co_return opened.error();
  const Duration patience =
      config_.stall_timeout + Duration{static_cast<std::int64_t>(count(image->size) / 20'000)};
  const auto sent = co_await way_.send_image(image, patience, tell(record, Act::stage_image));
  if (!sent) co_return sent.error();
  co_return sent->bytes;
}

/// By layers where that works; else whole, through this process.
Task<Result<Bytes>> WorkloadMove::send_image(const MoveRecord* record, const ImageInspect* image) {
  if (record->strategy == Strategy::warm) {
    auto layers = co_await send_layers(record, image);
    if (layers || layers.error().code == Errc::refused || layers.error().code == Errc::too_large) {
      co_return layers;
    }
    log::warning("move {}: the image's layers cannot be sent by themselves, it goes whole: {}",
                 record->id.str(), layers.error().message);
  }
  Progress progress = tell(record, Act::stage_image);
  // Docker writes the whole archive to its disk before it sends the first byte (FACTS 2), and says
  // little while it loads: patience in proportion to the size.
  const Duration patience =
      config_.stall_timeout + Duration{static_cast<std::int64_t>(count(image->size) / 20'000)};
  auto passed = co_await relay_image(&source_.engine(), &destination_.engine(), image->id, patience,
                                     std::move(progress));
  co_return passed;
}

}  // namespace plimsoll
