#include "top_session.h"

#include "runtime/deadline.h"
#include "top/top_view.h"

namespace plimsoll {

TopSession::TopSession(TopSource& source, TopState state, std::filesystem::path hosts,
                       Duration pause)
    : source_(source),
      state_(std::move(state)),
      hosts_(std::move(hosts)),
      pause_(pause),
      look_(look_of_terminal()) {}

Task<> TopSession::run() {
  const auto executor = co_await asio::this_coro::executor;
  screen_ = std::make_unique<Screen>(executor, look_.depth);
  asio::co_spawn(executor, refresh(), asio::detached);
  asio::co_spawn(executor, follow_hosts(), asio::detached);
  co_await obey();
  screen_.reset();
}

void TopSession::draw() { screen_->show(draw_top(state_, shown_, screen_->size(), look_.unicode)); }

bool TopSession::press_all(const std::vector<Key>& keys) {
  for (const auto& key : keys) {
    const bool was_paused = state_.paused;
    const TopAction action = press(state_, key, shown_, screen_->size());
    if (action == TopAction::quit) return false;
    if (action == TopAction::repaint) screen_->repaint();
    if (was_paused && !state_.paused) shown_ = newest_;
  }
  return true;
}

Task<> TopSession::obey() {
  for (bool goes_on = true; goes_on;) {
    draw();
    const Screen::News news = co_await screen_->wait();
    goes_on = !news.ended && press_all(news.keys);
  }
}

void TopSession::take(Result<TopData> read) {
  if (read) {
    newest_ = std::move(*read);
  } else {
    newest_.trouble = read.error().message;
  }
  if (state_.paused || !screen_) return;
  shown_ = newest_;
  screen_->wake();
}

Task<> TopSession::refresh() {
  for (;;) {
    auto read = co_await source_.read();
    take(std::move(read));
    co_await sleep_for(pause_);
  }
}

void TopSession::hosts_changed(const HostList& hosts, const HostListDiff& /*diff*/) {
  source_.set_hosts(hosts);
}

/// Edits of host.csv; a file that cannot be used leaves the hosts as they are.
Task<> TopSession::follow_hosts() {
  auto file = HostFile::open(hosts_);
  if (!file) co_return;
  co_await file->watch(this);
}

}  // namespace plimsoll
