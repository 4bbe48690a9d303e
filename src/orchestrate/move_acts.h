#pragma once

#include <functional>

#include "decide/policy.h"
#include "docker/create_spec.h"
#include "orchestrate/eligibility.h"
#include "orchestrate/move_record.h"
#include "orchestrate/orchestrator_config.h"
#include "orchestrate/remote_host.h"

namespace plimsoll {

/// Carries out what the machine says. Each act looks, acts if it must, and looks again: done means
/// that it was read back. Acts may write what they learn (ids, the old restart policy, figures)
/// into the record; the driver keeps it.
class MoveActs {
 public:
  virtual ~MoveActs() = default;
  /// A few words on what was done, with figures, for the history.
  [[nodiscard]] virtual Task<Result<std::string>> perform(Act act, MoveRecord* record) = 0;
};

/// Told how a transfer goes: bytes so far in this act.
using TransferProgress = std::function<void(const MoveRecord&, Act, Bytes)>;

/// The cold strategy on real hosts: the image while the container runs, everything else while it
/// is stopped.
class ColdMove : public MoveActs {
 public:
  ColdMove(const asio::any_io_executor& executor, Host from, Host to, const SshConfig& ssh,
           OrchestratorConfig config, Policy policy, TransferProgress progress);

  [[nodiscard]] Task<Result<std::string>> perform(Act act, MoveRecord* record) override;

 private:
  using Words = Result<std::string>;

  Task<Words> dispatch(Act act, MoveRecord* record);
  Task<Result<void>> connect_for(Act act);

  // preflight and what it looks at (move_acts.cpp)
  Task<Words> preflight(MoveRecord* record);
  Task<Result<void>> check_destination_host(const ContainerInspect* container,
                                            const MoveRecord* record);
  Task<Result<void>> check_mounts(const Eligibility* eligibility, const MoveRecord* record);
  Task<Result<void>> check_bind(const MountReport* report);
  Task<Result<std::vector<ContainerMount>>> copied_mounts(const ContainerInspect* container);
  [[nodiscard]] std::optional<StorePlace> store_place() const;
  Task<Result<void>> check_space(const ContainerInspect* container);

  // data (copy_acts.cpp)
  Task<Words> stage_image(MoveRecord* record);
  Task<Words> final_sync(MoveRecord* record);
  Task<Result<void>> used_by_copy_alone(ContainerMount volume, ContainerInspect copy);
  Task<Result<Bytes>> sync_folder(const MoveRecord* record, std::string from, std::string to);

  // containers (start_acts.cpp)
  Task<Words> create_destination(MoveRecord* record);
  Task<Result<void>> make_networks(const ContainerInspect* container, const CreateSpec* spec,
                                   const MoveRecord* record);
  Task<Result<void>> make_volumes(const ContainerInspect* container, const MoveRecord* record);
  Task<Result<void>> make_volume(const ContainerMount* mount, const MoveRecord* record);
  Task<Words> fence_source(MoveRecord* record);
  Task<Words> stop_source(MoveRecord* record);
  Task<Words> start_destination(MoveRecord* record);
  Task<Words> check_destination(MoveRecord* record);
  Task<Words> finish_destination(MoveRecord* record);
  Task<Words> retire_source(MoveRecord* record);

  // the way back (undo_acts.cpp)
  Task<Words> stop_destination(MoveRecord* record);
  Task<Words> start_source(MoveRecord* record);
  Task<Words> unfence_source(MoveRecord* record);
  Task<Words> remove_destination(MoveRecord* record);
  Task<void> remove_own_parts(const MoveRecord* record);
  Task<void> empty_bind_folders(const ContainerInspect* copy, const MoveRecord* record);

  /// The copy: by its id, else by its temporary or final name when it carries this move's label.
  /// Errors: not_found.
  Task<Result<ContainerInspect>> find_copy(const MoveRecord* record);
  Task<Result<ContainerInspect>> inspect_source(const MoveRecord* record);

  RemoteHost source_;
  RemoteHost destination_;
  OrchestratorConfig config_;
  Policy policy_;
  TransferProgress progress_;
  std::optional<std::chrono::steady_clock::time_point> stopped_at_;
};

/// Labels on everything a move makes.
inline constexpr const char* move_id_label = "plimsoll.move.id";
inline constexpr const char* move_role_label = "plimsoll.move.role";
inline constexpr const char* move_epoch_label = "plimsoll.move.epoch";

}  // namespace plimsoll
