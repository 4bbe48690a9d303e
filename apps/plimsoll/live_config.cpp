#include "live_config.h"

#include <csignal>
#include <string>
#include <vector>

#include "core/text.h"
#include "inventory/file_watch.h"
#include "runtime/files.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + printable(word, 100);
  return text;
}

std::string name_of(const Config& config) {
  return config.file.empty() ? "configuration" : config.file.string();
}

}  // namespace

class LiveConfig::Impl : public std::enable_shared_from_this<LiveConfig::Impl> {
 public:
  Impl(const asio::any_io_executor& executor, Parts parts)
      : parts_(std::move(parts)),
        file_(parts_.running.file),
        at_start_(parts_.running),
        hangup_(executor, SIGHUP) {}

  void start();
  void stop();

 private:
  static Task<> follow(std::shared_ptr<Impl> self, std::filesystem::path file);
  void wait_for_hangup();
  void reload();
  [[nodiscard]] Result<Config> read() const;
  [[nodiscard]] std::vector<std::string> changed(const Config& since, const Config& config,
                                                 KeyUse use) const;
  void tell_of_restarts(const Config& config);
  void keep(const Error& error);
  void take(Config config);

  Parts parts_;
  std::filesystem::path file_;  // once there was one it is this one
  Config at_start_;
  std::vector<std::string> waiting_;  // keys that were told to need a restart
  asio::signal_set hangup_;
  asio::cancellation_signal cancel_;
  std::string problem_;
  bool following_ = false;
  bool stopped_ = false;
};

void LiveConfig::Impl::start() {
  wait_for_hangup();
  if (file_.empty()) return;
  following_ = true;
  auto ended = [self = shared_from_this()](const std::exception_ptr& /*cancelled*/) {
    self->following_ = false;
  };
  asio::co_spawn(hangup_.get_executor(), follow(shared_from_this(), file_),
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
    self->waiting_.clear();
    self->reload();
    self->wait_for_hangup();
  });
}

/// Without its file all would be default, which nobody asked for.
Result<Config> LiveConfig::Impl::read() const {
  if (file_.empty()) return parts_.load({});
  const auto text = read_file(file_);
  if (!text) return text.error();
  if (trim(*text).empty()) return Error{Errc::invalid, file_.string() + ": is empty"};
  return parts_.load(file_);
}

void LiveConfig::Impl::reload() {
  auto config = read();
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
  const auto live = changed(parts_.running, config, KeyUse::live);
  if (!live.empty()) {
    parts_.apply(config);
    log::info("{}: taken over: {}", name_of(config), joined(live));
  }
  tell_of_restarts(config);
  parts_.running = std::move(config);
}

std::vector<std::string> LiveConfig::Impl::changed(const Config& since, const Config& config,
                                                   KeyUse use) const {
  auto keys = changed_keys(since, config);
  std::erase_if(keys, [&](const std::string& key) { return parts_.use(key) != use; });
  return keys;
}

void LiveConfig::Impl::tell_of_restarts(const Config& config) {
  auto waiting = changed(at_start_, config, KeyUse::restart);
  if (waiting == waiting_) return;
  if (waiting.empty()) {
    log::info("{}: nothing needs a restart any more", name_of(config));
  } else {
    log::warning("{}: needs a restart: {}", name_of(config), joined(waiting));
  }
  waiting_ = std::move(waiting);
}

LiveConfig::LiveConfig(const asio::any_io_executor& executor, Parts parts)
    : impl_(std::make_shared<Impl>(executor, std::move(parts))) {
  impl_->start();
}
LiveConfig::~LiveConfig() { impl_->stop(); }

}  // namespace plimsoll
