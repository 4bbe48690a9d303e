#pragma once

#include <filesystem>

#include "inventory/host_file.h"
#include "screen.h"
#include "top/top_state.h"
#include "top_source.h"

namespace plimsoll {

/// `plimsoll top` in a terminal: keys and figures change the state, the state is drawn.
class TopSession : private HostListListener {
 public:
  /// Requires: is_interactive(); `source` is open and outlives it.
  TopSession(TopSource& source, TopState state, std::filesystem::path hosts, Duration pause);
  /// Until the user quits or a signal ends it; the terminal is given back by then. What it left
  /// running on the executor must not be run after the end of this object's life.
  [[nodiscard]] Task<> run();

 private:
  void hosts_changed(const HostList& hosts, const HostListDiff& diff) override;
  Task<> refresh();
  Task<> follow_hosts();
  Task<> obey();
  [[nodiscard]] bool press_all(const std::vector<Key>& keys);
  void take(Result<TopData> read);
  void draw();

  TopSource& source_;
  TopState state_;
  std::filesystem::path hosts_;
  Duration pause_;
  ScreenLook look_;
  TopData shown_;  ///< While paused, older than `newest_`.
  TopData newest_;
  std::unique_ptr<Screen> screen_;
};

}  // namespace plimsoll
