#pragma once

#include <map>
#include <set>
#include <string>

#include "agent/docker_client.h"
#include "agent/docker_view.h"

namespace plimsoll {

struct DockerWatchConfig {
  std::string url = "unix:///var/run/docker.sock";
  Duration request_timeout{5'000};
  Duration relist_every{60'000};  ///< A full list even without events.
  Duration gather{100};           ///< Events this close together cause one list.
  Duration retry_first{1'000};    ///< After a failure; doubled each time up to `retry_max`.
  Duration retry_max{30'000};
};

/// Follows the engine: everything once, then what its events name. Falls behind rather than
/// asking more often, and says so when the engine is away; the containers known last are kept then,
/// since they run on without it.
///
/// Thread: runs on, and view() is asked from, one executor.
class DockerWatch {
 public:
  DockerWatch(const asio::any_io_executor& executor, DockerWatchConfig config);

  /// Runs until it is cancelled.
  [[nodiscard]] Task<> run();

  /// Never null. Before the first answer it is empty, with a warning.
  [[nodiscard]] DockerViewPtr view() const { return view_; }

 private:
  class EventSink;

  [[nodiscard]] Task<> follow_while_up(HttpTarget target);
  [[nodiscard]] Task<> follow_events(HttpTarget target, std::int64_t since_s);
  [[nodiscard]] Task<> refresh_on_change();
  [[nodiscard]] Task<bool> wait_for_change();
  [[nodiscard]] Task<Result<void>> refresh_all();
  [[nodiscard]] Task<Result<void>> refresh_containers();
  [[nodiscard]] Task<Result<void>> refresh_images();
  void note(const DockerEvent& event);
  void fail(const Error& error);
  void publish();

  asio::any_io_executor executor_;
  DockerWatchConfig config_;
  std::unique_ptr<DockerClient> client_;
  asio::steady_timer changed_;
  std::map<std::string, DockerContainer> known_;
  std::map<std::string, std::uint64_t> image_bytes_;
  std::set<std::string> dirty_;
  bool images_dirty_ = true;
  bool all_dirty_ = true;
  DockerView engine_;
  std::string warning_;
  DockerViewPtr view_;
};

}  // namespace plimsoll
