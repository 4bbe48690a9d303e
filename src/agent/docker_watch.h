#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/docker_client.h"
#include "agent/docker_view.h"

namespace plimsoll {

struct DockerWatchConfig {
  std::string url = "unix:///var/run/docker.sock";
  Duration request_timeout{5'000};
  Duration relist_every{60'000};  ///< A list even without events.
  Duration gather{50};            ///< Events this close together cause one list.
  Duration retry_first{100};      ///< After a failure; doubled each time up to `retry_max`.
  Duration retry_max{2'000};      ///< While the engine is away: an attempt is one connect.
  /// Between looks at everything when the stream of events breaks soon each time.
  Duration stream_retry_max{30'000};
  Duration sizes_every{60'000};  ///< Between two walks over the writable layers.
  Duration sizes_timeout{60'000};
  Duration sizes_kept{600'000};  ///< Sizes older than this are no longer shown.
};

/// Follows the engine: everything once, then what its events name. Falls behind rather than
/// asking more often, and says so when the engine is away; the containers known last are kept then,
/// since they run on without it. One that it does not describe is as it was, or as the list has it,
/// and asked for again with the next list.
///
/// Thread: runs on, and view() is asked from, one executor.
class DockerWatch {
 public:
  DockerWatch(const asio::any_io_executor& executor, DockerWatchConfig config);

  /// Runs until it is cancelled.
  [[nodiscard]] Task<> run();

  /// Never null. Before the first answer it is empty, with a warning.
  [[nodiscard]] DockerViewPtr view() const { return view_; }

  /// Called each time when the containers of the view have changed.
  void on_change(std::function<void()> call) { on_change_ = std::move(call); }

  /// Has the engine measure the writable layers soon, in the background; the view shows them then.
  /// Asked for more often than `sizes_every`, it is done that often.
  void want_writable_sizes();

 private:
  class EventSink;

  [[nodiscard]] Task<> follow_while_up(HttpTarget target);
  [[nodiscard]] Task<> follow_events(HttpTarget target, std::int64_t since_s);
  [[nodiscard]] Task<> refresh_on_change();
  [[nodiscard]] Task<> measure_when_asked(HttpTarget target);
  [[nodiscard]] Task<bool> wait_for_change();
  [[nodiscard]] Task<Result<void>> refresh_all();
  [[nodiscard]] Task<Result<void>> refresh_containers();
  [[nodiscard]] Task<Result<void>> refresh_images();
  void note(const DockerEvent& event);
  void fail(const Error& error);
  void warn(const std::string& text);
  void publish();

  asio::any_io_executor executor_;
  DockerWatchConfig config_;
  std::unique_ptr<DockerClient> client_;
  asio::steady_timer changed_, sizes_wanted_timer_;
  struct Known {
    DockerContainer container;
    std::string summary;  ///< Of the list it was seen in.
    bool is_described = true;
    [[nodiscard]] bool is_current(const ListedContainer& listed) const {
      return is_described && summary == listed.summary;
    }
  };
  std::map<std::string, Known> known_;
  std::map<std::string, std::uint64_t> image_bytes_;
  Result<void> images_trouble_;
  std::optional<std::chrono::steady_clock::time_point> images_failed_at_;
  std::set<std::string> dirty_;
  std::map<std::string, std::uint64_t> writable_bytes_;
  std::optional<std::chrono::steady_clock::time_point> measured_at_;
  bool sizes_wanted_ = false;
  bool images_dirty_ = true;
  bool all_dirty_ = true;
  bool is_filled_ = false;  ///< The engine has listed its containers once.
  bool is_tried_ = false;   ///< It did not answer once.
  DockerView engine_;
  std::string warning_;
  DockerViewPtr view_;
  std::function<void()> on_change_;
};

}  // namespace plimsoll
