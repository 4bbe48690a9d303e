#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "docker/inspect.h"
#include "runtime/http_client.h"

namespace plimsoll {

struct EngineFacts {
  std::string version;      ///< "20.10.24".
  std::string api_version;  ///< "1.41".
  std::string architecture;
  std::string kernel;
  std::string storage_driver;
  std::string root;               ///< Docker's root folder, "/var/lib/docker".
  std::string security;           ///< Its security options, one text.
  bool containerd_store = false;  ///< Images are kept by containerd, not by a graph driver.
  Bytes memory{};
  std::int64_t cores = 0;
};

struct ContainerSummary {
  std::string id;
  std::string name;
  std::string image;
  std::string image_id;
  std::string state;
  std::map<std::string, std::string> labels;
};

struct ImageSummary {
  std::string id;
  Bytes size{};
  std::vector<std::string> tags;
};

/// Docker's Engine API (1.41 and newer; Podman's socket speaks the same) on one connection.
/// One call at a time: coroutines that overlap need an engine each.
///
/// Errors: not_found (404), conflict (409), refused (another status), and HttpClient's. The
/// engine's own words stand in the message. After `timeout` nobody knows whether a change happened:
/// look again.
class Engine {
 public:
  Engine(asio::any_io_executor executor, HttpTarget target, Duration timeout = Duration{20'000});

  [[nodiscard]] Task<Result<EngineFacts>> facts();

  [[nodiscard]] Task<Result<std::vector<ContainerSummary>>> containers();
  /// Those that have this volume, running or not.
  [[nodiscard]] Task<Result<std::vector<ContainerSummary>>> containers_with_volume(
      const std::string& volume);
  [[nodiscard]] Task<Result<ContainerInspect>> inspect(std::string container);
  /// Bytes of the writable layer; walks it, so it is slow on a large one.
  [[nodiscard]] Task<Result<std::optional<Bytes>>> writable_bytes(std::string container);
  /// The new container's id.
  [[nodiscard]] Task<Result<std::string>> create(std::string name, json::value body);
  [[nodiscard]] Task<Result<void>> start(const std::string& container);
  /// With the container's own grace where `grace` is absent; waits for it to be over.
  [[nodiscard]] Task<Result<void>> stop(const std::string& container,
                                        std::optional<Duration> grace);
  /// Freezes all its processes; unpause lets them go on.
  [[nodiscard]] Task<Result<void>> pause(const std::string& container);
  [[nodiscard]] Task<Result<void>> unpause(const std::string& container);
  [[nodiscard]] Task<Result<void>> rename(const std::string& container,
                                          const std::string& new_name);
  [[nodiscard]] Task<Result<void>> set_restart_policy(const std::string& container,
                                                      std::string policy, std::int64_t retries);
  /// Kills it when it runs; its anonymous volumes go too when `volumes`.
  [[nodiscard]] Task<Result<void>> remove(const std::string& container, bool volumes);

  [[nodiscard]] Task<Result<std::vector<ImageSummary>>> images();
  [[nodiscard]] Task<Result<ImageInspect>> inspect_image(std::string image);
  /// Sizes of the layers that are not empty, lowest first: what the image's history says of them.
  [[nodiscard]] Task<Result<std::vector<Bytes>>> layer_sizes(std::string image);
  [[nodiscard]] Task<Result<void>> tag(const std::string& image,
                                       const std::string& repository_and_tag);
  /// An archive of the whole image, as `docker save` writes it.
  [[nodiscard]] Task<Result<void>> save(std::string image, ByteSink* sink, Duration idle);
  /// Errors: refused - also when the engine answers 200 and says in its stream that it failed.
  [[nodiscard]] Task<Result<void>> load(ByteSource* source, Duration idle);

  /// Makes an image of one layer, without a name and with one label; its id. The archive is the
  /// layer's tar as it is. Errors: as load.
  [[nodiscard]] Task<Result<std::string>> import_layer(ByteSource* source, std::string label,
                                                       std::string value, Duration idle);
  /// Errors: conflict - a container uses it.
  [[nodiscard]] Task<Result<void>> remove_image(const std::string& image);
  /// Ids of the images that carry a label with this value.
  [[nodiscard]] Task<Result<std::vector<std::string>>> labelled_images(std::string label,
                                                                       std::string value);

  [[nodiscard]] Task<Result<json::value>> inspect_network(const std::string& name);
  [[nodiscard]] Task<Result<void>> create_network(const json::value& body);
  [[nodiscard]] Task<Result<void>> connect_network(const std::string& name,
                                                   const json::value& body);
  /// Of a container that stands still, also where the network is gone.
  [[nodiscard]] Task<Result<void>> disconnect_network(const std::string& name,
                                                      const std::string& container);
  [[nodiscard]] Task<Result<json::value>> inspect_volume(const std::string& name);
  [[nodiscard]] Task<Result<void>> create_volume(const json::value& body);
  [[nodiscard]] Task<Result<void>> remove_volume(const std::string& name);
  [[nodiscard]] Task<Result<void>> remove_network(const std::string& name);
  /// Names of the volumes, and of the networks, that carry a label with this value.
  [[nodiscard]] Task<Result<std::vector<std::string>>> labelled_volumes(std::string label,
                                                                        std::string value);
  [[nodiscard]] Task<Result<std::vector<std::string>>> labelled_networks(std::string label,
                                                                         std::string value);

  /// The API that it is spoken to in, "1.41": after facts(), the newest that both know.
  [[nodiscard]] std::string api_version() const { return api_.substr(2); }

  void close() { client_.close(); }

 private:
  Task<Result<HttpResponse>> call(std::string method, std::string target, std::string body,
                                  Duration timeout);
  Task<Result<json::value>> get(std::string target);
  Task<Result<void>> act(std::string method, std::string target, std::string body);
  Task<Result<void>> act_within(std::string method, std::string target, std::string body,
                                Duration timeout);

  Task<Result<std::string>> upload(std::string target, ByteSource* source, Duration idle,
                                   const char* doing);
  Task<Result<std::vector<ContainerSummary>>> list_containers(std::string query);
  [[nodiscard]] std::string path(const char* format_of, const std::string& name) const;

  HttpClient client_;
  Duration timeout_;
  std::string api_ = "/v1.41";  ///< Raised by facts(): older versions hide newer settings.
};

}  // namespace plimsoll
