#include "decide/predict.h"

#include <algorithm>
#include <cmath>

namespace plimsoll {
namespace {

/// How many of the lowest layers are there. A chain is there only with all below it, so the first
/// missing one can be searched for.
std::size_t layers_present(const std::vector<Layer>& layers, const HostState& to) {
  const auto& there = to.layer_chains;
  const auto missing = std::partition_point(layers.begin(), layers.end(), [&](const Layer& layer) {
    return std::find(there.begin(), there.end(), layer.chain) != there.end();
  });
  return static_cast<std::size_t>(missing - layers.begin());
}

/// The sizes from layer `first` on, or nothing if one is not known.
std::optional<Bytes> total(const std::vector<Layer>& layers, std::size_t first, std::size_t last) {
  Bytes sum{};
  for (std::size_t i = first; i < last; ++i) {
    const std::optional<Bytes> bytes = layers[i].bytes;
    if (!bytes) return std::nullopt;
    sum += *bytes;
  }
  return sum;
}

Bytes less(Bytes whole, Bytes part) {
  return Bytes{count(whole) - std::min(count(whole), count(part))};
}

Bytes part(Bytes whole, double share) {
  if (share == 1) return whole;
  return Bytes{static_cast<std::uint64_t>(std::llround(as_double(whole) * share))};
}

Bytes own_data(const ContainerState& container) {
  return container.writable_bytes.value_or(Bytes{}) + container.volume_bytes.value_or(Bytes{});
}

}  // namespace

Bytes missing_image(const ContainerState& container, const HostState& to, const Policy& policy) {
  const auto& ids = to.image_ids;
  if (!container.image_id.empty() &&
      std::find(ids.begin(), ids.end(), container.image_id) != ids.end()) {
    return Bytes{};
  }
  const auto& layers = container.layers;
  const std::size_t present = layers_present(layers, to);
  if (!layers.empty() && present == layers.size()) return Bytes{};
  if (!layers.empty()) {
    if (const auto missing = total(layers, present, layers.size())) return *missing;
  }
  const Bytes whole = container.image_bytes.value_or(policy.assumed_image);
  return less(whole, total(layers, 0, present).value_or(Bytes{}));
}

Prediction predict(const ContainerState& container, const HostState& to, const Way& way,
                   const Policy& policy, const Experience& experience) {
  const SentShare& sent = experience.sent;
  Prediction result;
  result.image_written = missing_image(container, to, policy);
  const Bytes data = part(own_data(container), sent.data);
  result.written = result.image_written + own_data(container);
  result.image_bytes = part(result.image_written, sent.image);
  result.bytes = result.image_bytes + data;
  result.bytes_per_s = way.bytes_per_s;
  result.measured = way.measured;
  const double trips = policy.round_trips * way.rtt_s;
  double image_s = as_double(result.image_bytes) / way.bytes_per_s;
  if (const auto pace = experience.image_bytes_per_s) {
    image_s = std::max(image_s, as_double(result.image_written) / *pace);
  }
  result.transfer_s =
      image_s + as_double(data) / way.bytes_per_s + experience.data_extra_s.value_or(trips);
  result.downtime_s =
      experience.restart_s.value_or(policy.stop_seconds + trips + policy.start_seconds) +
      as_double(data) * sent.held / way.bytes_per_s;
  return result;
}

double cost_of(const Prediction& predicted, const Policy& policy) {
  constexpr double transfer_weight = 0.1;
  return (predicted.downtime_s + transfer_weight * predicted.transfer_s) / seconds(policy.horizon);
}

double least_seconds(const ContainerState& container, bool image_elsewhere, const Policy& policy) {
  const Bytes image =
      image_elsewhere ? Bytes{} : container.image_bytes.value_or(policy.assumed_image);
  return policy.stop_seconds + policy.start_seconds +
         as_double(image + own_data(container)) / policy.assumed_bytes_per_s;
}

}  // namespace plimsoll
