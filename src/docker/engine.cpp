#include "docker/engine.h"

#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {
namespace {

/// "1.44" as a number that can be compared: 1044.
int version_number(const std::string& text) {
  const auto dot = text.find('.');
  if (dot == std::string::npos) return 0;
  const auto major = parse_number<int>(text.substr(0, dot));
  const auto minor = parse_number<int>(text.substr(dot + 1));
  return major && minor ? *major * 1000 + *minor : 0;
}

/// The oldest API that we speak, and the newest whose fields docs/formats/container-fields.md has.
constexpr int api_oldest = 1041;
constexpr int api_newest = 1051;

std::string label_filter(const std::string& label, const std::string& value) {
  const json::value filter{{"label", json::array{label + "=" + value}}};
  return percent_encode(json::serialize(filter));
}

std::vector<std::string> names_in(const json::value& list) {
  std::vector<std::string> names;
  if (const auto* array = list.if_array()) {
    for (const auto& entry : *array) names.push_back(text_of(member(entry, "Name")));
  }
  return names;
}

Errc errc_of(unsigned status) {
  if (status == 404) return Errc::not_found;
  if (status == 409) return Errc::conflict;
  if (status == 401 || status == 403) return Errc::unauthorized;
  return Errc::refused;
}

Error failure(const HttpResponse& response, const std::string& what) {
  std::string words;
  if (const auto body = parse_json(response.body, what)) words = text_of(member(*body, "message"));
  if (words.empty()) words = response.body.empty() ? "no reason given" : response.body;
  return {errc_of(response.status),
          fmt::format("Docker says {}: {}", response.status, printable(words, 400))};
}

std::string first_name(const json::value& container) {
  const auto* names = member(container, "Names").if_array();
  std::string name = names == nullptr || names->empty() ? "" : text_of(names->front());
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

Bytes size_of(const json::value& value) {
  return Bytes{
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, integer_of(value).value_or(0)))};
}

ContainerSummary summary_of(const json::value& value) {
  ContainerSummary summary;
  summary.id = text_of(member(value, "Id"));
  summary.name = first_name(value);
  summary.image = text_of(member(value, "Image"));
  summary.image_id = text_of(member(value, "ImageID"));
  summary.state = text_of(member(value, "State"));
  if (const auto* labels = member(value, "Labels").if_object()) {
    for (const auto& [name, label] : *labels) summary.labels.emplace(name, text_of(label));
  }
  return summary;
}

Error not_a_list(const char* what) {
  return {Errc::malformed, fmt::format("the engine's list of {} is not a list", what)};
}

/// `load` reports what went wrong inside a 200: a line of JSON with an "error".
std::optional<std::string> error_in_stream(const std::string& stream) {
  for (const auto line : split(stream, '\n')) {
    const auto entry = parse_json(trim(line), "load");
    if (!entry) continue;
    if (auto words = text_of(member(*entry, "error")); !words.empty()) return words;
  }
  return std::nullopt;
}

}  // namespace

Engine::Engine(asio::any_io_executor executor, HttpTarget target, Duration timeout)
    : client_(std::move(executor), std::move(target), HttpLimits{.body_bytes_max = 64U << 20}),
      timeout_(timeout) {}

std::string Engine::path(const char* format_of, const std::string& name) const {
  return fmt::format(fmt::runtime(format_of), api_, percent_encode(name));
}

Task<Result<HttpResponse>> Engine::call(std::string method, std::string target, std::string body,
                                        Duration timeout) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  auto response = co_await client_.send(std::move(request), timeout);
  co_return response;
}

Task<Result<json::value>> Engine::get(std::string target) {
  const auto response = co_await call("GET", target, "", timeout_);
  if (!response) co_return response.error();
  if (!response->ok()) co_return failure(*response, target);
  co_return parse_json(response->body, "Docker's answer to GET " + target);
}

Task<Result<void>> Engine::act(std::string method, std::string target, std::string body) {
  return act_within(std::move(method), std::move(target), std::move(body), timeout_);
}

Task<Result<void>> Engine::act_within(std::string method, std::string target, std::string body,
                                      Duration timeout) {
  const auto response = co_await call(std::move(method), target, std::move(body), timeout);
  if (!response) co_return response.error();
  // 304: it is started, or stopped, already.
  if (!response->ok() && response->status != 304) co_return failure(*response, target);
  co_return Result<void>{};
}

Task<Result<EngineFacts>> Engine::facts() {
  const auto version = co_await get("/version");
  if (!version) co_return version.error();
  const int oldest = version_number(text_of(member(*version, "MinAPIVersion")));
  const int newest = version_number(text_of(member(*version, "ApiVersion")));
  const int spoken = std::max({api_oldest, oldest, std::min(newest, api_newest)});
  api_ = fmt::format("/v{}.{}", spoken / 1000, spoken % 1000);
  const auto info = co_await get(api_ + "/info");
  if (!info) co_return info.error();
  EngineFacts facts;
  facts.version = text_of(member(*version, "Version"));
  facts.api_version = text_of(member(*version, "ApiVersion"));
  facts.architecture = text_of(member(*version, "Arch"));
  facts.kernel = text_of(member(*version, "KernelVersion"));
  facts.storage_driver = text_of(member(*info, "Driver"));
  facts.root = text_of(member(*info, "DockerRootDir"));
  facts.containerd_store =
      json::serialize(member(*info, "DriverStatus")).find("io.containerd.snapshotter") !=
      std::string::npos;
  facts.security = json::serialize(member(*info, "SecurityOptions"));
  facts.memory = size_of(member(*info, "MemTotal"));
  facts.cores = integer_of(member(*info, "NCPU")).value_or(0);
  co_return facts;
}

Task<Result<std::vector<ContainerSummary>>> Engine::list_containers(std::string query) {
  const auto list = co_await get(api_ + "/containers/json?all=1" + query);
  if (!list) co_return list.error();
  const auto* array = list->if_array();
  if (array == nullptr) co_return not_a_list("containers");
  std::vector<ContainerSummary> found;
  for (const auto& value : *array) found.push_back(summary_of(value));
  co_return found;
}

Task<Result<std::vector<ContainerSummary>>> Engine::containers() { return list_containers(""); }

Task<Result<std::vector<ContainerSummary>>> Engine::containers_with_volume(
    const std::string& volume) {
  const json::value filter{{"volume", json::array{volume}}};
  return list_containers("&filters=" + percent_encode(json::serialize(filter)));
}

Task<Result<ContainerInspect>> Engine::inspect(std::string container) {
  auto document = co_await get(path("{}/containers/{}/json", container));
  if (!document) co_return document.error();
  co_return parse_container_inspect(std::move(*document));
}

Task<Result<std::optional<Bytes>>> Engine::writable_bytes(std::string container) {
  const auto document = co_await get(path("{}/containers/{}/json?size=1", container));
  if (!document) co_return document.error();
  std::optional<Bytes> bytes;
  if (integer_of(member(*document, "SizeRw"))) bytes = size_of(member(*document, "SizeRw"));
  co_return bytes;
}

Task<Result<std::string>> Engine::create(std::string name, json::value body) {
  const auto response = co_await call("POST", path("{}/containers/create?name={}", name),
                                      json::serialize(body), timeout_);
  if (!response) co_return response.error();
  if (!response->ok()) co_return failure(*response, "create");
  const auto answer = parse_json(response->body, "Docker's answer to create");
  if (!answer) co_return answer.error();
  auto id = text_of(member(*answer, "Id"));
  if (id.empty()) co_return Error{Errc::malformed, "Docker's answer to create has no Id"};
  co_return id;
}

Task<Result<void>> Engine::start(const std::string& container) {
  return act_within("POST", path("{}/containers/{}/start", container), "", timeout_ * 3);
}

Task<Result<void>> Engine::stop(const std::string& container, std::optional<Duration> grace) {
  auto target = path("{}/containers/{}/stop", container);
  if (grace) target += fmt::format("?t={}", (grace->count() + 999) / 1000);
  // The container's own grace may be long; what bounds it is the step's deadline.
  return act_within("POST", target, "", grace.value_or(Duration{600'000}) + timeout_);
}

Task<Result<void>> Engine::pause(const std::string& container) {
  return act("POST", path("{}/containers/{}/pause", container), "");
}

Task<Result<void>> Engine::unpause(const std::string& container) {
  return act("POST", path("{}/containers/{}/unpause", container), "");
}

Task<Result<void>> Engine::rename(const std::string& container, const std::string& new_name) {
  return act("POST", path("{}/containers/{}/rename?name=", container) + percent_encode(new_name),
             "");
}

Task<Result<void>> Engine::set_restart_policy(const std::string& container, std::string policy,
                                              std::int64_t retries) {
  const json::value body{{"RestartPolicy", {{"Name", policy}, {"MaximumRetryCount", retries}}}};
  return act("POST", path("{}/containers/{}/update", container), json::serialize(body));
}

Task<Result<void>> Engine::remove(const std::string& container, bool volumes) {
  auto target = path("{}/containers/{}?force=1", container);
  if (volumes) target += "&v=1";
  return act("DELETE", target, "");
}

Task<Result<std::vector<ImageSummary>>> Engine::images() {
  const auto list = co_await get(api_ + "/images/json?all=1");
  if (!list) co_return list.error();
  const auto* array = list->if_array();
  if (array == nullptr) co_return not_a_list("images");
  std::vector<ImageSummary> found;
  for (const auto& value : *array) {
    ImageSummary image;
    image.id = text_of(member(value, "Id"));
    image.size = size_of(member(value, "Size"));
    if (const auto* tags = member(value, "RepoTags").if_array()) {
      for (const auto& tag : *tags) image.tags.push_back(text_of(tag));
    }
    found.push_back(std::move(image));
  }
  co_return found;
}

Task<Result<ImageInspect>> Engine::inspect_image(std::string image) {
  auto document = co_await get(path("{}/images/{}/json", image));
  if (!document) co_return document.error();
  co_return parse_image_inspect(std::move(*document));
}

Task<Result<std::vector<Bytes>>> Engine::layer_sizes(std::string image) {
  const auto document = co_await get(path("{}/images/{}/history", image));
  if (!document) co_return document.error();
  std::vector<Bytes> sizes;
  const auto* steps = document->if_array();
  if (steps == nullptr) co_return sizes;
  // The newest step stands first.
  for (auto step = steps->rbegin(); step != steps->rend(); ++step) {
    const auto bytes = integer_of(member(*step, "Size")).value_or(0);
    if (bytes > 0) sizes.push_back(Bytes{static_cast<std::uint64_t>(bytes)});
  }
  co_return sizes;
}

Task<Result<void>> Engine::tag(const std::string& image, const std::string& repository_and_tag) {
  const auto colon = repository_and_tag.rfind(':');
  const auto slash = repository_and_tag.rfind('/');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  const auto repository = tagged ? repository_and_tag.substr(0, colon) : repository_and_tag;
  const auto word = tagged ? repository_and_tag.substr(colon + 1) : std::string{"latest"};
  return act("POST",
             path("{}/images/{}/tag?repo=", image) + percent_encode(repository) +
                 "&tag=" + percent_encode(word),
             "");
}

Task<Result<void>> Engine::save(std::string image, ByteSink* sink, Duration idle) {
  HttpRequest request;
  request.target = api_ + "/images/get?names=" + percent_encode(image);
  const auto response = co_await client_.download(std::move(request), *sink, idle);
  if (!response) co_return response.error();
  if (!response->ok()) co_return failure(*response, "save");
  co_return Result<void>{};
}

Task<Result<std::string>> Engine::upload(std::string target, ByteSource* source, Duration idle,
                                         const char* doing) {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers.emplace_back("Content-Type", "application/x-tar");
  auto response = co_await client_.upload(std::move(request), *source, idle);
  if (!response) co_return response.error();
  if (!response->ok()) co_return failure(*response, doing);
  if (const auto words = error_in_stream(response->body)) {
    co_return Error{Errc::refused, fmt::format("Docker could not {} the image: {}", doing,
                                               printable(*words, 400))};
  }
  co_return std::move(response->body);
}

Task<Result<void>> Engine::load(ByteSource* source, Duration idle) {
  // Progress lines keep the connection busy, so that `idle` can tell work from a stall.
  const auto told = co_await upload(api_ + "/images/load?quiet=0", source, idle, "load");
  if (!told) co_return told.error();
  co_return Result<void>{};
}

Task<Result<std::string>> Engine::import_layer(ByteSource* source, std::string label,
                                               std::string value, Duration idle) {
  const auto change = percent_encode(fmt::format("LABEL {}={}", label, value));
  const auto target = api_ + "/images/create?fromSrc=-&changes=" + change;
  const auto told = co_await upload(target, source, idle, "import");
  if (!told) co_return told.error();
  for (const auto line : split(*told, '\n')) {
    const auto entry = parse_json(trim(line), "import");
    auto id = entry ? text_of(member(*entry, "status")) : std::string{};
    if (id.starts_with("sha256:")) co_return id;
  }
  co_return Error{Errc::malformed, "Docker's answer to import names no image"};
}

Task<Result<void>> Engine::remove_image(const std::string& image) {
  return act("DELETE", path("{}/images/{}", image), "");
}

Task<Result<std::vector<std::string>>> Engine::labelled_images(std::string label,
                                                               std::string value) {
  const auto list = co_await get(api_ + "/images/json?all=1&filters=" + label_filter(label, value));
  if (!list) co_return list.error();
  std::vector<std::string> ids;
  if (const auto* array = list->if_array()) {
    for (const auto& entry : *array) ids.push_back(text_of(member(entry, "Id")));
  }
  co_return ids;
}

Task<Result<json::value>> Engine::inspect_network(const std::string& name) {
  return get(path("{}/networks/{}", name));
}

Task<Result<void>> Engine::create_network(const json::value& body) {
  return act("POST", api_ + "/networks/create", json::serialize(body));
}

Task<Result<void>> Engine::connect_network(const std::string& name, const json::value& body) {
  return act("POST", path("{}/networks/{}/connect", name), json::serialize(body));
}

Task<Result<void>> Engine::disconnect_network(const std::string& name,
                                              const std::string& container) {
  const json::value body{{"Container", container}, {"Force", true}};
  return act("POST", path("{}/networks/{}/disconnect", name), json::serialize(body));
}

Task<Result<json::value>> Engine::inspect_volume(const std::string& name) {
  return get(path("{}/volumes/{}", name));
}

Task<Result<void>> Engine::remove_network(const std::string& name) {
  return act("DELETE", path("{}/networks/{}", name), "");
}

Task<Result<std::vector<std::string>>> Engine::labelled_volumes(std::string label,
                                                                std::string value) {
  const auto answer = co_await get(api_ + "/volumes?filters=" + label_filter(label, value));
  if (!answer) co_return answer.error();
  co_return names_in(member(*answer, "Volumes"));
}

Task<Result<std::vector<std::string>>> Engine::labelled_networks(std::string label,
                                                                 std::string value) {
  const auto answer = co_await get(api_ + "/networks?filters=" + label_filter(label, value));
  if (!answer) co_return answer.error();
  co_return names_in(*answer);
}

Task<Result<void>> Engine::remove_volume(const std::string& name) {
  return act("DELETE", path("{}/volumes/{}", name), "");
}

Task<Result<void>> Engine::create_volume(const json::value& body) {
  return act("POST", api_ + "/volumes/create", json::serialize(body));
}

}  // namespace plimsoll
