#pragma once

#include "decide/policy.h"
#include "docker/create_spec.h"
#include "hand/tree_send.h"
#include "orchestrate/move_acts.h"
#include "orchestrate/orchestrator_config.h"
#include "orchestrate/remote_host.h"

namespace plimsoll {

/// The acts on real hosts, for all members of a workload: one after the other in the order they
/// start in, or the other way round where they stop.
class WorkloadMove : public MoveActs {
 public:
  WorkloadMove(const asio::any_io_executor& executor, Host from, Host to, const SshConfig& ssh,
               OrchestratorConfig config, Policy policy, TransferProgress progress);

  [[nodiscard]] Task<Result<std::string>> perform(Act act, MoveRecord* record) override;

 private:
  using Words = Result<std::string>;
  using MemberAct = Task<Words> (WorkloadMove::*)(const MoveRecord*, MoveMember*);
  enum class Turn { first_to_last, last_to_first };

  Task<Words> dispatch(Act act, MoveRecord* record);
  Task<Result<void>> connect_for(Act act);
  /// The act for each member, until one fails; what each said, with its name where there are
  /// several.
  Task<Words> for_each(MemberAct act, MoveRecord* record, Turn turn);

  // preflight and what it looks at (preflight_acts.cpp)
  Task<Words> preflight(const MoveRecord* record, MoveMember* member);
  Task<Result<void>> check_destination_host(const ContainerInspect* container,
                                            const MoveRecord* record);
  Task<Result<void>> check_volumes(const ContainerInspect* container, const MoveRecord* record);
  Task<Result<void>> check_own_volume(const ContainerMount* mount, const MoveRecord* record);
  Task<Result<void>> check_space(const ContainerInspect* container);

  // data (copy_acts.cpp)
  Task<Words> stage_images(MoveRecord* record);
  Task<Words> stage_image(MoveRecord* record, const MoveMember* member);
  Task<Result<Bytes>> send_image(const MoveRecord* record, const ImageInspect* image);
  Task<Result<void>> tag_image(const ContainerInspect* container, const ImageInspect* image);
  Task<Words> final_sync(MoveRecord* record);
  Task<Result<void>> used_by_copies_alone(ContainerMount volume, const MoveRecord* record);
  Task<Result<void>> add_pairs(const MoveRecord* record, const MoveMember* member,
                               std::vector<TreePair>* pairs);
  Task<Result<std::vector<TreePair>>> tree_pairs(const MoveRecord* record);
  Task<Result<std::vector<std::string>>> at_rest(const MoveRecord* record);
  Task<Result<Bytes>> copy_whole(const MoveRecord* record, TreePair pair);

  // containers (start_acts.cpp)
  Task<Words> create_destination(const MoveRecord* record, MoveMember* member);
  Task<Words> make_copy(const ContainerInspect* original, const MoveRecord* record,
                        MoveMember* member);
  Task<Words> adopt(const MoveRecord* record, MoveMember* member);
  Task<Result<void>> compare_copy(const ContainerInspect* original, const MoveRecord* record,
                                  const MoveMember* member);
  Task<Result<void>> make_networks(const ContainerInspect* container, const CreateSpec* spec,
                                   const MoveRecord* record);
  Task<Result<void>> make_volumes(const ContainerInspect* container, const MoveRecord* record);
  Task<Words> fence_source(const MoveRecord* record, MoveMember* member);
  Task<Words> stop_source(const MoveRecord* record, MoveMember* member);
  Task<Words> start_destination(const MoveRecord* record, MoveMember* member);
  Task<Words> check_destination(const MoveRecord* record, MoveMember* member);
  Task<Words> finish_destination(const MoveRecord* record, MoveMember* member);
  Task<Words> retire_source(const MoveRecord* record, MoveMember* member);

  // the way back (undo_acts.cpp)
  Task<Words> stop_destination(const MoveRecord* record, MoveMember* member);
  Task<Words> start_source(const MoveRecord* record, MoveMember* member);
  Task<Words> unfence_source(const MoveRecord* record, MoveMember* member);
  Task<Words> remove_destination(const MoveRecord* record, MoveMember* member);
  Task<Words> remove_destinations(MoveRecord* record);
  Task<Words> put_back(const MoveRecord* record, const MoveMember* member);
  Task<void> remove_own_parts(const MoveRecord* record);

  /// The copy: by its id, else by its temporary or final name when it carries this move's label.
  /// Errors: not_found.
  Task<Result<ContainerInspect>> find_copy(const MoveRecord* record, const MoveMember* member);
  Task<Result<ContainerInspect>> inspect_source(const MoveRecord* record, const MoveMember* member);

  RemoteHost source_;
  RemoteHost destination_;
  OrchestratorConfig config_;
  Policy policy_;
  TransferProgress progress_;
  std::optional<std::chrono::steady_clock::time_point> stopped_at_;
};

}  // namespace plimsoll
