#include "hand/lease.h"

#include <fmt/format.h>

#include "core/json_writer.h"
#include "docker/engine.h"
#include "hand/boot_clock.h"
#include "hand/lease_record.h"
#include "hand/move_folder.h"

namespace plimsoll {
namespace {

constexpr Duration ttl_min{1'000};
constexpr Duration ttl_max{3'600'000};
constexpr std::size_t containers_max = 256;
// What the keeper allows the engine beside the grace: one look, one stop.
constexpr Duration engine_patience{8'000};

LeaseStatus status_of(const HandContext& context, const std::optional<LeaseRecord>& record) {
  LeaseStatus status;
  if (!record) return status;
  const auto now = boot_clock_now();
  status.phase = record->expired || now >= record->until ? LeaseStatus::Phase::expired
                                                         : LeaseStatus::Phase::armed;
  status.kept = is_alive(lease_keeper_job(context, record->generation));
  status.containers = record->containers;
  status.ttl = record->ttl;
  status.grace = record->grace;
  status.left = std::max(Duration{0}, record->until - now);
  status.end = record->end;
  return status;
}

const char* phase_name(LeaseStatus::Phase phase) {
  switch (phase) {
    case LeaseStatus::Phase::none:
      return "none";
    case LeaseStatus::Phase::armed:
      return "armed";
    case LeaseStatus::Phase::expired:
      return "expired";
  }
  return "none";
}

Error expired(const HandContext& context) {
  return {Errc::refused, fmt::format("the lease of move {} has expired: its containers are stopped "
                                     "or being stopped",
                                     context.order.move.str())};
}

/// Looking makes no folder for a move that has none.
bool knows_move(const HandContext& context) {
  std::error_code ignored;
  return std::filesystem::exists(context.move_folder(), ignored);
}

Result<void> check(const LeaseTerms& terms) {
  if (terms.containers.empty() || terms.containers.size() > containers_max) {
    return Error{Errc::invalid, "a lease is for 1 to 256 containers"};
  }
  if (terms.ttl < ttl_min || terms.ttl > ttl_max || terms.grace < Duration{0} ||
      terms.grace > ttl_max) {
    return Error{Errc::invalid, "a lease lasts 1 s to 1 h, its grace up to 1 h"};
  }
  return {};
}

/// Full ids, so that the containers can be found without the engine.
Task<Result<std::vector<std::string>>> full_ids(HttpTarget docker, std::vector<std::string> names) {
  const auto executor = co_await asio::this_coro::executor;
  Engine engine{executor, std::move(docker)};
  std::vector<std::string> ids;
  for (const auto& name : names) {
    const auto container = co_await engine.inspect(name);
    if (!container) co_return container.error().in(name);
    ids.push_back(container->id);
  }
  co_return ids;
}

Result<LeaseRecord> record_new_lease(const HandContext& context, const LeaseTerms& terms) {
  auto generation = fresh_tag();
  if (!generation) return generation.error();
  LeaseRecord record;
  record.generation = std::move(*generation);
  record.containers = terms.containers;
  record.ttl = terms.ttl;
  record.grace = terms.grace;
  const auto file = LeaseFile::open(context);
  if (!file) return file.error();
  record.until = boot_clock_now() + terms.ttl;
  if (const auto written = file->write(record); !written) return written.error();
  return record;
}

}  // namespace

Duration LeaseStatus::bound() const { return ttl + grace + engine_patience; }

Task<Result<LeaseStatus>> arm_lease(const HandContext* context, LeaseTerms terms,
                                    JobStarter start) {
  if (const auto fine = check(terms); !fine) co_return fine.error();
  auto ids = co_await full_ids(context->docker, terms.containers);
  if (!ids) co_return ids.error();
  terms.containers = std::move(*ids);
  const auto record = record_new_lease(*context, terms);
  if (!record) co_return record.error();
  auto words = words_for_hand(*context, "lease-keep");
  words.insert(words.end(), {"--generation", record->generation});
  const auto started = start(lease_keeper_job(*context, record->generation), words);
  if (!started) {
    (void)remove_lease(*context);
    co_return started.error();
  }
  auto status = lease_status(*context);
  if (status && (status->phase != LeaseStatus::Phase::armed || !status->kept)) {
    co_return Error{Errc::io, "the lease was armed and is not: its keeper has gone"};
  }
  co_return status;
}

Result<LeaseStatus> renew_lease(const HandContext& context) {
  const auto file = LeaseFile::open(context);
  if (!file) return file.error();
  auto record = file->read();
  if (!record) return record.error();
  const auto status = status_of(context, *record);
  if (status.phase == LeaseStatus::Phase::none) {
    return Error{Errc::not_found,
                 fmt::format("move {} has no lease here", context.order.move.str())};
  }
  if (status.phase == LeaseStatus::Phase::expired) return expired(context);
  if (!status.kept) {
    return Error{Errc::not_found, fmt::format("the lease of move {} has no keeper any more: arm it "
                                              "anew",
                                              context.order.move.str())};
  }
  (*record)->until = boot_clock_now() + (*record)->ttl;
  if (const auto written = file->write(**record); !written) return written.error();
  return status_of(context, *record);
}

Result<LeaseStatus> disarm_lease(const HandContext& context) {
  if (knows_move(context)) {
    const auto file = LeaseFile::open(context);
    if (!file) return file.error();
    const auto record = file->read();
    if (!record) return record.error();
    if (status_of(context, *record).phase == LeaseStatus::Phase::expired) return expired(context);
    file->remove();
  }
  return lease_status(context);
}

Result<void> remove_lease(const HandContext& context) {
  if (!knows_move(context)) return {};
  const auto file = LeaseFile::open(context);
  if (!file) return file.error();
  file->remove();
  return {};
}

Result<LeaseStatus> lease_status(const HandContext& context) {
  if (!knows_move(context)) return LeaseStatus{};
  const auto file = LeaseFile::open(context);
  if (!file) return file.error();
  const auto record = file->read();
  if (!record) return record.error();
  return status_of(context, *record);
}

std::string lease_json(const LeaseStatus& status) {
  JsonWriter json;
  json.begin_object()
      .field("lease", phase_name(status.phase))
      .field("kept", status.kept)
      .field("ttl_s", seconds(status.ttl))
      .field("left_s", seconds(status.left))
      .field("bound_s", seconds(status.bound()))
      .field("end", status.end)
      .key("containers")
      .begin_array();
  for (const auto& id : status.containers) json.value(id);
  json.end_array().end_object();
  return json.take();
}

}  // namespace plimsoll
