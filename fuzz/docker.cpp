// Answers of a Docker engine, as agent and orchestrator read them.
#include <algorithm>

#include "agent/docker_view.h"
#include "docker/create_spec.h"
#include "docker/inspect_diff.h"
#include "docker/network_spec.h"
#include "fuzz.h"
#include "telemetry/wire_v1.h"

namespace plimsoll::fuzz {
namespace {

template <class T>
bool good(const Result<T>& answer) {
  if (!answer) require_fit_to_print(answer.error().message);
  return answer.has_value();
}

bool is_id(std::string_view id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What the agent reads.
void check_view(std::string_view text) {
  if (const auto ids = parse_container_list(text); good(ids)) {
    require(ids->size() <= containers_max, "more containers than may be");
    for (const auto& listed : *ids) require(is_id(listed.id), "an id that could lead elsewhere");
  }
  if (const auto container = parse_container(text); good(container)) {
    require(is_id(container->id), "an id that could lead elsewhere");
    require(container->cgroup_parent.find("..") == std::string::npos, "a parent that steps up");
    require(std::ranges::all_of(container->labels,
                                [](const auto& label) { return is_shown_label(label.first); }),
            "a label that may be a secret");
  }
  if (const auto info = parse_info(text); good(info)) {
    require(info->root_dir.empty() || info->root_dir.front() == '/', "a root that is no path");
  }
  if (const auto event = parse_event(text); good(event)) {
    if (event->kind == DockerEvent::Kind::container) require(is_id(event->id), "an event's id");
  }
  static_cast<void>(good(parse_images(text)));
  static_cast<void>(good(parse_writable_sizes(text)));
}

/// What a move makes of the two inspect documents, here an array of them, or one for both.
void check_move(const json::value& document) {
  const auto* pair = document.if_array();
  const auto part = [&](std::size_t i) {
    return pair != nullptr && pair->size() == 2 ? (*pair)[i] : document;
  };
  auto container = parse_container_inspect(part(0));
  auto image = parse_image_inspect(part(1));
  if (!good(container)) return;
  require(unexplained_differences(*container, *container).empty(), "differs from itself");
  if (!good(image)) return;
  CreateRequest request;
  request.labels["plimsoll.move.id"] = "m1";
  const auto spec = make_create_spec(*container, *image, request);
  if (!good(spec)) return;
  require(text_of(member(spec->body, "Image")) == image->id, "another image than that which runs");
  const auto& made = member(spec->body, "Labels");
  require(text_of(member(made, "plimsoll.move.id")) == "m1", "our label is not there");
  const auto again = parse_json(json::serialize(spec->body), "spec");
  require(again && *again == spec->body, "written and read again, the request differs");
}

void check(std::string_view text) {
  check_view(text);
  const auto document = parse_json(text, "inspect");
  if (!good(document)) return;
  check_move(*document);
  static_cast<void>(make_network_spec(*document, true));
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
