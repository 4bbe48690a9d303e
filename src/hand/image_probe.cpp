#include "hand/image_probe.h"

#include <algorithm>

#include "core/json_writer.h"
#include "hand/image_chain.h"

namespace plimsoll {
namespace {

/// Hosts with more images are asked about the first ones only: a layer too many is sent then.
constexpr std::size_t images_looked_at = 2000;

std::size_t in_layer_db(const LayerDb& layers, const std::vector<std::string>& chains) {
  std::size_t present = 0;
  while (present < chains.size() && layers.has(chains[present])) ++present;
  return present;
}

/// Through the API: the longest beginning that is one with an image's there.
Task<Result<std::size_t>> in_images(Engine* engine, const std::vector<std::string>* diff_ids) {
  const auto images = co_await engine->images();
  if (!images) co_return images.error();
  std::size_t present = 0, asked = 0;
  for (const auto& image : *images) {
    if (present == diff_ids->size() || ++asked > images_looked_at) break;
    const auto inspect = co_await engine->inspect_image(image.id);
    if (!inspect) continue;  // removed meanwhile
    const auto [here, there] = std::mismatch(diff_ids->begin(), diff_ids->end(),
                                             inspect->diff_ids.begin(), inspect->diff_ids.end());
    present = std::max(present, static_cast<std::size_t>(here - diff_ids->begin()));
  }
  co_return present;
}

std::string to_json(const ImagePresence& image) {
  JsonWriter json;
  json.begin_object().field("store", to_string(image.store.kind));
  json.field("root", image.store.root.string()).field("free", count(image.store.free));
  json.field("present", image.present).key("sizes").begin_array();
  for (const auto& size : image.sizes) {
    if (size) {
      json.value(count(*size));
    } else {
      json.null();
    }
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace

Task<Result<ImagePresence>> probe_image(Engine* engine, std::vector<std::string> diff_ids) {
  const auto chains = layer_chains(diff_ids);
  if (!chains) co_return chains.error();
  ImagePresence found;
  const auto store = co_await look_at_store(engine);
  if (!store) co_return store.error();
  found.store = *store;
  found.sizes.resize(diff_ids.size());
  if (store->kind != StoreKind::overlay2) {
    const auto present = co_await in_images(engine, &diff_ids);
    if (!present) co_return present.error();
    found.present = *present;
    co_return found;
  }
  const LayerDb layers{store->root};
  found.present = in_layer_db(layers, *chains);
  std::transform(chains->begin(), chains->end(), found.sizes.begin(),
                 [&](const std::string& chain) { return layers.size(chain); });
  co_return found;
}

Task<Result<std::string>> image_probe_act(const HandContext* context, std::string request) {
  const auto document = parse_json(request, "the request");
  if (!document) co_return document.error();
  std::vector<std::string> diff_ids;
  if (const auto* array = member(*document, "diff_ids").if_array()) {
    for (const auto& diff : *array) diff_ids.push_back(text_of(diff));
  }
  if (diff_ids.empty()) co_return Error{Errc::invalid, "image-probe: no diff_ids"};
  const auto executor = co_await asio::this_coro::executor;
  Engine engine{executor, context->docker};
  const auto found = co_await probe_image(&engine, std::move(diff_ids));
  if (!found) co_return found.error();
  co_return to_json(*found);
}

}  // namespace plimsoll
