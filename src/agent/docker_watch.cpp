#include "agent/docker_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "runtime/deadline.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

constexpr std::size_t event_bytes_max = 1U << 20;
constexpr std::size_t dirty_max = 1'000;
/// Longer than any relist, so that a quiet engine is not taken for a dead one; a dead one is found
/// out by the relist.
constexpr Duration events_idle{600'000};
/// A stream that lasted this long was all right. Chosen by us.
constexpr std::chrono::seconds long_lasting{10};

/// Whether the next request may well do better: the connection is all right, this answer was not.
bool is_of_one_answer(Errc code) {
  return code == Errc::refused || code == Errc::malformed || code == Errc::too_large;
}

/// A container of which the list alone tells, beside what was known of it before.
DockerContainer undescribed_container(const ListedContainer& listed, const DockerContainer* known) {
  DockerContainer out = known != nullptr ? *known : DockerContainer{};
  out.is_bare = known == nullptr || known->is_bare || known->state != listed.state;
  if (out.is_bare) out.pid = 0;  // Of another run, perhaps.
  out.id = listed.id;
  if (!listed.name.empty()) out.name = listed.name;
  out.state = listed.state;
  return out;
}

std::string advice(const Error& error) {
  const bool denied = error.message.find("Permission denied") != std::string::npos;
  if (error.code != Errc::unreachable || !denied) return {};
  return "; to let the agent in install packaging/plimsoll-agent-docker.conf, to do without the "
         "engine set agent.docker = \"\"";
}

}  // namespace

/// Cuts the stream of events into lines.
class DockerWatch::EventSink : public ByteSink {
 public:
  explicit EventSink(DockerWatch& watch) : watch_(watch) {}

  Task<Result<void>> write(std::string_view chunk) override {
    text_ += chunk;
    std::string_view rest = text_;
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      const auto line = trim(rest.substr(0, end));
      rest.remove_prefix(end + 1);
      if (line.empty()) continue;
      const auto event = parse_event(line);
      if (!event) co_return event.error();
      watch_.note(*event);
    }
    text_.erase(0, text_.size() - rest.size());
    if (text_.size() > event_bytes_max) {
      co_return Error{Errc::too_large, "docker events: a line without an end"};
    }
    co_return Result<void>{};
  }

 private:
  DockerWatch& watch_;
  std::string text_;
};

DockerWatch::DockerWatch(const asio::any_io_executor& executor, DockerWatchConfig config)
    : executor_(executor),
      config_(std::move(config)),
      changed_(executor),
      sizes_wanted_timer_(executor),
      warning_("docker: not asked yet") {
  publish();
}

Task<> DockerWatch::run() {
  const auto target = parse_http_target(config_.url);
  if (!target) {
    fail(target.error());
    co_return;
  }
  client_ = std::make_unique<DockerClient>(executor_, *target, config_.request_timeout);
  Duration wait = config_.retry_first;
  for (;;) {
    const auto started = std::chrono::steady_clock::now();
    const auto refreshed = co_await refresh_all();
    Duration longest = config_.retry_max;
    if (refreshed) {
      co_await follow_while_up(*target);
      longest = config_.stream_retry_max;
    } else {
      fail(refreshed.error());
    }
    if (std::chrono::steady_clock::now() - started > long_lasting) wait = config_.retry_first;
    const bool slept = co_await sleep_for(wait);
    if (!slept) co_return;
    wait = std::min(wait * 2, longest);
  }
}

Task<> DockerWatch::follow_while_up(HttpTarget target) {
  using namespace asio::experimental::awaitable_operators;
  // From before the list was made, so that nothing falls between the list and the stream; what is
  // told twice does no harm.
  const auto now = wall_clock_now().time_since_epoch();
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(now).count() - 10;
  auto followed = follow_events(target, since) || refresh_on_change();
  auto all = std::move(followed) || measure_when_asked(std::move(target));
  co_await std::move(all);
}

void DockerWatch::want_writable_sizes() {
  sizes_wanted_ = true;
  sizes_wanted_timer_.cancel();
}

/// Ends by being cancelled.
Task<> DockerWatch::measure_when_asked(HttpTarget target) {
  DockerClient client{executor_, std::move(target), config_.sizes_timeout};
  for (;;) {
    if (!sizes_wanted_) {
      sizes_wanted_timer_.expires_at(asio::steady_timer::time_point::max());
      co_await sizes_wanted_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
      if (!sizes_wanted_) co_return;
    }
    sizes_wanted_ = false;
    auto sizes = co_await client.writable_sizes();
    if (sizes) {
      writable_bytes_ = std::move(*sizes);
      measured_at_ = std::chrono::steady_clock::now();
      publish();
    } else {
      log::debug("docker: writable layers: {}", sizes.error().message);
    }
    const bool slept = co_await sleep_for(config_.sizes_every);
    if (!slept) co_return;
  }
}

Task<> DockerWatch::follow_events(HttpTarget target, std::int64_t since_s) {
  HttpClient http{executor_, std::move(target)};
  EventSink sink{*this};
  HttpRequest request;
  request.target = fmt::format("/events?since={}&filters={}", since_s,
                               percent_encode(R"({"type":["container","image"]})"));
  const auto ended = co_await http.download(std::move(request), sink, events_idle);
  if (!ended) {
    log::debug("docker events: {}", ended.error().message);
  } else if (!ended->ok()) {
    fail(Error{Errc::refused, fmt::format("docker: GET /events: status {}", ended->status)});
  }
}

/// Ends when the engine no longer answers, or by being cancelled.
Task<> DockerWatch::refresh_on_change() {
  for (;;) {
    const bool changed = co_await wait_for_change();
    if (!changed) co_return;
    const auto refreshed = co_await refresh_containers();
    if (!refreshed) {
      fail(refreshed.error());
      co_return;
    }
  }
}

Task<bool> DockerWatch::wait_for_change() {
  if (dirty_.empty() && !images_dirty_) {
    changed_.expires_after(config_.relist_every);
    const auto [error] = co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
    const bool woken = error && (!dirty_.empty() || images_dirty_ || all_dirty_);
    if (error && !woken) co_return false;
  }
  co_return co_await sleep_for(config_.gather);
}

Task<Result<void>> DockerWatch::refresh_all() {
  auto info = co_await client_->info();
  if (!info) co_return info.error();
  engine_ = std::move(*info);
  all_dirty_ = images_dirty_ = true;
  co_return co_await refresh_containers();
}

Task<Result<void>> DockerWatch::refresh_containers() {
  const auto listed = co_await client_->list();
  if (!listed) co_return listed.error();
  const auto dirty = std::exchange(dirty_, {});
  const bool all = std::exchange(all_dirty_, false);
  std::map<std::string, Known> fresh;
  std::size_t undescribed = 0;
  std::string trouble;
  for (const auto& entry : *listed) {
    const auto old = known_.find(entry.id);
    const bool is_known = old != known_.end() && old->second.is_current(entry);
    if (is_known && !all && !dirty.contains(entry.id)) {
      fresh.insert(*old);  // Copied: should a later request fail, what is known stays.
      continue;
    }
    auto container = co_await client_->inspect(entry.id);
    if (container) {
      fresh[entry.id] = Known{std::move(*container), entry.summary, true};
    } else if (is_of_one_answer(container.error().code)) {
      const auto* known = old == known_.end() ? nullptr : &old->second.container;
      fresh[entry.id] = Known{undescribed_container(entry, known), entry.summary, false};
      if (undescribed++ == 0) trouble = container.error().message;
    } else if (container.error().code != Errc::not_found) {
      all_dirty_ = true;
      co_return container.error();
    }
  }
  known_ = std::move(fresh);
  if (undescribed > 1) trouble += fmt::format(" (and {} more containers)", undescribed - 1);
  const auto images = co_await refresh_images();
  if (!images && trouble.empty()) trouble = images.error().message;
  is_filled_ = true;
  warn(trouble);
  publish();
  co_return Result<void>{};
}

/// Their sizes can be done without: an engine may refuse the list or be slow at it.
Task<Result<void>> DockerWatch::refresh_images() {
  const auto now = std::chrono::steady_clock::now();
  const bool unknown = std::ranges::any_of(known_, [&](const auto& entry) {
    const auto& container = entry.second.container;
    return !container.is_bare && !container.image_bytes &&
           !image_bytes_.contains(container.image_id);
  });
  const bool wanted = std::exchange(images_dirty_, false) || unknown;
  const bool refused_lately = images_failed_at_ && now - *images_failed_at_ < config_.relist_every;
  if (wanted && !refused_lately) {
    auto images = co_await client_->images();
    images_trouble_ = images ? Result<void>{} : images.error();
    images_failed_at_.reset();
    if (!images) images_failed_at_ = now;
    if (images) image_bytes_ = std::move(*images);
  }
  for (auto& [id, known] : known_) {
    const auto size = image_bytes_.find(known.container.image_id);
    if (size != image_bytes_.end()) known.container.image_bytes = size->second;
  }
  co_return images_trouble_;
}

void DockerWatch::note(const DockerEvent& event) {
  switch (event.kind) {
    case DockerEvent::Kind::other:
      return;
    case DockerEvent::Kind::image:
      images_dirty_ = true;
      break;
    case DockerEvent::Kind::container:
      if (dirty_.size() < dirty_max) {
        dirty_.insert(event.id);
      } else {
        all_dirty_ = true;
      }
      break;
  }
  changed_.cancel();
}

void DockerWatch::fail(const Error& error) {
  if (error.code == Errc::cancelled) return;
  warn(error.message + advice(error));
  is_tried_ = true;
  publish();
}

void DockerWatch::warn(const std::string& text) {
  if (warning_ != text && !text.empty()) log::warning("{}", text);
  warning_ = text;
}

void DockerWatch::publish() {
  const auto now = std::chrono::steady_clock::now();
  if (measured_at_ && now - *measured_at_ > config_.sizes_kept) writable_bytes_.clear();
  auto view = std::make_shared<DockerView>(engine_);
  for (const auto& [id, known] : known_) {
    auto& container = view->containers.emplace_back(known.container);
    const auto size = writable_bytes_.find(id);
    if (size != writable_bytes_.end()) container.writable_bytes = size->second;
  }
  view->warning = warning_;
  view->is_blind = !is_filled_ && is_tried_;
  const bool changed = !view_ || view_->containers != view->containers;
  view_ = std::move(view);
  if (changed && on_change_) on_change_();
}

}  // namespace plimsoll
