#include "core/json_writer.h"
#include "docker/engine.h"
#include "hand/image_load.h"
#include "hand/load_archive.h"

namespace plimsoll {

std::string to_json(const LoadReport& report) {
  JsonWriter json;
  json.begin_object().field("image", report.image_id).field("store", to_string(report.store));
  json.field("received", count(report.received)).field("loaded", count(report.loaded));
  json.field("skipped", report.skipped).field("seconds", report.seconds);
  json.key("layers").begin_array();
  for (const auto& layer : report.layers) {
    json.begin_object().field("diff_id", layer.diff_id).field("bytes", count(layer.bytes));
    json.field("seconds", layer.seconds).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

Task<Result<std::string>> image_load_act(const HandContext* context, int fd) {
  const auto report = co_await load_image(context, fd);
  if (!report) co_return report.error();
  co_return to_json(*report);
}

Task<Result<std::string>> image_clean_act(const HandContext* context) {
  const auto executor = co_await asio::this_coro::executor;
  Engine engine{executor, context->docker};
  const auto holders = co_await engine.labelled_images(holder_label, context->order.move.str());
  if (!holders) co_return holders.error();
  for (const auto& holder : *holders) {
    const auto removed = co_await engine.remove_image(holder);
    if (!removed && removed.error().code != Errc::not_found) co_return removed.error();
  }
  JsonWriter json;
  json.begin_object().field("removed", holders->size()).end_object();
  co_return json.take();
}

}  // namespace plimsoll
