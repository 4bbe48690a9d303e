#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "runtime/http.h"

namespace plimsoll {

/// A free TCP port of 127.0.0.1. Another program may take it before it is used.
[[nodiscard]] std::uint16_t free_port();

/// One exchange with a server on 127.0.0.1. Blocks: at most 20 s.
[[nodiscard]] Result<HttpResponse> exchange(std::uint16_t port, HttpRequest request);

/// A program of the test's own that runs in the background; ended with its object, or by the
/// kernel when the test is killed.
class Daemon {
 public:
  /// What it prints goes to `log`.
  Daemon(std::vector<std::string> command, std::filesystem::path log)
      : command_(std::move(command)), log_(std::move(log)) {}
  ~Daemon() { stop(); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Starts it and waits until `answers` says so.
  /// Errors: not_found - the program is not installed; io - it ended; timeout - after a minute.
  [[nodiscard]] Result<void> start(const std::function<bool()>& answers);
  /// Asks it to end, and kills it after 20 s.
  void stop();
  [[nodiscard]] std::string log() const;

 private:
  [[nodiscard]] bool has_ended();

  std::vector<std::string> command_;
  std::filesystem::path log_;
  pid_t pid_ = -1;
};

}  // namespace plimsoll
