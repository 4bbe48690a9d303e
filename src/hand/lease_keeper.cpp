// What ends the containers of a move whose orchestrator is not heard of any more. A process of its
// own that waits for nothing but the clock and the lease's file.
#include <fmt/format.h>

#include "docker/engine.h"
#include "hand/boot_clock.h"
#include "hand/cgroup_kill.h"
#include "hand/lease.h"
#include "hand/lease_record.h"
#include "runtime/deadline.h"
#include "runtime/log.h"
#include "runtime/run_all.h"

namespace plimsoll {
namespace {

constexpr Duration look_every{500};
constexpr Duration watch_after{3'600'000};
// Together the engine_patience of lease.cpp, with two seconds to spare.
constexpr Duration inspect_patience{2'000};
constexpr Duration stop_patience{4'000};

bool runs(const std::string& state) {
  return state == "running" || state == "paused" || state == "restarting";
}

/// How it ended, by the engine's word; absent where the engine is no help.
Task<std::optional<std::string>> stop_by_engine(HttpTarget docker, std::string id, Duration grace) {
  const auto executor = co_await asio::this_coro::executor;
  Engine looking{executor, docker, inspect_patience};
  const auto container = co_await looking.inspect(id);
  if (!container && container.error().code == Errc::not_found) co_return "not running";
  if (!container) {
    log::warning("lease: {}", container.error().message);
    co_return std::nullopt;
  }
  if (!runs(container->state)) co_return "not running";
  Engine stopping{executor, docker, stop_patience};
  const auto stopped = co_await stopping.stop(id, grace);
  if (stopped) co_return "stopped";
  log::warning("lease: {}", stopped.error().message);
  co_return std::nullopt;
}

Task<> stop_one(HttpTarget docker, std::string id, Duration grace, std::string* end) {
  const auto by_engine = co_await stop_by_engine(std::move(docker), id, grace);
  if (by_engine) {
    *end = *by_engine;
    co_return;
  }
  // The engine does not answer: its containers run on without it.
  *end = kill_container_processes(id) > 0 ? "killed" : "not running";
}

std::string stop_all(const HandContext& context, const LeaseRecord& record) {
  asio::io_context io{1};
  std::vector<std::string> ends(record.containers.size());
  std::vector<Task<>> tasks;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    tasks.push_back(stop_one(context.docker, record.containers[i], record.grace, &ends[i]));
  }
  asio::co_spawn(io, run_all(std::move(tasks)), asio::detached);
  io.run();
  for (const auto* worst : {"killed", "stopped"}) {
    if (std::ranges::find(ends, worst) != ends.end()) return worst;
  }
  return "not running";
}

bool is_stronger(const std::string& end, const std::string& than) {
  return than.empty() || (than == "not running" && end != than);
}

enum class KeeperStep { wait, stop, leave };

struct KeeperView {
  KeeperStep step = KeeperStep::leave;
  LeaseRecord record;
};

/// Reads the lease, and marks it expired when its time is over: from then on no renewal is taken.
Result<KeeperView> look(const HandContext& context, const std::string& generation) {
  const auto file = LeaseFile::open(context);
  if (!file) return file.error();
  auto record = file->read();
  if (!record) return record.error();
  if (!*record || (*record)->generation != generation) return KeeperView{};
  KeeperView view{KeeperStep::wait, **record};
  const auto now = boot_clock_now();
  if (now >= view.record.until + watch_after) return KeeperView{};
  if (now < view.record.until) return view;
  view.step = KeeperStep::stop;
  if (!view.record.expired) {
    view.record.expired = true;
    const auto written = file->write(view.record);
    if (!written) log::error("lease: {}", written.error().message);
  }
  return view;
}

void note_end(const HandContext& context, const std::string& generation, const std::string& end) {
  const auto file = LeaseFile::open(context);
  if (!file) return;
  auto record = file->read();
  if (!record || !*record || (*record)->generation != generation) return;
  if (!is_stronger(end, (*record)->end)) return;
  (*record)->end = end;
  const auto written = file->write(**record);
  if (!written) log::error("lease: {}", written.error().message);
}

void stop_expired(const HandContext& context, const LeaseRecord& lease,
                  const std::string& generation) {
  const auto end = stop_all(context, lease);
  if (is_stronger(end, lease.end)) log::warning("lease: expired; the containers: {}", end);
  note_end(context, generation, end);
}

}  // namespace

Result<void> keep_lease(const HandContext& context, const std::string& generation) {
  const auto job = lease_keeper_job(context, generation);
  if (const auto job_begun = become_job(job); !job_begun) return job_begun;
  LeaseRecord last;
  for (;;) {
    // Where the folder has gone, so has the lease: it is not made anew by looking.
    if (!std::filesystem::exists(context.move_folder())) return {};
    auto view = look(context, generation);
    // A file that cannot be read lets nobody live longer: what was read last counts.
    if (!view && !last.containers.empty()) {
      log::error("lease: {}", view.error().message);
      view = KeeperView{boot_clock_now() < last.until ? KeeperStep::wait : KeeperStep::stop, last};
    }
    if (!view) return view.error();
    if (view->step == KeeperStep::leave) break;
    last = view->record;
    if (view->step == KeeperStep::stop) stop_expired(context, last, generation);
    const auto soon = boot_clock_now() + look_every;
    const bool waits = view->step == KeeperStep::wait;
    sleep_until_boot_time(waits ? std::min(soon, last.until) : soon);
  }
  std::error_code ignored;
  std::filesystem::remove(job.lock, ignored);
  return {};
}

}  // namespace plimsoll
