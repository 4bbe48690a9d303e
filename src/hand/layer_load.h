#pragma once

#include <boost/asio/experimental/channel.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "docker/engine.h"

namespace plimsoll {

/// One archive on its way into the engine. What ends it is held back until the one below is
/// registered: so it is received while that happens, and the engine finds its parent.
/// Requires: run() is spawned once, and outlived.
class LayerLoad : public ByteSource {
 public:
  using Clock = std::chrono::steady_clock;

  /// `below`: the load before this one, or null.
  LayerLoad(const asio::any_io_executor& executor, const HttpTarget& docker,
            std::shared_ptr<LayerLoad> below);

  /// The lowest layer by itself needs no archive: what is given is its tar, and it is registered
  /// while it comes in. The image that holds it gets the label.
  void as_import(std::string label, std::string value);

  [[nodiscard]] Task<> run();
  /// Errors: cancelled - the load has ended; see outcome().
  [[nodiscard]] Task<Result<void>> give(std::string bytes);
  /// All has been given but `tail`.
  [[nodiscard]] Task<Result<void>> finish(std::string tail);
  /// What has been given is never to be registered.
  void break_off();
  [[nodiscard]] Task<> ended();

  /// Of a load that has ended: the image's id, where the engine told one.
  [[nodiscard]] const Result<std::string>& outcome() const { return *outcome_; }
  [[nodiscard]] bool failed() const { return outcome_ && !*outcome_; }
  [[nodiscard]] bool is_import() const { return !label_.empty(); }
  [[nodiscard]] double seconds() const;

  /// Called by the engine's connection.
  Task<Result<std::string>> read() override;

  std::vector<std::string> blobs;  ///< Names in the archive so far.
  std::size_t layers = 0;          ///< Of the image that it makes.
  Bytes bytes{};                   ///< Of layers in it.

 private:
  enum class Phase { data, over };

  asio::experimental::channel<void(boost::system::error_code, std::string)> chunks_;
  asio::steady_timer over_;
  Engine engine_;
  std::shared_ptr<LayerLoad> below_;
  std::string label_, value_;
  std::string tail_;
  Phase phase_ = Phase::data;
  bool broken_ = false;
  std::optional<Result<std::string>> outcome_;
  Clock::time_point began_ = Clock::now(), finished_{};
};

}  // namespace plimsoll
