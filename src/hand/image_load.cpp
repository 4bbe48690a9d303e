#include "hand/image_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/text.h"
#include "hand/fence.h"
#include "hand/frame_feed.h"
#include "hand/image_chain.h"
#include "hand/image_probe.h"
#include "hand/layer_load.h"
#include "hand/load_archive.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration stream_idle{60'000};
/// One load costs about 0.1 s whatever is in it, so small layers go together.
constexpr std::uint64_t together_max = 16 * mib;
constexpr std::chrono::milliseconds between_progress{200};
/// Names, manifests and the file system's own share, beside the layers' bytes.
constexpr double room_factor = 1.05;

class ImageLoad {
 public:
  ImageLoad(const HandContext* context, asio::any_io_executor executor, int fd)
      : context_(context),
        executor_(executor),
        engine_(executor, context->docker),
        feed_(executor, fd, stream_idle) {}

  Task<Result<LoadReport>> run();

 private:
  Task<Result<void>> begin();
  Task<Result<void>> take_frames();
  Task<Result<void>> take(ImageFrame frame);
  Task<Result<void>> begin_layer();
  Task<Result<void>> take_data(std::string data);
  Task<Result<void>> end_layer();
  Task<Result<void>> close_load();
  Task<Result<void>> open_load();
  Task<Result<void>> load_whole();
  Task<Result<void>> settle();
  Task<Result<void>> prove();
  Task<Result<void>> prove_import(const LayerLoad* load);
  Task<> remove_holders();
  Result<void> check_room() const;
  [[nodiscard]] bool is_last(std::size_t layer) const { return layer + 1 == layers(); }
  [[nodiscard]] std::size_t layers() const { return feed_.head().diff_ids.size(); }
  [[nodiscard]] std::uint64_t bytes_of(std::size_t layer) const {
    return count(feed_.head().sizes[layer].value_or(Bytes{}));
  }
  [[nodiscard]] std::vector<std::string> names() const;
  void tell();

  const HandContext* context_;
  asio::any_io_executor executor_;
  Engine engine_;
  FrameFeed feed_;
  LoadReport report_;
  std::string config_;
  ImagePresence here_;
  std::size_t layer_ = 0;     // the one that is coming
  bool passed_over_ = false;  // it is here already
  bool in_archive_ = false;   // its blob is in this archive already
  std::shared_ptr<LayerLoad> open_;
  std::vector<std::shared_ptr<LayerLoad>> loads_;
  Clock::time_point began_ = Clock::now(), told_ = began_;
};

Task<Result<LoadReport>> ImageLoad::run() {
  auto done = co_await begin();
  if (done) done = co_await take_frames();
  if (!done) {
    // What is complete is still registered, for the next try; what is not never will be.
    if (open_) open_->break_off();
  }
  const auto settled = co_await settle();
  if (done || done.error().code == Errc::cancelled) {
    if (!settled) co_return settled.error();
  }
  if (!done) co_return done.error();
  done = co_await prove();
  if (!done) co_return done.error();
  co_await remove_holders();
  report_.store = here_.store.kind;
  report_.received = feed_.received();
  report_.seconds = std::chrono::duration<double>{Clock::now() - began_}.count();
  co_return std::move(report_);
}

Task<Result<void>> ImageLoad::begin() {
  const auto head = co_await feed_.next();
  if (!head) co_return head.error();
  auto config = co_await feed_.next();
  if (!config) co_return config.error();
  config_ = std::move(config->payload);
  auto here = co_await probe_image(&engine_, feed_.head().diff_ids);
  if (!here) co_return here.error();
  here_ = std::move(*here);
  layer_ = feed_.head().first;
  if (here_.present < layer_) {
    co_return Error{
        Errc::conflict,
        fmt::format("the image comes from layer {} on, but only {} of those below are here: probe "
                    "this host again",
                    layer_, here_.present)};
  }
  co_return check_room();
}

Result<void> ImageLoad::check_room() const {
  std::uint64_t all = 0, largest = 0;
  for (std::size_t k = here_.present; k < layers(); ++k) {
    all += bytes_of(k);
    largest = std::max(largest, bytes_of(k));
  }
  // Each layer lies in the engine's tmp folder as well while it is registered.
  const auto needed = static_cast<std::uint64_t>(static_cast<double>(all + largest) * room_factor);
  if (needed <= count(here_.store.free)) return {};
  return Error{Errc::too_large,
               fmt::format("{}: no space: the image needs {}, {} are free; make room there or "
                           "choose another host",
                           here_.store.root.string(), format_bytes(needed),
                           format_bytes(count(here_.store.free)))};
}

Task<Result<void>> ImageLoad::take_frames() {
  for (;;) {
    auto frame = co_await feed_.next();
    if (!frame) co_return frame.error();
    if (frame->kind == FrameKind::end) break;
    const auto taken = co_await take(std::move(*frame));
    if (!taken) co_return taken;
    tell();
  }
  if (!loads_.empty()) co_return Result<void>{};
  co_return co_await load_whole();
}

Task<Result<void>> ImageLoad::take(ImageFrame frame) {
  switch (frame.kind) {
    case FrameKind::layer:
      return begin_layer();
    case FrameKind::data:
      return take_data(std::move(frame.payload));
    case FrameKind::layer_end:
      return end_layer();
    case FrameKind::head:
    case FrameKind::config:
    case FrameKind::end:
      break;
  }
  return take_data({});
}

Task<Result<void>> ImageLoad::begin_layer() {
  passed_over_ = layer_ < here_.present;
  if (passed_over_) co_return Result<void>{};
  if (!open_) {
    const auto opened = co_await open_load();
    if (!opened) co_return opened;
  }
  if (open_->is_import()) co_return Result<void>{};
  const auto name = blob_name(feed_.head().diff_ids[layer_]);
  in_archive_ = std::find(open_->blobs.begin(), open_->blobs.end(), name) != open_->blobs.end();
  if (in_archive_) co_return Result<void>{};
  open_->blobs.push_back(name);
  auto tar = tar_head(name, bytes_of(layer_));
  const auto given = co_await open_->give(std::move(tar));
  co_return given;
}

Task<Result<void>> ImageLoad::open_load() {
  const Fence fence{context_->state};
  const auto ours = fence.check(context_->order);
  if (!ours) co_return ours;
  // Two at a time: one is registered, one comes in.
  if (loads_.size() >= 2) {
    const auto before = loads_[loads_.size() - 2];
    co_await before->ended();
    if (before->failed()) co_return before->outcome().error();
  }
  open_ = std::make_shared<LayerLoad>(executor_, context_->docker,
                                      loads_.empty() ? nullptr : loads_.back());
  loads_.push_back(open_);
  // Only Docker's own store keeps an imported layer as it was; the last one has to be loaded,
  // with the image's configuration.
  if (here_.store.kind == StoreKind::overlay2 && layer_ == 0 && !is_last(layer_)) {
    open_->as_import(holder_label, context_->order.move.str());
  }
  const auto load = open_;
  asio::co_spawn(executor_, load->run(), [load](const std::exception_ptr&) {});
  co_return Result<void>{};
}

Task<Result<void>> ImageLoad::take_data(std::string data) {
  if (passed_over_ || in_archive_) co_return Result<void>{};
  if (loads_.size() >= 2 && loads_[loads_.size() - 2]->failed()) {
    co_return Error{Errc::cancelled, "the layer below could not be loaded"};
  }
  const auto given = co_await open_->give(std::move(data));
  co_return given;
}

Task<Result<void>> ImageLoad::end_layer() {
  if (passed_over_) {
    ++report_.skipped;
    ++layer_;
    co_return Result<void>{};
  }
  const Bytes bytes{bytes_of(layer_)};
  report_.layers.push_back({feed_.head().diff_ids[layer_], bytes, 0});
  report_.loaded += bytes;
  if (!in_archive_ && !open_->is_import()) {
    auto padding = tar_padding(count(bytes));
    const auto given = co_await open_->give(std::move(padding));
    if (!given) co_return given;
  }
  in_archive_ = false;
  open_->bytes += bytes;
  open_->layers = ++layer_;
  const bool more = layer_ < layers() && !open_->is_import() &&
                    count(open_->bytes) + bytes_of(layer_) <= together_max;
  if (more) co_return Result<void>{};
  co_return co_await close_load();
}

std::vector<std::string> ImageLoad::names() const {
  const auto& head = feed_.head();
  if (!head.tags.empty() || here_.store.kind != StoreKind::containerd) return head.tags;
  // There an image without a name is hard to find again.
  return {fmt::format("plimsoll/moved:{}", hex_of(head.config_digest).substr(0, 12))};
}

Task<Result<void>> ImageLoad::close_load() {
  std::string tail;
  if (!open_->is_import()) {
    const auto& head = feed_.head();
    const bool all = open_->layers == layers();
    const auto holder = holder_config(head, open_->layers, context_->order.move.str());
    tail = all ? archive_tail(head, open_->layers, config_, names())
               : archive_tail(head, open_->layers, holder, {});
  }
  const auto closing = open_;
  const auto finished = co_await closing->finish(std::move(tail));
  if (finished) open_.reset();
  co_return finished;
}

/// All layers are here already: only the configuration is missing.
Task<Result<void>> ImageLoad::load_whole() {
  layer_ = layers();
  const auto opened = co_await open_load();
  if (!opened) co_return opened;
  open_->layers = layers();
  co_return co_await close_load();
}

/// Waits for all loads; gives the failure of the lowest one that failed by itself.
Task<Result<void>> ImageLoad::settle() {
  Result<void> settled;
  std::size_t layer = 0;
  for (const auto& load : loads_) {
    co_await load->ended();
    for (; layer < report_.layers.size(); ++layer) {
      if (report_.skipped + feed_.head().first + layer >= load->layers) break;
      report_.layers[layer].seconds = load->seconds();
    }
    if (settled && load->failed()) settled = load->outcome().error();
    if (settled && load->is_import()) settled = co_await prove_import(load.get());
  }
  co_return settled;
}

Task<Result<void>> ImageLoad::prove_import(const LayerLoad* load) {
  const auto image = co_await engine_.inspect_image(*load->outcome());
  if (!image) co_return image.error();
  const auto& head = feed_.head();
  if (image->diff_ids.size() == 1 && image->diff_ids.front() == head.diff_ids.front()) {
    co_return Result<void>{};
  }
  co_return Error{Errc::refused,
                  "the engine made another layer of what was sent: " + head.diff_ids.front()};
}

Task<Result<void>> ImageLoad::prove() {
  const auto& head = feed_.head();
  const bool by_id = here_.store.kind != StoreKind::containerd;
  const auto name = by_id ? head.config_digest : names().front();
  const auto image = co_await engine_.inspect_image(name);
  if (!image) co_return image.error().in("the image was loaded, but");
  if (image->diff_ids != head.diff_ids) {
    co_return Error{Errc::refused,
                    fmt::format("{} is here, but has other layers than what was sent", name)};
  }
  report_.image_id = image->id;
  co_return Result<void>{};
}

/// They hold nothing any more that the image does not hold.
Task<> ImageLoad::remove_holders() {
  const auto holders = co_await engine_.labelled_images(holder_label, context_->order.move.str());
  if (!holders) co_return;
  for (const auto& holder : *holders) {
    if (holder == report_.image_id) continue;
    const auto removed = co_await engine_.remove_image(holder);
    static_cast<void>(removed);  // what stays is removed by image-clean
  }
}

void ImageLoad::tell() {
  const auto now = Clock::now();
  if (!context_->progress || now - told_ < between_progress) return;
  told_ = now;
  context_->progress(feed_.received());
}

}  // namespace

Task<Result<LoadReport>> load_image(const HandContext* context, int fd) {
  const auto executor = co_await asio::this_coro::executor;
  ImageLoad load{context, executor, fd};
  auto report = co_await load.run();
  co_return report;
}

}  // namespace plimsoll
