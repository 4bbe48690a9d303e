#include "live_config.h"

#include <csignal>
#include <string>
#include <vector>

#include "core/text.h"
#include "inventory/file_watch.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + printable(word, 100);
  return text;
}

}  // namespace

class LiveConfig::Impl : public std::enable_shared_from_this<LiveConfig::Impl> {
 public:
  Impl(const asio::any_io_executor& executor, Parts parts)
      : parts_(std::move(parts)), hangup_(executor, SIGHUP) {}

  void start();
  void stop();

 private:
  static Task<> follow(std::shared_ptr<Impl> self, std::filesystem::path file);
  void wait_for_hangup();
  void reload();
  void keep(const Error& error);
  void take(Config config);

  Parts parts_;
  asio::signal_set hangup_;
  asio::cancellation_signal cancel_;
  std::string problem_;
  bool following_ = false;
  bool stopped_ = false;
};

void LiveConfig::Impl::start() {
  wait_for_hangup();
  if (parts_.running.file.empty()) return;
  following_ = true;
  auto ended = [self = shared_from_this()](const std::exception_ptr& /*cancelled*/) {
    self->following_ = false;
  };
  asio::co_spawn(hangup_.get_executor(), follow(shared_from_this(), parts_.running.file),
                 asio::bind_cancellation_slot(cancel_.slot(), std::move(ended)));
}

void LiveConfig::Impl::stop() {
  stopped_ = true;
  hangup_.cancel();
  if (!following_) return;
  cancel_.emit(asio::cancellation_type::terminal);
  // What emit() has queued looks at cancel_ once more.
  asio::post(hangup_.get_executor(), [self = shared_from_this()] {});
}

Task<> LiveConfig::Impl::follow(std::shared_ptr<Impl> self, std::filesystem::path file) {
  const auto executor = co_await asio::this_coro::executor;
  FileWatch watch{executor, std::move(file)};
  for (;;) {
    const bool changed = co_await watch.wait();
    if (!changed || self->stopped_) co_return;
    self->reload();
  }
}

void LiveConfig::Impl::wait_for_hangup() {
  hangup_.async_wait([self = shared_from_this()](boost::system::error_code error, int /*signal*/) {
    if (error || self->stopped_) return;
    log::info("SIGHUP: reading the configuration again");
    self->problem_.clear();
    self->reload();
    self->wait_for_hangup();
  });
}

void LiveConfig::Impl::reload() {
  auto config = parts_.load();
  config ? take(std::move(*config)) : keep(config.error());
}

void LiveConfig::Impl::keep(const Error& error) {
  if (error.message == problem_) return;
  problem_ = error.message;
  for (const auto line : split(problem_, '\n')) log::error("{}", line);
  log::error("the settings of before stay in force");
}

void LiveConfig::Impl::take(Config config) {
  problem_.clear();
  std::vector<std::string> live;
  std::vector<std::string> later;
  for (const auto& key : changed_keys(parts_.running, config)) {
    switch (parts_.use(key)) {
      case KeyUse::live:
        live.push_back(key);
        break;
      case KeyUse::restart:
        later.push_back(key);
        break;
      case KeyUse::none:
        break;
    }
  }
  const std::string file = config.file.empty() ? "configuration" : config.file.string();
  if (!live.empty()) {
    parts_.apply(config);
    log::info("{}: taken over: {}", file, joined(live));
  }
  if (!later.empty()) log::warning("{}: needs a restart: {}", file, joined(later));
  parts_.running = std::move(config);
}

LiveConfig::LiveConfig(asio::any_io_executor executor, Parts parts)
    : impl_(std::make_shared<Impl>(executor, std::move(parts))) {
  impl_->start();
}
LiveConfig::~LiveConfig() { impl_->stop(); }

}  // namespace plimsoll
