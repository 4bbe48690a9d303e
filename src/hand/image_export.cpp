#include "hand/image_export.h"

#include <algorithm>
#include <chrono>

#include "core/json_writer.h"
#include "core/text.h"
#include "hand/image_chain.h"
#include "hand/image_stream.h"
#include "hand/layer_tar.h"
#include "hand/load_archive.h"
#include "hand/save_spool.h"
#include "hand/tar_split.h"

namespace plimsoll {
namespace {

constexpr std::uint64_t link_too_fast_to_pack = 200'000'000;
constexpr std::uint64_t link_worth_packing_harder = 30'000'000;
constexpr Duration save_idle{120'000};

/// The layers in frames.
class FrameOut : public ByteOut {
 public:
  explicit FrameOut(ImageStreamWriter* frames) : frames_(frames) {}
  Result<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, mib);
      auto written = frames_->frame(FrameKind::data, piece);
      if (!written) return written;
      passed_ += Bytes{piece.size()};
      bytes.remove_prefix(piece.size());
    }
    return {};
  }
  [[nodiscard]] Bytes passed() const { return passed_; }

 private:
  ImageStreamWriter* frames_;
  Bytes passed_{};
};

/// An image and where its layers can be read.
struct SourceImage {
  ImageHead head;
  std::string config;
  std::vector<std::function<Result<void>(ByteOut*)>> layers;  ///< Those from head.first on.
  std::shared_ptr<SaveSpool> spool;                           ///< Where they lie in it.
};

Result<SourceImage> by_files(const ImageInspect& image, ImageHead head, const LayerDb& store) {
  auto config = store.config(image.id);
  if (!config) return config.error();
  const auto chains = layer_chains(image.diff_ids);
  if (!chains) return chains.error();
  SourceImage source{std::move(head), std::move(*config), {}, nullptr};
  source.head.config_digest = image.id;
  for (std::size_t k = 0; k < chains->size(); ++k) {
    const auto& diff_id = image.diff_ids[k];
    auto files = store.files((*chains)[k], diff_id);
    // Of those below only the size is told, where it is known.
    if (!files && k < source.head.first) continue;
    if (!files) return files.error();
    const auto bytes = tar_bytes(files->tar_split);
    if (!bytes) return bytes.error();
    source.head.sizes[k] = *bytes;
    if (k < source.head.first) continue;
    source.layers.emplace_back([files = std::move(*files), diff_id](ByteOut* out) -> Result<void> {
      const auto written = write_layer_tar(files, diff_id, out);
      if (!written) return written.error();
      return {};
    });
  }
  return source;
}

Result<SourceImage> out_of(const std::shared_ptr<SaveSpool>& spool, ImageHead head) {
  auto saved = spool->saved();
  if (!saved) return saved.error();
  if (saved->layers.size() != head.diff_ids.size()) {
    return Error{Errc::malformed, "Docker's archive has other layers than the image"};
  }
  SourceImage source{std::move(head), std::move(saved->config), {}, spool};
  source.head.config_digest = digest_of(source.config);
  for (std::size_t k = source.head.first; k < saved->layers.size(); ++k) {
    const auto& name = saved->layers[k];
    const auto bytes = spool->check_layer(name, source.head.diff_ids[k]);
    if (!bytes) return bytes.error();
    source.head.sizes[k] = *bytes;
    source.layers.emplace_back(
        [spool, name](ByteOut* out) { return spool->write_layer(name, out); });
  }
  return source;
}

Task<Result<SourceImage>> by_engine(Engine* engine, std::string id, ImageHead head,
                                    std::filesystem::path folder) {
  std::set<std::string> present;
  for (std::size_t k = 0; k < head.first; ++k) {
    const auto& diff = head.diff_ids[k];
    const auto above = head.diff_ids.begin() + static_cast<std::ptrdiff_t>(head.first);
    if (std::find(above, head.diff_ids.end(), diff) == head.diff_ids.end()) {
      present.insert(blob_name(diff));
    }
  }
  auto spool = std::make_shared<SaveSpool>(std::move(folder), std::move(present));
  const auto saved = co_await engine->save(std::move(id), spool.get(), save_idle);
  if (!saved) co_return saved.error();
  co_return out_of(spool, std::move(head));
}

Task<Result<SourceImage>> open_source(const HandContext* context, const ExportRequest* request) {
  const auto executor = co_await asio::this_coro::executor;
  Engine engine{executor, context->docker};
  const auto store = co_await look_at_store(&engine);
  if (!store) co_return store.error();
  const auto image = co_await engine.inspect_image(request->image);
  if (!image) co_return image.error();
  if (request->present > image->diff_ids.size()) {
    co_return Error{Errc::invalid, "more layers are said to be there than the image has"};
  }
  ImageHead head;
  head.tags = request->tags.empty() ? image->tags : request->tags;
  head.architecture = image->architecture;
  head.os = text_of(member(image->document, "Os"));
  head.first = request->present;
  head.diff_ids = image->diff_ids;
  head.sizes.resize(head.diff_ids.size());
  if (request->way != ExportWay::engine && store->kind == StoreKind::overlay2) {
    auto source = by_files(*image, head, LayerDb{store->root});
    if (source || request->way == ExportWay::files) co_return source;
  }
  if (request->way == ExportWay::files) {
    co_return Error{Errc::not_found, "the files of this engine's image store are not known to us"};
  }
  auto source = co_await by_engine(&engine, image->id, std::move(head), context->state / "spool");
  co_return source;
}

Result<Bytes> write_image(const SourceImage& source, ByteOut* out) {
  ImageStreamWriter frames{out};
  FrameOut layers{&frames};
  auto written = frames.head(source.head);
  if (written) written = frames.frame(FrameKind::config, source.config);
  for (const auto& layer : source.layers) {
    if (written) written = frames.frame(FrameKind::layer);
    if (written) written = layer(&layers);
    if (written) written = frames.end_layer();
    if (!written) return written.error();
  }
  if (written) written = frames.frame(FrameKind::end);
  if (!written) return written.error();
  return layers.passed();
}

/// 0: not at all.
int packing_level(Bytes link) {
  if (count(link) >= link_too_fast_to_pack) return 0;
  return count(link) > 0 && count(link) < link_worth_packing_harder ? 3 : 1;
}

Result<Bytes> write_packed(const SourceImage& source, ByteOut* out, int level) {
  if (level == 0) return write_image(source, out);
  ZstdOut packed{out, level};
  auto written = write_image(source, &packed);
  if (!written) return written;
  const auto ended = packed.end();
  if (!ended) return ended.error();
  return written;
}

const char* to_string(ExportWay way) {
  switch (way) {
    case ExportWay::automatic:
      return "automatic";
    case ExportWay::files:
      return "files";
    case ExportWay::engine:
      return "engine";
  }
  return "automatic";
}

}  // namespace

Result<ExportRequest> parse_export_request(const std::string& text) {
  const auto document = parse_json(text, "the request");
  if (!document) return document.error();
  ExportRequest request;
  request.image = text_of(member(*document, "image"));
  if (request.image.empty()) return Error{Errc::invalid, "the request names no image"};
  if (const auto* tags = member(*document, "tags").if_array()) {
    for (const auto& tag : *tags) request.tags.push_back(text_of(tag));
  }
  const auto number = [&](const char* name) {
    const auto value = integer_of(member(*document, name)).value_or(0);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value));
  };
  request.present = number("present");
  request.link = Bytes{number("link")};
  request.limit = Bytes{number("limit")};
  const auto way = text_of(member(*document, "way"));
  for (const auto known : {ExportWay::automatic, ExportWay::files, ExportWay::engine}) {
    if (way == to_string(known)) request.way = known;
  }
  return request;
}

Task<Result<ExportReport>> export_image(const HandContext* context, ExportRequest request, int fd) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const auto source = co_await open_source(context, &request);
  if (!source) co_return source.error();
  const auto slowest = [&] {
    const auto limit = count(request.limit), link = count(request.link);
    return Bytes{limit > 0 && (link == 0 || limit < link) ? limit : link};
  }();
  const int level = packing_level(slowest);
  FdOut out{fd, request.limit, context->progress};
  const auto bytes = write_packed(*source, &out, level);
  if (!bytes) co_return bytes.error();
  ExportReport report;
  report.image_id = source->head.config_digest;
  report.layers = source->layers.size();
  report.layer_bytes = *bytes;
  report.sent = out.written();
  report.seconds = std::chrono::duration<double>{Clock::now() - began}.count();
  report.compressed = level != 0;
  report.way = source->spool ? ExportWay::engine : ExportWay::files;
  co_return report;
}

std::string to_json(const ExportReport& report) {
  JsonWriter json;
  json.begin_object().field("image", report.image_id).field("layers", report.layers);
  json.field("layer_bytes", count(report.layer_bytes)).field("sent", count(report.sent));
  json.field("seconds", report.seconds).field("compressed", report.compressed);
  json.field("way", to_string(report.way)).end_object();
  return json.take();
}

Task<Result<std::string>> image_export_act(const HandContext* context, std::string request,
                                           int fd) {
  auto wanted = parse_export_request(request);
  if (!wanted) co_return wanted.error();
  const auto report = co_await export_image(context, std::move(*wanted), fd);
  if (!report) co_return report.error();
  co_return to_json(*report);
}

}  // namespace plimsoll
